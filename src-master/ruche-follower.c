/* ruche-follower.c: one client that follows one job
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A follower holds no output: it remembers how far it has read the spool. Tasks with news stand in
 * a line; each is sent what its windows allow, then its result, and is then forgotten. Tasks that
 * had something to tell before the client came are looked at in their order, when the line is
 * empty. When the client reads slowly nothing is read for it, so that it costs nothing.
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-follower.h"

#include "ruche-bounds.h"
#include "ruche-error.h"
#include "ruche-messages.h"
#include "ruche-weigh.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

#define BACKLOG     (2 * RUCHE_MIB)   /* queued on the connection: enough to keep it busy */
#define HEADER_ROOM (512 * RUCHE_KIB) /* of lists in one message */
#define MAX_CHANGED 4096              /* states waiting to be told */

typedef struct
{
  guint task;
  guint attempt;
  gboolean in_line;
  gint64 sent[RUCHE_N_STREAMS];
  gint64 acked[RUCHE_N_STREAMS];
  gboolean end_sent[RUCHE_N_STREAMS];
} Followed;

struct _RucheFollower
{
  RucheReactor *reactor;
  RucheSpool *spool;
  RucheConnection *connection;
  gint64 job;
  gboolean output;
  GPtrArray *cursors;    /* (element-type RucheCursor) where the client had read to, by task */
  GHashTable *tasks;     /* task number to Followed, owned: those with something left to tell */
  GQueue line;           /* (element-type Followed) */
  guint scanned;         /* tasks before this were looked at */
  GArray *changed;       /* (element-type guint32) tasks whose state is to be told */
  const char *waiting;   /* (nullable) what was told last; a word of the reactor's */
  RucheMessage *results; /* (nullable) being filled */
  gsize results_weight;
};

static int
compare_cursors (gconstpointer a, gconstpointer b)
{
  const RucheCursor *x = *(RucheCursor *const *)a, *y = *(RucheCursor *const *)b;

  return (x->task > y->task) - (x->task < y->task);
}

/* The first cursor that is not before a task. */
static guint
first_cursor (const RucheFollower *follower, guint task)
{
  guint low = 0, high = follower->cursors->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      const RucheCursor *cursor = g_ptr_array_index (follower->cursors, middle);
      if (cursor->task < task)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

/**
 * ruche_follower_new:
 * @reactor: where the job is
 * @spool: where its output is
 * @connection: of the client; all three outlive the follower
 * @request: what the client asked for
 *
 * Makes a follower that has told nothing yet.
 *
 * Returns: (transfer full): the follower
 */
RucheFollower *
ruche_follower_new (RucheReactor *reactor,
                    RucheSpool *spool,
                    RucheConnection *connection,
                    const RucheFollow *request)
{
  RucheFollower *follower = g_new0 (RucheFollower, 1);

  follower->reactor = reactor;
  follower->spool = spool;
  follower->connection = connection;
  follower->job = request->job;
  follower->output = request->output;
  follower->cursors = g_ptr_array_new_with_free_func ((GDestroyNotify)ruche_cursor_free);
  for (guint i = 0; i < request->cursors->len; i++)
    g_ptr_array_add (follower->cursors,
                     ruche_cursor_copy (g_ptr_array_index (request->cursors, i)));
  g_ptr_array_sort (follower->cursors, compare_cursors);
  follower->tasks = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  follower->changed = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_queue_init (&follower->line);
  return follower;
}

/**
 * ruche_follower_free:
 * @follower: (transfer full): a follower
 *
 * Frees a follower.
 */
void
ruche_follower_free (RucheFollower *follower)
{
  g_clear_pointer (&follower->results, ruche_message_unref);
  g_queue_clear (&follower->line);
  g_hash_table_unref (follower->tasks);
  g_array_unref (follower->changed);
  g_ptr_array_unref (follower->cursors);
  g_free (follower);
}

/**
 * ruche_follower_get_job:
 * @follower: a follower
 *
 * Says which job it follows.
 *
 * Returns: its number
 */
gint64
ruche_follower_get_job (RucheFollower *follower)
{
  return follower->job;
}

/**
 * ruche_follower_task_changed:
 * @follower: a follower
 * @task: a task of its job
 *
 * Notes that the client should be told the task's state. Of a client that reads nothing too many
 * are not kept: it gets the results in any case.
 */
void
ruche_follower_task_changed (RucheFollower *follower, guint task)
{
  guint32 value = task;
  guint n = follower->changed->len;

  if (n >= MAX_CHANGED || (n > 0 && g_array_index (follower->changed, guint32, n - 1) == value))
    return;
  g_array_append_val (follower->changed, value);
}

static void
stand_in_line (RucheFollower *follower, Followed *followed)
{
  if (followed->in_line)
    return;
  followed->in_line = TRUE;
  g_queue_push_tail (&follower->line, followed);
}

static Followed *
ensure_followed (RucheFollower *follower, guint task)
{
  Followed *followed = g_hash_table_lookup (follower->tasks, GUINT_TO_POINTER (task));

  if (followed == NULL)
    {
      followed = g_new0 (Followed, 1);
      followed->task = task;
      g_hash_table_insert (follower->tasks, GUINT_TO_POINTER (task), followed);
    }
  return followed;
}

/**
 * ruche_follower_task_news:
 * @follower: a follower
 * @task: a task of its job
 *
 * Notes that there is output of the task, or that it ended.
 */
void
ruche_follower_task_news (RucheFollower *follower, guint task)
{
  /* The others are found when their turn comes. */
  if (task < follower->scanned)
    stand_in_line (follower, ensure_followed (follower, task));
}

/**
 * ruche_follower_acked:
 * @follower: a follower
 * @ack: what the client has taken; checked here
 *
 * Opens a stream's window.
 */
void
ruche_follower_acked (RucheFollower *follower, const RucheOutputAck *ack)
{
  Followed *followed = g_hash_table_lookup (follower->tasks, GUINT_TO_POINTER ((guint)ack->task));

  if (followed == NULL || followed->attempt != ack->attempt
      || ack->offset > followed->sent[ack->stream] || ack->offset <= followed->acked[ack->stream])
    return;
  followed->acked[ack->stream] = ack->offset;
  stand_in_line (follower, followed);
}

/* Begins a new attempt's streams, where the client has not read some of them already. */
static void
begin_attempt (RucheFollower *follower, Followed *followed, guint attempt)
{
  followed->attempt = attempt;
  for (guint i = 0; i < RUCHE_N_STREAMS; i++)
    {
      followed->sent[i] = followed->acked[i] = 0;
      followed->end_sent[i] = FALSE;
    }
  for (guint i = first_cursor (follower, followed->task); i < follower->cursors->len; i++)
    {
      const RucheCursor *cursor = g_ptr_array_index (follower->cursors, i);
      RucheAttemptId id = { follower->job, cursor->task, cursor->attempt };
      if (cursor->task != followed->task)
        break;
      if (cursor->attempt != attempt)
        continue;
      followed->sent[cursor->stream]
          = MIN (cursor->offset,
                 ruche_spool_get_size (follower->spool, &id, (RucheStream)cursor->stream, NULL));
      followed->acked[cursor->stream] = followed->sent[cursor->stream];
    }
}

static gboolean
congested (RucheFollower *follower)
{
  return ruche_connection_get_queued (follower->connection) >= BACKLOG;
}

static void
send_part (
    RucheFollower *follower, Followed *followed, RucheStream stream, GBytes *bytes, gboolean end)
{
  g_autoptr (RucheMessage) message = ruche_message_new_with_payload (RUCHE_MESSAGE_OUTPUT, bytes);
  RucheOutput *body = message->body;

  body->job = follower->job;
  body->task = followed->task;
  body->attempt = followed->attempt;
  body->stream = (int)stream;
  body->offset = followed->sent[stream];
  body->end = end;
  followed->sent[stream] += (gint64)g_bytes_get_size (bytes);
  followed->end_sent[stream] = end;
  ruche_connection_send (follower->connection, message);
}

/* Sends what the window allows; says whether the stream has been sent to its end. */
static gboolean
send_stream (RucheFollower *follower, Followed *followed, RucheStream stream)
{
  RucheAttemptId id = { follower->job, followed->task, followed->attempt };
  gboolean ended;
  gint64 size = ruche_spool_get_size (follower->spool, &id, stream, &ended);

  if (size == 0 && followed->sent[stream] == 0)
    return TRUE;
  while (followed->sent[stream] < size && !congested (follower)
         && followed->sent[stream] - followed->acked[stream] < RUCHE_OUTPUT_WINDOW)
    {
      gint64 room = RUCHE_OUTPUT_WINDOW - (followed->sent[stream] - followed->acked[stream]);
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) bytes
          = ruche_spool_read (follower->spool, &id, stream, followed->sent[stream],
                              (gsize)MIN (room, RUCHE_OUTPUT_PART), &error);
      if (bytes == NULL)
        {
          g_warning ("%s", error->message);
          return TRUE; /* the result must not wait for what can't be read */
        }
      send_part (follower, followed, stream, bytes,
                 ended && followed->sent[stream] + (gint64)g_bytes_get_size (bytes) == size);
    }
  /* More may have been sent than was kept, where the disk was full. */
  if (followed->sent[stream] >= size && ended && !followed->end_sent[stream])
    {
      g_autoptr (GBytes) nothing = g_bytes_new (NULL, 0);
      send_part (follower, followed, stream, nothing, TRUE);
    }
  return followed->sent[stream] >= size && ended;
}

static void
send_results (RucheFollower *follower)
{
  g_autoptr (RucheMessage) message = g_steal_pointer (&follower->results);

  if (message != NULL)
    ruche_connection_send (follower->connection, message);
  follower->results_weight = 0;
}

static void
add_result (RucheFollower *follower, RucheResult *result)
{
  gsize weight = ruche_weigh (&ruche_result_schema, result);
  RucheResults *body;

  if (follower->results_weight + weight > HEADER_ROOM)
    send_results (follower);
  if (follower->results == NULL)
    follower->results = ruche_message_new (RUCHE_MESSAGE_RESULTS);
  body = follower->results->body;
  g_ptr_array_add (body->results, result);
  follower->results_weight += weight;
  if (body->results->len == RUCHE_MAX_TASKS_PER_MESSAGE)
    send_results (follower);
}

/* Sends one task's news; says whether all was told. */
static gboolean
tell_task (RucheFollower *follower, const RucheJobEntry *job, Followed *followed)
{
  const RucheTaskEntry *task = &job->tasks[followed->task];
  gboolean all = TRUE;

  if (followed->attempt != task->attempt)
    begin_attempt (follower, followed, task->attempt);
  for (RucheStream i = 0; follower->output && !job->deleted && i < RUCHE_N_STREAMS; i++)
    all = send_stream (follower, followed, i) && all;
  if (task->state != RUCHE_TASK_FINISHED || !all)
    return FALSE;
  add_result (follower, ruche_job_entry_to_result (job, followed->task));
  return TRUE;
}

/* The next task with something to tell, or %NULL. */
static Followed *
next_in_line (RucheFollower *follower, const RucheJobEntry *job)
{
  Followed *followed;

  while (g_queue_is_empty (&follower->line) && follower->scanned < job->n_tasks)
    {
      guint task = follower->scanned++;
      if (job->tasks[task].state == RUCHE_TASK_FINISHED || job->tasks[task].attempt > 0)
        stand_in_line (follower, ensure_followed (follower, task));
    }
  followed = g_queue_pop_head (&follower->line);
  if (followed != NULL)
    followed->in_line = FALSE;
  return followed;
}

static guint
first_queued (const RucheJobEntry *job)
{
  return job->requeued != NULL && job->requeued->len > 0
             ? g_array_index (job->requeued, guint32, job->requeued->len - 1)
             : job->next;
}

static void
tell_states (RucheFollower *follower, const RucheJobEntry *job)
{
  const char *waiting = ruche_reactor_why_waiting (follower->reactor, job);
  g_autoptr (RucheMessage) message = NULL;
  RucheStatus *body;

  if (waiting != NULL && waiting != follower->waiting)
    ruche_follower_task_changed (follower, first_queued (job));
  if (follower->changed->len == 0)
    return;
  message = ruche_message_new (RUCHE_MESSAGE_STATUS);
  body = message->body;
  for (guint i = 0; i < follower->changed->len; i++)
    {
      guint task = g_array_index (follower->changed, guint32, i);
      if (job->tasks[task].state != RUCHE_TASK_FINISHED)
        g_ptr_array_add (body->tasks, ruche_job_entry_to_status (job, task));
      if (body->tasks->len == RUCHE_MAX_ROWS)
        {
          ruche_connection_send (follower->connection, message);
          g_clear_pointer (&message, ruche_message_unref);
          message = ruche_message_new (RUCHE_MESSAGE_STATUS);
          body = message->body;
        }
    }
  g_array_set_size (follower->changed, 0);
  follower->waiting = waiting;
  body->waiting = g_strdup (waiting);
  if (body->tasks->len > 0)
    ruche_connection_send (follower->connection, message);
}

/* A client that reads so slowly that its job was forgotten meanwhile can't be told the end of it;
 * it must not wait for it either. */
static void
tell_forgotten (RucheFollower *follower)
{
  g_autoptr (GError) why
      = g_error_new (RUCHE_ERROR, RUCHE_ERROR_NOT_FOUND,
                     _ ("job %" PRId64 " ended so long ago that it was forgotten"), follower->job);

  ruche_connection_close (follower->connection, why);
}

/**
 * ruche_follower_pump:
 * @follower: a follower
 *
 * Sends what there is to tell, as far as the client reads it: states, then of each task its output
 * and its result, and last that the job has ended.
 *
 * Returns: whether the job has ended and all was told; the follower is then of no more use
 */
gboolean
ruche_follower_pump (RucheFollower *follower)
{
  const RucheJobEntry *job
      = ruche_job_table_lookup (ruche_reactor_get_jobs (follower->reactor), follower->job);
  g_autoptr (RucheMessage) message = NULL;
  Followed *followed;

  if (job == NULL)
    {
      tell_forgotten (follower);
      return TRUE;
    }
  if (!congested (follower))
    tell_states (follower, job);
  while (!congested (follower) && (followed = next_in_line (follower, job)) != NULL)
    {
      guint task = followed->task;
      if (tell_task (follower, job, followed))
        g_hash_table_remove (follower->tasks, GUINT_TO_POINTER (task));
      else if (congested (follower))
        stand_in_line (follower, followed);
    }
  send_results (follower);
  if (!ruche_job_entry_is_finished (job) || follower->scanned < job->n_tasks
      || g_hash_table_size (follower->tasks) > 0 || congested (follower))
    return FALSE;
  message = ruche_message_new (RUCHE_MESSAGE_JOB_FINISHED);
  ((RucheJobFinished *)message->body)->info = ruche_job_entry_to_info (job);
  ruche_connection_send (follower->connection, message);
  return TRUE;
}
