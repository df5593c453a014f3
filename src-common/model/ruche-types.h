/* ruche-types.h: the enumerations that people and peers see
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-schema.h"

G_BEGIN_DECLS

/* How a task ended; design section 5. RUCHE_VERDICT_NONE: it has not. */
typedef enum
{
  RUCHE_VERDICT_NONE,
  RUCHE_VERDICT_OK,
  RUCHE_VERDICT_COMPILE_ERROR,
  RUCHE_VERDICT_RUNTIME_ERROR,
  RUCHE_VERDICT_SIGNALED,
  RUCHE_VERDICT_TIME_LIMIT,
  RUCHE_VERDICT_WALL_LIMIT,
  RUCHE_VERDICT_MEMORY_LIMIT,
  RUCHE_VERDICT_OUTPUT_LIMIT,
  RUCHE_VERDICT_CANCELLED,
  RUCHE_VERDICT_LOST,
  RUCHE_VERDICT_INTERNAL_ERROR,
} RucheVerdict;

typedef enum
{
  RUCHE_STEP_NONE,
  RUCHE_STEP_COMPILE,
  RUCHE_STEP_RUN,
} RucheStep;

typedef enum
{
  RUCHE_TASK_QUEUED,
  RUCHE_TASK_DISPATCHED,
  RUCHE_TASK_READY,
  RUCHE_TASK_RUNNING,
  RUCHE_TASK_FINISHED,
} RucheTaskState;

/* A job's state follows from its tasks'. */
typedef enum
{
  RUCHE_JOB_QUEUED,
  RUCHE_JOB_RUNNING,
  RUCHE_JOB_FINISHED,
} RucheJobState;

typedef enum
{
  RUCHE_JOB_PROGRAM,
  RUCHE_JOB_COMMANDS,
} RucheJobKind;

typedef enum
{
  RUCHE_PRIORITY_LOW,
  RUCHE_PRIORITY_NORMAL,
  RUCHE_PRIORITY_HIGH,
} RuchePriority;

typedef enum
{
  RUCHE_ROLE_CLIENT,
  RUCHE_ROLE_SLAVE,
} RucheRole;

typedef enum
{
  RUCHE_SERVER_READY,
  RUCHE_SERVER_SUSPECT,
  RUCHE_SERVER_LOST,
} RucheServerState;

/* Streams of an attempt. COMPILER: what the compile step printed. */
typedef enum
{
  RUCHE_STREAM_STDOUT,
  RUCHE_STREAM_STDERR,
  RUCHE_STREAM_COMPILER,
} RucheStream;

#define RUCHE_N_STREAMS 3

typedef enum
{
  RUCHE_SEVERITY_ERROR,
  RUCHE_SEVERITY_WARNING,
  RUCHE_SEVERITY_NOTE,
} RucheSeverity;

typedef enum
{
  RUCHE_POLICY_LEAST_LOADED,
  RUCHE_POLICY_FEWEST_RUNNING,
} RuchePolicy;

/* What enforces the limits on a slave. */
typedef enum
{
  RUCHE_ISOLATION_RLIMIT,
  RUCHE_ISOLATION_CGROUP,
} RucheIsolation;

/* Where a run's standard input comes from. */
typedef enum
{
  RUCHE_INPUT_NONE,
  RUCHE_INPUT_BLOB,
  RUCHE_INPUT_LIVE,
} RucheInputKind;

extern const RucheEnum ruche_verdict_type;
extern const RucheEnum ruche_step_type;
extern const RucheEnum ruche_task_state_type;
extern const RucheEnum ruche_job_state_type;
extern const RucheEnum ruche_job_kind_type;
extern const RucheEnum ruche_priority_type;
extern const RucheEnum ruche_role_type;
extern const RucheEnum ruche_server_state_type;
extern const RucheEnum ruche_stream_type;
extern const RucheEnum ruche_severity_type;
extern const RucheEnum ruche_policy_type;
extern const RucheEnum ruche_isolation_type;
extern const RucheEnum ruche_input_kind_type;

const char *
ruche_verdict_label (RucheVerdict verdict);

G_END_DECLS
