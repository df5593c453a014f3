/* ruche-reactor.c: the heart of the master
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A task is queued, or held by one server, or finished. Each function below moves tasks between
 * these three and tells the sink; what waits is given out by ruche_reactor_plan() only.
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-reactor.h"

#include "ruche-bounds.h"
#include "ruche-error.h"
#include "ruche-scheduler.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <inttypes.h>

struct _RucheReactor
{
  const RucheSink *sink;
  gpointer user_data;
  guint max_kept_jobs;
  RucheJobTable *jobs;
  RucheServerTable *servers;
  RucheQueue *queue;
  GQueue finished;  /* (element-type RucheJobEntry) in the order in which they ended */
  gint64 n_kept;    /* tasks of those */
  gint64 n_queued;  /* tasks */
  gint64 n_running; /* likewise */
  gboolean dirty;   /* whether planning may find something to give out */
};

/**
 * ruche_reactor_new:
 * @policy: which server is the better one
 * @max_kept_jobs: finished jobs beyond which the oldest is forgotten
 * @sink: told of all decisions; must outlive the reactor
 * @user_data: for @sink
 *
 * Makes a reactor that knows no job and no server.
 *
 * Returns: (transfer full): the reactor
 */
RucheReactor *
ruche_reactor_new (RuchePolicy policy,
                   guint max_kept_jobs,
                   const RucheSink *sink,
                   gpointer user_data)
{
  RucheReactor *reactor = g_new0 (RucheReactor, 1);

  reactor->sink = sink;
  reactor->user_data = user_data;
  reactor->max_kept_jobs = max_kept_jobs;
  reactor->jobs = ruche_job_table_new ();
  reactor->servers = ruche_server_table_new (policy);
  reactor->queue = ruche_queue_new ();
  g_queue_init (&reactor->finished);
  return reactor;
}

/**
 * ruche_reactor_free:
 * @reactor: (transfer full): a reactor
 *
 * Frees a reactor, its jobs and its servers, and tells nobody.
 */
void
ruche_reactor_free (RucheReactor *reactor)
{
  ruche_queue_free (reactor->queue);
  ruche_server_table_free (reactor->servers);
  ruche_job_table_free (reactor->jobs);
  g_queue_clear (&reactor->finished);
  g_free (reactor);
}

/**
 * ruche_reactor_get_jobs:
 * @reactor: a reactor
 *
 * Gives the jobs, for reading.
 *
 * Returns: (transfer none): the table
 */
RucheJobTable *
ruche_reactor_get_jobs (RucheReactor *reactor)
{
  return reactor->jobs;
}

/**
 * ruche_reactor_get_servers:
 * @reactor: a reactor
 *
 * Gives the servers, for reading.
 *
 * Returns: (transfer none): the table
 */
RucheServerTable *
ruche_reactor_get_servers (RucheReactor *reactor)
{
  return reactor->servers;
}

/**
 * ruche_reactor_get_n_queued:
 * @reactor: a reactor
 *
 * Counts the tasks that wait.
 *
 * Returns: how many
 */
gint64
ruche_reactor_get_n_queued (RucheReactor *reactor)
{
  return reactor->n_queued;
}

/**
 * ruche_reactor_get_n_running:
 * @reactor: a reactor
 *
 * Counts the tasks that servers hold.
 *
 * Returns: how many
 */
gint64
ruche_reactor_get_n_running (RucheReactor *reactor)
{
  return reactor->n_running;
}

/**
 * ruche_reactor_forget_oldest:
 * @reactor: a reactor
 *
 * Forgets the job that ended first, where one has ended.
 *
 * Returns: whether there was one
 */
gboolean
ruche_reactor_forget_oldest (RucheReactor *reactor)
{
  RucheJobEntry *job = g_queue_pop_head (&reactor->finished);

  if (job == NULL)
    return FALSE;
  reactor->n_kept -= job->n_tasks;
  reactor->sink->job_forgotten (job, reactor->user_data);
  ruche_job_table_remove (reactor->jobs, job);
  return TRUE;
}

/* Whether more ended jobs are kept than may be; one of any size may. */
static gboolean
keeps_too_much (const RucheReactor *reactor)
{
  guint n = reactor->finished.length;

  return n > reactor->max_kept_jobs || (n > 1 && reactor->n_kept > RUCHE_MAX_KEPT_TASKS);
}

/* Records the end of a task that no server holds and that is not queued any more. The job may be
 * forgotten by this. */
static void
finish_task (RucheReactor *reactor, RucheJobEntry *job, guint index, int verdict, gint64 now_ms)
{
  RucheTaskEntry *task = &job->tasks[index];

  task->state = RUCHE_TASK_FINISHED;
  task->verdict = verdict;
  task->stopping = FALSE;
  g_clear_pointer (&task->spec, ruche_task_spec_free);
  job->n_finished++;
  if (verdict != RUCHE_VERDICT_OK)
    {
      job->n_failed++;
      job->first_failed = MIN (job->first_failed, index);
    }
  reactor->sink->task_finished (job, index, reactor->user_data);
  if (!ruche_job_entry_is_finished (job))
    return;
  job->finished_ms = now_ms;
  reactor->sink->job_finished (job, reactor->user_data);
  g_queue_push_tail (&reactor->finished, job);
  reactor->n_kept += job->n_tasks;
  while (keeps_too_much (reactor))
    ruche_reactor_forget_oldest (reactor);
}

static void
release (RucheReactor *reactor, RucheJobEntry *job, guint task)
{
  RucheServerEntry *server = job->tasks[task].server;

  ruche_server_table_release (reactor->servers, job, task);
  job->n_running--;
  reactor->n_running--;
  reactor->dirty = TRUE;
  reactor->sink->server_changed (server, reactor->user_data);
}

/**
 * ruche_reactor_submitted:
 * @reactor: a reactor
 * @owner: the person
 * @raised: whether this person's high priority weighs between people
 * @spec: (transfer full): the job, checked and with limits filled in
 * @tasks: (transfer full) (element-type RucheTaskSpec): its tasks, checked, at least one
 * @now_ms: time of day
 *
 * Takes a job.
 *
 * Returns: (transfer none): the job
 */
RucheJobEntry *
ruche_reactor_submitted (RucheReactor *reactor,
                         const char *owner,
                         gboolean raised,
                         RucheJobSpec *spec,
                         GPtrArray *tasks,
                         gint64 now_ms)
{
  RucheJobEntry *job = ruche_job_table_add (reactor->jobs, owner, spec, tasks);

  job->raised = raised;
  job->submitted_ms = now_ms;
  if (spec->attempts == 0)
    spec->attempts = RUCHE_DEFAULT_ATTEMPTS;
  reactor->n_queued += job->n_tasks;
  reactor->dirty = TRUE;
  ruche_queue_add (reactor->queue, job);
  return job;
}

static void
stop_running (RucheReactor *reactor, RucheJobEntry *job, guint index)
{
  RucheTaskEntry *task = &job->tasks[index];
  RucheAttemptId id = { job->number, index, task->attempt };

  if (task->server == NULL || task->stopping)
    return;
  task->stopping = TRUE;
  reactor->sink->stop (task->server, &id, reactor->user_data);
}

/**
 * ruche_reactor_cancelled:
 * @reactor: a reactor
 * @job: a job in whatever state; may be freed by this
 * @now_ms: time of day
 *
 * Stops a job: its queued tasks end at once, those that run are asked to. Doing it twice, or after
 * the end, changes nothing.
 */
void
ruche_reactor_cancelled (RucheReactor *reactor, RucheJobEntry *job, gint64 now_ms)
{
  guint n_tasks = job->n_tasks;
  guint n_left = ruche_job_entry_get_n_queued (job);

  if (ruche_job_entry_is_finished (job))
    return;
  job->cancelled = TRUE;
  ruche_queue_remove (reactor->queue, job);
  ruche_job_entry_drop_queued (job);
  reactor->n_queued -= n_left;
  for (guint i = 0; i < n_tasks && job->n_running > 0; i++)
    stop_running (reactor, job, i);
  /* The last of these may free the job. */
  for (guint i = 0; n_left > 0; i++)
    if (job->tasks[i].state == RUCHE_TASK_QUEUED)
      {
        n_left--;
        finish_task (reactor, job, i, RUCHE_VERDICT_CANCELLED, now_ms);
      }
}

/**
 * ruche_reactor_deleted:
 * @reactor: a reactor
 * @job: a job
 * @error: %RUCHE_ERROR_BUSY where it has not ended
 *
 * Notes that a job's sources and output are to be erased.
 *
 * Returns: whether they may be
 */
gboolean
ruche_reactor_deleted (RucheReactor *reactor, RucheJobEntry *job, GError **error)
{
  if (!ruche_job_entry_is_finished (job))
    {
      g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_BUSY,
                   _ ("job %" PRId64 " has not ended: cancel it first, or wait for it"),
                   job->number);
      return FALSE;
    }
  job->deleted = TRUE;
  return TRUE;
}

/* What a server holds from before is not the master's any more: a task was given up when the
 * connection ended. */
static void
stop_held (RucheReactor *reactor, RucheServerEntry *server, GPtrArray *held)
{
  for (guint i = 0; i < held->len; i++)
    reactor->sink->stop (server, g_ptr_array_index (held, i), reactor->user_data);
}

/**
 * ruche_reactor_slave_joined:
 * @reactor: a reactor
 * @name: of the server
 * @offer: what it offers
 * @session: (nullable): whoever speaks for it
 * @now_ms: time of day
 * @error: %RUCHE_ERROR_EXISTS where a server of that name is connected, %RUCHE_ERROR_BUSY where
 *   there are too many
 *
 * Takes a server in; one that was lost may come back.
 *
 * Returns: (transfer none): the server, or %NULL
 */
RucheServerEntry *
ruche_reactor_slave_joined (RucheReactor *reactor,
                            const char *name,
                            RucheOffer *offer,
                            gpointer session,
                            gint64 now_ms,
                            GError **error)
{
  RucheServerEntry *server = ruche_server_table_lookup (reactor->servers, name);

  if (server != NULL && server->state != RUCHE_SERVER_LOST)
    {
      g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_EXISTS,
                   _ ("a server called “%s” is connected already: give this one another name"),
                   name);
      return NULL;
    }
  if (server != NULL)
    ruche_server_table_remove (reactor->servers, server);
  if (ruche_server_table_get_size (reactor->servers) >= RUCHE_MAX_SLAVES)
    {
      g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_BUSY,
                   _ ("the cluster has %d servers, no more fit"), RUCHE_MAX_SLAVES);
      return NULL;
    }
  server = ruche_server_table_add (reactor->servers, name, offer, now_ms);
  server->session = session;
  reactor->dirty = TRUE;
  stop_held (reactor, server, offer->held);
  reactor->sink->server_changed (server, reactor->user_data);
  return server;
}

/**
 * ruche_reactor_slave_load:
 * @reactor: a reactor
 * @server: a connected server
 * @load: what it reports
 * @now_ms: time of day
 *
 * Takes a server's report of its load.
 */
void
ruche_reactor_slave_load (RucheReactor *reactor,
                          RucheServerEntry *server,
                          const RucheLoad *load,
                          gint64 now_ms)
{
  ruche_server_table_set_load (reactor->servers, server, ruche_load_copy (load), now_ms);
  reactor->sink->server_changed (server, reactor->user_data);
}

/**
 * ruche_reactor_slave_suspect:
 * @reactor: a reactor
 * @server: a connected server
 * @suspect: whether nothing was heard from it for a while
 * @now_ms: time of day
 *
 * Notes that a server is silent, or speaks again. A suspect one keeps what it holds and gets
 * nothing new.
 */
void
ruche_reactor_slave_suspect (RucheReactor *reactor,
                             RucheServerEntry *server,
                             gboolean suspect,
                             gint64 now_ms)
{
  RucheServerState state = suspect ? RUCHE_SERVER_SUSPECT : RUCHE_SERVER_READY;

  if (server->state == (int)state)
    return;
  ruche_server_table_set_state (reactor->servers, server, state, now_ms);
  reactor->dirty = TRUE;
  reactor->sink->server_changed (server, reactor->user_data);
}

static gboolean
may_try_again (const RucheJobEntry *job, const RucheTaskEntry *task, gboolean given_back)
{
  /* Input that a person typed can't be given a second time. */
  if (task->spec->input == RUCHE_INPUT_LIVE)
    return FALSE;
  if (job->cancelled || task->attempt >= RUCHE_MAX_ATTEMPTS)
    return FALSE;
  return task->attempt < job->spec->attempts || (given_back && task->state != RUCHE_TASK_RUNNING);
}

static RucheResult *
new_lost (const RucheJobEntry *job, guint index, const char *server, const char *why)
{
  RucheResult *result = ruche_result_new ();

  result->job = job->number;
  result->task = index;
  result->attempt = job->tasks[index].attempt;
  result->step = job->tasks[index].step;
  result->server = g_strdup (server);
  result->verdict = job->cancelled ? RUCHE_VERDICT_CANCELLED : RUCHE_VERDICT_LOST;
  if (!job->cancelled)
    result->reason
        = g_strdup_printf (_ ("the server “%s” was lost while it held this: %s"), server, why);
  return result;
}

static void
take_back (RucheReactor *reactor,
           RucheServerEntry *server,
           const char *why,
           gboolean given_back,
           gint64 now_ms)
{
  while (server->held->len > 0)
    {
      const RucheHeld *held = &g_array_index (server->held, RucheHeld, server->held->len - 1);
      RucheJobEntry *job = held->job;
      guint index = held->task;
      RucheTaskEntry *task = &job->tasks[index];

      release (reactor, job, index);
      if (may_try_again (job, task, given_back))
        {
          task->state = RUCHE_TASK_QUEUED;
          task->step = RUCHE_STEP_NONE;
          ruche_job_entry_requeue (job, index);
          ruche_queue_add (reactor->queue, job);
          reactor->n_queued++;
          reactor->sink->task_changed (job, index, reactor->user_data);
          continue;
        }
      task->result = new_lost (job, index, server->name, why);
      finish_task (reactor, job, index, task->result->verdict, now_ms);
    }
}

/**
 * ruche_reactor_slave_lost:
 * @reactor: a reactor
 * @server: a connected server; not to be used afterwards
 * @why: a sentence
 * @now_ms: time of day
 *
 * Gives a server up: what it held is queued again while attempts are left, or is `lost`.
 */
void
ruche_reactor_slave_lost (RucheReactor *reactor,
                          RucheServerEntry *server,
                          const char *why,
                          gint64 now_ms)
{
  take_back (reactor, server, why, FALSE, now_ms);
  server->session = NULL;
  ruche_server_table_set_state (reactor->servers, server, RUCHE_SERVER_LOST, now_ms);
  reactor->sink->server_changed (server, reactor->user_data);
}

/**
 * ruche_reactor_slave_leaving:
 * @reactor: a reactor
 * @server: a connected server; freed
 * @now_ms: time of day
 *
 * Lets a server go that ends in good order. What it had not begun is queued again whatever the
 * job's attempts are, as it was not tried.
 */
void
ruche_reactor_slave_leaving (RucheReactor *reactor, RucheServerEntry *server, gint64 now_ms)
{
  g_autofree char *name = g_strdup (server->name);

  take_back (reactor, server, _ ("it was shut down"), TRUE, now_ms);
  ruche_server_table_remove (reactor->servers, server);
  reactor->sink->server_gone (name, reactor->user_data);
}

/**
 * ruche_reactor_holds:
 * @reactor: a reactor
 * @server: a server
 * @job: number of a job, known or not
 * @task: a place in it, there or not
 * @attempt: number of an attempt
 *
 * Says whether a server may speak about an attempt.
 *
 * Returns: whether it holds just this attempt
 */
gboolean
ruche_reactor_holds (
    RucheReactor *reactor, const RucheServerEntry *server, gint64 job, gint64 task, gint64 attempt)
{
  const RucheJobEntry *entry = ruche_job_table_lookup (reactor->jobs, job);

  return entry != NULL && task >= 0 && task < entry->n_tasks && entry->tasks[task].server == server
         && entry->tasks[task].attempt == attempt;
}

/**
 * ruche_reactor_started:
 * @reactor: a reactor
 * @server: who says so
 * @to: what an attempt is doing now
 *
 * Notes that an attempt has become ready or running, or is in another step. What goes backwards,
 * or concerns an attempt that the server does not hold, is ignored.
 */
void
ruche_reactor_started (RucheReactor *reactor, RucheServerEntry *server, const RucheTaskStatus *to)
{
  RucheAttemptId id = { to->job, to->task, to->attempt };
  RucheJobEntry *job;
  RucheTaskEntry *task;

  if (!ruche_reactor_holds (reactor, server, to->job, to->task, to->attempt)
      || (to->state != RUCHE_TASK_READY && to->state != RUCHE_TASK_RUNNING))
    {
      reactor->sink->ignored (server, &id, reactor->user_data);
      return;
    }
  job = ruche_job_table_lookup (reactor->jobs, to->job);
  task = &job->tasks[to->task];
  if (to->state < (int)task->state
      || (to->state == (int)task->state && to->step <= (int)task->step))
    return;
  task->state = to->state;
  task->step = to->step;
  reactor->sink->task_changed (job, to->task, reactor->user_data);
}

/* A server says how a program ended; that it was lost, or that a person stopped it, is not its to
 * say. */
static void
check_verdict (RucheResult *result, gboolean stopping)
{
  if (result->verdict != RUCHE_VERDICT_NONE && result->verdict != RUCHE_VERDICT_LOST
      && (result->verdict != RUCHE_VERDICT_CANCELLED || stopping))
    return;
  result->verdict = RUCHE_VERDICT_INTERNAL_ERROR;
  if (result->reason == NULL)
    result->reason = g_strdup (_ ("the server gave this up without being asked to"));
}

/**
 * ruche_reactor_finished:
 * @reactor: a reactor
 * @server: who says so
 * @result: (transfer full): how an attempt ended
 * @now_ms: time of day
 *
 * Records the result of a task, once. A result of an attempt that the server does not hold, or not
 * any more, is ignored.
 *
 * Returns: whether it was recorded
 */
gboolean
ruche_reactor_finished (RucheReactor *reactor,
                        RucheServerEntry *server,
                        RucheResult *result,
                        gint64 now_ms)
{
  g_autoptr (RucheResult) owned = result;
  RucheAttemptId id = { result->job, result->task, result->attempt };
  RucheJobEntry *job;
  RucheTaskEntry *task;

  if (!ruche_reactor_holds (reactor, server, result->job, result->task, result->attempt))
    {
      reactor->sink->ignored (server, &id, reactor->user_data);
      return FALSE;
    }
  job = ruche_job_table_lookup (reactor->jobs, result->job);
  task = &job->tasks[result->task];
  check_verdict (result, task->stopping);
  g_free (result->server);
  result->server = g_strdup (server->name);
  release (reactor, job, result->task);
  task->step = result->step;
  task->result = g_steal_pointer (&owned);
  finish_task (reactor, job, result->task, result->verdict, now_ms);
  return TRUE;
}

static void
assign (RucheServerEntry *server, RucheJobEntry *job, guint index, gpointer user_data)
{
  RucheReactor *reactor = user_data;
  RucheTaskEntry *task = &job->tasks[index];

  task->attempt++;
  task->state = RUCHE_TASK_DISPATCHED;
  task->step = RUCHE_STEP_NONE;
  ruche_server_table_hold (reactor->servers, server, job, index);
  job->n_running++;
  reactor->n_running++;
  reactor->n_queued--;
  reactor->sink->dispatch (server, job, index, reactor->user_data);
  reactor->sink->task_changed (job, index, reactor->user_data);
  reactor->sink->server_changed (server, reactor->user_data);
}

/**
 * ruche_reactor_plan:
 * @reactor: a reactor
 *
 * Gives out what waits and can be done now. Called once after all events of a turn of the main
 * loop, so that what belongs together goes out together.
 */
void
ruche_reactor_plan (RucheReactor *reactor)
{
  if (!reactor->dirty)
    return;
  reactor->dirty = FALSE;
  ruche_scheduler_plan (reactor->queue, reactor->servers, assign, reactor);
}

typedef struct
{
  gint64 now_ms;
  GPtrArray *old; /* (element-type RucheServerEntry) */
} OldServers;

static void
collect_old (RucheServerEntry *server, gpointer user_data)
{
  OldServers *search = user_data;

  if (server->state == RUCHE_SERVER_LOST && search->now_ms - server->since_ms >= RUCHE_SHOW_LOST_MS)
    g_ptr_array_add (search->old, server);
}

/**
 * ruche_reactor_tick:
 * @reactor: a reactor
 * @now_ms: time of day
 *
 * Forgets servers that were lost long ago.
 */
void
ruche_reactor_tick (RucheReactor *reactor, gint64 now_ms)
{
  g_autoptr (GPtrArray) old = g_ptr_array_new ();
  OldServers search = { now_ms, old };

  ruche_server_table_foreach (reactor->servers, collect_old, &search);
  for (guint i = 0; i < old->len; i++)
    {
      RucheServerEntry *server = g_ptr_array_index (old, i);
      g_autofree char *name = g_strdup (server->name);
      ruche_server_table_remove (reactor->servers, server);
      reactor->sink->server_gone (name, reactor->user_data);
    }
}

/**
 * ruche_reactor_why_waiting:
 * @reactor: a reactor
 * @job: a job
 *
 * Says why the queued tasks of a job wait.
 *
 * Returns: (transfer none) (nullable): a word of RucheStatus, %NULL where nothing is queued
 */
const char *
ruche_reactor_why_waiting (RucheReactor *reactor, const RucheJobEntry *job)
{
  if (ruche_job_entry_get_n_queued (job) == 0)
    return NULL;
  return ruche_server_table_why_not (reactor->servers, job->spec->language, job->spec->server);
}
