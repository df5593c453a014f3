/* ruche-service.h: what all sessions of a master share
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The service owns the listener, the reactor, the stores and the sessions, and carries the
 * reactor's decisions to the sessions. Sessions use its members directly; they live as long as it.
 */
#pragma once

#include "ruche-blob-store.h"
#include "ruche-live-inputs.h"
#include "ruche-master-config.h"
#include "ruche-monitors.h"
#include "ruche-reactor.h"
#include "ruche-spool.h"

G_BEGIN_DECLS

typedef struct _RucheService RucheService;
typedef struct _RucheClientSession RucheClientSession;
typedef struct _RucheSlaveSession RucheSlaveSession;
typedef struct _RucheFollower RucheFollower;

/**
 * RucheService:
 * @config: as at the start
 * @epoch: counts the starts of the master
 * @reactor: jobs and servers
 * @blobs: sources and inputs
 * @spool: outputs
 * @inputs: live inputs on their way
 * @monitors: clients that watch the cluster
 * @open_work: what submissions and the jobs that have not ended weigh, bytes
 *
 * What sessions may use; the rest is the service's own.
 */
struct _RucheService
{
  const RucheMasterConfig *config;
  gint64 epoch;
  RucheReactor *reactor;
  RucheBlobStore *blobs;
  RucheSpool *spool;
  RucheLiveInputs *inputs;
  RucheMonitors *monitors;
  gint64 open_work;
};

RucheService *
ruche_service_new (const RucheMasterConfig *config, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
ruche_service_free (RucheService *service);
void
ruche_service_stop (RucheService *service);
gboolean
ruche_service_is_idle (RucheService *service);

void
ruche_service_schedule (RucheService *service);
void
ruche_service_add_follower (RucheService *service,
                            RucheClientSession *session,
                            RucheFollower *follower);
void
ruche_service_remove_follower (RucheService *service, RucheFollower *follower);
void
ruche_service_output_came (RucheService *service, gint64 job, guint task);
gint64
ruche_service_find_submission (RucheService *service, const char *person, const char *number);
void
ruche_service_add_submission (RucheService *service,
                              const char *person,
                              const char *number,
                              gint64 job);
void
ruche_service_keep (RucheService *service, gint64 job, GStrv blobs, gint64 weight);
void
ruche_service_erase (RucheService *service, gint64 job);
void
ruche_service_send_input_ack (RucheService *service,
                              const RucheServerEntry *server,
                              RucheMessage *message);
void
ruche_service_client_gone (RucheService *service, RucheClientSession *session);
void
ruche_service_slave_gone (RucheService *service, RucheSlaveSession *session);

G_END_DECLS
