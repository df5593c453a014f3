/* ruche-job-table.c: every job that the master knows, and how far its tasks are
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-job-table.h"

#include "ruche-server-table.h"

struct _RucheJobTable
{
  GTree *jobs; /* number, inside the entry, to RucheJobEntry, owned */
  gint64 last; /* number given last */
};

/**
 * ruche_job_entry_get_n_queued:
 * @job: a job
 *
 * Counts the tasks that no server holds and that have not ended.
 *
 * Returns: how many
 */
guint
ruche_job_entry_get_n_queued (const RucheJobEntry *job)
{
  return job->n_tasks - job->next + (job->requeued != NULL ? job->requeued->len : 0);
}

/**
 * ruche_job_entry_is_finished:
 * @job: a job
 *
 * Says whether all tasks have ended.
 *
 * Returns: whether they have
 */
gboolean
ruche_job_entry_is_finished (const RucheJobEntry *job)
{
  return job->n_finished == job->n_tasks;
}

/**
 * ruche_job_entry_take_next:
 * @job: a job with at least one queued task
 *
 * Takes the task that goes first out of the queued ones: those that were tried before, then the
 * others in their order.
 *
 * Returns: its place in the job
 */
guint
ruche_job_entry_take_next (RucheJobEntry *job)
{
  if (job->requeued == NULL || job->requeued->len == 0)
    return job->next++;

  guint task = g_array_index (job->requeued, guint32, job->requeued->len - 1);
  g_array_set_size (job->requeued, job->requeued->len - 1);
  return task;
}

/**
 * ruche_job_entry_requeue:
 * @job: a job
 * @task: one of its tasks that was taken before
 *
 * Puts a task back among the queued ones.
 */
void
ruche_job_entry_requeue (RucheJobEntry *job, guint task)
{
  guint32 value = task;

  if (job->requeued == NULL)
    job->requeued = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_array_append_val (job->requeued, value);
}

/**
 * ruche_job_entry_drop_queued:
 * @job: a job
 *
 * Forgets that any task is queued; their states are the caller's to set.
 */
void
ruche_job_entry_drop_queued (RucheJobEntry *job)
{
  job->next = job->n_tasks;
  g_clear_pointer (&job->requeued, g_array_unref);
}

static const char *
task_server (const RucheTaskEntry *task)
{
  if (task->server != NULL)
    return task->server->name;
  return task->result != NULL ? task->result->server : NULL;
}

/**
 * ruche_job_entry_to_info:
 * @job: a job
 *
 * Describes a job as lists show it to its owner.
 *
 * Returns: (transfer full): the description
 */
RucheJobInfo *
ruche_job_entry_to_info (const RucheJobEntry *job)
{
  RucheJobInfo *info = ruche_job_info_new ();

  info->job = job->number;
  info->name = g_strdup (job->spec->name);
  info->owner = g_strdup (job->owner);
  info->kind = job->spec->kind;
  info->language = g_strdup (job->spec->language);
  info->submitted_ms = job->submitted_ms;
  info->finished_ms = job->finished_ms;
  info->tasks = job->n_tasks;
  info->queued = ruche_job_entry_get_n_queued (job);
  info->running = job->n_running;
  info->finished = job->n_finished;
  info->failed = job->n_failed;
  info->deleted = job->deleted;
  if (ruche_job_entry_is_finished (job))
    info->state = RUCHE_JOB_FINISHED;
  else
    info->state = job->n_running > 0 || job->n_finished > 0 ? RUCHE_JOB_RUNNING : RUCHE_JOB_QUEUED;
  if (info->state == RUCHE_JOB_FINISHED)
    info->verdict = job->n_failed == 0 ? RUCHE_VERDICT_OK : job->tasks[job->first_failed].verdict;
  if (job->n_tasks == 1)
    info->server = g_strdup (task_server (&job->tasks[0]));
  return info;
}

/**
 * ruche_job_entry_to_status:
 * @job: a job
 * @task: one of its tasks
 *
 * Describes where a task is.
 *
 * Returns: (transfer full): the description
 */
RucheTaskStatus *
ruche_job_entry_to_status (const RucheJobEntry *job, guint task)
{
  const RucheTaskEntry *entry = &job->tasks[task];
  RucheTaskStatus *status = ruche_task_status_new ();

  status->job = job->number;
  status->task = task;
  status->attempt = entry->attempt;
  status->state = entry->state;
  status->step = entry->step;
  status->server = g_strdup (task_server (entry));
  return status;
}

/**
 * ruche_job_entry_to_result:
 * @job: a job
 * @task: one of its tasks that has ended
 *
 * Describes how a task ended.
 *
 * Returns: (transfer full): the description
 */
RucheResult *
ruche_job_entry_to_result (const RucheJobEntry *job, guint task)
{
  const RucheTaskEntry *entry = &job->tasks[task];
  RucheResult *result;

  if (entry->result != NULL)
    return ruche_result_copy (entry->result);
  result = ruche_result_new ();
  result->job = job->number;
  result->task = task;
  result->attempt = entry->attempt;
  result->verdict = entry->verdict;
  return result;
}

static void
job_entry_free (gpointer data)
{
  RucheJobEntry *job = data;

  for (guint i = 0; i < job->n_tasks; i++)
    {
      ruche_task_spec_free (job->tasks[i].spec);
      ruche_result_free (job->tasks[i].result);
    }
  g_clear_pointer (&job->requeued, g_array_unref);
  ruche_job_spec_free (job->spec);
  g_free (job->tasks);
  g_free (job->owner);
  g_free (job);
}

static int
compare_numbers (gconstpointer a, gconstpointer b, gpointer user_data)
{
  gint64 x = *(const gint64 *)a, y = *(const gint64 *)b;

  return (x > y) - (x < y);
}

/**
 * ruche_job_table_new:
 *
 * Makes a table without jobs.
 *
 * Returns: (transfer full): the table
 */
RucheJobTable *
ruche_job_table_new (void)
{
  RucheJobTable *table = g_new0 (RucheJobTable, 1);

  table->jobs = g_tree_new_full (compare_numbers, NULL, NULL, job_entry_free);
  return table;
}

/**
 * ruche_job_table_free:
 * @table: (transfer full): a table
 *
 * Frees the table and its jobs.
 */
void
ruche_job_table_free (RucheJobTable *table)
{
  g_tree_unref (table->jobs);
  g_free (table);
}

/**
 * ruche_job_table_add:
 * @table: a table
 * @owner: the person
 * @spec: (transfer full): the job, limits filled in
 * @tasks: (transfer full) (element-type RucheTaskSpec): its tasks, at least one
 *
 * Adds a job whose tasks are all queued, and gives it the next number.
 *
 * Returns: (transfer none): the job
 */
RucheJobEntry *
ruche_job_table_add (RucheJobTable *table, const char *owner, RucheJobSpec *spec, GPtrArray *tasks)
{
  RucheJobEntry *job = g_new0 (RucheJobEntry, 1);

  job->number = ++table->last;
  job->owner = g_strdup (owner);
  job->spec = spec;
  job->n_tasks = tasks->len;
  job->tasks = g_new0 (RucheTaskEntry, tasks->len);
  job->first_failed = G_MAXUINT;
  for (guint i = 0; i < tasks->len; i++)
    job->tasks[i].spec = g_ptr_array_index (tasks, i);
  g_ptr_array_set_free_func (tasks, NULL);
  g_ptr_array_unref (tasks);
  g_tree_insert (table->jobs, &job->number, job);
  return job;
}

/**
 * ruche_job_table_lookup:
 * @table: a table
 * @number: of a job
 *
 * Finds a job.
 *
 * Returns: (transfer none) (nullable): the job
 */
RucheJobEntry *
ruche_job_table_lookup (RucheJobTable *table, gint64 number)
{
  return g_tree_lookup (table->jobs, &number);
}

/**
 * ruche_job_table_before:
 * @table: a table
 * @number: of a job, known or not; 0 for the end of the table
 *
 * Steps through the table from the newest job to the oldest.
 *
 * Returns: (transfer none) (nullable): the job with the highest number below @number
 */
RucheJobEntry *
ruche_job_table_before (RucheJobTable *table, gint64 number)
{
  GTreeNode *node = number > 0 ? g_tree_lower_bound (table->jobs, &number) : NULL;

  node = node != NULL ? g_tree_node_previous (node) : g_tree_node_last (table->jobs);
  return node != NULL ? g_tree_node_value (node) : NULL;
}

/**
 * ruche_job_table_remove:
 * @table: a table
 * @job: one of its jobs; freed
 *
 * Forgets a job.
 */
void
ruche_job_table_remove (RucheJobTable *table, RucheJobEntry *job)
{
  g_tree_remove (table->jobs, &job->number);
}

/**
 * ruche_job_table_get_size:
 * @table: a table
 *
 * Counts the jobs.
 *
 * Returns: how many there are
 */
guint
ruche_job_table_get_size (RucheJobTable *table)
{
  return g_tree_nnodes (table->jobs);
}
