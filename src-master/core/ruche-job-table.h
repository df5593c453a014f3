/* ruche-job-table.h: every job that the master knows, and how far its tasks are
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-job.h"

G_BEGIN_DECLS

typedef struct _RucheServerEntry RucheServerEntry;
typedef struct _RucheShare RucheShare;

/**
 * RucheTaskEntry:
 * @spec: (nullable): what is to be done, owned; let go of once the task has ended
 * @result: (nullable): how it ended, owned; %NULL for one cancelled before any attempt
 * @server: (nullable): who holds the current attempt, borrowed
 * @place: of this task among what @server holds
 * @state: a RucheTaskState
 * @stopping: whether the server was asked to stop it
 * @attempt: the current or last attempt, 0 for none yet
 * @step: the RucheStep that a running attempt is in
 * @verdict: a RucheVerdict
 *
 * One task. There may be a million, so this is kept small.
 */
typedef struct
{
  RucheTaskSpec *spec;
  RucheResult *result;
  RucheServerEntry *server;
  guint32 place;
  guint8 state : 4;
  guint8 stopping : 1;
  guint8 attempt;
  guint8 step;
  guint8 verdict;
} RucheTaskEntry;

/**
 * RucheJobEntry:
 * @number: from 1
 * @owner: the person
 * @raised: whether the owner's high priority weighs between people
 * @spec: with limits filled in
 * @tasks: @n_tasks of them
 * @n_tasks: how many
 * @next: the first task that no server has ever held
 * @requeued: (nullable) (element-type guint32): tasks that wait for another attempt
 * @n_running: tasks that a server holds
 * @n_finished: tasks that have ended
 * @n_failed: of those, not `ok`
 * @first_failed: the first of those, or G_MAXUINT
 * @submitted_ms: time of day
 * @finished_ms: likewise, 0 while it is not
 * @cancelled: whether a person stopped it
 * @deleted: whether sources and output were erased
 * @share: (nullable): where in the queue it waits; the queue's own
 * @place: in the queue; the queue's own
 *
 * One job. Tasks before @next that wait are in @requeued; those from @next on all wait.
 */
typedef struct
{
  gint64 number;
  char *owner;
  gboolean raised;
  RucheJobSpec *spec;
  RucheTaskEntry *tasks;
  guint n_tasks;
  guint next;
  GArray *requeued;
  guint n_running;
  guint n_finished;
  guint n_failed;
  guint first_failed;
  gint64 submitted_ms;
  gint64 finished_ms;
  gboolean cancelled;
  gboolean deleted;
  RucheShare *share;
  guint place;
} RucheJobEntry;

guint
ruche_job_entry_get_n_queued (const RucheJobEntry *job);
gboolean
ruche_job_entry_is_finished (const RucheJobEntry *job);
guint
ruche_job_entry_take_next (RucheJobEntry *job);
void
ruche_job_entry_requeue (RucheJobEntry *job, guint task);
void
ruche_job_entry_drop_queued (RucheJobEntry *job);
RucheJobInfo *
ruche_job_entry_to_info (const RucheJobEntry *job);
RucheTaskStatus *
ruche_job_entry_to_status (const RucheJobEntry *job, guint task);
RucheResult *
ruche_job_entry_to_result (const RucheJobEntry *job, guint task);

typedef struct _RucheJobTable RucheJobTable;

RucheJobTable *
ruche_job_table_new (void);
void
ruche_job_table_free (RucheJobTable *table);
RucheJobEntry *
ruche_job_table_add (RucheJobTable *table, const char *owner, RucheJobSpec *spec, GPtrArray *tasks);
RucheJobEntry *
ruche_job_table_lookup (RucheJobTable *table, gint64 number);
RucheJobEntry *
ruche_job_table_before (RucheJobTable *table, gint64 number);
void
ruche_job_table_remove (RucheJobTable *table, RucheJobEntry *job);
guint
ruche_job_table_get_size (RucheJobTable *table);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RucheJobTable, ruche_job_table_free)

G_END_DECLS
