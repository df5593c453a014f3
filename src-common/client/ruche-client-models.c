/* ruche-client-models.c: the rows of a client's live lists
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-client-private.h"

#include "ruche-bounds.h"
#include "ruche-clock.h"

struct _RucheServerRow
{
  GObject parent_instance;

  RucheServerInfo *info;
  char *order; /* collation key of the name: atelier-2 before atelier-10 */
  gint64 updated_ms;
};

G_DEFINE_FINAL_TYPE (RucheServerRow, ruche_server_row, G_TYPE_OBJECT)

struct _RucheJobRow
{
  GObject parent_instance;

  RucheJobInfo *info;
};

G_DEFINE_FINAL_TYPE (RucheJobRow, ruche_job_row, G_TYPE_OBJECT)

static void
add_changed_signal (GObjectClass *klass)
{
  g_signal_new ("changed", G_OBJECT_CLASS_TYPE (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                G_TYPE_NONE, 0);
}

static void
ruche_server_row_finalize (GObject *object)
{
  RucheServerRow *self = RUCHE_SERVER_ROW (object);

  ruche_server_info_free (self->info);
  g_free (self->order);
  G_OBJECT_CLASS (ruche_server_row_parent_class)->finalize (object);
}

static void
ruche_server_row_class_init (RucheServerRowClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ruche_server_row_finalize;
  add_changed_signal (G_OBJECT_CLASS (klass));
}

static void
ruche_server_row_init (RucheServerRow *self)
{
}

/**
 * ruche_server_row_get_info:
 * @self: a row
 *
 * Gives the server as last reported.
 *
 * Returns: (transfer none): valid until the next "changed"
 */
const RucheServerInfo *
ruche_server_row_get_info (RucheServerRow *self)
{
  return self->info;
}

/**
 * ruche_server_row_get_updated_ms:
 * @self: a row
 *
 * Says when the row was last told anything, so that old figures can be shown as old.
 *
 * Returns: milliseconds of ruche_clock_now_ms()
 */
gint64
ruche_server_row_get_updated_ms (RucheServerRow *self)
{
  return self->updated_ms;
}

static void
ruche_job_row_finalize (GObject *object)
{
  ruche_job_info_free (RUCHE_JOB_ROW (object)->info);
  G_OBJECT_CLASS (ruche_job_row_parent_class)->finalize (object);
}

static void
ruche_job_row_class_init (RucheJobRowClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ruche_job_row_finalize;
  add_changed_signal (G_OBJECT_CLASS (klass));
}

static void
ruche_job_row_init (RucheJobRow *self)
{
}

/**
 * ruche_job_row_get_info:
 * @self: a row
 *
 * Gives the job as last reported.
 *
 * Returns: (transfer none): valid until the next "changed"
 */
const RucheJobInfo *
ruche_job_row_get_info (RucheJobRow *self)
{
  return self->info;
}

static int
compare_servers (gconstpointer a, gconstpointer b, gpointer user_data)
{
  return strcmp (((const RucheServerRow *)a)->order, ((const RucheServerRow *)b)->order);
}

static int
compare_jobs (gconstpointer a, gconstpointer b, gpointer user_data)
{
  gint64 x = ((const RucheJobRow *)a)->info->job;
  gint64 y = ((const RucheJobRow *)b)->info->job;

  return (x < y) - (x > y);
}

static void
apply_server (RucheLists *lists, const RucheServerInfo *info)
{
  RucheServerRow *row = g_hash_table_lookup (lists->server_rows, info->name);

  if (row != NULL)
    {
      ruche_server_info_free (row->info);
      row->info = ruche_server_info_copy (info);
      row->updated_ms = ruche_clock_now_ms ();
      g_signal_emit_by_name (row, "changed");
      return;
    }
  g_autoptr (RucheServerRow) fresh = g_object_new (RUCHE_TYPE_SERVER_ROW, NULL);
  fresh->info = ruche_server_info_copy (info);
  fresh->order = g_utf8_collate_key_for_filename (info->name, -1);
  fresh->updated_ms = ruche_clock_now_ms ();
  g_hash_table_insert (lists->server_rows, g_strdup (info->name), fresh);
  g_list_store_insert_sorted (lists->servers, fresh, compare_servers, NULL);
}

static void
remove_server (RucheLists *lists, const char *name)
{
  RucheServerRow *row = g_hash_table_lookup (lists->server_rows, name);
  guint at;

  if (row == NULL)
    return;
  g_hash_table_remove (lists->server_rows, name);
  if (g_list_store_find (lists->servers, row, &at))
    g_list_store_remove (lists->servers, at);
}

static void
drop_oldest_job (RucheLists *lists)
{
  guint last = g_list_model_get_n_items (G_LIST_MODEL (lists->jobs)) - 1;
  g_autoptr (RucheJobRow) row = g_list_model_get_item (G_LIST_MODEL (lists->jobs), last);

  g_hash_table_remove (lists->job_rows, &row->info->job);
  g_list_store_remove (lists->jobs, last);
}

static void
apply_job (RucheLists *lists, const RucheJobInfo *info)
{
  RucheJobRow *row = g_hash_table_lookup (lists->job_rows, &info->job);

  if (row != NULL)
    {
      ruche_job_info_free (row->info);
      row->info = ruche_job_info_copy (info);
      g_signal_emit_by_name (row, "changed");
      return;
    }
  g_autoptr (RucheJobRow) fresh = g_object_new (RUCHE_TYPE_JOB_ROW, NULL);
  fresh->info = ruche_job_info_copy (info);
  g_hash_table_insert (lists->job_rows, g_memdup2 (&info->job, sizeof info->job), fresh);
  g_list_store_insert_sorted (lists->jobs, fresh, compare_jobs, NULL);
  if (g_hash_table_size (lists->job_rows) > RUCHE_MAX_KEPT_JOBS)
    drop_oldest_job (lists);
}

/**
 * ruche_lists_init:
 * @lists: lists
 *
 * Makes empty lists.
 */
void
ruche_lists_init (RucheLists *lists)
{
  lists->servers = g_list_store_new (RUCHE_TYPE_SERVER_ROW);
  lists->jobs = g_list_store_new (RUCHE_TYPE_JOB_ROW);
  lists->server_rows = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  lists->job_rows = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
}

/**
 * ruche_lists_clear:
 * @lists: lists
 *
 * Frees what ruche_lists_init() made.
 */
void
ruche_lists_clear (RucheLists *lists)
{
  g_clear_pointer (&lists->server_rows, g_hash_table_unref);
  g_clear_pointer (&lists->job_rows, g_hash_table_unref);
  g_clear_object (&lists->servers);
  g_clear_object (&lists->jobs);
}

/**
 * ruche_lists_empty:
 * @lists: lists
 *
 * Removes all rows: a new connection's feed begins with all there is.
 */
void
ruche_lists_empty (RucheLists *lists)
{
  g_hash_table_remove_all (lists->server_rows);
  g_hash_table_remove_all (lists->job_rows);
  g_list_store_remove_all (lists->servers);
  g_list_store_remove_all (lists->jobs);
}

/**
 * ruche_lists_apply:
 * @lists: lists
 * @feed: what changed
 *
 * Brings the lists up to date.
 */
void
ruche_lists_apply (RucheLists *lists, const RucheFeed *feed)
{
  for (guint i = 0; i < feed->servers->len; i++)
    apply_server (lists, g_ptr_array_index (feed->servers, i));
  for (guint i = 0; feed->gone != NULL && feed->gone[i] != NULL; i++)
    remove_server (lists, feed->gone[i]);
  for (guint i = 0; i < feed->jobs->len; i++)
    apply_job (lists, g_ptr_array_index (feed->jobs, i));
}
