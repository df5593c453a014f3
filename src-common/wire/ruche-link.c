/* ruche-link.c: numbered messages between master and slave
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-link.h"

#include "ruche-error.h"

struct _RucheLink
{
  GQueue kept;      /* (element-type RucheMessage) sent and not acknowledged, by number */
  gint64 last_sent; /* number given last */
  gint64 last_received;
  gint64 last_ack; /* what the peer was last told that we have */
};

/**
 * ruche_link_new:
 *
 * Makes a link over which nothing has gone yet.
 *
 * Returns: (transfer full): the link
 */
RucheLink *
ruche_link_new (void)
{
  RucheLink *link = g_new0 (RucheLink, 1);

  g_queue_init (&link->kept);
  return link;
}

/**
 * ruche_link_free:
 * @link: (transfer full): a link
 *
 * Frees a link and the messages it keeps.
 */
void
ruche_link_free (RucheLink *link)
{
  g_queue_clear_full (&link->kept, (GDestroyNotify)ruche_message_unref);
  g_free (link);
}

/**
 * ruche_link_sent:
 * @link: a link
 * @message: one that goes to the peer now; its number and acknowledgement are filled in
 *
 * Prepares a message for sending. Those of numbered types get the next number, unless they have
 * one from an earlier connection, and are kept until the peer acknowledges them.
 */
void
ruche_link_sent (RucheLink *link, RucheMessage *message)
{
  if (ruche_message_type_numbered (message->type) && message->number == 0)
    {
      message->number = ++link->last_sent;
      g_queue_push_tail (&link->kept, ruche_message_ref (message));
    }
  message->ack = link->last_received;
  link->last_ack = link->last_received;
}

static gboolean
take_ack (RucheLink *link, gint64 ack, GError **error)
{
  if (ack > link->last_sent)
    {
      g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_PROTOCOL,
                   "message %" G_GINT64_FORMAT " was acknowledged and never sent", ack);
      return FALSE;
    }
  while (!g_queue_is_empty (&link->kept)
         && ((RucheMessage *)g_queue_peek_head (&link->kept))->number <= ack)
    ruche_message_unref (g_queue_pop_head (&link->kept));
  return TRUE;
}

/**
 * ruche_link_received:
 * @link: a link
 * @message: one that came
 * @fresh: (out): whether to act on it: %FALSE where it came before
 * @error: %RUCHE_ERROR_PROTOCOL for a gap, a number that is missing, or an acknowledgement of what
 *   was never sent
 *
 * Takes the peer's acknowledgement, lets go of what it covers, and tells new messages from those
 * sent again after a reconnection.
 *
 * Returns: whether the peer keeps the rules
 */
gboolean
ruche_link_received (RucheLink *link, const RucheMessage *message, gboolean *fresh, GError **error)
{
  *fresh = FALSE;
  if (!take_ack (link, message->ack, error))
    return FALSE;
  if (ruche_message_type_numbered (message->type))
    {
      if (message->number <= 0 || message->number > link->last_received + 1)
        {
          g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_PROTOCOL,
                       "“%s” has number %" G_GINT64_FORMAT " where %" G_GINT64_FORMAT
                       " was expected",
                       ruche_message_get_word (message), message->number, link->last_received + 1);
          return FALSE;
        }
      if (message->number <= link->last_received)
        {
          /* Sent again because our word was lost: say it again. */
          link->last_ack = MIN (link->last_ack, message->number - 1);
          return TRUE;
        }
      link->last_received = message->number;
    }
  *fresh = TRUE;
  return TRUE;
}

/**
 * ruche_link_get_ack:
 * @link: a link
 *
 * Gives the highest number taken from the peer, all before it included.
 *
 * Returns: the number, 0 for none yet
 */
gint64
ruche_link_get_ack (RucheLink *link)
{
  return link->last_received;
}

/**
 * ruche_link_owes_ack:
 * @link: a link
 *
 * Says whether the peer should be sent an `ack` where no other message goes its way soon.
 *
 * Returns: whether something was taken that the peer was not told of
 */
gboolean
ruche_link_owes_ack (RucheLink *link)
{
  return link->last_ack < link->last_received;
}

/**
 * ruche_link_get_n_kept:
 * @link: a link
 *
 * Counts what the peer has not acknowledged.
 *
 * Returns: messages
 */
guint
ruche_link_get_n_kept (RucheLink *link)
{
  return g_queue_get_length (&link->kept);
}

/**
 * ruche_link_get_kept:
 * @link: a link
 *
 * Lists what the peer has not acknowledged, to be sent again on a new connection, in this order,
 * each through ruche_link_sent().
 *
 * Returns: (transfer full) (element-type RucheMessage): the messages
 */
GPtrArray *
ruche_link_get_kept (RucheLink *link)
{
  GPtrArray *messages = g_ptr_array_new_with_free_func ((GDestroyNotify)ruche_message_unref);

  for (GList *l = link->kept.head; l != NULL; l = l->next)
    g_ptr_array_add (messages, ruche_message_ref (l->data));
  return messages;
}
