/* ruche-handshake.h: the first two messages of a connection, without a socket
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-message.h"

G_BEGIN_DECLS

/* Feature of a slave's `hello`: it has kept its end of the link of an earlier connection; of the
 * `welcome`: so has the master. Only where both say so do the numbers go on and does anything of
 * before still count; otherwise both ends begin with a new link and nothing held. */
#define RUCHE_FEATURE_RESUME "resume"

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
