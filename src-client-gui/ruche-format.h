/* ruche-format.h: figures as people read them
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-job.h"

G_BEGIN_DECLS

char *
ruche_format_duration (gint64 ms);
char *
ruche_format_age (gint64 ms);
char *
ruche_format_memory (gint64 kib);
char *
ruche_format_signal (gint64 number);
const char *
ruche_format_waiting (const char *word);

G_END_DECLS
