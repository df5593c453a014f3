/* test-fill.h: structs with something in every member
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-schema.h"

G_BEGIN_DECLS

gpointer
test_filled (const RucheSchema *schema);

G_END_DECLS
