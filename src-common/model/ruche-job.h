/* ruche-job.h: what a person submits and what comes back
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-types.h"

G_BEGIN_DECLS

/**
 * RucheLimits:
 * @cpu_ms: CPU time of all processes together
 * @wall_ms: time from start to end
 * @memory_kib: memory touched by all processes together
 * @processes: processes and threads alive at once
 * @output_bytes: standard output and error together
 * @disk_kib: all that is writable in the box
 * @open_files: descriptors of one process
 *
 * What a step may use. Where a member is 0 in a submission, the cluster's default stands.
 */
typedef struct
{
  gint64 cpu_ms;
  gint64 wall_ms;
  gint64 memory_kib;
  gint64 processes;
  gint64 output_bytes;
  gint64 disk_kib;
  gint64 open_files;
} RucheLimits;

RUCHE_DECLARE_STRUCT (RucheLimits, ruche_limits)
void
ruche_limits_default_run (RucheLimits *limits);
void
ruche_limits_default_compile (RucheLimits *limits);
void
ruche_limits_maximum (RucheLimits *limits);
void
ruche_limits_fill (RucheLimits *limits, const RucheLimits *defaults);
gboolean
ruche_limits_check_maximum (const RucheLimits *limits,
                            const RucheLimits *maximum,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * RucheFile:
 * @name: its path in the work folder, see ruche_file_name_check()
 * @blob: SHA-256 of its bytes
 * @size: how many
 *
 * A file of a job.
 */
typedef struct
{
  char *name;
  char *blob;
  gint64 size;
} RucheFile;

RUCHE_DECLARE_STRUCT (RucheFile, ruche_file)
gboolean
ruche_file_name_check (const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;
char *
ruche_blob_digest (gconstpointer data, gsize size);

/**
 * RucheJobSpec:
 * @kind: a program or commands
 * @name: what people see in lists; a file's name
 * @language: the toolchain's language, "" for commands
 * @main: (nullable): the file to start with
 * @main_class: (nullable): for languages that start a class and not a file
 * @files: (element-type RucheFile): the sources
 * @flags: (nullable): for the compiler
 * @limits: (nullable): of the run
 * @compile_limits: (nullable): of the compile step
 * @priority: among its owner's jobs
 * @attempts: before a task is `lost`; 0 for the cluster's default
 * @server: (nullable): the only server that may run it
 *
 * A job less its tasks.
 */
typedef struct
{
  int kind; /* RucheJobKind */
  char *name;
  char *language;
  char *main;
  char *main_class;
  GPtrArray *files;
  char **flags;
  RucheLimits *limits;
  RucheLimits *compile_limits;
  int priority; /* RuchePriority */
  gint64 attempts;
  char *server;
} RucheJobSpec;

RUCHE_DECLARE_STRUCT (RucheJobSpec, ruche_job_spec)
gboolean
ruche_job_spec_check (const RucheJobSpec *spec, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gint64
ruche_job_spec_files_size (const RucheJobSpec *spec);

/**
 * RucheTaskSpec:
 * @args: (nullable): arguments of the program
 * @command: (nullable): the shell command, for a job of commands
 * @line: its line in the file it came from, 0 for none
 * @input: where standard input comes from
 * @input_blob: (nullable): for %RUCHE_INPUT_BLOB
 *
 * One task of a job.
 */
typedef struct
{
  char **args;
  char *command;
  gint64 line;
  int input; /* RucheInputKind */
  char *input_blob;
} RucheTaskSpec;

RUCHE_DECLARE_STRUCT (RucheTaskSpec, ruche_task_spec)
gboolean
ruche_task_spec_check (const RucheTaskSpec *task,
                       const RucheJobSpec *job,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * RucheUsage:
 * @cpu_ms: CPU time of all processes
 * @wall_ms: from start to end
 * @memory_kib: the most that was in use at once
 *
 * What a step used.
 */
typedef struct
{
  gint64 cpu_ms;
  gint64 wall_ms;
  gint64 memory_kib;
} RucheUsage;

RUCHE_DECLARE_STRUCT (RucheUsage, ruche_usage)

/**
 * RucheDiagnostic:
 * @file: (nullable): a file of the job
 * @line: from 1, 0 where unknown
 * @column: in bytes from 1, 0 where unknown: see docs/protocol.md
 * @severity: error, warning or note
 * @message: in the compiler's words
 *
 * One thing that a compiler or an interpreter said about the sources.
 */
typedef struct
{
  char *file;
  gint64 line;
  gint64 column;
  int severity; /* RucheSeverity */
  char *message;
} RucheDiagnostic;

RUCHE_DECLARE_STRUCT (RucheDiagnostic, ruche_diagnostic)

/**
 * RucheResult:
 * @job: the job's number
 * @task: its place in the job, from 0
 * @attempt: from 1
 * @verdict: how it ended
 * @step: the step it ended in
 * @exit_code: of the program, 0 where it did not exit
 * @signal: the number, 0 where there was none
 * @reason: (nullable): a sentence, for verdicts that need one
 * @run: (nullable): what the run used
 * @compile: (nullable): what the compiler used
 * @cached: whether the compiled program came from the cache
 * @server: (nullable): who ran it
 * @toolchain: (nullable): name and version
 * @stdout_size: bytes kept of each stream
 * @stderr_size: likewise
 * @compiler_size: likewise
 * @diagnostics: (element-type RucheDiagnostic): what was said about the sources
 *
 * How one task ended.
 */
typedef struct
{
  gint64 job;
  gint64 task;
  gint64 attempt;
  int verdict; /* RucheVerdict */
  int step;    /* RucheStep */
  gint64 exit_code;
  gint64 signal;
  char *reason;
  RucheUsage *run;
  RucheUsage *compile;
  gboolean cached;
  char *server;
  char *toolchain;
  gint64 stdout_size;
  gint64 stderr_size;
  gint64 compiler_size;
  GPtrArray *diagnostics;
} RucheResult;

RUCHE_DECLARE_STRUCT (RucheResult, ruche_result)

/**
 * RucheJobInfo:
 * @job: its number, from 1
 * @name: as submitted
 * @owner: the person, "" where the reader may not know
 * @kind: program or commands
 * @language: as submitted
 * @state: follows from its tasks
 * @verdict: of the job: the first that is not `ok` in task order, once finished
 * @submitted_ms: time of day, milliseconds since 1970
 * @finished_ms: likewise, 0 while it is not
 * @tasks: how many
 * @queued: of them waiting
 * @running: of them on a server
 * @finished: of them ended
 * @failed: of the ended, not `ok`
 * @server: (nullable): the server of its only task
 * @deleted: whether its sources and output were erased
 *
 * A job as lists show it.
 */
typedef struct
{
  gint64 job;
  char *name;
  char *owner;
  int kind; /* RucheJobKind */
  char *language;
  int state;   /* RucheJobState */
  int verdict; /* RucheVerdict */
  gint64 submitted_ms;
  gint64 finished_ms;
  gint64 tasks;
  gint64 queued;
  gint64 running;
  gint64 finished;
  gint64 failed;
  char *server;
  gboolean deleted;
} RucheJobInfo;

RUCHE_DECLARE_STRUCT (RucheJobInfo, ruche_job_info)

/**
 * RucheTaskStatus:
 * @job: the job
 * @task: the task
 * @attempt: 0 before the first
 * @state: where it stands
 * @step: while running, which step
 * @server: (nullable): where
 *
 * Where a task stands.
 */
typedef struct
{
  gint64 job;
  gint64 task;
  gint64 attempt;
  int state; /* RucheTaskState */
  int step;  /* RucheStep */
  char *server;
} RucheTaskStatus;

RUCHE_DECLARE_STRUCT (RucheTaskStatus, ruche_task_status)

/* (job, task, attempt), with the state and step where a message needs them. */
typedef struct
{
  gint64 job;
  gint64 task;
  gint64 attempt;
} RucheAttemptId;

RUCHE_DECLARE_STRUCT (RucheAttemptId, ruche_attempt_id)

G_END_DECLS
