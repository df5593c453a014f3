/* ruche-send-queue.c: frames that wait to be written
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Messages become bytes at once, so that what is queued is bounded in bytes and a message may be
 * shared between many connections. Small frames gather in one chunk, which goes out in one write;
 * a written chunk is freed, so that a long queue shrinks as it is sent.
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-send-queue.h"

#include "ruche-bounds.h"
#include "ruche-error.h"

#define CHUNK_SIZE (256 * RUCHE_KIB)

static GByteArray *
chunk_with_room (RucheSendQueue *queue)
{
  GByteArray *last = g_queue_peek_tail (&queue->chunks);

  if (last == NULL || last->len >= CHUNK_SIZE)
    {
      last = g_byte_array_new ();
      g_queue_push_tail (&queue->chunks, last);
    }
  return last;
}

static void
drop_empty_tail (RucheSendQueue *queue)
{
  GByteArray *last = g_queue_peek_tail (&queue->chunks);

  if (last->len == 0)
    g_byte_array_unref (g_queue_pop_tail (&queue->chunks));
}

/**
 * ruche_send_queue_add:
 * @queue: a queue
 * @message: what to send
 * @max_size: bytes that may wait, those of @message included
 * @error: %RUCHE_ERROR_BUSY where the queue is full; as ruche_message_encode()
 *
 * Puts a message's frame at the end.
 *
 * Returns: whether it will be sent
 */
gboolean
ruche_send_queue_add (RucheSendQueue *queue,
                      const RucheMessage *message,
                      gsize max_size,
                      GError **error)
{
  GByteArray *chunk = chunk_with_room (queue);
  guint before = chunk->len;
  gboolean fits = FALSE;

  if (ruche_message_encode (message, chunk, error))
    {
      fits = queue->size + chunk->len - before <= max_size;
      if (fits)
        queue->size += chunk->len - before;
      else
        {
          g_byte_array_set_size (chunk, before);
          g_set_error_literal (error, RUCHE_ERROR, RUCHE_ERROR_BUSY, "the peer reads too slowly");
        }
    }
  drop_empty_tail (queue);
  return fits;
}

/**
 * ruche_send_queue_peek:
 * @queue: a queue
 * @size: (out): bytes
 *
 * Gives bytes to be written next.
 *
 * Returns: (transfer none) (nullable): the bytes, until the queue changes; %NULL where it is empty
 */
const guint8 *
ruche_send_queue_peek (RucheSendQueue *queue, gsize *size)
{
  GByteArray *first = g_queue_peek_head (&queue->chunks);

  *size = first != NULL ? first->len - queue->taken : 0;
  return first != NULL ? first->data + queue->taken : NULL;
}

/**
 * ruche_send_queue_take:
 * @queue: a queue
 * @size: bytes, at most those that ruche_send_queue_peek() gave
 *
 * Says that bytes were written.
 */
void
ruche_send_queue_take (RucheSendQueue *queue, gsize size)
{
  GByteArray *first = g_queue_peek_head (&queue->chunks);

  queue->size -= size;
  queue->taken += size;
  if (queue->taken < first->len)
    return;
  g_byte_array_unref (g_queue_pop_head (&queue->chunks));
  queue->taken = 0;
}

/**
 * ruche_send_queue_clear:
 * @queue: a queue
 *
 * Forgets all that waits.
 */
void
ruche_send_queue_clear (RucheSendQueue *queue)
{
  g_queue_clear_full (&queue->chunks, (GDestroyNotify)g_byte_array_unref);
  queue->taken = 0;
  queue->size = 0;
}
