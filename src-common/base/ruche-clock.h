/* ruche-clock.h: the one place that reads a clock
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

gint64
ruche_clock_now_ms (void);
gint64
ruche_clock_now_us (void);
gint64
ruche_clock_real_ms (void);

G_END_DECLS
