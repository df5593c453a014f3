/* main.c: ruchectl, Ruche without a screen
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-ctl-commands.h"
#include "ruche-i18n.h"

#include <glib/gi18n-lib.h>
#include <signal.h>

static int
print_help (RucheCtl *ctl, const char *about)
{
  g_auto (GStrv) words = NULL;
  g_autofree char *text = NULL;
  const RucheCtlCommand *command = ruche_ctl_find_command (about);

  if (about != NULL && command == NULL)
    return ruche_ctl_wrong (ctl, _ ("there is no command “%s”"), about);
  if (command != NULL)
    {
      const char *const asked[] = { command->name, "--help", NULL };
      words = g_strdupv ((char **)asked);
      ctl->command = command->name;
      return command->run (ctl, &words);
    }
  text = ruche_ctl_help ();
  return ruche_ctl_print (text) ? 0 : RUCHE_CTL_FAILED;
}

/* `ruchectl --master ADDRESS run …` is as good as `ruchectl run --master ADDRESS …`. */
static gboolean
take_master (RucheCtl *ctl, char **words)
{
  const char *value = NULL;
  guint n = 0;

  if (words[1] != NULL && g_str_has_prefix (words[1], "--master="))
    {
      value = words[1] + strlen ("--master=");
      n = 1;
    }
  else if (g_strcmp0 (words[1], "--master") == 0 && words[2] != NULL)
    {
      value = words[2];
      n = 2;
    }
  if (n == 0)
    return FALSE;
  g_free (ctl->master);
  ctl->master = g_strdup (value);
  for (guint i = 1; i <= n; i++)
    g_free (words[i]);
  for (guint i = 1; (words[i] = words[i + n]) != NULL; i++)
    continue;
  return TRUE;
}

int
main (int argc, char **argv)
{
  g_auto (GStrv) words = g_strdupv (argv);
  const RucheCtlCommand *command;
  RucheCtl ctl = { 0 };
  const char *word;
  int status;

  ruche_i18n_init ();
  g_set_prgname ("ruchectl");
  signal (SIGPIPE, SIG_IGN);
  while (take_master (&ctl, words))
    continue;
  word = argc > 0 ? words[1] : NULL;
  command = ruche_ctl_find_command (word);
  if (word == NULL)
    status = ruche_ctl_wrong (&ctl, _ ("say what to do"));
  else if (g_str_equal (word, "help") || g_str_equal (word, "--help") || g_str_equal (word, "-h"))
    status = print_help (&ctl, words[2]);
  else if (g_str_equal (word, "--version"))
    status = ruche_ctl_print ("ruchectl " RUCHE_VERSION "\n") ? 0 : RUCHE_CTL_FAILED;
  else if (command == NULL)
    {
      g_autofree char *shown = g_utf8_make_valid (word, -1);
      status = ruche_ctl_wrong (&ctl, _ ("there is no command “%s”"), shown);
    }
  else
    {
      /* The command's word stands where GOption expects the program's name. */
      g_auto (GStrv) owned = g_strdupv (words + 1);
      ctl.command = command->name;
      status = command->run (&ctl, &owned);
    }
  ruche_ctl_clear (&ctl);
  return status;
}
