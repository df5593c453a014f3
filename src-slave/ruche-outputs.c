/* ruche-outputs.c: what an attempt prints, on its way to the master
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Standard output and error come through pipes that are read without blocking; what the compiler
 * said is put in as text. Bytes wait in `fresh` until they are sent, at the end of the turn of the
 * main loop, but not more often than every FLUSH_MS; then in `kept` until the master has
 * acknowledged them, so that they can be sent again after a reconnection. Never more than
 * RUCHE_OUTPUT_WINDOW bytes of a stream are sent and not acknowledged: then the pipe is not read,
 * and the program waits.
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-outputs.h"

#include "ruche-bounds.h"
#include "ruche-capture.h"
#include "ruche-clock.h"

#include <glib-unix.h>
#include <unistd.h>

#define FLUSH_MS  20
#define READ_SIZE RUCHE_OUTPUT_PART
#define TAIL_SIZE (64 * 1024)

/* One message's worth. */
typedef struct
{
  gint64 offset;
  GBytes *bytes;
  gboolean end;
} Part;

typedef struct
{
  RucheOutputs *owner;
  RucheStream name;
  gboolean exists;
  int fd;            /* -1 where there is no pipe, or no more */
  guint source;      /* 0 while the pipe is not read */
  GByteArray *fresh; /* not sent yet */
  gint64 sent;       /* offset of the first byte of fresh */
  gint64 acked;
  GQueue kept;   /* (element-type Part) sent and not acknowledged, the end included */
  gboolean over; /* nothing will come into fresh any more */
  gboolean end_sent;
} Stream;

struct _RucheOutputs
{
  RucheAttemptId id;
  gint64 limit;
  gint64 counted; /* of standard output and error together */
  gboolean exceeded;
  Stream streams[RUCHE_N_STREAMS];
  GByteArray *tail; /* the last of standard error */
  guint flush_source;
  gint64 flushed_ms;
  const RucheOutputsEvents *events;
  gpointer user_data;
};

static void
part_free (gpointer data)
{
  Part *part = data;

  g_bytes_unref (part->bytes);
  g_free (part);
}

/**
 * ruche_outputs_new:
 * @id: the attempt
 * @limit: bytes that standard output and error may have together
 * @events: (transfer none): must outlive the result
 * @user_data: for @events
 *
 * Makes the outputs of an attempt that has printed nothing.
 *
 * Returns: (transfer full): the outputs
 */
RucheOutputs *
ruche_outputs_new (const RucheAttemptId *id,
                   gint64 limit,
                   const RucheOutputsEvents *events,
                   gpointer user_data)
{
  RucheOutputs *self = g_new0 (RucheOutputs, 1);

  self->id = *id;
  self->limit = limit;
  self->events = events;
  self->user_data = user_data;
  self->tail = g_byte_array_new ();
  for (guint i = 0; i < RUCHE_N_STREAMS; i++)
    {
      Stream *stream = &self->streams[i];
      stream->owner = self;
      stream->name = i;
      stream->fd = -1;
      stream->fresh = g_byte_array_new ();
      g_queue_init (&stream->kept);
    }
  return self;
}

static void
close_pipe (Stream *stream)
{
  g_clear_handle_id (&stream->source, g_source_remove);
  if (stream->fd >= 0)
    close (stream->fd);
  stream->fd = -1;
  stream->over = TRUE;
}

/**
 * ruche_outputs_free:
 * @self: (nullable) (transfer full): outputs
 *
 * Frees @self with all that was not acknowledged.
 */
void
ruche_outputs_free (RucheOutputs *self)
{
  if (self == NULL)
    return;
  g_clear_handle_id (&self->flush_source, g_source_remove);
  for (guint i = 0; i < RUCHE_N_STREAMS; i++)
    {
      close_pipe (&self->streams[i]);
      g_byte_array_unref (self->streams[i].fresh);
      g_queue_clear_full (&self->streams[i].kept, part_free);
    }
  g_byte_array_unref (self->tail);
  g_free (self);
}

static void
send_part (Stream *stream, const Part *part)
{
  RucheOutputs *self = stream->owner;
  RucheMessage *message = ruche_message_new_with_payload (RUCHE_MESSAGE_OUTPUT, part->bytes);
  RucheOutput *body = message->body;

  body->job = self->id.job;
  body->task = self->id.task;
  body->attempt = self->id.attempt;
  body->stream = (int)stream->name;
  body->offset = part->offset;
  body->end = part->end;
  self->events->send (message, self->user_data);
}

/* Sends what is fresh as far as the window allows. */
static void
flush_stream (Stream *stream)
{
  while (stream->exists && !stream->end_sent)
    {
      gint64 room = RUCHE_OUTPUT_WINDOW - (stream->sent - stream->acked);
      gsize size = MIN (stream->fresh->len, RUCHE_OUTPUT_PART);
      gboolean last = stream->over && size == stream->fresh->len;

      if ((size == 0 && !last) || (gint64)size > room)
        return;
      Part *part = g_new0 (Part, 1);
      part->offset = stream->sent;
      part->bytes = g_bytes_new (stream->fresh->data, size);
      part->end = last;
      g_byte_array_remove_range (stream->fresh, 0, (guint)size);
      g_queue_push_tail (&stream->kept, part);
      stream->sent += (gint64)size;
      stream->end_sent = last;
      send_part (stream, part);
    }
}

static gboolean
on_flush (gpointer user_data)
{
  RucheOutputs *self = user_data;

  self->flush_source = 0;
  self->flushed_ms = ruche_clock_now_ms ();
  for (guint i = 0; i < RUCHE_N_STREAMS; i++)
    flush_stream (&self->streams[i]);
  return G_SOURCE_REMOVE;
}

static void
schedule_flush (RucheOutputs *self)
{
  gint64 wait = self->flushed_ms + FLUSH_MS - ruche_clock_now_ms ();

  if (self->flush_source != 0)
    return;
  if (wait <= 0)
    self->flush_source = g_idle_add_full (G_PRIORITY_DEFAULT, on_flush, self, NULL);
  else
    self->flush_source = g_timeout_add ((guint)wait, on_flush, self);
}

static void
remember_tail (RucheOutputs *self, const guint8 *bytes, gsize size)
{
  if (self->tail->len > TAIL_SIZE)
    g_byte_array_remove_range (self->tail, 0, self->tail->len - TAIL_SIZE);
  g_byte_array_append (self->tail, bytes, (guint)size);
}

/* Reads once, straight into place; counts. Returns as ruche_pipe_read(), 0 past the limit too. */
static gssize
read_some (Stream *stream)
{
  RucheOutputs *self = stream->owner;
  guint before = stream->fresh->len;

  g_byte_array_set_size (stream->fresh, before + READ_SIZE);
  gssize n = ruche_pipe_read (stream->fd, stream->fresh->data + before, READ_SIZE);
  gint64 room = self->limit - self->counted;
  gint64 taken = CLAMP (n, 0, room);
  g_byte_array_set_size (stream->fresh, before + (guint)taken);
  self->counted += taken;
  if (stream->name == RUCHE_STREAM_STDERR)
    remember_tail (self, stream->fresh->data + before, (gsize)taken);
  if (n > room && !self->exceeded)
    {
      self->exceeded = TRUE;
      self->events->exceeded (self->user_data);
    }
  return n > room ? 0 : n;
}

static gboolean
window_is_full (const Stream *stream)
{
  return stream->sent + stream->fresh->len - stream->acked
         > RUCHE_OUTPUT_WINDOW - RUCHE_OUTPUT_PART;
}

static gboolean
on_readable (int fd, GIOCondition condition, gpointer user_data)
{
  Stream *stream = user_data;
  RucheOutputs *self = stream->owner;
  gssize n = read_some (stream);

  if (n < 0)
    return G_SOURCE_CONTINUE;
  if (n > 0 && stream->fresh->len >= RUCHE_OUTPUT_PART)
    flush_stream (stream);
  if (stream->fresh->len > 0 || n == 0)
    schedule_flush (self);
  if (n > 0 && !window_is_full (stream))
    return G_SOURCE_CONTINUE;
  stream->source = 0;
  if (n == 0)
    close_pipe (stream);
  return G_SOURCE_REMOVE;
}

static void
watch (Stream *stream)
{
  if (stream->fd >= 0 && stream->source == 0 && !window_is_full (stream))
    stream->source = g_unix_fd_add (stream->fd, G_IO_IN | G_IO_HUP, on_readable, stream);
}

/**
 * ruche_outputs_open:
 * @self: outputs
 * @stream: standard output or error, once each
 * @error: %RUCHE_ERROR_FAILED
 *
 * Makes a stream's pipe and begins to read it in the thread's main context.
 *
 * Returns: the end to write to, the caller's to close, or -1
 */
int
ruche_outputs_open (RucheOutputs *self, RucheStream stream, GError **error)
{
  Stream *opened = &self->streams[stream];
  int write_fd = -1;

  opened->fd = ruche_pipe_open (&write_fd, error);
  if (opened->fd < 0)
    return -1;
  opened->exists = TRUE;
  watch (opened);
  return write_fd;
}

/**
 * ruche_outputs_put:
 * @self: outputs
 * @stream: a stream without a pipe, once each
 * @text: all of it; what is beyond RUCHE_MAX_COMPILER_OUTPUT is left out
 *
 * Sends a whole stream at once, its end included. It does not count against the limit.
 */
void
ruche_outputs_put (RucheOutputs *self, RucheStream stream, GBytes *text)
{
  Stream *whole = &self->streams[stream];
  gsize size = MIN (g_bytes_get_size (text), RUCHE_MAX_COMPILER_OUTPUT);

  whole->exists = TRUE;
  whole->over = TRUE;
  g_byte_array_append (whole->fresh, g_bytes_get_data (text, NULL), (guint)size);
  flush_stream (whole);
}

static gboolean
all_sent (RucheOutputs *self)
{
  for (guint i = 0; i < RUCHE_N_STREAMS; i++)
    if (self->streams[i].exists && !self->streams[i].end_sent)
      return FALSE;
  return TRUE;
}

/**
 * ruche_outputs_finish:
 * @self: outputs of a program that has ended
 *
 * Takes what is still in the pipes, closes them without waiting for anybody who kept them open, and
 * sends the ends. May be called again after each acknowledgement.
 *
 * Returns: whether all was sent; where not, the window is full
 */
gboolean
ruche_outputs_finish (RucheOutputs *self)
{
  for (guint i = 0; i < RUCHE_N_STREAMS; i++)
    {
      Stream *stream = &self->streams[i];
      while (stream->fd >= 0 && !self->exceeded && read_some (stream) > 0)
        ;
      if (stream->fd >= 0)
        close_pipe (stream);
      flush_stream (stream);
    }
  g_clear_handle_id (&self->flush_source, g_source_remove);
  return all_sent (self);
}

/**
 * ruche_outputs_ack:
 * @self: outputs
 * @stream: a stream
 * @offset: as the master says, so anything; ignored where it can't be
 *
 * Forgets what the master has taken, and goes on reading and sending.
 */
void
ruche_outputs_ack (RucheOutputs *self, RucheStream stream, gint64 offset)
{
  Stream *acked = &self->streams[stream];

  if (offset <= acked->acked || offset > acked->sent)
    return;
  acked->acked = offset;
  for (Part *part = g_queue_peek_head (&acked->kept); part != NULL && !part->end;
       part = g_queue_peek_head (&acked->kept))
    {
      if (part->offset + (gint64)g_bytes_get_size (part->bytes) > offset)
        break;
      part_free (g_queue_pop_head (&acked->kept));
    }
  if (acked->fresh->len > 0)
    flush_stream (acked);
  watch (acked);
}

/**
 * ruche_outputs_resend:
 * @self: outputs
 *
 * Sends again, after a reconnection, all that was not acknowledged, and each end.
 */
void
ruche_outputs_resend (RucheOutputs *self)
{
  for (guint i = 0; i < RUCHE_N_STREAMS; i++)
    for (GList *link = self->streams[i].kept.head; link != NULL; link = link->next)
      send_part (&self->streams[i], link->data);
}

/**
 * ruche_outputs_get_size:
 * @self: outputs
 * @stream: a stream
 *
 * Tells how long a stream is so far.
 *
 * Returns: its length in bytes
 */
gint64
ruche_outputs_get_size (RucheOutputs *self, RucheStream stream)
{
  return self->streams[stream].sent + self->streams[stream].fresh->len;
}

/**
 * ruche_outputs_get_written:
 * @self: outputs
 *
 * Tells how much was printed on standard output and error together.
 *
 * Returns: bytes; where it was more than the limit, just one more
 */
gint64
ruche_outputs_get_written (RucheOutputs *self)
{
  return self->counted + (self->exceeded ? 1 : 0);
}

/**
 * ruche_outputs_get_tail:
 * @self: outputs
 *
 * Tells how standard error ended, where interpreters say what was wrong.
 *
 * Returns: (transfer full): its last bytes
 */
GBytes *
ruche_outputs_get_tail (RucheOutputs *self)
{
  gsize skipped = self->tail->len > TAIL_SIZE ? self->tail->len - TAIL_SIZE : 0;

  return g_bytes_new (self->tail->data + skipped, self->tail->len - skipped);
}
