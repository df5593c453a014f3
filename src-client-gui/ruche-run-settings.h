/* ruche-run-settings.h: how a person wants one program run
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-program.h"

#include <gio/gio.h>

G_BEGIN_DECLS

#define RUCHE_TYPE_RUN_SETTINGS (ruche_run_settings_get_type ())
G_DECLARE_FINAL_TYPE (RucheRunSettings, ruche_run_settings, RUCHE, RUN_SETTINGS, GObject)

/* Properties, all of them writable: "language" (string, "" for automatic), "arguments", "flags" and
 * "input" (strings), "cpu" and "wall" (seconds) and "memory" (MiB) (doubles, 0 for the default). */

RucheRunSettings *
ruche_run_settings_new (void);
const char *
ruche_run_settings_get_language (RucheRunSettings *self);
GListStore *
ruche_run_settings_get_files (RucheRunSettings *self);
gboolean
ruche_run_settings_apply (RucheRunSettings *self,
                          RucheSubmission *submission,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
