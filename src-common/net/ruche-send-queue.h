/* ruche-send-queue.h: frames that wait to be written
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-message.h"

G_BEGIN_DECLS

/**
 * RucheSendQueue:
 * @chunks: (element-type GByteArray): frames one after the other, several in a chunk
 * @taken: bytes of the first chunk that were written already
 * @size: bytes that wait
 *
 * Frames that wait to be written. All zero is an empty queue.
 */
typedef struct
{
  GQueue chunks;
  gsize taken;
  gsize size;
} RucheSendQueue;

gboolean
ruche_send_queue_add (RucheSendQueue *queue,
                      const RucheMessage *message,
                      gsize max_size,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
const guint8 *
ruche_send_queue_peek (RucheSendQueue *queue, gsize *size);
void
ruche_send_queue_take (RucheSendQueue *queue, gsize size);
void
ruche_send_queue_clear (RucheSendQueue *queue);

G_END_DECLS
