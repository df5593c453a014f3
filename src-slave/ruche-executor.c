/* ruche-executor.c: the tasks that a slave was given, and its slots
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An attempt waits for its files, then for a slot, runs, and is remembered until the master has
 * its result. Any number may be given ahead. A slot is free again when nothing of its attempt is
 * left, which may be after the result was sent.
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-executor.h"

#include "ruche-bounds.h"
#include "ruche-error.h"
#include "ruche-prober.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define BLOBS_PER_GET 1024

typedef enum
{
  FETCHING, /* waits for files */
  READY,    /* waits for a slot */
  RUNNING,  /* has a slot */
  OVER,     /* is remembered until the master has the result */
} State;

/* What the executor knows of an attempt. */
typedef struct
{
  RucheAttempt *attempt;
  State state;
  GHashTable *lacking; /* (nullable) owned digests that are not here yet */
  gboolean taken;      /* the master has the result, or wants none */
} Entry;

struct _RucheExecutor
{
  guint slots;
  guint running;
  RucheBoxFactory *factory;
  RucheBlobs *blobs;
  GPtrArray *offers;    /* (element-type RucheOffered) */
  GHashTable *entries;  /* RucheAttemptId, borrowed, to owned Entry */
  GHashTable *dying;    /* set of owned Entry: stopped, and nobody wants to hear of them */
  GHashTable *fetching; /* owned digest to array of Entry, as they came */
  GQueue ready;         /* (element-type Entry) */
  const RucheExecutorEvents *events;
  gpointer user_data;
};

static guint
id_hash (gconstpointer key)
{
  const RucheAttemptId *id = key;

  return (guint)(id->job * 31 + id->task) * 31 + (guint)id->attempt;
}

static gboolean
id_equal (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, sizeof (RucheAttemptId)) == 0;
}

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  ruche_attempt_free (entry->attempt);
  g_clear_pointer (&entry->lacking, g_hash_table_unref);
  g_free (entry);
}

/**
 * ruche_executor_new:
 * @slots: attempts that run at once
 * @factory: makes the boxes
 * @blobs: the files; must outlive the result
 * @offers: (element-type RucheOffered): the toolchains that work here
 * @events: (transfer none): must outlive the result
 * @user_data: for @events
 *
 * Makes an executor that has nothing to do.
 *
 * Returns: (transfer full): the executor
 */
RucheExecutor *
ruche_executor_new (guint slots,
                    RucheBoxFactory *factory,
                    RucheBlobs *blobs,
                    GPtrArray *offers,
                    const RucheExecutorEvents *events,
                    gpointer user_data)
{
  RucheExecutor *self = g_new0 (RucheExecutor, 1);

  self->slots = slots;
  self->factory = g_object_ref (factory);
  self->blobs = blobs;
  self->offers = g_ptr_array_ref (offers);
  self->entries = g_hash_table_new_full (id_hash, id_equal, NULL, entry_free);
  self->dying = g_hash_table_new_full (NULL, NULL, entry_free, NULL);
  self->fetching
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
  g_queue_init (&self->ready);
  self->events = events;
  self->user_data = user_data;
  return self;
}

/**
 * ruche_executor_free:
 * @self: (nullable) (transfer full): an executor of which nothing runs
 *
 * Frees @self.
 */
void
ruche_executor_free (RucheExecutor *self)
{
  if (self == NULL)
    return;
  g_queue_clear (&self->ready);
  g_hash_table_unref (self->fetching);
  g_hash_table_unref (self->entries);
  g_hash_table_unref (self->dying);
  g_ptr_array_unref (self->offers);
  g_object_unref (self->factory);
  g_free (self);
}

static Entry *
find_entry (RucheExecutor *self, gint64 job, gint64 task, gint64 attempt)
{
  RucheAttemptId id = { job, task, attempt };

  return g_hash_table_lookup (self->entries, &id);
}

static void
report (RucheExecutor *self, Entry *entry, RucheTaskState state, RucheStep step)
{
  const RucheAttemptId *id = ruche_attempt_get_id (entry->attempt);
  const RucheTaskStatus status = {
    .job = id->job, .task = id->task, .attempt = id->attempt, .state = (int)state, .step = (int)step
  };

  self->events->started (&status, self->user_data);
}

static void
fill_slots (RucheExecutor *self)
{
  while (self->running < self->slots && !g_queue_is_empty (&self->ready))
    {
      Entry *entry = g_queue_pop_head (&self->ready);
      entry->state = RUNNING;
      self->running++;
      ruche_attempt_start (entry->attempt, self->factory);
    }
}

static void
become_ready (RucheExecutor *self, Entry *entry)
{
  g_clear_pointer (&entry->lacking, g_hash_table_unref);
  if (!ruche_attempt_hold_blobs (entry->attempt))
    {
      ruche_attempt_fail (entry->attempt, _ ("a file of this program was lost on the server"));
      return;
    }
  entry->state = READY;
  g_queue_push_tail (&self->ready, entry);
  report (self, entry, RUCHE_TASK_READY, RUCHE_STEP_NONE);
}

/* Takes an attempt that has no slot out of what waits. */
static void
withdraw (RucheExecutor *self, Entry *entry)
{
  GHashTableIter iter;
  gpointer digest;

  if (entry->state == READY)
    g_queue_remove (&self->ready, entry);
  if (entry->lacking == NULL)
    return;
  g_hash_table_iter_init (&iter, entry->lacking);
  while (g_hash_table_iter_next (&iter, &digest, NULL))
    {
      GPtrArray *waiting = g_hash_table_lookup (self->fetching, digest);
      if (waiting != NULL)
        g_ptr_array_remove (waiting, entry);
    }
  g_clear_pointer (&entry->lacking, g_hash_table_unref);
}

/* Attempts call these. */

static void
on_send (RucheMessage *message, gpointer user_data)
{
  RucheExecutor *self = user_data;

  self->events->send (message, self->user_data);
}

static Entry *
entry_of (RucheExecutor *self, RucheAttempt *attempt)
{
  const RucheAttemptId *id = ruche_attempt_get_id (attempt);
  Entry *entry = g_hash_table_lookup (self->entries, id);
  GHashTableIter iter;
  gpointer key;

  if (entry != NULL && entry->attempt == attempt)
    return entry;
  g_hash_table_iter_init (&iter, self->dying);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    if (((Entry *)key)->attempt == attempt)
      return key;
  return NULL;
}

static void
on_step (RucheAttempt *attempt, RucheStep step, gpointer user_data)
{
  RucheExecutor *self = user_data;

  report (self, entry_of (self, attempt), RUCHE_TASK_RUNNING, step);
}

static void
on_finished (RucheAttempt *attempt, RucheResult *result, gpointer user_data)
{
  RucheExecutor *self = user_data;
  Entry *entry = entry_of (self, attempt);

  if (entry->state != RUNNING)
    {
      withdraw (self, entry);
      entry->state = OVER;
    }
  self->events->finished (result, self->user_data);
}

static void
on_closed (RucheAttempt *attempt, gpointer user_data)
{
  RucheExecutor *self = user_data;
  Entry *entry = entry_of (self, attempt);

  entry->state = OVER;
  self->running--;
  if (!g_hash_table_remove (self->dying, entry) && entry->taken)
    g_hash_table_remove (self->entries, ruche_attempt_get_id (attempt));
  fill_slots (self);
  if (self->running == 0)
    self->events->idle (self->user_data);
}

static const RucheAttemptEvents attempt_events = { on_send, on_step, on_finished, on_closed };

/* The master's messages. */

static const RucheOffered *
find_offer (RucheExecutor *self, const char *language)
{
  for (guint i = 0; language != NULL && i < self->offers->len; i++)
    {
      const RucheOffered *offer = g_ptr_array_index (self->offers, i);
      if (strcmp (offer->toolchain->language, language) == 0)
        return offer;
    }
  return NULL;
}

/* Whether an attempt makes sense here. A peer is not trusted to have checked. */
static gboolean
check_task (RucheExecutor *self,
            const RucheDispatchJob *job,
            const RucheDispatchTask *task,
            const RucheOffered *offer,
            GError **error)
{
  if (!ruche_job_spec_check (job->spec, error)
      || !ruche_task_spec_check (task->spec, job->spec, error))
    return FALSE;
  if (offer != NULL || job->spec->kind == RUCHE_JOB_COMMANDS)
    return TRUE;
  g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_UNSUPPORTED,
               _ ("this server does not offer the language “%s”"), job->spec->language);
  return FALSE;
}

/* Asks for what nobody has asked for yet. */
static void
request (RucheExecutor *self, GPtrArray *digests)
{
  for (guint from = 0; from < digests->len; from += BLOBS_PER_GET)
    {
      RucheMessage *message = ruche_message_new (RUCHE_MESSAGE_GET);
      RucheGet *get = message->body;
      guint n = MIN (digests->len - from, BLOBS_PER_GET);
      get->blobs = g_new0 (char *, n + 1);
      for (guint i = 0; i < n; i++)
        get->blobs[i] = g_strdup (g_ptr_array_index (digests, from + i));
      self->events->send (message, self->user_data);
    }
}

static void
wait_for_blob (RucheExecutor *self, Entry *entry, const char *digest, GPtrArray *wanted)
{
  GPtrArray *waiting = g_hash_table_lookup (self->fetching, digest);

  if (entry->lacking != NULL && g_hash_table_contains (entry->lacking, digest))
    return;
  if (waiting == NULL)
    {
      waiting = g_ptr_array_new ();
      g_hash_table_insert (self->fetching, g_strdup (digest), waiting);
      g_ptr_array_add (wanted, g_strdup (digest));
    }
  g_ptr_array_add (waiting, entry);
  if (entry->lacking == NULL)
    entry->lacking = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_hash_table_add (entry->lacking, g_strdup (digest));
}

static void
take_task (RucheExecutor *self,
           RucheMessage *dispatch,
           const RucheDispatchJob *job,
           const RucheDispatchTask *task,
           GPtrArray *wanted)
{
  const RucheOffered *offer = find_offer (self, job->spec->language);
  g_autoptr (GError) error = NULL;
  Entry *entry;

  if (find_entry (self, job->job, task->task, task->attempt) != NULL)
    return;
  entry = g_new0 (Entry, 1);
  entry->attempt
      = ruche_attempt_new (dispatch, job, task, offer, self->blobs, &attempt_events, self);
  g_hash_table_insert (self->entries, (gpointer)ruche_attempt_get_id (entry->attempt), entry);
  if (!check_task (self, job, task, offer, &error))
    {
      ruche_attempt_fail (entry->attempt, error->message);
      return;
    }
  g_auto (GStrv) blobs = ruche_attempt_list_blobs (entry->attempt);
  for (guint i = 0; blobs[i] != NULL; i++)
    {
      gboolean here = ruche_blobs_hold (self->blobs, blobs[i]);
      if (here)
        ruche_blobs_release (self->blobs, blobs[i]);
      else
        wait_for_blob (self, entry, blobs[i], wanted);
    }
  if (entry->lacking == NULL)
    become_ready (self, entry);
}

static void
take_dispatch (RucheExecutor *self, RucheMessage *message)
{
  const RucheDispatch *dispatch = message->body;
  g_autoptr (GPtrArray) wanted = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < dispatch->jobs->len; i++)
    {
      const RucheDispatchJob *job = g_ptr_array_index (dispatch->jobs, i);
      for (guint j = 0; j < job->tasks->len; j++)
        take_task (self, message, job, g_ptr_array_index (job->tasks, j), wanted);
    }
  request (self, wanted);
  fill_slots (self);
}

/* A blob came, or never will. */
static void
settle_blob (RucheExecutor *self, const char *digest, const char *trouble)
{
  g_autoptr (GPtrArray) waiting = NULL;
  g_autofree char *key = NULL;

  if (!g_hash_table_steal_extended (self->fetching, digest, (gpointer *)&key, (gpointer *)&waiting))
    return;
  for (guint i = 0; i < waiting->len; i++)
    {
      Entry *entry = g_ptr_array_index (waiting, i);
      g_hash_table_remove (entry->lacking, digest);
      if (trouble != NULL)
        ruche_attempt_fail (entry->attempt, trouble);
      else if (g_hash_table_size (entry->lacking) == 0)
        become_ready (self, entry);
    }
  fill_slots (self);
}

static void
take_put (RucheExecutor *self, RucheMessage *message)
{
  const RuchePut *put = message->body;
  g_autoptr (GError) error = NULL;
  gboolean complete = FALSE;

  if (!g_hash_table_contains (self->fetching, put->blob))
    return; /* nobody waits for it any more */
  if (!ruche_blobs_put (self->blobs, put, message->payload, &complete, &error))
    settle_blob (self, put->blob, error->message);
  else if (complete)
    settle_blob (self, put->blob, NULL);
}

static void
take_missing (RucheExecutor *self, const RucheMissing *missing)
{
  for (guint i = 0; missing->blobs != NULL && missing->blobs[i] != NULL; i++)
    settle_blob (self, missing->blobs[i], _ ("the master no longer has a file of this program"));
}

static void
take_stop (RucheExecutor *self, const RucheStop *stop)
{
  for (guint i = 0; i < stop->attempts->len; i++)
    {
      const RucheAttemptId *id = g_ptr_array_index (stop->attempts, i);
      Entry *entry = find_entry (self, id->job, id->task, id->attempt);
      if (entry != NULL)
        ruche_attempt_stop (entry->attempt);
    }
}

static void
take_output_ack (RucheExecutor *self, const RucheOutputAck *ack)
{
  Entry *entry = find_entry (self, ack->job, ack->task, ack->attempt);

  if (entry != NULL)
    ruche_attempt_ack_output (entry->attempt, ack->stream, ack->offset);
}

/* Live input means one attempt at a time; it goes to the latest. */
static void
take_input (RucheExecutor *self, RucheMessage *message)
{
  const RucheInput *input = message->body;

  for (gint64 attempt = RUCHE_MAX_ATTEMPTS; attempt >= 1; attempt--)
    {
      Entry *entry = find_entry (self, input->job, input->task, attempt);
      if (entry == NULL)
        continue;
      ruche_attempt_push_input (entry->attempt, input, message->payload);
      return;
    }
}

/**
 * ruche_executor_take:
 * @self: an executor
 * @message: one from the master
 *
 * Carries out what the master wants. What makes no sense for a task ends that task with a reason;
 * messages about attempts that are not here, and those that are no slave's business, are ignored.
 */
void
ruche_executor_take (RucheExecutor *self, RucheMessage *message)
{
  switch ((int)message->type)
    {
    case RUCHE_MESSAGE_DISPATCH:
      take_dispatch (self, message);
      break;
    case RUCHE_MESSAGE_STOP:
      take_stop (self, message->body);
      break;
    case RUCHE_MESSAGE_PUT:
      take_put (self, message);
      break;
    case RUCHE_MESSAGE_MISSING:
      take_missing (self, message->body);
      break;
    case RUCHE_MESSAGE_OUTPUT_ACK:
      take_output_ack (self, message->body);
      break;
    case RUCHE_MESSAGE_INPUT:
      take_input (self, message);
      break;
    default:
      g_debug ("“%s” is no message for a server", ruche_message_get_word (message));
      break;
    }
}

/**
 * ruche_executor_forget:
 * @self: an executor
 *
 * Stops all attempts and reports nothing of them any more: who gave them does not know them now.
 */
void
ruche_executor_forget (RucheExecutor *self)
{
  GHashTableIter iter;
  gpointer value;

  g_queue_clear (&self->ready);
  g_hash_table_remove_all (self->fetching);
  ruche_blobs_drop_parts (self->blobs);
  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Entry *entry = value;
      ruche_attempt_silence (entry->attempt);
      g_hash_table_iter_steal (&iter);
      if (entry->state == RUNNING)
        {
          g_hash_table_add (self->dying, entry);
          ruche_attempt_stop (entry->attempt);
        }
      else
        entry_free (entry);
    }
}

/**
 * ruche_executor_resume:
 * @self: an executor
 *
 * Sends again, on a new connection to the same master, what has acknowledgements of its own, and
 * asks again for files that had not come.
 */
void
ruche_executor_resume (RucheExecutor *self)
{
  g_autoptr (GPtrArray) wanted = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer key, value;

  ruche_blobs_drop_parts (self->blobs);
  g_hash_table_iter_init (&iter, self->fetching);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    g_ptr_array_add (wanted, key);
  request (self, wanted);
  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    ruche_attempt_resend (((Entry *)value)->attempt);
}

/**
 * ruche_executor_taken:
 * @self: an executor
 * @results: (element-type RucheResult): what the master has recorded
 *
 * Forgets the attempts of these results, and what they printed.
 */
void
ruche_executor_taken (RucheExecutor *self, GPtrArray *results)
{
  for (guint i = 0; i < results->len; i++)
    {
      const RucheResult *result = g_ptr_array_index (results, i);
      Entry *entry = find_entry (self, result->job, result->task, result->attempt);
      if (entry == NULL)
        continue;
      entry->taken = TRUE;
      if (entry->state == OVER)
        g_hash_table_remove (self->entries, ruche_attempt_get_id (entry->attempt));
    }
}

/**
 * ruche_executor_add_held:
 * @self: an executor
 * @held: (element-type RucheAttemptId): where to add them
 *
 * Lists the attempts whose results the master does not have.
 */
void
ruche_executor_add_held (RucheExecutor *self, GPtrArray *held)
{
  GHashTableIter iter;
  gpointer key, value;

  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, &key, &value) && held->len < RUCHE_MAX_TASKS_PER_MESSAGE)
    if (!((Entry *)value)->taken)
      g_ptr_array_add (held, ruche_attempt_id_copy (key));
}

/**
 * ruche_executor_get_running:
 * @self: an executor
 *
 * Counts the attempts that have a slot.
 *
 * Returns: how many
 */
guint
ruche_executor_get_running (RucheExecutor *self)
{
  return self->running;
}
