/* ruche-connection-io.c: how a connection reads, writes and ends
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Everything is done in bounded steps: reading stops after so many bytes or so much time, so that
 * neither drawing nor other connections wait for a flood. A connection that ends is flushed, its
 * sending side is shut down, and what still comes is thrown away until the peer ends too: closed
 * at once, a socket could take the last words back from the peer.
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-connection-private.h"

#include "ruche-bounds.h"
#include "ruche-clock.h"
#include "ruche-error.h"

#include <glib/gi18n-lib.h>

#define STEP_BYTES (256 * RUCHE_KIB) /* read or written before others have their turn */
#define STEP_US    2000              /* likewise, spent on messages */
#define FLUSH_MS   1000              /* how long the peer may read none of our last words */

static void
write_some (RucheConnection *self);

/**
 * ruche_connection_disarm:
 * @place: where a source is kept
 *
 * Takes a source out of the main loop; there may be none.
 */
void
ruche_connection_disarm (GSource **place)
{
  if (*place == NULL)
    return;
  g_source_destroy (*place);
  g_clear_pointer (place, g_source_unref);
}

/**
 * ruche_connection_arm:
 * @self: a connection
 * @place: where the source is kept; one that is there already is taken out
 * @source: (transfer full): a source
 * @callback: what it calls, with @self
 *
 * Puts a source into the connection's main loop.
 */
void
ruche_connection_arm (RucheConnection *self, GSource **place, GSource *source, GSourceFunc callback)
{
  ruche_connection_disarm (place);
  g_source_set_priority (source, self->io_priority);
  g_source_set_callback (source, callback, self, NULL);
  g_source_attach (source, self->context);
  *place = source;
}

/**
 * ruche_connection_disarm_all:
 * @self: a connection
 *
 * Takes all its sources out of the main loop.
 */
void
ruche_connection_disarm_all (RucheConnection *self)
{
  ruche_connection_disarm (&self->in);
  ruche_connection_disarm (&self->out);
  ruche_connection_disarm (&self->resume);
  ruche_connection_disarm (&self->flush);
  ruche_connection_disarm (&self->clock);
}

static gboolean
on_ended (gpointer data)
{
  g_autoptr (RucheConnection) self = data; /* the reference that begin_end() took */

  ruche_connection_disarm (&self->resume);
  self->state = RUCHE_CONNECTION_CLOSED;
  g_signal_emit_by_name (self, "closed", self->why);
  return G_SOURCE_REMOVE;
}

/* Nothing more is read or written; the owner learns it from the loop. */
static void
end (RucheConnection *self)
{
  if (self->state >= RUCHE_CONNECTION_ENDED)
    return;
  self->state = RUCHE_CONNECTION_ENDED;
  ruche_connection_disarm_all (self);
  ruche_send_queue_clear (&self->queue);
  g_io_stream_close_async (self->stream, self->io_priority, NULL, NULL, NULL);
  ruche_connection_arm (self, &self->resume, g_idle_source_new (), on_ended);
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

  ruche_connection_disarm (&self->flush);
  write_some (self);
  return G_SOURCE_REMOVE;
}

/**
 * ruche_connection_arm_flush:
 * @self: a connection
 *
 * Sees to it that what is queued is written when this turn of the main loop is over.
 */
void
ruche_connection_arm_flush (RucheConnection *self)
{
  if (self->flush == NULL && self->out == NULL)
    ruche_connection_arm (self, &self->flush, g_idle_source_new (), on_flush);
}

/**
 * ruche_connection_begin_end:
 * @self: a connection
 * @why: (nullable): why it ends
 *
 * Takes and hands over nothing more, and flushes. From here on the connection keeps itself alive
 * until it has said "closed".
 */
void
ruche_connection_begin_end (RucheConnection *self, const GError *why)
{
  if (self->state >= RUCHE_CONNECTION_ENDING)
    return;
  if (self->state == RUCHE_CONNECTION_NEW)
    self->context = g_main_context_ref_thread_default ();
  g_object_ref (self);
  self->state = RUCHE_CONNECTION_ENDING;
  self->give_up_ms = ruche_clock_now_ms () + RUCHE_LOST_MS;
  if (why != NULL)
    {
      g_clear_error (&self->why);
      self->why = g_error_copy (why);
    }
  ruche_connection_arm (self, &self->clock, g_timeout_source_new (FLUSH_MS), on_flush_time_out);
  ruche_connection_update_reading (self);
  ruche_connection_disarm (&self->out);
  ruche_connection_arm_flush (self);
}

/**
 * ruche_connection_end_at_once:
 * @self: a connection
 * @why: (nullable): why it ends
 *
 * Ends without a last word.
 */
void
ruche_connection_end_at_once (RucheConnection *self, const GError *why)
{
  ruche_connection_begin_end (self, why);
  end (self);
}

static void
io_failed (RucheConnection *self, const GError *cause)
{
  g_autoptr (GError) why = g_error_new (RUCHE_ERROR, RUCHE_ERROR_CLOSED,
                                        _ ("the connection broke: %s"), cause->message);

  ruche_connection_end_at_once (self, why);
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

  ruche_connection_end_at_once (self, why);
  return G_SOURCE_REMOVE;
}

/* The peer may have said why it closed before it did, so what it sent is still read. */
static void
write_failed (RucheConnection *self, const GError *cause)
{
  ruche_send_queue_clear (&self->queue);
  ruche_connection_disarm (&self->out);
  self->shut = TRUE;
  if (self->state == RUCHE_CONNECTION_ENDING)
    {
      end (self);
      return;
    }
  self->why = g_error_new (RUCHE_ERROR, RUCHE_ERROR_CLOSED, _ ("the connection broke: %s"),
                           cause->message);
  ruche_connection_arm (self, &self->clock, g_timeout_source_new (FLUSH_MS), on_write_failure_over);
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
    ruche_connection_arm (self, &self->out, g_pollable_output_stream_create_source (output, NULL),
                          G_SOURCE_FUNC (on_writable));
}

static void
wrote (RucheConnection *self, gsize size)
{
  ruche_send_queue_take (&self->queue, size);
  self->sent_ms = self->progress_ms = ruche_clock_now_ms ();
  if (self->state == RUCHE_CONNECTION_ENDING && self->sent_ms < self->give_up_ms)
    ruche_connection_arm (self, &self->clock, g_timeout_source_new (FLUSH_MS), on_flush_time_out);
  if (self->queue.size > 0 && !(self->full && self->queue.size < RUCHE_MAX_SEND_QUEUE / 2))
    return;
  self->full = FALSE;
  if (self->state == RUCHE_CONNECTION_OPEN)
    g_signal_emit_by_name (self, "drained");
}

/* Writes until the queue is empty, the stream takes no more, or it is the others' turn. */
static void
write_some (RucheConnection *self)
{
  GPollableOutputStream *output
      = G_POLLABLE_OUTPUT_STREAM (g_io_stream_get_output_stream (self->stream));

  for (gsize left = STEP_BYTES;
       left > 0 && self->state <= RUCHE_CONNECTION_ENDING && self->queue.size > 0;)
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
  if (self->state > RUCHE_CONNECTION_ENDING)
    return;
  if (self->queue.size > 0)
    {
      arm_out (self);
      return;
    }
  ruche_connection_disarm (&self->out);
  if (self->state == RUCHE_CONNECTION_ENDING && !self->shut)
    shut_down (self);
}

static void
peer_ended (RucheConnection *self)
{
  g_autoptr (GError) why = NULL;

  self->half = TRUE;
  if (self->state == RUCHE_CONNECTION_OPEN && !ruche_frame_reader_is_empty (self->reader))
    why = g_error_new_literal (RUCHE_ERROR, RUCHE_ERROR_CLOSED,
                               _ ("the connection ended in the middle of a message"));
  ruche_connection_begin_end (self, why);
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
      if (self->state == RUCHE_CONNECTION_OPEN)
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
      ruche_connection_begin_end (self, why);
      return;
    }
  g_signal_emit_by_name (self, "message", message);
}

/* Hands over the frames that are complete; `more` says whether it stopped before the last. */
static void
deliver (RucheConnection *self, gint64 until_us)
{
  self->more = FALSE;
  while (self->state == RUCHE_CONNECTION_OPEN)
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
  while (!self->more && !self->half && self->state <= RUCHE_CONNECTION_ENDING && left > 0)
    {
      gsize came = read_chunk (self, left);
      if (came == 0)
        break;
      left -= came;
      deliver (self, until_us);
    }
  if (self->state <= RUCHE_CONNECTION_ENDING)
    ruche_connection_update_reading (self);
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

  ruche_connection_disarm (&self->resume);
  read_some (self);
  return G_SOURCE_REMOVE;
}

/**
 * ruche_connection_update_reading:
 * @self: a connection
 *
 * Listens to the stream, or goes on with what the reader holds, or neither, as the state has it.
 */
void
ruche_connection_update_reading (RucheConnection *self)
{
  GPollableInputStream *input
      = G_POLLABLE_INPUT_STREAM (g_io_stream_get_input_stream (self->stream));
  gboolean open = self->state == RUCHE_CONNECTION_OPEN && self->reading;
  gboolean ending = self->state == RUCHE_CONNECTION_ENDING && !self->half;

  if (!(open && !self->more) && !ending)
    ruche_connection_disarm (&self->in);
  else if (self->in == NULL)
    ruche_connection_arm (self, &self->in, g_pollable_input_stream_create_source (input, NULL),
                          G_SOURCE_FUNC (on_readable));
  if (!(open && self->more))
    ruche_connection_disarm (&self->resume);
  else if (self->resume == NULL)
    ruche_connection_arm (self, &self->resume, g_idle_source_new (), on_resume);
}
