/* ruche-listener.h: where peers come in
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-address.h"
#include "ruche-connection.h"

G_BEGIN_DECLS

#define RUCHE_TYPE_LISTENER (ruche_listener_get_type ())
G_DECLARE_FINAL_TYPE (RucheListener, ruche_listener, RUCHE, LISTENER, GObject)

/* Signals:
 *
 * "connection" (RucheConnection *connection, RucheMessage *hello as G_TYPE_POINTER): a peer has
 *   said hello within RUCHE_HANDSHAKE_TIMEOUT_MS. The handler keeps the connection and answers
 *   with ruche_handshake_answer() or ruche_handshake_refuse(). Peers that say anything else
 *   first, nothing in time, or come in too great a number never get this far.
 */

RucheListener *
ruche_listener_new (void);
void
ruche_listener_set_shared (RucheListener *self, gboolean shared);
gboolean
ruche_listener_add (RucheListener *self,
                    const RucheAddress *address,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
ruche_listener_stop (RucheListener *self);

G_END_DECLS
