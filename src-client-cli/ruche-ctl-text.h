/* ruche-ctl-text.h: what ruchectl says and how it ends, without saying it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-ctl.h"

G_BEGIN_DECLS

int
ruche_ctl_exit_status (const RucheResult *result);
int
ruche_ctl_error_status (const GError *error);
char *
ruche_ctl_duration (gint64 ms);
char *
ruche_ctl_memory (gint64 kib);
char *
ruche_ctl_time (gint64 real_ms);
char *
ruche_ctl_verdict (const RucheResult *result);
char *
ruche_ctl_figures (const RucheResult *result);
char *
ruche_ctl_diagnostic (const RucheDiagnostic *diagnostic);
char *
ruche_ctl_waiting (const char *word, const RucheJobSpec *spec);
char *
ruche_ctl_clean (const char *text);

G_END_DECLS
