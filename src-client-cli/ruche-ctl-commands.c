/* ruche-ctl-commands.c: the commands of ruchectl
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-ctl-commands.h"

#include <glib/gi18n-lib.h>

static const RucheCtlCommand commands[] = {
  { "up", "", N_ ("Start a local cluster, or what is missing of it"), ruche_ctl_up },
  { "down", "", N_ ("Stop the local cluster"), ruche_ctl_down },
  { "run", N_ ("FILE…"), N_ ("Run a program: its output here, its exit status ours"),
    ruche_ctl_run },
  { "submit", N_ ("FILE…"), N_ ("Submit a program, print the job’s number and return"),
    ruche_ctl_submit_command },
  { "jobs", "", N_ ("List the jobs, newest first"), ruche_ctl_jobs },
  { "show", N_ ("JOB"), N_ ("Show a job and how its tasks ended"), ruche_ctl_show },
  { "output", N_ ("JOB"), N_ ("Print what a job printed so far"), ruche_ctl_output },
  { "wait", N_ ("JOB"), N_ ("Wait until a job ends, and end as its program did"), ruche_ctl_wait },
  { "cancel", N_ ("JOB"), N_ ("Stop a job"), ruche_ctl_cancel },
  { "delete", N_ ("JOB"), N_ ("Erase a job’s sources and output"), ruche_ctl_delete },
  { "servers", "", N_ ("List the servers and how busy they are"), ruche_ctl_servers },
};

/**
 * ruche_ctl_find_command:
 * @name: (nullable): a word
 *
 * Finds a command.
 *
 * Returns: (transfer none) (nullable): the command
 */
const RucheCtlCommand *
ruche_ctl_find_command (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    if (g_strcmp0 (commands[i].name, name) == 0)
      return &commands[i];
  return NULL;
}

/**
 * ruche_ctl_usage:
 * @name: a command
 *
 * Says what follows a command, for its help.
 *
 * Returns: (transfer none): such as "FILE…"
 */
const char *
ruche_ctl_usage (const char *name)
{
  const RucheCtlCommand *command = ruche_ctl_find_command (name);

  return command != NULL && *command->usage != '\0' ? _ (command->usage) : "";
}

/**
 * ruche_ctl_summary:
 * @name: a command
 *
 * Says what a command does, for its help.
 *
 * Returns: (transfer none): one line
 */
const char *
ruche_ctl_summary (const char *name)
{
  const RucheCtlCommand *command = ruche_ctl_find_command (name);

  return command != NULL ? _ (command->summary) : "";
}

/**
 * ruche_ctl_help:
 *
 * Lists all commands.
 *
 * Returns: (transfer full): the text of `ruchectl help`
 */
char *
ruche_ctl_help (void)
{
  GString *text = g_string_new (_ ("Usage: ruchectl COMMAND [OPTION…] [WORD…]"));

  g_string_append_printf (text, "\n\n%s\n\n",
                          _ ("Runs programs on a cluster of machines that answer as one."));
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    g_string_append_printf (text, "  %-9s%s\n", commands[i].name, _ (commands[i].summary));
  g_string_append_printf (text, "  %-9s%s\n\n", "help", _ ("Show this, or the help of a command"));
  g_string_append_printf (text, "%s\n%s\n%s\n",
                          _ ("“ruchectl COMMAND --help” lists the options of a command."),
                          _ ("All of them take --master ADDRESS (or RUCHE_MASTER) to talk to "
                             "another master than the local cluster’s,"),
                          _ ("and those that print a listing take --json."));
  return g_string_free (text, FALSE);
}
