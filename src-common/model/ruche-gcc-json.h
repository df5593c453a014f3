/* ruche-gcc-json.h: what gcc says with -fdiagnostics-format=json
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-job.h"

G_BEGIN_DECLS

gsize
ruche_gcc_json_read (const char *data, gsize size, GPtrArray *diagnostics);

G_END_DECLS
