/* ruche-frame.c: bytes to frames
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-frame.h"

#include "ruche-bounds.h"
#include "ruche-error.h"

#include <string.h>

/* A silent peer costs little; a talking one is read in larger pieces. */
#define SMALL_BUFFER (4 * RUCHE_KIB)
#define READ_BUFFER  (64 * RUCHE_KIB)

struct _RucheFrameReader
{
  guint8 *data;
  gsize capacity;
  gsize start;     /* of the first frame that is not complete */
  gsize end;       /* of the bytes that came */
  gboolean filled; /* the last bytes took all the room there was */
  guint32 max_header;
  guint32 max_payload;
  gboolean broken; /* after an error nothing more is read */
};

/**
 * ruche_frame_reader_new:
 *
 * Makes a reader at the beginning of a stream.
 *
 * Returns: (transfer full): the reader
 */
RucheFrameReader *
ruche_frame_reader_new (void)
{
  RucheFrameReader *reader = g_new0 (RucheFrameReader, 1);

  ruche_frame_reader_set_max (reader, RUCHE_MAX_HEADER_SIZE, RUCHE_MAX_PAYLOAD_SIZE);
  return reader;
}

/**
 * ruche_frame_reader_free:
 * @reader: (transfer full): a reader
 *
 * Frees a reader and what it holds.
 */
void
ruche_frame_reader_free (RucheFrameReader *reader)
{
  g_free (reader->data);
  g_free (reader);
}

/**
 * ruche_frame_reader_set_max:
 * @reader: a reader
 * @header: bytes, at most %RUCHE_MAX_HEADER_SIZE
 * @payload: bytes, at most %RUCHE_MAX_PAYLOAD_SIZE
 *
 * Lowers the bounds of the frames to come, as long as nobody knows who sends them.
 */
void
ruche_frame_reader_set_max (RucheFrameReader *reader, guint32 header, guint32 payload)
{
  reader->max_header = MIN (header, RUCHE_MAX_HEADER_SIZE);
  reader->max_payload = MIN (payload, RUCHE_MAX_PAYLOAD_SIZE);
}

static guint32
get_u32 (const guint8 *bytes)
{
  return (guint32)bytes[0] << 24 | (guint32)bytes[1] << 16 | (guint32)bytes[2] << 8 | bytes[3];
}

static void
put_u32 (guint8 *bytes, guint32 value)
{
  bytes[0] = (guint8)(value >> 24);
  bytes[1] = (guint8)(value >> 16);
  bytes[2] = (guint8)(value >> 8);
  bytes[3] = (guint8)value;
}

/**
 * ruche_frame_write_prefix:
 * @prefix: (out): the first bytes of a frame
 * @header_size: bytes
 * @payload_size: bytes
 *
 * Writes the two lengths that a frame begins with.
 */
void
ruche_frame_write_prefix (guint8 prefix[8], guint32 header_size, guint32 payload_size)
{
  put_u32 (prefix, header_size);
  put_u32 (prefix + 4, payload_size);
}

static gboolean
check_sizes (
    guint32 header, guint32 payload, guint32 max_header, guint32 max_payload, GError **error)
{
  if (header == 0)
    {
      g_set_error_literal (error, RUCHE_ERROR, RUCHE_ERROR_PROTOCOL, "a frame without a header");
      return FALSE;
    }
  if (header > max_header || payload > max_payload)
    {
      g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_TOO_LARGE,
                   "a frame with a header of %u and a payload of %u bytes; %u and %u are allowed",
                   header, payload, max_header, max_payload);
      return FALSE;
    }
  return TRUE;
}

/**
 * ruche_frame_read_prefix:
 * @prefix: the first bytes of a frame
 * @header_size: (out): bytes
 * @payload_size: (out): bytes
 * @error: %RUCHE_ERROR_PROTOCOL for an empty header, %RUCHE_ERROR_TOO_LARGE past a bound
 *
 * Reads the two lengths that a frame begins with.
 *
 * Returns: whether they are within the bounds of the protocol
 */
gboolean
ruche_frame_read_prefix (const guint8 prefix[8],
                         guint32 *header_size,
                         guint32 *payload_size,
                         GError **error)
{
  *header_size = get_u32 (prefix);
  *payload_size = get_u32 (prefix + 4);
  return check_sizes (*header_size, *payload_size, RUCHE_MAX_HEADER_SIZE, RUCHE_MAX_PAYLOAD_SIZE,
                      error);
}

/* How large the buffer should be. It doubles when it is full, up to the end of the frame, so that a
 * peer that announces much and sends little costs little; after a large frame it shrinks again. */
static gsize
wanted_capacity (const RucheFrameReader *reader)
{
  gsize have = reader->end - reader->start;
  gsize frame = 0;

  if (have >= RUCHE_FRAME_PREFIX_SIZE)
    frame = (gsize)RUCHE_FRAME_PREFIX_SIZE + get_u32 (reader->data + reader->start)
            + get_u32 (reader->data + reader->start + 4);
  if (reader->capacity == 0)
    return SMALL_BUFFER;
  if (reader->filled)
    return CLAMP (2 * have, READ_BUFFER, MAX (frame, READ_BUFFER));
  if (frame <= READ_BUFFER && have < READ_BUFFER)
    return MIN (reader->capacity, READ_BUFFER);
  return reader->capacity;
}

/**
 * ruche_frame_reader_reserve:
 * @reader: a reader
 * @size: (out): bytes of room, at least 1
 *
 * Gives room for the next bytes of the stream. Take every frame with ruche_frame_reader_next()
 * first.
 *
 * Returns: (transfer none): where to put them, until the next call
 */
guint8 *
ruche_frame_reader_reserve (RucheFrameReader *reader, gsize *size)
{
  gsize wanted = wanted_capacity (reader);

  if (reader->start > 0)
    {
      memmove (reader->data, reader->data + reader->start, reader->end - reader->start);
      reader->end -= reader->start;
      reader->start = 0;
    }
  wanted = MAX (wanted, reader->end + 1);
  if (wanted != reader->capacity)
    {
      reader->data = g_realloc (reader->data, wanted);
      reader->capacity = wanted;
    }
  *size = reader->capacity - reader->end;
  return reader->data + reader->end;
}

/**
 * ruche_frame_reader_commit:
 * @reader: a reader
 * @size: bytes, at most those reserved
 *
 * Says that bytes were put where ruche_frame_reader_reserve() said.
 */
void
ruche_frame_reader_commit (RucheFrameReader *reader, gsize size)
{
  reader->filled = reader->end + size == reader->capacity;
  if (!reader->broken)
    reader->end += size;
}

static RucheMessage *
take_frame (RucheFrameReader *reader, guint32 header_size, guint32 payload_size, GError **error)
{
  const guint8 *header = reader->data + reader->start + RUCHE_FRAME_PREFIX_SIZE;
  g_autoptr (GBytes) payload = NULL;

  if (payload_size > 0)
    payload = g_bytes_new (header + header_size, payload_size);
  reader->start += (gsize)RUCHE_FRAME_PREFIX_SIZE + header_size + payload_size;
  return ruche_message_decode ((const char *)header, header_size, payload, error);
}

/**
 * ruche_frame_reader_next:
 * @reader: a reader
 * @error: as ruche_message_decode(); %RUCHE_ERROR_TOO_LARGE as soon as a frame announces more than
 *   it may hold
 *
 * Takes the next message. After an error the stream can't be read on and every call fails.
 *
 * Returns: (transfer full): the message; %NULL without an error where bytes are missing
 */
RucheMessage *
ruche_frame_reader_next (RucheFrameReader *reader, GError **error)
{
  gsize have = reader->end - reader->start;
  g_autoptr (RucheMessage) message = NULL;
  guint32 header_size, payload_size;
  const guint8 *prefix;

  if (reader->broken)
    {
      g_set_error_literal (error, RUCHE_ERROR, RUCHE_ERROR_PROTOCOL,
                           "nothing can be read after a malformed message");
      return NULL;
    }
  if (have < RUCHE_FRAME_PREFIX_SIZE)
    return NULL;
  prefix = reader->data + reader->start;
  header_size = get_u32 (prefix);
  payload_size = get_u32 (prefix + 4);
  if (check_sizes (header_size, payload_size, reader->max_header, reader->max_payload, error))
    {
      if (have < (gsize)RUCHE_FRAME_PREFIX_SIZE + header_size + payload_size)
        return NULL;
      message = take_frame (reader, header_size, payload_size, error);
    }
  if (message == NULL)
    {
      reader->broken = TRUE;
      reader->start = reader->end = 0;
    }
  return g_steal_pointer (&message);
}

/**
 * ruche_frame_reader_is_empty:
 * @reader: a reader
 *
 * Says whether the stream may end here, no frame being half read.
 *
 * Returns: whether no bytes wait for more
 */
gboolean
ruche_frame_reader_is_empty (RucheFrameReader *reader)
{
  return reader->start == reader->end;
}
