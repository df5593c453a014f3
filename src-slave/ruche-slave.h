/* ruche-slave.h: the daemon that runs tasks, put together
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-slave-config.h"

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _RucheSlave RucheSlave;

/* The slave has ended: @why it had to, or %NULL where it was told to. */
typedef void (*RucheSlaveEnded) (const GError *why, gpointer user_data);

RucheSlave *
ruche_slave_new (const RucheSlaveConfig *config, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
ruche_slave_free (RucheSlave *self);
void
ruche_slave_start (RucheSlave *self, RucheSlaveEnded ended, gpointer user_data);
void
ruche_slave_stop (RucheSlave *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RucheSlave, ruche_slave_free)

G_END_DECLS
