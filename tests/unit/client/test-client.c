/* test-client.c: a client against a master that a test plays, over a real socket
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "ruche-bounds.h"
#include "ruche-client-models.h"
#include "ruche-client.h"
#include "ruche-error.h"
#include "ruche-handshake.h"
#include "ruche-listener.h"
#include "ruche-run.h"

#include <glib/gstdio.h>
#include <string.h>

#define JOB 5

typedef struct
{
  char *dir;
  RucheListener *listener;
  RucheConnection *peer; /* the master's end */
  GPtrArray *got;        /* RucheMessage: what the client sent after hello */
  gboolean refuse;
  RucheClient *client;
  RucheRun *run;
  GString *told; /* what the run's signals said, in order */
  guint disconnections;
} Fixture;

static void
spin (gboolean (*done) (Fixture *f), Fixture *f)
{
  gint64 end = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;

  while (!done (f))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      g_main_context_iteration (NULL, FALSE);
    }
}

static void
keep_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **)user_data = g_object_ref (result);
}

static GAsyncResult *
await (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return *result;
}

static void
on_message (RucheConnection *peer, RucheMessage *message, Fixture *f)
{
  if (message->type != RUCHE_MESSAGE_PING)
    g_ptr_array_add (f->got, ruche_message_ref (message));
}

static void
on_connection (RucheListener *listener, RucheConnection *peer, RucheMessage *hello, Fixture *f)
{
  g_autoptr (RucheMessage) answer = NULL;
  g_autoptr (GError) why
      = g_error_new_literal (RUCHE_ERROR, RUCHE_ERROR_VERSION, "update this program");

  g_set_object (&f->peer, peer);
  g_signal_connect (peer, "message", G_CALLBACK (on_message), f);
  answer = f->refuse ? ruche_handshake_refuse (why)
                     : ruche_handshake_answer (hello, "test", 1, 1, "me", NULL);
  ruche_connection_send (peer, answer);
}

static void
on_disconnected (RucheClient *client, GError *why, Fixture *f)
{
  f->disconnections++;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autofree char *path = NULL;
  g_autoptr (RucheAddress) address = NULL;

  f->dir = g_dir_make_tmp ("ruche-client-XXXXXX", NULL);
  path = g_build_filename (f->dir, "master.sock", NULL);
  address = ruche_address_new_unix (path);
  f->got = g_ptr_array_new_with_free_func ((GDestroyNotify)ruche_message_unref);
  f->told = g_string_new (NULL);
  f->listener = ruche_listener_new ();
  g_assert_true (ruche_listener_add (f->listener, address, NULL));
  g_signal_connect (f->listener, "connection", G_CALLBACK (on_connection), f);
  f->client = ruche_client_new (address, "test", G_PRIORITY_DEFAULT);
  g_signal_connect (f->client, "disconnected", G_CALLBACK (on_disconnected), f);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  ruche_client_disconnect (f->client);
  g_clear_object (&f->run);
  g_clear_object (&f->client);
  if (f->peer != NULL)
    g_signal_handlers_disconnect_by_data (f->peer, f);
  g_clear_object (&f->peer);
  ruche_listener_stop (f->listener);
  g_clear_object (&f->listener);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_ptr_array_unref (f->got);
  g_string_free (f->told, TRUE);
  g_rmdir (f->dir);
  g_free (f->dir);
}

static gboolean
connect_client (Fixture *f, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  ruche_client_connect_async (f->client, NULL, keep_result, &result);
  return ruche_client_connect_finish (f->client, await (&result), error);
}

static void
connected (Fixture *f)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (connect_client (f, &error));
  g_assert_no_error (error);
  g_assert_cmpint (ruche_client_get_state (f->client), ==, RUCHE_CLIENT_ONLINE);
}

static gboolean
has_got (Fixture *f)
{
  return f->got->len > 0;
}

/* The next message that the client sent, which must be of that type. */
static RucheMessage *
expect (Fixture *f, RucheMessageType type)
{
  RucheMessage *message;

  spin (has_got, f);
  message = g_ptr_array_steal_index (f->got, 0);
  g_assert_cmpint (message->type, ==, type);
  return message;
}

static void
answer (Fixture *f, RucheMessage *message)
{
  g_assert_true (ruche_connection_send (f->peer, message));
  ruche_message_unref (message);
}

/* ---- connecting ----------------------------------------------------------------------------- */

static void
test_connect (Fixture *f, gconstpointer data)
{
  connected (f);
  g_assert_cmpstr (ruche_client_get_cluster (f->client), ==, "test");
  ruche_client_disconnect (f->client);
  g_assert_cmpint (ruche_client_get_state (f->client), ==, RUCHE_CLIENT_OFFLINE);
  g_assert_cmpuint (f->disconnections, ==, 1);
  connected (f);
}

static void
test_refused (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  f->refuse = TRUE;
  g_assert_false (connect_client (f, &error));
  g_assert_error (error, RUCHE_ERROR, RUCHE_ERROR_VERSION);
  g_assert_nonnull (strstr (error->message, "update this program"));
  g_assert_cmpint (ruche_client_get_state (f->client), ==, RUCHE_CLIENT_OFFLINE);
  g_assert_cmpuint (f->disconnections, ==, 0);
}

static void
test_no_master (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  ruche_listener_stop (f->listener);
  g_assert_false (connect_client (f, &error));
  g_assert_error (error, RUCHE_ERROR, RUCHE_ERROR_UNAVAILABLE);
  g_assert_nonnull (strstr (error->message, "ruchectl up"));
}

/* ---- requests and submissions --------------------------------------------------------------- */

static void
test_request_failed (Fixture *f, gconstpointer data)
{
  g_autoptr (RucheMessage) request = ruche_message_new (RUCHE_MESSAGE_SHOW_JOB);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) why = g_error_new_literal (RUCHE_ERROR, RUCHE_ERROR_NOT_FOUND, "no such job");
  g_autoptr (GError) error = NULL;
  g_autoptr (RucheMessage) got = NULL;

  connected (f);
  ((RucheShowJob *)request->body)->job = 99;
  ruche_client_request_async (f->client, request, NULL, keep_result, &result);
  got = expect (f, RUCHE_MESSAGE_SHOW_JOB);
  answer (f, ruche_message_new_failed (ruche_message_get_serial (got), why));
  g_assert_null (ruche_client_request_finish (f->client, await (&result), &error));
  g_assert_error (error, RUCHE_ERROR, RUCHE_ERROR_NOT_FOUND);
}

static void
test_request_cancelled (Fixture *f, gconstpointer data)
{
  g_autoptr (RucheMessage) request = ruche_message_new (RUCHE_MESSAGE_LIST_SERVERS);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (RucheMessage) got = NULL;
  RucheMessage *late;

  connected (f);
  ruche_client_request_async (f->client, request, cancellable, keep_result, &result);
  got = expect (f, RUCHE_MESSAGE_LIST_SERVERS);
  g_cancellable_cancel (cancellable);
  g_assert_null (ruche_client_request_finish (f->client, await (&result), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  late = ruche_message_new (RUCHE_MESSAGE_SERVERS);
  ruche_message_set_serial (late, ruche_message_get_serial (got));
  answer (f, late);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_assert_cmpint (ruche_client_get_state (f->client), ==, RUCHE_CLIENT_ONLINE);
}

/* A master that goes away answers everything that waits. */
static void
test_requests_lost (Fixture *f, gconstpointer data)
{
  GAsyncResult *results[3] = { NULL };

  connected (f);
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    {
      g_autoptr (RucheMessage) request = ruche_message_new (RUCHE_MESSAGE_LIST_SERVERS);
      ruche_client_request_async (f->client, request, NULL, keep_result, &results[i]);
    }
  ruche_message_unref (expect (f, RUCHE_MESSAGE_LIST_SERVERS));
  ruche_connection_close (f->peer, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_null (ruche_client_request_finish (f->client, await (&results[i]), &error));
      g_assert_error (error, RUCHE_ERROR, RUCHE_ERROR_CLOSED);
      g_object_unref (results[i]);
    }
  g_assert_cmpuint (f->disconnections, ==, 1);
}

/* Two files of 600 KiB, of which the master lacks one, and 10,000 tasks. */
static void
test_submit (Fixture *f, gconstpointer data)
{
  RucheSubmission *submission = ruche_submission_new (RUCHE_JOB_COMMANDS, "crowd");
  g_autofree char *number = g_strdup (submission->number);
  g_autofree char *large = g_strnfill (600 * RUCHE_KIB, 'a');
  g_autoptr (GBytes) first = g_bytes_new (large, 600 * RUCHE_KIB);
  g_autoptr (GBytes) second = g_bytes_new (large, 1000);
  g_autofree char *lacking = ruche_blob_digest (large, 600 * RUCHE_KIB);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (RucheMessage) begin = NULL;
  g_autoptr (RucheMessage) commit = NULL;
  RucheMessage *reply;
  gint64 sent = 0;
  gint64 tasks = 0;

  ruche_submission_add_file (submission, "a", first);
  ruche_submission_add_file (submission, "b", second);
  for (guint i = 0; i < 10000; i++)
    ruche_submission_add_task (submission)->command = g_strdup_printf ("echo %u", i);
  connected (f);
  ruche_client_submit_async (f->client, submission, NULL, keep_result, &result);
  begin = expect (f, RUCHE_MESSAGE_SUBMIT_BEGIN);
  g_assert_cmpstr (((RucheSubmitBegin *)begin->body)->submission, ==, number);
  reply = ruche_message_new (RUCHE_MESSAGE_NEED);
  ruche_message_set_serial (reply, ruche_message_get_serial (begin));
  ((RucheNeed *)reply->body)->blobs = g_strsplit (lacking, ",", -1);
  answer (f, reply);
  while (sent < 600 * RUCHE_KIB)
    {
      g_autoptr (RucheMessage) put = expect (f, RUCHE_MESSAGE_PUT);
      g_assert_cmpstr (((RuchePut *)put->body)->blob, ==, lacking);
      g_assert_cmpint (((RuchePut *)put->body)->offset, ==, sent);
      g_assert_cmpint (((RuchePut *)put->body)->total, ==, 600 * RUCHE_KIB);
      sent += g_bytes_get_size (put->payload);
    }
  while (tasks < 10000)
    {
      g_autoptr (RucheMessage) part = expect (f, RUCHE_MESSAGE_SUBMIT_PART);
      const RucheSubmitPart *body = part->body;
      g_assert_cmpint (body->first, ==, tasks);
      g_assert_cmpuint (body->tasks->len, <=, RUCHE_MAX_TASKS_PER_MESSAGE);
      tasks += body->tasks->len;
    }
  commit = expect (f, RUCHE_MESSAGE_SUBMIT_COMMIT);
  g_assert_cmpint (((RucheSubmitCommit *)commit->body)->tasks, ==, 10000);
  reply = ruche_message_new (RUCHE_MESSAGE_SUBMITTED);
  ruche_message_set_serial (reply, ruche_message_get_serial (commit));
  ((RucheSubmitted *)reply->body)->job = 42;
  answer (f, reply);
  g_assert_cmpint (ruche_client_submit_finish (f->client, await (&result), &error), ==, 42);
  g_assert_no_error (error);
}

/* Commands of 60 KiB: a header takes 16 of them, not 4096. */
static void
test_submit_long_commands (Fixture *f, gconstpointer data)
{
  RucheSubmission *submission = ruche_submission_new (RUCHE_JOB_COMMANDS, "long");
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (RucheMessage) begin = NULL;
  RucheMessage *reply;
  gint64 tasks = 0;

  for (guint i = 0; i < 100; i++)
    ruche_submission_add_task (submission)->command = g_strnfill (60 * RUCHE_KIB, 'x');
  connected (f);
  ruche_client_submit_async (f->client, submission, NULL, keep_result, &result);
  begin = expect (f, RUCHE_MESSAGE_SUBMIT_BEGIN);
  reply = ruche_message_new (RUCHE_MESSAGE_NEED);
  ruche_message_set_serial (reply, ruche_message_get_serial (begin));
  answer (f, reply);
  while (tasks < 100)
    {
      g_autoptr (RucheMessage) part = expect (f, RUCHE_MESSAGE_SUBMIT_PART);
      tasks += ((RucheSubmitPart *)part->body)->tasks->len;
    }
  ruche_message_unref (expect (f, RUCHE_MESSAGE_SUBMIT_COMMIT));
  ruche_client_disconnect (f->client);
  g_assert_cmpint (ruche_client_submit_finish (f->client, await (&result), NULL), ==, -1);
}

/* ---- runs ----------------------------------------------------------------------------------- */

static void
on_run_output (RucheRun *run, gint64 task, int stream, GBytes *bytes, Fixture *f)
{
  g_string_append_printf (f->told, "%d:%.*s ", stream, (int)g_bytes_get_size (bytes),
                          (const char *)g_bytes_get_data (bytes, NULL));
}

static void
on_run_restarted (RucheRun *run, gint64 task, gint64 attempt, Fixture *f)
{
  g_string_append_printf (f->told, "restarted%d ", (int)attempt);
}

static void
on_run_result (RucheRun *run, RucheResult *result, Fixture *f)
{
  g_string_append_printf (f->told, "result%d ", (int)result->task);
}

static void
on_run_finished (RucheRun *run, RucheJobInfo *info, Fixture *f)
{
  g_string_append (f->told, "finished");
}

static void
on_run_failed (RucheRun *run, GError *why, Fixture *f)
{
  g_string_append_printf (f->told, "failed%d", why->code);
}

static void
follow (Fixture *f, gboolean with_result)
{
  g_autoptr (RucheMessage) got = NULL;
  RucheMessage *reply = ruche_message_new (RUCHE_MESSAGE_JOB);
  RucheJob *job = reply->body;

  connected (f);
  f->run = ruche_client_follow (f->client, JOB, TRUE);
  g_signal_connect (f->run, "output", G_CALLBACK (on_run_output), f);
  g_signal_connect (f->run, "restarted", G_CALLBACK (on_run_restarted), f);
  g_signal_connect (f->run, "result", G_CALLBACK (on_run_result), f);
  g_signal_connect (f->run, "finished", G_CALLBACK (on_run_finished), f);
  g_signal_connect (f->run, "failed", G_CALLBACK (on_run_failed), f);
  got = expect (f, RUCHE_MESSAGE_FOLLOW);
  job->serial = ruche_message_get_serial (got);
  job->info = ruche_job_info_new ();
  job->info->job = JOB;
  if (with_result)
    {
      RucheResult *result = ruche_result_new ();
      result->job = JOB;
      result->attempt = 1;
      result->verdict = RUCHE_VERDICT_OK;
      g_ptr_array_add (job->results, result);
    }
  answer (f, reply);
}

static void
send_output (Fixture *f, gint64 attempt, gint64 offset, const char *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  RucheMessage *message = ruche_message_new_with_payload (RUCHE_MESSAGE_OUTPUT, bytes);
  RucheOutput *output = message->body;

  output->job = JOB;
  output->attempt = attempt;
  output->offset = offset;
  answer (f, message);
}

static void
send_result (Fixture *f)
{
  RucheMessage *message = ruche_message_new (RUCHE_MESSAGE_RESULTS);
  RucheResult *result = ruche_result_new ();

  result->job = JOB;
  result->attempt = 1;
  result->verdict = RUCHE_VERDICT_OK;
  g_ptr_array_add (((RucheResults *)message->body)->results, result);
  answer (f, message);
}

static void
send_finished (Fixture *f)
{
  RucheMessage *message = ruche_message_new (RUCHE_MESSAGE_JOB_FINISHED);
  RucheJobInfo *info = ruche_job_info_new ();

  info->job = JOB;
  ((RucheJobFinished *)message->body)->info = info;
  answer (f, message);
}

static gboolean
is_over (Fixture *f)
{
  return strstr (f->told->str, "finished") != NULL || strstr (f->told->str, "failed") != NULL;
}

static void
expect_ack (Fixture *f, gint64 attempt, gint64 offset)
{
  g_autoptr (RucheMessage) got = expect (f, RUCHE_MESSAGE_OUTPUT_ACK);
  const RucheOutputAck *ack = got->body;

  g_assert_cmpint (ack->job, ==, JOB);
  g_assert_cmpint (ack->attempt, ==, attempt);
  g_assert_cmpint (ack->offset, ==, offset);
}

static void
test_run (Fixture *f, gconstpointer data)
{
  follow (f, FALSE);
  send_output (f, 1, 0, "abc");
  expect_ack (f, 1, 3);
  send_output (f, 1, 1, "bcde"); /* three bytes that were taken already */
  expect_ack (f, 1, 5);
  send_output (f, 1, 0, "abc"); /* nothing new */
  send_result (f);
  send_result (f);
  send_finished (f);
  spin (is_over, f);
  g_assert_cmpstr (f->told->str, ==, "0:abc 0:de result0 finished");
}

/* Results that were there from the start come after their output, once. */
static void
test_run_that_had_ended (Fixture *f, gconstpointer data)
{
  follow (f, TRUE);
  send_output (f, 1, 0, "abc");
  if (data != NULL)
    send_result (f);
  send_finished (f);
  spin (is_over, f);
  g_assert_cmpstr (f->told->str, ==, "0:abc result0 finished");
}

static void
test_run_restarted (Fixture *f, gconstpointer data)
{
  follow (f, FALSE);
  send_output (f, 1, 0, "abc");
  send_output (f, 2, 0, "x");
  send_output (f, 1, 3, "late");
  send_output (f, 2, 1, "y");
  send_finished (f);
  spin (is_over, f);
  g_assert_cmpstr (f->told->str, ==, "0:abc restarted2 0:x 0:y finished");
  expect_ack (f, 1, 3);
  expect_ack (f, 2, 1);
  expect_ack (f, 2, 2);
}

static void
test_run_gap (Fixture *f, gconstpointer data)
{
  follow (f, FALSE);
  send_output (f, 1, 7, "abc");
  spin (is_over, f);
  g_assert_cmpint (f->told->str[0], ==, 'f');
}

static void
test_run_lost (Fixture *f, gconstpointer data)
{
  g_autofree char *expected = g_strdup_printf ("0:abc failed%d", RUCHE_ERROR_CLOSED);

  follow (f, FALSE);
  send_output (f, 1, 0, "abc");
  ruche_connection_close (f->peer, NULL);
  spin (is_over, f);
  g_assert_cmpstr (f->told->str, ==, expected);
}

static gboolean
has_two_parts (Fixture *f)
{
  return strcmp (f->told->str, "0:abc 0:def ") == 0;
}

static void
test_run_flow (Fixture *f, gconstpointer data)
{
  follow (f, FALSE);
  ruche_run_set_flow (f->run, FALSE);
  send_output (f, 1, 0, "abc");
  send_output (f, 1, 3, "def");
  spin (has_two_parts, f);
  g_assert_cmpuint (f->got->len, ==, 0);
  ruche_run_set_flow (f->run, TRUE);
  expect_ack (f, 1, 6);
}

static gboolean
has_room (Fixture *f)
{
  return ruche_run_get_input_room (f->run) > 0;
}

static gboolean
has_no_room (Fixture *f)
{
  return ruche_run_get_input_room (f->run) == 0;
}

static void
acknowledge_input (Fixture *f, gint64 offset, gboolean closed)
{
  RucheMessage *message = ruche_message_new (RUCHE_MESSAGE_INPUT_ACK);
  RucheInputAck *ack = message->body;

  ack->job = JOB;
  ack->offset = offset;
  ack->closed = closed;
  answer (f, message);
}

static void
test_run_input (Fixture *f, gconstpointer data)
{
  g_autofree char *text = g_strnfill (RUCHE_INPUT_WINDOW, 'i');
  g_autoptr (GBytes) window = g_bytes_new (text, RUCHE_INPUT_WINDOW);
  g_autoptr (GBytes) one = g_bytes_new ("x", 1);

  follow (f, FALSE);
  g_assert_false (ruche_run_write_input (f->run, one, FALSE));
  spin (has_room, f);
  g_assert_true (ruche_run_write_input (f->run, window, FALSE));
  g_assert_false (ruche_run_write_input (f->run, one, FALSE));
  ruche_message_unref (expect (f, RUCHE_MESSAGE_INPUT));
  acknowledge_input (f, 10, FALSE);
  spin (has_room, f);
  g_assert_cmpuint (ruche_run_get_input_room (f->run), ==, 10);
  g_assert_true (ruche_run_write_input (f->run, one, FALSE));
  {
    g_autoptr (RucheMessage) got = expect (f, RUCHE_MESSAGE_INPUT);
    g_assert_cmpint (((RucheInput *)got->body)->offset, ==, RUCHE_INPUT_WINDOW);
  }
  acknowledge_input (f, 20, TRUE);
  spin (has_no_room, f);
  g_assert_false (ruche_run_write_input (f->run, one, FALSE));
}

/* ---- live lists ----------------------------------------------------------------------------- */

static gboolean
has_no_servers (Fixture *f)
{
  return g_list_model_get_n_items (ruche_client_get_servers (f->client)) == 1;
}

static gboolean
has_lists (Fixture *f)
{
  return g_list_model_get_n_items (ruche_client_get_servers (f->client)) == 2
         && g_list_model_get_n_items (ruche_client_get_jobs (f->client)) == 2;
}

static void
test_lists (Fixture *f, gconstpointer data)
{
  static const char *const names[] = { "atelier-10", "atelier-2" };
  RucheMessage *message = ruche_message_new (RUCHE_MESSAGE_FEED);
  RucheFeed *feed = message->body;
  g_autoptr (RucheServerRow) first = NULL;
  g_autoptr (RucheJobRow) newest = NULL;

  ruche_client_watch (f->client, TRUE, TRUE);
  connected (f);
  ruche_message_unref (expect (f, RUCHE_MESSAGE_SUBSCRIBE));
  for (guint i = 0; i < 2; i++)
    {
      RucheServerInfo *server = ruche_server_info_new ();
      RucheJobInfo *job = ruche_job_info_new ();
      server->name = g_strdup (names[i]);
      g_ptr_array_add (feed->servers, server);
      job->job = i + 1;
      g_ptr_array_add (feed->jobs, job);
    }
  answer (f, message);
  spin (has_lists, f);
  first = g_list_model_get_item (ruche_client_get_servers (f->client), 0);
  newest = g_list_model_get_item (ruche_client_get_jobs (f->client), 0);
  g_assert_cmpstr (ruche_server_row_get_info (first)->name, ==, "atelier-2");
  g_assert_cmpint (ruche_job_row_get_info (newest)->job, ==, 2);
  message = ruche_message_new (RUCHE_MESSAGE_FEED);
  ((RucheFeed *)message->body)->gone = g_strsplit ("atelier-2,unknown", ",", -1);
  answer (f, message);
  spin (has_no_servers, f);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    void (*test) (Fixture *f, gconstpointer data);
    gconstpointer data;
  } tests[] = {
    { "connect", test_connect, NULL },
    { "refused", test_refused, NULL },
    { "no-master", test_no_master, NULL },
    { "request-failed", test_request_failed, NULL },
    { "request-cancelled", test_request_cancelled, NULL },
    { "requests-lost", test_requests_lost, NULL },
    { "submit", test_submit, NULL },
    { "submit-long-commands", test_submit_long_commands, NULL },
    { "run", test_run, NULL },
    { "run-that-had-ended", test_run_that_had_ended, NULL },
    { "run-that-had-ended-told-again", test_run_that_had_ended, "again" },
    { "run-restarted", test_run_restarted, NULL },
    { "run-gap", test_run_gap, NULL },
    { "run-lost", test_run_lost, NULL },
    { "run-flow", test_run_flow, NULL },
    { "run-input", test_run_input, NULL },
    { "lists", test_lists, NULL },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strconcat ("/client/", tests[i].name, NULL);
      g_test_add (path, Fixture, tests[i].data, set_up, tests[i].test, tear_down);
    }
  return g_test_run ();
}
