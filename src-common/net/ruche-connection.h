/* ruche-connection.h: a stream that carries messages
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-message.h"

#include <gio/gio.h>

G_BEGIN_DECLS

#define RUCHE_TYPE_CONNECTION (ruche_connection_get_type ())
G_DECLARE_FINAL_TYPE (RucheConnection, ruche_connection, RUCHE, CONNECTION, GObject)

/* Signals:
 *
 * "message" (RucheMessage *message, as G_TYPE_POINTER, borrowed): one came.
 * "drained": all that was queued has been written; or, after a message was refused because the
 *   queue was full, half of it has.
 * "closed" (GError *why, as G_TYPE_ERROR, nullable where the peer ended in good order): emitted
 *   once, last, whoever ended it; never from within ruche_connection_send().
 */

RucheConnection *
ruche_connection_new (GIOStream *stream, int io_priority);
void
ruche_connection_start (RucheConnection *self);
gboolean
ruche_connection_send (RucheConnection *self, RucheMessage *message);
gsize
ruche_connection_get_queued (RucheConnection *self);
void
ruche_connection_set_reading (RucheConnection *self, gboolean reading);
void
ruche_connection_set_timeout (RucheConnection *self, guint lost_ms);
void
ruche_connection_set_max_frame (RucheConnection *self, guint32 header, guint32 payload);
gint64
ruche_connection_get_last_received_ms (RucheConnection *self);
gboolean
ruche_connection_get_peer (RucheConnection *self, uid_t *uid, pid_t *pid, GError **error);
gboolean
ruche_connection_is_closed (RucheConnection *self);
void
ruche_connection_close (RucheConnection *self, const GError *why);

G_END_DECLS
