/* ruche-cluster.h: the cluster that the windows work with
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-client.h"

G_BEGIN_DECLS

#define RUCHE_TYPE_CLUSTER (ruche_cluster_get_type ())
G_DECLARE_FINAL_TYPE (RucheCluster, ruche_cluster, RUCHE, CLUSTER, GObject)

typedef enum
{
  RUCHE_CLUSTER_OFFLINE,
  RUCHE_CLUSTER_STARTING,
  RUCHE_CLUSTER_ONLINE,
} RucheClusterState;

/**
 * RucheClusterTotals:
 * @servers: that are ready
 * @slots: programs that they run at once
 * @busy: programs that they hold
 *
 * A cluster in three figures.
 */
typedef struct
{
  guint servers;
  gint64 slots;
  gint64 busy;
} RucheClusterTotals;

/* Properties: "state" (int, RucheClusterState; notify), "message" (string; notify): why there is no
 * connection, "toolchains" (GPtrArray of RucheToolchain; notify).
 * Signal: "servers-changed": the totals or a server's figures are new; at most 5 times a second. */

RucheCluster *
ruche_cluster_new (const char *address);
RucheClusterState
ruche_cluster_get_state (RucheCluster *self);
const char *
ruche_cluster_get_message (RucheCluster *self);
const char *
ruche_cluster_get_name (RucheCluster *self);
gboolean
ruche_cluster_is_local (RucheCluster *self);
RucheClient *
ruche_cluster_get_client (RucheCluster *self);
GPtrArray *
ruche_cluster_get_toolchains (RucheCluster *self);
GListModel *
ruche_cluster_get_servers (RucheCluster *self);
GListModel *
ruche_cluster_get_jobs (RucheCluster *self);
void
ruche_cluster_get_totals (RucheCluster *self, RucheClusterTotals *totals);
void
ruche_cluster_watch_jobs (RucheCluster *self);
gboolean
ruche_cluster_set_address (RucheCluster *self,
                           const char *text,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
ruche_cluster_start_local (RucheCluster *self);
void
ruche_cluster_cancel_start (RucheCluster *self);

G_END_DECLS
