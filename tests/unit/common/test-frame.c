/* test-frame.c: a stream of bytes, cut anywhere and bent anywhere
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "ruche-bounds.h"
#include "ruche-error.h"
#include "ruche-frame.h"
#include "ruche-handshake.h"

#include <string.h>

static void
append (GByteArray *stream, RucheMessage *message)
{
  g_autoptr (RucheMessage) owned = message;
  g_autoptr (GError) error = NULL;

  g_assert_true (ruche_message_encode (owned, stream, &error));
  g_assert_no_error (error);
}

static RucheMessage *
output_message (gsize size)
{
  g_autofree char *bytes = g_strnfill (size, 'x');
  g_autoptr (GBytes) payload = g_bytes_new (bytes, size);
  RucheMessage *message = ruche_message_new_with_payload (RUCHE_MESSAGE_OUTPUT, payload);
  RucheOutput *body = message->body;

  body->job = 1;
  body->attempt = 1;
  body->stream = RUCHE_STREAM_STDOUT;
  return message;
}

/* What a client says in a small session. */
static GByteArray *
exchange (void)
{
  g_autoptr (GByteArray) stream = g_byte_array_new ();
  g_autoptr (GBytes) payload = g_bytes_new_static ("int main;\0\xff", 11);
  RucheMessage *put = ruche_message_new_with_payload (RUCHE_MESSAGE_PUT, payload);
  RucheMessage *begin = ruche_message_new (RUCHE_MESSAGE_SUBMIT_BEGIN);
  RucheMessage *cancel = ruche_message_new (RUCHE_MESSAGE_CANCEL);
  RucheSubmitBegin *begin_body = begin->body;
  RucheFile *file = ruche_file_new ();

  append (stream, ruche_handshake_hello (RUCHE_ROLE_CLIENT, "test", NULL));
  file->name = g_strdup ("é.c");
  file->blob = g_strnfill (64, 'a');
  file->size = 11;
  begin_body->serial = 1;
  begin_body->submission = g_strnfill (32, '0');
  begin_body->spec = ruche_job_spec_new ();
  begin_body->spec->kind = RUCHE_JOB_PROGRAM;
  begin_body->spec->name = g_strdup ("a\nb");
  begin_body->spec->language = g_strdup ("c");
  g_ptr_array_add (begin_body->spec->files, file);
  append (stream, begin);
  ((RuchePut *)put->body)->blob = g_strnfill (64, 'a');
  ((RuchePut *)put->body)->total = 11;
  append (stream, put);
  ruche_message_set_serial (cancel, 2);
  ((RucheCancel *)cancel->body)->job = 5;
  append (stream, cancel);
  append (stream, ruche_message_new (RUCHE_MESSAGE_PING));
  return g_steal_pointer (&stream);
}

#define N_EXCHANGE 5

/* Feeds bytes in pieces of at most @piece; counts messages until the end or the first error. */
static guint
feed (const guint8 *bytes, gsize size, gsize piece, gboolean *empty, GError **error)
{
  g_autoptr (RucheFrameReader) reader = ruche_frame_reader_new ();
  guint count = 0;

  while (size > 0)
    {
      gsize room;
      guint8 *place = ruche_frame_reader_reserve (reader, &room);
      gsize step = MIN (MIN (size, piece), room);

      g_assert_cmpuint (room, >, 0);
      memcpy (place, bytes, step);
      ruche_frame_reader_commit (reader, step);
      bytes += step;
      size -= step;
      while (TRUE)
        {
          GError *failure = NULL;
          g_autoptr (RucheMessage) message = ruche_frame_reader_next (reader, &failure);
          if (failure != NULL)
            {
              g_propagate_error (error, failure);
              return count;
            }
          if (message == NULL)
            break;
          count++;
        }
    }
  if (empty != NULL)
    *empty = ruche_frame_reader_is_empty (reader);
  return count;
}

static void
test_pieces (void)
{
  g_autoptr (GByteArray) stream = exchange ();

  for (gsize piece = 1; piece <= stream->len; piece++)
    {
      g_autoptr (GError) error = NULL;
      gboolean empty = FALSE;
      g_assert_cmpuint (feed (stream->data, stream->len, piece, &empty, &error), ==, N_EXCHANGE);
      g_assert_no_error (error);
      g_assert_true (empty);
    }
}

/* A stream that stops early gives what was complete, and is known to be incomplete. */
static void
test_truncation (void)
{
  g_autoptr (GByteArray) stream = exchange ();
  guint n_whole = 0;

  for (gsize size = 0; size < stream->len; size++)
    {
      g_autoptr (GError) error = NULL;
      gboolean empty = TRUE;
      guint count = feed (stream->data, size, G_MAXSIZE, &empty, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (count, <, N_EXCHANGE);
      n_whole += empty ? 1 : 0;
    }
  g_assert_cmpuint (n_whole, ==, N_EXCHANGE);
}

/* Every value of every byte: messages or an error of ours, nothing else. */
static void
test_single_bytes (void)
{
  g_autoptr (GByteArray) stream = exchange ();
  guint n_refused = 0;

  for (gsize at = 0; at < stream->len; at++)
    for (guint value = 0; value < 256; value++)
      {
        guint8 before = stream->data[at];
        g_autoptr (GError) error = NULL;
        guint count;

        stream->data[at] = (guint8)value;
        count = feed (stream->data, stream->len, G_MAXSIZE, NULL, &error);
        stream->data[at] = before;
        g_assert_cmpuint (count, <=, N_EXCHANGE);
        if (error != NULL)
          g_assert_true (error->domain == RUCHE_ERROR);
        n_refused += error != NULL ? 1 : 0;
      }
  g_assert_cmpuint (n_refused, >, stream->len * 100);
}

static void
assert_prefix_refused (guint32 header, guint32 payload, int code)
{
  guint8 prefix[8];
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) feed_error = NULL;
  guint32 h, p;

  ruche_frame_write_prefix (prefix, header, payload);
  g_assert_false (ruche_frame_read_prefix (prefix, &h, &p, &error));
  g_assert_error (error, RUCHE_ERROR, code);
  g_assert_cmpuint (feed (prefix, 8, 1, NULL, &feed_error), ==, 0);
  g_assert_error (feed_error, RUCHE_ERROR, code);
}

static void
test_prefix (void)
{
  guint8 prefix[8];
  guint32 header, payload;

  ruche_frame_write_prefix (prefix, 0x00010203, 0x00040506);
  g_assert_cmpmem (prefix, 8, "\0\1\2\3\0\4\5\6", 8);
  g_assert_true (ruche_frame_read_prefix (prefix, &header, &payload, NULL));
  g_assert_cmpuint (header, ==, 0x00010203);
  g_assert_cmpuint (payload, ==, 0x00040506);
  ruche_frame_write_prefix (prefix, RUCHE_MAX_HEADER_SIZE, RUCHE_MAX_PAYLOAD_SIZE);
  g_assert_true (ruche_frame_read_prefix (prefix, &header, &payload, NULL));
  assert_prefix_refused (RUCHE_MAX_HEADER_SIZE + 1, 0, RUCHE_ERROR_TOO_LARGE);
  assert_prefix_refused (1, RUCHE_MAX_PAYLOAD_SIZE + 1, RUCHE_ERROR_TOO_LARGE);
  assert_prefix_refused (G_MAXUINT32, G_MAXUINT32, RUCHE_ERROR_TOO_LARGE);
  assert_prefix_refused (0, 0, RUCHE_ERROR_PROTOCOL);
  assert_prefix_refused (0, 5, RUCHE_ERROR_PROTOCOL);
}

/* Announcing much and sending little gets no memory; after a large frame it is given back. */
static void
test_memory (void)
{
  g_autoptr (RucheFrameReader) reader = ruche_frame_reader_new ();
  g_autoptr (GByteArray) stream = g_byte_array_new ();
  gsize room, sent = 0;
  guint8 *place = ruche_frame_reader_reserve (reader, &room);

  g_assert_cmpuint (room, <=, 4096);
  append (stream, output_message (RUCHE_MAX_PAYLOAD_SIZE));
  while (sent < stream->len)
    {
      gsize step;
      place = ruche_frame_reader_reserve (reader, &room);
      g_assert_cmpuint (room, <=, MAX (sent, 65536));
      step = MIN (room, stream->len - sent);
      memcpy (place, stream->data + sent, step);
      ruche_frame_reader_commit (reader, step);
      sent += step;
    }
  g_autoptr (RucheMessage) message = ruche_frame_reader_next (reader, NULL);
  g_assert_nonnull (message);
  g_assert_cmpuint (g_bytes_get_size (message->payload), ==, RUCHE_MAX_PAYLOAD_SIZE);
  ruche_frame_reader_reserve (reader, &room);
  g_assert_cmpuint (room, <=, 65536);
}

static void
test_strangers (void)
{
  g_autoptr (RucheFrameReader) reader = ruche_frame_reader_new ();
  g_autoptr (GByteArray) stream = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  gsize room;

  append (stream, output_message (1));
  ruche_frame_reader_set_max (reader, 65536, 0);
  memcpy (ruche_frame_reader_reserve (reader, &room), stream->data, stream->len);
  ruche_frame_reader_commit (reader, stream->len);
  g_assert_null (ruche_frame_reader_next (reader, &error));
  g_assert_error (error, RUCHE_ERROR, RUCHE_ERROR_TOO_LARGE);
}

/* Nothing is read after an error, whatever comes. */
static void
test_broken (void)
{
  g_autoptr (RucheFrameReader) reader = ruche_frame_reader_new ();
  g_autoptr (GByteArray) stream = exchange ();

  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (GError) error = NULL;
      gsize room;
      guint8 *place = ruche_frame_reader_reserve (reader, &room);
      if (i == 0)
        memset (place, 0xff, 8);
      else
        memcpy (place, stream->data, MIN (room, stream->len));
      ruche_frame_reader_commit (reader, i == 0 ? 8 : MIN (room, stream->len));
      g_assert_null (ruche_frame_reader_next (reader, &error));
      g_assert_nonnull (error);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/frame/pieces", test_pieces);
  g_test_add_func ("/frame/truncation", test_truncation);
  g_test_add_func ("/frame/single-bytes", test_single_bytes);
  g_test_add_func ("/frame/prefix", test_prefix);
  g_test_add_func ("/frame/memory", test_memory);
  g_test_add_func ("/frame/strangers", test_strangers);
  g_test_add_func ("/frame/broken", test_broken);
  return g_test_run ();
}
