/* ruche-run-panel.h: output, problems and verdict of one program
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-problem.h"
#include "ruche-session.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define RUCHE_TYPE_RUN_PANEL (ruche_run_panel_get_type ())
G_DECLARE_FINAL_TYPE (RucheRunPanel, ruche_run_panel, RUCHE, RUN_PANEL, AdwBin)

/* Signal: "problem-chosen" (RucheProblem *): the person wants to see the place. */

RucheRunPanel *
ruche_run_panel_new (RucheSession *session);
void
ruche_run_panel_show (RucheRunPanel *self, const char *page);
void
ruche_run_panel_focus (RucheRunPanel *self);

G_END_DECLS
