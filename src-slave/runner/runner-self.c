/* runner-self.c: has somebody changed the runner?
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The kernel lets a program set the limits, the priority and the scheduling of any process of its
 * own user, and the runner is one. What was taken from it so cannot be had back, so a box in which
 * that happened is thrown away.
 */
#include "runner.h"

#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define IOPRIO_WHO_PROCESS 1

/**
 * runner_self_read:
 * @self: (out): what others could change about this process
 *
 * Takes down the limits, nice value, policy, affinity and I/O priority of the runner.
 */
void
runner_self_read (struct runner_self *self)
{
  memset (self, 0, sizeof *self);
  for (int i = 0; i < RLIM_NLIMITS; i++)
    getrlimit (i, &self->limits[i]);
  self->nice = getpriority (PRIO_PROCESS, 0);
  self->policy = sched_getscheduler (0);
  self->io_priority = syscall (SYS_ioprio_get, IOPRIO_WHO_PROCESS, 0);
  sched_getaffinity (0, sizeof self->affinity, &self->affinity);
}

/**
 * runner_self_is:
 * @before: as it was
 *
 * Compares with now.
 *
 * Returns: whether nothing was changed
 */
bool
runner_self_is (const struct runner_self *before)
{
  struct runner_self now;

  runner_self_read (&now);
  return memcmp (&now, before, sizeof now) == 0;
}
