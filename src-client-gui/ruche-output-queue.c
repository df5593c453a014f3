/* ruche-output-queue.c: program output on its way to a text view
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Output comes in any pieces and may be any bytes; a text view wants UTF-8 in small pieces with
 * short lines. Bytes are kept as they came and made into text when the view takes them, so that
 * what arrives costs nothing.
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-output-queue.h"

#include <string.h>

/* The longest beginning of a character that may still become one. */
#define MAX_PARTIAL 3

#define REPLACEMENT "\357\277\275"   /* U+FFFD */
#define FOLD_MARK   "\342\244\266\n" /* U+2936 and a new line */

typedef struct
{
  RucheStream stream;
  GBytes *bytes; /* NULL: the stream’s end */
  gsize done;
} Piece;

struct _RucheOutputQueue
{
  GQueue pieces;
  gsize size;
  gsize column; /* bytes in the line that is being shown */
  char partial[RUCHE_N_STREAMS][MAX_PARTIAL + 1];
};

static void
piece_free (gpointer data)
{
  Piece *piece = data;

  g_clear_pointer (&piece->bytes, g_bytes_unref);
  g_free (piece);
}

/**
 * ruche_output_queue_new:
 *
 * Makes an empty queue.
 *
 * Returns: (transfer full): the queue
 */
RucheOutputQueue *
ruche_output_queue_new (void)
{
  RucheOutputQueue *self = g_new0 (RucheOutputQueue, 1);

  g_queue_init (&self->pieces);
  return self;
}

/**
 * ruche_output_queue_free:
 * @self: (transfer full): a queue
 *
 * Frees a queue with all that is in it.
 */
void
ruche_output_queue_free (RucheOutputQueue *self)
{
  ruche_output_queue_clear (self);
  g_free (self);
}

/**
 * ruche_output_queue_clear:
 * @self: a queue
 *
 * Forgets all that is in the queue, as for a new run.
 */
void
ruche_output_queue_clear (RucheOutputQueue *self)
{
  g_queue_clear_full (&self->pieces, piece_free);
  memset (self->partial, 0, sizeof self->partial);
  self->size = 0;
  self->column = 0;
}

/**
 * ruche_output_queue_push:
 * @self: a queue
 * @stream: where the bytes were written
 * @bytes: any bytes
 *
 * Adds output at the end of the queue.
 */
void
ruche_output_queue_push (RucheOutputQueue *self, RucheStream stream, GBytes *bytes)
{
  Piece *piece;

  if (g_bytes_get_size (bytes) == 0)
    return;
  piece = g_new0 (Piece, 1);
  piece->stream = stream;
  piece->bytes = g_bytes_ref (bytes);
  self->size += g_bytes_get_size (bytes);
  g_queue_push_tail (&self->pieces, piece);
}

/**
 * ruche_output_queue_end:
 * @self: a queue
 *
 * Says that no stream goes on: the beginning of a character whose rest never came is not one.
 */
void
ruche_output_queue_end (RucheOutputQueue *self)
{
  for (guint stream = 0; stream < RUCHE_N_STREAMS; stream++)
    {
      Piece *piece = g_new0 (Piece, 1);
      piece->stream = stream;
      g_queue_push_tail (&self->pieces, piece);
    }
}

/**
 * ruche_output_queue_get_size:
 * @self: a queue
 *
 * Tells how much is waiting to be shown.
 *
 * Returns: bytes
 */
gsize
ruche_output_queue_get_size (RucheOutputQueue *self)
{
  return self->size;
}

static void
append_text (RucheOutputQueue *self, GString *out, const char *text, gsize length)
{
  if (self->column + length > RUCHE_OUTPUT_FOLD && text[0] != '\n')
    {
      g_string_append (out, FOLD_MARK);
      self->column = 0;
    }
  g_string_append_len (out, text, length);
  self->column = text[0] == '\n' ? 0 : self->column + length;
}

/* Appends @data as text; returns how many bytes at the end may begin a character. */
static gsize
append_bytes (RucheOutputQueue *self, GString *out, const char *data, gsize length)
{
  const char *end = data + length;

  while (data < end)
    {
      gunichar c = *data == '\0' ? (gunichar)-1 : g_utf8_get_char_validated (data, end - data);

      if (c == (gunichar)-2 && end - data <= MAX_PARTIAL)
        return end - data;
      if (c == (gunichar)-1 || c == (gunichar)-2)
        {
          append_text (self, out, REPLACEMENT, strlen (REPLACEMENT));
          data++;
          continue;
        }
      const char *next = g_utf8_next_char (data);
      append_text (self, out, data, next - data);
      data = next;
    }
  return 0;
}

static char *
pop_end (RucheOutputQueue *self, char *partial)
{
  GString *text = g_string_new (NULL);

  if (*partial != '\0')
    append_text (self, text, REPLACEMENT, strlen (REPLACEMENT));
  *partial = '\0';
  piece_free (g_queue_pop_head (&self->pieces));
  return g_string_free (text, FALSE);
}

/**
 * ruche_output_queue_pop:
 * @self: a queue
 * @most: bytes of output to take at most
 * @stream: (out): where they were written
 *
 * Takes output of one stream from the head of the queue. Bytes that are not UTF-8, and NUL,
 * become U+FFFD; a character cut in two by the pieces is put together; a line of more than
 * %RUCHE_OUTPUT_FOLD bytes is folded.
 *
 * Returns: (transfer full) (nullable): text, perhaps empty; %NULL when the queue is empty
 */
char *
ruche_output_queue_pop (RucheOutputQueue *self, gsize most, RucheStream *stream)
{
  Piece *piece = g_queue_peek_head (&self->pieces);
  g_autoptr (GString) bytes = NULL;
  GString *text;
  const char *data;
  gsize size, take, rest;
  char *partial;

  if (piece == NULL)
    return NULL;
  *stream = piece->stream;
  partial = self->partial[piece->stream];
  if (piece->bytes == NULL)
    return pop_end (self, partial);
  data = g_bytes_get_data (piece->bytes, &size);
  take = MIN (size - piece->done, MAX (most, 1));

  bytes = g_string_new (partial);
  g_string_append_len (bytes, data + piece->done, take);
  text = g_string_sized_new (bytes->len + 16);
  rest = append_bytes (self, text, bytes->str, bytes->len);
  memcpy (partial, bytes->str + bytes->len - rest, rest);
  partial[rest] = '\0';

  self->size -= take;
  piece->done += take;
  if (piece->done == size)
    piece_free (g_queue_pop_head (&self->pieces));
  return g_string_free (text, FALSE);
}
