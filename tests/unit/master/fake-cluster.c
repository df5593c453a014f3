/* fake-cluster.c: a reactor with a sink that writes down what it is told
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "fake-cluster.h"

static void
note (FakeCluster *cluster, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
note (FakeCluster *cluster, const char *format, ...)
{
  va_list args;

  if (cluster->quiet)
    return;
  va_start (args, format);
  g_string_append_vprintf (cluster->log, format, args);
  va_end (args);
  g_string_append_c (cluster->log, ' ');
}

static void
on_dispatch (RucheServerEntry *server, RucheJobEntry *job, guint task, gpointer user_data)
{
  FakeCluster *cluster = user_data;

  cluster->n_dispatched++;
  if (server->held->len > server->offer->slots)
    cluster->over_slots = TRUE;
  note (cluster, "%d.%u.%u>%s", (int)job->number, task, job->tasks[task].attempt, server->name);
}

static void
on_stop (RucheServerEntry *server, const RucheAttemptId *id, gpointer user_data)
{
  note (user_data, "stop:%d.%d.%d>%s", (int)id->job, (int)id->task, (int)id->attempt, server->name);
}

static void
on_task_changed (RucheJobEntry *job, guint task, gpointer user_data)
{
  if (job->tasks[task].state == RUCHE_TASK_QUEUED)
    note (user_data, "requeued:%d.%u", (int)job->number, task);
}

static void
on_task_finished (RucheJobEntry *job, guint task, gpointer user_data)
{
  FakeCluster *cluster = user_data;

  cluster->n_finished++;
  note (cluster, "%d.%u=%s", (int)job->number, task,
        ruche_enum_to_nick (&ruche_verdict_type, job->tasks[task].verdict));
}

static void
on_job_finished (RucheJobEntry *job, gpointer user_data)
{
  FakeCluster *cluster = user_data;

  cluster->n_jobs_finished++;
  note (cluster, "end:%d", (int)job->number);
}

static void
on_job_forgotten (RucheJobEntry *job, gpointer user_data)
{
  note (user_data, "forgotten:%d", (int)job->number);
}

static void
on_server_changed (RucheServerEntry *server, gpointer user_data)
{
}

static void
on_server_gone (const char *name, gpointer user_data)
{
  note (user_data, "gone:%s", name);
}

static void
on_ignored (RucheServerEntry *server, const RucheAttemptId *id, gpointer user_data)
{
  FakeCluster *cluster = user_data;

  cluster->n_ignored++;
  note (cluster, "ignored:%d.%d.%d", (int)id->job, (int)id->task, (int)id->attempt);
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

FakeCluster *
fake_cluster_new (RuchePolicy policy, guint max_kept_jobs)
{
  FakeCluster *cluster = g_new0 (FakeCluster, 1);

  cluster->log = g_string_new (NULL);
  cluster->now = 1000;
  cluster->reactor = ruche_reactor_new (policy, max_kept_jobs, &sink, cluster);
  return cluster;
}

void
fake_cluster_free (FakeCluster *cluster)
{
  ruche_reactor_free (cluster->reactor);
  g_string_free (cluster->log, TRUE);
  g_free (cluster);
}

RucheServerEntry *
fake_cluster_join (FakeCluster *cluster, const char *name, gint64 slots, const char *languages)
{
  RucheOffer *offer = ruche_struct_new (ruche_message_schemas[RUCHE_MESSAGE_OFFER]);
  g_auto (GStrv) words = g_strsplit (languages, " ", -1);
  g_autoptr (GError) error = NULL;
  RucheServerEntry *server;

  offer->slots = slots;
  offer->cores = slots;
  for (guint i = 0; words[i] != NULL && *words[i] != '\0'; i++)
    {
      RucheToolchain *toolchain = ruche_toolchain_new ();
      toolchain->language = g_strdup (words[i]);
      g_ptr_array_add (offer->toolchains, toolchain);
    }
  server = ruche_reactor_slave_joined (cluster->reactor, name, offer, NULL, cluster->now, &error);
  g_assert_no_error (error);
  ruche_struct_free (ruche_message_schemas[RUCHE_MESSAGE_OFFER], offer);
  return server;
}

static RucheJobEntry *
submit (FakeCluster *cluster, const char *owner, guint n_tasks, RucheJobSpec *spec)
{
  GPtrArray *tasks = g_ptr_array_new ();

  spec->name = g_strdup ("a");
  for (guint i = 0; i < n_tasks; i++)
    g_ptr_array_add (tasks, ruche_task_spec_new ());
  return ruche_reactor_submitted (cluster->reactor, owner, FALSE, spec, tasks, cluster->now);
}

RucheJobEntry *
fake_cluster_submit (FakeCluster *cluster,
                     const char *owner,
                     const char *language,
                     guint n_tasks,
                     RuchePriority priority)
{
  RucheJobSpec *spec = ruche_job_spec_new ();

  spec->language = g_strdup (language);
  spec->priority = priority;
  return submit (cluster, owner, n_tasks, spec);
}

RucheJobEntry *
fake_cluster_submit_to (FakeCluster *cluster, const char *language, const char *server)
{
  RucheJobSpec *spec = ruche_job_spec_new ();

  spec->language = g_strdup (language);
  spec->server = g_strdup (server);
  return submit (cluster, "ann", 1, spec);
}

gboolean
fake_cluster_finish (FakeCluster *cluster,
                     RucheServerEntry *server,
                     gint64 job,
                     gint64 task,
                     gint64 attempt,
                     RucheVerdict verdict)
{
  RucheResult *result = ruche_result_new ();

  result->job = job;
  result->task = task;
  result->attempt = attempt;
  result->verdict = verdict;
  return ruche_reactor_finished (cluster->reactor, server, result, cluster->now);
}

void
fake_cluster_load (FakeCluster *cluster, RucheServerEntry *server, double cpu)
{
  RucheLoad load = { .cpu = cpu };

  ruche_reactor_slave_load (cluster->reactor, server, &load, cluster->now);
}

char *
fake_cluster_take_log (FakeCluster *cluster)
{
  char *text = g_strdup (g_strchomp (cluster->log->str));

  g_string_truncate (cluster->log, 0);
  return text;
}

char *
fake_cluster_plan (FakeCluster *cluster)
{
  ruche_reactor_plan (cluster->reactor);
  return fake_cluster_take_log (cluster);
}
