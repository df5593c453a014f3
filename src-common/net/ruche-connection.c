/* ruche-connection.c: a stream that carries messages
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * All happens in the thread-default main context of the caller of ruche_connection_start(); how,
 * see ruche-connection-io.c.
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-connection-private.h"

#include "ruche-bounds.h"
#include "ruche-clock.h"
#include "ruche-error.h"

#include <gio/gunixconnection.h>
#include <glib/gi18n-lib.h>
#include <sys/socket.h>

G_DEFINE_FINAL_TYPE (RucheConnection, ruche_connection, G_TYPE_OBJECT)

static void
ruche_connection_dispose (GObject *object)
{
  RucheConnection *self = RUCHE_CONNECTION (object);

  ruche_connection_disarm_all (self);
  self->state = RUCHE_CONNECTION_CLOSED;
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
  g_signal_new ("message", RUCHE_TYPE_CONNECTION, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                G_TYPE_NONE, 1, G_TYPE_POINTER);
  g_signal_new ("drained", RUCHE_TYPE_CONNECTION, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                G_TYPE_NONE, 0);
  g_signal_new ("closed", RUCHE_TYPE_CONNECTION, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                G_TYPE_NONE, 1, G_TYPE_ERROR);
}

static void
ruche_connection_init (RucheConnection *self)
{
  self->reader = ruche_frame_reader_new ();
  self->reading = TRUE;
  self->lost_ms = RUCHE_LOST_MS;
}

static gboolean
is_lost (RucheConnection *self, gint64 now)
{
  GPollableInputStream *input
      = G_POLLABLE_INPUT_STREAM (g_io_stream_get_input_stream (self->stream));

  if (self->lost_ms == 0)
    return FALSE;
  /* Whoever is not read, because too much is queued for them, shows life by reading. */
  if (!self->reading)
    return self->queue.size > 0 && now - self->progress_ms >= (gint64)self->lost_ms;
  if (self->more || now - self->received_ms < (gint64)self->lost_ms)
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
  ruche_connection_arm (self, &self->clock,
                        g_timeout_source_new ((guint)CLAMP (next - now, 20, 60000)), on_clock);
}

static gboolean
on_clock (gpointer data)
{
  g_autoptr (RucheConnection) self = g_object_ref (data);
  gint64 now = ruche_clock_now_ms ();

  if (is_lost (self, now))
    {
      gint64 since = self->reading ? self->received_ms : self->progress_ms;
      g_autoptr (GError) why = g_error_new (
          RUCHE_ERROR, RUCHE_ERROR_CLOSED,
          _ ("no sign of life from the other end for %.1f seconds"), (double)(now - since) / 1000);
      ruche_connection_end_at_once (self, why);
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
  if (self->state != RUCHE_CONNECTION_NEW)
    return;
  self->context = g_main_context_ref_thread_default ();
  self->state = RUCHE_CONNECTION_OPEN;
  self->sent_ms = self->received_ms = self->progress_ms = ruche_clock_now_ms ();
  arm_clock (self);
  ruche_connection_update_reading (self);
  if (self->queue.size > 0)
    ruche_connection_arm_flush (self);
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

  if (self->state > RUCHE_CONNECTION_OPEN || self->shut)
    return FALSE;
  if (self->queue.size == 0)
    self->progress_ms = ruche_clock_now_ms ();
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
  if (self->state == RUCHE_CONNECTION_OPEN)
    ruche_connection_arm_flush (self);
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
  if (self->state != RUCHE_CONNECTION_OPEN)
    return;
  self->received_ms = ruche_clock_now_ms ();
  ruche_connection_update_reading (self);
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
  if (self->state == RUCHE_CONNECTION_OPEN && !self->shut)
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
  return self->state > RUCHE_CONNECTION_OPEN;
}

/**
 * ruche_connection_close:
 * @self: a connection
 * @why: (nullable): what the peer did wrong, which it is told in an `error` message; %NULL to end
 *   in good order
 *
 * Ends the connection. What is queued still goes out, unless the peer reads nothing for a second or
 * is not done after %RUCHE_LOST_MS; "closed" follows, never from within this call.
 */
void
ruche_connection_close (RucheConnection *self, const GError *why)
{
  if (self->state > RUCHE_CONNECTION_OPEN)
    return;
  if (why != NULL && !self->shut)
    {
      g_autoptr (RucheMessage) message = ruche_message_new_error (why);
      g_autoptr (GError) error = NULL;
      if (!ruche_send_queue_add (&self->queue, message, G_MAXSIZE, &error))
        g_warning ("%s", error->message);
    }
  ruche_connection_begin_end (self, why);
}
