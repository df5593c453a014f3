/* ruche-report.h: the JSON that scripts read
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * On the wire a member that holds its fallback is left out. Scripts want the same members every
 * time: here all are there, and those that have no value are null.
 */
#pragma once

#include "ruche-job.h"

G_BEGIN_DECLS

char *
ruche_report_struct (const RucheSchema *schema, gconstpointer self);
char *
ruche_report_list (const RucheSchema *schema, GPtrArray *list);
char *
ruche_report_result (const RucheResult *result, GBytes *out, GBytes *err);
char *
ruche_report_status (const RucheTaskStatus *status, GBytes *out, GBytes *err);
char *
ruche_report_job (const RucheJobInfo *info, char *const *tasks);

G_END_DECLS
