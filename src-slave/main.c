/* main.c: ruche-slave, the daemon that runs tasks
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-i18n.h"
#include "ruche-log.h"
#include "ruche-slave.h"

#include <glib-unix.h>
#include <signal.h>

typedef struct
{
  GMainLoop *loop;
  int status;
} Process;

static void
complain (const GError *error)
{
  g_printerr ("ruche-slave: %s\n", error->message);
}

static void
on_ended (const GError *why, gpointer user_data)
{
  Process *process = user_data;

  if (why != NULL)
    {
      complain (why);
      process->status = 1;
    }
  g_main_loop_quit (process->loop);
}

static gboolean
on_signal (gpointer user_data)
{
  ruche_slave_stop (user_data);
  return G_SOURCE_CONTINUE;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  Process process = { loop, 0 };

  ruche_i18n_init ();
  ruche_log_init ("ruche-slave");
  signal (SIGPIPE, SIG_IGN);

  g_autoptr (RucheSlaveConfig) config = ruche_slave_config_parse (argc, argv, &error);
  if (config != NULL && config->show_version)
    {
      g_print ("ruche-slave %s\n", RUCHE_VERSION);
      return 0;
    }
  g_autoptr (RucheSlave) slave = config != NULL ? ruche_slave_new (config, &error) : NULL;
  if (slave == NULL)
    {
      complain (error);
      return 1;
    }
  g_unix_signal_add (SIGTERM, on_signal, slave);
  g_unix_signal_add (SIGINT, on_signal, slave);
  ruche_slave_start (slave, on_ended, &process);
  g_main_loop_run (loop);
  return process.status;
}
