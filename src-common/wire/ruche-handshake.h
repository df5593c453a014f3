/* ruche-handshake.h: the first two messages of a connection, without a socket
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-message.h"

G_BEGIN_DECLS

RucheMessage *
ruche_handshake_hello (RucheRole role, const char *name, const char *token);
RucheMessage *
ruche_handshake_answer (const RucheMessage *hello,
                        const char *cluster,
                        gint64 epoch,
                        gint64 session,
                        const char *person,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;
RucheMessage *
ruche_handshake_refuse (const GError *why);
gboolean
ruche_handshake_finish (const RucheMessage *answer, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
