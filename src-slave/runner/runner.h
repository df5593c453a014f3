/* runner.h: the rooms of ruche-runner
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "runner-protocol.h"

#include <dirent.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/types.h>

#define CLEANUP(f) __attribute__ ((cleanup (f)))

/**
 * runner_descriptors:
 * @fd: as received, in order; -1 for one that was taken
 * @n: how many
 *
 * The descriptors beside a record; those not taken are closed.
 */
struct runner_descriptors
{
  int fd[RUNNER_MAX_BEHIND_FD];
  unsigned int n;
};

void
runner_close (int *fd);
void
runner_descriptors_clear (struct runner_descriptors *descriptors);

/* runner-files.c */
int
runner_file_write (int work_dir, const struct runner_file *file, int from);

/* runner-spawn.c */
int
runner_spawn (const struct runner_step *step,
              const struct runner_descriptors *descriptors,
              pid_t *pid,
              int *exec_error);

/**
 * runner_sample:
 * @cpu_us: CPU time of what lives, and of the dead that the living have waited for
 * @memory_kib: in use by what lives
 *
 * What all processes of the box use at one moment.
 */
struct runner_sample
{
  uint64_t cpu_us;
  uint64_t memory_kib;
};

/* runner-sampler.c */
bool
runner_sampler_look (DIR *proc, uint64_t memory_limit_kib, struct runner_sample *sample);
uint64_t
runner_sampler_inodes (const int *folders, unsigned int n);

/**
 * runner_self:
 * @limits: of every resource
 * @affinity: which processors it may use
 * @nice: its nice value
 * @policy: its scheduling policy
 * @io_priority: as ioprio_get() has it
 *
 * What a program could change about the runner.
 */
struct runner_self
{
  struct rlimit limits[RLIM_NLIMITS];
  cpu_set_t affinity;
  int nice;
  int policy;
  long io_priority;
};

/* runner-self.c */
void
runner_self_read (struct runner_self *self);
bool
runner_self_is (const struct runner_self *before);
