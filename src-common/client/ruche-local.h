/* ruche-local.h: a cluster on one machine, for one person
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define RUCHE_LOCAL_DEFAULT_SLAVES 3

gboolean
ruche_local_is_running (void);

/* Starts what is missing of a local cluster and waits until its servers offer themselves. */
void
ruche_local_start_async (guint n_slaves,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data);
gboolean
ruche_local_start_finish (GAsyncResult *result, GError **error);

void
ruche_local_stop_async (GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data);
gboolean
ruche_local_stop_finish (GAsyncResult *result, GError **error);

G_END_DECLS
