/* ruche-diagnostics.c: what compilers and interpreters say about the sources
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-diagnostics-private.h"

#include "ruche-bounds.h"
#include "ruche-gcc-json.h"

#include <string.h>

#define MAX_LINE  4096  /* bytes of a line that are read */
#define MAX_LINES 20000 /* the last ones: what ended a program stands at the end */

static const char *const kind_nicks[RUCHE_N_DIAGNOSTICS_KINDS] = {
  [RUCHE_DIAGNOSTICS_NONE] = "none", [RUCHE_DIAGNOSTICS_GCC_JSON] = "gcc-json",
  [RUCHE_DIAGNOSTICS_TEXT] = "text", [RUCHE_DIAGNOSTICS_JAVAC] = "javac",
  [RUCHE_DIAGNOSTICS_JAVA] = "java", [RUCHE_DIAGNOSTICS_PYTHON] = "python",
};

const RucheEnum ruche_diagnostics_kind_type
    = { "kind of diagnostics", kind_nicks, G_N_ELEMENTS (kind_nicks) };

/**
 * ruche_reader_find_file:
 * @reader: a reader
 * @path: (nullable): a file as a tool names it: relative to the work folder, or absolute
 *
 * Finds the file of the job that is meant.
 *
 * Returns: (transfer none) (nullable): its name in the job
 */
const char *
ruche_reader_find_file (const RucheReader *reader, const char *path)
{
  if (path == NULL)
    return NULL;
  while (g_str_has_prefix (path, "./"))
    path += 2;
  for (guint i = 0; i < reader->job->files->len; i++)
    {
      const char *name = ((const RucheFile *)g_ptr_array_index (reader->job->files, i))->name;
      if (strcmp (name, path) == 0)
        return name;
      /* Absolute paths are those of the work folder, wherever it is. */
      gsize n = strlen (name), m = strlen (path);
      if (path[0] == '/' && m > n + 1 && path[m - n - 1] == '/' && strcmp (path + m - n, name) == 0
          && !g_str_has_prefix (path, "/usr/"))
        return name;
    }
  return NULL;
}

static char *
cut_text (const char *text, gsize bytes)
{
  gsize n = strlen (text);

  if (n > bytes)
    for (n = bytes; n > 0 && ((guchar)text[n] & 0xc0) == 0x80; n--)
      ;
  return g_strndup (text, n);
}

/**
 * ruche_reader_add:
 * @reader: a reader
 * @path: (nullable): the file as a tool names it
 * @line: from 1, 0 where unknown
 * @column: in bytes from 1, 0 where unknown
 * @severity: how bad it is
 * @message: valid UTF-8, of any length
 *
 * Adds one diagnostic within the bounds of its table. Where the place is not in a file of the job
 * it is named in the message.
 *
 * Returns: (transfer none) (nullable): it, %NULL where there are as many as are kept already
 */
RucheDiagnostic *
ruche_reader_add (RucheReader *reader,
                  const char *path,
                  gint64 line,
                  gint64 column,
                  RucheSeverity severity,
                  const char *message)
{
  const char *file = ruche_reader_find_file (reader, path);
  g_autofree char *whole = NULL;

  if (reader->list->len >= RUCHE_MAX_DIAGNOSTICS)
    return NULL;
  if (file == NULL && path != NULL && line > 0)
    whole = g_strdup_printf ("%s:%" G_GINT64_FORMAT ": %s", path, line, message);
  else if (file == NULL && path != NULL)
    whole = g_strdup_printf ("%s: %s", path, message);
  RucheDiagnostic *diagnostic = ruche_diagnostic_new ();
  diagnostic->file = g_strdup (file);
  diagnostic->line = file != NULL ? CLAMP (line, 0, G_MAXINT32) : 0;
  diagnostic->column = file != NULL ? CLAMP (column, 0, G_MAXINT32) : 0;
  diagnostic->severity = severity;
  diagnostic->message = cut_text (whole != NULL ? whole : message, RUCHE_MAX_DIAGNOSTIC_TEXT);
  g_ptr_array_add (reader->list, diagnostic);
  return diagnostic;
}

/**
 * ruche_reader_number:
 * @digits: (nullable): decimal digits
 *
 * Reads a line or column.
 *
 * Returns: it, 0 where it is none
 */
gint64
ruche_reader_number (const char *digits)
{
  guint64 value = 0;

  if (digits == NULL || !g_ascii_string_to_unsigned (digits, 10, 0, G_MAXINT32, &value, NULL))
    return 0;
  return value;
}

static void
diagnostic_free (gpointer diagnostic)
{
  ruche_diagnostic_free (diagnostic);
}

/* Cuts arbitrary bytes in lines, the last MAX_LINES of them. */
static GPtrArray *
split (const char *data, gsize size)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  gsize from = size;

  for (guint n = 0; from > 0; from--)
    if (data[from - 1] == '\n' && n++ == MAX_LINES)
      break;
  while (from < size)
    {
      const char *end = memchr (data + from, '\n', size - from);
      gsize length = end != NULL ? (gsize)(end - data) - from : size - from;
      gsize kept = MIN (length, MAX_LINE);
      if (kept > 0 && data[from + kept - 1] == '\r')
        kept--;
      g_ptr_array_add (lines, g_utf8_make_valid (data + from, kept));
      from += length + 1;
    }
  g_ptr_array_add (lines, NULL);
  return g_steal_pointer (&lines);
}

/* Takes gcc's arrays out of what was printed: the diagnostics, and the text of all the rest with,
 * if @render, the arrays in words. */
static GPtrArray *
take_gcc_json (const char *data, gsize size, gboolean render, GString *rest)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func (diagnostic_free);
  gsize at = 0;

  while (at < size)
    {
      guint first = all->len;
      gsize length = data[at] == '[' ? ruche_gcc_json_read (data + at, size - at, all) : 0;
      if (length > 0)
        {
          for (guint i = first; render && i < all->len; i++)
            {
              const RucheDiagnostic *d = g_ptr_array_index (all, i);
              if (d->file != NULL)
                g_string_append_printf (rest, "%s:", d->file);
              if (d->file != NULL && d->line > 0)
                g_string_append_printf (rest, "%" G_GINT64_FORMAT ":", d->line);
              if (d->file != NULL && d->line > 0 && d->column > 0)
                g_string_append_printf (rest, "%" G_GINT64_FORMAT ":", d->column);
              g_string_append_printf (rest, "%s%s: %s\n", d->file != NULL ? " " : "",
                                      ruche_enum_to_nick (&ruche_severity_type, d->severity),
                                      d->message);
            }
          at += length;
          if (at < size && data[at] == '\n')
            at++;
          continue;
        }
      const char *end = memchr (data + at, '\n', size - at);
      length = end != NULL ? (gsize)(end - data) + 1 - at : size - at;
      g_string_append_len (rest, data + at, length);
      at += length;
    }
  return g_steal_pointer (&all);
}

static void
add_gcc_json (RucheReader *reader, const GPtrArray *found)
{
  for (guint i = 0; i < found->len; i++)
    {
      const RucheDiagnostic *d = g_ptr_array_index (found, i);
      ruche_reader_add (reader, d->file, d->line, d->column, d->severity, d->message);
    }
}

/**
 * ruche_diagnostics_parse:
 * @kind: in what form the tool speaks
 * @data: (nullable): what it printed, arbitrary bytes
 * @size: how many
 * @job: the program that it is about
 *
 * Reads what a tool said.
 *
 * Returns: (transfer full) (element-type RucheDiagnostic): at most RUCHE_MAX_DIAGNOSTICS
 *   diagnostics, each within the bounds of its table
 */
GPtrArray *
ruche_diagnostics_parse (RucheDiagnosticsKind kind,
                         gconstpointer data,
                         gsize size,
                         const RucheJobSpec *job)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func (diagnostic_free);
  g_autoptr (GString) rest = g_string_new (NULL);
  RucheReader reader = { .job = job, .list = list };

  if (kind == RUCHE_DIAGNOSTICS_NONE || size == 0)
    return g_steal_pointer (&list);
  if (kind == RUCHE_DIAGNOSTICS_GCC_JSON)
    {
      g_autoptr (GPtrArray) found = take_gcc_json (data, size, FALSE, rest);
      add_gcc_json (&reader, found);
      data = rest->str;
      size = rest->len;
    }

  g_autoptr (GPtrArray) lines = split (data, size);
  reader.lines = (char **)lines->pdata;
  reader.n_lines = lines->len - 1;
  switch (kind)
    {
    case RUCHE_DIAGNOSTICS_NONE:
      break;
    case RUCHE_DIAGNOSTICS_GCC_JSON:
    case RUCHE_DIAGNOSTICS_TEXT:
      ruche_reader_read_text (&reader);
      break;
    case RUCHE_DIAGNOSTICS_JAVAC:
      ruche_reader_read_javac (&reader);
      break;
    case RUCHE_DIAGNOSTICS_JAVA:
      ruche_reader_read_java (&reader);
      break;
    case RUCHE_DIAGNOSTICS_PYTHON:
      ruche_reader_read_python (&reader);
      break;
    }
  return g_steal_pointer (&list);
}

/**
 * ruche_diagnostics_to_text:
 * @kind: in what form the compiler speaks
 * @printed: what it printed
 *
 * Makes what people read in the compiler's stream: JSON is put in words, everything else stays as
 * it is, byte by byte.
 *
 * Returns: (transfer full): the text
 */
GBytes *
ruche_diagnostics_to_text (RucheDiagnosticsKind kind, GBytes *printed)
{
  g_autoptr (GString) text = g_string_new (NULL);
  gsize size = 0;
  const char *data = g_bytes_get_data (printed, &size);

  if (kind != RUCHE_DIAGNOSTICS_GCC_JSON || size == 0)
    return g_bytes_ref (printed);
  g_autoptr (GPtrArray) found = take_gcc_json (data, size, TRUE, text);
  return g_string_free_to_bytes (g_steal_pointer (&text));
}
