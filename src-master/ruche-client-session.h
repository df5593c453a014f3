/* ruche-client-session.h: a connection from a client
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-service.h"

G_BEGIN_DECLS

RucheClientSession *
ruche_client_session_new (RucheService *service,
                          RucheConnection *connection,
                          const char *person,
                          gboolean admin);
void
ruche_client_session_free (RucheClientSession *session);
void
ruche_client_session_pump (RucheClientSession *session);
void
ruche_client_session_pump_all (RucheClientSession *session);
void
ruche_client_session_news (RucheClientSession *session, RucheFollower *follower);
void
ruche_client_session_send (RucheClientSession *session, RucheMessage *message);
void
ruche_client_session_close (RucheClientSession *session);

G_END_DECLS
