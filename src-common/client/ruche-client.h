/* ruche-client.h: a client's connection to a master
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-address.h"
#include "ruche-message.h"
#include "ruche-program.h"

#include <gio/gio.h>

G_BEGIN_DECLS

#define RUCHE_TYPE_CLIENT (ruche_client_get_type ())
G_DECLARE_FINAL_TYPE (RucheClient, ruche_client, RUCHE, CLIENT, GObject)

typedef struct _RucheRun RucheRun;

typedef enum
{
  RUCHE_CLIENT_OFFLINE,
  RUCHE_CLIENT_CONNECTING,
  RUCHE_CLIENT_ONLINE,
} RucheClientState;

/* Properties:
 * "state" (int, RucheClientState; notify), "cluster" (string, nullable; notify).
 * Signals:
 * "disconnected" (GError *why, nullable): an established connection ended; runs that were followed
 *   got "failed" before.
 */

RucheClient *
ruche_client_new (const RucheAddress *address, const char *program, int io_priority);
const RucheAddress *
ruche_client_get_address (RucheClient *self);
RucheClientState
ruche_client_get_state (RucheClient *self);
const char *
ruche_client_get_cluster (RucheClient *self);

void
ruche_client_connect_async (RucheClient *self,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data);
gboolean
ruche_client_connect_finish (RucheClient *self, GAsyncResult *result, GError **error);
void
ruche_client_disconnect (RucheClient *self);

/* Any request that has a serial; the serial is filled in. `failed` comes back as an error. */
void
ruche_client_request_async (RucheClient *self,
                            RucheMessage *request,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data);
RucheMessage *
ruche_client_request_finish (RucheClient *self, GAsyncResult *result, GError **error);

/* Sends begin, what the master needs, parts and commit; takes over @submission. */
void
ruche_client_submit_async (RucheClient *self,
                           RucheSubmission *submission,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data);
gint64
ruche_client_submit_finish (RucheClient *self, GAsyncResult *result, GError **error);

/* All toolchains that the cluster's servers offer, one for each language. */
void
ruche_client_toolchains_async (RucheClient *self,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
GPtrArray *
ruche_client_toolchains_finish (RucheClient *self, GAsyncResult *result, GError **error);

RucheRun *
ruche_client_follow (RucheClient *self, gint64 job, gboolean output);

/* Live lists, filled after ruche_client_watch(); see ruche-client-models.h. */
void
ruche_client_watch (RucheClient *self, gboolean servers, gboolean jobs);
GListModel *
ruche_client_get_servers (RucheClient *self);
GListModel *
ruche_client_get_jobs (RucheClient *self);

G_END_DECLS
