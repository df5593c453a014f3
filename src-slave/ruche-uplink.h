/* ruche-uplink.h: the slave's connection to its master, again and again
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-address.h"
#include "ruche-message.h"

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _RucheUplink RucheUplink;

/**
 * RucheUplinkEvents:
 * @forget: the master knows nothing of what it gave us before: stop it all, report nothing of it
 * @make_offer: (transfer full): the `offer`
 * @resume: the connection is back: send again what has acknowledgements of its own
 * @taken: (element-type RucheResult): the master has these results, and all sent before them
 * @message: one from the master, once each
 * @left: after ruche_uplink_leave(): the master was told, as far as it could be
 *
 * What the uplink asks of its owner.
 */
typedef struct
{
  void (*forget) (gpointer user_data);
  RucheMessage *(*make_offer) (gpointer user_data);
  void (*resume) (gpointer user_data);
  void (*taken) (GPtrArray *results, gpointer user_data);
  void (*message) (RucheMessage *message, gpointer user_data);
  void (*left) (gpointer user_data);
} RucheUplinkEvents;

RucheUplink *
ruche_uplink_new (const RucheAddress *address,
                  const char *name,
                  const RucheUplinkEvents *events,
                  gpointer user_data);
void
ruche_uplink_free (RucheUplink *self);
void
ruche_uplink_start (RucheUplink *self);
void
ruche_uplink_send (RucheUplink *self, RucheMessage *message);
void
ruche_uplink_add_started (RucheUplink *self, const RucheTaskStatus *status);
void
ruche_uplink_add_finished (RucheUplink *self, RucheResult *result);
void
ruche_uplink_leave (RucheUplink *self, const char *reason);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RucheUplink, ruche_uplink_free)

G_END_DECLS
