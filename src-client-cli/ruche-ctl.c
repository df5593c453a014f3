/* ruche-ctl.c: what all commands of ruchectl share
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-ctl.h"

#include "ruche-ctl-commands.h"
#include "ruche-ctl-text.h"
#include "ruche-error.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>

/**
 * ruche_ctl_clear:
 * @ctl: a call
 *
 * Frees what @ctl holds and ends its connection.
 */
void
ruche_ctl_clear (RucheCtl *ctl)
{
  if (ctl->client != NULL)
    ruche_client_disconnect (ctl->client);
  g_clear_object (&ctl->client);
  g_clear_pointer (&ctl->master, g_free);
}

/**
 * ruche_ctl_say:
 * @format: a sentence
 * @...: for @format
 *
 * Tells the person something on standard error, which scripts that read the output don't see.
 */
void
ruche_ctl_say (const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  fprintf (stderr, "ruchectl: %s\n", text);
  fflush (stderr);
}

static void
say_hint (RucheCtl *ctl)
{
  if (ctl->command != NULL)
    ruche_ctl_say (_ ("try “ruchectl %s --help”"), ctl->command);
  else
    ruche_ctl_say (_ ("try “ruchectl help”"));
}

/**
 * ruche_ctl_wrong:
 * @ctl: a call
 * @format: what is wrong with it
 * @...: for @format
 *
 * Tells how a call is wrong and where to read how it is right.
 *
 * Returns: the exit status
 */
int
ruche_ctl_wrong (RucheCtl *ctl, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  ruche_ctl_say ("%s", text);
  say_hint (ctl);
  return RUCHE_CTL_USAGE;
}

/**
 * ruche_ctl_fail:
 * @error: what happened
 *
 * Tells an error.
 *
 * Returns: the exit status that goes with it
 */
int
ruche_ctl_fail (const GError *error)
{
  ruche_ctl_say ("%s", error->message);
  return ruche_ctl_error_status (error);
}

/**
 * ruche_ctl_print:
 * @text: for standard output, as it is
 *
 * Prints a command's answer.
 *
 * Returns: whether it could be written
 */
gboolean
ruche_ctl_print (const char *text)
{
  if (fputs (text, stdout) != EOF && fflush (stdout) == 0)
    return TRUE;
  if (errno != EPIPE)
    ruche_ctl_say (_ ("the output can’t be written: %s"), g_strerror (errno));
  return FALSE;
}

/**
 * ruche_ctl_parse:
 * @ctl: a call, whose master and json are filled in
 * @entries: (nullable): options of this command beside those of all; of strings take FILENAME,
 *   which leaves bytes as they are
 * @words: the command's words, itself included
 * @rest: (out) (transfer full): the words that are no options
 * @status: (out): the exit status where @rest is not filled
 *
 * Reads a command's options.
 *
 * Returns: whether to go on; %FALSE after an error or after the help that was asked for
 */
gboolean
ruche_ctl_parse (
    RucheCtl *ctl, const GOptionEntry *entries, char ***words, char ***rest, int *status)
{
  g_autoptr (GOptionContext) context = g_option_context_new (ruche_ctl_usage (ctl->command));
  g_autofree char *master = NULL;
  g_autoptr (GError) error = NULL;
  gboolean help = FALSE;
  const GOptionEntry common[] = {
    { "master", 0, 0, G_OPTION_ARG_FILENAME, &master,
      N_ ("Talk to this master: a Unix path or a join code"), N_ ("ADDRESS") },
    { "json", 0, 0, G_OPTION_ARG_NONE, &ctl->json, N_ ("Print JSON, for scripts"), NULL },
    { "help", 'h', 0, G_OPTION_ARG_NONE, &help, N_ ("Show this help"), NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, rest, NULL, NULL },
    { NULL },
  };

  *rest = NULL;
  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_set_translation_domain (context, GETTEXT_PACKAGE);
  g_option_context_set_summary (context, ruche_ctl_summary (ctl->command));
  if (entries != NULL)
    g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  g_option_context_add_main_entries (context, common, GETTEXT_PACKAGE);
  if (!g_option_context_parse_strv (context, words, &error))
    {
      *status = ruche_ctl_wrong (ctl, "%s", error->message);
      return FALSE;
    }
  if (help)
    {
      g_autofree char *name = g_strconcat ("ruchectl ", ctl->command, NULL);
      g_autofree char *text = NULL;
      g_set_prgname (name);
      text = g_option_context_get_help (context, TRUE, NULL);
      *status = ruche_ctl_print (text) ? 0 : RUCHE_CTL_FAILED;
      return FALSE;
    }
  if (master != NULL)
    {
      g_free (ctl->master);
      ctl->master = g_steal_pointer (&master);
    }
  if (*rest == NULL)
    *rest = g_new0 (char *, 1);
  return TRUE;
}

/**
 * ruche_ctl_got:
 * @source: the object
 * @result: the result
 * @user_data: a GAsyncResult**
 *
 * Keeps the result of a call for ruche_ctl_await().
 */
void
ruche_ctl_got (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **)user_data = g_object_ref (result);
}

/**
 * ruche_ctl_await:
 * @result: filled by ruche_ctl_got()
 *
 * Waits for the end of a call.
 */
void
ruche_ctl_await (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
}

static RucheAddress *
find_address (RucheCtl *ctl, GError **error)
{
  const char *text = ctl->master != NULL ? ctl->master : g_getenv ("RUCHE_MASTER");

  if (text == NULL || (ctl->master == NULL && *text == '\0'))
    return ruche_address_new_local ();
  return ruche_address_parse (text, error);
}

/**
 * ruche_ctl_connect:
 * @ctl: a call
 * @error: %RUCHE_ERROR with what to do
 *
 * Connects to the master that the call names, else to the local cluster's.
 *
 * Returns: whether there is a connection
 */
gboolean
ruche_ctl_connect (RucheCtl *ctl, GError **error)
{
  g_autoptr (RucheAddress) address = find_address (ctl, error);
  g_autoptr (GAsyncResult) result = NULL;

  if (address == NULL)
    return FALSE;
  ctl->client = ruche_client_new (address, "ruchectl", G_PRIORITY_DEFAULT);
  ruche_client_connect_async (ctl->client, NULL, ruche_ctl_got, &result);
  ruche_ctl_await (&result);
  return ruche_client_connect_finish (ctl->client, result, error);
}

/**
 * ruche_ctl_request:
 * @ctl: a call that is connected
 * @request: (transfer none): a request
 * @answer: of which type its answer must be
 * @error: what the master says, or %RUCHE_ERROR_PROTOCOL
 *
 * Asks the master something and waits for its answer.
 *
 * Returns: (transfer full): the answer
 */
RucheMessage *
ruche_ctl_request (RucheCtl *ctl, RucheMessage *request, RucheMessageType answer, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (RucheMessage) message = NULL;

  ruche_client_request_async (ctl->client, request, NULL, ruche_ctl_got, &result);
  ruche_ctl_await (&result);
  message = ruche_client_request_finish (ctl->client, result, error);
  if (message == NULL || message->type == answer)
    return g_steal_pointer (&message);
  g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_PROTOCOL,
               _ ("the master answered “%s”, which makes no sense here: its version may be "
                  "another"),
               ruche_message_get_word (message));
  return NULL;
}

/**
 * ruche_ctl_toolchains:
 * @ctl: a call that is connected
 * @error: %RUCHE_ERROR
 *
 * Asks what the cluster offers.
 *
 * Returns: (transfer full) (element-type RucheToolchain): the languages
 */
GPtrArray *
ruche_ctl_toolchains (RucheCtl *ctl, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  ruche_client_toolchains_async (ctl->client, NULL, ruche_ctl_got, &result);
  ruche_ctl_await (&result);
  return ruche_client_toolchains_finish (ctl->client, result, error);
}

/**
 * ruche_ctl_submit:
 * @ctl: a call that is connected
 * @submission: (transfer full): a job
 * @error: %RUCHE_ERROR with what to do
 *
 * Submits a job and waits until the master has taken it.
 *
 * Returns: its number, -1 on error
 */
gint64
ruche_ctl_submit (RucheCtl *ctl, RucheSubmission *submission, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  ruche_client_submit_async (ctl->client, submission, NULL, ruche_ctl_got, &result);
  ruche_ctl_await (&result);
  return ruche_client_submit_finish (ctl->client, result, error);
}
