/* test-connection.c: connections over a socket pair
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "test-peer.h"

#include "ruche-bounds.h"
#include "ruche-clock.h"
#include "ruche-error.h"
#include "ruche-frame.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static RucheMessage *
output_message (gint64 offset, gsize size)
{
  g_autofree char *bytes = g_strnfill (size, 'x');
  g_autoptr (GBytes) payload = g_bytes_new (bytes, size);
  RucheMessage *message = ruche_message_new_with_payload (RUCHE_MESSAGE_OUTPUT, payload);
  RucheOutput *body = message->body;

  body->job = 1;
  body->attempt = 1;
  body->stream = RUCHE_STREAM_STDOUT;
  body->offset = offset;
  return message;
}

static void
test_both_ways (void)
{
  g_autoptr (TestPeer) a = NULL;
  g_autoptr (TestPeer) b = NULL;
  g_autoptr (RucheMessage) small = output_message (7, 3);
  g_autoptr (RucheMessage) big = output_message (9, RUCHE_MAX_PAYLOAD_SIZE);

  test_peer_new_pair (&a, &b);
  g_assert_true (ruche_connection_send (a->connection, small));
  g_assert_true (ruche_connection_send (a->connection, big));
  g_assert_true (ruche_connection_send (b->connection, small));
  test_peer_wait (b, 2);
  test_peer_wait (a, 1);
  g_assert_true (g_bytes_equal (test_peer_get (b, 1)->payload, big->payload));
  g_assert_cmpint (((RucheOutput *)test_peer_get (b, 0)->body)->offset, ==, 7);
  ruche_connection_close (a->connection, NULL);
  test_peer_wait_closed (a);
  test_peer_wait_closed (b);
  g_assert_no_error (a->why);
  g_assert_no_error (b->why);
}

static void
write_message (int fd, RucheMessage *message)
{
  g_autoptr (RucheMessage) owned = message;
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  g_assert_true (ruche_message_encode (owned, bytes, NULL));
  test_raw_write (fd, bytes->data, bytes->len);
}

static void
write_header (int fd, const char *header)
{
  guint8 prefix[8];

  ruche_frame_write_prefix (prefix, (guint32)strlen (header), 0);
  test_raw_write (fd, prefix, sizeof prefix);
  test_raw_write (fd, header, strlen (header));
}

static RucheMessage *
unfollow_message (gint64 job)
{
  RucheMessage *message = ruche_message_new (RUCHE_MESSAGE_UNFOLLOW);

  ((RucheUnfollow *)message->body)->job = job;
  return message;
}

static void
test_one_byte_at_a_time (void)
{
  g_autoptr (TestPeer) peer = NULL;
  int fd = test_raw_pair (&peer);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (RucheMessage) message = output_message (5, 100);

  g_assert_true (ruche_message_encode (message, bytes, NULL));
  for (guint i = 0; i < bytes->len; i++)
    {
      test_raw_write (fd, bytes->data + i, 1);
      g_assert_cmpuint (peer->messages->len, ==, 0);
      while (g_main_context_iteration (NULL, FALSE))
        ;
    }
  test_peer_wait (peer, 1);
  g_assert_true (g_bytes_equal (test_peer_get (peer, 0)->payload, message->payload));
  close (fd);
}

static gboolean
on_turn (gpointer data)
{
  ++*(guint *)data;
  return G_SOURCE_CONTINUE;
}

#define N_FLOOD 100000

/* A flood is taken in order and in full, and leaves the loop's other users their turns. */
static void
test_flood (void)
{
  g_autoptr (TestPeer) peer = NULL;
  int fd = test_raw_pair (&peer);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  guint turns = 0;
  guint source = g_idle_add_full (G_PRIORITY_DEFAULT, on_turn, &turns, NULL);

  for (gint64 i = 1; i <= N_FLOOD; i++)
    {
      g_autoptr (RucheMessage) message = unfollow_message (i);
      g_assert_true (ruche_message_encode (message, bytes, NULL));
    }
  test_raw_write (fd, bytes->data, bytes->len);
  test_peer_wait (peer, N_FLOOD);
  for (guint i = 0; i < N_FLOOD; i++)
    g_assert_cmpint (((RucheUnfollow *)test_peer_get (peer, i)->body)->job, ==, (gint64)i + 1);
  /* Had it all been taken at once, there would have been one turn a socket buffer. */
  g_assert_cmpuint (turns, >=, bytes->len / (256 * 1024));
  g_source_remove (source);
  close (fd);
}

static void
test_slow_reader (void)
{
  g_autoptr (TestPeer) peer = NULL;
  int fd = test_raw_pair (&peer);
  g_autoptr (RucheMessage) message = output_message (0, 2 * RUCHE_MIB);
  g_autoptr (GByteArray) expected = g_byte_array_new ();
  g_autofree guint8 *got = NULL;
  gsize size = 0;

  g_assert_true (ruche_connection_send (peer->connection, message));
  g_assert_true (ruche_message_encode (message, expected, NULL));
  g_assert_cmpuint (ruche_connection_get_queued (peer->connection), ==, expected->len);
  got = g_malloc (expected->len);
  while (size < expected->len)
    {
      gssize came = recv (fd, got + size, MIN (3000, expected->len - size), MSG_DONTWAIT);
      if (came > 0)
        size += (gsize)came;
      g_main_context_iteration (NULL, came <= 0);
    }
  g_assert_cmpmem (got, size, expected->data, expected->len);
  g_assert_cmpuint (ruche_connection_get_queued (peer->connection), ==, 0);
  g_assert_cmpuint (peer->n_drained, >=, 1);
  close (fd);
}

/* Memory is bounded by the queue; "drained" says when to go on. */
static void
test_never_reads (void)
{
  g_autoptr (TestPeer) peer = NULL;
  int fd = test_raw_pair (&peer);
  g_autoptr (RucheMessage) message = output_message (0, RUCHE_MIB);
  g_autofree guint8 *sink = g_malloc (RUCHE_MIB);
  guint n_sent = 0;

  while (ruche_connection_send (peer->connection, message))
    n_sent++;
  g_assert_cmpuint (n_sent, >=, 60);
  g_assert_cmpuint (ruche_connection_get_queued (peer->connection), <=, RUCHE_MAX_SEND_QUEUE);
  test_loop_for (20);
  g_assert_cmpuint (peer->n_drained, ==, 0);
  g_assert_false (ruche_connection_is_closed (peer->connection));
  while (peer->n_drained == 0)
    if (recv (fd, sink, RUCHE_MIB, MSG_DONTWAIT) < 0)
      g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (ruche_connection_get_queued (peer->connection), <, RUCHE_MAX_SEND_QUEUE / 2);
  g_assert_true (ruche_connection_send (peer->connection, message));
  /* It is not waited for longer than a second. */
  ruche_connection_close (peer->connection, NULL);
  test_peer_wait_closed (peer);
  close (fd);
}

/* A peer that has said all it had still gets what was meant for it. */
static void
test_half_close (void)
{
  g_autoptr (TestPeer) peer = NULL;
  int fd = test_raw_pair (&peer);
  g_autoptr (RucheMessage) message = output_message (0, 100000);
  g_autoptr (RucheMessage) got = NULL;

  write_message (fd, unfollow_message (3));
  test_peer_wait (peer, 1);
  for (guint i = 0; i < 10; i++)
    g_assert_true (ruche_connection_send (peer->connection, message));
  shutdown (fd, SHUT_WR);
  for (guint i = 0; i < 10; i++)
    {
      g_autoptr (RucheMessage) one = test_raw_read (fd);
      g_assert_cmpint (one->type, ==, RUCHE_MESSAGE_OUTPUT);
    }
  g_assert_null (test_raw_read (fd));
  test_peer_wait_closed (peer);
  g_assert_no_error (peer->why);
  g_assert_false (ruche_connection_send (peer->connection, message));
  close (fd);
}

/* Wherever the bytes stop, the connection ends once, in good order between messages only. */
static void
test_truncation (void)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (RucheMessage) message = unfollow_message (3);

  g_assert_true (ruche_message_encode (message, bytes, NULL));
  for (guint size = 0; size <= bytes->len; size++)
    {
      g_autoptr (TestPeer) peer = NULL;
      int fd = test_raw_pair (&peer);
      test_raw_write (fd, bytes->data, size);
      close (fd);
      test_peer_wait_closed (peer);
      g_assert_cmpuint (peer->messages->len, ==, size == bytes->len ? 1 : 0);
      if (size == 0 || size == bytes->len)
        g_assert_no_error (peer->why);
      else
        g_assert_error (peer->why, RUCHE_ERROR, RUCHE_ERROR_CLOSED);
    }
}

static void
assert_told_and_cut_off (TestPeer *peer, int fd, int code, const char *said)
{
  g_autoptr (RucheMessage) told = test_raw_read (fd);
  g_autoptr (GError) error = ruche_message_to_error (told);

  g_assert_cmpint (told->type, ==, RUCHE_MESSAGE_ERROR);
  g_assert_error (error, RUCHE_ERROR, code);
  g_assert_nonnull (strstr (error->message, said));
  g_assert_null (test_raw_read (fd));
  close (fd);
  test_peer_wait_closed (peer);
  g_assert_error (peer->why, RUCHE_ERROR, code);
}

static void
test_unknown_type (void)
{
  g_autoptr (TestPeer) peer = NULL;
  int fd = test_raw_pair (&peer);

  write_message (fd, unfollow_message (1));
  write_header (fd, "{\"type\":\"dance\"}");
  write_message (fd, unfollow_message (2));
  assert_told_and_cut_off (peer, fd, RUCHE_ERROR_PROTOCOL, "dance");
  g_assert_cmpuint (peer->messages->len, ==, 1);
}

static void
test_oversized (void)
{
  g_autoptr (TestPeer) peer = NULL;
  int fd = test_raw_pair (&peer);

  test_raw_write (fd, "\xff\xff\xff\xff\0\0\0\0", 8);
  assert_told_and_cut_off (peer, fd, RUCHE_ERROR_TOO_LARGE, "4294967295");
}

/* It goes on talking after it was cut off: nobody listens, and it still ends. */
static void
test_deaf_talker (void)
{
  g_autoptr (TestPeer) peer = NULL;
  int fd = test_raw_pair (&peer);

  write_header (fd, "{}");
  while (peer->n_closed == 0)
    {
      g_autofree char *noise = g_strnfill (10000, 'x');
      (void)!send (fd, noise, 10000, MSG_DONTWAIT | MSG_NOSIGNAL);
      g_main_context_iteration (NULL, TRUE);
    }
  test_peer_wait_closed (peer);
  g_assert_error (peer->why, RUCHE_ERROR, RUCHE_ERROR_PROTOCOL);
  g_assert_cmpuint (peer->messages->len, ==, 0);
  close (fd);
}

static void
test_error_received (void)
{
  g_autoptr (TestPeer) a = NULL;
  g_autoptr (TestPeer) b = NULL;
  g_autoptr (GError) why = g_error_new_literal (RUCHE_ERROR, RUCHE_ERROR_DENIED, "not you");
  g_autoptr (RucheMessage) message = output_message (0, 3 * RUCHE_MIB);

  test_peer_new_pair (&a, &b);
  g_assert_true (ruche_connection_send (a->connection, message));
  ruche_connection_close (a->connection, why);
  g_assert_cmpuint (a->n_closed, ==, 0);
  g_assert_true (ruche_connection_is_closed (a->connection));
  g_assert_false (ruche_connection_send (a->connection, message));
  test_peer_wait_closed (a);
  test_peer_wait_closed (b);
  g_assert_cmpuint (b->messages->len, ==, 1);
  g_assert_error (a->why, RUCHE_ERROR, RUCHE_ERROR_DENIED);
  g_assert_error (b->why, RUCHE_ERROR, RUCHE_ERROR_DENIED);
  g_assert_cmpstr (b->why->message, ==, "not you");
}

/* A peer that says why and is gone while we are writing is still heard. */
static void
test_error_before_reset (void)
{
  g_autoptr (TestPeer) peer = NULL;
  int fd = test_raw_pair (&peer);
  g_autoptr (GError) why = g_error_new_literal (RUCHE_ERROR, RUCHE_ERROR_BUSY, "too much");
  g_autoptr (RucheMessage) message = output_message (0, 3 * RUCHE_MIB);

  g_assert_true (ruche_connection_send (peer->connection, message));
  write_message (fd, ruche_message_new_error (why));
  close (fd);
  test_peer_wait_closed (peer);
  g_assert_error (peer->why, RUCHE_ERROR, RUCHE_ERROR_BUSY);
}

static void
on_message_close (RucheConnection *connection, RucheMessage *message, gpointer data)
{
  TestPeer *peer = data;

  ruche_connection_close (connection, NULL);
  g_assert_cmpuint (peer->n_closed, ==, 0);
}

static void
test_close_in_handler (void)
{
  g_autoptr (TestPeer) peer = NULL;
  int fd = test_raw_pair (&peer);

  g_signal_connect (peer->connection, "message", G_CALLBACK (on_message_close), peer);
  for (gint64 i = 1; i <= 5; i++)
    write_message (fd, unfollow_message (i));
  g_assert_null (test_raw_read (fd));
  close (fd);
  test_peer_wait_closed (peer);
  g_assert_cmpuint (peer->messages->len, ==, 1);
  g_assert_no_error (peer->why);
}

static void
on_message_pause (RucheConnection *connection, RucheMessage *message, gpointer data)
{
  ruche_connection_set_reading (connection, FALSE);
}

/* Paused after each message, those that wait in memory come one by one. */
static void
test_pause_in_handler (void)
{
  g_autoptr (TestPeer) peer = NULL;
  int fd = test_raw_pair (&peer);

  g_signal_connect (peer->connection, "message", G_CALLBACK (on_message_pause), NULL);
  for (gint64 i = 1; i <= 3; i++)
    write_message (fd, unfollow_message (i));
  for (guint i = 1; i <= 3; i++)
    {
      test_peer_wait (peer, i);
      test_loop_for (10);
      g_assert_cmpuint (peer->messages->len, ==, i);
      ruche_connection_set_reading (peer->connection, TRUE);
    }
  close (fd);
  test_peer_wait_closed (peer);
}

/* Who does not listen can't say that the other is silent. */
static void
test_pause (void)
{
  g_autoptr (TestPeer) peer = NULL;
  int fd = test_raw_pair (&peer);

  ruche_connection_set_timeout (peer->connection, 50);
  ruche_connection_set_reading (peer->connection, FALSE);
  write_message (fd, unfollow_message (1));
  test_loop_for (200);
  g_assert_cmpuint (peer->n_closed, ==, 0);
  g_assert_cmpuint (peer->messages->len, ==, 0);
  ruche_connection_set_reading (peer->connection, TRUE);
  test_peer_wait (peer, 1);
  test_peer_wait_closed (peer);
  g_assert_error (peer->why, RUCHE_ERROR, RUCHE_ERROR_CLOSED);
  close (fd);
}

static void
test_heartbeat (void)
{
  g_autoptr (TestPeer) a = NULL;
  g_autoptr (TestPeer) b = NULL;
  gint64 before;

  test_peer_new_pair (&a, &b);
  before = ruche_connection_get_last_received_ms (a->connection);
  /* Nobody says anything but that it lives. */
  ruche_connection_set_timeout (a->connection, 3 * RUCHE_HEARTBEAT_MS);
  test_loop_for (4 * RUCHE_HEARTBEAT_MS);
  g_assert_cmpuint (a->n_closed + b->n_closed, ==, 0);
  g_assert_cmpuint (a->messages->len + b->messages->len, ==, 0);
  g_assert_cmpint (ruche_connection_get_last_received_ms (a->connection), >, before);
}

static void
test_lost (void)
{
  g_autoptr (TestPeer) peer = NULL;
  int fd = test_raw_pair (&peer);
  gint64 before = ruche_clock_now_ms ();

  ruche_connection_set_timeout (peer->connection, 100);
  test_peer_wait_closed (peer);
  g_assert_cmpint (ruche_clock_now_ms () - before, >=, 100);
  g_assert_error (peer->why, RUCHE_ERROR, RUCHE_ERROR_CLOSED);
  close (fd);
}

static void
test_dropped (void)
{
  TestPeer *peer;
  int fd = test_raw_pair (&peer);
  guint n_closed;

  test_loop_for (5);
  n_closed = peer->n_closed;
  test_peer_free (peer);
  g_assert_cmpuint (n_closed, ==, 0);
  g_assert_null (test_raw_read (fd));
  close (fd);
}

/* What is sent before the start goes out after it; an end before it is an end, too. */
static void
test_not_started (void)
{
  int fds[2];
  g_autoptr (GSocket) socket = NULL;
  g_autoptr (GSocketConnection) stream = NULL;
  g_autoptr (TestPeer) peer = NULL;
  g_autoptr (RucheMessage) message = unfollow_message (8);
  g_autoptr (RucheMessage) got = NULL;

  g_assert_no_errno (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds));
  socket = g_socket_new_from_fd (fds[0], NULL);
  stream = g_socket_connection_factory_create_connection (socket);
  peer = test_peer_new (ruche_connection_new (G_IO_STREAM (stream), G_PRIORITY_DEFAULT));
  g_assert_true (ruche_connection_send (peer->connection, message));
  ruche_connection_close (peer->connection, NULL);
  got = test_raw_read (fds[1]);
  g_assert_cmpint (got->type, ==, RUCHE_MESSAGE_UNFOLLOW);
  close (fds[1]);
  test_peer_wait_closed (peer);
}

/* What our side got wrong is said loudly, not sent and not forgotten. */
static void
test_own_mistake (void)
{
  g_autoptr (TestPeer) peer = NULL;
  int fd = test_raw_pair (&peer);
  g_autoptr (RucheMessage) message = unfollow_message (0);

  g_test_expect_message ("ruche", G_LOG_LEVEL_WARNING, "*unfollow*job*");
  g_assert_false (ruche_connection_send (peer->connection, message));
  g_test_assert_expected_messages ();
  assert_told_and_cut_off (peer, fd, RUCHE_ERROR_INVALID, "job");
}

static void
test_peer_identity (void)
{
  g_autoptr (TestPeer) peer = NULL;
  int fd = test_raw_pair (&peer);
  g_autoptr (GError) error = NULL;
  uid_t uid = (uid_t)-1;
  pid_t pid = 0;

  g_assert_true (ruche_connection_get_peer (peer->connection, &uid, &pid, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (uid, ==, getuid ());
  g_assert_cmpint (pid, ==, getpid ());
  close (fd);
  test_peer_wait_closed (peer);
  g_assert_false (ruche_connection_get_peer (peer->connection, &uid, NULL, &error));
  g_assert_error (error, RUCHE_ERROR, RUCHE_ERROR_CLOSED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/connection/both-ways", test_both_ways);
  g_test_add_func ("/connection/one-byte-at-a-time", test_one_byte_at_a_time);
  g_test_add_func ("/connection/flood", test_flood);
  g_test_add_func ("/connection/slow-reader", test_slow_reader);
  g_test_add_func ("/connection/never-reads", test_never_reads);
  g_test_add_func ("/connection/half-close", test_half_close);
  g_test_add_func ("/connection/truncation", test_truncation);
  g_test_add_func ("/connection/unknown-type", test_unknown_type);
  g_test_add_func ("/connection/oversized", test_oversized);
  g_test_add_func ("/connection/deaf-talker", test_deaf_talker);
  g_test_add_func ("/connection/error-received", test_error_received);
  g_test_add_func ("/connection/error-before-reset", test_error_before_reset);
  g_test_add_func ("/connection/close-in-handler", test_close_in_handler);
  g_test_add_func ("/connection/pause-in-handler", test_pause_in_handler);
  g_test_add_func ("/connection/pause", test_pause);
  g_test_add_func ("/connection/heartbeat", test_heartbeat);
  g_test_add_func ("/connection/lost", test_lost);
  g_test_add_func ("/connection/dropped", test_dropped);
  g_test_add_func ("/connection/not-started", test_not_started);
  g_test_add_func ("/connection/own-mistake", test_own_mistake);
  g_test_add_func ("/connection/peer-identity", test_peer_identity);
  return g_test_run ();
}
