/* ruche-session.c: the runs of one program, between the cluster and the window
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One run at a time. What the cluster says goes into a RucheRunState, a queue of output and a list
 * of problems; widgets read those three. No widget is known here.
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-session.h"

#include "ruche-clock.h"
#include "ruche-problem.h"
#include "ruche-run.h"

#include <glib/gi18n-lib.h>

/* With this much not shown yet the master is not asked for more: it keeps the rest on disk. */
#define QUEUE_HIGH (512 * 1024)
#define QUEUE_LOW  (128 * 1024)

struct _RucheSession
{
  GObject parent_instance;

  RucheRunState state;
  RucheOutputQueue *output;
  GListStore *problems;
  RucheRun *run;
  GCancellable *cancellable; /* of the submission that is under way */
  gboolean held;             /* whether acknowledgements are held back */
  gboolean was_active;
};

enum
{
  CHANGED,
  CLEARED,
  OUTPUT,
  N_SIGNALS
};

enum
{
  PROP_ACTIVE = 1
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (RucheSession, ruche_session, G_TYPE_OBJECT)

static void
let_go (RucheSession *self)
{
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (self->run != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->run, self);
      ruche_run_unfollow (self->run);
    }
  g_clear_object (&self->run);
  self->held = FALSE;
}

static void
changed (RucheSession *self)
{
  gboolean active = ruche_run_state_is_active (&self->state);

  g_signal_emit (self, signals[CHANGED], 0);
  if (active == self->was_active)
    return;
  self->was_active = active;
  g_object_notify (G_OBJECT (self), "active");
}

static void
forget_output (RucheSession *self)
{
  ruche_output_queue_clear (self->output);
  g_list_store_remove_all (self->problems);
  g_signal_emit (self, signals[CLEARED], 0);
}

static void
on_status (RucheRun *run, RucheTaskStatus *status, RucheSession *self)
{
  ruche_run_state_status (&self->state, status, ruche_clock_now_ms ());
  changed (self);
}

/* The program may have started before the master was asked to tell about it. */
static void
on_started (RucheRun *run, RucheMessage *message, RucheSession *self)
{
  const RucheJob *job = message->body;

  for (guint i = 0; i < job->tasks->len; i++)
    ruche_run_state_status (&self->state, g_ptr_array_index (job->tasks, i), ruche_clock_now_ms ());
  changed (self);
}

static void
on_waiting (RucheRun *run, const char *why, RucheSession *self)
{
  ruche_run_state_waiting (&self->state, why);
  changed (self);
}

static void
on_restarted (RucheRun *run, gint64 task, gint64 attempt, RucheSession *self)
{
  forget_output (self);
}

static void
on_output (RucheRun *run, gint64 task, int stream, GBytes *bytes, RucheSession *self)
{
  if (stream < 0 || stream >= RUCHE_N_STREAMS)
    return;
  ruche_output_queue_push (self->output, stream, bytes);
  if (!self->held && ruche_output_queue_get_size (self->output) > QUEUE_HIGH)
    {
      self->held = TRUE;
      ruche_run_set_flow (run, FALSE);
    }
  g_signal_emit (self, signals[OUTPUT], 0);
}

static void
end_output (RucheSession *self)
{
  ruche_output_queue_end (self->output);
  g_signal_emit (self, signals[OUTPUT], 0);
}

static void
on_result (RucheRun *run, RucheResult *result, RucheSession *self)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < result->diagnostics->len; i++)
    g_ptr_array_add (rows, ruche_problem_new (g_ptr_array_index (result->diagnostics, i)));
  g_list_store_splice (self->problems, 0, g_list_model_get_n_items (G_LIST_MODEL (self->problems)),
                       rows->pdata, rows->len);
  end_output (self);
  ruche_run_state_result (&self->state, result);
  changed (self);
}

static void
on_failed (RucheRun *run, GError *why, RucheSession *self)
{
  ruche_run_state_fail (&self->state,
                        why != NULL ? why->message : _ ("the connection to the cluster ended"));
  end_output (self);
  let_go (self);
  changed (self);
}

static void
on_finished (RucheRun *run, RucheJobInfo *info, RucheSession *self)
{
  /* Every task's result comes before this; a master that sent none must not leave us waiting. */
  if (ruche_run_state_is_active (&self->state))
    ruche_run_state_fail (&self->state, _ ("the master did not say how the program ended"));
  changed (self);
}

static void
follow (RucheSession *self, RucheClient *client, gint64 job)
{
  self->run = ruche_client_follow (client, job, TRUE);
  g_signal_connect_object (self->run, "started", G_CALLBACK (on_started), self, 0);
  g_signal_connect_object (self->run, "status", G_CALLBACK (on_status), self, 0);
  g_signal_connect_object (self->run, "waiting", G_CALLBACK (on_waiting), self, 0);
  g_signal_connect_object (self->run, "restarted", G_CALLBACK (on_restarted), self, 0);
  g_signal_connect_object (self->run, "output", G_CALLBACK (on_output), self, 0);
  g_signal_connect_object (self->run, "result", G_CALLBACK (on_result), self, 0);
  g_signal_connect_object (self->run, "finished", G_CALLBACK (on_finished), self, 0);
  g_signal_connect_object (self->run, "failed", G_CALLBACK (on_failed), self, 0);
}

static void
on_cancelled (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (RucheSession) self = user_data;
  g_autoptr (GError) error = NULL;

  if (ruche_run_cancel_finish (RUCHE_RUN (source), result, &error)
      || RUCHE_RUN (source) != self->run)
    return;
  ruche_run_state_fail (&self->state, error->message);
  let_go (self);
  changed (self);
}

static void
cancel_run (RucheSession *self)
{
  ruche_run_cancel_async (self->run, NULL, on_cancelled, g_object_ref (self));
}

static void
on_submitted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (RucheSession) self = user_data;
  RucheClient *client = RUCHE_CLIENT (source);
  g_autoptr (GError) error = NULL;
  gint64 job = ruche_client_submit_finish (client, result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_object (&self->cancellable);
  if (error != NULL)
    {
      ruche_run_state_fail (&self->state, error->message);
      changed (self);
      return;
    }
  ruche_run_state_submitted (&self->state, job, ruche_clock_now_ms ());
  follow (self, client, job);
  if (self->state.stopping)
    cancel_run (self);
  changed (self);
}

static void
ruche_session_dispose (GObject *object)
{
  let_go (RUCHE_SESSION (object));
  G_OBJECT_CLASS (ruche_session_parent_class)->dispose (object);
}

static void
ruche_session_finalize (GObject *object)
{
  RucheSession *self = RUCHE_SESSION (object);

  ruche_run_state_clear (&self->state);
  ruche_output_queue_free (self->output);
  g_clear_object (&self->problems);
  G_OBJECT_CLASS (ruche_session_parent_class)->finalize (object);
}

static void
ruche_session_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  g_value_set_boolean (value, ruche_session_get_active (RUCHE_SESSION (object)));
}

static void
ruche_session_class_init (RucheSessionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const char *const names[N_SIGNALS] = { "changed", "cleared", "output" };

  object_class->dispose = ruche_session_dispose;
  object_class->finalize = ruche_session_finalize;
  object_class->get_property = ruche_session_get_property;
  g_object_class_install_property (
      object_class, PROP_ACTIVE,
      g_param_spec_boolean ("active", NULL, NULL, FALSE,
                            G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
  for (guint i = 0; i < N_SIGNALS; i++)
    signals[i] = g_signal_new (names[i], RUCHE_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                               G_TYPE_NONE, 0);
}

static void
ruche_session_init (RucheSession *self)
{
  self->output = ruche_output_queue_new ();
  self->problems = g_list_store_new (RUCHE_TYPE_PROBLEM);
}

/**
 * ruche_session_new:
 *
 * Makes a session in which nothing has run.
 *
 * Returns: (transfer full): the session
 */
RucheSession *
ruche_session_new (void)
{
  return g_object_new (RUCHE_TYPE_SESSION, NULL);
}

/**
 * ruche_session_start:
 * @self: a session that is not active
 * @client: a connected client
 * @submission: (transfer full): what to run
 *
 * Submits a program and follows it. What the last run left is forgotten.
 */
void
ruche_session_start (RucheSession *self, RucheClient *client, RucheSubmission *submission)
{
  g_return_if_fail (!ruche_session_get_active (self));

  let_go (self);
  ruche_run_state_begin (&self->state, ruche_clock_now_ms ());
  forget_output (self);
  self->cancellable = g_cancellable_new ();
  ruche_client_submit_async (client, submission, self->cancellable, on_submitted,
                             g_object_ref (self));
  changed (self);
}

/**
 * ruche_session_refuse:
 * @self: a session that is not active
 * @why: what is wrong and what to do
 *
 * Says in the verdict's place why the program was not submitted.
 */
void
ruche_session_refuse (RucheSession *self, const GError *why)
{
  g_return_if_fail (!ruche_session_get_active (self));

  let_go (self);
  ruche_run_state_begin (&self->state, ruche_clock_now_ms ());
  forget_output (self);
  ruche_run_state_fail (&self->state, why->message);
  changed (self);
}

/**
 * ruche_session_stop:
 * @self: a session
 *
 * Asks the cluster to stop the run, wherever it is. Asking again does nothing.
 */
void
ruche_session_stop (RucheSession *self)
{
  if (!ruche_session_get_active (self) || self->state.stopping)
    return;
  ruche_run_state_stop (&self->state);
  if (self->run != NULL)
    cancel_run (self);
  changed (self);
}

/**
 * ruche_session_get_active:
 * @self: a session
 *
 * Tells whether a run is under way.
 *
 * Returns: whether there is something to stop
 */
gboolean
ruche_session_get_active (RucheSession *self)
{
  return ruche_run_state_is_active (&self->state);
}

/**
 * ruche_session_get_state:
 * @self: a session
 *
 * Gives the state of the last run.
 *
 * Returns: (transfer none): the state
 */
const RucheRunState *
ruche_session_get_state (RucheSession *self)
{
  return &self->state;
}

/**
 * ruche_session_get_problems:
 * @self: a session
 *
 * Gives what was said about the sources of the last run.
 *
 * Returns: (transfer none): a list of RucheProblem
 */
GListModel *
ruche_session_get_problems (RucheSession *self)
{
  return G_LIST_MODEL (self->problems);
}

/**
 * ruche_session_get_pending:
 * @self: a session
 *
 * Tells how much output has not been taken yet.
 *
 * Returns: bytes
 */
gsize
ruche_session_get_pending (RucheSession *self)
{
  return ruche_output_queue_get_size (self->output);
}

/**
 * ruche_session_take_output:
 * @self: a session
 * @most: bytes to take at most
 * @stream: (out): where they were written
 *
 * Takes the next piece of output, see ruche_output_queue_pop(). The master sends on when most of
 * it has been taken.
 *
 * Returns: (transfer full) (nullable): text, %NULL when there is none
 */
char *
ruche_session_take_output (RucheSession *self, gsize most, RucheStream *stream)
{
  char *text = ruche_output_queue_pop (self->output, most, stream);

  if (self->held && ruche_output_queue_get_size (self->output) < QUEUE_LOW)
    {
      self->held = FALSE;
      if (self->run != NULL)
        ruche_run_set_flow (self->run, TRUE);
    }
  return text;
}
