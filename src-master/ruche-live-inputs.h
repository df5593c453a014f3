/* ruche-live-inputs.h: what people type for their programs, on its way to the slaves
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-message.h"

G_BEGIN_DECLS

typedef struct _RucheLiveInputs RucheLiveInputs;

RucheLiveInputs *
ruche_live_inputs_new (void);
void
ruche_live_inputs_free (RucheLiveInputs *inputs);
gboolean
ruche_live_inputs_add (RucheLiveInputs *inputs,
                       gpointer source,
                       const RucheInput *input,
                       GBytes *bytes,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;
gpointer
ruche_live_inputs_acked (RucheLiveInputs *inputs, const RucheInputAck *ack);
void
ruche_live_inputs_source_gone (RucheLiveInputs *inputs, gpointer source);
void
ruche_live_inputs_forget (RucheLiveInputs *inputs, gint64 job, gint64 task);
void
ruche_live_inputs_flush (RucheLiveInputs *inputs,
                         gboolean (*send) (RucheMessage *message, gpointer user_data),
                         gpointer user_data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RucheLiveInputs, ruche_live_inputs_free)

G_END_DECLS
