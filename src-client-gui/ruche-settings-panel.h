/* ruche-settings-panel.h: how the program in sight is to be run
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-run-settings.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define RUCHE_TYPE_SETTINGS_PANEL (ruche_settings_panel_get_type ())
G_DECLARE_FINAL_TYPE (RucheSettingsPanel, ruche_settings_panel, RUCHE, SETTINGS_PANEL, AdwBin)

void
ruche_settings_panel_set_settings (RucheSettingsPanel *self, RucheRunSettings *settings);
void
ruche_settings_panel_set_toolchains (RucheSettingsPanel *self, GPtrArray *toolchains);
void
ruche_settings_panel_focus_language (RucheSettingsPanel *self);

G_END_DECLS
