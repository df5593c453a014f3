/* ruche-client-submit.c: sending a submission, and what the cluster's servers offer
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-client-private.h"

#include "ruche-bounds.h"
#include "ruche-error.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* What is put in the connection's queue at once; the rest waits in the submission. */
#define MAX_QUEUED (8 * RUCHE_MIB)
/* What the tasks of one message may be as text, less than a header's bound by the rest of it. */
#define MAX_TASKS_TEXT (RUCHE_MAX_HEADER_SIZE - 32 * RUCHE_KIB)
/* How soon to look again where the queue is long. */
#define QUEUE_CHECK_MS 5

/* A submission on its way: what has been sent of it. */
typedef struct
{
  RucheSubmission *submission;
  char **needed;    /* blobs that the master lacks */
  guint blob;       /* the one being sent, its place in @needed */
  gsize offset;     /* what has been sent of it */
  guint first_task; /* what has been sent of the tasks */
} Sending;

static void
sending_free (Sending *sending)
{
  ruche_submission_free (sending->submission);
  g_strfreev (sending->needed);
  g_free (sending);
}

static gboolean
post (GTask *task, RucheMessage *message)
{
  if (ruche_client_post (g_task_get_source_object (task), message))
    return TRUE;
  g_task_return_new_error (task, RUCHE_ERROR, RUCHE_ERROR_CLOSED, "%s",
                           _ ("the connection to the master ended while the job was being sent"));
  return FALSE;
}

static gboolean
send_blob_part (GTask *task, Sending *sending)
{
  const char *digest = sending->needed[sending->blob];
  GBytes *bytes = g_hash_table_lookup (sending->submission->blobs, digest);
  gsize total, size;
  g_autoptr (GBytes) part = NULL;
  g_autoptr (RucheMessage) message = NULL;
  RuchePut *put;

  if (bytes == NULL)
    {
      g_task_return_new_error (task, RUCHE_ERROR, RUCHE_ERROR_PROTOCOL, "%s",
                               _ ("the master asks for a file that the job does not have"));
      return FALSE;
    }
  total = g_bytes_get_size (bytes);
  size = MIN (total - sending->offset, RUCHE_PAYLOAD_PART);
  part = g_bytes_new_from_bytes (bytes, sending->offset, size);
  message = ruche_message_new_with_payload (RUCHE_MESSAGE_PUT, part);
  put = message->body;
  put->blob = g_strdup (digest);
  put->offset = (gint64)sending->offset;
  put->total = (gint64)total;
  sending->offset += size;
  if (sending->offset == total)
    {
      sending->blob++;
      sending->offset = 0;
    }
  return post (task, message);
}

static gboolean
send_tasks_part (GTask *task, Sending *sending)
{
  GPtrArray *tasks = sending->submission->tasks;
  g_autoptr (RucheMessage) message = ruche_message_new (RUCHE_MESSAGE_SUBMIT_PART);
  RucheSubmitPart *part = message->body;
  gsize length = 0;

  part->submission = g_strdup (sending->submission->number);
  part->first = sending->first_task;
  while (sending->first_task < tasks->len && part->tasks->len < RUCHE_MAX_TASKS_PER_MESSAGE)
    {
      const RucheTaskSpec *spec = g_ptr_array_index (tasks, sending->first_task);
      g_autofree char *text = ruche_struct_to_text (&ruche_task_spec_schema, spec);
      length += strlen (text) + 1;
      if (part->tasks->len > 0 && length > MAX_TASKS_TEXT)
        break;
      g_ptr_array_add (part->tasks, ruche_task_spec_copy (spec));
      sending->first_task++;
    }
  return post (task, message);
}

static void
on_submitted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (RucheMessage) answer = NULL;
  GError *error = NULL;

  answer = ruche_client_request_finish (RUCHE_CLIENT (source), result, &error);
  if (answer == NULL)
    g_task_return_error (task, error);
  else if (answer->type != RUCHE_MESSAGE_SUBMITTED)
    g_task_return_new_error (task, RUCHE_ERROR, RUCHE_ERROR_PROTOCOL, "%s",
                             _ ("the master’s answer makes no sense: its version may be another"));
  else
    g_task_return_int (task, ((const RucheSubmitted *)answer->body)->job);
}

static void
send_commit (GTask *task, Sending *sending)
{
  g_autoptr (RucheMessage) message = ruche_message_new (RUCHE_MESSAGE_SUBMIT_COMMIT);
  RucheSubmitCommit *commit = message->body;

  commit->submission = g_strdup (sending->submission->number);
  commit->tasks = sending->submission->tasks->len;
  ruche_client_request_async (g_task_get_source_object (task), message,
                              g_task_get_cancellable (task), on_submitted, g_object_ref (task));
}

/* Sends until all is sent or the queue is long. Returns whether to go on later. */
static gboolean
send_more (gpointer user_data)
{
  GTask *task = user_data;
  Sending *sending = g_task_get_task_data (task);
  RucheClient *client = g_task_get_source_object (task);

  if (g_task_return_error_if_cancelled (task))
    return G_SOURCE_REMOVE;
  while (sending->needed[sending->blob] != NULL
         || sending->first_task < sending->submission->tasks->len)
    {
      RucheConnection *connection = ruche_client_get_connection (client);
      gboolean sent;
      if (connection != NULL && ruche_connection_get_queued (connection) > MAX_QUEUED)
        return G_SOURCE_CONTINUE;
      if (sending->needed[sending->blob] != NULL)
        sent = send_blob_part (task, sending);
      else
        sent = send_tasks_part (task, sending);
      if (!sent)
        return G_SOURCE_REMOVE;
    }
  send_commit (task, sending);
  return G_SOURCE_REMOVE;
}

static void
on_begun (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Sending *sending = g_task_get_task_data (task);
  g_autoptr (RucheMessage) answer = NULL;
  GError *error = NULL;

  answer = ruche_client_request_finish (RUCHE_CLIENT (source), result, &error);
  if (answer == NULL)
    g_task_return_error (task, error);
  else if (answer->type == RUCHE_MESSAGE_SUBMITTED)
    g_task_return_int (task, ((const RucheSubmitted *)answer->body)->job);
  else if (answer->type != RUCHE_MESSAGE_NEED)
    g_task_return_new_error (task, RUCHE_ERROR, RUCHE_ERROR_PROTOCOL, "%s",
                             _ ("the master’s answer makes no sense: its version may be another"));
  else
    {
      const RucheNeed *need = answer->body;
      g_autoptr (GSource) later = NULL;
      sending->needed = need->blobs != NULL ? g_strdupv (need->blobs) : g_new0 (char *, 1);
      if (!send_more (task))
        return;
      later = g_timeout_source_new (QUEUE_CHECK_MS);
      g_source_set_callback (later, send_more, g_object_ref (task), g_object_unref);
      g_source_attach (later, g_task_get_context (task));
    }
}

/* The blobs that are no files of the job are inputs of its tasks. */
static void
add_inputs (RucheSubmitBegin *begin, RucheSubmission *submission)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < submission->tasks->len; i++)
    {
      const RucheTaskSpec *task = g_ptr_array_index (submission->tasks, i);
      GBytes *bytes;
      RucheFile *file;
      if (task->input != RUCHE_INPUT_BLOB || !g_hash_table_add (seen, task->input_blob))
        continue;
      bytes = g_hash_table_lookup (submission->blobs, task->input_blob);
      file = ruche_file_new ();
      file->name = g_strdup ("input");
      file->blob = g_strdup (task->input_blob);
      file->size = bytes != NULL ? (gint64)g_bytes_get_size (bytes) : 0;
      g_ptr_array_add (begin->inputs, file);
    }
}

/**
 * ruche_client_submit_async:
 * @self: a client that is online
 * @submission: (transfer full): the job
 * @cancellable: (nullable): ends the sending
 * @callback: called when the master has taken the job, or has not
 * @user_data: for @callback
 *
 * Submits a job: begin, the files that the master lacks, the tasks, commit.
 */
void
ruche_client_submit_async (RucheClient *self,
                           RucheSubmission *submission,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (RucheMessage) message = NULL;
  Sending *sending = g_new0 (Sending, 1);
  RucheSubmitBegin *begin;
  GError *error = NULL;

  g_task_set_source_tag (task, ruche_client_submit_async);
  sending->submission = submission;
  g_task_set_task_data (task, sending, (GDestroyNotify)sending_free);
  if (!ruche_submission_check (submission, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  message = ruche_message_new (RUCHE_MESSAGE_SUBMIT_BEGIN);
  begin = message->body;
  begin->submission = g_strdup (submission->number);
  begin->spec = ruche_job_spec_copy (submission->spec);
  add_inputs (begin, submission);
  ruche_client_request_async (self, message, cancellable, on_begun, g_object_ref (task));
}

/**
 * ruche_client_submit_finish:
 * @self: a client
 * @result: what the callback got
 * @error: %RUCHE_ERROR with what to do
 *
 * Ends ruche_client_submit_async().
 *
 * Returns: the job's number, -1 on error
 */
gint64
ruche_client_submit_finish (RucheClient *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_int (G_TASK (result), error);
}

static void
merge_toolchains (GPtrArray *merged, const RucheServerInfo *server)
{
  for (guint i = 0; i < server->toolchains->len; i++)
    {
      const RucheToolchain *toolchain = g_ptr_array_index (server->toolchains, i);
      gboolean known = FALSE;
      for (guint j = 0; j < merged->len && !known; j++)
        {
          const RucheToolchain *other = g_ptr_array_index (merged, j);
          known = g_str_equal (other->language, toolchain->language);
        }
      if (!known)
        g_ptr_array_add (merged, ruche_toolchain_copy (toolchain));
    }
}

static void
on_servers (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (RucheMessage) answer = NULL;
  g_autoptr (GPtrArray) merged
      = g_ptr_array_new_with_free_func ((GDestroyNotify)ruche_toolchain_free);
  GError *error = NULL;

  answer = ruche_client_request_finish (RUCHE_CLIENT (source), result, &error);
  if (answer == NULL)
    g_task_return_error (task, error);
  else if (answer->type != RUCHE_MESSAGE_SERVERS)
    g_task_return_new_error (task, RUCHE_ERROR, RUCHE_ERROR_PROTOCOL, "%s",
                             _ ("the master’s answer makes no sense: its version may be another"));
  else
    {
      const RucheServers *servers = answer->body;
      for (guint i = 0; i < servers->servers->len; i++)
        {
          const RucheServerInfo *server = g_ptr_array_index (servers->servers, i);
          if (server->state != RUCHE_SERVER_LOST)
            merge_toolchains (merged, server);
        }
      g_task_return_pointer (task, g_steal_pointer (&merged), (GDestroyNotify)g_ptr_array_unref);
    }
}

/**
 * ruche_client_toolchains_async:
 * @self: a client that is online
 * @cancellable: (nullable): ends the waiting
 * @callback: called with the toolchains
 * @user_data: for @callback
 *
 * Asks what languages the cluster's servers offer.
 */
void
ruche_client_toolchains_async (RucheClient *self,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (RucheMessage) request = ruche_message_new (RUCHE_MESSAGE_LIST_SERVERS);

  g_task_set_source_tag (task, ruche_client_toolchains_async);
  ruche_client_request_async (self, request, cancellable, on_servers, task);
}

/**
 * ruche_client_toolchains_finish:
 * @self: a client
 * @result: what the callback got
 * @error: %RUCHE_ERROR_CLOSED or what the master says
 *
 * Ends ruche_client_toolchains_async().
 *
 * Returns: (transfer full) (element-type RucheToolchain): one for each language
 */
GPtrArray *
ruche_client_toolchains_finish (RucheClient *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
