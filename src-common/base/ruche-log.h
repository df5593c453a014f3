/* ruche-log.h: where the daemons' log lines go
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

void
ruche_log_init (const char *program);

G_END_DECLS
