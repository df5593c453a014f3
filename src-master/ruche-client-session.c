/* ruche-client-session.c: a connection from a client
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Requests are carried out one by one in the order in which they come. A client that asks faster
 * than it reads the answers is not read until it has caught up.
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-client-session.h"

#include "ruche-bounds.h"
#include "ruche-client-queries.h"
#include "ruche-clock.h"
#include "ruche-error.h"
#include "ruche-follower.h"
#include "ruche-submissions.h"

#include <glib/gi18n-lib.h>

#define BACKLOG      (16 * RUCHE_MIB) /* of answers, past which no request is read */
#define MAX_FOLLOWED RUCHE_MAX_KEPT_JOBS

struct _RucheClientSession
{
  RucheService *service;
  RucheConnection *connection;
  char *person;
  gboolean admin;
  RucheSubmissions *submissions;
  GHashTable *followers; /* job number (gint64), owned, to RucheFollower, owned */
  GHashTable *news;      /* (element-type RucheFollower) those with something to tell */
};

/* Whose jobs this client may see: all, for an admin. */
static const char *
view (const RucheClientSession *session)
{
  return session->admin ? NULL : session->person;
}

/**
 * ruche_client_session_send:
 * @session: a session
 * @message: for the client
 *
 * Sends a message. A client that reads too slowly even for answers is cut off.
 */
void
ruche_client_session_send (RucheClientSession *session, RucheMessage *message)
{
  if (!ruche_connection_send (session->connection, message)
      && !ruche_connection_is_closed (session->connection))
    {
      g_autoptr (GError) why = g_error_new_literal (
          RUCHE_ERROR, RUCHE_ERROR_BUSY, _ ("this client does not read what it is sent"));
      ruche_connection_close (session->connection, why);
    }
  if (ruche_connection_get_queued (session->connection) >= BACKLOG)
    ruche_connection_set_reading (session->connection, FALSE);
}

static void
answer_failed (RucheClientSession *session, gint64 serial, const GError *why)
{
  g_autoptr (RucheMessage) message = ruche_message_new_failed (serial, why);

  ruche_client_session_send (session, message);
}

static void
answer_done (RucheClientSession *session, gint64 serial)
{
  g_autoptr (RucheMessage) message = ruche_message_new (RUCHE_MESSAGE_DONE);

  ruche_message_set_serial (message, serial);
  ruche_client_session_send (session, message);
}

static void
answer_submitted (RucheClientSession *session, gint64 serial, gint64 job)
{
  g_autoptr (RucheMessage) message = ruche_message_new (RUCHE_MESSAGE_SUBMITTED);

  ruche_message_set_serial (message, serial);
  ((RucheSubmitted *)message->body)->job = job;
  ruche_client_session_send (session, message);
}

/* Submissions. */

static gboolean
take_begin (RucheClientSession *session, const RucheSubmitBegin *begin, GError **error)
{
  g_autoptr (RucheMessage) message = NULL;
  gint64 job = ruche_service_find_submission (session->service, session->person, begin->submission);
  g_auto (GStrv) needed = NULL;

  if (job > 0)
    {
      answer_submitted (session, begin->serial, job);
      return TRUE;
    }
  needed = ruche_submissions_begin (session->submissions, begin, error);
  if (needed == NULL)
    return FALSE;
  message = ruche_message_new (RUCHE_MESSAGE_NEED);
  ruche_message_set_serial (message, begin->serial);
  ((RucheNeed *)message->body)->blobs = g_steal_pointer (&needed);
  ruche_client_session_send (session, message);
  return TRUE;
}

static gboolean
take_commit (RucheClientSession *session, const RucheSubmitCommit *commit, GError **error)
{
  gint64 number
      = ruche_service_find_submission (session->service, session->person, commit->submission);
  RucheJobSpec *spec;
  GPtrArray *tasks;
  GStrv blobs;
  gint64 weight;
  RucheJobEntry *job;

  if (number > 0)
    {
      ruche_submissions_abandon (session->submissions, commit->submission);
      answer_submitted (session, commit->serial, number);
      return TRUE;
    }
  if (!ruche_submissions_commit (session->submissions, commit, &spec, &tasks, &blobs, &weight,
                                 error))
    return FALSE;
  job = ruche_reactor_submitted (session->service->reactor, session->person, session->admin, spec,
                                 tasks, ruche_clock_real_ms ());
  ruche_service_keep (session->service, job->number, blobs, weight);
  ruche_service_add_submission (session->service, session->person, commit->submission, job->number);
  ruche_monitors_job_changed (session->service->monitors, job->number);
  answer_submitted (session, commit->serial, job->number);
  return TRUE;
}

/* Following. */

static void
unfollow (RucheClientSession *session, gint64 job)
{
  RucheFollower *follower = g_hash_table_lookup (session->followers, &job);

  if (follower == NULL)
    return;
  ruche_service_remove_follower (session->service, follower);
  g_hash_table_remove (session->news, follower);
  g_hash_table_remove (session->followers, &job);
}

static gboolean
take_follow (RucheClientSession *session, const RucheFollow *request, GError **error)
{
  const RucheJobEntry *job
      = ruche_query_own_job (session->service->reactor, view (session), request->job, error);
  g_autoptr (RucheMessage) message = NULL;
  RucheFollower *follower;

  if (job == NULL)
    return FALSE;
  unfollow (session, request->job);
  if (g_hash_table_size (session->followers) >= MAX_FOLLOWED)
    {
      g_set_error_literal (error, RUCHE_ERROR, RUCHE_ERROR_BUSY,
                           _ ("too many jobs are followed over this connection"));
      return FALSE;
    }
  message = ruche_query_show_job (job, request->serial, 0, FALSE);
  ((RucheJob *)message->body)->next = 0;
  ruche_client_session_send (session, message);
  follower = ruche_follower_new (session->service->reactor, session->service->spool,
                                 session->connection, request);
  g_hash_table_insert (session->followers, g_memdup2 (&request->job, sizeof request->job),
                       follower);
  ruche_service_add_follower (session->service, session, follower);
  ruche_client_session_news (session, follower);
  return TRUE;
}

/**
 * ruche_client_session_news:
 * @session: a session
 * @follower: one of its followers
 *
 * Notes that there is something to tell.
 */
void
ruche_client_session_news (RucheClientSession *session, RucheFollower *follower)
{
  g_hash_table_add (session->news, follower);
}

/**
 * ruche_client_session_pump:
 * @session: a session
 *
 * Tells what there is to tell.
 */
void
ruche_client_session_pump (RucheClientSession *session)
{
  g_autofree gpointer *news = NULL;
  guint n;

  if (g_hash_table_size (session->news) == 0 || ruche_connection_is_closed (session->connection))
    return;
  news = g_hash_table_get_keys_as_array (session->news, &n);
  g_hash_table_remove_all (session->news);
  for (guint i = 0; i < n; i++)
    if (ruche_follower_pump (news[i]))
      unfollow (session, ruche_follower_get_job (news[i]));
}

/**
 * ruche_client_session_pump_all:
 * @session: a session
 *
 * Lets all followers look whether they have something to tell.
 */
void
ruche_client_session_pump_all (RucheClientSession *session)
{
  GHashTableIter iter;
  gpointer follower;

  g_hash_table_iter_init (&iter, session->followers);
  while (g_hash_table_iter_next (&iter, NULL, &follower))
    g_hash_table_add (session->news, follower);
}

static void
take_output_ack (RucheClientSession *session, const RucheOutputAck *ack)
{
  RucheFollower *follower = g_hash_table_lookup (session->followers, &ack->job);

  if (follower == NULL)
    return;
  ruche_follower_acked (follower, ack);
  ruche_client_session_news (session, follower);
}

/* Jobs. */

static gboolean
take_cancel (RucheClientSession *session, const RucheCancel *request, GError **error)
{
  RucheJobEntry *job
      = ruche_query_own_job (session->service->reactor, view (session), request->job, error);

  if (job == NULL)
    return FALSE;
  ruche_reactor_cancelled (session->service->reactor, job, ruche_clock_real_ms ());
  answer_done (session, request->serial);
  return TRUE;
}

static gboolean
take_delete (RucheClientSession *session, const RucheDelete *request, GError **error)
{
  RucheJobEntry *job
      = ruche_query_own_job (session->service->reactor, view (session), request->job, error);

  if (job == NULL || !ruche_reactor_deleted (session->service->reactor, job, error))
    return FALSE;
  ruche_service_erase (session->service, job->number);
  ruche_monitors_job_changed (session->service->monitors, job->number);
  answer_done (session, request->serial);
  return TRUE;
}

static gboolean
take_show (RucheClientSession *session, const RucheShowJob *request, GError **error)
{
  const RucheJobEntry *job
      = ruche_query_own_job (session->service->reactor, view (session), request->job, error);
  g_autoptr (RucheMessage) message = NULL;

  if (job == NULL)
    return FALSE;
  message = ruche_query_show_job (job, request->serial, request->first, TRUE);
  ruche_client_session_send (session, message);
  return TRUE;
}

static gboolean
take_read_output (RucheClientSession *session, const RucheReadOutput *request, GError **error)
{
  const RucheJobEntry *job
      = ruche_query_own_job (session->service->reactor, view (session), request->job, error);
  g_autoptr (RucheMessage) message = NULL;

  if (job != NULL)
    message = ruche_query_read_output (job, session->service->spool, request, error);
  if (message == NULL)
    return FALSE;
  ruche_client_session_send (session, message);
  return TRUE;
}

/* Input has no answer: what is typed for a task that has ended goes nowhere, and for one that
 * takes none, or another's, ends the connection. */
static gboolean
take_input (RucheClientSession *session, RucheMessage *message, GError **error)
{
  const RucheInput *input = message->body;
  const RucheJobEntry *job
      = ruche_query_own_job (session->service->reactor, view (session), input->job, error);
  const RucheTaskEntry *task;

  if (job == NULL)
    return FALSE;
  task = input->task < job->n_tasks ? &job->tasks[input->task] : NULL;
  if (task != NULL && task->state == RUCHE_TASK_FINISHED)
    return TRUE;
  if (task == NULL || task->spec->input != RUCHE_INPUT_LIVE)
    {
      g_set_error_literal (error, RUCHE_ERROR, RUCHE_ERROR_PROTOCOL,
                           "“input” for a task that takes none");
      return FALSE;
    }
  return ruche_live_inputs_add (session->service->inputs, session, input, message->payload, error);
}

static void
take_subscribe (RucheClientSession *session, const RucheSubscribe *request)
{
  ruche_monitors_add (session->service->monitors, session->connection, view (session),
                      request->servers, request->jobs);
  answer_done (session, request->serial);
}

/* Requests that can fail and whose failure has an answer. */
static gboolean
take_request (RucheClientSession *session, RucheMessage *message, GError **error)
{
  g_autoptr (RucheMessage) answer = NULL;

  switch (message->type)
    {
    case RUCHE_MESSAGE_SUBMIT_BEGIN:
      return take_begin (session, message->body, error);
    case RUCHE_MESSAGE_SUBMIT_COMMIT:
      return take_commit (session, message->body, error);
    case RUCHE_MESSAGE_FOLLOW:
      return take_follow (session, message->body, error);
    case RUCHE_MESSAGE_CANCEL:
      return take_cancel (session, message->body, error);
    case RUCHE_MESSAGE_DELETE:
      return take_delete (session, message->body, error);
    case RUCHE_MESSAGE_SHOW_JOB:
      return take_show (session, message->body, error);
    case RUCHE_MESSAGE_READ_OUTPUT:
      return take_read_output (session, message->body, error);
    case RUCHE_MESSAGE_LIST_JOBS:
      answer = ruche_query_list_jobs (session->service->reactor, view (session), message->body);
      ruche_client_session_send (session, answer);
      return TRUE;
    case RUCHE_MESSAGE_LIST_SERVERS:
      answer = ruche_query_list_servers (
          session->service->reactor, ruche_message_get_serial (message), ruche_clock_real_ms ());
      ruche_client_session_send (session, answer);
      return TRUE;
    case RUCHE_MESSAGE_SUBSCRIBE:
      take_subscribe (session, message->body);
      return TRUE;
    default:
      g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_PROTOCOL, "“%s” was not expected here",
                   ruche_message_get_word (message));
      return FALSE;
    }
}

static void
on_message (RucheConnection *connection, RucheMessage *message, gpointer user_data)
{
  RucheClientSession *session = user_data;
  g_autoptr (GError) error = NULL;
  gboolean fine = TRUE;

  ruche_service_schedule (session->service);
  switch (message->type)
    {
    case RUCHE_MESSAGE_PUT:
      ruche_submissions_put (session->submissions, message->body, message->payload);
      return;
    case RUCHE_MESSAGE_SUBMIT_PART:
      ruche_submissions_part (session->submissions, message->body);
      return;
    case RUCHE_MESSAGE_UNFOLLOW:
      unfollow (session, ((RucheUnfollow *)message->body)->job);
      return;
    case RUCHE_MESSAGE_OUTPUT_ACK:
      take_output_ack (session, message->body);
      return;
    case RUCHE_MESSAGE_INPUT:
      fine = take_input (session, message, &error);
      break;
    default:
      fine = take_request (session, message, &error);
      break;
    }
  if (fine)
    return;
  if (ruche_message_get_serial (message) > 0
      && !g_error_matches (error, RUCHE_ERROR, RUCHE_ERROR_PROTOCOL))
    answer_failed (session, ruche_message_get_serial (message), error);
  else
    ruche_connection_close (connection, error);
}

static void
on_drained (RucheConnection *connection, gpointer user_data)
{
  RucheClientSession *session = user_data;

  ruche_connection_set_reading (connection, TRUE);
  if (g_hash_table_size (session->followers) == 0)
    return;
  ruche_client_session_pump_all (session);
  ruche_service_schedule (session->service);
}

static void
on_closed (RucheConnection *connection, const GError *why, gpointer user_data)
{
  RucheClientSession *session = user_data;

  if (why != NULL)
    g_debug ("a client of %s: %s", session->person, why->message);
  ruche_service_client_gone (session->service, session);
}

/**
 * ruche_client_session_new:
 * @service: the service
 * @connection: (transfer none): of the client, who has been welcomed
 * @person: who it is
 * @admin: whether they may see and stop everybody's jobs
 *
 * Begins a session; it ends by ruche_service_client_gone().
 *
 * Returns: (transfer full): the session
 */
RucheClientSession *
ruche_client_session_new (RucheService *service,
                          RucheConnection *connection,
                          const char *person,
                          gboolean admin)
{
  RucheClientSession *session = g_new0 (RucheClientSession, 1);

  session->service = service;
  session->connection = g_object_ref (connection);
  session->person = g_strdup (person);
  session->admin = admin;
  session->submissions
      = ruche_submissions_new (service->blobs, &service->config->maximum, &service->open_work);
  session->followers = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free,
                                              (GDestroyNotify)ruche_follower_free);
  session->news = g_hash_table_new (NULL, NULL);
  g_signal_connect (connection, "message", G_CALLBACK (on_message), session);
  g_signal_connect (connection, "drained", G_CALLBACK (on_drained), session);
  g_signal_connect (connection, "closed", G_CALLBACK (on_closed), session);
  return session;
}

/**
 * ruche_client_session_free:
 * @session: (transfer full): a session
 *
 * Frees a session; what it had begun to submit is abandoned, what it follows goes on without it.
 */
void
ruche_client_session_free (RucheClientSession *session)
{
  GHashTableIter iter;
  gpointer follower;

  g_signal_handlers_disconnect_by_data (session->connection, session);
  ruche_monitors_remove (session->service->monitors, session->connection);
  ruche_live_inputs_source_gone (session->service->inputs, session);
  g_hash_table_iter_init (&iter, session->followers);
  while (g_hash_table_iter_next (&iter, NULL, &follower))
    ruche_service_remove_follower (session->service, follower);
  g_hash_table_unref (session->news);
  g_hash_table_unref (session->followers);
  ruche_submissions_free (session->submissions);
  g_object_unref (session->connection);
  g_free (session->person);
  g_free (session);
}

/**
 * ruche_client_session_close:
 * @session: a session
 *
 * Tells the client that the master ends.
 */
void
ruche_client_session_close (RucheClientSession *session)
{
  g_autoptr (GError) why
      = g_error_new_literal (RUCHE_ERROR, RUCHE_ERROR_CLOSED, _ ("the master is shutting down"));

  ruche_connection_close (session->connection, why);
}
