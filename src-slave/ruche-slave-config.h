/* ruche-slave-config.h: what a slave is told at its start
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * RucheSlaveConfig:
 * @master: the master's address
 * @name: this slave's name
 * @slots: attempts that it runs at once
 * @state: the folder for its files
 * @toolchains: the folder with the toolchains' descriptions
 * @user: (nullable): whom to become when started as root
 * @show_version: only the version is wanted
 *
 * The command line and the configuration file together.
 */
typedef struct
{
  char *master;
  char *name;
  guint slots;
  char *state;
  char *toolchains;
  char *user;
  gboolean show_version;
} RucheSlaveConfig;

RucheSlaveConfig *
ruche_slave_config_parse (int argc, char **argv, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
ruche_slave_config_free (RucheSlaveConfig *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RucheSlaveConfig, ruche_slave_config_free)

G_END_DECLS
