/* ruche-application.h: the desktop application
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define RUCHE_TYPE_APPLICATION (ruche_application_get_type ())
G_DECLARE_FINAL_TYPE (RucheApplication, ruche_application, RUCHE, APPLICATION, AdwApplication)

RucheApplication *
ruche_application_new (void);

G_END_DECLS
