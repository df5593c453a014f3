/* ruche-diagnostics.h: what compilers and interpreters say about the sources
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A program can print anything, and a compiler can be made to: every reader here takes arbitrary
 * bytes, and answers with at most RUCHE_MAX_DIAGNOSTICS diagnostics that fit their table.
 */
#pragma once

#include "ruche-job.h"

G_BEGIN_DECLS

/**
 * RucheDiagnosticsKind:
 * @RUCHE_DIAGNOSTICS_NONE: not read at all
 * @RUCHE_DIAGNOSTICS_GCC_JSON: gcc's -fdiagnostics-format=json, mixed with lines of the linker
 * @RUCHE_DIAGNOSTICS_TEXT: lines of file:line:column: severity: message; the column and the
 *   severity may be missing
 * @RUCHE_DIAGNOSTICS_JAVAC: as javac prints them
 * @RUCHE_DIAGNOSTICS_JAVA: the stack trace of an uncaught exception in Java
 * @RUCHE_DIAGNOSTICS_PYTHON: a traceback of Python
 *
 * In what form a tool says what it has to say.
 */
typedef enum
{
  RUCHE_DIAGNOSTICS_NONE,
  RUCHE_DIAGNOSTICS_GCC_JSON,
  RUCHE_DIAGNOSTICS_TEXT,
  RUCHE_DIAGNOSTICS_JAVAC,
  RUCHE_DIAGNOSTICS_JAVA,
  RUCHE_DIAGNOSTICS_PYTHON,
} RucheDiagnosticsKind;

#define RUCHE_N_DIAGNOSTICS_KINDS (RUCHE_DIAGNOSTICS_PYTHON + 1)

extern const RucheEnum ruche_diagnostics_kind_type;

GPtrArray *
ruche_diagnostics_parse (RucheDiagnosticsKind kind,
                         gconstpointer data,
                         gsize size,
                         const RucheJobSpec *job);
GBytes *
ruche_diagnostics_to_text (RucheDiagnosticsKind kind, GBytes *printed);

G_END_DECLS
