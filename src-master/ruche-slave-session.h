/* ruche-slave-session.h: a connection from a slave
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-service.h"

G_BEGIN_DECLS

RucheSlaveSession *
ruche_slave_session_new (RucheService *service, RucheConnection *connection, const char *name);
void
ruche_slave_session_free (RucheSlaveSession *session);
void
ruche_slave_session_dispatch (RucheSlaveSession *session, const RucheAttemptId *id);
void
ruche_slave_session_stop_attempt (RucheSlaveSession *session, const RucheAttemptId *id);
void
ruche_slave_session_send_input (RucheSlaveSession *session, RucheMessage *message);
void
ruche_slave_session_settle (RucheSlaveSession *session);
void
ruche_slave_session_flush (RucheSlaveSession *session);
void
ruche_slave_session_tick (RucheSlaveSession *session);
RucheServerEntry *
ruche_slave_session_get_server (RucheSlaveSession *session);
void
ruche_slave_session_close (RucheSlaveSession *session);

G_END_DECLS
