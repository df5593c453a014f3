/* ruche-outputs.h: what an attempt prints, on its way to the master
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-message.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * RucheOutputsEvents:
 * @send: takes over one `output` message
 * @exceeded: more was printed than the limit allows; called once
 *
 * What an attempt's outputs ask of their owner.
 */
typedef struct
{
  void (*send) (RucheMessage *message, gpointer user_data);
  void (*exceeded) (gpointer user_data);
} RucheOutputsEvents;

typedef struct _RucheOutputs RucheOutputs;

RucheOutputs *
ruche_outputs_new (const RucheAttemptId *id,
                   gint64 limit,
                   const RucheOutputsEvents *events,
                   gpointer user_data);
void
ruche_outputs_free (RucheOutputs *self);
int
ruche_outputs_open (RucheOutputs *self,
                    RucheStream stream,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
ruche_outputs_put (RucheOutputs *self, RucheStream stream, GBytes *text);
gboolean
ruche_outputs_finish (RucheOutputs *self);
void
ruche_outputs_ack (RucheOutputs *self, RucheStream stream, gint64 offset);
void
ruche_outputs_resend (RucheOutputs *self);
gint64
ruche_outputs_get_size (RucheOutputs *self, RucheStream stream);
gint64
ruche_outputs_get_written (RucheOutputs *self);
GBytes *
ruche_outputs_get_tail (RucheOutputs *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RucheOutputs, ruche_outputs_free)

G_END_DECLS
