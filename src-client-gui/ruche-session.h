/* ruche-session.h: the runs of one program, between the cluster and the window
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-client.h"
#include "ruche-output-queue.h"
#include "ruche-run-state.h"

G_BEGIN_DECLS

#define RUCHE_TYPE_SESSION (ruche_session_get_type ())
G_DECLARE_FINAL_TYPE (RucheSession, ruche_session, RUCHE, SESSION, GObject)

/* Property: "active" (boolean; notify): there is something to stop.
 * Signals: "changed": the state moved on; "cleared": forget the output shown so far;
 * "output": there is more in the queue. */

RucheSession *
ruche_session_new (void);
void
ruche_session_start (RucheSession *self, RucheClient *client, RucheSubmission *submission);
void
ruche_session_refuse (RucheSession *self, const GError *why);
void
ruche_session_stop (RucheSession *self);
gboolean
ruche_session_get_active (RucheSession *self);
const RucheRunState *
ruche_session_get_state (RucheSession *self);
GListModel *
ruche_session_get_problems (RucheSession *self);
gsize
ruche_session_get_pending (RucheSession *self);
char *
ruche_session_take_output (RucheSession *self, gsize most, RucheStream *stream);

G_END_DECLS
