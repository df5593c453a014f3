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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/connection/both-ways", test_both_ways);
  return g_test_run ();
}
