/* ruche-listener.c: where peers come in
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Until a peer has said hello it is a stranger, who may hold little memory, little time and one of
 * few places. When the places are taken the stranger who has been silent for longest makes room:
 * a peer that speaks at once gets in whatever the others do.
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-listener.h"

#include "ruche-bounds.h"
#include "ruche-clock.h"
#include "ruche-error.h"
#include "ruche-handshake.h"
#include "ruche-unix-socket.h"

#include <glib/gi18n-lib.h>

#define MAX_HELLO       (64 * RUCHE_KIB)
#define MAX_TURNED_AWAY 64  /* connections, past the most there may be, that are told so */
#define ACCEPT_PAUSE_MS 100 /* when no more descriptors can be had */

/* A peer that has not said hello yet. */
typedef struct
{
  RucheListener *listener;
  RucheConnection *connection;
  gint64 deadline_ms;
} Stranger;

struct _RucheListener
{
  GObject parent_instance;

  GSocketListener *sockets;
  GCancellable *cancellable;
  GPtrArray *bound; /* (element-type RucheUnixSocket) */
  GQueue strangers; /* (element-type Stranger) oldest first */
  gboolean shared;  /* whether Unix sockets are made for their folder's group too */
  guint n_open;     /* connections handed out or to strangers that still live */
  GSource *clock;   /* of the oldest stranger */
  GSource *pause;   /* before the next accept */
};

G_DEFINE_FINAL_TYPE (RucheListener, ruche_listener, G_TYPE_OBJECT)

enum
{
  SIGNAL_CONNECTION,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
accept_next (RucheListener *self);
static void
watch_oldest (RucheListener *self);

static void
disarm (GSource **place)
{
  if (*place == NULL)
    return;
  g_source_destroy (*place);
  g_clear_pointer (place, g_source_unref);
}

static void
arm (RucheListener *self, GSource **place, gint64 delay_ms, GSourceFunc callback)
{
  disarm (place);
  *place = g_timeout_source_new ((guint)MAX (delay_ms, 0));
  g_source_set_callback (*place, callback, self, NULL);
  g_source_attach (*place, g_main_context_get_thread_default ());
}

static void
stranger_free (Stranger *stranger)
{
  g_signal_handlers_disconnect_by_data (stranger->connection, stranger);
  g_object_unref (stranger->connection);
  g_free (stranger);
}

/* Without further use of the connection it closes silently. */
static void
forget (RucheListener *self, Stranger *stranger)
{
  g_queue_remove (&self->strangers, stranger);
  stranger_free (stranger);
}

static void
forget_oldest (RucheListener *self)
{
  Stranger *oldest = g_queue_pop_head (&self->strangers);

  if (oldest != NULL)
    stranger_free (oldest);
}

static void
turn_away (Stranger *stranger, RucheErrorCode code, const char *text)
{
  g_autoptr (GError) why = g_error_new_literal (RUCHE_ERROR, (int)code, text);

  ruche_connection_close (stranger->connection, why);
  forget (stranger->listener, stranger);
}

static void
on_stranger_message (RucheConnection *connection, RucheMessage *message, gpointer data)
{
  Stranger *stranger = data;
  g_autoptr (RucheListener) self = g_object_ref (stranger->listener);

  if (message->type != RUCHE_MESSAGE_HELLO)
    {
      turn_away (stranger, RUCHE_ERROR_PROTOCOL, "a connection begins with “hello”");
      return;
    }
  forget (self, stranger);
  ruche_connection_set_max_frame (connection, RUCHE_MAX_HEADER_SIZE, RUCHE_MAX_PAYLOAD_SIZE);
  g_signal_emit (self, signals[SIGNAL_CONNECTION], 0, connection, message);
}

static void
on_stranger_closed (RucheConnection *connection, const GError *why, gpointer data)
{
  Stranger *stranger = data;

  forget (stranger->listener, stranger);
}

static gboolean
on_clock (gpointer data)
{
  RucheListener *self = data;
  gint64 now = ruche_clock_now_ms ();

  disarm (&self->clock);
  while (!g_queue_is_empty (&self->strangers))
    {
      Stranger *oldest = g_queue_peek_head (&self->strangers);
      if (oldest->deadline_ms > now)
        break;
      turn_away (oldest, RUCHE_ERROR_PROTOCOL, "no “hello” came in time");
    }
  watch_oldest (self);
  return G_SOURCE_REMOVE;
}

static void
watch_oldest (RucheListener *self)
{
  Stranger *oldest = g_queue_peek_head (&self->strangers);

  if (oldest != NULL && self->clock == NULL)
    arm (self, &self->clock, oldest->deadline_ms - ruche_clock_now_ms (), on_clock);
}

static void
on_connection_gone (gpointer data, GObject *connection)
{
  g_autoptr (RucheListener) self = data;

  self->n_open--;
}

static void
refuse_more (RucheConnection *connection)
{
  g_autoptr (GError) why
      = g_error_new_literal (RUCHE_ERROR, RUCHE_ERROR_BUSY,
                             _ ("the master has as many connections as it can take: try again "
                                "later"));
  g_autoptr (RucheMessage) refused = ruche_handshake_refuse (why);

  ruche_connection_send (connection, refused);
  ruche_connection_close (connection, NULL);
}

static void
let_in (RucheListener *self, GSocketConnection *stream)
{
  g_autoptr (RucheConnection) connection = NULL;
  Stranger *stranger;

  if (self->n_open >= RUCHE_MAX_CONNECTIONS + MAX_TURNED_AWAY)
    return;
  connection = ruche_connection_new (G_IO_STREAM (stream), G_PRIORITY_DEFAULT);
  g_object_weak_ref (G_OBJECT (connection), on_connection_gone, g_object_ref (self));
  self->n_open++;
  ruche_connection_set_max_frame (connection, MAX_HELLO, 0);
  ruche_connection_start (connection);
  if (self->n_open > RUCHE_MAX_CONNECTIONS)
    {
      refuse_more (connection);
      return;
    }
  while (g_queue_get_length (&self->strangers) >= RUCHE_MAX_HANDSHAKES)
    forget_oldest (self);
  stranger = g_new0 (Stranger, 1);
  stranger->listener = self;
  stranger->deadline_ms = ruche_clock_now_ms () + RUCHE_HANDSHAKE_TIMEOUT_MS;
  g_signal_connect (connection, "message", G_CALLBACK (on_stranger_message), stranger);
  g_signal_connect (connection, "closed", G_CALLBACK (on_stranger_closed), stranger);
  stranger->connection = g_steal_pointer (&connection);
  g_queue_push_tail (&self->strangers, stranger);
  watch_oldest (self);
}

static gboolean
on_pause_over (gpointer data)
{
  RucheListener *self = data;

  disarm (&self->pause);
  accept_next (self);
  return G_SOURCE_REMOVE;
}

static void
on_accepted (GObject *sockets, GAsyncResult *result, gpointer data)
{
  g_autoptr (RucheListener) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocketConnection) stream
      = g_socket_listener_accept_finish (G_SOCKET_LISTENER (sockets), result, NULL, &error);

  if (self->sockets == NULL)
    return;
  if (stream != NULL)
    let_in (self, stream);
  if (stream != NULL || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      accept_next (self);
      return;
    }
  /* Out of descriptors, most likely: a stranger's is taken back, and the loop may breathe. */
  g_warning (_ ("a connection could not be accepted: %s"), error->message);
  forget_oldest (self);
  arm (self, &self->pause, ACCEPT_PAUSE_MS, on_pause_over);
}

static void
accept_next (RucheListener *self)
{
  if (self->sockets == NULL)
    return;
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  g_socket_listener_accept_async (self->sockets, self->cancellable, on_accepted,
                                  g_object_ref (self));
}

static void
ruche_listener_dispose (GObject *object)
{
  ruche_listener_stop (RUCHE_LISTENER (object));
  G_OBJECT_CLASS (ruche_listener_parent_class)->dispose (object);
}

static void
ruche_listener_finalize (GObject *object)
{
  RucheListener *self = RUCHE_LISTENER (object);

  g_clear_pointer (&self->bound, g_ptr_array_unref);
  G_OBJECT_CLASS (ruche_listener_parent_class)->finalize (object);
}

static void
ruche_listener_class_init (RucheListenerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = ruche_listener_dispose;
  object_class->finalize = ruche_listener_finalize;
  signals[SIGNAL_CONNECTION]
      = g_signal_new ("connection", RUCHE_TYPE_LISTENER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                      G_TYPE_NONE, 2, RUCHE_TYPE_CONNECTION, G_TYPE_POINTER);
}

static void
ruche_listener_init (RucheListener *self)
{
  self->bound = g_ptr_array_new_with_free_func ((GDestroyNotify)ruche_unix_socket_free);
}

/**
 * ruche_listener_new:
 *
 * Makes a listener that listens nowhere yet. It belongs to the caller's thread-default main
 * context.
 *
 * Returns: (transfer full): the listener
 */
RucheListener *
ruche_listener_new (void)
{
  return g_object_new (RUCHE_TYPE_LISTENER, NULL);
}

/**
 * ruche_listener_set_shared:
 * @self: a listener
 * @shared: whether the group of a Unix socket's folder may connect; %FALSE unless set
 *
 * Says who may connect to the Unix sockets that are added from now on.
 */
void
ruche_listener_set_shared (RucheListener *self, gboolean shared)
{
  self->shared = shared;
}

/**
 * ruche_listener_add:
 * @self: a listener
 * @address: where to listen
 * @error: %RUCHE_ERROR_UNSUPPORTED for an address on the network; for a path as
 *   ruche_address_to_connectable() and ruche_unix_socket_bind()
 *
 * Begins to listen at an address, beside those it listens at already.
 *
 * Returns: whether it does
 */
gboolean
ruche_listener_add (RucheListener *self, const RucheAddress *address, GError **error)
{
  g_autoptr (GSocketConnectable) usable = ruche_address_to_connectable (address, error);
  g_autoptr (RucheUnixSocket) bound = NULL;

  if (usable == NULL)
    return FALSE;
  bound = ruche_unix_socket_bind (address->path, self->shared, error);
  if (bound == NULL)
    return FALSE;
  if (self->sockets == NULL)
    self->sockets = g_socket_listener_new ();
  if (!g_socket_listener_add_socket (self->sockets, ruche_unix_socket_get_socket (bound), NULL,
                                     error))
    return FALSE;
  g_ptr_array_add (self->bound, g_steal_pointer (&bound));
  /* An accept that is under way knows only the sockets that were there when it began. */
  if (self->cancellable == NULL)
    accept_next (self);
  else
    g_cancellable_cancel (self->cancellable);
  return TRUE;
}

/**
 * ruche_listener_stop:
 * @self: a listener
 *
 * Listens no more, removes the sockets it made and drops whoever has not said hello. Connections
 * handed out are their owners'. A listener that listens keeps itself alive until it is stopped.
 */
void
ruche_listener_stop (RucheListener *self)
{
  disarm (&self->clock);
  disarm (&self->pause);
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  if (self->sockets != NULL)
    g_socket_listener_close (self->sockets);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->sockets);
  g_ptr_array_set_size (self->bound, 0);
  while (!g_queue_is_empty (&self->strangers))
    forget_oldest (self);
}
