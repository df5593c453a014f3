/* ruche-follower.h: one client that follows one job
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-connection.h"
#include "ruche-reactor.h"
#include "ruche-spool.h"

G_BEGIN_DECLS

typedef struct _RucheFollower RucheFollower;

RucheFollower *
ruche_follower_new (RucheReactor *reactor,
                    RucheSpool *spool,
                    RucheConnection *connection,
                    const RucheFollow *request);
void
ruche_follower_free (RucheFollower *follower);
gint64
ruche_follower_get_job (RucheFollower *follower);
void
ruche_follower_task_changed (RucheFollower *follower, guint task);
void
ruche_follower_task_news (RucheFollower *follower, guint task);
void
ruche_follower_acked (RucheFollower *follower, const RucheOutputAck *ack);
gboolean
ruche_follower_pump (RucheFollower *follower);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RucheFollower, ruche_follower_free)

G_END_DECLS
