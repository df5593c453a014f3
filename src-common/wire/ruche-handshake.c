/* ruche-handshake.c: the first two messages of a connection, without a socket
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-handshake.h"

#include "ruche-bounds.h"
#include "ruche-error.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

/**
 * ruche_handshake_hello:
 * @role: what the sender is
 * @name: of the program for clients, of the server for slaves
 * @token: (nullable): what the master knows the sender by
 *
 * Makes the first message of whoever opened the connection.
 *
 * Returns: (transfer full): the `hello`
 */
RucheMessage *
ruche_handshake_hello (RucheRole role, const char *name, const char *token)
{
  RucheMessage *message = ruche_message_new (RUCHE_MESSAGE_HELLO);
  RucheHello *hello = message->body;

  hello->protocol = RUCHE_PROTOCOL_VERSION;
  hello->oldest = RUCHE_PROTOCOL_OLDEST;
  hello->role = (int)role;
  hello->name = g_strdup (name);
  hello->token = g_strdup (token);
  return message;
}

/* The newest version that both ends speak; 0 where there is none. */
static gint64
common_version (gint64 oldest, gint64 newest)
{
  gint64 version = MIN (newest, RUCHE_PROTOCOL_VERSION);

  return version >= oldest && version >= RUCHE_PROTOCOL_OLDEST ? version : 0;
}

/**
 * ruche_handshake_answer:
 * @hello: what a peer said first
 * @cluster: the cluster's name
 * @epoch: the master's, from 1
 * @session: the connection's number, from 1
 * @person: (nullable): who the master takes the client for
 * @error: %RUCHE_ERROR_PROTOCOL where @hello is another message, %RUCHE_ERROR_VERSION where the two
 *   ends speak no common version; give it to ruche_handshake_refuse()
 *
 * Settles on the newest version of the protocol that both ends speak.
 *
 * Returns: (transfer full): the `welcome`, or %NULL
 */
RucheMessage *
ruche_handshake_answer (const RucheMessage *hello,
                        const char *cluster,
                        gint64 epoch,
                        gint64 session,
                        const char *person,
                        GError **error)
{
  const RucheHello *theirs = hello->body;
  RucheMessage *message;
  RucheWelcome *welcome;
  gint64 version;

  if (hello->type != RUCHE_MESSAGE_HELLO)
    {
      g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_PROTOCOL,
                   "a connection begins with “hello”, not with “%s”",
                   ruche_message_get_word (hello));
      return NULL;
    }
  version = common_version (theirs->oldest, theirs->protocol);
  if (version == 0)
    {
      g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_VERSION,
                   _ ("the master speaks versions %d to %d of Ruche’s protocol and this program "
                      "%" PRId64 " to %" PRId64
                      ": install the same version of Ruche on both machines"),
                   RUCHE_PROTOCOL_OLDEST, RUCHE_PROTOCOL_VERSION, theirs->oldest, theirs->protocol);
      return NULL;
    }
  message = ruche_message_new (RUCHE_MESSAGE_WELCOME);
  welcome = message->body;
  welcome->protocol = version;
  welcome->cluster = g_strdup (cluster);
  welcome->epoch = epoch;
  welcome->session = session;
  welcome->person = g_strdup (person);
  welcome->version = g_strdup (RUCHE_VERSION);
  return message;
}

/**
 * ruche_handshake_refuse:
 * @why: why the peer can't be let in
 *
 * Makes the answer to a `hello` after which the connection ends.
 *
 * Returns: (transfer full): the `refused`
 */
RucheMessage *
ruche_handshake_refuse (const GError *why)
{
  g_autoptr (RucheMessage) error = ruche_message_new_error (why);
  RucheMessage *message = ruche_message_new (RUCHE_MESSAGE_REFUSED);
  RucheErrorMessage *text = error->body;
  RucheRefused *refused = message->body;

  refused->code = g_steal_pointer (&text->code);
  refused->message = g_steal_pointer (&text->message);
  refused->protocol = RUCHE_PROTOCOL_VERSION;
  refused->oldest = RUCHE_PROTOCOL_OLDEST;
  return message;
}

/**
 * ruche_handshake_finish:
 * @answer: the first message that came back
 * @error: what the master says in `refused` or `error`, %RUCHE_ERROR_VERSION where it settled on a
 *   version that was not offered, %RUCHE_ERROR_PROTOCOL for any other message
 *
 * Reads the master's answer to a `hello`.
 *
 * Returns: whether it is a `welcome` that will do
 */
gboolean
ruche_handshake_finish (const RucheMessage *answer, GError **error)
{
  const RucheWelcome *welcome = answer->body;

  if (answer->type != RUCHE_MESSAGE_WELCOME)
    {
      g_propagate_error (error, ruche_message_to_error (answer));
      return FALSE;
    }
  if (welcome->protocol < RUCHE_PROTOCOL_OLDEST || welcome->protocol > RUCHE_PROTOCOL_VERSION)
    {
      g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_VERSION,
                   _ ("the master wants to speak version %" PRId64
                      " of Ruche’s protocol and this program speaks %d to %d: install the same "
                      "version of Ruche on both machines"),
                   welcome->protocol, RUCHE_PROTOCOL_OLDEST, RUCHE_PROTOCOL_VERSION);
      return FALSE;
    }
  return TRUE;
}
