/* ruche-inputs.h: standard input that is typed while the program runs
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-message.h"

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _RucheInputs RucheInputs;

/* Takes over one `input-ack` message. */
typedef void (*RucheInputsSend) (RucheMessage *message, gpointer user_data);

RucheInputs *
ruche_inputs_new (gint64 job, gint64 task, RucheInputsSend send, gpointer user_data);
void
ruche_inputs_free (RucheInputs *self);
int
ruche_inputs_open (RucheInputs *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
ruche_inputs_push (RucheInputs *self, const RucheInput *input, GBytes *bytes);
void
ruche_inputs_resend (RucheInputs *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RucheInputs, ruche_inputs_free)

G_END_DECLS
