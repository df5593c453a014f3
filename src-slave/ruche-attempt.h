/* ruche-attempt.h: one try at a task, from its files to its result
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-blobs.h"
#include "ruche-box.h"
#include "ruche-message.h"
#include "ruche-prober.h"

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _RucheAttempt RucheAttempt;

/**
 * RucheAttemptEvents:
 * @send: takes over an `output` or `input-ack` message
 * @step: a step begins
 * @finished: takes over the result; all output was sent before; called once
 * @closed: nothing of the attempt runs any more; called once, for an attempt that was started
 *
 * What an attempt tells its owner.
 */
typedef struct
{
  void (*send) (RucheMessage *message, gpointer user_data);
  void (*step) (RucheAttempt *attempt, RucheStep step, gpointer user_data);
  void (*finished) (RucheAttempt *attempt, RucheResult *result, gpointer user_data);
  void (*closed) (RucheAttempt *attempt, gpointer user_data);
} RucheAttemptEvents;

RucheAttempt *
ruche_attempt_new (RucheMessage *dispatch,
                   const RucheDispatchJob *job,
                   const RucheDispatchTask *task,
                   const RucheOffered *offer,
                   RucheBlobs *blobs,
                   const RucheAttemptEvents *events,
                   gpointer user_data);
void
ruche_attempt_free (RucheAttempt *self);

const RucheAttemptId *
ruche_attempt_get_id (RucheAttempt *self);
char **
ruche_attempt_list_blobs (RucheAttempt *self);
gboolean
ruche_attempt_hold_blobs (RucheAttempt *self);

void
ruche_attempt_start (RucheAttempt *self, RucheBoxFactory *factory);
void
ruche_attempt_stop (RucheAttempt *self);
void
ruche_attempt_fail (RucheAttempt *self, const char *reason);
void
ruche_attempt_silence (RucheAttempt *self);

void
ruche_attempt_ack_output (RucheAttempt *self, RucheStream stream, gint64 offset);
void
ruche_attempt_push_input (RucheAttempt *self, const RucheInput *input, GBytes *bytes);
void
ruche_attempt_resend (RucheAttempt *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RucheAttempt, ruche_attempt_free)

G_END_DECLS
