/* ruche-i18n.c: a program's language
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A build tree holds its catalogues where an installation does, below po/ instead of the locale
 * folder; RUCHE_BUILD_DIR leads there as it leads to the programs (see ruche-paths.c).
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-i18n.h"

#include <libintl.h>
#include <locale.h>

/**
 * ruche_i18n_init:
 *
 * Takes the person's language from the environment, and the translations of the same build or
 * installation. Call it once, first thing in main().
 */
void
ruche_i18n_init (void)
{
  const char *build = g_getenv ("RUCHE_BUILD_DIR");
  g_autofree char *catalogues = NULL;

  if (build != NULL && g_path_is_absolute (build))
    catalogues = g_build_filename (build, "po", NULL);

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, catalogues != NULL ? catalogues : RUCHE_LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
}
