/* ruche-box-channel.h: the slave's end of the socket to a runner
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "runner-protocol.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * RucheBoxChannelFuncs:
 * @record: the runner said something that is a record by itself; whether it is one now is for the
 *   receiver to judge
 * @closed: nothing more will come; @error says why, %NULL where the runner hung up. Called once.
 *
 * What a channel tells. Both are called from the main context the channel was made in.
 */
typedef struct
{
  void (*record) (const union runner_record *record, gpointer user_data);
  void (*closed) (const GError *error, gpointer user_data);
} RucheBoxChannelFuncs;

typedef struct _RucheBoxChannel RucheBoxChannel;

RucheBoxChannel *
ruche_box_channel_new (int socket, const RucheBoxChannelFuncs *funcs, gpointer user_data);
void
ruche_box_channel_free (RucheBoxChannel *self);
void
ruche_box_channel_send (RucheBoxChannel *self,
                        const union runner_record *record,
                        const int *fds,
                        guint n_fds);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RucheBoxChannel, ruche_box_channel_free)

G_END_DECLS
