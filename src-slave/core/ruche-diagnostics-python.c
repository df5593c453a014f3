/* ruche-diagnostics-python.c: the tracebacks of Python
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-diagnostics-private.h"

#include "ruche-bounds.h"

#include <string.h>

#define FRAME  "^  File \"(.+)\", line (\\d+)(?:, in .*)?$"
#define RAISED "^([\\w.]+)(?::(?: (.*))?)?$"

/* One traceback while it is being read. */
typedef struct
{
  char *file; /* (nullable): of the last frame in a file of the job */
  gint64 line;
  gboolean frames; /* whether there were any */
} Trace;

static void
trace_clear (Trace *trace)
{
  g_clear_pointer (&trace->file, g_free);
  trace->line = 0;
  trace->frames = FALSE;
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Trace, trace_clear)

static void
take_frame (RucheReader *reader, Trace *trace, GMatchInfo *match)
{
  g_autofree char *path = g_match_info_fetch (match, 1);
  g_autofree char *line = g_match_info_fetch (match, 2);
  const char *file = ruche_reader_find_file (reader, path);

  trace->frames = TRUE;
  if (file == NULL)
    return;
  g_free (trace->file);
  trace->file = g_strdup (file);
  trace->line = ruche_reader_number (line);
}

/**
 * ruche_reader_read_python:
 * @reader: a reader
 *
 * Reads tracebacks. The last one ended the program: it is an error at the innermost frame in the
 * job's files; those before it led to it and are notes. There are no columns: Python prints source
 * lines without their indentation, so the carets under them do not tell.
 */
void
ruche_reader_read_python (RucheReader *reader)
{
  g_autoptr (GRegex) frame = g_regex_new (FRAME, G_REGEX_OPTIMIZE, 0, NULL);
  g_autoptr (GRegex) raised = g_regex_new (RAISED, G_REGEX_OPTIMIZE, 0, NULL);
  g_auto (Trace) trace = { NULL };
  RucheDiagnostic *last = NULL;

  for (guint i = 0; i < reader->n_lines; i++)
    {
      const char *line = reader->lines[i];
      g_autoptr (GMatchInfo) match = NULL;
      g_autoptr (GMatchInfo) end = NULL;
      if (g_regex_match (frame, line, 0, &match))
        take_frame (reader, &trace, match);
      else if (trace.frames && *line != ' ' && g_regex_match (raised, line, 0, &end))
        {
          /* The last one matters most: it has a place even where there were too many. */
          if (reader->list->len >= RUCHE_MAX_DIAGNOSTICS)
            g_ptr_array_remove_index (reader->list, 0);
          if (last != NULL)
            last->severity = RUCHE_SEVERITY_NOTE;
          last = ruche_reader_add (reader, trace.file, trace.line, 0, RUCHE_SEVERITY_ERROR, line);
          trace_clear (&trace);
        }
      else if (*line != ' ' && !g_str_has_prefix (line, "Traceback"))
        trace_clear (&trace);
    }
  if (last != NULL && last != g_ptr_array_index (reader->list, 0))
    {
      guint at = 0;
      g_ptr_array_find (reader->list, last, &at);
      g_ptr_array_insert (reader->list, 0, g_ptr_array_steal_index (reader->list, at));
    }
}
