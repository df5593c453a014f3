/* ruche-output-view.h: what a program writes, while it runs
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-session.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define RUCHE_TYPE_OUTPUT_VIEW (ruche_output_view_get_type ())
G_DECLARE_FINAL_TYPE (RucheOutputView, ruche_output_view, RUCHE, OUTPUT_VIEW, AdwBin)

void
ruche_output_view_set_session (RucheOutputView *self, RucheSession *session);

G_END_DECLS
