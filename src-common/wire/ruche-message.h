/* ruche-message.h: a message, and its frame both ways
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-messages.h"

G_BEGIN_DECLS

/**
 * RucheMessage:
 * @type: which
 * @body: the struct of that type, owned
 * @payload: (nullable): raw bytes, owned
 * @number: for ruche_message_type_numbered() ones, from 1; else 0
 * @ack: the highest number that the sender has taken from its peer; 0 for none
 *
 * One message. Counted by reference, as one goes to many followers; not changed once sent.
 */
typedef struct
{
  RucheMessageType type;
  gpointer body;
  GBytes *payload;
  gint64 number;
  gint64 ack;
  gatomicrefcount ref_count; /* private */
} RucheMessage;

RucheMessage *
ruche_message_new (RucheMessageType type);
RucheMessage *
ruche_message_new_with_payload (RucheMessageType type, GBytes *payload);
RucheMessage *
ruche_message_new_error (const GError *why);
RucheMessage *
ruche_message_new_failed (gint64 serial, const GError *why);
RucheMessage *
ruche_message_ref (RucheMessage *message);
void
ruche_message_unref (RucheMessage *message);
const char *
ruche_message_get_word (const RucheMessage *message);
gint64
ruche_message_get_serial (const RucheMessage *message);
void
ruche_message_set_serial (RucheMessage *message, gint64 serial);
GError *
ruche_message_to_error (const RucheMessage *message);

gboolean
ruche_message_encode (const RucheMessage *message,
                      GByteArray *out,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
RucheMessage *
ruche_message_decode (const char *header, gsize header_size, GBytes *payload, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RucheMessage, ruche_message_unref)

G_END_DECLS
