/* runner-protocol.h: what the slave and ruche-runner say to each other
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One SOCK_SEQPACKET socket, one record a packet, descriptors beside it. Both ends are of the same
 * build, so records are plain structs of fixed size; each is checked all the same, for a box is
 * where strangers' programs run. The slave sends FILE, STEP and KILL; the runner answers HELLO once
 * and ENDED for every STEP, with STARTED between where the program came to run.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RUNNER_MAGIC      0x52756368u
#define RUNNER_VERSION    1
#define RUNNER_SOCKET_FD  3 /* where the runner finds its end */
#define RUNNER_PROGRAM_FD 4 /* the runner's own program, see ruche-box-command.c */

#define RUNNER_NAME_SIZE     256  /* of a file, with its NUL: RUCHE_MAX_PATH + 1 */
#define RUNNER_MAX_ARGS      1024 /* of the command line, and of the environment */
#define RUNNER_MAX_WORDS     (96u * 1024 * 1024)
#define RUNNER_MAX_LIMIT     (INT64_C (1) << 40)
#define RUNNER_WORK_DIR      "/work"
#define RUNNER_LOOK_MS       10    /* how often a step is looked at: RUCHE_MEMORY_SAMPLE_MS */
#define RUNNER_MAX_INODES    20000 /* RUCHE_MAX_BOX_INODES */
#define RUNNER_MAX_BEHIND_FD 8     /* descriptors beside one record */

enum runner_type
{
  RUNNER_FILE = 1, /* runner_file, one descriptor */
  RUNNER_STEP,     /* runner_step, descriptors as its member says */
  RUNNER_KILL,     /* runner_kill */
  RUNNER_HELLO = 65,
  RUNNER_STARTED, /* runner_started */
  RUNNER_ENDED,   /* runner_ended */
};

/* Which descriptors follow a STEP, in this order. A stream that is not there is /dev/null. */
enum runner_descriptor
{
  RUNNER_WITH_WORDS = 1 << 0, /* sealed memory: the arguments, then the environment, each with its
                                 NUL; always there */
  RUNNER_WITH_STDIN = 1 << 1,
  RUNNER_WITH_STDOUT = 1 << 2,
  RUNNER_WITH_STDERR = 1 << 3,
  RUNNER_WITH_FILTER = 1 << 4, /* sealed memory: the program that seccomp() is given */
};
#define RUNNER_N_DESCRIPTORS 5

enum runner_end
{
  RUNNER_END_ITSELF,
  RUNNER_END_KILLED,
  RUNNER_END_CPU,
  RUNNER_END_WALL,
  RUNNER_END_MEMORY,
  RUNNER_END_INODES,
  RUNNER_END_NOT_STARTED, /* exec failed: error */
  RUNNER_END_FILE,        /* a file sent before could not be written: error */
  RUNNER_END_FAULT,       /* the runner could not do its work: error */
};
#define RUNNER_N_ENDS (RUNNER_END_FAULT + 1)

struct runner_head
{
  uint32_t magic;
  uint16_t version;
  uint16_t type;
  uint32_t length; /* of the whole record */
  uint32_t serial; /* of the step, from 1; 0 in FILE and HELLO */
};

struct runner_file
{
  struct runner_head head;
  uint32_t executable;
  char name[RUNNER_NAME_SIZE]; /* in the work folder; NUL to the end */
};

struct runner_step
{
  struct runner_head head;
  uint32_t descriptors; /* enum runner_descriptor */
  uint32_t n_args;
  uint32_t n_env;
  uint32_t reserved;
  int64_t cpu_ms;
  int64_t wall_ms;
  int64_t memory_kib;
  int64_t stack_kib;
  int64_t disk_kib;
  int64_t processes;
  int64_t open_files;
};

struct runner_kill
{
  struct runner_head head;
};

struct runner_started
{
  struct runner_head head;
};

struct runner_hello
{
  struct runner_head head;
};

struct runner_ended
{
  struct runner_head head;
  uint32_t end;   /* enum runner_end */
  int32_t status; /* of the step's first process, as wait4() gave it */
  int32_t error;  /* errno */
  uint32_t reserved;
  int64_t cpu_us;
  int64_t wall_us;
  int64_t memory_kib;
  int64_t max_rss_kib;
};

union runner_record
{
  struct runner_head head;
  struct runner_file file;
  struct runner_step step;
  struct runner_kill kill;
  struct runner_hello hello;
  struct runner_started started;
  struct runner_ended ended;
};

void
runner_head_fill (struct runner_head *head, enum runner_type type, uint32_t serial);
bool
runner_record_check (const union runner_record *record, size_t size, unsigned int n_descriptors);
bool
runner_file_name_check (const char name[RUNNER_NAME_SIZE]);
bool
runner_words_split (char *words, size_t size, unsigned int n, char **into);
