/* ruche-run-state.c: where a run stands, and the one line that says so
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Events come in, the phase moves on; nothing here reads a clock or knows a widget.
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-run-state.h"

#include "ruche-format.h"

#include <glib/gi18n-lib.h>

static void
enter (RucheRunState *self, RuchePhase phase, gint64 now_ms)
{
  if (self->phase == phase)
    return;
  self->phase = phase;
  self->began_ms = now_ms;
}

/**
 * ruche_run_state_clear:
 * @self: a state, zeroed memory at first
 *
 * Goes back to idle and frees what the last run left.
 */
void
ruche_run_state_clear (RucheRunState *self)
{
  g_free (self->waiting);
  g_free (self->server);
  g_free (self->failure);
  g_clear_pointer (&self->result, ruche_result_free);
  *self = (RucheRunState){ .phase = RUCHE_PHASE_IDLE };
}

/**
 * ruche_run_state_begin:
 * @self: a state
 * @now_ms: monotonic time
 *
 * A new run begins.
 */
void
ruche_run_state_begin (RucheRunState *self, gint64 now_ms)
{
  ruche_run_state_clear (self);
  enter (self, RUCHE_PHASE_SUBMITTING, now_ms);
}

/**
 * ruche_run_state_submitted:
 * @self: a state
 * @job: the number that the master gave
 * @now_ms: monotonic time
 *
 * The master has the program.
 */
void
ruche_run_state_submitted (RucheRunState *self, gint64 job, gint64 now_ms)
{
  if (self->phase != RUCHE_PHASE_SUBMITTING)
    return;
  self->job = job;
  enter (self, RUCHE_PHASE_WAITING, now_ms);
}

/**
 * ruche_run_state_waiting:
 * @self: a state
 * @word: (nullable): why the run waits
 *
 * The master says why the run has not started.
 */
void
ruche_run_state_waiting (RucheRunState *self, const char *word)
{
  g_free (self->waiting);
  self->waiting = g_strdup (word);
}

/**
 * ruche_run_state_status:
 * @self: a state
 * @status: where the task stands
 * @now_ms: monotonic time
 *
 * The task moved on, or back to the queue where its server was lost. What comes late is ignored.
 */
void
ruche_run_state_status (RucheRunState *self, const RucheTaskStatus *status, gint64 now_ms)
{
  if (!ruche_run_state_is_active (self))
    return;
  if (status->server != NULL && g_strcmp0 (status->server, self->server) != 0)
    {
      g_free (self->server);
      self->server = g_strdup (status->server);
    }
  if (status->state == RUCHE_TASK_RUNNING)
    enter (self, status->step == RUCHE_STEP_COMPILE ? RUCHE_PHASE_COMPILING : RUCHE_PHASE_RUNNING,
           now_ms);
  else if (status->state != RUCHE_TASK_FINISHED)
    enter (self, RUCHE_PHASE_WAITING, now_ms);
  if (status->state == RUCHE_TASK_QUEUED)
    g_clear_pointer (&self->server, g_free);
}

/**
 * ruche_run_state_result:
 * @self: a state
 * @result: how the task ended
 *
 * The run is over.
 */
void
ruche_run_state_result (RucheRunState *self, const RucheResult *result)
{
  if (!ruche_run_state_is_active (self))
    return;
  self->result = ruche_result_copy (result);
  self->phase = RUCHE_PHASE_ENDED;
}

/**
 * ruche_run_state_fail:
 * @self: a state
 * @sentence: what happened and what to do
 *
 * There will be no verdict: the program was not taken, or the cluster went away.
 */
void
ruche_run_state_fail (RucheRunState *self, const char *sentence)
{
  if (self->phase == RUCHE_PHASE_ENDED)
    return;
  g_free (self->failure);
  self->failure = g_strdup (sentence);
  self->phase = RUCHE_PHASE_FAILED;
}

/**
 * ruche_run_state_stop:
 * @self: a state
 *
 * A person asked for the end of the run.
 */
void
ruche_run_state_stop (RucheRunState *self)
{
  self->stopping = ruche_run_state_is_active (self);
}

/**
 * ruche_run_state_is_active:
 * @self: a state
 *
 * Tells whether there is something to stop.
 *
 * Returns: whether the run has begun and not ended
 */
gboolean
ruche_run_state_is_active (const RucheRunState *self)
{
  return self->phase >= RUCHE_PHASE_SUBMITTING && self->phase <= RUCHE_PHASE_RUNNING;
}

static void
add_detail (GString *details, char *text)
{
  if (details->len > 0)
    g_string_append (details, " · ");
  g_string_append (details, text);
  g_free (text);
}

static char *
describe_result (const RucheResult *result)
{
  GString *details = g_string_new (NULL);
  const RucheUsage *usage = result->step == RUCHE_STEP_COMPILE ? result->compile : result->run;

  if (result->verdict == RUCHE_VERDICT_SIGNALED)
    add_detail (details, ruche_format_signal (result->signal));
  else if (result->verdict <= RUCHE_VERDICT_RUNTIME_ERROR)
    add_detail (details, g_strdup_printf (_ ("exit code %d"), (int)result->exit_code));
  if (result->reason != NULL)
    add_detail (details, g_strdup (result->reason));
  if (usage != NULL)
    {
      g_autofree char *cpu = ruche_format_duration (usage->cpu_ms);
      g_autofree char *wall = ruche_format_duration (usage->wall_ms);
      add_detail (details, g_strdup_printf (_ ("%s CPU, %s in all"), cpu, wall));
      add_detail (details, ruche_format_memory (usage->memory_kib));
    }
  if (result->server != NULL)
    add_detail (details, g_strdup_printf (_ ("on %s"), result->server));
  if (result->cached)
    add_detail (details, g_strdup (_ ("compiled before")));
  return g_string_free (details, FALSE);
}

static void
describe_verdict (const RucheResult *result, RucheRunLine *line)
{
  line->word = g_strdup (ruche_verdict_label (result->verdict));
  line->details = describe_result (result);
  switch (result->verdict)
    {
    case RUCHE_VERDICT_OK:
      line->icon = "emblem-ok-symbolic";
      line->style = "success";
      break;
    case RUCHE_VERDICT_CANCELLED:
      line->icon = "media-playback-stop-symbolic";
      line->style = "dim-label";
      break;
    case RUCHE_VERDICT_TIME_LIMIT:
    case RUCHE_VERDICT_WALL_LIMIT:
    case RUCHE_VERDICT_MEMORY_LIMIT:
    case RUCHE_VERDICT_OUTPUT_LIMIT:
    case RUCHE_VERDICT_LOST:
    case RUCHE_VERDICT_INTERNAL_ERROR:
      line->icon = "dialog-warning-symbolic";
      line->style = "warning";
      break;
    default:
      line->icon = "dialog-error-symbolic";
      line->style = "error";
    }
}

static char *
place (const RucheRunState *self, gint64 now_ms)
{
  g_autofree char *time = ruche_format_duration ((now_ms - self->began_ms) / 100 * 100);

  if (self->server == NULL)
    return g_steal_pointer (&time);
  return g_strdup_printf (_ ("%s on %s"), time, self->server);
}

/**
 * ruche_run_state_describe:
 * @self: a state
 * @now_ms: monotonic time
 * @line: (out caller-allocates): filled in
 *
 * Says in one line where the run stands.
 */
void
ruche_run_state_describe (const RucheRunState *self, gint64 now_ms, RucheRunLine *line)
{
  *line = (RucheRunLine){ .icon = "content-loading-symbolic", .style = "accent" };
  switch (self->phase)
    {
    case RUCHE_PHASE_IDLE:
      line->icon = "media-playback-start-symbolic";
      line->style = "dim-label";
      line->word = g_strdup (_ ("Not run yet"));
      line->details = g_strdup (_ ("press F5 to run this program on the cluster"));
      break;
    case RUCHE_PHASE_SUBMITTING:
      line->word = g_strdup (_ ("Sending"));
      break;
    case RUCHE_PHASE_WAITING:
      line->icon = "preferences-system-time-symbolic";
      line->word = g_strdup (_ ("Waiting"));
      line->details = self->server != NULL ? place (self, now_ms)
                                           : g_strdup (ruche_format_waiting (self->waiting));
      break;
    case RUCHE_PHASE_COMPILING:
      line->word = g_strdup (_ ("Compiling"));
      line->details = place (self, now_ms);
      break;
    case RUCHE_PHASE_RUNNING:
      line->word = g_strdup (_ ("Running"));
      line->details = place (self, now_ms);
      break;
    case RUCHE_PHASE_ENDED:
      describe_verdict (self->result, line);
      break;
    case RUCHE_PHASE_FAILED:
    default:
      line->icon = "dialog-warning-symbolic";
      line->style = "warning";
      line->word = g_strdup (_ ("Not run"));
      line->details = g_strdup (self->failure);
    }
  if (self->stopping && ruche_run_state_is_active (self))
    {
      g_free (line->word);
      line->word = g_strdup (_ ("Stopping"));
    }
  if (line->details == NULL)
    line->details = g_strdup ("");
}

/**
 * ruche_run_line_clear:
 * @line: a line
 *
 * Frees what ruche_run_state_describe() put there.
 */
void
ruche_run_line_clear (RucheRunLine *line)
{
  g_clear_pointer (&line->word, g_free);
  g_clear_pointer (&line->details, g_free);
}
