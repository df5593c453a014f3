/* ruche-link.h: numbered messages between master and slave
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Each end numbers the messages that must not be lost, keeps them until the other end has
 * acknowledged them, and knows which it has taken already. It outlives connections; no sockets.
 */
#pragma once

#include "ruche-message.h"

G_BEGIN_DECLS

typedef struct _RucheLink RucheLink;

RucheLink *
ruche_link_new (void);
void
ruche_link_free (RucheLink *link);
void
ruche_link_sent (RucheLink *link, RucheMessage *message);
gboolean
ruche_link_received (RucheLink *link, const RucheMessage *message, gboolean *fresh, GError **error);
gint64
ruche_link_get_ack (RucheLink *link);
gboolean
ruche_link_owes_ack (RucheLink *link);
guint
ruche_link_get_n_kept (RucheLink *link);
GPtrArray *
ruche_link_get_kept (RucheLink *link);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RucheLink, ruche_link_free)

G_END_DECLS
