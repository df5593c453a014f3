/* ruche-slave-config.c: what a slave is told at its start
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-slave-config.h"

#include "ruche-address.h"
#include "ruche-bounds.h"
#include "ruche-config.h"
#include "ruche-error.h"
#include "ruche-paths.h"

#include <glib/gi18n-lib.h>
#include <string.h>

static gboolean
check_master (const char *value, GError **error)
{
  g_autoptr (RucheAddress) address = ruche_address_parse (value, error);

  return address != NULL;
}

static gboolean
check_name (const char *value, GError **error)
{
  gsize length = strlen (value);

  if (length > 0 && length <= RUCHE_MAX_NAME
      && strspn (value, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "._-") == length)
    return TRUE;
  g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID,
               _ ("“%s” can’t be a server’s name: use up to %d letters of a to z, digits, dots, "
                  "“-” and “_”"),
               value, RUCHE_MAX_NAME);
  return FALSE;
}

static gboolean
check_slots (const char *value, GError **error)
{
  gint64 slots;

  return ruche_parse_int (value, 1, RUCHE_MAX_SLOTS, &slots, error);
}

static gboolean
check_folder (const char *value, GError **error)
{
  if (*value != '\0')
    return TRUE;
  g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID, _ ("name a folder"));
  return FALSE;
}

static const RucheConfigKey keys[] = { { "master", check_master },
                                       { "name", check_name },
                                       { "slots", check_slots },
                                       { "state", check_folder },
                                       { "toolchains", check_folder },
                                       { "user", NULL },
                                       { NULL, NULL } };

static RucheConfig *
read_file (const char *path, GError **error)
{
  g_autofree char *text = NULL;
  gsize length = 0;

  if (path == NULL)
    return ruche_config_new_empty ("slave", keys);
  if (!g_file_get_contents (path, &text, &length, error))
    return NULL;
  return ruche_config_parse (text, (gssize)length, path, "slave", keys, error);
}

static char *
string_or (RucheConfig *config, const char *key, char *fallback)
{
  g_autofree char *owned = fallback;
  const char *value = ruche_config_get_string (config, key);

  return value != NULL ? g_strdup (value) : g_steal_pointer (&owned);
}

static char *
default_state (const char *name)
{
  g_autofree char *folder = g_strconcat ("slave-", name, NULL);
  g_autofree char *parent = ruche_paths_state_dir ();

  return g_build_filename (parent, folder, NULL);
}

static RucheSlaveConfig *
collect (RucheConfig *config)
{
  RucheSlaveConfig *self = g_new0 (RucheSlaveConfig, 1);
  g_autofree char *state = NULL;

  self->master = string_or (config, "master", ruche_paths_master_socket ());
  self->name = string_or (config, "name", g_strdup (g_get_host_name ()));
  self->slots = (guint)ruche_config_get_int (config, "slots", g_get_num_processors ());
  state = string_or (config, "state", default_state (self->name));
  self->state = g_canonicalize_filename (state, NULL);
  self->toolchains = string_or (config, "toolchains", ruche_paths_data ("toolchains"));
  self->user = g_strdup (ruche_config_get_string (config, "user"));
  return self;
}

/**
 * ruche_slave_config_parse:
 * @argc: of main()
 * @argv: of main()
 * @error: a %G_OPTION_ERROR, or what is wrong with the file or a value, and what to write instead
 *
 * Reads the command line and the file that it names; where both set a key the command line counts.
 *
 * Returns: (transfer full): the configuration, or %NULL
 */
RucheSlaveConfig *
ruche_slave_config_parse (int argc, char **argv, GError **error)
{
  g_autofree char *file = NULL;
  g_autofree char *master = NULL;
  g_autofree char *name = NULL;
  g_autofree char *slots = NULL;
  g_autofree char *state = NULL;
  g_autofree char *toolchains = NULL;
  g_autofree char *user = NULL;
  gboolean version = FALSE;
  const GOptionEntry entries[]
      = { { "config", 0, 0, G_OPTION_ARG_FILENAME, &file, N_ ("read this file"), N_ ("FILE") },
          { "master", 0, 0, G_OPTION_ARG_STRING, &master,
            N_ ("where the master is: a socket’s path or a join code"), N_ ("ADDRESS") },
          { "name", 0, 0, G_OPTION_ARG_STRING, &name, N_ ("this server’s name"), N_ ("NAME") },
          { "slots", 0, 0, G_OPTION_ARG_STRING, &slots,
            N_ ("how many programs run at once; one a core by default"), "N" },
          { "state", 0, 0, G_OPTION_ARG_FILENAME, &state, N_ ("keep files here"), N_ ("FOLDER") },
          { "toolchains", 0, 0, G_OPTION_ARG_FILENAME, &toolchains,
            N_ ("read the descriptions of languages here"), N_ ("FOLDER") },
          { "user", 0, 0, G_OPTION_ARG_STRING, &user, N_ ("whom to become when started as root"),
            N_ ("NAME") },
          { "version", 0, 0, G_OPTION_ARG_NONE, &version, N_ ("print the version and end"), NULL },
          { NULL } };
  g_autoptr (GOptionContext) context = g_option_context_new (_ ("— run programs for a Ruche"));
  g_auto (GStrv) arguments = g_strdupv (argv);
  g_autoptr (RucheConfig) config = NULL;
  RucheSlaveConfig *self;

  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  if (!g_option_context_parse_strv (context, &arguments, error))
    return NULL;
  if (arguments[0] != NULL && arguments[1] != NULL)
    {
      g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID,
                   _ ("“%s” is not understood: see --help"), arguments[1]);
      return NULL;
    }
  config = read_file (file, error);
  if (config == NULL)
    return NULL;
  const struct
  {
    const char *key;
    const char *value;
  } given[]
      = { { "master", master },         { "name", name }, { "slots", slots }, { "state", state },
          { "toolchains", toolchains }, { "user", user } };
  for (guint i = 0; i < G_N_ELEMENTS (given); i++)
    if (given[i].value != NULL && !ruche_config_set (config, given[i].key, given[i].value, error))
      return NULL;
  self = collect (config);
  self->show_version = version;
  return self;
}

/**
 * ruche_slave_config_free:
 * @self: (nullable) (transfer full): a configuration
 *
 * Frees @self.
 */
void
ruche_slave_config_free (RucheSlaveConfig *self)
{
  if (self == NULL)
    return;
  g_free (self->master);
  g_free (self->name);
  g_free (self->state);
  g_free (self->toolchains);
  g_free (self->user);
  g_free (self);
}
