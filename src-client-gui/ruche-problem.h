/* ruche-problem.h: one row of the list of problems
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-job.h"

#include <gio/gio.h>

G_BEGIN_DECLS

#define RUCHE_TYPE_PROBLEM (ruche_problem_get_type ())
G_DECLARE_FINAL_TYPE (RucheProblem, ruche_problem, RUCHE, PROBLEM, GObject)

RucheProblem *
ruche_problem_new (const RucheDiagnostic *diagnostic);
const RucheDiagnostic *
ruche_problem_get_diagnostic (RucheProblem *self);
char *
ruche_problem_get_place (RucheProblem *self);
const char *
ruche_problem_get_icon (RucheProblem *self);
const char *
ruche_problem_get_severity (RucheProblem *self);

G_END_DECLS
