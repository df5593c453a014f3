/* ruche-ctl-cluster.c: up, down and servers
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-ctl-commands.h"

#include "ruche-ctl-job-options.h"
#include "ruche-ctl-table.h"
#include "ruche-ctl-text.h"
#include "ruche-local.h"
#include "ruche-report.h"

#include <glib/gi18n-lib.h>
#include <unistd.h>

/* More on one machine would only be in each other's way. */
#define MAX_LOCAL_SLAVES 64

/* What people read stands on standard error where scripts want nothing from standard output. */
static int
report (GError *error, const char *text)
{
  g_autoptr (GError) owned = error;

  if (owned != NULL)
    return ruche_ctl_fail (owned);
  ruche_ctl_say ("%s", text);
  return 0;
}

static gboolean
reject_words (RucheCtl *ctl, char **rest, int *status)
{
  g_autofree char *shown = NULL;

  if (rest[0] == NULL)
    return FALSE;
  shown = g_utf8_make_valid (rest[0], -1);
  *status = ruche_ctl_wrong (ctl, _ ("“%s” is one word too many"), shown);
  return TRUE;
}

/**
 * ruche_ctl_up:
 * @ctl: the call
 * @words: its words
 *
 * Carries out `ruchectl up`.
 *
 * Returns: the exit status
 */
int
ruche_ctl_up (RucheCtl *ctl, char ***words)
{
  g_autofree char *slaves = NULL;
  const GOptionEntry entries[] = {
    { "slaves", 0, 0, G_OPTION_ARG_FILENAME, &slaves, N_ ("How many servers (3)"), N_ ("NUMBER") },
    { NULL },
  };
  g_auto (GStrv) rest = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autofree char *text = NULL;
  gint64 n = RUCHE_LOCAL_DEFAULT_SLAVES;
  GError *error = NULL;
  int status;

  if (!ruche_ctl_parse (ctl, entries, words, &rest, &status) || reject_words (ctl, rest, &status))
    return status;
  if (!ruche_ctl_parse_amount ("slaves", slaves, 1, MAX_LOCAL_SLAVES, &n, &error))
    return report (error, NULL);
  ruche_local_start_async ((guint)n, NULL, ruche_ctl_got, &result);
  ruche_ctl_await (&result);
  text = g_strdup_printf (ngettext ("the local cluster is up, with %d server",
                                    "the local cluster is up, with %d servers", (gulong)n),
                          (int)n);
  ruche_local_start_finish (result, &error);
  return report (error, text);
}

/**
 * ruche_ctl_down:
 * @ctl: the call
 * @words: its words
 *
 * Carries out `ruchectl down`.
 *
 * Returns: the exit status
 */
int
ruche_ctl_down (RucheCtl *ctl, char ***words)
{
  g_auto (GStrv) rest = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  GError *error = NULL;
  int status;

  if (!ruche_ctl_parse (ctl, NULL, words, &rest, &status) || reject_words (ctl, rest, &status))
    return status;
  ruche_local_stop_async (NULL, ruche_ctl_got, &result);
  ruche_ctl_await (&result);
  ruche_local_stop_finish (result, &error);
  return report (error, _ ("the local cluster is down"));
}

static const char *
state_text (int state)
{
  switch ((RucheServerState)state)
    {
    case RUCHE_SERVER_READY:
      return _ ("ready");
    case RUCHE_SERVER_SUSPECT:
      return _ ("silent");
    case RUCHE_SERVER_LOST:
      break;
    }
  return _ ("lost");
}

static char *
languages_text (const RucheServerInfo *server)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < server->toolchains->len; i++)
    {
      const RucheToolchain *toolchain = g_ptr_array_index (server->toolchains, i);
      g_string_append_printf (text, "%s%s", i > 0 ? " " : "", toolchain->language);
    }
  return g_string_free (text, FALSE);
}

static void
add_server (RucheCtlTable *table, const RucheServerInfo *server)
{
  const RucheLoad *load = server->load;

  ruche_ctl_table_add (table, server->name);
  ruche_ctl_table_add (table, state_text (server->state));
  ruche_ctl_table_take (table,
                        g_strdup_printf (_ ("%d of %d"), (int)server->busy, (int)server->slots));
  if (load != NULL && server->state != RUCHE_SERVER_LOST)
    {
      g_autofree char *used = ruche_ctl_memory (load->memory_used_kib);
      g_autofree char *total = ruche_ctl_memory (load->memory_total_kib);
      ruche_ctl_table_take (table, g_strdup_printf ("%.0f %%", load->cpu * 100));
      ruche_ctl_table_take (table, g_strdup_printf (_ ("%s of %s"), used, total));
    }
  else
    {
      ruche_ctl_table_add (table, "–");
      ruche_ctl_table_add (table, "–");
    }
  ruche_ctl_table_add (table, ruche_enum_to_nick (&ruche_isolation_type, server->isolation));
  ruche_ctl_table_take (table, languages_text (server));
}

/**
 * ruche_ctl_servers:
 * @ctl: the call
 * @words: its words
 *
 * Carries out `ruchectl servers`.
 *
 * Returns: the exit status
 */
int
ruche_ctl_servers (RucheCtl *ctl, char ***words)
{
  const char *const titles[] = { _ ("SERVER"), _ ("STATE"),  _ ("BUSY"),      _ ("CPU"),
                                 _ ("MEMORY"), _ ("LIMITS"), _ ("LANGUAGES"), NULL };
  g_autoptr (RucheMessage) request = ruche_message_new (RUCHE_MESSAGE_LIST_SERVERS);
  g_autoptr (RucheMessage) answer = NULL;
  g_autoptr (RucheCtlTable) table = ruche_ctl_table_new (titles);
  g_auto (GStrv) rest = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  g_autofree char *line = NULL;
  GPtrArray *servers;
  int status;

  if (!ruche_ctl_parse (ctl, NULL, words, &rest, &status) || reject_words (ctl, rest, &status))
    return status;
  if (ruche_ctl_connect (ctl, &error))
    answer = ruche_ctl_request (ctl, request, RUCHE_MESSAGE_SERVERS, &error);
  if (answer == NULL)
    return ruche_ctl_fail (error);
  servers = ((const RucheServers *)answer->body)->servers;
  for (guint i = 0; i < servers->len; i++)
    add_server (table, g_ptr_array_index (servers, i));
  text = ctl->json ? ruche_report_list (&ruche_server_info_schema, servers)
                   : ruche_ctl_table_to_text (table);
  line = g_strconcat (text, ctl->json ? "\n" : "", NULL);
  return ruche_ctl_print (line) ? 0 : RUCHE_CTL_FAILED;
}
