/* ruche-master-config.c: what a master is told at its start
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-master-config.h"

#include "ruche-bounds.h"
#include "ruche-config.h"
#include "ruche-error.h"
#include "ruche-paths.h"

#include <glib/gi18n-lib.h>
#include <string.h>

static gboolean
check_address (const char *value, GError **error)
{
  g_autoptr (RucheAddress) address = ruche_address_parse (value, error);

  return address != NULL;
}

static gboolean
check_absolute (const char *value, GError **error)
{
  if (g_path_is_absolute (value))
    return TRUE;
  g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID,
               _ ("“%s” is not an absolute path: write it from “/” on"), value);
  return FALSE;
}

static gboolean
check_name (const char *value, GError **error)
{
  gboolean fine
      = *value != '\0' && strlen (value) <= RUCHE_MAX_NAME && g_utf8_validate (value, -1, NULL);

  for (const char *p = value; fine && *p != '\0'; p++)
    fine = (guchar)*p >= 0x20 && *p != 0x7f;
  if (!fine)
    g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID,
                 _ ("a name has 1 to %d bytes of UTF-8 without control characters"),
                 RUCHE_MAX_NAME);
  return fine;
}

static gboolean
check_policy (const char *value, GError **error)
{
  int policy;

  if (ruche_enum_from_nick (&ruche_policy_type, value, &policy, NULL))
    return TRUE;
  g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID,
               _ ("“%s” is no policy: use “least-loaded” or “fewest-running”"), value);
  return FALSE;
}

/* A limit's key is its member's name with this before it and dashes in it. */
#define LIMIT_CHECK(member, max)                                                                   \
  static gboolean check_##member (const char *value, GError **error)                               \
  {                                                                                                \
    gint64 number;                                                                                 \
    return ruche_parse_int (value, 1, max, &number, error);                                        \
  }

LIMIT_CHECK (cpu_ms, RUCHE_MAX_CPU_MS)
LIMIT_CHECK (wall_ms, RUCHE_MAX_WALL_MS)
LIMIT_CHECK (memory_kib, RUCHE_MAX_MEMORY_KIB)
LIMIT_CHECK (processes, RUCHE_MAX_PROCESSES)
LIMIT_CHECK (output_bytes, RUCHE_MAX_OUTPUT_BYTES)
LIMIT_CHECK (disk_kib, RUCHE_MAX_DISK_KIB)
LIMIT_CHECK (open_files, RUCHE_MAX_OPEN_FILES)

static const RucheConfigKey keys[] = {
  { "listen", check_address },
  { "socket-group", check_name },
  { "state", check_absolute },
  { "cluster", check_name },
  { "policy", check_policy },
  { "user", check_name },
  { "max-cpu-ms", check_cpu_ms },
  { "max-wall-ms", check_wall_ms },
  { "max-memory-kib", check_memory_kib },
  { "max-processes", check_processes },
  { "max-output-bytes", check_output_bytes },
  { "max-disk-kib", check_disk_kib },
  { "max-open-files", check_open_files },
  { NULL },
};

static RucheConfig *
read_file (const char *path, GError **error)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) local = NULL;
  gsize size;

  if (path == NULL)
    return ruche_config_new_empty ("master", keys);
  if (!g_file_get_contents (path, &text, &size, &local))
    {
      g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID,
                   _ ("the configuration can’t be read: %s"), local->message);
      return NULL;
    }
  return ruche_config_parse (text, (gssize)size, path, "master", keys, error);
}

static char *
string_or (RucheConfig *values, const char *key, char *fallback)
{
  g_autofree char *owned = fallback;
  const char *value = ruche_config_get_string (values, key);

  return value != NULL ? g_strdup (value) : g_steal_pointer (&owned);
}

static void
read_limits (RucheConfig *values, RucheLimits *maximum)
{
  ruche_limits_maximum (maximum);
  for (const RucheField *f = ruche_limits_schema.fields; f->name != NULL; f++)
    {
      g_autofree char *key = g_strdelimit (g_strconcat ("max-", f->name, NULL), "_", '-');
      gint64 *limit = &G_STRUCT_MEMBER (gint64, maximum, f->offset);
      *limit = ruche_config_get_int (values, key, *limit);
    }
}

static RucheMasterConfig *
from_values (RucheConfig *values, GError **error)
{
  g_autoptr (RucheMasterConfig) config = g_new0 (RucheMasterConfig, 1);
  const char *listen = ruche_config_get_string (values, "listen");
  g_autofree char *state_top = ruche_paths_state_dir ();
  g_autofree char *policy = string_or (values, "policy", g_strdup ("least-loaded"));
  int chosen = RUCHE_POLICY_LEAST_LOADED;

  config->listen
      = listen != NULL ? ruche_address_parse (listen, error) : ruche_address_new_local ();
  if (config->listen == NULL || !ruche_enum_from_nick (&ruche_policy_type, policy, &chosen, error))
    return NULL;
  config->policy = (RuchePolicy)chosen;
  config->state = string_or (values, "state", g_build_filename (state_top, "master", NULL));
  config->cluster = string_or (values, "cluster", g_strdup (g_get_host_name ()));
  config->socket_group = string_or (values, "socket-group", NULL);
  config->user = string_or (values, "user", NULL);
  read_limits (values, &config->maximum);
  return g_steal_pointer (&config);
}

/**
 * ruche_master_config_from_args:
 * @argc: (inout): as main() has it
 * @argv: (inout): likewise
 * @version: (out): whether only the version is wanted
 * @error: what is wrong on the command line or in the file
 *
 * Reads the command line, and the file that it names; the command line wins.
 *
 * Returns: (transfer full): the configuration, or %NULL
 */
RucheMasterConfig *
ruche_master_config_from_args (int *argc, char ***argv, gboolean *version, GError **error)
{
  g_autofree char *file = NULL, *listen = NULL, *state = NULL, *cluster = NULL, *policy = NULL,
                  *user = NULL;
  const GOptionEntry entries[] = {
    { "config", 0, 0, G_OPTION_ARG_FILENAME, &file, N_ ("Read this file first"), N_ ("FILE") },
    { "listen", 0, 0, G_OPTION_ARG_STRING, &listen, N_ ("Where peers come in: a socket’s path"),
      N_ ("ADDRESS") },
    { "state", 0, 0, G_OPTION_ARG_FILENAME, &state, N_ ("Folder of files and outputs"),
      N_ ("DIR") },
    { "cluster", 0, 0, G_OPTION_ARG_STRING, &cluster, N_ ("The cluster’s name"), N_ ("NAME") },
    { "policy", 0, 0, G_OPTION_ARG_STRING, &policy, N_ ("Who gets the next task"),
      "least-loaded|fewest-running" },
    { "user", 0, 0, G_OPTION_ARG_STRING, &user, N_ ("Whom to become when started as root"),
      N_ ("NAME") },
    { "version", 0, 0, G_OPTION_ARG_NONE, version, N_ ("Print the version and end"), NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (_ ("— the queue of a cluster"));
  g_autoptr (RucheConfig) values = NULL;

  *version = FALSE;
  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  if (!g_option_context_parse (context, argc, argv, error))
    return NULL;
  if (*argc > 1)
    {
      g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID,
                   _ ("“%s” is one word too many; see “--help”"), (*argv)[1]);
      return NULL;
    }
  values = read_file (file, error);
  if (values == NULL)
    return NULL;

  const struct
  {
    const char *key;
    const char *value;
  } given[] = { { "listen", listen },
                { "state", state },
                { "cluster", cluster },
                { "policy", policy },
                { "user", user } };
  for (guint i = 0; i < G_N_ELEMENTS (given); i++)
    if (given[i].value != NULL && !ruche_config_set (values, given[i].key, given[i].value, error))
      return NULL;
  return from_values (values, error);
}

/**
 * ruche_master_config_free:
 * @config: (transfer full): a configuration
 *
 * Frees it.
 */
void
ruche_master_config_free (RucheMasterConfig *config)
{
  g_clear_pointer (&config->listen, ruche_address_free);
  g_free (config->socket_group);
  g_free (config->state);
  g_free (config->cluster);
  g_free (config->user);
  g_free (config);
}
