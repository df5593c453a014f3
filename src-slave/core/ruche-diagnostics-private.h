/* ruche-diagnostics-private.h: what the readers of diagnostics share
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-diagnostics.h"

G_BEGIN_DECLS

/**
 * RucheReader:
 * @job: the program that they are about
 * @list: (element-type RucheDiagnostic): what was found so far
 * @lines: the text, in lines of valid UTF-8 without NUL
 * @n_lines: how many
 *
 * A text that is being read.
 */
typedef struct
{
  const RucheJobSpec *job;
  GPtrArray *list;
  char **lines;
  guint n_lines;
} RucheReader;

const char *
ruche_reader_find_file (const RucheReader *reader, const char *path);
RucheDiagnostic *
ruche_reader_add (RucheReader *reader,
                  const char *path,
                  gint64 line,
                  gint64 column,
                  RucheSeverity severity,
                  const char *message);
gint64
ruche_reader_number (const char *digits);

void
ruche_reader_read_text (RucheReader *reader);
void
ruche_reader_read_javac (RucheReader *reader);
void
ruche_reader_read_java (RucheReader *reader);
void
ruche_reader_read_python (RucheReader *reader);

G_END_DECLS
