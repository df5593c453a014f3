/* test-peer.c: one end of a connection that remembers what happened to it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "test-peer.h"

#include "ruche-frame.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#define PATIENCE_MS 30000 /* a test that waits longer hangs */

static void
on_message (RucheConnection *connection, RucheMessage *message, gpointer data)
{
  TestPeer *peer = data;

  g_assert_cmpuint (peer->n_closed, ==, 0);
  g_ptr_array_add (peer->messages, ruche_message_ref (message));
}

static void
on_drained (RucheConnection *connection, gpointer data)
{
  TestPeer *peer = data;

  peer->n_drained++;
}

static void
on_closed (RucheConnection *connection, const GError *why, gpointer data)
{
  TestPeer *peer = data;

  peer->n_closed++;
  g_clear_error (&peer->why);
  peer->why = why != NULL ? g_error_copy (why) : NULL;
}

/**
 * test_peer_new:
 * @connection: (transfer full): a connection
 *
 * Remembers what a connection says from now on.
 *
 * Returns: (transfer full): the peer
 */
TestPeer *
test_peer_new (RucheConnection *connection)
{
  TestPeer *peer = g_new0 (TestPeer, 1);

  peer->connection = connection;
  peer->messages = g_ptr_array_new_with_free_func ((GDestroyNotify)ruche_message_unref);
  g_signal_connect (connection, "message", G_CALLBACK (on_message), peer);
  g_signal_connect (connection, "drained", G_CALLBACK (on_drained), peer);
  g_signal_connect (connection, "closed", G_CALLBACK (on_closed), peer);
  return peer;
}

/**
 * test_peer_new_for_fd:
 * @fd: (transfer full): a connected socket
 *
 * Starts a connection over a socket.
 *
 * Returns: (transfer full): the peer
 */
TestPeer *
test_peer_new_for_fd (int fd)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocket) socket = g_socket_new_from_fd (fd, &error);
  g_autoptr (GSocketConnection) stream = NULL;
  TestPeer *peer;

  g_assert_no_error (error);
  stream = g_socket_connection_factory_create_connection (socket);
  peer = test_peer_new (ruche_connection_new (G_IO_STREAM (stream), G_PRIORITY_DEFAULT));
  ruche_connection_start (peer->connection);
  return peer;
}

static void
socket_pair (int fds[2])
{
  g_assert_no_errno (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds));
}

/**
 * test_peer_new_pair:
 * @a: (out): one end
 * @b: (out): the other
 *
 * Connects two connections.
 */
void
test_peer_new_pair (TestPeer **a, TestPeer **b)
{
  int fds[2];

  socket_pair (fds);
  *a = test_peer_new_for_fd (fds[0]);
  *b = test_peer_new_for_fd (fds[1]);
}

/**
 * test_raw_pair:
 * @peer: (out): one end
 *
 * Connects a connection with a plain socket, through which a test can say what it likes.
 *
 * Returns: the socket
 */
int
test_raw_pair (TestPeer **peer)
{
  int fds[2];

  socket_pair (fds);
  *peer = test_peer_new_for_fd (fds[0]);
  return fds[1];
}

/**
 * test_peer_free:
 * @peer: (transfer full): a peer
 *
 * Drops the connection, which must be nobody else's by then.
 */
void
test_peer_free (TestPeer *peer)
{
  RucheConnection *left = peer->connection;

  g_signal_handlers_disconnect_by_data (peer->connection, peer);
  g_object_add_weak_pointer (G_OBJECT (left), (gpointer *)&left);
  g_object_unref (peer->connection);
  for (guint i = 0; left != NULL && i < 3000; i++)
    test_loop_for (1);
  g_assert_null (left);
  g_ptr_array_unref (peer->messages);
  g_clear_error (&peer->why);
  g_free (peer);
}

/**
 * test_peer_get:
 * @peer: a peer
 * @index: from 0
 *
 * Gives a message that came.
 *
 * Returns: (transfer none): the message
 */
RucheMessage *
test_peer_get (TestPeer *peer, guint index)
{
  g_assert_cmpuint (index, <, peer->messages->len);
  return g_ptr_array_index (peer->messages, index);
}

static gboolean
on_time_out (gpointer data)
{
  *(gboolean *)data = TRUE;
  return G_SOURCE_REMOVE;
}

/**
 * test_peer_wait:
 * @peer: a peer
 * @n_messages: how many
 *
 * Runs the main loop until so many messages have come.
 */
void
test_peer_wait (TestPeer *peer, guint n_messages)
{
  gboolean over = FALSE;
  guint source = g_timeout_add (PATIENCE_MS, on_time_out, &over);

  while (!over && peer->messages->len < n_messages && peer->n_closed == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (peer->messages->len, >=, n_messages);
  g_source_remove (source);
}

/**
 * test_peer_wait_closed:
 * @peer: a peer
 *
 * Runs the main loop until the connection has said "closed", and a little longer: it must say so
 * once.
 */
void
test_peer_wait_closed (TestPeer *peer)
{
  gboolean over = FALSE;
  guint source = g_timeout_add (PATIENCE_MS, on_time_out, &over);

  while (!over && peer->n_closed == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_false (over);
  g_source_remove (source);
  test_loop_for (1);
  g_assert_cmpuint (peer->n_closed, ==, 1);
  g_assert_true (ruche_connection_is_closed (peer->connection));
}

/**
 * test_loop_for:
 * @ms: milliseconds
 *
 * Runs the main loop for a while.
 */
void
test_loop_for (guint ms)
{
  gboolean over = FALSE;

  g_timeout_add (ms, on_time_out, &over);
  while (!over)
    g_main_context_iteration (NULL, TRUE);
}

/**
 * test_raw_write:
 * @fd: a plain socket
 * @bytes: what to say
 * @size: how much
 *
 * Writes all of it, running the main loop where the other end must read first.
 */
void
test_raw_write (int fd, gconstpointer bytes, gsize size)
{
  const guint8 *at = bytes;

  while (size > 0)
    {
      gssize written = send (fd, at, size, MSG_DONTWAIT | MSG_NOSIGNAL);
      if (written < 0)
        {
          g_assert_cmpint (errno, ==, EAGAIN);
          test_loop_for (1);
          continue;
        }
      at += written;
      size -= (gsize)written;
    }
}

/* Reads so many bytes, running the main loop meanwhile; says whether they came before the end. */
static gboolean
read_exactly (int fd, guint8 *place, gsize size)
{
  for (guint i = 0; size > 0;)
    {
      gssize came = recv (fd, place, size, MSG_DONTWAIT);
      if (came == 0 || (came < 0 && errno != EAGAIN))
        return FALSE;
      if (came < 0)
        {
          g_assert_cmpuint (i++, <, PATIENCE_MS);
          test_loop_for (1);
          continue;
        }
      place += came;
      size -= (gsize)came;
    }
  return TRUE;
}

/**
 * test_raw_read:
 * @fd: a plain socket
 *
 * Reads one message that is no ping, running the main loop meanwhile.
 *
 * Returns: (transfer full) (nullable): the message; %NULL where the other end has ended
 */
RucheMessage *
test_raw_read (int fd)
{
  while (TRUE)
    {
      guint8 prefix[8];
      guint32 header_size, payload_size;
      g_autofree guint8 *bytes = NULL;
      g_autoptr (GBytes) payload = NULL;
      g_autoptr (RucheMessage) message = NULL;
      g_autoptr (GError) error = NULL;

      if (!read_exactly (fd, prefix, sizeof prefix))
        return NULL;
      g_assert_true (ruche_frame_read_prefix (prefix, &header_size, &payload_size, &error));
      bytes = g_malloc ((gsize)header_size + payload_size);
      if (!read_exactly (fd, bytes, (gsize)header_size + payload_size))
        return NULL;
      payload = g_bytes_new (bytes + header_size, payload_size);
      message = ruche_message_decode ((const char *)bytes, header_size, payload, &error);
      g_assert_no_error (error);
      if (message->type != RUCHE_MESSAGE_PING)
        return g_steal_pointer (&message);
    }
}
