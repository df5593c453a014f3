/* ruche-slave-session.c: a connection from a slave
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The first message is an offer; with it the slave becomes a server of the cluster. When the
 * connection ends, whatever the reason, the server is given up: the link that numbers messages
 * belongs to this connection alone, and a slave that comes back begins anew.
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-slave-session.h"

#include "ruche-bounds.h"
#include "ruche-clock.h"
#include "ruche-error.h"
#include "ruche-link.h"
#include "ruche-weigh.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

#define HEADER_ROOM (700 * RUCHE_KIB) /* of lists in one message */
#define MAX_WANTED  65536             /* blobs that a slave may ask for at once */
#define BLOB_LEAD   (4 * RUCHE_MIB)   /* of blobs queued on the connection */

typedef struct
{
  char *digest;
  gint64 offset; /* sent so far */
} Wanted;

struct _RucheSlaveSession
{
  RucheService *service;
  RucheConnection *connection;
  char *name;
  RucheLink *link;
  RucheServerEntry *server; /* (nullable) %NULL before the offer and after the end */
  GPtrArray *dispatches;    /* (element-type RucheAttemptId) gathered */
  GPtrArray *stops;         /* likewise */
  GQueue wanted;            /* (element-type Wanted) */
  gint64 began_ms;
  char *why; /* (nullable) that it is sent away */
};

static void
wanted_free (gpointer data)
{
  Wanted *wanted = data;

  g_free (wanted->digest);
  g_free (wanted);
}

static void
send_away (RucheSlaveSession *session, const GError *why)
{
  if (session->why != NULL || ruche_connection_is_closed (session->connection))
    return;
  session->why = g_strdup (why->message);
  ruche_connection_close (session->connection, why);
  ruche_service_schedule (session->service);
}

static void
send (RucheSlaveSession *session, RucheMessage *message)
{
  ruche_link_sent (session->link, message);
  if (!ruche_connection_send (session->connection, message)
      && !ruche_connection_is_closed (session->connection))
    {
      g_autoptr (GError) why = g_error_new_literal (RUCHE_ERROR, RUCHE_ERROR_BUSY,
                                                    _ ("the server does not read what it is sent"));
      send_away (session, why);
    }
}

/* Dispatch. */

static const RucheTaskEntry *
still_dispatched (RucheSlaveSession *session, const RucheAttemptId *id, const RucheJobEntry **job)
{
  if (session->server == NULL
      || !ruche_reactor_holds (session->service->reactor, session->server, id->job, id->task,
                               id->attempt))
    return NULL;
  *job = ruche_job_table_lookup (ruche_reactor_get_jobs (session->service->reactor), id->job);
  return &(*job)->tasks[id->task];
}

static RucheDispatchJob *
begin_job (RucheMessage *message, const RucheJobEntry *job)
{
  RucheDispatchJob *entry = ruche_dispatch_job_new ();

  entry->job = job->number;
  entry->spec = ruche_job_spec_copy (job->spec);
  g_ptr_array_add (((RucheDispatch *)message->body)->jobs, entry);
  return entry;
}

static void
add_task (RucheDispatchJob *job, const RucheAttemptId *id, const RucheTaskSpec *spec)
{
  RucheDispatchTask *entry = ruche_dispatch_task_new ();

  entry->task = id->task;
  entry->attempt = id->attempt;
  entry->spec = ruche_task_spec_copy (spec);
  g_ptr_array_add (job->tasks, entry);
}

static RucheMessage *
new_dispatch (RucheSlaveSession *session)
{
  RucheMessage *message = ruche_message_new (RUCHE_MESSAGE_DISPATCH);

  ((RucheDispatch *)message->body)->epoch = session->service->epoch;
  return message;
}

static void
flush_dispatches (RucheSlaveSession *session)
{
  g_autoptr (RucheMessage) message = NULL;
  RucheDispatchJob *into = NULL;
  gsize weight = 0;

  for (guint i = 0; i < session->dispatches->len; i++)
    {
      const RucheAttemptId *id = g_ptr_array_index (session->dispatches, i);
      const RucheJobEntry *job;
      const RucheTaskEntry *task = still_dispatched (session, id, &job);
      gsize more;

      if (task == NULL)
        continue;
      more = ruche_weigh (&ruche_task_spec_schema, task->spec) + RUCHE_KIB;
      if (into == NULL || into->job != id->job)
        more += ruche_weigh (&ruche_job_spec_schema, job->spec);
      if (message != NULL && weight + more > HEADER_ROOM)
        {
          send (session, message);
          g_clear_pointer (&message, ruche_message_unref);
          into = NULL;
          more = ruche_weigh (&ruche_task_spec_schema, task->spec)
                 + ruche_weigh (&ruche_job_spec_schema, job->spec) + RUCHE_KIB;
          weight = 0;
        }
      if (message == NULL)
        message = new_dispatch (session);
      if (into == NULL || into->job != id->job)
        into = begin_job (message, job);
      add_task (into, id, task->spec);
      weight += more;
    }
  g_ptr_array_set_size (session->dispatches, 0);
  if (message != NULL)
    send (session, message);
}

static void
flush_stops (RucheSlaveSession *session)
{
  g_autoptr (RucheMessage) message = NULL;
  RucheStop *body;

  while (session->stops->len > 0)
    {
      guint n = MIN (session->stops->len, RUCHE_MAX_TASKS_PER_MESSAGE);
      message = ruche_message_new (RUCHE_MESSAGE_STOP);
      body = message->body;
      for (guint i = 0; i < n; i++)
        g_ptr_array_add (body->attempts,
                         ruche_attempt_id_copy (g_ptr_array_index (session->stops, i)));
      g_ptr_array_remove_range (session->stops, 0, n);
      send (session, message);
      g_clear_pointer (&message, ruche_message_unref);
    }
}

/**
 * ruche_slave_session_dispatch:
 * @session: a session
 * @id: an attempt that the server was given
 *
 * Gathers a task to be sent with the next flush.
 */
void
ruche_slave_session_dispatch (RucheSlaveSession *session, const RucheAttemptId *id)
{
  g_ptr_array_add (session->dispatches, ruche_attempt_id_copy (id));
}

/**
 * ruche_slave_session_stop_attempt:
 * @session: a session
 * @id: an attempt
 *
 * Gathers an attempt to be stopped with the next flush.
 */
void
ruche_slave_session_stop_attempt (RucheSlaveSession *session, const RucheAttemptId *id)
{
  g_ptr_array_add (session->stops, ruche_attempt_id_copy (id));
}

/**
 * ruche_slave_session_send_input:
 * @session: a session
 * @message: input of a task that this server holds
 *
 * Sends input, after the task itself.
 */
void
ruche_slave_session_send_input (RucheSlaveSession *session, RucheMessage *message)
{
  send (session, message);
}

/**
 * ruche_slave_session_flush:
 * @session: a session
 *
 * Sends what was gathered in this turn of the main loop.
 */
void
ruche_slave_session_flush (RucheSlaveSession *session)
{
  if (ruche_connection_is_closed (session->connection))
    return;
  flush_dispatches (session);
  flush_stops (session);
  if (ruche_link_owes_ack (session->link))
    {
      g_autoptr (RucheMessage) ack = ruche_message_new (RUCHE_MESSAGE_ACK);
      send (session, ack);
    }
}

/* Blobs. */

static void
send_missing (RucheSlaveSession *session, const char *digest)
{
  g_autoptr (RucheMessage) message = ruche_message_new (RUCHE_MESSAGE_MISSING);
  const char *const digests[] = { digest, NULL };

  ((RucheMissing *)message->body)->blobs = g_strdupv ((char **)digests);
  send (session, message);
}

/* Sends the next part; says whether the blob is done. */
static gboolean
send_blob_part (RucheSlaveSession *session, Wanted *wanted)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RucheMessage) message = NULL;
  gint64 total = 0;
  g_autoptr (GBytes) part = ruche_blob_store_read (
      session->service->blobs, wanted->digest, wanted->offset, RUCHE_PAYLOAD_PART, &total, &error);
  RuchePut *body;

  if (part == NULL)
    {
      g_warning ("%s", error->message);
      send_missing (session, wanted->digest);
      return TRUE;
    }
  message = ruche_message_new_with_payload (RUCHE_MESSAGE_PUT, part);
  body = message->body;
  body->blob = g_strdup (wanted->digest);
  body->offset = wanted->offset;
  body->total = total;
  wanted->offset += (gint64)g_bytes_get_size (part);
  send (session, message);
  return wanted->offset >= total;
}

static void
pump_blobs (RucheSlaveSession *session)
{
  while (!g_queue_is_empty (&session->wanted) && !ruche_connection_is_closed (session->connection)
         && ruche_connection_get_queued (session->connection) < BLOB_LEAD)
    if (send_blob_part (session, g_queue_peek_head (&session->wanted)))
      wanted_free (g_queue_pop_head (&session->wanted));
}

static void
on_drained (RucheConnection *connection, gpointer user_data)
{
  pump_blobs (user_data);
}

static gboolean
take_get (RucheSlaveSession *session, const RucheGet *get, GError **error)
{
  for (char **digest = get->blobs; digest != NULL && *digest != NULL; digest++)
    {
      Wanted *wanted;

      if (g_queue_get_length (&session->wanted) >= MAX_WANTED)
        {
          g_set_error_literal (error, RUCHE_ERROR, RUCHE_ERROR_PROTOCOL,
                               "too many blobs were asked for at once");
          return FALSE;
        }
      if (!ruche_blob_store_has (session->service->blobs, *digest))
        {
          send_missing (session, *digest);
          continue;
        }
      wanted = g_new0 (Wanted, 1);
      wanted->digest = g_strdup (*digest);
      g_queue_push_tail (&session->wanted, wanted);
    }
  pump_blobs (session);
  return TRUE;
}

/* What the slave says. */

static gboolean
take_offer (RucheSlaveSession *session, RucheMessage *message, GError **error)
{
  if (session->server != NULL || message->type != RUCHE_MESSAGE_OFFER)
    {
      g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_PROTOCOL, "“%s” was not expected here",
                   ruche_message_get_word (message));
      return FALSE;
    }
  session->server
      = ruche_reactor_slave_joined (session->service->reactor, session->name, message->body,
                                    session, ruche_clock_real_ms (), error);
  if (session->server == NULL)
    return FALSE;
  g_message (_ ("the server “%s” joined with %" PRId64 " slots"), session->name,
             session->server->offer->slots);
  return TRUE;
}

static gboolean
take_output (RucheSlaveSession *session, RucheMessage *message, GError **error)
{
  const RucheOutput *output = message->body;
  RucheAttemptId id = { output->job, output->task, output->attempt };
  g_autoptr (RucheMessage) answer = NULL;
  gsize size = message->payload != NULL ? g_bytes_get_size (message->payload) : 0;
  RucheOutputAck *ack;

  /* Output of an attempt that was given up is acknowledged too, so that the slave gets rid of it.
   */
  if (ruche_reactor_holds (session->service->reactor, session->server, id.job, id.task, id.attempt))
    {
      if (!ruche_spool_add (session->service->spool, &id, (RucheStream)output->stream,
                            output->offset, message->payload, output->end, error))
        return FALSE;
      ruche_service_output_came (session->service, id.job, (guint)id.task);
    }
  answer = ruche_message_new (RUCHE_MESSAGE_OUTPUT_ACK);
  ack = answer->body;
  ack->job = id.job;
  ack->task = id.task;
  ack->attempt = id.attempt;
  ack->stream = output->stream;
  ack->offset = output->offset + (gint64)size;
  send (session, answer);
  return TRUE;
}

/* What is kept of an attempt's output is what the master has, and no result may be too long to be
 * passed on. */
static void
complete (RucheSlaveSession *session, RucheResult *result)
{
  RucheAttemptId id = { result->job, result->task, result->attempt };
  RucheSpool *spool = session->service->spool;
  const char *trouble = ruche_spool_get_trouble (spool, &id);

  result->stdout_size = ruche_spool_get_size (spool, &id, RUCHE_STREAM_STDOUT, NULL);
  result->stderr_size = ruche_spool_get_size (spool, &id, RUCHE_STREAM_STDERR, NULL);
  result->compiler_size = ruche_spool_get_size (spool, &id, RUCHE_STREAM_COMPILER, NULL);
  if (trouble != NULL && result->reason == NULL)
    result->reason = g_strdup (trouble);
  while (result->diagnostics->len > 0
         && ruche_weigh (&ruche_result_schema, result) > HEADER_ROOM / 2)
    ruche_diagnostic_free (
        g_ptr_array_steal_index (result->diagnostics, result->diagnostics->len - 1));
}

static void
take_finished (RucheSlaveSession *session, const RucheFinished *finished)
{
  for (guint i = 0; i < finished->results->len; i++)
    {
      RucheResult *result = ruche_result_copy (g_ptr_array_index (finished->results, i));
      complete (session, result);
      ruche_reactor_finished (session->service->reactor, session->server, result,
                              ruche_clock_real_ms ());
    }
}

static void
take_started (RucheSlaveSession *session, const RucheStarted *started)
{
  for (guint i = 0; i < started->tasks->len; i++)
    ruche_reactor_started (session->service->reactor, session->server,
                           g_ptr_array_index (started->tasks, i));
}

static void
leave (RucheSlaveSession *session, const RucheLeaving *leaving)
{
  g_message (_ ("the server “%s” leaves: %s"), session->name,
             leaving->reason != NULL ? leaving->reason : _ ("it does not say why"));
  ruche_reactor_slave_leaving (session->service->reactor, g_steal_pointer (&session->server),
                               ruche_clock_real_ms ());
  ruche_connection_close (session->connection, NULL);
}

static gboolean
take (RucheSlaveSession *session, RucheMessage *message, GError **error)
{
  if (session->server == NULL)
    return take_offer (session, message, error);
  switch (message->type)
    {
    case RUCHE_MESSAGE_LOAD:
      ruche_reactor_slave_load (session->service->reactor, session->server,
                                ((RucheLoadMessage *)message->body)->load, ruche_clock_real_ms ());
      return TRUE;
    case RUCHE_MESSAGE_GET:
      return take_get (session, message->body, error);
    case RUCHE_MESSAGE_STARTED:
      take_started (session, message->body);
      return TRUE;
    case RUCHE_MESSAGE_OUTPUT:
      return take_output (session, message, error);
    case RUCHE_MESSAGE_FINISHED:
      take_finished (session, message->body);
      return TRUE;
    case RUCHE_MESSAGE_INPUT_ACK:
      ruche_service_send_input_ack (session->service, session->server, message);
      return TRUE;
    case RUCHE_MESSAGE_LEAVING:
      leave (session, message->body);
      return TRUE;
    case RUCHE_MESSAGE_ACK:
      return TRUE;
    default:
      return take_offer (session, message, error);
    }
}

static void
on_message (RucheConnection *connection, RucheMessage *message, gpointer user_data)
{
  RucheSlaveSession *session = user_data;
  g_autoptr (GError) error = NULL;
  gboolean fresh;

  if (!ruche_link_received (session->link, message, &fresh, &error)
      || (fresh && !take (session, message, &error)))
    {
      g_message (_ ("the server “%s” is sent away: %s"), session->name, error->message);
      send_away (session, error);
    }
  ruche_service_schedule (session->service);
}

static void
give_up (RucheSlaveSession *session, const char *why)
{
  RucheServerEntry *server = g_steal_pointer (&session->server);

  if (server == NULL)
    return;
  g_message (_ ("the server “%s” is lost: %s"), session->name, why);
  ruche_reactor_slave_lost (session->service->reactor, server, why, ruche_clock_real_ms ());
}

/**
 * ruche_slave_session_settle:
 * @session: a session
 *
 * Gives up a server that is being sent away, so that it is given nothing while its connection
 * still flushes.
 */
void
ruche_slave_session_settle (RucheSlaveSession *session)
{
  if (session->why != NULL)
    give_up (session, session->why);
}

static void
on_closed (RucheConnection *connection, const GError *why, gpointer user_data)
{
  RucheSlaveSession *session = user_data;

  give_up (session, why != NULL ? why->message : _ ("it closed the connection"));
  ruche_service_slave_gone (session->service, session);
}

/**
 * ruche_slave_session_new:
 * @service: the service
 * @connection: (transfer none): of the slave, who has been welcomed
 * @name: of the server
 *
 * Begins a session; it ends by ruche_service_slave_gone().
 *
 * Returns: (transfer full): the session
 */
RucheSlaveSession *
ruche_slave_session_new (RucheService *service, RucheConnection *connection, const char *name)
{
  RucheSlaveSession *session = g_new0 (RucheSlaveSession, 1);

  session->service = service;
  session->connection = g_object_ref (connection);
  session->name = g_strdup (name);
  session->link = ruche_link_new ();
  session->dispatches = g_ptr_array_new_with_free_func ((GDestroyNotify)ruche_attempt_id_free);
  session->stops = g_ptr_array_new_with_free_func ((GDestroyNotify)ruche_attempt_id_free);
  session->began_ms = ruche_clock_now_ms ();
  g_queue_init (&session->wanted);
  g_signal_connect (connection, "message", G_CALLBACK (on_message), session);
  g_signal_connect (connection, "drained", G_CALLBACK (on_drained), session);
  g_signal_connect (connection, "closed", G_CALLBACK (on_closed), session);
  return session;
}

/**
 * ruche_slave_session_free:
 * @session: (transfer full): a session
 *
 * Frees a session.
 */
void
ruche_slave_session_free (RucheSlaveSession *session)
{
  g_signal_handlers_disconnect_by_data (session->connection, session);
  g_object_unref (session->connection);
  ruche_link_free (session->link);
  g_ptr_array_unref (session->dispatches);
  g_ptr_array_unref (session->stops);
  g_queue_clear_full (&session->wanted, wanted_free);
  g_free (session->why);
  g_free (session->name);
  g_free (session);
}

/**
 * ruche_slave_session_tick:
 * @session: a session
 *
 * Looks whether the slave has been silent for long, or has not said what it offers.
 */
void
ruche_slave_session_tick (RucheSlaveSession *session)
{
  gint64 now = ruche_clock_now_ms ();

  if (session->server != NULL)
    {
      gint64 silent = now - ruche_connection_get_last_received_ms (session->connection);
      ruche_reactor_slave_suspect (session->service->reactor, session->server,
                                   silent >= RUCHE_SUSPECT_MS, ruche_clock_real_ms ());
    }
  else if (now - session->began_ms >= RUCHE_HANDSHAKE_TIMEOUT_MS)
    {
      g_autoptr (GError) why
          = g_error_new_literal (RUCHE_ERROR, RUCHE_ERROR_PROTOCOL, "no “offer” came in time");
      ruche_connection_close (session->connection, why);
    }
}

/**
 * ruche_slave_session_get_server:
 * @session: a session
 *
 * Says which server this is.
 *
 * Returns: (transfer none) (nullable): the server, %NULL before it has joined and after its end
 */
RucheServerEntry *
ruche_slave_session_get_server (RucheSlaveSession *session)
{
  return session->server;
}

/**
 * ruche_slave_session_close:
 * @session: a session
 *
 * Ends the connection in good order.
 */
void
ruche_slave_session_close (RucheSlaveSession *session)
{
  ruche_connection_close (session->connection, NULL);
}
