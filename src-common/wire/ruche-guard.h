/* ruche-guard.h: what bytes must be before a JSON parser sees them
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

gboolean
ruche_guard_check (const char *text, gsize size, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
