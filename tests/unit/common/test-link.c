/* test-link.c: numbered messages between master and slave
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "ruche-error.h"
#include "ruche-link.h"

static RucheMessage *
sent (RucheLink *link, RucheMessageType type)
{
  RucheMessage *message = ruche_message_new (type);

  ruche_link_sent (link, message);
  return message;
}

static void
assert_taken (RucheLink *link, const RucheMessage *message, gboolean expected_fresh)
{
  g_autoptr (GError) error = NULL;
  gboolean fresh;

  g_assert_true (ruche_link_received (link, message, &fresh, &error));
  g_assert_no_error (error);
  g_assert_cmpint (fresh, ==, expected_fresh);
}

static void
assert_refused (RucheLink *link, const RucheMessage *message)
{
  g_autoptr (GError) error = NULL;
  gboolean fresh = TRUE;

  g_assert_false (ruche_link_received (link, message, &fresh, &error));
  g_assert_error (error, RUCHE_ERROR, RUCHE_ERROR_PROTOCOL);
  g_assert_false (fresh);
}

static void
test_numbers (void)
{
  g_autoptr (RucheLink) link = ruche_link_new ();
  g_autoptr (RucheMessage) first = sent (link, RUCHE_MESSAGE_DISPATCH);
  g_autoptr (RucheMessage) load = sent (link, RUCHE_MESSAGE_LOAD);
  g_autoptr (RucheMessage) second = sent (link, RUCHE_MESSAGE_STOP);

  g_assert_cmpint (first->number, ==, 1);
  g_assert_cmpint (load->number, ==, 0);
  g_assert_cmpint (second->number, ==, 2);
  g_assert_cmpuint (ruche_link_get_n_kept (link), ==, 2);
}

static void
test_acknowledged (void)
{
  g_autoptr (RucheLink) master = ruche_link_new ();
  g_autoptr (RucheLink) slave = ruche_link_new ();
  g_autoptr (RucheMessage) first = sent (master, RUCHE_MESSAGE_DISPATCH);
  g_autoptr (RucheMessage) second = sent (master, RUCHE_MESSAGE_DISPATCH);
  g_autoptr (RucheMessage) third = sent (master, RUCHE_MESSAGE_STOP);
  g_autoptr (RucheMessage) ack = NULL;

  assert_taken (slave, first, TRUE);
  assert_taken (slave, second, TRUE);
  g_assert_true (ruche_link_owes_ack (slave));
  g_assert_cmpint (ruche_link_get_ack (slave), ==, 2);
  ack = sent (slave, RUCHE_MESSAGE_ACK);
  g_assert_cmpint (ack->ack, ==, 2);
  g_assert_false (ruche_link_owes_ack (slave));
  assert_taken (master, ack, TRUE);
  g_assert_cmpuint (ruche_link_get_n_kept (master), ==, 1);
  g_autoptr (GPtrArray) kept = ruche_link_get_kept (master);
  g_assert_true (g_ptr_array_index (kept, 0) == third);
}

/* After a reconnection everything kept is sent again, and what had come is not acted on twice. */
static void
test_sent_again (void)
{
  g_autoptr (RucheLink) master = ruche_link_new ();
  g_autoptr (RucheLink) slave = ruche_link_new ();
  g_autoptr (RucheMessage) first = sent (master, RUCHE_MESSAGE_DISPATCH);
  g_autoptr (RucheMessage) second = sent (master, RUCHE_MESSAGE_DISPATCH);
  g_autoptr (RucheMessage) lost_ack = NULL;
  g_autoptr (RucheMessage) ack = NULL;

  assert_taken (slave, first, TRUE);
  lost_ack = sent (slave, RUCHE_MESSAGE_ACK);
  g_autoptr (GPtrArray) kept = ruche_link_get_kept (master);
  g_assert_cmpuint (kept->len, ==, 2);
  for (guint i = 0; i < kept->len; i++)
    {
      RucheMessage *again = g_ptr_array_index (kept, i);
      ruche_link_sent (master, again);
      g_assert_cmpint (again->number, ==, (gint64)i + 1);
      assert_taken (slave, again, i == 1);
    }
  g_assert_cmpuint (ruche_link_get_n_kept (master), ==, 2);
  g_assert_true (ruche_link_owes_ack (slave));
  ack = sent (slave, RUCHE_MESSAGE_ACK);
  assert_taken (master, ack, TRUE);
  g_assert_cmpuint (ruche_link_get_n_kept (master), ==, 0);
}

/* A duplicate alone says that our acknowledgement was lost. */
static void
test_owed_again (void)
{
  g_autoptr (RucheLink) master = ruche_link_new ();
  g_autoptr (RucheLink) slave = ruche_link_new ();
  g_autoptr (RucheMessage) message = sent (master, RUCHE_MESSAGE_DISPATCH);
  g_autoptr (RucheMessage) lost_ack = NULL;

  assert_taken (slave, message, TRUE);
  lost_ack = sent (slave, RUCHE_MESSAGE_ACK);
  g_assert_false (ruche_link_owes_ack (slave));
  assert_taken (slave, message, FALSE);
  g_assert_true (ruche_link_owes_ack (slave));
}

static void
test_broken_rules (void)
{
  g_autoptr (RucheLink) link = ruche_link_new ();
  g_autoptr (RucheMessage) gap = ruche_message_new (RUCHE_MESSAGE_FINISHED);
  g_autoptr (RucheMessage) none = ruche_message_new (RUCHE_MESSAGE_FINISHED);
  g_autoptr (RucheMessage) future = ruche_message_new (RUCHE_MESSAGE_LOAD);
  g_autoptr (RucheMessage) first = ruche_message_new (RUCHE_MESSAGE_FINISHED);
  g_autoptr (RucheMessage) largest = ruche_message_new (RUCHE_MESSAGE_FINISHED);

  gap->number = 2;
  future->ack = 1;
  first->number = 1;
  largest->number = G_MAXINT64;
  assert_refused (link, gap);
  assert_refused (link, none);
  assert_refused (link, future);
  assert_refused (link, largest);
  assert_taken (link, first, TRUE);
  assert_taken (link, gap, TRUE);
  assert_taken (link, gap, FALSE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/link/numbers", test_numbers);
  g_test_add_func ("/link/acknowledged", test_acknowledged);
  g_test_add_func ("/link/sent-again", test_sent_again);
  g_test_add_func ("/link/owed-again", test_owed_again);
  g_test_add_func ("/link/broken-rules", test_broken_rules);
  return g_test_run ();
}
