/* ruche-diagnostics-java.c: what javac says, and the stack traces of Java
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-diagnostics-private.h"

#include <string.h>

#define HEADER  "^(.+\\.java):(\\d+): (?:(error|warning): )?(.*)$"
#define GENERAL "^(error|warning): (.*)$"
#define THROWN  "^(Exception in thread \"[^\"]*\" |Caused by: )([\\w.$]+)(?:: (.*))?$"
#define FRAME   "^\\s+at (?:[^()\\s]*/)?([\\w.$<>]+)\\(([^():]+):(\\d+)\\)$"

/* Where the caret of the second line points to in the first, in bytes from 1; 0 where the second
 * is no line with a caret. javac counts UTF-16 units and copies tabs. */
static gint64
caret_column (const char *source, const char *marker)
{
  gsize units = strspn (marker, " \t");
  const char *at = source;

  if (strcmp (marker + units, "^") != 0)
    return 0;
  while (units > 0 && *at != '\0')
    {
      units -= MIN (units, g_utf8_get_char (at) > 0xffff ? 2u : 1u);
      at = g_utf8_next_char (at);
    }
  return at - source + 1;
}

/* The lines that belong to the header at @i: the source, the caret, and what follows it indented.
 * Returns the line after them. */
static guint
read_details (RucheReader *reader, guint i, GRegex *header, gint64 *column, GString *message)
{
  gboolean caret = FALSE;

  for (i++; i < reader->n_lines && !g_regex_match (header, reader->lines[i], 0, NULL); i++)
    {
      const char *line = reader->lines[i];
      if (!caret)
        {
          *column = caret_column (reader->lines[i - 1], line);
          caret = *column > 0;
        }
      else if (g_str_has_prefix (line, "  "))
        g_string_append_printf (message, "\n%s", line);
      else
        break;
    }
  return i;
}

static void
read_general (RucheReader *reader)
{
  g_autoptr (GRegex) general = g_regex_new (GENERAL, G_REGEX_OPTIMIZE, 0, NULL);

  for (guint i = 0; i < reader->n_lines; i++)
    {
      g_autoptr (GMatchInfo) match = NULL;
      if (!g_regex_match (general, reader->lines[i], 0, &match))
        continue;
      g_autofree char *word = g_match_info_fetch (match, 1);
      g_autofree char *message = g_match_info_fetch (match, 2);
      ruche_reader_add (reader, NULL, 0, 0,
                        strcmp (word, "error") == 0 ? RUCHE_SEVERITY_ERROR : RUCHE_SEVERITY_WARNING,
                        message);
    }
}

/**
 * ruche_reader_read_javac:
 * @reader: a reader
 *
 * Reads what javac printed.
 */
void
ruche_reader_read_javac (RucheReader *reader)
{
  g_autoptr (GRegex) header = g_regex_new (HEADER, G_REGEX_OPTIMIZE, 0, NULL);
  guint i = 0;

  while (i < reader->n_lines)
    {
      g_autoptr (GMatchInfo) match = NULL;
      gint64 column = 0;
      if (!g_regex_match (header, reader->lines[i], 0, &match))
        {
          i++;
          continue;
        }
      g_autofree char *path = g_match_info_fetch (match, 1);
      g_autofree char *line = g_match_info_fetch (match, 2);
      g_autofree char *word = g_match_info_fetch (match, 3);
      g_autofree char *first = g_match_info_fetch (match, 4);
      g_autoptr (GString) message = g_string_new (first);
      i = read_details (reader, i, header, &column, message);
      ruche_reader_add (reader, path, ruche_reader_number (line), column,
                        strcmp (word, "error") == 0     ? RUCHE_SEVERITY_ERROR
                        : strcmp (word, "warning") == 0 ? RUCHE_SEVERITY_WARNING
                                                        : RUCHE_SEVERITY_NOTE,
                        message->str);
    }
  if (reader->list->len == 0)
    read_general (reader);
}

/* The file of the job in which the method stands: a frame names it without its folder, which is
 * that of the package. */
static const char *
frame_file (const RucheReader *reader, const char *method, const char *base)
{
  g_autofree char *folders = g_strdup (method);
  const char *found = NULL;

  for (char *p = folders; *p != '\0'; p++)
    if (*p == '.')
      *p = '/';
  for (guint i = 0; i < reader->job->files->len; i++)
    {
      const char *name = ((const RucheFile *)g_ptr_array_index (reader->job->files, i))->name;
      const char *slash = strrchr (name, '/');
      if (strcmp (slash != NULL ? slash + 1 : name, base) != 0)
        continue;
      found = found != NULL ? found : name;
      gsize n = strlen (name) - strlen (".java");
      if (g_str_has_suffix (name, ".java") && strncmp (folders, name, n) == 0)
        return name;
    }
  return found;
}

/* Finds the topmost frame in the job's files, from line @i to the next exception. */
static const char *
find_frame (RucheReader *reader, guint i, GRegex *frame, GRegex *thrown, gint64 *line)
{
  for (; i < reader->n_lines && !g_regex_match (thrown, reader->lines[i], 0, NULL); i++)
    {
      g_autoptr (GMatchInfo) match = NULL;
      if (!g_regex_match (frame, reader->lines[i], 0, &match))
        continue;
      g_autofree char *method = g_match_info_fetch (match, 1);
      g_autofree char *base = g_match_info_fetch (match, 2);
      g_autofree char *number = g_match_info_fetch (match, 3);
      const char *file = frame_file (reader, method, base);
      if (file != NULL)
        {
          *line = ruche_reader_number (number);
          return file;
        }
    }
  return NULL;
}

/**
 * ruche_reader_read_java:
 * @reader: a reader
 *
 * Reads the stack traces of uncaught exceptions: each is an error where the job's code threw it,
 * what caused it are notes.
 */
void
ruche_reader_read_java (RucheReader *reader)
{
  g_autoptr (GRegex) thrown = g_regex_new (THROWN, G_REGEX_OPTIMIZE, 0, NULL);
  g_autoptr (GRegex) frame = g_regex_new (FRAME, G_REGEX_OPTIMIZE, 0, NULL);
  gboolean in_trace = FALSE;

  for (guint i = 0; i < reader->n_lines; i++)
    {
      g_autoptr (GMatchInfo) match = NULL;
      gint64 line = 0;
      if (!g_regex_match (thrown, reader->lines[i], 0, &match))
        continue;
      g_autofree char *how = g_match_info_fetch (match, 1);
      g_autofree char *what = g_match_info_fetch (match, 2);
      g_autofree char *text = g_match_info_fetch (match, 3);
      gboolean cause = g_str_has_prefix (how, "Caused by");
      g_autofree char *message
          = text != NULL && *text != '\0' ? g_strconcat (what, ": ", text, NULL) : g_strdup (what);
      const char *file = find_frame (reader, i + 1, frame, thrown, &line);
      if (!cause || in_trace)
        ruche_reader_add (reader, file, line, 0, cause ? RUCHE_SEVERITY_NOTE : RUCHE_SEVERITY_ERROR,
                          message);
      in_trace = TRUE;
    }
}
