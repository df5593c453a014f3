/* ruche-gui-settings.c: what the windows remember
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-gui-settings.h"

#include <glib/gi18n-lib.h>

#define SCHEMA "org.ruche.Ruche"

/**
 * ruche_gui_settings_new:
 *
 * Opens the windows' settings; in a build tree by the schema that was built there.
 *
 * Returns: (transfer full): the settings
 */
GSettings *
ruche_gui_settings_new (void)
{
  GSettingsSchemaSource *source = g_settings_schema_source_get_default ();
  const char *build = g_getenv ("RUCHE_BUILD_DIR");
  g_autoptr (GSettingsSchemaSource) built = NULL;
  g_autoptr (GSettingsSchema) schema = NULL;

  if (build != NULL)
    {
      g_autofree char *folder = g_build_filename (build, "data", NULL);
      built = g_settings_schema_source_new_from_directory (folder, source, TRUE, NULL);
      source = built != NULL ? built : source;
    }
  if (source != NULL)
    schema = g_settings_schema_source_lookup (source, SCHEMA, TRUE);
  if (schema == NULL)
    {
      g_printerr (_ ("ruche: the settings schema %s is missing: install Ruche again\n"), SCHEMA);
      exit (1);
    }
  return g_settings_new_full (schema, NULL, NULL);
}
