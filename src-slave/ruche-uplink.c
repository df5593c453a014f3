/* ruche-uplink.c: the slave's connection to its master, again and again
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Messages are numbered by the link, which outlives connections: when the master answers that it
 * has kept its end too, both go on where they were. Otherwise (another master, one that was
 * started again, or one that has given this slave up) all begins anew.
 *
 * What comes in crowds is gathered for one turn of the main loop and goes out as one message.
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-uplink.h"

#include "ruche-bounds.h"
#include "ruche-connection.h"
#include "ruche-error.h"
#include "ruche-handshake.h"
#include "ruche-link.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

/* Text of results in one message, so that its header stays in bounds even where JSON writes six
 * bytes for one. */
#define RESULTS_TEXT        (RUCHE_MAX_HEADER_SIZE / 10)
#define RESULTS_PER_MESSAGE 512
#define DIAGNOSTIC_FRAME    100 /* what JSON needs around one */

struct _RucheUplink
{
  RucheAddress *address;
  char *name;
  const RucheUplinkEvents *events;
  gpointer user_data;

  RucheLink *link;
  gint64 epoch;           /* of the master that @link belongs to, 0 before the first */
  GQueue untaken;         /* (element-type RucheMessage) `finished` not acknowledged */
  RucheMessage *started;  /* (nullable) gathered, not sent yet */
  RucheMessage *finished; /* (nullable) likewise */
  gsize finished_text;
  guint flush_source;

  GCancellable *connecting; /* (nullable) */
  RucheConnection *connection;
  gboolean welcome; /* the handshake is over */
  guint handshake_source;
  guint retry_source;
  guint retry_ms;
  char *trouble; /* (nullable) what was logged last about not being connected */
  gboolean leaving;
};

static void
try_connect (RucheUplink *self);

/**
 * ruche_uplink_new:
 * @address: of the master
 * @name: this slave's
 * @events: (transfer none): must outlive the result
 * @user_data: for @events
 *
 * Makes an uplink that is not connected yet.
 *
 * Returns: (transfer full): the uplink
 */
RucheUplink *
ruche_uplink_new (const RucheAddress *address,
                  const char *name,
                  const RucheUplinkEvents *events,
                  gpointer user_data)
{
  RucheUplink *self = g_new0 (RucheUplink, 1);

  self->address = ruche_address_copy (address);
  self->name = g_strdup (name);
  self->events = events;
  self->user_data = user_data;
  self->link = ruche_link_new ();
  self->retry_ms = RUCHE_RECONNECT_MIN_MS;
  g_queue_init (&self->untaken);
  return self;
}

/* Ends the connection, if there is one; a peer that broke the rules is told @why. */
static void
drop_connection (RucheUplink *self, const GError *why)
{
  g_clear_handle_id (&self->handshake_source, g_source_remove);
  self->welcome = FALSE;
  if (self->connection != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->connection, self);
      ruche_connection_close (self->connection, why);
      g_clear_object (&self->connection);
    }
}

/**
 * ruche_uplink_free:
 * @self: (nullable) (transfer full): an uplink
 *
 * Frees @self and closes its connection.
 */
void
ruche_uplink_free (RucheUplink *self)
{
  if (self == NULL)
    return;
  if (self->connecting != NULL)
    g_cancellable_cancel (self->connecting);
  g_clear_object (&self->connecting);
  drop_connection (self, NULL);
  g_clear_handle_id (&self->retry_source, g_source_remove);
  g_clear_handle_id (&self->flush_source, g_source_remove);
  g_clear_pointer (&self->started, ruche_message_unref);
  g_clear_pointer (&self->finished, ruche_message_unref);
  g_queue_clear_full (&self->untaken, (GDestroyNotify)ruche_message_unref);
  ruche_link_free (self->link);
  ruche_address_free (self->address);
  g_free (self->trouble);
  g_free (self->name);
  g_free (self);
}

/* Says once what keeps this slave from its master, until that changes. */
static void
log_trouble (RucheUplink *self, const char *what)
{
  g_autofree char *where = ruche_address_to_text (self->address);

  if (g_strcmp0 (self->trouble, what) == 0)
    return;
  g_free (self->trouble);
  self->trouble = g_strdup (what);
  g_message (_ ("no master at %s: %s; trying again until it answers"), where, what);
}

static gboolean
on_retry (gpointer user_data)
{
  RucheUplink *self = user_data;

  self->retry_source = 0;
  try_connect (self);
  return G_SOURCE_REMOVE;
}

/* Twice as long after each failure, and a little different for each slave, so that a master that
 * comes back does not meet all at once. */
static void
retry_later (RucheUplink *self)
{
  guint wait = (guint)g_random_int_range ((gint32)self->retry_ms / 2, (gint32)self->retry_ms + 1);

  if (self->leaving || self->retry_source != 0)
    return;
  self->retry_ms = MIN (self->retry_ms * 2, RUCHE_RECONNECT_MAX_MS);
  self->retry_source = g_timeout_add (wait, on_retry, self);
}

/* Ends a connection that is of no use, and tries another. */
static void
give_up (RucheUplink *self, const GError *why)
{
  log_trouble (self, why->message);
  drop_connection (self, why);
  retry_later (self);
}

/* What does not fit into the connection's queue must not be skipped: the next connection carries
 * all again that this one has not. */
static void
transmit (RucheUplink *self, RucheMessage *message)
{
  g_autoptr (GError) why = NULL;

  ruche_link_sent (self->link, message);
  if (!self->welcome || ruche_connection_send (self->connection, message)
      || ruche_connection_is_closed (self->connection))
    return;
  why = g_error_new_literal (RUCHE_ERROR, RUCHE_ERROR_BUSY,
                             _ ("it does not read what this server sends"));
  give_up (self, why);
}

static void
flush_started (RucheUplink *self)
{
  g_autoptr (RucheMessage) message = g_steal_pointer (&self->started);

  if (message != NULL)
    transmit (self, message);
}

static void
flush_finished (RucheUplink *self)
{
  g_autoptr (RucheMessage) message = g_steal_pointer (&self->finished);

  self->finished_text = 0;
  if (message == NULL)
    return;
  flush_started (self);
  g_queue_push_tail (&self->untaken, ruche_message_ref (message));
  transmit (self, message);
}

static gboolean
on_flush (gpointer user_data)
{
  RucheUplink *self = user_data;

  self->flush_source = 0;
  flush_started (self);
  flush_finished (self);
  if (self->welcome && ruche_link_owes_ack (self->link))
    {
      g_autoptr (RucheMessage) ack = ruche_message_new (RUCHE_MESSAGE_ACK);
      transmit (self, ack);
    }
  return G_SOURCE_REMOVE;
}

static void
schedule_flush (RucheUplink *self)
{
  if (self->flush_source == 0)
    self->flush_source = g_idle_add_full (G_PRIORITY_DEFAULT, on_flush, self, NULL);
}

/**
 * ruche_uplink_send:
 * @self: an uplink
 * @message: (transfer full): one that is not gathered
 *
 * Sends a message after all that was gathered before it. Without a connection one of a type that
 * is not numbered is dropped: those are sent again by who made them.
 */
void
ruche_uplink_send (RucheUplink *self, RucheMessage *message)
{
  g_autoptr (RucheMessage) owned = message;

  flush_started (self);
  transmit (self, owned);
}

/**
 * ruche_uplink_add_started:
 * @self: an uplink
 * @status: where an attempt stands
 *
 * Reports it, together with what else happens in this turn of the main loop.
 */
void
ruche_uplink_add_started (RucheUplink *self, const RucheTaskStatus *status)
{
  RucheStarted *body = self->started != NULL ? self->started->body : NULL;

  if (body != NULL && body->tasks->len == RUCHE_MAX_TASKS_PER_MESSAGE)
    flush_started (self);
  if (self->started == NULL)
    self->started = ruche_message_new (RUCHE_MESSAGE_STARTED);
  body = self->started->body;
  g_ptr_array_add (body->tasks, ruche_task_status_copy (status));
  schedule_flush (self);
}

static gsize
text_size (const RucheResult *result)
{
  gsize size = result->reason != NULL ? strlen (result->reason) : 0;

  for (guint i = 0; i < result->diagnostics->len; i++)
    {
      const RucheDiagnostic *diagnostic = g_ptr_array_index (result->diagnostics, i);
      size += DIAGNOSTIC_FRAME + strlen (diagnostic->message)
              + (diagnostic->file != NULL ? strlen (diagnostic->file) : 0);
    }
  return size;
}

/* Leaves out the last diagnostics of a result that would not fit into a message: all the compiler
 * said is in its stream. */
static void
trim (RucheResult *result)
{
  while (result->diagnostics->len > 0 && text_size (result) > RESULTS_TEXT)
    ruche_diagnostic_free (
        g_ptr_array_steal_index (result->diagnostics, result->diagnostics->len - 1));
}

/**
 * ruche_uplink_add_finished:
 * @self: an uplink
 * @result: (transfer full): how an attempt ended
 *
 * Reports it, together with what else happens in this turn of the main loop.
 */
void
ruche_uplink_add_finished (RucheUplink *self, RucheResult *result)
{
  RucheFinished *body = self->finished != NULL ? self->finished->body : NULL;

  trim (result);
  if (body != NULL
      && (body->results->len == RESULTS_PER_MESSAGE
          || self->finished_text + text_size (result) > RESULTS_TEXT))
    flush_finished (self);
  if (self->finished == NULL)
    self->finished = ruche_message_new (RUCHE_MESSAGE_FINISHED);
  body = self->finished->body;
  self->finished_text += text_size (result);
  g_ptr_array_add (body->results, result);
  schedule_flush (self);
}

static void
on_closed (RucheConnection *connection, GError *why, RucheUplink *self)
{
  drop_connection (self, NULL);
  if (self->leaving)
    {
      self->events->left (self->user_data);
      return;
    }
  log_trouble (self, why != NULL ? why->message : _ ("it closed the connection"));
  retry_later (self);
}

/* Lets go of results that the master has, and tells the owner. */
static void
release_taken (RucheUplink *self, gint64 ack)
{
  for (RucheMessage *head = g_queue_peek_head (&self->untaken);
       head != NULL && head->number != 0 && head->number <= ack;
       head = g_queue_peek_head (&self->untaken))
    {
      g_autoptr (RucheMessage) message = g_queue_pop_head (&self->untaken);
      self->events->taken (((RucheFinished *)message->body)->results, self->user_data);
    }
}

static void
begin_anew (RucheUplink *self, gint64 epoch)
{
  self->events->forget (self->user_data);
  g_clear_pointer (&self->started, ruche_message_unref);
  g_clear_pointer (&self->finished, ruche_message_unref);
  self->finished_text = 0;
  g_queue_clear_full (&self->untaken, (GDestroyNotify)ruche_message_unref);
  ruche_link_free (self->link);
  self->link = ruche_link_new ();
  self->epoch = epoch;
}

/* Both ends have kept the link: what the other may have missed goes out again, outputs first, as
 * a result comes after all that its program printed. */
static void
resume (RucheUplink *self)
{
  g_autoptr (GPtrArray) kept = ruche_link_get_kept (self->link);

  self->events->resume (self->user_data);
  for (guint i = 0; i < kept->len; i++)
    transmit (self, g_ptr_array_index (kept, i));
}

static gboolean
says (char **features, const char *feature)
{
  return features != NULL && g_strv_contains ((const char *const *)features, feature);
}

static void
on_welcome (RucheUplink *self, const RucheMessage *message)
{
  const RucheWelcome *welcome = message->body;
  gboolean resumed
      = welcome->epoch == self->epoch && says (welcome->features, RUCHE_FEATURE_RESUME);
  g_autofree char *where = ruche_address_to_text (self->address);
  g_autoptr (RucheMessage) offer = NULL;

  g_clear_handle_id (&self->handshake_source, g_source_remove);
  if (welcome->epoch < self->epoch)
    {
      g_autoptr (GError) why = g_error_new (
          RUCHE_ERROR, RUCHE_ERROR_PROTOCOL,
          _ ("this master is older than the one that this server belongs to: its epoch is "
             "%" PRId64 " and not %" PRId64),
          welcome->epoch, self->epoch);
      give_up (self, why);
      return;
    }
  if (!resumed)
    begin_anew (self, welcome->epoch);
  g_message (_ ("connected to the cluster “%s” at %s"), welcome->cluster, where);
  g_clear_pointer (&self->trouble, g_free);
  self->retry_ms = RUCHE_RECONNECT_MIN_MS;
  flush_started (self);
  flush_finished (self);
  self->welcome = TRUE;
  offer = self->events->make_offer (self->user_data);
  transmit (self, offer);
  if (resumed)
    resume (self);
}

/* A dispatch of another epoch is another master's. */
static gboolean
check_epoch (RucheUplink *self, const RucheMessage *message, GError **error)
{
  const RucheDispatch *dispatch = message->body;

  if (message->type != RUCHE_MESSAGE_DISPATCH || dispatch->epoch == self->epoch)
    return TRUE;
  g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_PROTOCOL,
               "“dispatch” has epoch %" G_GINT64_FORMAT " and the master’s is %" G_GINT64_FORMAT,
               dispatch->epoch, self->epoch);
  return FALSE;
}

static void
on_message (RucheConnection *connection, RucheMessage *message, RucheUplink *self)
{
  g_autoptr (GError) why = NULL;
  gboolean fresh = FALSE;

  if (!self->welcome)
    {
      if (ruche_handshake_finish (message, &why))
        on_welcome (self, message);
      else
        give_up (self, why);
      return;
    }
  if (!ruche_link_received (self->link, message, &fresh, &why)
      || !check_epoch (self, message, &why))
    {
      give_up (self, why);
      return;
    }
  release_taken (self, message->ack);
  if (ruche_link_owes_ack (self->link))
    schedule_flush (self);
  if (fresh && message->type != RUCHE_MESSAGE_ACK)
    self->events->message (message, self->user_data);
}

static gboolean
on_handshake_timeout (gpointer user_data)
{
  RucheUplink *self = user_data;
  g_autoptr (GError) why
      = g_error_new_literal (RUCHE_ERROR, RUCHE_ERROR_UNAVAILABLE,
                             _ ("something is there, but it does not answer as a master would"));

  self->handshake_source = 0;
  give_up (self, why);
  return G_SOURCE_REMOVE;
}

static void
on_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocketConnection) stream
      = g_socket_client_connect_finish (G_SOCKET_CLIENT (source), result, &error);
  g_autoptr (RucheMessage) hello = NULL;
  RucheUplink *self = user_data;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* the uplink is no more */
  g_clear_object (&self->connecting);
  if (self->leaving)
    return;
  if (stream == NULL)
    {
      log_trouble (self, error->message);
      retry_later (self);
      return;
    }
  self->connection = ruche_connection_new (G_IO_STREAM (stream), G_PRIORITY_DEFAULT);
  g_signal_connect (self->connection, "message", G_CALLBACK (on_message), self);
  g_signal_connect (self->connection, "closed", G_CALLBACK (on_closed), self);
  ruche_connection_set_timeout (self->connection, RUCHE_LOST_MS);
  ruche_connection_start (self->connection);
  self->handshake_source = g_timeout_add (RUCHE_HANDSHAKE_TIMEOUT_MS, on_handshake_timeout, self);
  hello = ruche_handshake_hello (RUCHE_ROLE_SLAVE, self->name, self->address->token);
  if (self->epoch != 0)
    {
      const char *const features[] = { RUCHE_FEATURE_RESUME, NULL };
      ((RucheHello *)hello->body)->features = g_strdupv ((char **)features);
    }
  ruche_connection_send (self->connection, hello);
}

static void
try_connect (RucheUplink *self)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocketConnectable) where = ruche_address_to_connectable (self->address, &error);

  if (where == NULL)
    {
      log_trouble (self, error->message);
      retry_later (self);
      return;
    }
  self->connecting = g_cancellable_new ();
  g_socket_client_connect_async (client, where, self->connecting, on_connected, self);
}

/**
 * ruche_uplink_start:
 * @self: an uplink
 *
 * Begins to connect, and to connect again whenever the connection is lost.
 */
void
ruche_uplink_start (RucheUplink *self)
{
  try_connect (self);
}

static gboolean
on_left (gpointer user_data)
{
  RucheUplink *self = user_data;

  self->retry_source = 0;
  self->events->left (self->user_data);
  return G_SOURCE_REMOVE;
}

/**
 * ruche_uplink_leave:
 * @self: an uplink
 * @reason: a sentence for the master's log
 *
 * Tells the master, where there is one, that this slave ends. It does not connect again.
 */
void
ruche_uplink_leave (RucheUplink *self, const char *reason)
{
  g_autoptr (RucheMessage) message = ruche_message_new (RUCHE_MESSAGE_LEAVING);

  self->leaving = TRUE;
  g_clear_handle_id (&self->retry_source, g_source_remove);
  if (!self->welcome)
    {
      self->retry_source = g_idle_add (on_left, self);
      return;
    }
  ((RucheLeaving *)message->body)->reason = g_strdup (reason);
  transmit (self, message);
  if (self->connection != NULL)
    ruche_connection_close (self->connection, NULL);
}
