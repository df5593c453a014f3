/* ruche-connection.c: a stream that carries messages
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * All happens in the thread-default main context of the caller of ruche_connection_start(), in
 * bounded steps: reading stops after so many bytes or so much time, so that neither drawing nor
 * other connections wait for a flood. A connection that ends is flushed, its sending side is shut
 * down, and what still comes is thrown away until the peer ends too: closed at once, a socket
 * could take the last words back from the peer.
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-connection.h"

#include "ruche-bounds.h"
#include "ruche-clock.h"
#include "ruche-error.h"
#include "ruche-frame.h"
#include "ruche-send-queue.h"

#include <gio/gunixconnection.h>
#include <glib/gi18n-lib.h>
#include <sys/socket.h>

#define STEP_BYTES (256 * RUCHE_KIB) /* read or written before others have their turn */
#define STEP_US    2000              /* likewise, spent on messages */
#define FLUSH_MS   1000              /* how long the peer may take to read our last words */

typedef enum
{
  NEW,
  OPEN,
  ENDING, /* flushes; what comes is thrown away */
  ENDED,  /* "closed" is about to be emitted */
  CLOSED,
} State;

struct _RucheConnection
{
  GObject parent_instance;

  State state;
  int io_priority;
  gboolean reading;   /* wanted by the owner */
  gboolean more;      /* frames may wait in the reader */
  gboolean full;      /* a message was refused */
  gboolean half;      /* the peer sends no more */
  gboolean shut;      /* we send no more */
  guint lost_ms;      /* 0 for never */
  gint64 received_ms; /* when the last byte came */
  gint64 sent_ms;

  GIOStream *stream;
  GMainContext *context;
  RucheFrameReader *reader;
  RucheSendQueue queue;
  GError *why; /* that it ends */

  GSource *in;     /* the stream can be read */
  GSource *out;    /* it can be written */
  GSource *resume; /* frames wait in the reader */
  GSource *flush;  /* something was sent in this turn of the loop */
  GSource *clock;
};

G_DEFINE_FINAL_TYPE (RucheConnection, ruche_connection, G_TYPE_OBJECT)

enum
{
  SIGNAL_MESSAGE,
  SIGNAL_DRAINED,
  SIGNAL_CLOSED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
update_reading (RucheConnection *self);
static void
write_some (RucheConnection *self);

static void
disarm (GSource **place)
{
  if (*place == NULL)
    return;
  g_source_destroy (*place);
  g_clear_pointer (place, g_source_unref);
}

/* Takes over @source. */
static void
arm (RucheConnection *self, GSource **place, GSource *source, GSourceFunc callback)
{
  disarm (place);
  g_source_set_priority (source, self->io_priority);
  g_source_set_callback (source, callback, self, NULL);
  g_source_attach (source, self->context);
  *place = source;
}

static void
disarm_all (RucheConnection *self)
{
  disarm (&self->in);
  disarm (&self->out);
  disarm (&self->resume);
  disarm (&self->flush);
  disarm (&self->clock);
}

static void
ruche_connection_dispose (GObject *object)
{
  RucheConnection *self = RUCHE_CONNECTION (object);

  disarm_all (self);
  self->state = CLOSED;
  if (self->stream != NULL && !g_io_stream_is_closed (self->stream))
    g_io_stream_close (self->stream, NULL, NULL);
  g_clear_object (&self->stream);
  G_OBJECT_CLASS (ruche_connection_parent_class)->dispose (object);
}

static void
ruche_connection_finalize (GObject *object)
{
  RucheConnection *self = RUCHE_CONNECTION (object);

  ruche_frame_reader_free (self->reader);
  ruche_send_queue_clear (&self->queue);
  g_clear_error (&self->why);
  g_clear_pointer (&self->context, g_main_context_unref);
  G_OBJECT_CLASS (ruche_connection_parent_class)->finalize (object);
}

static void
ruche_connection_class_init (RucheConnectionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = ruche_connection_dispose;
  object_class->finalize = ruche_connection_finalize;
  signals[SIGNAL_MESSAGE] = g_signal_new ("message", RUCHE_TYPE_CONNECTION, G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
  signals[SIGNAL_DRAINED] = g_signal_new ("drained", RUCHE_TYPE_CONNECTION, G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_CLOSED] = g_signal_new ("closed", RUCHE_TYPE_CONNECTION, G_SIGNAL_RUN_LAST, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_ERROR);
}

static void
ruche_connection_init (RucheConnection *self)
{
  self->reader = ruche_frame_reader_new ();
  self->reading = TRUE;
  self->lost_ms = RUCHE_LOST_MS;
}

static gboolean
on_ended (gpointer data)
{
  g_autoptr (RucheConnection) self = data; /* the reference that begin_end() took */

  disarm (&self->resume);
  self->state = CLOSED;
  g_signal_emit (self, signals[SIGNAL_CLOSED], 0, self->why);
  return G_SOURCE_REMOVE;
}

/* Nothing more is read or written; the owner learns it from the loop. */
static void
end (RucheConnection *self)
{
  if (self->state >= ENDED)
    return;
  self->state = ENDED;
  disarm_all (self);
  ruche_send_queue_clear (&self->queue);
  g_io_stream_close_async (self->stream, self->io_priority, NULL, NULL, NULL);
  arm (self, &self->resume, g_idle_source_new (), on_ended);
}

static gboolean
on_flush_time_out (gpointer data)
{
  end (data);
  return G_SOURCE_REMOVE;
}

static gboolean
on_flush (gpointer data)
{
  g_autoptr (RucheConnection) self = g_object_ref (data);

  disarm (&self->flush);
  write_some (self);
  return G_SOURCE_REMOVE;
}

static void
arm_flush (RucheConnection *self)
{
  if (self->flush == NULL && self->out == NULL)
    arm (self, &self->flush, g_idle_source_new (), on_flush);
}

/* From here on the connection keeps itself alive until it has said "closed". */
static void
begin_end (RucheConnection *self, const GError *why)
{
  if (self->state >= ENDING)
    return;
  if (self->state == NEW)
    self->context = g_main_context_ref_thread_default ();
  g_object_ref (self);
  self->state = ENDING;
  if (why != NULL)
    {
      g_clear_error (&self->why);
      self->why = g_error_copy (why);
    }
  arm (self, &self->clock, g_timeout_source_new (FLUSH_MS), on_flush_time_out);
  update_reading (self);
  disarm (&self->out);
  arm_flush (self);
}

static void
end_at_once (RucheConnection *self, const GError *why)
{
  begin_end (self, why);
  end (self);
}

static void
io_failed (RucheConnection *self, const GError *cause)
{
  g_autoptr (GError) why = g_error_new (RUCHE_ERROR, RUCHE_ERROR_CLOSED,
                                        _ ("the connection broke: %s"), cause->message);

  end_at_once (self, why);
}

/* All was written: tells the peer, and waits for its end. */
static void
shut_down (RucheConnection *self)
{
  GSocket *socket = NULL;

  if (G_IS_SOCKET_CONNECTION (self->stream))
    socket = g_socket_connection_get_socket (G_SOCKET_CONNECTION (self->stream));
  self->shut = TRUE;
  if (self->half || socket == NULL || !g_socket_shutdown (socket, FALSE, TRUE, NULL))
    end (self);
}

static gboolean
on_write_failure_over (gpointer data)
{
  RucheConnection *self = data;
  g_autoptr (GError) why = g_error_copy (self->why);

  end_at_once (self, why);
  return G_SOURCE_REMOVE;
}

/* The peer may have said why it closed before it did, so what it sent is still read. */
static void
write_failed (RucheConnection *self, const GError *cause)
{
  ruche_send_queue_clear (&self->queue);
  disarm (&self->out);
  self->shut = TRUE;
  if (self->state == ENDING)
    {
      end (self);
      return;
    }
  self->why = g_error_new (RUCHE_ERROR, RUCHE_ERROR_CLOSED, _ ("the connection broke: %s"),
                           cause->message);
  arm (self, &self->clock, g_timeout_source_new (FLUSH_MS), on_write_failure_over);
}

static gboolean
on_writable (GObject *stream, gpointer data)
{
  g_autoptr (RucheConnection) self = g_object_ref (data);

  write_some (self);
  return G_SOURCE_CONTINUE;
}

static void
arm_out (RucheConnection *self)
{
  GPollableOutputStream *output
      = G_POLLABLE_OUTPUT_STREAM (g_io_stream_get_output_stream (self->stream));

  if (self->out == NULL)
    arm (self, &self->out, g_pollable_output_stream_create_source (output, NULL),
         G_SOURCE_FUNC (on_writable));
}

static void
wrote (RucheConnection *self, gsize size)
{
  ruche_send_queue_take (&self->queue, size);
  self->sent_ms = ruche_clock_now_ms ();
  if (self->queue.size > 0 && !(self->full && self->queue.size < RUCHE_MAX_SEND_QUEUE / 2))
    return;
  self->full = FALSE;
  if (self->state == OPEN)
    g_signal_emit (self, signals[SIGNAL_DRAINED], 0);
}

/* Writes until the queue is empty, the stream takes no more, or it is the others' turn. */
static void
write_some (RucheConnection *self)
{
  GPollableOutputStream *output
      = G_POLLABLE_OUTPUT_STREAM (g_io_stream_get_output_stream (self->stream));

  for (gsize left = STEP_BYTES; left > 0 && self->state <= ENDING && self->queue.size > 0;)
    {
      g_autoptr (GError) error = NULL;
      gsize size;
      const guint8 *bytes = ruche_send_queue_peek (&self->queue, &size);
      gssize written = g_pollable_output_stream_write_nonblocking (output, bytes, MIN (size, left),
                                                                   NULL, &error);
      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        break;
      if (written < 0)
        {
          write_failed (self, error);
          return;
        }
      wrote (self, (gsize)written);
      left -= (gsize)written;
    }
  if (self->state > ENDING)
    return;
  if (self->queue.size > 0)
    {
      arm_out (self);
      return;
    }
  disarm (&self->out);
  if (self->state == ENDING && !self->shut)
    shut_down (self);
}

static void
peer_ended (RucheConnection *self)
{
  g_autoptr (GError) why = NULL;

  self->half = TRUE;
  if (self->state == OPEN && !ruche_frame_reader_is_empty (self->reader))
    why = g_error_new_literal (RUCHE_ERROR, RUCHE_ERROR_CLOSED,
                               _ ("the connection ended in the middle of a message"));
  begin_end (self, why);
  if (self->shut)
    end (self);
}

/* Reads once. What comes to a connection that is ending is thrown away. */
static gsize
read_chunk (RucheConnection *self, gsize left)
{
  GPollableInputStream *input
      = G_POLLABLE_INPUT_STREAM (g_io_stream_get_input_stream (self->stream));
  g_autoptr (GError) error = NULL;
  gsize room;
  guint8 *place = ruche_frame_reader_reserve (self->reader, &room);
  gssize came
      = g_pollable_input_stream_read_nonblocking (input, place, MIN (room, left), NULL, &error);

  if (came > 0)
    {
      self->received_ms = ruche_clock_now_ms ();
      if (self->state == OPEN)
        ruche_frame_reader_commit (self->reader, (gsize)came);
      return (gsize)came;
    }
  if (came == 0)
    peer_ended (self);
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    io_failed (self, error);
  return 0;
}

static void
take_message (RucheConnection *self, RucheMessage *message)
{
  if (message->type == RUCHE_MESSAGE_PING)
    return;
  if (message->type == RUCHE_MESSAGE_ERROR)
    {
      g_autoptr (GError) why = ruche_message_to_error (message);
      begin_end (self, why);
      return;
    }
  g_signal_emit (self, signals[SIGNAL_MESSAGE], 0, message);
}

/* Hands over the frames that are complete; `more` says whether it stopped before the last. */
static void
deliver (RucheConnection *self, gint64 until_us)
{
  self->more = FALSE;
  while (self->state == OPEN)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (RucheMessage) message = NULL;

      if (!self->reading || ruche_clock_now_us () > until_us)
        {
          self->more = TRUE;
          return;
        }
      message = ruche_frame_reader_next (self->reader, &error);
      if (error != NULL)
        ruche_connection_close (self, error);
      if (message == NULL)
        return;
      take_message (self, message);
    }
}

static void
read_some (RucheConnection *self)
{
  gint64 until_us = ruche_clock_now_us () + STEP_US;
  gsize left = STEP_BYTES;

  deliver (self, until_us);
  while (!self->more && !self->half && self->state <= ENDING && left > 0)
    {
      gsize came = read_chunk (self, left);
      if (came == 0)
        break;
      left -= came;
      deliver (self, until_us);
    }
  if (self->state <= ENDING)
    update_reading (self);
}

static gboolean
on_readable (GObject *stream, gpointer data)
{
  g_autoptr (RucheConnection) self = g_object_ref (data);

  read_some (self);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_resume (gpointer data)
{
  g_autoptr (RucheConnection) self = g_object_ref (data);

  disarm (&self->resume);
  read_some (self);
  return G_SOURCE_REMOVE;
}

/* Listens to the stream, or goes on with what the reader holds, or neither. */
static void
update_reading (RucheConnection *self)
{
  GPollableInputStream *input
      = G_POLLABLE_INPUT_STREAM (g_io_stream_get_input_stream (self->stream));
  gboolean open = self->state == OPEN && self->reading;
  gboolean ending = self->state == ENDING && !self->half;

  if (!(open && !self->more) && !ending)
    disarm (&self->in);
  else if (self->in == NULL)
    arm (self, &self->in, g_pollable_input_stream_create_source (input, NULL),
         G_SOURCE_FUNC (on_readable));
  if (!(open && self->more))
    disarm (&self->resume);
  else if (self->resume == NULL)
    arm (self, &self->resume, g_idle_source_new (), on_resume);
}

static gboolean
is_lost (RucheConnection *self, gint64 now)
{
  GPollableInputStream *input
      = G_POLLABLE_INPUT_STREAM (g_io_stream_get_input_stream (self->stream));

  if (!self->reading || self->more || self->lost_ms == 0
      || now - self->received_ms < (gint64)self->lost_ms)
    return FALSE;
  /* After a sleep of this machine the peer's words may wait unread. */
  return !g_pollable_input_stream_is_readable (input);
}

static gboolean
on_clock (gpointer data);

static void
arm_clock (RucheConnection *self)
{
  gint64 now = ruche_clock_now_ms ();
  gint64 next = self->sent_ms + RUCHE_HEARTBEAT_MS;

  if (self->reading && self->lost_ms > 0)
    next = MIN (next, self->received_ms + (gint64)self->lost_ms);
  arm (self, &self->clock, g_timeout_source_new ((guint)CLAMP (next - now, 20, 60000)), on_clock);
}

static gboolean
on_clock (gpointer data)
{
  g_autoptr (RucheConnection) self = g_object_ref (data);
  gint64 now = ruche_clock_now_ms ();

  if (is_lost (self, now))
    {
      g_autoptr (GError) why
          = g_error_new (RUCHE_ERROR, RUCHE_ERROR_CLOSED,
                         _ ("no sign of life from the other end for %.1f seconds"),
                         (double)(now - self->received_ms) / 1000);
      end_at_once (self, why);
      return G_SOURCE_REMOVE;
    }
  if (now - self->sent_ms >= RUCHE_HEARTBEAT_MS)
    {
      g_autoptr (RucheMessage) ping = ruche_message_new (RUCHE_MESSAGE_PING);
      if (self->queue.size == 0)
        ruche_connection_send (self, ping);
      self->sent_ms = now;
    }
  arm_clock (self);
  return G_SOURCE_REMOVE;
}

/**
 * ruche_connection_new:
 * @stream: connected; its two streams are pollable, as those of sockets and of TLS are
 * @io_priority: of everything the connection does in the main loop
 *
 * Makes a connection over a stream. Nothing is read or written before ruche_connection_start();
 * without its last reference it closes silently.
 *
 * Returns: (transfer full): the connection
 */
RucheConnection *
ruche_connection_new (GIOStream *stream, int io_priority)
{
  RucheConnection *self = g_object_new (RUCHE_TYPE_CONNECTION, NULL);

  self->stream = g_object_ref (stream);
  self->io_priority = io_priority;
  return self;
}

/**
 * ruche_connection_start:
 * @self: a connection that was not started yet
 *
 * Begins to read and write, in the caller's thread-default main context, to which the connection
 * belongs from now on.
 */
void
ruche_connection_start (RucheConnection *self)
{
  if (self->state != NEW)
    return;
  self->context = g_main_context_ref_thread_default ();
  self->state = OPEN;
  self->sent_ms = self->received_ms = ruche_clock_now_ms ();
  arm_clock (self);
  update_reading (self);
  if (self->queue.size > 0)
    arm_flush (self);
}

/**
 * ruche_connection_send:
 * @self: a connection
 * @message: what to send; it may be sent over other connections too
 *
 * Queues a message. All that is sent during one turn of the main loop goes out together.
 *
 * Returns: whether it will be sent: %FALSE where the connection is ending, or where the peer reads
 *   so slowly that the queue is full; then "drained" says when to go on
 */
gboolean
ruche_connection_send (RucheConnection *self, RucheMessage *message)
{
  g_autoptr (GError) error = NULL;

  if (self->state > OPEN || self->shut)
    return FALSE;
  if (!ruche_send_queue_add (&self->queue, message, RUCHE_MAX_SEND_QUEUE, &error))
    {
      self->full = g_error_matches (error, RUCHE_ERROR, RUCHE_ERROR_BUSY);
      if (!self->full)
        {
          g_warning ("“%s” can't be sent: %s", ruche_message_get_word (message), error->message);
          ruche_connection_close (self, error);
        }
      return FALSE;
    }
  if (self->state == OPEN)
    arm_flush (self);
  return TRUE;
}

/**
 * ruche_connection_get_queued:
 * @self: a connection
 *
 * Says how much waits to be sent.
 *
 * Returns: bytes
 */
gsize
ruche_connection_get_queued (RucheConnection *self)
{
  return self->queue.size;
}

/**
 * ruche_connection_set_reading:
 * @self: a connection
 * @reading: whether to read
 *
 * Pauses reading, and with it the clock of the peer's silence, or takes it up again.
 */
void
ruche_connection_set_reading (RucheConnection *self, gboolean reading)
{
  if (self->reading == !!reading)
    return;
  self->reading = !!reading;
  self->more = TRUE;
  if (self->state != OPEN)
    return;
  self->received_ms = ruche_clock_now_ms ();
  update_reading (self);
  if (!self->shut)
    arm_clock (self);
}

/**
 * ruche_connection_set_timeout:
 * @self: a connection
 * @lost_ms: milliseconds without a byte after which the peer is lost, %RUCHE_LOST_MS unless set; 0
 *   for never
 *
 * Sets how long the peer may be silent.
 */
void
ruche_connection_set_timeout (RucheConnection *self, guint lost_ms)
{
  self->lost_ms = lost_ms;
  if (self->state == OPEN && !self->shut)
    arm_clock (self);
}

/**
 * ruche_connection_set_max_frame:
 * @self: a connection
 * @header: bytes
 * @payload: bytes
 *
 * Lowers the bounds of the frames that the peer may send, for as long as nobody knows who it is.
 */
void
ruche_connection_set_max_frame (RucheConnection *self, guint32 header, guint32 payload)
{
  ruche_frame_reader_set_max (self->reader, header, payload);
}

/**
 * ruche_connection_get_last_received_ms:
 * @self: a connection that was started
 *
 * Says when the peer gave its last sign of life, or when reading was taken up again after it.
 *
 * Returns: milliseconds, as ruche_clock_now_ms() counts
 */
gint64
ruche_connection_get_last_received_ms (RucheConnection *self)
{
  return self->received_ms;
}

/**
 * ruche_connection_get_peer:
 * @self: a connection that has not ended
 * @uid: (out) (optional): the user
 * @pid: (out) (optional): the process
 * @error: %RUCHE_ERROR_UNSUPPORTED where this is no Unix socket, %RUCHE_ERROR_CLOSED where it has
 *   ended
 *
 * Asks the kernel who opened the other end.
 *
 * Returns: whether it knows
 */
gboolean
ruche_connection_get_peer (RucheConnection *self, uid_t *uid, pid_t *pid, GError **error)
{
  struct ucred peer = { .uid = (uid_t)-1 };
  socklen_t size = sizeof peer;
  GSocket *socket;

  if (!G_IS_UNIX_CONNECTION (self->stream))
    {
      g_set_error_literal (error, RUCHE_ERROR, RUCHE_ERROR_UNSUPPORTED,
                           _ ("only a Unix socket tells who is at its other end"));
      return FALSE;
    }
  socket = g_socket_connection_get_socket (G_SOCKET_CONNECTION (self->stream));
  if (getsockopt (g_socket_get_fd (socket), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0
      || peer.uid == (uid_t)-1)
    {
      g_set_error_literal (error, RUCHE_ERROR, RUCHE_ERROR_CLOSED, _ ("the connection has ended"));
      return FALSE;
    }
  if (uid != NULL)
    *uid = peer.uid;
  if (pid != NULL)
    *pid = peer.pid;
  return TRUE;
}

/**
 * ruche_connection_is_closed:
 * @self: a connection
 *
 * Says whether the connection takes no more messages: it is ending or has ended.
 *
 * Returns: whether it is
 */
gboolean
ruche_connection_is_closed (RucheConnection *self)
{
  return self->state > OPEN;
}

/**
 * ruche_connection_close:
 * @self: a connection
 * @why: (nullable): what the peer did wrong, which it is told in an `error` message; %NULL to end
 *   in good order
 *
 * Ends the connection. What is queued still goes out, for a second at most; "closed" follows,
 * never from within this call.
 */
void
ruche_connection_close (RucheConnection *self, const GError *why)
{
  if (self->state > OPEN)
    return;
  if (why != NULL && !self->shut)
    {
      g_autoptr (RucheMessage) message = ruche_message_new_error (why);
      g_autoptr (GError) error = NULL;
      if (!ruche_send_queue_add (&self->queue, message, G_MAXSIZE, &error))
        g_warning ("%s", error->message);
    }
  begin_end (self, why);
}
