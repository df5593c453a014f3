/* ruche-service.c: what all sessions of a master share
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Messages change the reactor's state as they come. Once a turn of the main loop the service lets
 * the reactor plan and then has every session send what has gathered, so that what belongs
 * together goes out as one message.
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-service.h"

#include "ruche-bounds.h"
#include "ruche-client-session.h"
#include "ruche-clock.h"
#include "ruche-error.h"
#include "ruche-files.h"
#include "ruche-follower.h"
#include "ruche-handshake.h"
#include "ruche-listener.h"
#include "ruche-slave-session.h"

#include <glib/gi18n-lib.h>
#include <pwd.h>
#include <unistd.h>

#define TICK_MS 500

typedef struct
{
  RucheFollower *follower;
  RucheClientSession *session;
} Following;

/* What the service keeps of a job beside the reactor. */
typedef struct
{
  gint64 number;
  GStrv blobs;        /* (nullable) held; %NULL once erased */
  gint64 weight;      /* in the open work, 0 once ended */
  char *submission;   /* key in @submissions */
  GArray *followings; /* (element-type Following) */
} JobData;

typedef struct
{
  RucheService public;
  RucheListener *listener;
  int lock;
  gint64 last_session;
  GHashTable *clients;     /* (element-type RucheClientSession) */
  GHashTable *slaves;      /* (element-type RucheSlaveSession) */
  GHashTable *jobs;        /* number, inside, to JobData, owned */
  GHashTable *submissions; /* owner and number, owned by the JobData, to the JobData */
  guint flush_source;
  guint tick_source;
} Service;

static void
job_data_free (gpointer data)
{
  JobData *job = data;

  g_strfreev (job->blobs);
  g_free (job->submission);
  g_array_unref (job->followings);
  g_free (job);
}

static JobData *
find_job (RucheService *service, gint64 number)
{
  return g_hash_table_lookup (((Service *)service)->jobs, &number);
}

static JobData *
ensure_job (RucheService *service, gint64 number)
{
  JobData *job = find_job (service, number);

  if (job != NULL)
    return job;
  job = g_new0 (JobData, 1);
  job->number = number;
  job->followings = g_array_new (FALSE, FALSE, sizeof (Following));
  g_hash_table_insert (((Service *)service)->jobs, &job->number, job);
  return job;
}

/* The sink: the reactor's decisions on their way to the sessions. */

static void
on_dispatch (RucheServerEntry *server, RucheJobEntry *job, guint task, gpointer user_data)
{
  RucheAttemptId id = { job->number, task, job->tasks[task].attempt };

  ruche_slave_session_dispatch (server->session, &id);
}

static void
on_stop (RucheServerEntry *server, const RucheAttemptId *id, gpointer user_data)
{
  if (server->session != NULL)
    ruche_slave_session_stop_attempt (server->session, id);
}

static void
tell_followers (RucheService *service,
                gint64 number,
                guint task,
                void (*tell) (RucheFollower *follower, guint task))
{
  const JobData *job = find_job (service, number);

  for (guint i = 0; job != NULL && i < job->followings->len; i++)
    {
      const Following *following = &g_array_index (job->followings, Following, i);
      tell (following->follower, task);
      ruche_client_session_news (following->session, following->follower);
    }
}

static void
on_task_changed (RucheJobEntry *job, guint task, gpointer user_data)
{
  RucheService *service = user_data;

  /* Back in the queue: what the attempt printed is all there will be of it. */
  if (job->tasks[task].state == RUCHE_TASK_QUEUED)
    {
      RucheAttemptId id = { job->number, task, job->tasks[task].attempt };
      ruche_spool_end (service->spool, &id);
    }
  tell_followers (service, job->number, task, ruche_follower_task_changed);
  ruche_monitors_job_changed (service->monitors, job->number);
}

static void
on_task_finished (RucheJobEntry *job, guint task, gpointer user_data)
{
  RucheService *service = user_data;
  RucheAttemptId id = { job->number, task, job->tasks[task].attempt };

  ruche_spool_end (service->spool, &id);
  ruche_live_inputs_forget (service->inputs, job->number, task);
  tell_followers (service, job->number, task, ruche_follower_task_news);
  ruche_monitors_job_changed (service->monitors, job->number);
}

static void
on_job_finished (RucheJobEntry *job, gpointer user_data)
{
  RucheService *service = user_data;
  JobData *data = find_job (service, job->number);

  if (data != NULL)
    {
      service->open_work -= data->weight;
      data->weight = 0;
    }
  ruche_monitors_job_changed (service->monitors, job->number);
}

static void
on_job_forgotten (RucheJobEntry *job, gpointer user_data)
{
  RucheService *service = user_data;
  JobData *data = find_job (service, job->number);

  ruche_service_erase (service, job->number);
  if (data == NULL)
    return;
  for (guint i = 0; i < data->followings->len; i++)
    {
      const Following *following = &g_array_index (data->followings, Following, i);
      ruche_client_session_news (following->session, following->follower);
    }
  if (data->submission != NULL)
    g_hash_table_remove (((Service *)service)->submissions, data->submission);
  g_hash_table_remove (((Service *)service)->jobs, &data->number);
}

static void
on_server_changed (RucheServerEntry *server, gpointer user_data)
{
  ruche_monitors_server_changed (((RucheService *)user_data)->monitors, server->name);
}

static void
on_server_gone (const char *name, gpointer user_data)
{
  ruche_monitors_server_changed (((RucheService *)user_data)->monitors, name);
}

static void
on_ignored (RucheServerEntry *server, const RucheAttemptId *id, gpointer user_data)
{
  g_message ("the server “%s” spoke of attempt %" G_GINT64_FORMAT " of task %" G_GINT64_FORMAT
             " of job %" G_GINT64_FORMAT ", which it does not hold: ignored",
             server->name, id->attempt, id->task, id->job);
}

static const RucheSink sink = {
  .dispatch = on_dispatch,
  .stop = on_stop,
  .task_changed = on_task_changed,
  .task_finished = on_task_finished,
  .job_finished = on_job_finished,
  .job_forgotten = on_job_forgotten,
  .server_changed = on_server_changed,
  .server_gone = on_server_gone,
  .ignored = on_ignored,
};

/* Once a turn of the main loop. */

static gboolean
send_input (RucheMessage *message, gpointer user_data)
{
  RucheService *service = user_data;
  const RucheInput *input = message->body;
  const RucheJobEntry *job
      = ruche_job_table_lookup (ruche_reactor_get_jobs (service->reactor), input->job);
  const RucheServerEntry *server = job != NULL ? job->tasks[input->task].server : NULL;

  if (server == NULL)
    return FALSE;
  ruche_slave_session_send_input (server->session, message);
  return TRUE;
}

static void
for_each (GHashTable *set, void (*visit) (gpointer session))
{
  GHashTableIter iter;
  gpointer session;

  g_hash_table_iter_init (&iter, set);
  while (g_hash_table_iter_next (&iter, &session, NULL))
    visit (session);
}

static gboolean
on_flush (gpointer user_data)
{
  Service *self = user_data;

  self->flush_source = 0;
  for_each (self->slaves, (void (*) (gpointer))ruche_slave_session_settle);
  ruche_reactor_plan (self->public.reactor);
  for_each (self->slaves, (void (*) (gpointer))ruche_slave_session_flush);
  ruche_live_inputs_flush (self->public.inputs, send_input, self);
  for_each (self->clients, (void (*) (gpointer))ruche_client_session_pump);
  return G_SOURCE_REMOVE;
}

/**
 * ruche_service_schedule:
 * @service: a service
 *
 * Has what gathered sent at the end of this turn of the main loop.
 */
void
ruche_service_schedule (RucheService *service)
{
  Service *self = (Service *)service;

  if (self->flush_source == 0)
    self->flush_source = g_idle_add_full (G_PRIORITY_DEFAULT, on_flush, self, NULL);
}

static gboolean
on_tick (gpointer user_data)
{
  Service *self = user_data;

  ruche_reactor_tick (self->public.reactor, ruche_clock_real_ms ());
  for_each (self->slaves, (void (*) (gpointer))ruche_slave_session_tick);
  /* Why a task waits may have changed. */
  for_each (self->clients, (void (*) (gpointer))ruche_client_session_pump_all);
  /* Old outputs make room for new ones. */
  while (ruche_spool_get_kept (self->public.spool) > RUCHE_KEPT_SPOOL
         && ruche_reactor_forget_oldest (self->public.reactor))
    ;
  ruche_service_schedule (&self->public);
  return G_SOURCE_CONTINUE;
}

/* Peers that come in. */

static char *
person_of (uid_t uid)
{
  const struct passwd *user = getpwuid (uid);

  return user != NULL ? g_strdup (user->pw_name) : g_strdup_printf ("%u", (guint)uid);
}

static gboolean
check_slave (const RucheHello *hello, uid_t uid, GError **error)
{
  if (uid != 0 && uid != geteuid ())
    {
      g_set_error_literal (error, RUCHE_ERROR, RUCHE_ERROR_DENIED,
                           _ ("on this socket only the master’s own user may run servers"));
      return FALSE;
    }
  for (const char *p = hello->name; *p != '\0'; p++)
    if ((guchar)*p < 0x20 || *p == 0x7f)
      {
        g_set_error_literal (error, RUCHE_ERROR, RUCHE_ERROR_INVALID,
                             _ ("a server’s name has no control characters"));
        return FALSE;
      }
  if (*hello->name != '\0')
    return TRUE;
  g_set_error_literal (error, RUCHE_ERROR, RUCHE_ERROR_INVALID, _ ("a server needs a name"));
  return FALSE;
}

static RucheMessage *
welcome (Service *self,
         RucheConnection *connection,
         const RucheMessage *message,
         uid_t *uid,
         char **person,
         GError **error)
{
  const RucheHello *hello = message->body;

  if (!ruche_connection_get_peer (connection, uid, NULL, error))
    return NULL;
  if (hello->role == RUCHE_ROLE_SLAVE && !check_slave (hello, *uid, error))
    return NULL;
  if (hello->role == RUCHE_ROLE_CLIENT)
    *person = person_of (*uid);
  return ruche_handshake_answer (message, self->public.config->cluster, self->public.epoch,
                                 ++self->last_session, *person, error);
}

static void
on_connection (RucheListener *listener,
               RucheConnection *connection,
               RucheMessage *message,
               gpointer user_data)
{
  Service *self = user_data;
  const RucheHello *hello = message->body;
  g_autofree char *person = NULL;
  g_autoptr (GError) error = NULL;
  uid_t uid = (uid_t)-1;
  g_autoptr (RucheMessage) answer = welcome (self, connection, message, &uid, &person, &error);

  if (answer == NULL)
    {
      g_autoptr (RucheMessage) refused = ruche_handshake_refuse (error);
      g_message ("%s", error->message);
      ruche_connection_send (connection, refused);
      ruche_connection_close (connection, NULL);
      return;
    }
  ruche_connection_send (connection, answer);
  if (hello->role == RUCHE_ROLE_SLAVE)
    g_hash_table_add (self->slaves,
                      ruche_slave_session_new (&self->public, connection, hello->name));
  else
    g_hash_table_add (self->clients, ruche_client_session_new (&self->public, connection, person,
                                                               uid == 0 || uid == geteuid ()));
}

/**
 * ruche_service_client_gone:
 * @service: a service
 * @session: (transfer full): a session whose connection has ended
 *
 * Ends a session.
 */
void
ruche_service_client_gone (RucheService *service, RucheClientSession *session)
{
  g_hash_table_remove (((Service *)service)->clients, session);
  ruche_service_schedule (service);
}

/**
 * ruche_service_slave_gone:
 * @service: a service
 * @session: (transfer full): a session whose connection has ended
 *
 * Ends a session.
 */
void
ruche_service_slave_gone (RucheService *service, RucheSlaveSession *session)
{
  g_hash_table_remove (((Service *)service)->slaves, session);
  ruche_service_schedule (service);
}

/* What sessions ask for. */

/**
 * ruche_service_add_follower:
 * @service: a service
 * @session: whose it is
 * @follower: (transfer none): a follower
 *
 * Has a follower told of what happens to its job.
 */
void
ruche_service_add_follower (RucheService *service,
                            RucheClientSession *session,
                            RucheFollower *follower)
{
  JobData *job = ensure_job (service, ruche_follower_get_job (follower));
  Following following = { follower, session };

  g_array_append_val (job->followings, following);
}

/**
 * ruche_service_remove_follower:
 * @service: a service
 * @follower: a follower that was added
 *
 * Has a follower told no more.
 */
void
ruche_service_remove_follower (RucheService *service, RucheFollower *follower)
{
  JobData *job = find_job (service, ruche_follower_get_job (follower));

  for (guint i = 0; job != NULL && i < job->followings->len; i++)
    if (g_array_index (job->followings, Following, i).follower == follower)
      {
        g_array_remove_index_fast (job->followings, i);
        return;
      }
}

/**
 * ruche_service_output_came:
 * @service: a service
 * @job: a job
 * @task: a task of it
 *
 * Tells followers that there is new output.
 */
void
ruche_service_output_came (RucheService *service, gint64 job, guint task)
{
  tell_followers (service, job, task, ruche_follower_task_news);
}

static char *
submission_key (const char *person, const char *number)
{
  return g_strdup_printf ("%s\n%s", number, person);
}

/**
 * ruche_service_find_submission:
 * @service: a service
 * @person: who submits
 * @number: of the submission
 *
 * Looks whether a submission was committed before.
 *
 * Returns: its job's number, or 0
 */
gint64
ruche_service_find_submission (RucheService *service, const char *person, const char *number)
{
  g_autofree char *key = submission_key (person, number);
  const JobData *job = g_hash_table_lookup (((Service *)service)->submissions, key);

  return job != NULL ? job->number : 0;
}

/**
 * ruche_service_add_submission:
 * @service: a service
 * @person: who submitted
 * @number: of the submission
 * @job: what became of it
 *
 * Remembers a submission as long as its job is known.
 */
void
ruche_service_add_submission (RucheService *service,
                              const char *person,
                              const char *number,
                              gint64 job)
{
  JobData *data = ensure_job (service, job);

  data->submission = submission_key (person, number);
  g_hash_table_insert (((Service *)service)->submissions, data->submission, data);
}

/**
 * ruche_service_keep:
 * @service: a service
 * @job: a job
 * @blobs: (transfer full): all that it needs, held
 * @weight: what it counts in the open work, bytes
 *
 * Keeps a job's files until it is erased, and its weight until it has ended.
 */
void
ruche_service_keep (RucheService *service, gint64 job, GStrv blobs, gint64 weight)
{
  JobData *data = ensure_job (service, job);

  data->blobs = blobs;
  data->weight = weight;
}

/**
 * ruche_service_erase:
 * @service: a service
 * @job: a job that has ended
 *
 * Erases a job's output and lets go of its files.
 */
void
ruche_service_erase (RucheService *service, gint64 job)
{
  JobData *data = find_job (service, job);

  ruche_spool_forget (service->spool, job);
  if (data == NULL || data->blobs == NULL)
    return;
  for (char **digest = data->blobs; *digest != NULL; digest++)
    ruche_blob_store_release (service->blobs, *digest);
  g_clear_pointer (&data->blobs, g_strfreev);
}

/**
 * ruche_service_send_input_ack:
 * @service: a service
 * @server: who says it
 * @message: what a program has taken of its live input
 *
 * Passes an acknowledgement on to the client that types.
 */
void
ruche_service_send_input_ack (RucheService *service,
                              const RucheServerEntry *server,
                              RucheMessage *message)
{
  const RucheInputAck *ack = message->body;
  const RucheJobEntry *job
      = ruche_job_table_lookup (ruche_reactor_get_jobs (service->reactor), ack->job);
  g_autoptr (RucheMessage) copy = NULL;
  RucheClientSession *source;

  if (job == NULL || ack->task >= job->n_tasks || job->tasks[ack->task].server != server)
    return;
  source = ruche_live_inputs_acked (service->inputs, ack);
  if (source == NULL)
    return;
  copy = ruche_message_new (RUCHE_MESSAGE_INPUT_ACK);
  *(RucheInputAck *)copy->body = *ack;
  ruche_client_session_send (source, copy);
}

/* Beginning and end. */

static gboolean
open_state (Service *self, GError **error)
{
  const RucheSpoolBounds bounds
      = { RUCHE_MAX_TASK_OUTPUT, RUCHE_MAX_COMPILER_OUTPUT, RUCHE_MAX_JOB_OUTPUT, RUCHE_MAX_SPOOL };
  const char *state = self->public.config->state;
  g_autofree char *lock = g_build_filename (state, "lock", NULL);
  g_autofree char *epoch = g_build_filename (state, "epoch", NULL);
  g_autofree char *blobs = g_build_filename (state, "blobs", NULL);
  g_autofree char *spool = g_build_filename (state, "spool", NULL);

  self->lock = ruche_files_lock (lock, error);
  if (self->lock < 0)
    return FALSE;
  self->public.epoch = ruche_files_next_epoch (epoch, error);
  if (self->public.epoch == 0)
    return FALSE;
  self->public.blobs = ruche_blob_store_new (blobs, RUCHE_MAX_BLOBS_ON_DISK, error);
  if (self->public.blobs == NULL)
    return FALSE;
  self->public.spool = ruche_spool_new (spool, &bounds, error);
  return self->public.spool != NULL;
}

/**
 * ruche_service_new:
 * @config: must outlive the service
 * @error: an address in use or that can't be listened at, a state folder that can't be used
 *
 * Opens the state folder and begins to listen.
 *
 * Returns: (transfer full): the service, or %NULL
 */
RucheService *
ruche_service_new (const RucheMasterConfig *config, GError **error)
{
  Service *self = g_new0 (Service, 1);

  self->lock = -1;
  self->public.config = config;
  self->clients
      = g_hash_table_new_full (NULL, NULL, (GDestroyNotify)ruche_client_session_free, NULL);
  self->slaves = g_hash_table_new_full (NULL, NULL, (GDestroyNotify)ruche_slave_session_free, NULL);
  self->jobs = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, job_data_free);
  self->submissions = g_hash_table_new (g_str_hash, g_str_equal);
  self->public.inputs = ruche_live_inputs_new ();
  self->public.reactor
      = ruche_reactor_new (config->policy, RUCHE_MAX_KEPT_JOBS, &sink, &self->public);
  self->public.monitors = ruche_monitors_new (self->public.reactor);
  self->listener = ruche_listener_new ();
  ruche_listener_set_shared (self->listener, config->socket_group != NULL);
  g_signal_connect (self->listener, "connection", G_CALLBACK (on_connection), self);
  if (!open_state (self, error) || !ruche_listener_add (self->listener, config->listen, error))
    {
      ruche_service_free (&self->public);
      return NULL;
    }
  self->tick_source = g_timeout_add (TICK_MS, on_tick, self);
  return &self->public;
}

/**
 * ruche_service_stop:
 * @service: a service
 *
 * Listens no more and tells all peers that the master ends. Connections close within a second.
 */
void
ruche_service_stop (RucheService *service)
{
  Service *self = (Service *)service;

  ruche_listener_stop (self->listener);
  for_each (self->clients, (void (*) (gpointer))ruche_client_session_close);
  for_each (self->slaves, (void (*) (gpointer))ruche_slave_session_close);
}

/**
 * ruche_service_is_idle:
 * @service: a service
 *
 * Says whether nobody is connected.
 *
 * Returns: whether all connections have ended
 */
gboolean
ruche_service_is_idle (RucheService *service)
{
  Service *self = (Service *)service;

  return g_hash_table_size (self->clients) == 0 && g_hash_table_size (self->slaves) == 0;
}

/**
 * ruche_service_free:
 * @service: (transfer full): a service
 *
 * Frees the service and all it owns; connections that are still open close silently.
 */
void
ruche_service_free (RucheService *service)
{
  Service *self = (Service *)service;

  g_signal_handlers_disconnect_by_data (self->listener, self);
  ruche_listener_stop (self->listener);
  g_object_unref (self->listener);
  g_hash_table_unref (self->clients);
  g_hash_table_unref (self->slaves);
  g_clear_handle_id (&self->flush_source, g_source_remove);
  g_clear_handle_id (&self->tick_source, g_source_remove);
  ruche_monitors_free (service->monitors);
  ruche_reactor_free (service->reactor);
  ruche_live_inputs_free (service->inputs);
  g_hash_table_unref (self->submissions);
  g_hash_table_unref (self->jobs);
  g_clear_pointer (&service->blobs, ruche_blob_store_free);
  g_clear_pointer (&service->spool, ruche_spool_free);
  if (self->lock >= 0)
    close (self->lock);
  g_free (self);
}
