/* ruche-types.c: the enumerations that people and peers see
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-types.h"

#include <glib/gi18n-lib.h>

#define DEFINE_ENUM(prefix, what, ...)                                                             \
  static const char *const prefix##_nicks[] = { __VA_ARGS__ };                                     \
  const RucheEnum prefix##_type = { what, prefix##_nicks, G_N_ELEMENTS (prefix##_nicks) };

DEFINE_ENUM (ruche_verdict,
             "verdict",
             "none",
             "ok",
             "compile-error",
             "runtime-error",
             "signaled",
             "time-limit",
             "wall-limit",
             "memory-limit",
             "output-limit",
             "cancelled",
             "lost",
             "internal-error")
DEFINE_ENUM (ruche_step, "step", "none", "compile", "run")
DEFINE_ENUM (ruche_task_state, "task state", "queued", "dispatched", "ready", "running", "finished")
DEFINE_ENUM (ruche_job_state, "job state", "queued", "running", "finished")
DEFINE_ENUM (ruche_job_kind, "job kind", "program", "commands")
DEFINE_ENUM (ruche_priority, "priority", "low", "normal", "high")
DEFINE_ENUM (ruche_role, "role", "client", "slave")
DEFINE_ENUM (ruche_server_state, "server state", "ready", "suspect", "lost")
DEFINE_ENUM (ruche_stream, "stream", "stdout", "stderr", "compiler")
DEFINE_ENUM (ruche_severity, "severity", "error", "warning", "note")
DEFINE_ENUM (ruche_policy, "policy", "least-loaded", "fewest-running")
DEFINE_ENUM (ruche_isolation, "isolation", "rlimit", "cgroup")
DEFINE_ENUM (ruche_input_kind, "input kind", "none", "blob", "live")

/**
 * ruche_verdict_label:
 * @verdict: a verdict
 *
 * Says a verdict in the reader's language, as a short sentence without a full stop. Scripts read
 * the nick instead, see %ruche_verdict_type.
 *
 * Returns: (transfer none): the text
 */
const char *
ruche_verdict_label (RucheVerdict verdict)
{
  switch (verdict)
    {
    case RUCHE_VERDICT_OK:
      return _ ("Finished");
    case RUCHE_VERDICT_COMPILE_ERROR:
      return _ ("Does not compile");
    case RUCHE_VERDICT_RUNTIME_ERROR:
      return _ ("Ended with an error");
    case RUCHE_VERDICT_SIGNALED:
      return _ ("Crashed");
    case RUCHE_VERDICT_TIME_LIMIT:
      return _ ("Used too much processor time");
    case RUCHE_VERDICT_WALL_LIMIT:
      return _ ("Took too long");
    case RUCHE_VERDICT_MEMORY_LIMIT:
      return _ ("Used too much memory");
    case RUCHE_VERDICT_OUTPUT_LIMIT:
      return _ ("Wrote too much");
    case RUCHE_VERDICT_CANCELLED:
      return _ ("Stopped");
    case RUCHE_VERDICT_LOST:
      return _ ("Server lost");
    case RUCHE_VERDICT_INTERNAL_ERROR:
      return _ ("Ruche failed");
    case RUCHE_VERDICT_NONE:
    default:
      return _ ("Not finished");
    }
}
