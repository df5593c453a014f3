/* ruche-server-table.c: every server, what it holds, and the best one for a language
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-server-table.h"

#include "ruche-heap.h"

#include <string.h>

/* Load is compared in steps of 5 %: below that it is noise, and running programs decide. */
#define LOAD_STEPS 20

struct _RucheServerClass
{
  char *key;        /* its languages, sorted, a line each; "" for none */
  char **languages; /* likewise */
  guint n_servers;  /* connected */
  RucheHeap *free;  /* (element-type RucheServerEntry) those that can take work */
};

struct _RucheServerTable
{
  RuchePolicy policy;
  GTree *servers;          /* name, inside the entry, to RucheServerEntry, owned */
  GHashTable *classes;     /* key, inside the class, to RucheServerClass, owned */
  GHashTable *by_language; /* owned string to GPtrArray of RucheServerClass */
  GPtrArray *all;          /* (element-type RucheServerClass) for what needs no language */
  guint32 last_number;
  guint n_connected;
  gint64 slots;
};

static void
server_entry_free (gpointer data)
{
  RucheServerEntry *server = data;

  g_free (server->name);
  g_array_unref (server->held);
  ruche_load_free (server->load);
  ruche_struct_free (ruche_message_schemas[RUCHE_MESSAGE_OFFER], server->offer);
  g_free (server);
}

static void
class_free (gpointer data)
{
  RucheServerClass *kind = data;

  ruche_heap_free (kind->free);
  g_strfreev (kind->languages);
  g_free (kind->key);
  g_free (kind);
}

static int
compare_names (gconstpointer a, gconstpointer b, gpointer user_data)
{
  return strcmp (a, b);
}

static int
compare_servers (gconstpointer a, gconstpointer b)
{
  const RucheServerEntry *x = a, *y = b;

  if (x->score != y->score)
    return x->score < y->score ? -1 : 1;
  return (x->number > y->number) - (x->number < y->number);
}

/**
 * ruche_server_table_new:
 * @policy: which server is the better one
 *
 * Makes a table without servers.
 *
 * Returns: (transfer full): the table
 */
RucheServerTable *
ruche_server_table_new (RuchePolicy policy)
{
  RucheServerTable *table = g_new0 (RucheServerTable, 1);

  table->policy = policy;
  table->servers = g_tree_new_full (compare_names, NULL, NULL, server_entry_free);
  table->classes = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, class_free);
  table->by_language
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
  table->all = g_ptr_array_new ();
  return table;
}

/**
 * ruche_server_table_free:
 * @table: (transfer full): a table
 *
 * Frees the table and its servers.
 */
void
ruche_server_table_free (RucheServerTable *table)
{
  g_hash_table_unref (table->classes);
  g_hash_table_unref (table->by_language);
  g_ptr_array_unref (table->all);
  g_tree_unref (table->servers);
  g_free (table);
}

static int
compare_strings (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

static GStrv
sorted_languages (const RucheOffer *offer)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < offer->toolchains->len; i++)
    {
      const RucheToolchain *toolchain = g_ptr_array_index (offer->toolchains, i);
      if (!g_ptr_array_find_with_equal_func (names, toolchain->language, g_str_equal, NULL))
        g_ptr_array_add (names, g_strdup (toolchain->language));
    }
  g_ptr_array_sort (names, compare_strings);
  g_ptr_array_add (names, NULL);
  return (GStrv)g_ptr_array_steal (names, NULL);
}

static GPtrArray *
classes_for (RucheServerTable *table, const char *language)
{
  if (language == NULL || *language == '\0')
    return table->all;
  return g_hash_table_lookup (table->by_language, language);
}

static RucheServerClass *
class_new (RucheServerTable *table, char *key, GStrv languages)
{
  RucheServerClass *kind = g_new0 (RucheServerClass, 1);

  kind->key = key;
  kind->languages = languages;
  kind->free = ruche_heap_new (compare_servers, G_STRUCT_OFFSET (RucheServerEntry, place));
  g_hash_table_insert (table->classes, kind->key, kind);
  g_ptr_array_add (table->all, kind);
  for (guint i = 0; languages[i] != NULL; i++)
    {
      GPtrArray *list = classes_for (table, languages[i]);
      if (list == NULL)
        {
          list = g_ptr_array_new ();
          g_hash_table_insert (table->by_language, g_strdup (languages[i]), list);
        }
      g_ptr_array_add (list, kind);
    }
  return kind;
}

static void
join_class (RucheServerTable *table, RucheServerEntry *server)
{
  g_auto (GStrv) languages = sorted_languages (server->offer);
  g_autofree char *key = g_strjoinv ("\n", languages);

  server->kind = g_hash_table_lookup (table->classes, key);
  if (server->kind == NULL)
    server->kind = class_new (table, g_steal_pointer (&key), g_steal_pointer (&languages));
  server->kind->n_servers++;
  table->n_connected++;
  table->slots += server->offer->slots;
}

static void
leave_class (RucheServerTable *table, RucheServerEntry *server)
{
  RucheServerClass *kind = g_steal_pointer (&server->kind);

  if (kind == NULL)
    return;
  if (ruche_heap_contains (kind->free, server))
    ruche_heap_remove (kind->free, server);
  table->n_connected--;
  table->slots -= server->offer->slots;
  if (--kind->n_servers > 0)
    return;
  g_ptr_array_remove (table->all, kind);
  for (guint i = 0; kind->languages[i] != NULL; i++)
    {
      GPtrArray *list = classes_for (table, kind->languages[i]);
      g_ptr_array_remove (list, kind);
      if (list->len == 0)
        g_hash_table_remove (table->by_language, kind->languages[i]);
    }
  g_hash_table_remove (table->classes, kind->key);
}

static guint64
score_of (RuchePolicy policy, const RucheServerEntry *server)
{
  double cpu = server->load != NULL ? server->load->cpu : 0;
  double sent = (double)server->sent / (double)server->offer->cores;
  guint64 load = (guint64)((cpu + sent) * LOAD_STEPS + 0.5);
  guint64 running = server->held->len;

  return policy == RUCHE_POLICY_FEWEST_RUNNING ? running << 32 | load : load << 32 | running;
}

/* Puts a server whose load or state has changed in its place in its class. */
static void
settle (RucheServerTable *table, RucheServerEntry *server)
{
  gboolean able = server->kind != NULL && server->state == RUCHE_SERVER_READY
                  && server->held->len < server->offer->slots;
  gboolean there = server->kind != NULL && ruche_heap_contains (server->kind->free, server);

  server->score = score_of (table->policy, server);
  if (able && there)
    ruche_heap_update (server->kind->free, server);
  else if (able)
    ruche_heap_push (server->kind->free, server);
  else if (there)
    ruche_heap_remove (server->kind->free, server);
}

/**
 * ruche_server_table_add:
 * @table: a table
 * @name: of a server that is not in the table
 * @offer: what it offers
 * @now_ms: time of day
 *
 * Adds a server that can take work at once.
 *
 * Returns: (transfer none): the server
 */
RucheServerEntry *
ruche_server_table_add (RucheServerTable *table, const char *name, RucheOffer *offer, gint64 now_ms)
{
  RucheServerEntry *server = g_new0 (RucheServerEntry, 1);

  server->number = ++table->last_number;
  server->name = g_strdup (name);
  server->state = RUCHE_SERVER_READY;
  server->since_ms = now_ms;
  server->offer = ruche_struct_copy (ruche_message_schemas[RUCHE_MESSAGE_OFFER], offer);
  server->held = g_array_new (FALSE, FALSE, sizeof (RucheHeld));
  g_tree_insert (table->servers, server->name, server);
  join_class (table, server);
  settle (table, server);
  return server;
}

/**
 * ruche_server_table_remove:
 * @table: a table
 * @server: one of its servers that holds nothing; freed
 *
 * Forgets a server.
 */
void
ruche_server_table_remove (RucheServerTable *table, RucheServerEntry *server)
{
  leave_class (table, server);
  g_tree_remove (table->servers, server->name);
}

/**
 * ruche_server_table_lookup:
 * @table: a table
 * @name: of a server
 *
 * Finds a server, connected or lost.
 *
 * Returns: (transfer none) (nullable): the server
 */
RucheServerEntry *
ruche_server_table_lookup (RucheServerTable *table, const char *name)
{
  return g_tree_lookup (table->servers, name);
}

/**
 * ruche_server_table_foreach:
 * @table: a table
 * @visit: called for each server in the order of their names; may not change the table
 * @user_data: for @visit
 *
 * Visits all servers.
 */
void
ruche_server_table_foreach (RucheServerTable *table,
                            void (*visit) (RucheServerEntry *server, gpointer user_data),
                            gpointer user_data)
{
  for (GTreeNode *node = g_tree_node_first (table->servers); node != NULL;
       node = g_tree_node_next (node))
    visit (g_tree_node_value (node), user_data);
}

/**
 * ruche_server_table_get_size:
 * @table: a table
 *
 * Counts the servers, lost ones included.
 *
 * Returns: how many there are
 */
guint
ruche_server_table_get_size (RucheServerTable *table)
{
  return g_tree_nnodes (table->servers);
}

/**
 * ruche_server_table_get_slots:
 * @table: a table
 *
 * Adds up the slots of all connected servers.
 *
 * Returns: attempts that can run at once
 */
gint64
ruche_server_table_get_slots (RucheServerTable *table)
{
  return table->slots;
}

/**
 * ruche_server_table_set_state:
 * @table: a table
 * @server: one of its servers; holds nothing if @state is lost
 * @state: what it is now
 * @now_ms: time of day
 *
 * Notes that a server is ready, suspect or lost. A lost one does not come back to life: it joins
 * anew.
 */
void
ruche_server_table_set_state (RucheServerTable *table,
                              RucheServerEntry *server,
                              RucheServerState state,
                              gint64 now_ms)
{
  server->state = state;
  server->since_ms = now_ms;
  if (state == RUCHE_SERVER_LOST)
    leave_class (table, server);
  settle (table, server);
}

/**
 * ruche_server_table_set_load:
 * @table: a table
 * @server: one of its servers
 * @load: (transfer full): what it reports
 * @now_ms: time of day
 *
 * Takes a server's report of its load.
 */
void
ruche_server_table_set_load (RucheServerTable *table,
                             RucheServerEntry *server,
                             RucheLoad *load,
                             gint64 now_ms)
{
  ruche_load_free (server->load);
  server->load = load;
  server->load_ms = now_ms;
  server->report++;
  server->sent = 0;
  settle (table, server);
}

/**
 * ruche_server_table_hold:
 * @table: a table
 * @server: a connected server
 * @job: a job
 * @task: a task of it that no server holds
 *
 * Notes that a server is given a task.
 */
void
ruche_server_table_hold (RucheServerTable *table,
                         RucheServerEntry *server,
                         RucheJobEntry *job,
                         guint task)
{
  RucheHeld held = { job, task, server->report };

  job->tasks[task].server = server;
  job->tasks[task].place = server->held->len;
  g_array_append_val (server->held, held);
  server->sent++;
  settle (table, server);
}

/**
 * ruche_server_table_release:
 * @table: a table
 * @job: a job
 * @task: a task of it that a server holds
 *
 * Notes that the server holds the task no more.
 */
void
ruche_server_table_release (RucheServerTable *table, RucheJobEntry *job, guint task)
{
  RucheServerEntry *server = g_steal_pointer (&job->tasks[task].server);
  guint place = job->tasks[task].place;
  const RucheHeld *held = &g_array_index (server->held, RucheHeld, place);

  if (held->report == server->report)
    server->sent--;
  g_array_remove_index_fast (server->held, place);
  if (place < server->held->len)
    {
      held = &g_array_index (server->held, RucheHeld, place);
      held->job->tasks[held->task].place = place;
    }
  settle (table, server);
}

static gboolean
offers (const RucheServerEntry *server, const char *language)
{
  return language == NULL || *language == '\0'
         || g_strv_contains ((const char *const *)server->kind->languages, language);
}

/**
 * ruche_server_table_find:
 * @table: a table
 * @language: (nullable): what the server must offer, empty for nothing
 * @name: (nullable): the only server that will do
 *
 * Finds the best server that can take a task now.
 *
 * Returns: (transfer none) (nullable): the server, %NULL where all that could are full or gone
 */
RucheServerEntry *
ruche_server_table_find (RucheServerTable *table, const char *language, const char *name)
{
  GPtrArray *classes;
  RucheServerEntry *best = NULL;

  if (name != NULL)
    {
      best = ruche_server_table_lookup (table, name);
      if (best == NULL || best->kind == NULL || !ruche_heap_contains (best->kind->free, best))
        return NULL;
      return offers (best, language) ? best : NULL;
    }
  classes = classes_for (table, language);
  for (guint i = 0; classes != NULL && i < classes->len; i++)
    {
      RucheServerClass *kind = g_ptr_array_index (classes, i);
      RucheServerEntry *top = ruche_heap_top (kind->free);
      if (top != NULL && (best == NULL || compare_servers (top, best) < 0))
        best = top;
    }
  return best;
}

/**
 * ruche_server_table_why_not:
 * @table: a table
 * @language: (nullable): as for ruche_server_table_find()
 * @name: (nullable): likewise
 *
 * Says why a task that such a server must run is not running.
 *
 * Returns: "no-server", "no-such-server", "no-toolchain" or "busy"
 */
const char *
ruche_server_table_why_not (RucheServerTable *table, const char *language, const char *name)
{
  const RucheServerEntry *server;

  if (table->n_connected == 0)
    return "no-server";
  if (name != NULL)
    {
      server = ruche_server_table_lookup (table, name);
      if (server == NULL || server->kind == NULL)
        return "no-such-server";
      return offers (server, language) ? "busy" : "no-toolchain";
    }
  return classes_for (table, language) != NULL ? "busy" : "no-toolchain";
}

/**
 * ruche_server_entry_to_info:
 * @server: a server
 * @now_ms: time of day
 *
 * Describes a server as people see it.
 *
 * Returns: (transfer full): the description
 */
RucheServerInfo *
ruche_server_entry_to_info (const RucheServerEntry *server, gint64 now_ms)
{
  RucheServerInfo *info = ruche_server_info_new ();

  info->name = g_strdup (server->name);
  info->state = server->state;
  info->since_ms = server->since_ms;
  info->slots = server->offer->slots;
  info->busy = server->held->len;
  info->cores = server->offer->cores;
  info->isolation = server->offer->isolation;
  info->version = g_strdup (server->offer->version);
  info->load = ruche_load_copy (server->load);
  info->load_age_ms = server->load != NULL ? MAX (now_ms - server->load_ms, 0) : 0;
  for (guint i = 0; i < server->offer->toolchains->len; i++)
    g_ptr_array_add (info->toolchains,
                     ruche_toolchain_copy (g_ptr_array_index (server->offer->toolchains, i)));
  return info;
}
