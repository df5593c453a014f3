/* ruche-verdict-bar.h: the line that says how a run stands or ended
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-session.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define RUCHE_TYPE_VERDICT_BAR (ruche_verdict_bar_get_type ())
G_DECLARE_FINAL_TYPE (RucheVerdictBar, ruche_verdict_bar, RUCHE, VERDICT_BAR, AdwBin)

void
ruche_verdict_bar_set_session (RucheVerdictBar *self, RucheSession *session);

G_END_DECLS
