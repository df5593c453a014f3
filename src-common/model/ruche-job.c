/* ruche-job.c: what a person submits and what comes back
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-job.h"

#include "ruche-bounds.h"
#include "ruche-error.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

RUCHE_DEFINE_STRUCT (
    RucheLimits,
    ruche_limits,
    RUCHE_FIELD_INT (RucheLimits, cpu_ms, "cpu_ms", 0, RUCHE_MAX_CPU_MS, 0),
    RUCHE_FIELD_INT (RucheLimits, wall_ms, "wall_ms", 0, RUCHE_MAX_WALL_MS, 0),
    RUCHE_FIELD_INT (RucheLimits, memory_kib, "memory_kib", 0, RUCHE_MAX_MEMORY_KIB, 0),
    RUCHE_FIELD_INT (RucheLimits, processes, "processes", 0, RUCHE_MAX_PROCESSES, 0),
    RUCHE_FIELD_INT (RucheLimits, output_bytes, "output_bytes", 0, RUCHE_MAX_OUTPUT_BYTES, 0),
    RUCHE_FIELD_INT (RucheLimits, disk_kib, "disk_kib", 0, RUCHE_MAX_DISK_KIB, 0),
    RUCHE_FIELD_INT (RucheLimits, open_files, "open_files", 0, RUCHE_MAX_OPEN_FILES, 0))

RUCHE_DEFINE_STRUCT (RucheFile,
                     ruche_file,
                     RUCHE_FIELD_STRING_REQ (RucheFile, name, "name", RUCHE_MAX_PATH),
                     RUCHE_FIELD_DIGEST_REQ (RucheFile, blob, "blob"),
                     RUCHE_FIELD_INT_REQ (RucheFile, size, "size", 0, RUCHE_MAX_INPUT_SIZE))

RUCHE_DEFINE_STRUCT (
    RucheJobSpec,
    ruche_job_spec,
    RUCHE_FIELD_ENUM_REQ (RucheJobSpec, kind, "kind", &ruche_job_kind_type),
    RUCHE_FIELD_STRING_REQ (RucheJobSpec, name, "name", RUCHE_MAX_PATH),
    RUCHE_FIELD_STRING (RucheJobSpec, language, "language", RUCHE_MAX_NAME),
    RUCHE_FIELD_STRING (RucheJobSpec, main, "main", RUCHE_MAX_PATH),
    RUCHE_FIELD_STRING (RucheJobSpec, main_class, "main_class", RUCHE_MAX_PATH),
    RUCHE_FIELD_LIST (RucheJobSpec, files, "files", &ruche_file_schema, RUCHE_MAX_FILES),
    RUCHE_FIELD_STRV (RucheJobSpec, flags, "flags", RUCHE_MAX_FLAGS, RUCHE_MAX_TEXT),
    RUCHE_FIELD_OBJECT (RucheJobSpec, limits, "limits", &ruche_limits_schema),
    RUCHE_FIELD_OBJECT (RucheJobSpec, compile_limits, "compile_limits", &ruche_limits_schema),
    RUCHE_FIELD_ENUM (
        RucheJobSpec, priority, "priority", &ruche_priority_type, RUCHE_PRIORITY_NORMAL),
    RUCHE_FIELD_INT (RucheJobSpec, attempts, "attempts", 0, RUCHE_MAX_ATTEMPTS, 0),
    RUCHE_FIELD_STRING (RucheJobSpec, server, "server", RUCHE_MAX_NAME))

RUCHE_DEFINE_STRUCT (
    RucheTaskSpec,
    ruche_task_spec,
    RUCHE_FIELD_STRV (RucheTaskSpec, args, "args", RUCHE_MAX_ARGS, RUCHE_MAX_ARG),
    RUCHE_FIELD_STRING (RucheTaskSpec, command, "command", RUCHE_MAX_COMMAND),
    RUCHE_FIELD_INT (RucheTaskSpec, line, "line", 0, G_MAXINT32, 0),
    RUCHE_FIELD_ENUM (RucheTaskSpec, input, "input", &ruche_input_kind_type, RUCHE_INPUT_NONE),
    RUCHE_FIELD_DIGEST (RucheTaskSpec, input_blob, "input_blob"))

RUCHE_DEFINE_STRUCT (RucheUsage,
                     ruche_usage,
                     RUCHE_FIELD_INT_REQ (RucheUsage, cpu_ms, "cpu_ms", 0, G_MAXINT64),
                     RUCHE_FIELD_INT_REQ (RucheUsage, wall_ms, "wall_ms", 0, G_MAXINT64),
                     RUCHE_FIELD_INT_REQ (RucheUsage, memory_kib, "memory_kib", 0, G_MAXINT64))

RUCHE_DEFINE_STRUCT (
    RucheDiagnostic,
    ruche_diagnostic,
    RUCHE_FIELD_STRING (RucheDiagnostic, file, "file", RUCHE_MAX_PATH),
    RUCHE_FIELD_INT (RucheDiagnostic, line, "line", 0, G_MAXINT32, 0),
    RUCHE_FIELD_INT (RucheDiagnostic, column, "column", 0, G_MAXINT32, 0),
    RUCHE_FIELD_ENUM_REQ (RucheDiagnostic, severity, "severity", &ruche_severity_type),
    RUCHE_FIELD_STRING_REQ (RucheDiagnostic, message, "message", RUCHE_MAX_DIAGNOSTIC_TEXT))

RUCHE_DEFINE_STRUCT (
    RucheResult,
    ruche_result,
    RUCHE_FIELD_INT_REQ (RucheResult, job, "job", 0, G_MAXINT64),
    RUCHE_FIELD_INT_REQ (RucheResult, task, "task", 0, RUCHE_MAX_TASKS_PER_JOB),
    RUCHE_FIELD_INT_REQ (RucheResult, attempt, "attempt", 0, RUCHE_MAX_ATTEMPTS),
    RUCHE_FIELD_ENUM_REQ (RucheResult, verdict, "verdict", &ruche_verdict_type),
    RUCHE_FIELD_ENUM (RucheResult, step, "step", &ruche_step_type, RUCHE_STEP_NONE),
    RUCHE_FIELD_INT (RucheResult, exit_code, "exit_code", 0, 255, 0),
    RUCHE_FIELD_INT (RucheResult, signal, "signal", 0, 64, 0),
    RUCHE_FIELD_STRING (RucheResult, reason, "reason", RUCHE_MAX_TEXT),
    RUCHE_FIELD_OBJECT (RucheResult, run, "run", &ruche_usage_schema),
    RUCHE_FIELD_OBJECT (RucheResult, compile, "compile", &ruche_usage_schema),
    RUCHE_FIELD_BOOL (RucheResult, cached, "cached", FALSE),
    RUCHE_FIELD_STRING (RucheResult, server, "server", RUCHE_MAX_NAME),
    RUCHE_FIELD_STRING (RucheResult, toolchain, "toolchain", RUCHE_MAX_NAME),
    RUCHE_FIELD_INT (RucheResult, stdout_size, "stdout_size", 0, G_MAXINT64, 0),
    RUCHE_FIELD_INT (RucheResult, stderr_size, "stderr_size", 0, G_MAXINT64, 0),
    RUCHE_FIELD_INT (RucheResult, compiler_size, "compiler_size", 0, G_MAXINT64, 0),
    RUCHE_FIELD_LIST (
        RucheResult, diagnostics, "diagnostics", &ruche_diagnostic_schema, RUCHE_MAX_DIAGNOSTICS))

RUCHE_DEFINE_STRUCT (
    RucheJobInfo,
    ruche_job_info,
    RUCHE_FIELD_INT_REQ (RucheJobInfo, job, "job", 1, G_MAXINT64),
    RUCHE_FIELD_STRING (RucheJobInfo, name, "name", RUCHE_MAX_PATH),
    RUCHE_FIELD_STRING (RucheJobInfo, owner, "owner", RUCHE_MAX_NAME),
    RUCHE_FIELD_ENUM (RucheJobInfo, kind, "kind", &ruche_job_kind_type, RUCHE_JOB_PROGRAM),
    RUCHE_FIELD_STRING (RucheJobInfo, language, "language", RUCHE_MAX_NAME),
    RUCHE_FIELD_ENUM_REQ (RucheJobInfo, state, "state", &ruche_job_state_type),
    RUCHE_FIELD_ENUM (RucheJobInfo, verdict, "verdict", &ruche_verdict_type, RUCHE_VERDICT_NONE),
    RUCHE_FIELD_INT (RucheJobInfo, submitted_ms, "submitted_ms", 0, G_MAXINT64, 0),
    RUCHE_FIELD_INT (RucheJobInfo, finished_ms, "finished_ms", 0, G_MAXINT64, 0),
    RUCHE_FIELD_INT (RucheJobInfo, tasks, "tasks", 0, RUCHE_MAX_TASKS_PER_JOB, 0),
    RUCHE_FIELD_INT (RucheJobInfo, queued, "queued", 0, RUCHE_MAX_TASKS_PER_JOB, 0),
    RUCHE_FIELD_INT (RucheJobInfo, running, "running", 0, RUCHE_MAX_TASKS_PER_JOB, 0),
    RUCHE_FIELD_INT (RucheJobInfo, finished, "finished", 0, RUCHE_MAX_TASKS_PER_JOB, 0),
    RUCHE_FIELD_INT (RucheJobInfo, failed, "failed", 0, RUCHE_MAX_TASKS_PER_JOB, 0),
    RUCHE_FIELD_STRING (RucheJobInfo, server, "server", RUCHE_MAX_NAME),
    RUCHE_FIELD_BOOL (RucheJobInfo, deleted, "deleted", FALSE))

RUCHE_DEFINE_STRUCT (
    RucheTaskStatus,
    ruche_task_status,
    RUCHE_FIELD_INT_REQ (RucheTaskStatus, job, "job", 1, G_MAXINT64),
    RUCHE_FIELD_INT_REQ (RucheTaskStatus, task, "task", 0, RUCHE_MAX_TASKS_PER_JOB),
    RUCHE_FIELD_INT (RucheTaskStatus, attempt, "attempt", 0, RUCHE_MAX_ATTEMPTS, 0),
    RUCHE_FIELD_ENUM_REQ (RucheTaskStatus, state, "state", &ruche_task_state_type),
    RUCHE_FIELD_ENUM (RucheTaskStatus, step, "step", &ruche_step_type, RUCHE_STEP_NONE),
    RUCHE_FIELD_STRING (RucheTaskStatus, server, "server", RUCHE_MAX_NAME))

RUCHE_DEFINE_STRUCT (
    RucheAttemptId,
    ruche_attempt_id,
    RUCHE_FIELD_INT_REQ (RucheAttemptId, job, "job", 1, G_MAXINT64),
    RUCHE_FIELD_INT_REQ (RucheAttemptId, task, "task", 0, RUCHE_MAX_TASKS_PER_JOB),
    RUCHE_FIELD_INT_REQ (RucheAttemptId, attempt, "attempt", 1, RUCHE_MAX_ATTEMPTS))

/**
 * ruche_limits_default_run:
 * @limits: (out caller-allocates): filled with the defaults of a run, design section 5
 *
 * Gives the limits of a run of which nobody said anything.
 */
void
ruche_limits_default_run (RucheLimits *limits)
{
  limits->cpu_ms = RUCHE_DEFAULT_CPU_MS;
  limits->wall_ms = RUCHE_DEFAULT_WALL_MS;
  limits->memory_kib = RUCHE_DEFAULT_MEMORY_KIB;
  limits->processes = RUCHE_DEFAULT_PROCESSES;
  limits->output_bytes = RUCHE_DEFAULT_OUTPUT_BYTES;
  limits->disk_kib = RUCHE_DEFAULT_DISK_KIB;
  limits->open_files = RUCHE_DEFAULT_OPEN_FILES;
}

/**
 * ruche_limits_default_compile:
 * @limits: (out caller-allocates): filled with the defaults of a compile step, design section 5
 *
 * Gives the limits of a compile step of which nobody said anything.
 */
void
ruche_limits_default_compile (RucheLimits *limits)
{
  ruche_limits_default_run (limits);
  limits->cpu_ms = RUCHE_DEFAULT_COMPILE_CPU_MS;
  limits->wall_ms = RUCHE_DEFAULT_COMPILE_WALL_MS;
  limits->memory_kib = RUCHE_DEFAULT_COMPILE_MEMORY_KIB;
  limits->output_bytes = RUCHE_MAX_COMPILER_OUTPUT;
}

/**
 * ruche_limits_maximum:
 * @limits: (out caller-allocates): filled with the most that may be asked for
 *
 * Gives the bounds of ruche-bounds.h; a cluster's configuration may set lower ones.
 */
void
ruche_limits_maximum (RucheLimits *limits)
{
  limits->cpu_ms = RUCHE_MAX_CPU_MS;
  limits->wall_ms = RUCHE_MAX_WALL_MS;
  limits->memory_kib = RUCHE_MAX_MEMORY_KIB;
  limits->processes = RUCHE_MAX_PROCESSES;
  limits->output_bytes = RUCHE_MAX_OUTPUT_BYTES;
  limits->disk_kib = RUCHE_MAX_DISK_KIB;
  limits->open_files = RUCHE_MAX_OPEN_FILES;
}

/* All members of RucheLimits are numbers, so that its table serves for walking over them. */
#define LIMIT(limits, field) (G_STRUCT_MEMBER (gint64, (limits), (field)->offset))

/**
 * ruche_limits_fill:
 * @limits: limits in which 0 stands for "not said"
 * @defaults: what is put there
 *
 * Completes what a submitter asked for.
 */
void
ruche_limits_fill (RucheLimits *limits, const RucheLimits *defaults)
{
  for (const RucheField *f = ruche_limits_schema.fields; f->name != NULL; f++)
    if (LIMIT (limits, f) == 0)
      LIMIT (limits, f) = LIMIT ((RucheLimits *)defaults, f);
}

/**
 * ruche_limits_check_maximum:
 * @limits: what a submitter asks for
 * @maximum: the most that this cluster grants
 * @error: %RUCHE_ERROR_INVALID with the limit and its maximum
 *
 * Checks that nobody asks for more than the cluster grants.
 *
 * Returns: whether all of @limits are within @maximum
 */
gboolean
ruche_limits_check_maximum (const RucheLimits *limits, const RucheLimits *maximum, GError **error)
{
  for (const RucheField *f = ruche_limits_schema.fields; f->name != NULL; f++)
    if (LIMIT ((RucheLimits *)limits, f) > LIMIT ((RucheLimits *)maximum, f))
      {
        g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID,
                     _ ("the limit %s may be at most %" PRId64 " on this cluster"), f->name,
                     LIMIT ((RucheLimits *)maximum, f));
        return FALSE;
      }
  return TRUE;
}

static gboolean
path_part_fine (const char *part, gsize length)
{
  if (length == 0 || (length == 1 && part[0] == '.')
      || (length == 2 && strncmp (part, "..", 2) == 0))
    return FALSE;
  return part[0] != '-';
}

/**
 * ruche_file_name_check:
 * @name: a file's path in the work folder
 * @error: %RUCHE_ERROR_INVALID with what is wrong
 *
 * Checks a file's name: relative, at most 255 bytes of UTF-8, no part that is empty, "." or ".."
 * or that begins with "-" (compilers would take it for an option), no control characters.
 *
 * Returns: whether the file may be made under that name
 */
gboolean
ruche_file_name_check (const char *name, GError **error)
{
  const char *part = name;
  gboolean fine = strlen (name) <= RUCHE_MAX_PATH && g_utf8_validate (name, -1, NULL);

  for (const char *p = name; fine && *p != '\0'; p++)
    fine = (guchar)*p >= 0x20 && *p != 0x7f;
  while (fine)
    {
      const char *slash = strchrnul (part, '/');
      fine = path_part_fine (part, slash - part);
      if (*slash == '\0')
        break;
      part = slash + 1;
    }
  if (fine)
    return TRUE;
  g_autofree char *valid = g_utf8_make_valid (name, MIN (strlen (name), 300));
  g_autofree char *shown = g_strescape (valid, NULL);
  g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID,
               _ ("“%s” can’t be the name of a file in a job: use a relative path of at most %d "
                  "bytes without “..”, control characters or parts that begin with “-”"),
               shown, RUCHE_MAX_PATH);
  return FALSE;
}

/**
 * ruche_blob_digest:
 * @data: (nullable): bytes
 * @size: how many
 *
 * Names a blob.
 *
 * Returns: (transfer full): SHA-256 in 64 lower-case hexadecimal digits
 */
char *
ruche_blob_digest (gconstpointer data, gsize size)
{
  return g_compute_checksum_for_data (G_CHECKSUM_SHA256, size > 0 ? data : (gconstpointer) "",
                                      size);
}

/**
 * ruche_job_spec_files_size:
 * @spec: a job
 *
 * Adds up a job's files.
 *
 * Returns: bytes
 */
gint64
ruche_job_spec_files_size (const RucheJobSpec *spec)
{
  gint64 total = 0;

  for (guint i = 0; i < spec->files->len; i++)
    total += ((RucheFile *)g_ptr_array_index (spec->files, i))->size;
  return total;
}

static const RucheFile *
find_file (const RucheJobSpec *spec, const char *name)
{
  for (guint i = 0; i < spec->files->len; i++)
    {
      const RucheFile *file = g_ptr_array_index (spec->files, i);
      if (strcmp (file->name, name) == 0)
        return file;
    }
  return NULL;
}

/* "a" and "a/b" can't both be files. */
static gboolean
names_collide (const char *a, const char *b)
{
  gsize length = strlen (a);

  return strncmp (a, b, length) == 0 && (b[length] == '\0' || b[length] == '/');
}

static gboolean
check_files (const RucheJobSpec *spec, GError **error)
{
  for (guint i = 0; i < spec->files->len; i++)
    {
      const RucheFile *file = g_ptr_array_index (spec->files, i);
      if (!ruche_file_name_check (file->name, error))
        return FALSE;
      for (guint j = 0; j < spec->files->len; j++)
        {
          const RucheFile *other = g_ptr_array_index (spec->files, j);
          if (i != j && names_collide (file->name, other->name))
            {
              g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID,
                           _ ("two files of the job are both called “%s”: rename one"), file->name);
              return FALSE;
            }
        }
    }
  if (ruche_job_spec_files_size (spec) > RUCHE_MAX_PROGRAM_SIZE)
    {
      g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_TOO_LARGE,
                   _ ("the files of a job may be %d MiB together; these are more"),
                   RUCHE_MAX_PROGRAM_SIZE / RUCHE_MIB);
      return FALSE;
    }
  return TRUE;
}

/**
 * ruche_job_spec_check:
 * @spec: a job within the bounds of its table
 * @error: %RUCHE_ERROR_INVALID or %RUCHE_ERROR_TOO_LARGE with what to do
 *
 * Checks what the table of RucheJobSpec can't say: file names, what belongs together, sizes.
 *
 * Returns: whether a master takes such a job
 */
gboolean
ruche_job_spec_check (const RucheJobSpec *spec, GError **error)
{
  if (!check_files (spec, error))
    return FALSE;
  if (spec->kind == RUCHE_JOB_COMMANDS)
    return TRUE;
  if (spec->language == NULL || *spec->language == '\0')
    {
      g_set_error_literal (error, RUCHE_ERROR, RUCHE_ERROR_INVALID,
                           _ ("a program needs a language"));
      return FALSE;
    }
  if (spec->files->len == 0)
    {
      g_set_error_literal (error, RUCHE_ERROR, RUCHE_ERROR_INVALID,
                           _ ("a program needs at least one file"));
      return FALSE;
    }
  if (spec->main == NULL || find_file (spec, spec->main) == NULL)
    {
      g_set_error_literal (error, RUCHE_ERROR, RUCHE_ERROR_INVALID,
                           _ ("the main file is none of the program’s files"));
      return FALSE;
    }
  return TRUE;
}

/**
 * ruche_task_spec_check:
 * @task: a task within the bounds of its table
 * @job: the job it belongs to
 * @error: %RUCHE_ERROR_INVALID with what to do
 *
 * Checks what the table of RucheTaskSpec can't say.
 *
 * Returns: whether a master takes such a task
 */
gboolean
ruche_task_spec_check (const RucheTaskSpec *task, const RucheJobSpec *job, GError **error)
{
  if ((job->kind == RUCHE_JOB_COMMANDS) != (task->command != NULL))
    {
      g_set_error_literal (error, RUCHE_ERROR, RUCHE_ERROR_INVALID,
                           _ ("a task has a command if and only if its job is one of commands"));
      return FALSE;
    }
  if ((task->input == RUCHE_INPUT_BLOB) != (task->input_blob != NULL))
    {
      g_set_error_literal (error, RUCHE_ERROR, RUCHE_ERROR_INVALID,
                           _ ("a task names a blob if and only if its input is one"));
      return FALSE;
    }
  return TRUE;
}
