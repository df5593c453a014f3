/* test-peer.h: one end of a connection that remembers what happened to it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-connection.h"

G_BEGIN_DECLS

/**
 * TestPeer:
 * @connection: owned
 * @messages: (element-type RucheMessage): those that came
 * @n_drained: how often it said "drained"
 * @n_closed: how often it said "closed"
 * @why: (nullable): what it said then
 *
 * One end of a connection.
 */
typedef struct
{
  RucheConnection *connection;
  GPtrArray *messages;
  guint n_drained;
  guint n_closed;
  GError *why;
} TestPeer;

TestPeer *
test_peer_new (RucheConnection *connection);
TestPeer *
test_peer_new_for_fd (int fd);
void
test_peer_new_pair (TestPeer **a, TestPeer **b);
void
test_peer_free (TestPeer *peer);
RucheMessage *
test_peer_get (TestPeer *peer, guint index);
void
test_peer_wait (TestPeer *peer, guint n_messages);
void
test_peer_wait_closed (TestPeer *peer);
void
test_loop_for (guint ms);
int
test_raw_pair (TestPeer **peer);
void
test_raw_write (int fd, gconstpointer bytes, gsize size);
RucheMessage *
test_raw_read (int fd);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestPeer, test_peer_free)

G_END_DECLS
