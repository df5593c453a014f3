/* test-handshake.c: the first two messages of a connection
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "ruche-bounds.h"
#include "ruche-error.h"
#include "ruche-handshake.h"

#include <string.h>

static RucheMessage *
hello_of (gint64 oldest, gint64 protocol)
{
  RucheMessage *message = ruche_handshake_hello (RUCHE_ROLE_SLAVE, "server-1", "secret");
  RucheHello *hello = message->body;

  hello->oldest = oldest;
  hello->protocol = protocol;
  return message;
}

static RucheMessage *
answer_to (const RucheMessage *hello, GError **error)
{
  return ruche_handshake_answer (hello, "cluster", 3, 4, "anna", error);
}

static void
test_welcome (void)
{
  g_autoptr (RucheMessage) hello = ruche_handshake_hello (RUCHE_ROLE_CLIENT, "ruchectl", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (RucheMessage) answer = answer_to (hello, &error);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  RucheHello *said = hello->body;
  RucheWelcome *welcome = answer->body;

  g_assert_no_error (error);
  g_assert_cmpint (said->role, ==, RUCHE_ROLE_CLIENT);
  g_assert_cmpstr (said->name, ==, "ruchectl");
  g_assert_null (said->token);
  g_assert_cmpint (answer->type, ==, RUCHE_MESSAGE_WELCOME);
  g_assert_cmpint (welcome->protocol, ==, RUCHE_PROTOCOL_VERSION);
  g_assert_cmpstr (welcome->cluster, ==, "cluster");
  g_assert_cmpint (welcome->epoch, ==, 3);
  g_assert_cmpint (welcome->session, ==, 4);
  g_assert_cmpstr (welcome->person, ==, "anna");
  g_assert_true (ruche_message_encode (hello, bytes, NULL));
  g_assert_true (ruche_message_encode (answer, bytes, NULL));
  g_assert_true (ruche_handshake_finish (answer, &error));
  g_assert_no_error (error);
}

/* The newest version that both ends speak, wherever the two ranges overlap. */
static void
test_versions (void)
{
  const gint64 ours = RUCHE_PROTOCOL_VERSION;
  const struct
  {
    gint64 oldest, protocol, agreed;
  } cases[] = {
    { ours, ours, ours },
    { ours, ours + 1, ours },
    { 1, ours + 7, ours },
    { RUCHE_PROTOCOL_OLDEST, RUCHE_PROTOCOL_OLDEST, RUCHE_PROTOCOL_OLDEST },
    { ours + 1, ours + 1, 0 },
    { ours + 1, ours + 9, 0 },
    { ours + 1, ours, 0 },
    { G_MAXINT32, 1, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (RucheMessage) hello = hello_of (cases[i].oldest, cases[i].protocol);
      g_autoptr (GError) error = NULL;
      g_autoptr (RucheMessage) answer = answer_to (hello, &error);
      if (cases[i].agreed == 0)
        {
          g_autofree char *theirs = g_strdup_printf ("%d", (int)cases[i].protocol);
          g_autofree char *own = g_strdup_printf ("%d", RUCHE_PROTOCOL_VERSION);
          g_assert_error (error, RUCHE_ERROR, RUCHE_ERROR_VERSION);
          g_assert_nonnull (strstr (error->message, theirs));
          g_assert_nonnull (strstr (error->message, own));
          continue;
        }
      g_assert_no_error (error);
      g_assert_cmpint (((RucheWelcome *)answer->body)->protocol, ==, cases[i].agreed);
    }
}

static void
test_not_hello (void)
{
  for (int type = RUCHE_MESSAGE_WELCOME; type < RUCHE_N_MESSAGE_TYPES; type++)
    {
      g_autoptr (RucheMessage) message = ruche_message_new (type);
      g_autoptr (GError) error = NULL;
      g_assert_null (answer_to (message, &error));
      g_assert_error (error, RUCHE_ERROR, RUCHE_ERROR_PROTOCOL);
      g_assert_nonnull (strstr (error->message, ruche_message_get_word (message)));
    }
}

static void
test_refused (void)
{
  g_autoptr (GError) why = g_error_new_literal (RUCHE_ERROR, RUCHE_ERROR_DENIED, "not you");
  g_autoptr (RucheMessage) refused = ruche_handshake_refuse (why);
  RucheRefused *body = refused->body;
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (body->protocol, ==, RUCHE_PROTOCOL_VERSION);
  g_assert_cmpint (body->oldest, ==, RUCHE_PROTOCOL_OLDEST);
  g_assert_false (ruche_handshake_finish (refused, &error));
  g_assert_error (error, RUCHE_ERROR, RUCHE_ERROR_DENIED);
  g_assert_cmpstr (error->message, ==, "not you");
}

/* Any other answer is an error, an unheard-of version too. */
static void
test_other_answers (void)
{
  g_autoptr (RucheMessage) hello = hello_of (1, 1);
  g_autoptr (RucheMessage) newer = answer_to (hello, NULL);
  g_autoptr (GError) version = NULL;

  for (int type = 0; type < RUCHE_N_MESSAGE_TYPES; type++)
    {
      g_autoptr (RucheMessage) message = ruche_message_new (type);
      g_autoptr (GError) error = NULL;
      if (type == RUCHE_MESSAGE_WELCOME || type == RUCHE_MESSAGE_REFUSED
          || type == RUCHE_MESSAGE_ERROR || type == RUCHE_MESSAGE_FAILED)
        continue;
      g_assert_false (ruche_handshake_finish (message, &error));
      g_assert_error (error, RUCHE_ERROR, RUCHE_ERROR_PROTOCOL);
    }
  ((RucheWelcome *)newer->body)->protocol = RUCHE_PROTOCOL_VERSION + 1;
  g_assert_false (ruche_handshake_finish (newer, &version));
  g_assert_error (version, RUCHE_ERROR, RUCHE_ERROR_VERSION);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/handshake/welcome", test_welcome);
  g_test_add_func ("/handshake/versions", test_versions);
  g_test_add_func ("/handshake/not-hello", test_not_hello);
  g_test_add_func ("/handshake/refused", test_refused);
  g_test_add_func ("/handshake/other-answers", test_other_answers);
  return g_test_run ();
}
