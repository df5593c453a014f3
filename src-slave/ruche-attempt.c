/* ruche-attempt.c: one try at a task, from its files to its result
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Drives a box through the steps that the core decides on. When the last step is over two things
 * go on side by side: what was printed goes out, then the result; and the box is thrown away.
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-attempt.h"

#include "ruche-bounds.h"
#include "ruche-capture.h"
#include "ruche-error.h"
#include "ruche-inputs.h"
#include "ruche-outputs.h"
#include "ruche-steps.h"

#include <glib/gi18n-lib.h>
#include <unistd.h>

struct _RucheAttempt
{
  RucheAttemptId id;
  RucheMessage *dispatch; /* holds what the next three point to */
  const RucheJobSpec *job;
  const RucheTaskSpec *task;
  const RucheOffered *offer; /* (nullable) for commands */
  RucheLimits limits;
  RucheLimits compile_limits;

  RucheBlobs *blobs;
  gboolean holds_blobs;
  RucheSteps *steps;
  RucheOutputs *outputs;
  RucheInputs *inputs;    /* (nullable) for live input */
  RucheCapture *compiler; /* (nullable) what the compiler prints */
  GPtrArray *diagnostics; /* (element-type RucheDiagnostic) of both steps */
  RucheBox *box;          /* (nullable) */

  gboolean over; /* the last step has ended */
  gboolean reported;
  gboolean silent; /* nobody wants to hear of it */
  const RucheAttemptEvents *events;
  gpointer user_data;
};

static void
follow (RucheAttempt *self, RucheNext next);

static void
send_message (RucheMessage *message, gpointer user_data)
{
  RucheAttempt *self = user_data;

  if (self->silent)
    ruche_message_unref (message);
  else
    self->events->send (message, self->user_data);
}

static void
on_output_exceeded (gpointer user_data)
{
  RucheAttempt *self = user_data;

  if (self->box != NULL && !self->over)
    ruche_box_kill (self->box);
}

static const RucheOutputsEvents outputs_events = { send_message, on_output_exceeded };

static void
fill_limits (const RucheLimits *given, void (*defaults) (RucheLimits *), RucheLimits *limits)
{
  RucheLimits usual;

  defaults (&usual);
  *limits = given != NULL ? *given : usual;
  ruche_limits_fill (limits, &usual);
}

/**
 * ruche_attempt_new:
 * @dispatch: the message that brought the task
 * @job: the job, of @dispatch
 * @task: the task, of @dispatch
 * @offer: (nullable): the toolchain, for a program; must outlive the result
 * @blobs: the files; must outlive the result
 * @events: (transfer none): must outlive the result
 * @user_data: for @events
 *
 * Makes an attempt that waits for its files.
 *
 * Returns: (transfer full): the attempt
 */
RucheAttempt *
ruche_attempt_new (RucheMessage *dispatch,
                   const RucheDispatchJob *job,
                   const RucheDispatchTask *task,
                   const RucheOffered *offer,
                   RucheBlobs *blobs,
                   const RucheAttemptEvents *events,
                   gpointer user_data)
{
  RucheAttempt *self = g_new0 (RucheAttempt, 1);
  gboolean program = job->spec->kind == RUCHE_JOB_PROGRAM && offer != NULL;

  self->id = (RucheAttemptId){ job->job, task->task, task->attempt };
  self->dispatch = ruche_message_ref (dispatch);
  self->job = job->spec;
  self->task = task->spec;
  self->offer = program ? offer : NULL;
  fill_limits (job->spec->limits, ruche_limits_default_run, &self->limits);
  fill_limits (job->spec->compile_limits, ruche_limits_default_compile, &self->compile_limits);
  self->compile_limits.output_bytes
      = MIN (self->compile_limits.output_bytes, RUCHE_MAX_COMPILER_OUTPUT);
  self->blobs = blobs;
  self->steps = ruche_steps_new (program && offer->file->compile != NULL);
  self->outputs = ruche_outputs_new (&self->id, self->limits.output_bytes, &outputs_events, self);
  if (task->spec->input == RUCHE_INPUT_LIVE)
    self->inputs = ruche_inputs_new (job->job, task->task, send_message, self);
  self->diagnostics = g_ptr_array_new_with_free_func ((GDestroyNotify)ruche_diagnostic_free);
  self->events = events;
  self->user_data = user_data;
  return self;
}

static void
release_blobs (RucheAttempt *self)
{
  g_auto (GStrv) blobs = ruche_attempt_list_blobs (self);

  for (guint i = 0; self->holds_blobs && blobs[i] != NULL; i++)
    ruche_blobs_release (self->blobs, blobs[i]);
  self->holds_blobs = FALSE;
}

/**
 * ruche_attempt_free:
 * @self: (nullable) (transfer full): an attempt that was not started, or is closed
 *
 * Frees @self.
 */
void
ruche_attempt_free (RucheAttempt *self)
{
  if (self == NULL)
    return;
  release_blobs (self);
  ruche_steps_free (self->steps);
  ruche_outputs_free (self->outputs);
  ruche_inputs_free (self->inputs);
  ruche_capture_free (self->compiler);
  g_ptr_array_unref (self->diagnostics);
  g_clear_object (&self->box);
  ruche_message_unref (self->dispatch);
  g_free (self);
}

/**
 * ruche_attempt_get_id:
 * @self: an attempt
 *
 * Tells which it is.
 *
 * Returns: (transfer none): its numbers
 */
const RucheAttemptId *
ruche_attempt_get_id (RucheAttempt *self)
{
  return &self->id;
}

/**
 * ruche_attempt_list_blobs:
 * @self: an attempt
 *
 * Lists the files that it needs, its input among them.
 *
 * Returns: (transfer full): their digests
 */
char **
ruche_attempt_list_blobs (RucheAttempt *self)
{
  g_autoptr (GStrvBuilder) blobs = g_strv_builder_new ();

  for (guint i = 0; i < self->job->files->len; i++)
    g_strv_builder_add (blobs, ((RucheFile *)g_ptr_array_index (self->job->files, i))->blob);
  if (self->task->input == RUCHE_INPUT_BLOB && self->task->input_blob != NULL)
    g_strv_builder_add (blobs, self->task->input_blob);
  return g_strv_builder_end (blobs);
}

/**
 * ruche_attempt_hold_blobs:
 * @self: an attempt
 *
 * Keeps its files from being thrown away before it has used them.
 *
 * Returns: whether all of them are here
 */
gboolean
ruche_attempt_hold_blobs (RucheAttempt *self)
{
  g_auto (GStrv) blobs = ruche_attempt_list_blobs (self);

  for (guint i = 0; blobs[i] != NULL; i++)
    if (!ruche_blobs_hold (self->blobs, blobs[i]))
      {
        while (i-- > 0)
          ruche_blobs_release (self->blobs, blobs[i]);
        return FALSE;
      }
  self->holds_blobs = TRUE;
  return TRUE;
}

static RucheResult *
make_result (RucheAttempt *self)
{
  RucheResult *result = ruche_result_new ();

  result->job = self->id.job;
  result->task = self->id.task;
  result->attempt = self->id.attempt;
  ruche_steps_fill_result (self->steps, result);
  if (self->offer != NULL)
    result->toolchain
        = g_strdup_printf ("%s %s", self->offer->toolchain->name, self->offer->toolchain->version);
  result->stdout_size = ruche_outputs_get_size (self->outputs, RUCHE_STREAM_STDOUT);
  result->stderr_size = ruche_outputs_get_size (self->outputs, RUCHE_STREAM_STDERR);
  result->compiler_size = ruche_outputs_get_size (self->outputs, RUCHE_STREAM_COMPILER);
  for (guint i = 0; i < self->diagnostics->len; i++)
    g_ptr_array_add (result->diagnostics,
                     ruche_diagnostic_copy (g_ptr_array_index (self->diagnostics, i)));
  return result;
}

/* Reports the result as soon as all output is sent. */
static void
try_report (RucheAttempt *self)
{
  if (!self->over || self->reported || self->silent || !ruche_outputs_finish (self->outputs))
    return;
  self->reported = TRUE;
  self->events->finished (self, make_result (self), self->user_data);
}

static void
on_box_closed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  RucheAttempt *self = user_data;
  g_autoptr (GError) error = NULL;

  if (!ruche_box_close_finish (RUCHE_BOX (source), result, &error))
    g_warning ("%s", error->message);
  self->events->closed (self, self->user_data);
}

static void
conclude (RucheAttempt *self)
{
  self->over = TRUE;
  release_blobs (self);
  if (self->box != NULL)
    ruche_box_close_async (self->box, NULL, on_box_closed, self);
  try_report (self);
}

static void
fail (RucheAttempt *self, const GError *why)
{
  follow (self, ruche_steps_fail (self->steps, why->message));
}

static void
add_diagnostics (RucheAttempt *self, RucheDiagnosticsKind kind, GBytes *text)
{
  g_autoptr (GPtrArray) found = ruche_diagnostics_parse (kind, g_bytes_get_data (text, NULL),
                                                         g_bytes_get_size (text), self->job);

  for (guint i = 0; i < found->len && self->diagnostics->len < RUCHE_MAX_DIAGNOSTICS; i++)
    g_ptr_array_add (self->diagnostics, ruche_diagnostic_copy (g_ptr_array_index (found, i)));
}

static RucheStepEnd
step_end (RucheBoxEnd end)
{
  switch (end)
    {
    case RUCHE_BOX_ENDED:
      return RUCHE_STEP_ENDED;
    case RUCHE_BOX_KILLED:
      return RUCHE_STEP_KILLED;
    case RUCHE_BOX_CPU_LIMIT:
      return RUCHE_STEP_CPU_LIMIT;
    case RUCHE_BOX_WALL_LIMIT:
      return RUCHE_STEP_WALL_LIMIT;
    case RUCHE_BOX_MEMORY_LIMIT:
      return RUCHE_STEP_MEMORY_LIMIT;
    case RUCHE_BOX_INODE_LIMIT:
      return RUCHE_STEP_INODE_LIMIT;
    case RUCHE_BOX_NOT_STARTED:
    default:
      return RUCHE_STEP_NOT_STARTED;
    }
}

static RucheStepFacts
make_facts (RucheAttempt *self, const RucheBoxReport *report, const RucheLimits *limits)
{
  RucheStepFacts facts = { .end = step_end (report->end),
                           .status = report->status,
                           .exec_errno = report->exec_errno,
                           .usage = report->usage,
                           .limits = *limits };

  if (self->offer != NULL)
    {
      facts.heap_mib = ruche_toolchain_file_memory_mib (self->offer->file, limits->memory_kib);
      facts.heap_status = self->offer->file->memory_status;
    }
  return facts;
}

static void
on_compiled (GObject *source, GAsyncResult *result, gpointer user_data)
{
  RucheAttempt *self = user_data;
  RucheBoxReport report = { 0 };
  g_autoptr (GError) error = NULL;
  gboolean fine = ruche_box_run_finish (RUCHE_BOX (source), result, &report, &error);
  g_autoptr (GBytes) printed = ruche_capture_finish (self->compiler);
  g_autoptr (GBytes) text
      = ruche_diagnostics_to_text (self->offer->file->compile_diagnostics, printed);

  ruche_outputs_put (self->outputs, RUCHE_STREAM_COMPILER, text);
  add_diagnostics (self, self->offer->file->compile_diagnostics, printed);
  if (!fine)
    {
      fail (self, error);
      return;
    }
  RucheStepFacts facts = make_facts (self, &report, &self->compile_limits);
  facts.output_bytes
      = (gint64)g_bytes_get_size (printed) + (ruche_capture_is_full (self->compiler) ? 1 : 0);
  follow (self, ruche_steps_ended (self->steps, &facts));
}

/* Where the interpreter says what was wrong: only of a program that failed. */
static void
read_run_errors (RucheAttempt *self, const RucheStepFacts *facts)
{
  g_autoptr (GBytes) tail = ruche_outputs_get_tail (self->outputs);

  if (self->offer == NULL || (facts->end == RUCHE_STEP_ENDED && facts->status == 0))
    return;
  add_diagnostics (self, self->offer->file->run_diagnostics, tail);
}

static void
on_ran (GObject *source, GAsyncResult *result, gpointer user_data)
{
  RucheAttempt *self = user_data;
  RucheBoxReport report = { 0 };
  g_autoptr (GError) error = NULL;
  gboolean fine = ruche_box_run_finish (RUCHE_BOX (source), result, &report, &error);

  ruche_outputs_finish (self->outputs);
  if (!fine)
    {
      fail (self, error);
      return;
    }
  RucheStepFacts facts = make_facts (self, &report, &self->limits);
  facts.output_bytes = ruche_outputs_get_written (self->outputs);
  read_run_errors (self, &facts);
  follow (self, ruche_steps_ended (self->steps, &facts));
}

static void
on_compiler_floods (gpointer user_data)
{
  RucheAttempt *self = user_data;

  ruche_box_kill (self->box);
}

static void
compile (RucheAttempt *self)
{
  g_auto (GStrv) argv
      = ruche_toolchain_file_compile_argv (self->offer->file, self->job, &self->compile_limits);
  g_autoptr (GError) error = NULL;
  RucheBoxStep step = { .argv = (const char *const *)argv,
                        .env = (const char *const *)self->offer->file->compile_env,
                        .limits = self->compile_limits,
                        .stdin_fd = -1 };

  self->compiler
      = ruche_capture_new ((gsize)self->compile_limits.output_bytes, on_compiler_floods, self);
  if (!ruche_capture_open (self->compiler, &step.stdout_fd, &step.stderr_fd, &error))
    {
      fail (self, error);
      return;
    }
  if (!self->silent)
    self->events->step (self, RUCHE_STEP_COMPILE, self->user_data);
  ruche_box_run_async (self->box, &step, NULL, on_compiled, self);
}

static gboolean
open_input (RucheAttempt *self, int *fd, GError **error)
{
  *fd = -1;
  if (self->task->input == RUCHE_INPUT_NONE)
    return TRUE;
  *fd = self->inputs != NULL ? ruche_inputs_open (self->inputs, error)
                             : ruche_blobs_open_copy (self->blobs, self->task->input_blob, error);
  return *fd >= 0;
}

static void
close_fd (int fd)
{
  if (fd >= 0)
    close (fd);
}

static void
run (RucheAttempt *self)
{
  g_auto (GStrv) argv = self->offer == NULL
                            ? ruche_command_argv (self->task)
                            : ruche_toolchain_file_run_argv (self->offer->file, self->job,
                                                             self->task, &self->limits);
  char **env = self->offer != NULL ? self->offer->file->run_env : NULL;
  g_autoptr (GError) error = NULL;
  RucheBoxStep step = { .argv = (const char *const *)argv,
                        .env = (const char *const *)env,
                        .limits = self->limits,
                        .stdin_fd = -1,
                        .stdout_fd = -1,
                        .stderr_fd = -1 };

  if (!open_input (self, &step.stdin_fd, &error)
      || (step.stdout_fd = ruche_outputs_open (self->outputs, RUCHE_STREAM_STDOUT, &error)) < 0
      || (step.stderr_fd = ruche_outputs_open (self->outputs, RUCHE_STREAM_STDERR, &error)) < 0)
    {
      close_fd (step.stdin_fd);
      close_fd (step.stdout_fd);
      fail (self, error);
      return;
    }
  if (!self->silent)
    self->events->step (self, RUCHE_STEP_RUN, self->user_data);
  ruche_box_run_async (self->box, &step, NULL, on_ran, self);
}

static void
follow (RucheAttempt *self, RucheNext next)
{
  switch (next)
    {
    case RUCHE_NEXT_COMPILE:
      compile (self);
      break;
    case RUCHE_NEXT_RUN:
      run (self);
      break;
    case RUCHE_NEXT_KILL:
      ruche_box_kill (self->box);
      break;
    case RUCHE_NEXT_FINISH:
      conclude (self);
      break;
    case RUCHE_NEXT_NOTHING:
    default:
      break;
    }
}

static gboolean
put_files (RucheAttempt *self, GError **error)
{
  for (guint i = 0; i < self->job->files->len; i++)
    {
      const RucheFile *file = g_ptr_array_index (self->job->files, i);
      int fd = ruche_blobs_open (self->blobs, file->blob, error);
      gboolean fine = fd >= 0 && ruche_box_put_file (self->box, file->name, fd, FALSE, error);
      close_fd (fd);
      if (!fine)
        return FALSE;
    }
  return TRUE;
}

static void
on_box_open (GObject *source, GAsyncResult *result, gpointer user_data)
{
  RucheAttempt *self = user_data;
  g_autoptr (GError) error = NULL;

  self->box = ruche_box_open_finish (RUCHE_BOX_FACTORY (source), result, &error);
  if (self->box == NULL)
    {
      fail (self, error);
      self->events->closed (self, self->user_data);
      return;
    }
  if (self->over) /* stopped in the meantime */
    ruche_box_close_async (self->box, NULL, on_box_closed, self);
  else if (!put_files (self, &error))
    fail (self, error);
  else
    follow (self, ruche_steps_begin (self->steps, FALSE));
}

/**
 * ruche_attempt_start:
 * @self: an attempt that holds its files
 * @factory: makes its box
 *
 * Carries out the steps; the attempt's events tell the rest.
 */
void
ruche_attempt_start (RucheAttempt *self, RucheBoxFactory *factory)
{
  g_auto (GStrv) etc = self->offer != NULL ? ruche_prober_list_etc (self->offer->file) : NULL;
  const RucheBoxProfile profile
      = { MAX (self->limits.disk_kib, self->compile_limits.disk_kib), etc };

  ruche_box_open_async (factory, &profile, NULL, on_box_open, self);
}

/**
 * ruche_attempt_stop:
 * @self: an attempt
 *
 * Stops it at any moment; it still ends with a result, unless it has.
 */
void
ruche_attempt_stop (RucheAttempt *self)
{
  follow (self, ruche_steps_cancel (self->steps));
}

/**
 * ruche_attempt_fail:
 * @self: an attempt that was not started
 * @reason: why it can't be, a sentence
 *
 * Ends it as Ruche's own fault.
 */
void
ruche_attempt_fail (RucheAttempt *self, const char *reason)
{
  follow (self, ruche_steps_fail (self->steps, reason));
}

/**
 * ruche_attempt_silence:
 * @self: an attempt
 *
 * From now on only its being closed is told.
 */
void
ruche_attempt_silence (RucheAttempt *self)
{
  self->silent = TRUE;
}

/**
 * ruche_attempt_ack_output:
 * @self: an attempt
 * @stream: one of its streams
 * @offset: how much of it the master has
 *
 * Goes on sending what waits for this.
 */
void
ruche_attempt_ack_output (RucheAttempt *self, RucheStream stream, gint64 offset)
{
  ruche_outputs_ack (self->outputs, stream, offset);
  try_report (self);
}

/**
 * ruche_attempt_push_input:
 * @self: an attempt
 * @input: the message
 * @bytes: (nullable): its payload
 *
 * Passes bytes on to a program whose input is live; others get none.
 */
void
ruche_attempt_push_input (RucheAttempt *self, const RucheInput *input, GBytes *bytes)
{
  if (self->inputs != NULL)
    ruche_inputs_push (self->inputs, input, bytes);
}

/**
 * ruche_attempt_resend:
 * @self: an attempt
 *
 * Sends again, after a reconnection, what the master may not have.
 */
void
ruche_attempt_resend (RucheAttempt *self)
{
  ruche_outputs_resend (self->outputs);
  if (self->inputs != NULL && !self->over)
    ruche_inputs_resend (self->inputs);
}
