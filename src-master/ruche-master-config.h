/* ruche-master-config.h: what a master is told at its start
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-address.h"
#include "ruche-job.h"

G_BEGIN_DECLS

/**
 * RucheMasterConfig:
 * @listen: where peers come in
 * @socket_group: (nullable): a group whose members may connect too
 * @state: folder of blobs and outputs
 * @cluster: its name
 * @policy: which server is the better one
 * @user: (nullable): whom to become when started as root
 * @maximum: the most that a job may ask for
 *
 * A master's configuration.
 */
typedef struct
{
  RucheAddress *listen;
  char *socket_group;
  char *state;
  char *cluster;
  RuchePolicy policy;
  char *user;
  RucheLimits maximum;
} RucheMasterConfig;

RucheMasterConfig *
ruche_master_config_from_args (int *argc, char ***argv, gboolean *version, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
void
ruche_master_config_free (RucheMasterConfig *config);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RucheMasterConfig, ruche_master_config_free)

G_END_DECLS
