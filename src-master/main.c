/* main.c: ruche-master, the queue of a cluster
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-daemon.h"
#include "ruche-i18n.h"
#include "ruche-log.h"
#include "ruche-service.h"

#include <glib-unix.h>
#include <glib/gi18n-lib.h>
#include <signal.h>
#include <stdio.h>

#define FAREWELL_MS 3000 /* how long peers may take to hear that the master ends */

static gboolean
on_signal (gpointer user_data)
{
  g_main_loop_quit (user_data);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_time_out (gpointer user_data)
{
  *(gboolean *)user_data = TRUE;
  return G_SOURCE_CONTINUE;
}

/* The folder of the socket: the master's own, unless a group may enter it. */
static gboolean
make_runtime_dir (const RucheMasterConfig *config, const RucheIdentity *identity, GError **error)
{
  g_autofree char *path = NULL;
  gid_t group;

  if (config->listen->kind != RUCHE_ADDRESS_UNIX)
    return TRUE;
  path = g_path_get_dirname (config->listen->path);
  if (config->socket_group == NULL)
    return ruche_daemon_make_dir (path, identity, error);
  return ruche_daemon_find_group (config->socket_group, &group, error)
         && ruche_daemon_make_shared_dir (path, identity, group, error);
}

/* Makes the folders while there are rights to, and gives the rights up. */
static gboolean
settle (const RucheMasterConfig *config, GError **error)
{
  RucheIdentity identity = { 0 };
  gboolean settled;

  if (!ruche_daemon_find_identity (config->user, &identity, error))
    return FALSE;
  settled = make_runtime_dir (config, &identity, error)
            && ruche_daemon_make_dir (config->state, &identity, error)
            && ruche_daemon_drop_root (&identity, error);
  ruche_identity_clear (&identity);
  return settled;
}

static void
say_goodbye (RucheService *service)
{
  gboolean late = FALSE;
  guint source = g_timeout_add (FAREWELL_MS, on_time_out, &late);

  ruche_service_stop (service);
  while (!late && !ruche_service_is_idle (service))
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (source);
}

static int
serve (const RucheMasterConfig *config)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GError) error = NULL;
  g_autofree char *where = ruche_address_to_text (config->listen);
  RucheService *service;

  if (!settle (config, &error) || (service = ruche_service_new (config, &error)) == NULL)
    {
      fprintf (stderr, "ruche-master: %s\n", error->message);
      return 1;
    }
  signal (SIGPIPE, SIG_IGN);
  ruche_daemon_raise_open_files ();
  g_unix_signal_add (SIGTERM, on_signal, loop);
  g_unix_signal_add (SIGINT, on_signal, loop);
  g_message (_ ("the master of “%s” listens at %s"), config->cluster, where);
  ruche_daemon_notify_ready (config->cluster);
  g_main_loop_run (loop);
  ruche_daemon_notify_stopping ();
  g_message (_ ("the master ends"));
  say_goodbye (service);
  ruche_service_free (service);
  return 0;
}

int
main (int argc, char **argv)
{
  g_autoptr (RucheMasterConfig) config = NULL;
  g_autoptr (GError) error = NULL;
  gboolean version = FALSE;

  ruche_i18n_init ();
  ruche_log_init ("ruche-master");
  config = ruche_master_config_from_args (&argc, &argv, &version, &error);
  if (version)
    {
      printf ("ruche-master %s\n", RUCHE_VERSION);
      return 0;
    }
  if (config == NULL)
    {
      fprintf (stderr, "ruche-master: %s\n", error->message);
      return 1;
    }
  return serve (config);
}
