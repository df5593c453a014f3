/* ruche-client.c: a client's connection to a master
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Everything happens in the main context that is the thread's default when the client connects,
 * and nothing waits. Requests are answered by serial; what a followed job sends goes to its
 * RucheRun, and the feed to the live lists.
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-client-private.h"

#include "ruche-bounds.h"
#include "ruche-error.h"
#include "ruche-handshake.h"

#include <glib/gi18n-lib.h>

struct _RucheClient
{
  GObject parent_instance;

  RucheAddress *address;
  char *program;
  int io_priority;

  RucheClientState state;
  char *cluster;
  RucheConnection *connection;
  GTask *connecting;
  GSource *handshake_limit;

  RucheRequests requests;
  GHashTable *runs; /* job to RucheRun */

  gboolean watch_servers;
  gboolean watch_jobs;
  RucheLists lists;
};

enum
{
  PROP_STATE = 1,
  PROP_CLUSTER,
};

G_DEFINE_FINAL_TYPE (RucheClient, ruche_client, G_TYPE_OBJECT)

static void
set_state (RucheClient *self, RucheClientState state)
{
  if (self->state == state)
    return;
  self->state = state;
  g_object_notify (G_OBJECT (self), "state");
}

static void
fail_runs (GHashTable *runs, const GError *why)
{
  GHashTableIter iter;
  RucheRun *run;

  g_hash_table_iter_init (&iter, runs);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *)&run))
    ruche_run_fail (run, why);
}

static void
clear_handshake_limit (RucheClient *self)
{
  if (self->handshake_limit != NULL)
    g_source_destroy (self->handshake_limit);
  g_clear_pointer (&self->handshake_limit, g_source_unref);
}

static GHashTable *
new_run_table (void)
{
  return g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_object_unref);
}

static GError *
ended_error (RucheClient *self, const GError *why)
{
  g_autofree char *where = ruche_address_to_text (self->address);

  if (why == NULL)
    return g_error_new (RUCHE_ERROR, RUCHE_ERROR_CLOSED,
                        _ ("the connection to the master at %s has ended"), where);
  return g_error_new (RUCHE_ERROR, RUCHE_ERROR_CLOSED,
                      _ ("the connection to the master at %s broke: %s"), where, why->message);
}

/* Ends a connection or a try at one: all that hangs on it learns why. */
static void
drop_connection (RucheClient *self, const GError *why, gboolean wanted)
{
  g_autoptr (RucheClient) keep = g_object_ref (self);
  g_autoptr (RucheConnection) connection = g_steal_pointer (&self->connection);
  g_autoptr (GTask) connecting = g_steal_pointer (&self->connecting);
  g_autoptr (GHashTable) runs = g_steal_pointer (&self->runs);
  g_autoptr (GError) error = ended_error (self, why);
  gboolean was_online = self->state == RUCHE_CLIENT_ONLINE;

  self->runs = new_run_table ();
  clear_handshake_limit (self);
  if (connection != NULL)
    {
      g_signal_handlers_disconnect_by_data (connection, self);
      ruche_connection_close (connection, NULL);
    }
  set_state (self, RUCHE_CLIENT_OFFLINE);
  ruche_requests_fail (&self->requests, error);
  fail_runs (runs, error);
  /* Ours is a sentence already; one of the system's only makes sense with what it is about. */
  if (connecting != NULL)
    g_task_return_error (connecting,
                         g_error_copy (why != NULL && why->domain == RUCHE_ERROR ? why : error));
  if (was_online)
    g_signal_emit_by_name (self, "disconnected", wanted ? NULL : error);
}

static void
subscribe (RucheClient *self)
{
  g_autoptr (RucheMessage) message = ruche_message_new (RUCHE_MESSAGE_SUBSCRIBE);
  RucheSubscribe *body = message->body;

  body->serial = ruche_requests_next_serial (&self->requests);
  body->servers = self->watch_servers;
  body->jobs = self->watch_jobs;
  ruche_client_post (self, message);
}

static void
take_handshake (RucheClient *self, RucheMessage *message)
{
  g_autoptr (GTask) connecting = NULL;
  g_autoptr (GError) error = NULL;
  const RucheWelcome *welcome = message->body;

  if (!ruche_handshake_finish (message, &error))
    {
      drop_connection (self, error, FALSE);
      return;
    }
  clear_handshake_limit (self);
  connecting = g_steal_pointer (&self->connecting);
  g_free (self->cluster);
  self->cluster = g_strdup (welcome->cluster);
  ruche_connection_set_timeout (self->connection, RUCHE_LOST_MS);
  ruche_lists_empty (&self->lists);
  set_state (self, RUCHE_CLIENT_ONLINE);
  g_object_notify (G_OBJECT (self), "cluster");
  if (self->watch_servers || self->watch_jobs)
    subscribe (self);
  g_task_return_boolean (connecting, TRUE);
}

static RucheRun *
find_run (RucheClient *self, gint64 job)
{
  return g_hash_table_lookup (self->runs, &job);
}

static void
take_status (RucheClient *self, const RucheStatus *status)
{
  for (guint i = 0; i < status->tasks->len; i++)
    {
      const RucheTaskStatus *task = g_ptr_array_index (status->tasks, i);
      g_autoptr (RucheRun) run = find_run (self, task->job);
      if (run == NULL)
        continue;
      g_object_ref (run);
      ruche_run_take_status (run, task);
      if (i == 0 && status->waiting != NULL)
        ruche_run_take_waiting (run, status->waiting);
    }
}

static void
take_results (RucheClient *self, const RucheResults *results)
{
  for (guint i = 0; i < results->results->len; i++)
    {
      const RucheResult *result = g_ptr_array_index (results->results, i);
      RucheRun *run = find_run (self, result->job);
      if (run == NULL)
        continue;
      g_object_ref (run);
      ruche_run_take_result (run, result);
      g_object_unref (run);
    }
}

/* What concerns one followed job. Returns FALSE where the message is of another kind. */
static gboolean
take_run_message (RucheClient *self, RucheMessage *message)
{
  g_autoptr (RucheRun) run = NULL;
  gint64 job;

  switch (message->type)
    {
    case RUCHE_MESSAGE_OUTPUT:
      job = ((const RucheOutput *)message->body)->job;
      break;
    case RUCHE_MESSAGE_INPUT_ACK:
      job = ((const RucheInputAck *)message->body)->job;
      break;
    case RUCHE_MESSAGE_JOB_FINISHED:
      job = ((const RucheJobFinished *)message->body)->info->job;
      break;
    default:
      return FALSE;
    }
  run = find_run (self, job);
  if (run == NULL)
    return TRUE;
  g_object_ref (run);
  if (message->type == RUCHE_MESSAGE_OUTPUT)
    ruche_run_take_output (run, message);
  else if (message->type == RUCHE_MESSAGE_INPUT_ACK)
    ruche_run_take_input_ack (run, message->body);
  else
    ruche_run_take_finished (run, ((const RucheJobFinished *)message->body)->info);
  return TRUE;
}

static void
on_message (RucheConnection *connection, RucheMessage *message, RucheClient *self)
{
  g_autoptr (RucheClient) keep = g_object_ref (self);

  if (self->state == RUCHE_CLIENT_CONNECTING)
    take_handshake (self, message);
  else if (message->type == RUCHE_MESSAGE_ERROR)
    {
      g_autoptr (GError) error = ruche_message_to_error (message);
      drop_connection (self, error, FALSE);
    }
  else if (message->type == RUCHE_MESSAGE_FEED)
    ruche_lists_apply (&self->lists, message->body);
  else if (message->type == RUCHE_MESSAGE_STATUS)
    take_status (self, message->body);
  else if (message->type == RUCHE_MESSAGE_RESULTS)
    take_results (self, message->body);
  else if (!take_run_message (self, message) && ruche_message_get_serial (message) > 0)
    ruche_requests_answer (&self->requests, message);
}

static void
on_closed (RucheConnection *connection, const GError *why, RucheClient *self)
{
  drop_connection (self, why, FALSE);
}

static gboolean
on_handshake_limit (gpointer user_data)
{
  RucheClient *self = user_data;
  g_autofree char *where = ruche_address_to_text (self->address);
  g_autoptr (GError) error
      = g_error_new (RUCHE_ERROR, RUCHE_ERROR_UNAVAILABLE,
                     _ ("something listens at %s but does not answer as a master of Ruche does: "
                        "check the address"),
                     where);

  drop_connection (self, error, FALSE);
  return G_SOURCE_REMOVE;
}

static void
say_hello (RucheClient *self, GIOStream *stream)
{
  g_autoptr (RucheMessage) hello
      = ruche_handshake_hello (RUCHE_ROLE_CLIENT, self->program, self->address->token);

  self->connection = ruche_connection_new (stream, self->io_priority);
  g_signal_connect (self->connection, "message", G_CALLBACK (on_message), self);
  g_signal_connect (self->connection, "closed", G_CALLBACK (on_closed), self);
  self->handshake_limit = g_timeout_source_new (RUCHE_HANDSHAKE_TIMEOUT_MS);
  g_source_set_callback (self->handshake_limit, on_handshake_limit, self, NULL);
  g_source_attach (self->handshake_limit, g_main_context_get_thread_default ());
  ruche_connection_start (self->connection);
  ruche_connection_send (self->connection, hello);
}

/* Says what to do about a connection that could not be made. */
static GError *
explain_connect_error (RucheClient *self, const GError *error)
{
  g_autofree char *where = ruche_address_to_text (self->address);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED))
    return g_error_new (RUCHE_ERROR, RUCHE_ERROR_DENIED,
                        _ ("you may not talk to the master at %s: ask whoever runs it, or start a "
                           "local cluster of your own with “ruchectl up”"),
                        where);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND)
      || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED))
    return g_error_new (RUCHE_ERROR, RUCHE_ERROR_UNAVAILABLE,
                        _ ("no master answers at %s: start a local cluster with “ruchectl up”, or "
                           "check the address"),
                        where);
  return g_error_new (RUCHE_ERROR, RUCHE_ERROR_UNAVAILABLE,
                      _ ("no master can be reached at %s (%s): check the address"), where,
                      error->message);
}

static void
on_stream (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  RucheClient *self = g_task_get_source_object (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocketConnection) stream
      = g_socket_client_connect_finish (G_SOCKET_CLIENT (source), result, &error);

  /* ruche_client_disconnect() may have ended this try already. */
  if (self->connecting != task)
    return;
  if (stream != NULL)
    {
      say_hello (self, G_IO_STREAM (stream));
      return;
    }
  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      GError *explained = explain_connect_error (self, error);
      g_error_free (error);
      error = explained;
    }
  drop_connection (self, error, FALSE);
}

/**
 * ruche_client_connect_async:
 * @self: a client that is offline
 * @cancellable: (nullable): ends the try
 * @callback: called when the master has let us in, or has not
 * @user_data: for @callback
 *
 * Connects to the master and shakes hands.
 */
void
ruche_client_connect_async (RucheClient *self,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (GSocketClient) socket_client = g_socket_client_new ();
  g_autoptr (GSocketConnectable) where = NULL;
  GError *error = NULL;

  g_task_set_source_tag (task, ruche_client_connect_async);
  if (self->state != RUCHE_CLIENT_OFFLINE)
    {
      g_task_return_new_error (task, RUCHE_ERROR, RUCHE_ERROR_EXISTS, "%s",
                               _ ("there is a connection already"));
      return;
    }
  where = ruche_address_to_connectable (self->address, &error);
  if (where == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  self->connecting = g_object_ref (task);
  set_state (self, RUCHE_CLIENT_CONNECTING);
  g_socket_client_set_enable_proxy (socket_client, FALSE);
  g_socket_client_connect_async (socket_client, where, cancellable, on_stream,
                                 g_steal_pointer (&task));
}

/**
 * ruche_client_connect_finish:
 * @self: a client
 * @result: what the callback got
 * @error: %RUCHE_ERROR_UNAVAILABLE where no master answers, %RUCHE_ERROR_VERSION,
 *   %RUCHE_ERROR_DENIED or %RUCHE_ERROR_UNSUPPORTED, with what to do
 *
 * Ends ruche_client_connect_async().
 *
 * Returns: whether the client is online
 */
gboolean
ruche_client_connect_finish (RucheClient *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * ruche_client_disconnect:
 * @self: a client
 *
 * Ends the connection or the try at one. Whatever was under way fails with %RUCHE_ERROR_CLOSED.
 */
void
ruche_client_disconnect (RucheClient *self)
{
  if (self->state != RUCHE_CLIENT_OFFLINE)
    drop_connection (self, NULL, TRUE);
}

/**
 * ruche_client_follow:
 * @self: a client
 * @job: a job's number
 * @output: whether output is wanted, or states and results only
 *
 * Follows a job from its start, whether it has begun, is under way or has ended. Connect to the
 * run's signals before returning to the main loop. Following a job again ends the run before.
 *
 * Returns: (transfer full): the run; the client keeps it too until its last signal
 */
RucheRun *
ruche_client_follow (RucheClient *self, gint64 job, gboolean output)
{
  RucheRun *former = find_run (self, job);
  RucheRun *run = ruche_run_new (self, job);

  if (former != NULL)
    ruche_run_unfollow (former);
  g_hash_table_insert (self->runs, g_memdup2 (&job, sizeof job), g_object_ref (run));
  ruche_run_begin (run, output);
  return run;
}

/**
 * ruche_client_forget_run:
 * @self: a client
 * @run: a run
 *
 * Sends nothing more to @run.
 */
void
ruche_client_forget_run (RucheClient *self, RucheRun *run)
{
  gint64 job = ruche_run_get_job (run);

  if (find_run (self, job) == run)
    g_hash_table_remove (self->runs, &job);
}

/**
 * ruche_client_get_requests:
 * @self: a client
 *
 * Gives the requests that wait for answers.
 *
 * Returns: (transfer none): the requests
 */
RucheRequests *
ruche_client_get_requests (RucheClient *self)
{
  return &self->requests;
}

/**
 * ruche_client_get_connection:
 * @self: a client
 *
 * Gives what messages go through, for those that watch its queue.
 *
 * Returns: (transfer none) (nullable): the connection, %NULL while offline
 */
RucheConnection *
ruche_client_get_connection (RucheClient *self)
{
  return self->connection;
}

/**
 * ruche_client_post:
 * @self: a client
 * @message: (transfer none): a message
 *
 * Sends a message that needs no answer.
 *
 * Returns: whether there was a connection to send it on
 */
gboolean
ruche_client_post (RucheClient *self, RucheMessage *message)
{
  return self->state == RUCHE_CLIENT_ONLINE && ruche_connection_send (self->connection, message);
}

/**
 * ruche_client_watch:
 * @self: a client
 * @servers: whether the list of servers is to be kept up to date
 * @jobs: likewise of jobs
 *
 * Fills the live lists from now on, over every later connection too.
 */
void
ruche_client_watch (RucheClient *self, gboolean servers, gboolean jobs)
{
  self->watch_servers = servers;
  self->watch_jobs = jobs;
  if (self->state == RUCHE_CLIENT_ONLINE)
    subscribe (self);
}

/**
 * ruche_client_get_servers:
 * @self: a client
 *
 * Gives the live list of servers, by name.
 *
 * Returns: (transfer none): RucheServerRow objects; after a disconnection, as they were
 */
GListModel *
ruche_client_get_servers (RucheClient *self)
{
  return G_LIST_MODEL (self->lists.servers);
}

/**
 * ruche_client_get_jobs:
 * @self: a client
 *
 * Gives the live list of jobs, newest first.
 *
 * Returns: (transfer none): RucheJobRow objects; after a disconnection, as they were
 */
GListModel *
ruche_client_get_jobs (RucheClient *self)
{
  return G_LIST_MODEL (self->lists.jobs);
}

/**
 * ruche_client_new:
 * @address: where the master is
 * @program: who we are, for the master's log: "ruchectl"
 * @io_priority: of the sources that carry the traffic: %G_PRIORITY_DEFAULT, or lower than drawing
 *   in a window
 *
 * Makes a client that is offline.
 *
 * Returns: (transfer full): the client
 */
RucheClient *
ruche_client_new (const RucheAddress *address, const char *program, int io_priority)
{
  RucheClient *self = g_object_new (RUCHE_TYPE_CLIENT, NULL);

  self->address = ruche_address_copy (address);
  self->program = g_strdup (program);
  self->io_priority = io_priority;
  return self;
}

/**
 * ruche_client_get_address:
 * @self: a client
 *
 * Says where its master is.
 *
 * Returns: (transfer none): the address
 */
const RucheAddress *
ruche_client_get_address (RucheClient *self)
{
  return self->address;
}

/**
 * ruche_client_get_state:
 * @self: a client
 *
 * Says how far the connection is.
 *
 * Returns: the state
 */
RucheClientState
ruche_client_get_state (RucheClient *self)
{
  return self->state;
}

/**
 * ruche_client_get_cluster:
 * @self: a client
 *
 * Names the cluster it was last connected to.
 *
 * Returns: (transfer none) (nullable): the name
 */
const char *
ruche_client_get_cluster (RucheClient *self)
{
  return self->cluster;
}

static void
ruche_client_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  RucheClient *self = RUCHE_CLIENT (object);

  switch (id)
    {
    case PROP_STATE:
      g_value_set_int (value, self->state);
      break;
    case PROP_CLUSTER:
      g_value_set_string (value, self->cluster);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
ruche_client_finalize (GObject *object)
{
  RucheClient *self = RUCHE_CLIENT (object);

  clear_handshake_limit (self);
  if (self->connection != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->connection, self);
      ruche_connection_close (self->connection, NULL);
    }
  g_clear_object (&self->connection);
  ruche_requests_clear (&self->requests);
  g_clear_pointer (&self->runs, g_hash_table_unref);
  ruche_lists_clear (&self->lists);
  g_clear_pointer (&self->address, ruche_address_free);
  g_free (self->cluster);
  g_free (self->program);
  G_OBJECT_CLASS (ruche_client_parent_class)->finalize (object);
}

static void
ruche_client_class_init (RucheClientClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = ruche_client_get_property;
  object_class->finalize = ruche_client_finalize;
  g_object_class_install_property (object_class, PROP_STATE,
                                   g_param_spec_int ("state", NULL, NULL, RUCHE_CLIENT_OFFLINE,
                                                     RUCHE_CLIENT_ONLINE, RUCHE_CLIENT_OFFLINE,
                                                     G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
  g_object_class_install_property (
      object_class, PROP_CLUSTER,
      g_param_spec_string ("cluster", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
  g_signal_new ("disconnected", RUCHE_TYPE_CLIENT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                G_TYPE_NONE, 1, G_TYPE_ERROR);
}

static void
ruche_client_init (RucheClient *self)
{
  ruche_requests_init (&self->requests);
  self->runs = new_run_table ();
  ruche_lists_init (&self->lists);
}
