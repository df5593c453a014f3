/* ruche-diagnostics.c: what compilers and interpreters say about the sources
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-diagnostics.h"

static const char *const kind_nicks[RUCHE_N_DIAGNOSTICS_KINDS] = {
  [RUCHE_DIAGNOSTICS_NONE] = "none", [RUCHE_DIAGNOSTICS_GCC_JSON] = "gcc-json",
  [RUCHE_DIAGNOSTICS_TEXT] = "text", [RUCHE_DIAGNOSTICS_JAVAC] = "javac",
  [RUCHE_DIAGNOSTICS_JAVA] = "java", [RUCHE_DIAGNOSTICS_PYTHON] = "python",
};

const RucheEnum ruche_diagnostics_kind_type
    = { "kind of diagnostics", kind_nicks, G_N_ELEMENTS (kind_nicks) };
