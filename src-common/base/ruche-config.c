/* ruche-config.c: configuration files of the daemons
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Key files with one group. Reading the bytes is the caller's; this only understands them.
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-config.h"

#include "ruche-error.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

struct _RucheConfig
{
  const RucheConfigKey *keys; /* ends with a NULL name; static */
  GHashTable *values;         /* key name, borrowed of @keys, to owned string */
};

static const RucheConfigKey *
find_key (const RucheConfigKey *keys, const char *name)
{
  for (const RucheConfigKey *key = keys; key->name != NULL; key++)
    if (strcmp (key->name, name) == 0)
      return key;
  return NULL;
}

static char *
known_keys (const RucheConfigKey *keys)
{
  GString *list = g_string_new (NULL);

  for (const RucheConfigKey *key = keys; key->name != NULL; key++)
    g_string_append_printf (list, "%s%s", list->len > 0 ? ", " : "", key->name);
  return g_string_free (list, FALSE);
}

/**
 * ruche_config_new_empty:
 * @group: the group's name
 * @keys: the known keys, ended by one whose name is %NULL; must outlive the result
 *
 * Makes a configuration in which nothing is set.
 *
 * Returns: (transfer full): the configuration
 */
RucheConfig *
ruche_config_new_empty (const char *group, const RucheConfigKey *keys)
{
  RucheConfig *config = g_new0 (RucheConfig, 1);

  config->keys = keys;
  config->values = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  return config;
}

/**
 * ruche_config_free:
 * @config: (nullable) (transfer full): a configuration
 *
 * Frees @config.
 */
void
ruche_config_free (RucheConfig *config)
{
  if (config == NULL)
    return;
  g_hash_table_unref (config->values);
  g_free (config);
}

/**
 * ruche_config_set:
 * @config: a configuration
 * @key: the key's name
 * @value: its value as text
 * @error: %RUCHE_ERROR_INVALID for an unknown key or a value that its check refuses
 *
 * Sets one key, as an option of the command line does over the file.
 *
 * Returns: whether it was set
 */
gboolean
ruche_config_set (RucheConfig *config, const char *key, const char *value, GError **error)
{
  const RucheConfigKey *known = find_key (config->keys, key);

  if (known == NULL)
    {
      g_autofree char *list = known_keys (config->keys);
      g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID,
                   _ ("unknown key “%s”; the known ones are: %s"), key, list);
      return FALSE;
    }
  if (known->check != NULL && !known->check (value, error))
    {
      g_prefix_error (error, "%s: ", key);
      return FALSE;
    }
  g_hash_table_insert (config->values, (gpointer)known->name, g_strdup (value));
  return TRUE;
}

/**
 * ruche_config_parse:
 * @text: the file's bytes
 * @length: how many, or -1 where @text ends with NUL
 * @file_name: named in errors
 * @group: the one group that the file may have
 * @keys: the known keys, ended by one whose name is %NULL; must outlive the result
 * @error: %RUCHE_ERROR_INVALID with the file, the key and what to do
 *
 * Reads a configuration file strictly: other groups, unknown keys and bad values are errors.
 *
 * Returns: (transfer full): the configuration, or %NULL
 */
RucheConfig *
ruche_config_parse (const char *text,
                    gssize length,
                    const char *file_name,
                    const char *group,
                    const RucheConfigKey *keys,
                    GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (RucheConfig) config = ruche_config_new_empty (group, keys);
  g_autoptr (GError) local = NULL;
  gsize size = length < 0 ? strlen (text) : (gsize)length;

  if (size > 0 && !g_key_file_load_from_data (file, text, size, G_KEY_FILE_NONE, &local))
    {
      g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID, "%s: %s", file_name, local->message);
      return NULL;
    }
  g_auto (GStrv) groups = g_key_file_get_groups (file, NULL);
  for (guint i = 0; groups[i] != NULL; i++)
    if (strcmp (groups[i], group) != 0)
      {
        g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID,
                     _ ("%s: unknown group [%s]; only [%s] is read"), file_name, groups[i], group);
        return NULL;
      }
  g_auto (GStrv) names = g_key_file_get_keys (file, group, NULL, NULL);
  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    {
      g_autofree char *value = g_key_file_get_string (file, group, names[i], &local);
      if (value == NULL)
        {
          g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID, "%s: %s", file_name,
                       local->message);
          return NULL;
        }
      if (!ruche_config_set (config, names[i], value, error))
        {
          g_prefix_error (error, "%s: ", file_name);
          return NULL;
        }
    }
  return g_steal_pointer (&config);
}

/**
 * ruche_config_get_string:
 * @config: a configuration
 * @key: a known key
 *
 * Looks a key up.
 *
 * Returns: (transfer none) (nullable): its value, %NULL where it is not set
 */
const char *
ruche_config_get_string (RucheConfig *config, const char *key)
{
  return g_hash_table_lookup (config->values, key);
}

/**
 * ruche_config_get_int:
 * @config: a configuration
 * @key: a known key whose check accepts whole numbers only
 * @fallback: the value where @key is not set
 *
 * Looks a number up.
 *
 * Returns: its value or @fallback
 */
gint64
ruche_config_get_int (RucheConfig *config, const char *key, gint64 fallback)
{
  const char *text = ruche_config_get_string (config, key);

  return text != NULL ? g_ascii_strtoll (text, NULL, 10) : fallback;
}

/**
 * ruche_parse_int:
 * @text: what a person wrote
 * @min: the smallest value allowed
 * @max: the largest value allowed
 * @value: (out): the number
 * @error: %RUCHE_ERROR_INVALID with the range
 *
 * Reads a whole number: digits with an optional minus sign and nothing else.
 *
 * Returns: whether @text is such a number between @min and @max
 */
gboolean
ruche_parse_int (const char *text, gint64 min, gint64 max, gint64 *value, GError **error)
{
  if (g_ascii_string_to_signed (text, 10, min, max, value, NULL))
    return TRUE;
  g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID,
               _ ("“%s” is not a whole number between %" PRId64 " and %" PRId64), text, min, max);
  return FALSE;
}
