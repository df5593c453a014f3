/* ruche-weigh.h: how much room a struct takes in a message
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-schema.h"

G_BEGIN_DECLS

gsize
ruche_weigh (const RucheSchema *schema, gconstpointer self);

G_END_DECLS
