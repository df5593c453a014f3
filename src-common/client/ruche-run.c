/* ruche-run.c: a job that is being followed
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Output comes by (task, attempt, stream, offset). What was taken already is never given out
 * twice, a gap is the master's fault, and a new attempt begins anew.
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-client-private.h"

#include "ruche-bounds.h"
#include "ruche-error.h"

#include <glib/gi18n-lib.h>

/* How far a task has been read. */
typedef struct
{
  gint64 attempt;
  gint64 taken[RUCHE_N_STREAMS];
  gint64 acknowledged[RUCHE_N_STREAMS];
  gboolean ended; /* its result has been given out */
} Progress;

struct _RucheRun
{
  GObject parent_instance;

  RucheClient *client;
  gint64 job;
  gboolean over; /* the last signal has been emitted */
  gboolean flow;
  GHashTable *tasks;  /* task to Progress */
  GPtrArray *results; /* RucheResult known from the start, given out after their output */

  gboolean answered; /* the master follows: input may be sent */
  gboolean input_ended;
  gint64 input_sent;
  gint64 input_taken;
};

G_DEFINE_FINAL_TYPE (RucheRun, ruche_run, G_TYPE_OBJECT)

static Progress *
get_progress (RucheRun *self, gint64 task)
{
  Progress *progress = g_hash_table_lookup (self->tasks, &task);

  if (progress == NULL)
    {
      progress = g_new0 (Progress, 1);
      g_hash_table_insert (self->tasks, g_memdup2 (&task, sizeof task), progress);
    }
  return progress;
}

static gboolean
printed_anything (const Progress *progress)
{
  for (guint i = 0; i < RUCHE_N_STREAMS; i++)
    if (progress->taken[i] > 0)
      return TRUE;
  return FALSE;
}

/* Returns FALSE for what comes late from an attempt given up on. */
static gboolean
enter_attempt (RucheRun *self, gint64 task, gint64 attempt)
{
  Progress *progress = get_progress (self, task);
  gboolean again = progress->attempt > 0 && printed_anything (progress);

  if (attempt < progress->attempt)
    return FALSE;
  if (attempt == progress->attempt)
    return TRUE;
  memset (progress, 0, sizeof *progress);
  progress->attempt = attempt;
  if (again)
    g_signal_emit_by_name (self, "restarted", task, attempt);
  return TRUE;
}

static void
end (RucheRun *self)
{
  self->over = TRUE;
  if (self->client != NULL)
    ruche_client_forget_run (self->client, self);
  g_ptr_array_set_size (self->results, 0);
}

/**
 * ruche_run_fail:
 * @self: a run
 * @why: what happened
 *
 * Ends the run without a result.
 */
void
ruche_run_fail (RucheRun *self, const GError *why)
{
  g_autoptr (RucheRun) keep = g_object_ref (self);

  if (self->over)
    return;
  end (self);
  g_signal_emit_by_name (self, "failed", why);
}

static void
emit_result (RucheRun *self, const RucheResult *result)
{
  Progress *progress = get_progress (self, result->task);

  if (self->over || progress->ended)
    return;
  progress->ended = TRUE;
  g_signal_emit_by_name (self, "result", result);
}

/* Results in the answer to follow belong to tasks whose output is still to come. */
static void
keep_results (RucheRun *self, const RucheJob *job)
{
  for (guint i = 0; i < job->results->len; i++)
    g_ptr_array_add (self->results, ruche_result_copy (g_ptr_array_index (job->results, i)));
}

static void
on_followed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (RucheRun) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (RucheMessage) answer
      = ruche_client_request_finish (RUCHE_CLIENT (source), result, &error);

  if (self->over)
    return;
  if (answer != NULL && answer->type != RUCHE_MESSAGE_JOB)
    g_set_error_literal (&error, RUCHE_ERROR, RUCHE_ERROR_PROTOCOL,
                         _ ("the master’s answer makes no sense: its version may be another"));
  if (error != NULL)
    {
      ruche_run_fail (self, error);
      return;
    }
  self->answered = TRUE;
  keep_results (self, answer->body);
  g_signal_emit_by_name (self, "started", answer);
  if (!self->over)
    g_signal_emit_by_name (self, "input-wanted");
}

/**
 * ruche_run_begin:
 * @self: a new run
 * @output: whether output is wanted
 *
 * Asks the master to follow the job from its start.
 */
void
ruche_run_begin (RucheRun *self, gboolean output)
{
  g_autoptr (RucheMessage) message = ruche_message_new (RUCHE_MESSAGE_FOLLOW);
  RucheFollow *follow = message->body;

  follow->job = self->job;
  follow->output = output;
  ruche_client_request_async (self->client, message, NULL, on_followed, g_object_ref (self));
}

static void
acknowledge (RucheRun *self, gint64 task, Progress *progress, int stream)
{
  g_autoptr (RucheMessage) message = NULL;
  RucheOutputAck *ack;

  if (progress->acknowledged[stream] == progress->taken[stream])
    return;
  progress->acknowledged[stream] = progress->taken[stream];
  message = ruche_message_new (RUCHE_MESSAGE_OUTPUT_ACK);
  ack = message->body;
  ack->job = self->job;
  ack->task = task;
  ack->attempt = progress->attempt;
  ack->stream = stream;
  ack->offset = progress->taken[stream];
  ruche_client_post (self->client, message);
}

/**
 * ruche_run_take_output:
 * @self: a run
 * @message: an `output` message of its job
 *
 * Gives out what is new in it.
 */
void
ruche_run_take_output (RucheRun *self, RucheMessage *message)
{
  const RucheOutput *output = message->body;
  gsize size = message->payload != NULL ? g_bytes_get_size (message->payload) : 0;
  g_autoptr (GBytes) fresh = NULL;
  Progress *progress;
  gint64 known;

  if (self->over || !enter_attempt (self, output->task, output->attempt))
    return;
  progress = get_progress (self, output->task);
  known = progress->taken[output->stream];
  if (output->offset > known)
    {
      g_autoptr (GError) error = g_error_new_literal (
          RUCHE_ERROR, RUCHE_ERROR_PROTOCOL, _ ("the master left out a part of the output"));
      ruche_run_unfollow (self);
      g_signal_emit_by_name (self, "failed", error);
      return;
    }
  if (output->offset + (gint64)size <= known)
    return;
  fresh = g_bytes_new_from_bytes (message->payload, known - output->offset,
                                  size - (gsize)(known - output->offset));
  progress->taken[output->stream] = output->offset + (gint64)size;
  g_signal_emit_by_name (self, "output", output->task, output->stream, fresh);
  progress = get_progress (self, output->task);
  if (self->flow && !self->over && progress->attempt == output->attempt)
    acknowledge (self, output->task, progress, output->stream);
}

/**
 * ruche_run_take_status:
 * @self: a run
 * @status: where one of its tasks stands
 *
 * Tells that a task moved on.
 */
void
ruche_run_take_status (RucheRun *self, const RucheTaskStatus *status)
{
  if (self->over)
    return;
  if (status->attempt > 0 && !enter_attempt (self, status->task, status->attempt))
    return;
  g_signal_emit_by_name (self, "status", status);
}

/**
 * ruche_run_take_waiting:
 * @self: a run
 * @why: the word of the wire
 *
 * Tells why the job waits.
 */
void
ruche_run_take_waiting (RucheRun *self, const char *why)
{
  if (!self->over)
    g_signal_emit_by_name (self, "waiting", why);
}

/**
 * ruche_run_take_result:
 * @self: a run
 * @result: of one of its tasks
 *
 * Gives a result out, once. Which attempt counts is the master’s to say: a task cancelled between
 * two attempts has a result of neither.
 */
void
ruche_run_take_result (RucheRun *self, const RucheResult *result)
{
  if (self->over)
    return;
  enter_attempt (self, result->task, result->attempt);
  emit_result (self, result);
}

/**
 * ruche_run_take_finished:
 * @self: a run
 * @info: its job
 *
 * Ends the run in good order.
 */
void
ruche_run_take_finished (RucheRun *self, const RucheJobInfo *info)
{
  if (self->over)
    return;
  for (guint i = 0; i < self->results->len; i++)
    emit_result (self, g_ptr_array_index (self->results, i));
  if (self->over)
    return;
  end (self);
  g_signal_emit_by_name (self, "finished", info);
}

/**
 * ruche_run_get_job:
 * @self: a run
 *
 * Says which job it follows.
 *
 * Returns: the job's number
 */
gint64
ruche_run_get_job (RucheRun *self)
{
  return self->job;
}

/**
 * ruche_run_get_client:
 * @self: a run
 *
 * Says over which client it follows.
 *
 * Returns: (transfer none): the client
 */
RucheClient *
ruche_run_get_client (RucheRun *self)
{
  return self->client;
}

/**
 * ruche_run_set_flow:
 * @self: a run
 * @flow: %FALSE to hold acknowledgements back: the master then sends one window more and waits
 *
 * Lets a reader that can't keep up slow the master's sending; the program itself is not slowed.
 */
void
ruche_run_set_flow (RucheRun *self, gboolean flow)
{
  GHashTableIter iter;
  gint64 *task;
  Progress *progress;

  if (self->flow == flow)
    return;
  self->flow = flow;
  if (!flow || self->over)
    return;
  g_hash_table_iter_init (&iter, self->tasks);
  while (g_hash_table_iter_next (&iter, (gpointer *)&task, (gpointer *)&progress))
    for (int stream = 0; stream < RUCHE_N_STREAMS; stream++)
      acknowledge (self, *task, progress, stream);
}

/**
 * ruche_run_get_input_room:
 * @self: a run whose task 0 takes live input
 *
 * Says how much input may be sent now. "input-wanted" tells when there is more.
 *
 * Returns: bytes; 0 too before the run has started and after the input's end
 */
gsize
ruche_run_get_input_room (RucheRun *self)
{
  if (self->over || !self->answered || self->input_ended)
    return 0;
  return (gsize)(RUCHE_INPUT_WINDOW - (self->input_sent - self->input_taken));
}

/**
 * ruche_run_write_input:
 * @self: a run whose task 0 takes live input
 * @bytes: (nullable): at most ruche_run_get_input_room() of them
 * @end: whether nothing follows
 *
 * Sends bytes to the program's standard input.
 *
 * Returns: whether they were sent; %FALSE where there is no room or the program reads no more
 */
gboolean
ruche_run_write_input (RucheRun *self, GBytes *bytes, gboolean end_of_input)
{
  gsize size = bytes != NULL ? g_bytes_get_size (bytes) : 0;
  g_autoptr (RucheMessage) message = NULL;
  g_autoptr (GBytes) nothing = g_bytes_new_static ("", 0);
  RucheInput *input;

  if (self->over || !self->answered || self->input_ended || size > ruche_run_get_input_room (self))
    return FALSE;
  message = ruche_message_new_with_payload (RUCHE_MESSAGE_INPUT, bytes != NULL ? bytes : nothing);
  input = message->body;
  input->job = self->job;
  input->offset = self->input_sent;
  input->end = end_of_input;
  self->input_sent += (gint64)size;
  self->input_ended = end_of_input;
  return ruche_client_post (self->client, message);
}

/**
 * ruche_run_take_input_ack:
 * @self: a run
 * @ack: how far the program's input has been taken
 *
 * Opens the window of live input.
 */
void
ruche_run_take_input_ack (RucheRun *self, const RucheInputAck *ack)
{
  if (self->over || ack->offset < self->input_taken || ack->offset > self->input_sent)
    return;
  self->input_taken = ack->offset;
  if (ack->closed)
    self->input_ended = TRUE;
  if (!self->input_ended)
    g_signal_emit_by_name (self, "input-wanted");
}

static void
on_cancelled (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  g_autoptr (RucheMessage) answer
      = ruche_client_request_finish (RUCHE_CLIENT (source), result, &error);

  if (answer != NULL)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/**
 * ruche_run_cancel_async:
 * @self: a run
 * @cancellable: (nullable): ends the waiting, not the cancelling
 * @callback: called when the master knows
 * @user_data: for @callback
 *
 * Has the job stopped. Its results, `cancelled`, still come by the signals.
 */
void
ruche_run_cancel_async (RucheRun *self,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (RucheMessage) message = ruche_message_new (RUCHE_MESSAGE_CANCEL);

  g_task_set_source_tag (task, ruche_run_cancel_async);
  ((RucheCancel *)message->body)->job = self->job;
  ruche_client_request_async (self->client, message, cancellable, on_cancelled, task);
}

/**
 * ruche_run_cancel_finish:
 * @self: a run
 * @result: what the callback got
 * @error: what the master says, or %RUCHE_ERROR_CLOSED
 *
 * Ends ruche_run_cancel_async().
 *
 * Returns: whether the master has taken note
 */
gboolean
ruche_run_cancel_finish (RucheRun *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * ruche_run_unfollow:
 * @self: a run
 *
 * Stops following: no signal comes any more. The job goes on.
 */
void
ruche_run_unfollow (RucheRun *self)
{
  g_autoptr (RucheRun) keep = g_object_ref (self);
  g_autoptr (RucheMessage) message = NULL;

  if (self->over)
    return;
  message = ruche_message_new (RUCHE_MESSAGE_UNFOLLOW);
  ((RucheUnfollow *)message->body)->job = self->job;
  ruche_client_post (self->client, message);
  end (self);
}

/**
 * ruche_run_new:
 * @client: over which
 * @job: which job
 *
 * Makes a run that ruche_run_begin() sets going.
 *
 * Returns: (transfer full): the run
 */
RucheRun *
ruche_run_new (RucheClient *client, gint64 job)
{
  RucheRun *self = g_object_new (RUCHE_TYPE_RUN, NULL);

  self->client = g_object_ref (client);
  self->job = job;
  return self;
}

static void
ruche_run_finalize (GObject *object)
{
  RucheRun *self = RUCHE_RUN (object);

  g_clear_object (&self->client);
  g_clear_pointer (&self->tasks, g_hash_table_unref);
  g_clear_pointer (&self->results, g_ptr_array_unref);
  G_OBJECT_CLASS (ruche_run_parent_class)->finalize (object);
}

static void
add_signal (const char *name, guint n_params, GType first, GType second, GType third)
{
  g_signal_new (name, RUCHE_TYPE_RUN, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, n_params,
                first, second, third);
}

static void
ruche_run_class_init (RucheRunClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ruche_run_finalize;
  add_signal ("started", 1, G_TYPE_POINTER, 0, 0);
  add_signal ("status", 1, G_TYPE_POINTER, 0, 0);
  add_signal ("waiting", 1, G_TYPE_STRING, 0, 0);
  add_signal ("restarted", 2, G_TYPE_INT64, G_TYPE_INT64, 0);
  add_signal ("output", 3, G_TYPE_INT64, G_TYPE_INT, G_TYPE_BYTES);
  add_signal ("input-wanted", 0, 0, 0, 0);
  add_signal ("result", 1, G_TYPE_POINTER, 0, 0);
  add_signal ("finished", 1, G_TYPE_POINTER, 0, 0);
  add_signal ("failed", 1, G_TYPE_ERROR, 0, 0);
}

static void
ruche_run_init (RucheRun *self)
{
  self->flow = TRUE;
  self->tasks = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
  self->results = g_ptr_array_new_with_free_func ((GDestroyNotify)ruche_result_free);
}
