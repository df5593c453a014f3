/* ruche-box-private.h: what the files of box/ tell each other
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-box.h"

G_BEGIN_DECLS

/* ruche-box-memory.c */
int
ruche_box_memory_new (const char *name,
                      gconstpointer data,
                      gsize size,
                      gboolean executable,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* ruche-box-factory.c */
int
ruche_box_factory_get_filter (RucheBoxFactory *self);
void
ruche_box_factory_take_filter (RucheBoxFactory *self, int filter);

/* ruche-box.c */
void
ruche_box_start (GTask *opening, GSubprocess *process, int socket);

/* ruche-box-explain.c */
GError *
ruche_box_explain (const char *complaint);

G_END_DECLS
