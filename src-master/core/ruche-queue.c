/* ruche-queue.c: jobs that wait, and whose turn it is
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Each person has a `pass`, which grows with every task that is given out for them; the lowest
 * pass goes first. A pass only ever grows. That allows the heaps below to be put in order lazily:
 * an element that is out of date is at most too early, so it is enough to look again at the one
 * on top before it is used.
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-queue.h"

#include "ruche-heap.h"

#include <string.h>

/* What a task adds to its owner's pass: the shares of high, normal and low are 4 : 1 : 1/4. */
#define COST_HIGH   1
#define COST_NORMAL 4
#define COST_LOW    16

typedef struct
{
  char *name;
  guint number; /* order of first arrival: who goes first among equals */
  gint64 pass;
} Owner;

typedef struct
{
  RucheGroup public;
  char *key;
  GHashTable *by_owner; /* Owner to RucheShare, owned */
  RucheHeap *shares;    /* (element-type RucheShare) */
  guint place;          /* in the round */
  /* As of when this was put in its place in the round: */
  gint64 pass;
  guint owner;
  const RucheJobEntry *job;
} Group;

/* What one person has waiting in one group. */
struct _RucheShare
{
  Owner *owner;
  Group *group;
  RucheHeap *jobs; /* (element-type RucheJobEntry) */
  gint64 pass;     /* the owner's, as of when this was put in its place */
  guint place;
};

struct _RucheQueue
{
  GHashTable *groups; /* key, inside the group, to Group, owned */
  GHashTable *owners; /* name, inside the owner, to Owner, owned */
  gint64 pass;        /* of whoever was served last */
  RucheHeap *round;   /* (element-type Group) while planning, groups that can still be served */
};

static int
compare_jobs (gconstpointer a, gconstpointer b)
{
  const RucheJobEntry *x = a, *y = b;

  if (x->spec->priority != y->spec->priority)
    return y->spec->priority - x->spec->priority;
  return (x->number > y->number) - (x->number < y->number);
}

static int
compare_turns (gint64 pass_x, guint owner_x, gint64 pass_y, guint owner_y)
{
  if (pass_x != pass_y)
    return pass_x < pass_y ? -1 : 1;
  return (owner_x > owner_y) - (owner_x < owner_y);
}

static int
compare_shares (gconstpointer a, gconstpointer b)
{
  const RucheShare *x = a, *y = b;

  return compare_turns (x->pass, x->owner->number, y->pass, y->owner->number);
}

static int
compare_groups (gconstpointer a, gconstpointer b)
{
  const Group *x = a, *y = b;
  int turn = compare_turns (x->pass, x->owner, y->pass, y->owner);

  return turn != 0 ? turn : compare_jobs (x->job, y->job);
}

static void
share_free (gpointer data)
{
  RucheShare *share = data;

  ruche_heap_free (share->jobs);
  g_free (share);
}

static void
group_free (gpointer data)
{
  Group *group = data;

  ruche_heap_free (group->shares);
  g_hash_table_unref (group->by_owner);
  g_free (group->public.language);
  g_free (group->public.server);
  g_free (group->key);
  g_free (group);
}

static void
owner_free (gpointer data)
{
  Owner *owner = data;

  g_free (owner->name);
  g_free (owner);
}

/**
 * ruche_queue_new:
 *
 * Makes an empty queue.
 *
 * Returns: (transfer full): the queue
 */
RucheQueue *
ruche_queue_new (void)
{
  RucheQueue *queue = g_new0 (RucheQueue, 1);

  queue->groups = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, group_free);
  queue->owners = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, owner_free);
  return queue;
}

/**
 * ruche_queue_free:
 * @queue: (transfer full): a queue; the jobs in it must still exist
 *
 * Frees the queue.
 */
void
ruche_queue_free (RucheQueue *queue)
{
  ruche_queue_end (queue);
  g_hash_table_unref (queue->groups);
  g_hash_table_unref (queue->owners);
  g_free (queue);
}

static Owner *
ensure_owner (RucheQueue *queue, const char *name)
{
  Owner *owner = g_hash_table_lookup (queue->owners, name);

  if (owner != NULL)
    return owner;
  owner = g_new0 (Owner, 1);
  owner->name = g_strdup (name);
  owner->number = g_hash_table_size (queue->owners);
  g_hash_table_insert (queue->owners, owner->name, owner);
  return owner;
}

static Group *
ensure_group (RucheQueue *queue, const RucheJobSpec *spec)
{
  const char *language = spec->language != NULL ? spec->language : "";
  g_autofree char *key = g_strdup_printf ("%s\n%s%s", language, spec->server != NULL ? "@" : "",
                                          spec->server != NULL ? spec->server : "");
  Group *group = g_hash_table_lookup (queue->groups, key);

  if (group != NULL)
    return group;
  group = g_new0 (Group, 1);
  group->public.language = g_strdup (language);
  group->public.server = g_strdup (spec->server);
  group->key = g_steal_pointer (&key);
  group->by_owner = g_hash_table_new_full (NULL, NULL, NULL, share_free);
  group->shares = ruche_heap_new (compare_shares, G_STRUCT_OFFSET (RucheShare, place));
  g_hash_table_insert (queue->groups, group->key, group);
  return group;
}

static RucheShare *
ensure_share (Group *group, Owner *owner)
{
  RucheShare *share = g_hash_table_lookup (group->by_owner, owner);

  if (share != NULL)
    return share;
  share = g_new0 (RucheShare, 1);
  share->owner = owner;
  share->group = group;
  share->pass = owner->pass;
  share->jobs = ruche_heap_new (compare_jobs, G_STRUCT_OFFSET (RucheJobEntry, place));
  g_hash_table_insert (group->by_owner, owner, share);
  ruche_heap_push (group->shares, share);
  return share;
}

/**
 * ruche_queue_add:
 * @queue: a queue
 * @job: a job with queued tasks; nothing is done where it is in the queue already
 *
 * Queues a job. It must not be freed before it is removed or all its tasks are taken.
 */
void
ruche_queue_add (RucheQueue *queue, RucheJobEntry *job)
{
  if (job->share != NULL)
    return;
  job->share = ensure_share (ensure_group (queue, job->spec), ensure_owner (queue, job->owner));
  ruche_heap_push (job->share->jobs, job);
}

/**
 * ruche_queue_remove:
 * @queue: a queue; not while planning
 * @job: a job, in the queue or not
 *
 * Takes a job out of the queue.
 */
void
ruche_queue_remove (RucheQueue *queue, RucheJobEntry *job)
{
  RucheShare *share = g_steal_pointer (&job->share);
  Group *group;

  if (share == NULL)
    return;
  group = share->group;
  ruche_heap_remove (share->jobs, job);
  if (ruche_heap_size (share->jobs) > 0)
    return;
  ruche_heap_remove (group->shares, share);
  g_hash_table_remove (group->by_owner, share->owner);
  if (ruche_heap_size (group->shares) > 0)
    return;
  if (queue->round != NULL && ruche_heap_contains (queue->round, group))
    ruche_heap_remove (queue->round, group);
  g_hash_table_remove (queue->groups, group->key);
}

/* Brings the share on top up to date. */
static RucheShare *
first_share (Group *group)
{
  RucheShare *share = ruche_heap_top (group->shares);

  while (share->pass != share->owner->pass)
    {
      share->pass = share->owner->pass;
      ruche_heap_update (group->shares, share);
      share = ruche_heap_top (group->shares);
    }
  return share;
}

/* Notes whose turn it is in a group; says whether that has changed. */
static gboolean
refresh (Group *group)
{
  const RucheShare *share = first_share (group);
  const RucheJobEntry *job = ruche_heap_top (share->jobs);
  gboolean changed
      = group->pass != share->pass || group->owner != share->owner->number || group->job != job;

  group->pass = share->pass;
  group->owner = share->owner->number;
  group->job = job;
  return changed;
}

/**
 * ruche_queue_begin:
 * @queue: a queue
 *
 * Begins a round of planning with all groups that have something waiting.
 */
void
ruche_queue_begin (RucheQueue *queue)
{
  GHashTableIter iter;
  gpointer group;

  ruche_queue_end (queue);
  queue->round = ruche_heap_new (compare_groups, G_STRUCT_OFFSET (Group, place));
  g_hash_table_iter_init (&iter, queue->groups);
  while (g_hash_table_iter_next (&iter, NULL, &group))
    {
      refresh (group);
      ruche_heap_push (queue->round, group);
    }
}

/**
 * ruche_queue_peek:
 * @queue: a queue, while planning
 *
 * Gives the group whose turn it is.
 *
 * Returns: (transfer none) (nullable): the group, %NULL where the round is over
 */
RucheGroup *
ruche_queue_peek (RucheQueue *queue)
{
  Group *group = ruche_heap_top (queue->round);

  while (group != NULL && refresh (group))
    {
      ruche_heap_update (queue->round, group);
      group = ruche_heap_top (queue->round);
    }
  return group != NULL ? &group->public : NULL;
}

/**
 * ruche_queue_skip:
 * @queue: a queue, after ruche_queue_peek() gave a group
 *
 * Leaves that group out of the round, as no server can take its tasks now.
 */
void
ruche_queue_skip (RucheQueue *queue)
{
  ruche_heap_remove (queue->round, ruche_heap_top (queue->round));
}

static gint64
cost_of (const RucheJobEntry *job)
{
  if (job->spec->priority == RUCHE_PRIORITY_LOW)
    return COST_LOW;
  return job->spec->priority == RUCHE_PRIORITY_HIGH && job->raised ? COST_HIGH : COST_NORMAL;
}

/**
 * ruche_queue_take:
 * @queue: a queue, after ruche_queue_peek() gave a group
 * @task: (out): the place of the task in its job
 *
 * Takes the task whose turn it is in that group; a job without further queued tasks leaves the
 * queue.
 *
 * Returns: (transfer none): the job
 */
RucheJobEntry *
ruche_queue_take (RucheQueue *queue, guint *task)
{
  RucheShare *share = first_share (ruche_heap_top (queue->round));
  RucheJobEntry *job = ruche_heap_top (share->jobs);
  Owner *owner = share->owner;

  /* Who is new, or had to wait for a server of their own, is served at once, and not more than
   * others afterwards. */
  queue->pass = MAX (queue->pass, owner->pass);
  owner->pass = queue->pass + cost_of (job);
  *task = ruche_job_entry_take_next (job);
  if (ruche_job_entry_get_n_queued (job) == 0)
    ruche_queue_remove (queue, job);
  return job;
}

/**
 * ruche_queue_end:
 * @queue: a queue
 *
 * Ends a round of planning.
 */
void
ruche_queue_end (RucheQueue *queue)
{
  g_clear_pointer (&queue->round, ruche_heap_free);
}
