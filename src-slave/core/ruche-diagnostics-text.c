/* ruche-diagnostics-text.c: lines of file:line:column: severity: message
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * So do most compilers speak, and the linker: its lines may have no severity and, for programs
 * without line numbers, a section in place of the line.
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-diagnostics-private.h"

#include <string.h>

#define PLACE "^(?:\\S*ld: )?([^:]+):(?:(\\d+)|\\(\\.[^()]*\\)):(?:(\\d+):)?\\s*(.*)$"
#define SEVERITY                                                                                   \
  "^(?:(?i)(fatal error|fatal|internal compiler error|error|warning|note|hint|info))"              \
  "(?:\\[\\w+\\])?: (.*)$"
#define NO_PLACE                                                                                   \
  "^(?:\\S+: )?(?:(?i)(fatal error|fatal|error|warning)): (.+)$|^(?:\\S*/)?ld: (cannot find .+)$"

static RucheSeverity
severity_of (const char *word)
{
  if (g_ascii_strcasecmp (word, "warning") == 0)
    return RUCHE_SEVERITY_WARNING;
  if (g_ascii_strcasecmp (word, "note") == 0 || g_ascii_strcasecmp (word, "hint") == 0
      || g_ascii_strcasecmp (word, "info") == 0)
    return RUCHE_SEVERITY_NOTE;
  return RUCHE_SEVERITY_ERROR;
}

static gboolean
is_linker (const char *message)
{
  return strstr (message, "undefined reference to") != NULL
         || strstr (message, "multiple definition of") != NULL;
}

/* Without a severity only what is about the job's own files counts, or comes from the linker. */
static void
read_place (RucheReader *reader, GMatchInfo *place, GRegex *severity)
{
  g_autofree char *path = g_match_info_fetch (place, 1);
  g_autofree char *line = g_match_info_fetch (place, 2);
  g_autofree char *column = g_match_info_fetch (place, 3);
  g_autofree char *rest = g_match_info_fetch (place, 4);
  g_autoptr (GMatchInfo) match = NULL;
  gint64 line_number = ruche_reader_number (line);
  gint64 column_number = ruche_reader_number (column);

  if (g_regex_match (severity, rest, 0, &match))
    {
      g_autofree char *word = g_match_info_fetch (match, 1);
      g_autofree char *message = g_match_info_fetch (match, 2);
      ruche_reader_add (reader, path, line_number, column_number, severity_of (word), message);
    }
  else if (is_linker (rest))
    ruche_reader_add (reader, path, line_number, 0, RUCHE_SEVERITY_ERROR, rest);
  else if (*rest != '\0' && ruche_reader_find_file (reader, path) != NULL && column_number > 0)
    ruche_reader_add (reader, path, line_number, column_number, RUCHE_SEVERITY_ERROR, rest);
}

static gboolean
has_error (const RucheReader *reader)
{
  for (guint i = 0; i < reader->list->len; i++)
    if (((RucheDiagnostic *)g_ptr_array_index (reader->list, i))->severity == RUCHE_SEVERITY_ERROR)
      return TRUE;
  return FALSE;
}

/* “gcc: error: …”: looked at only where nothing better was said; else it repeats that it failed. */
static void
read_without_place (RucheReader *reader)
{
  g_autoptr (GRegex) regex = g_regex_new (NO_PLACE, G_REGEX_OPTIMIZE, 0, NULL);

  for (guint i = 0; i < reader->n_lines; i++)
    {
      g_autoptr (GMatchInfo) match = NULL;
      if (!g_regex_match (regex, reader->lines[i], 0, &match))
        continue;
      g_autofree char *word = g_match_info_fetch (match, 1);
      g_autofree char *message = g_match_info_fetch (match, 2);
      g_autofree char *linker = g_match_info_fetch (match, 3);
      if (linker != NULL && *linker != '\0')
        ruche_reader_add (reader, NULL, 0, 0, RUCHE_SEVERITY_ERROR, linker);
      else
        ruche_reader_add (reader, NULL, 0, 0, severity_of (word), message);
    }
}

/**
 * ruche_reader_read_text:
 * @reader: a reader
 *
 * Reads lines of file:line:column: severity: message.
 */
void
ruche_reader_read_text (RucheReader *reader)
{
  g_autoptr (GRegex) place = g_regex_new (PLACE, G_REGEX_OPTIMIZE, 0, NULL);
  g_autoptr (GRegex) severity = g_regex_new (SEVERITY, G_REGEX_OPTIMIZE, 0, NULL);

  for (guint i = 0; i < reader->n_lines; i++)
    {
      g_autoptr (GMatchInfo) match = NULL;
      if (g_regex_match (place, reader->lines[i], 0, &match))
        read_place (reader, match, severity);
    }
  if (!has_error (reader))
    read_without_place (reader);
}
