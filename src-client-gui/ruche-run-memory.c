/* ruche-run-memory.c: how each file was last run, from one session of the desktop to the next
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One key file that only its owner can read, with a group for each program, the one used last at
 * the end. What is in it is not trusted more than any other file: it may have been edited.
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-run-memory.h"

#include <math.h>
#include <string.h>

#define MOST_OTHERS 64
#define MOST_BYTES  (8 * 1024 * 1024)

static const char *const texts[] = { "language", "arguments", "flags", "input" };
static const char *const numbers[] = { "cpu", "wall", "memory" };

/**
 * ruche_run_memory_path:
 *
 * Tells where run settings are remembered.
 *
 * Returns: (transfer full): a path
 */
char *
ruche_run_memory_path (void)
{
  return g_build_filename (g_get_user_state_dir (), "ruche", "run-settings", NULL);
}

/* Names of files may hold what a group's name may not. */
static char *
group_of (GFile *file)
{
  g_autofree char *uri = g_file_get_uri (file);

  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, uri, -1);
}

static GKeyFile *
read_all (const char *path)
{
  GKeyFile *keys = g_key_file_new ();
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFileInfo) info
      = g_file_query_info (file, G_FILE_ATTRIBUTE_STANDARD_TYPE "," G_FILE_ATTRIBUTE_STANDARD_SIZE,
                           G_FILE_QUERY_INFO_NONE, NULL, NULL);
  g_autoptr (GError) error = NULL;

  if (info == NULL || g_file_info_get_file_type (info) != G_FILE_TYPE_REGULAR
      || g_file_info_get_size (info) > MOST_BYTES)
    return keys;
  if (!g_key_file_load_from_file (keys, path, G_KEY_FILE_NONE, &error))
    {
      g_message ("%s: %s", path, error->message);
      g_key_file_unref (keys);
      keys = g_key_file_new ();
    }
  return keys;
}

/**
 * ruche_run_memory_recall:
 * @file: a program
 * @settings: new settings
 *
 * Fills in how the program was last run; leaves @settings alone where that is not known.
 */
void
ruche_run_memory_recall (GFile *file, RucheRunSettings *settings)
{
  g_autofree char *path = ruche_run_memory_path ();
  g_autofree char *group = group_of (file);
  g_autoptr (GKeyFile) keys = read_all (path);
  GListStore *others = ruche_run_settings_get_files (settings);
  g_auto (GStrv) uris = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *text = g_key_file_get_string (keys, group, texts[i], NULL);
      if (text != NULL)
        g_object_set (settings, texts[i], text, NULL);
    }
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      double number = g_key_file_get_double (keys, group, numbers[i], NULL);
      if (isfinite (number))
        g_object_set (settings, numbers[i], CLAMP (number, 0, G_MAXINT32), NULL);
    }
  uris = g_key_file_get_string_list (keys, group, "files", NULL, NULL);
  for (guint i = 0; uris != NULL && uris[i] != NULL && i < MOST_OTHERS; i++)
    {
      g_autoptr (GFile) other = g_file_new_for_uri (uris[i]);
      g_list_store_append (others, other);
    }
}

static void
put_group (GKeyFile *keys, const char *group, RucheRunSettings *settings)
{
  GListModel *others = G_LIST_MODEL (ruche_run_settings_get_files (settings));
  g_autoptr (GPtrArray) uris = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *text = NULL;
      g_object_get (settings, texts[i], &text, NULL);
      if (*text != '\0' && strlen (text) <= RUCHE_MEMORY_INPUT)
        g_key_file_set_string (keys, group, texts[i], text);
    }
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      double number;
      g_object_get (settings, numbers[i], &number, NULL);
      if (number > 0)
        g_key_file_set_double (keys, group, numbers[i], number);
    }
  for (guint i = 0; i < MIN (g_list_model_get_n_items (others), MOST_OTHERS); i++)
    {
      g_autoptr (GFile) other = g_list_model_get_item (others, i);
      g_ptr_array_add (uris, g_file_get_uri (other));
    }
  if (uris->len > 0)
    g_key_file_set_string_list (keys, group, "files", (const char *const *)uris->pdata, uris->len);
}

static void
forget_the_oldest (GKeyFile *keys)
{
  gsize n;
  g_auto (GStrv) groups = g_key_file_get_groups (keys, &n);

  for (gsize i = 0; i + RUCHE_MEMORY_FILES < n; i++)
    g_key_file_remove_group (keys, groups[i], NULL);
}

/**
 * ruche_run_memory_keep:
 * @file: a program
 * @settings: how it is run
 *
 * Remembers settings, of the last %RUCHE_MEMORY_FILES programs; a longer standard input than
 * %RUCHE_MEMORY_INPUT bytes is not kept. Nothing is written where nothing changed.
 */
void
ruche_run_memory_keep (GFile *file, RucheRunSettings *settings)
{
  g_autofree char *path = ruche_run_memory_path ();
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *group = group_of (file);
  g_autoptr (GKeyFile) keys = read_all (path);
  g_autofree char *before = g_key_file_to_data (keys, NULL, NULL);
  g_autofree char *after = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;

  g_key_file_remove_group (keys, group, NULL);
  put_group (keys, group, settings);
  forget_the_oldest (keys);
  after = g_key_file_to_data (keys, &length, NULL);
  if (g_str_equal (before, after))
    return;
  g_mkdir_with_parents (folder, 0700);
  if (!g_file_set_contents_full (path, after, (gssize)length, G_FILE_SET_CONTENTS_CONSISTENT, 0600,
                                 &error))
    g_message ("%s", error->message);
}
