/* ruche-gui-settings.h: what the windows remember
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

GSettings *
ruche_gui_settings_new (void);

G_END_DECLS
