/* ruche-box-filter.h: the system calls that a step may not make
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

int
ruche_box_filter_new (GError **error);

G_END_DECLS
