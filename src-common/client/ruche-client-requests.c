/* ruche-client-requests.c: questions to a master, and their answers by serial
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-client-private.h"

#include "ruche-error.h"

#include <glib/gi18n-lib.h>

/* A request that waits for its answer. */
typedef struct
{
  GTask *task;
  GSource *cancelled; /* (nullable) */
} Pending;

static void
pending_free (Pending *pending)
{
  if (pending->cancelled != NULL)
    g_source_destroy (pending->cancelled);
  g_clear_pointer (&pending->cancelled, g_source_unref);
  g_object_unref (pending->task);
  g_free (pending);
}

/**
 * ruche_requests_init:
 * @requests: requests
 *
 * Begins without any.
 */
void
ruche_requests_init (RucheRequests *requests)
{
  requests->pending
      = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, (GDestroyNotify)pending_free);
}

/**
 * ruche_requests_clear:
 * @requests: requests, of which none waits any more
 *
 * Frees what ruche_requests_init() made.
 */
void
ruche_requests_clear (RucheRequests *requests)
{
  g_clear_pointer (&requests->pending, g_hash_table_unref);
}

/**
 * ruche_requests_next_serial:
 * @requests: requests
 *
 * Gives out a serial, never the same twice: late answers of a former connection find nobody.
 *
 * Returns: the serial
 */
gint64
ruche_requests_next_serial (RucheRequests *requests)
{
  return ++requests->last_serial;
}

/**
 * ruche_requests_answer:
 * @requests: requests
 * @message: a message with a serial
 *
 * Hands an answer to who asked; one to a request that was given up goes nowhere.
 */
void
ruche_requests_answer (RucheRequests *requests, RucheMessage *message)
{
  gint64 serial = ruche_message_get_serial (message);
  Pending *pending = g_hash_table_lookup (requests->pending, &serial);
  g_autoptr (GTask) task = NULL;

  if (pending == NULL)
    return;
  task = g_object_ref (pending->task);
  g_hash_table_remove (requests->pending, &serial);
  if (message->type == RUCHE_MESSAGE_FAILED)
    g_task_return_error (task, ruche_message_to_error (message));
  else
    g_task_return_pointer (task, ruche_message_ref (message), (GDestroyNotify)ruche_message_unref);
}

/**
 * ruche_requests_fail:
 * @requests: requests
 * @why: what happened
 *
 * Answers all that wait with an error. What they ask anew meanwhile is not concerned.
 */
void
ruche_requests_fail (RucheRequests *requests, const GError *why)
{
  g_autoptr (GHashTable) pending = g_steal_pointer (&requests->pending);
  GHashTableIter iter;
  Pending *request;

  ruche_requests_init (requests);
  g_hash_table_iter_init (&iter, pending);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *)&request))
    g_task_return_error (request->task, g_error_copy (why));
}

static gboolean
on_request_cancelled (GCancellable *cancellable, gpointer user_data)
{
  g_autoptr (GTask) task = g_object_ref (G_TASK (user_data));
  RucheRequests *requests = ruche_client_get_requests (g_task_get_source_object (task));

  g_hash_table_remove (requests->pending, g_task_get_task_data (task));
  g_task_return_error_if_cancelled (task);
  return G_SOURCE_REMOVE;
}

static void
add_pending (RucheRequests *requests, GTask *task, gint64 serial)
{
  GCancellable *cancellable = g_task_get_cancellable (task);
  Pending *pending = g_new0 (Pending, 1);

  pending->task = g_object_ref (task);
  g_task_set_task_data (task, g_memdup2 (&serial, sizeof serial), g_free);
  if (cancellable != NULL)
    {
      pending->cancelled = g_cancellable_source_new (cancellable);
      g_source_set_callback (pending->cancelled, G_SOURCE_FUNC (on_request_cancelled), task, NULL);
      g_source_attach (pending->cancelled, g_task_get_context (task));
    }
  g_hash_table_insert (requests->pending, g_memdup2 (&serial, sizeof serial), pending);
}

/**
 * ruche_client_request_async:
 * @self: a client
 * @request: (transfer none): a request that has a serial, which is filled in; not to be changed or
 *   sent again afterwards
 * @cancellable: (nullable): ends the waiting, not what the master does
 * @callback: called with the answer
 * @user_data: for @callback
 *
 * Asks the master something.
 */
void
ruche_client_request_async (RucheClient *self,
                            RucheMessage *request,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  RucheRequests *requests = ruche_client_get_requests (self);
  gint64 serial = ruche_requests_next_serial (requests);

  g_task_set_source_tag (task, ruche_client_request_async);
  ruche_message_set_serial (request, serial);
  add_pending (requests, task, serial);
  if (ruche_client_post (self, request))
    return;
  g_hash_table_remove (requests->pending, &serial);
  g_task_return_new_error (task, RUCHE_ERROR, RUCHE_ERROR_CLOSED, "%s",
                           _ ("there is no connection to the master any more"));
}

/**
 * ruche_client_request_finish:
 * @self: a client
 * @result: what the callback got
 * @error: what the master’s `failed` says, or %RUCHE_ERROR_CLOSED
 *
 * Ends ruche_client_request_async().
 *
 * Returns: (transfer full): the answer
 */
RucheMessage *
ruche_client_request_finish (RucheClient *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
