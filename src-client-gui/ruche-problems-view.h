/* ruche-problems-view.h: what compilers say, as a list
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-problem.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define RUCHE_TYPE_PROBLEMS_VIEW (ruche_problems_view_get_type ())
G_DECLARE_FINAL_TYPE (RucheProblemsView, ruche_problems_view, RUCHE, PROBLEMS_VIEW, AdwBin)

/* Signal: "chosen" (RucheProblem *): the person wants to see the place. */

void
ruche_problems_view_set_model (RucheProblemsView *self, GListModel *problems);

G_END_DECLS
