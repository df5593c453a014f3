/* ruche-log.c: where the daemons' log lines go
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-log.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *
level_word (GLogLevelFlags level)
{
  switch (level & G_LOG_LEVEL_MASK)
    {
    case G_LOG_LEVEL_ERROR:
    case G_LOG_LEVEL_CRITICAL:
      return "critical";
    case G_LOG_LEVEL_WARNING:
      return "warning";
    case G_LOG_LEVEL_MESSAGE:
      return "notice";
    case G_LOG_LEVEL_INFO:
      return "info";
    default:
      return "debug";
    }
}

/* Debug lines are dropped unless G_MESSAGES_DEBUG names their domain, as GLib's own writer does;
 * under systemd the journal gets the fields, elsewhere standard error gets one line with the time.
 */
static GLogWriterOutput
write_log (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  const char *program = user_data;
  const char *domain = NULL;
  const char *text = "";
  gsize text_len = 0;

  for (gsize i = 0; i < n_fields; i++)
    {
      if (strcmp (fields[i].key, "GLIB_DOMAIN") == 0)
        domain = fields[i].value;
      else if (strcmp (fields[i].key, "MESSAGE") == 0)
        {
          text = fields[i].value;
          text_len = fields[i].length >= 0 ? (gsize)fields[i].length : strlen (text);
        }
    }
  if (g_log_writer_default_would_drop (level, domain) && (level & G_LOG_LEVEL_DEBUG))
    return G_LOG_WRITER_HANDLED;
  if (g_log_writer_is_journald (STDERR_FILENO))
    return g_log_writer_journald (level, fields, n_fields, NULL);

  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *stamp = now != NULL ? g_date_time_format (now, "%H:%M:%S") : g_strdup ("");
  fprintf (stderr, "%s %s[%d] %s: %.*s\n", stamp, program, (int)getpid (), level_word (level),
           (int)text_len, text);
  fflush (stderr);
  return G_LOG_WRITER_HANDLED;
}

/**
 * ruche_log_init:
 * @program: a string that lives as long as the process; stands in front of each line
 *
 * Sends all that is logged through GLib to the journal where standard error is one, else to
 * standard error with the time and the level. Call it once, first thing in main().
 */
void
ruche_log_init (const char *program)
{
  g_log_set_writer_func (write_log, (gpointer)program, NULL);
}
