/* fake-master.c: a master that does as a test says
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * It listens in this process and starts the real slave. As root, the slave becomes somebody else,
 * so the socket is given to them.
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "fake-master.h"

#include "ruche-bounds.h"
#include "ruche-daemon.h"
#include "ruche-handshake.h"
#include "ruche-paths.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

static void
stream_free (gpointer data)
{
  Stream *stream = data;

  g_byte_array_unref (stream->bytes);
  g_free (stream);
}

gboolean
master_tick (gpointer unused)
{
  return G_SOURCE_CONTINUE;
}

static gboolean
on_waited (gpointer data)
{
  *(gboolean *)data = TRUE;
  return G_SOURCE_REMOVE;
}

void
master_wait_ms (guint ms)
{
  gboolean over = FALSE;

  g_timeout_add (ms, on_waited, &over);
  while (!over)
    g_main_context_iteration (NULL, TRUE);
}

void
master_send (Master *self, RucheMessage *message)
{
  g_autoptr (RucheMessage) owned = message;

  ruche_link_sent (self->link, owned);
  if (!self->acks_numbers)
    owned->ack = 0;
  if (self->connection != NULL)
    ruche_connection_send (self->connection, owned);
}

Stream *
master_stream (Master *self, gint64 job, gint64 task, RucheStream name)
{
  g_autofree char *key
      = g_strdup_printf ("%" G_GINT64_FORMAT "/%" G_GINT64_FORMAT "/%d", job, task, (int)name);
  Stream *stream = g_hash_table_lookup (self->streams, key);

  if (stream == NULL)
    {
      stream = g_new0 (Stream, 1);
      stream->bytes = g_byte_array_new ();
      g_hash_table_insert (self->streams, g_steal_pointer (&key), stream);
    }
  return stream;
}

const char *
master_text (Master *self, gint64 job, gint64 task, RucheStream name)
{
  GByteArray *bytes = master_stream (self, job, task, name)->bytes;

  g_byte_array_append (bytes, (const guint8 *)"", 1);
  g_byte_array_set_size (bytes, bytes->len - 1);
  return (const char *)bytes->data;
}

void
master_ack_output (Master *self, gint64 job, gint64 task, RucheStream stream, gint64 offset)
{
  RucheMessage *message = ruche_message_new (RUCHE_MESSAGE_OUTPUT_ACK);
  RucheOutputAck *ack = message->body;

  ack->job = job;
  ack->task = task;
  ack->attempt = 1;
  ack->stream = (int)stream;
  ack->offset = offset;
  master_send (self, message);
}

/* Parts follow each other without a gap; what comes again after a reconnection is the same. */
static void
take_output (Master *self, const RucheMessage *message)
{
  const RucheOutput *output = message->body;
  Stream *stream = master_stream (self, output->job, output->task, output->stream);
  gsize size = 0;
  const guint8 *data = message->payload != NULL ? g_bytes_get_data (message->payload, &size) : NULL;
  gint64 known = (gint64)stream->bytes->len - output->offset;

  g_assert_cmpint (known, >=, 0);
  g_assert_cmpuint (size, <=, RUCHE_OUTPUT_PART);
  if (known > 0)
    g_assert_cmpmem (data, MIN ((gsize)known, size), stream->bytes->data + output->offset,
                     MIN ((gsize)known, size));
  if ((gsize)known < size)
    {
      g_assert_false (stream->ended);
      g_byte_array_append (stream->bytes, data + known, (guint)(size - (gsize)known));
    }
  stream->ended |= output->end;
  if (self->acks_output)
    master_ack_output (self, output->job, output->task, output->stream, stream->bytes->len);
}

static void
put_blob (Master *self, const char *digest, GBytes *bytes)
{
  gsize total = g_bytes_get_size (bytes);
  gsize offset = 0;

  do
    {
      gsize size = MIN (total - offset, RUCHE_PAYLOAD_PART);
      g_autoptr (GBytes) part = g_bytes_new_from_bytes (bytes, offset, size);
      RucheMessage *message = ruche_message_new_with_payload (RUCHE_MESSAGE_PUT, part);
      RuchePut *put = message->body;
      put->blob = g_strdup (digest);
      put->offset = (gint64)offset;
      put->total = (gint64)total;
      master_send (self, message);
      offset += size;
    }
  while (offset < total);
}

static void
take_get (Master *self, const RucheGet *get)
{
  for (guint i = 0; get->blobs[i] != NULL; i++)
    {
      GBytes *bytes = g_hash_table_lookup (self->blobs, get->blobs[i]);
      const char *const lacking[] = { get->blobs[i], NULL };
      self->n_gets++;
      if (bytes != NULL && self->lies)
        {
          g_autofree char *other = g_strnfill (g_bytes_get_size (bytes), '?');
          g_autoptr (GBytes) lie = g_bytes_new (other, g_bytes_get_size (bytes));
          put_blob (self, get->blobs[i], lie);
        }
      else if (bytes != NULL)
        put_blob (self, get->blobs[i], bytes);
      else
        {
          RucheMessage *message = ruche_message_new (RUCHE_MESSAGE_MISSING);
          ((RucheMissing *)message->body)->blobs = g_strdupv ((char **)lacking);
          master_send (self, message);
        }
    }
}

/* All that a program printed comes before its result. */
static void
take_result (Master *self, const RucheResult *result)
{
  const gint64 sizes[] = { result->stdout_size, result->stderr_size, result->compiler_size };
  g_autoptr (GError) error = NULL;

  g_assert_true (ruche_struct_check (&ruche_result_schema, result, &error));
  g_assert_null (master_find_result (self, result->job, result->task));
  for (guint i = 0; i < RUCHE_N_STREAMS; i++)
    {
      Stream *stream = master_stream (self, result->job, result->task, i);
      g_assert_cmpint (sizes[i], ==, stream->bytes->len);
      g_assert_true (stream->ended || sizes[i] == 0);
    }
  g_ptr_array_add (self->results, ruche_result_copy (result));
}

static void
act (Master *self, RucheMessage *message)
{
  switch ((int)message->type)
    {
    case RUCHE_MESSAGE_OFFER:
      g_clear_pointer (&self->offer, ruche_message_unref);
      self->offer = ruche_message_ref (message);
      break;
    case RUCHE_MESSAGE_LOAD:
      self->n_loads++;
      break;
    case RUCHE_MESSAGE_GET:
      take_get (self, message->body);
      break;
    case RUCHE_MESSAGE_STARTED:
      {
        GPtrArray *tasks = ((RucheStarted *)message->body)->tasks;
        for (guint i = 0; i < tasks->len; i++)
          g_ptr_array_add (self->statuses, ruche_task_status_copy (g_ptr_array_index (tasks, i)));
        break;
      }
    case RUCHE_MESSAGE_FINISHED:
      {
        GPtrArray *results = ((RucheFinished *)message->body)->results;
        for (guint i = 0; i < results->len; i++)
          take_result (self, g_ptr_array_index (results, i));
        break;
      }
    case RUCHE_MESSAGE_OUTPUT:
      take_output (self, message);
      break;
    case RUCHE_MESSAGE_INPUT_ACK:
      self->input_offset = ((RucheInputAck *)message->body)->offset;
      self->input_closed = ((RucheInputAck *)message->body)->closed;
      break;
    case RUCHE_MESSAGE_LEAVING:
      self->leaving = TRUE;
      break;
    case RUCHE_MESSAGE_ACK:
      break;
    default:
      g_error ("a slave says “%s”", ruche_message_get_word (message));
    }
}

static void
on_message (RucheConnection *connection, RucheMessage *message, Master *self)
{
  g_autoptr (GError) error = NULL;
  gboolean fresh = FALSE;
  gboolean fine = ruche_link_received (self->link, message, &fresh, &error);

  g_assert_no_error (error);
  g_assert_true (fine);
  if (fresh)
    act (self, message);
  else
    self->n_repeats++;
  if (self->acks_numbers && ruche_link_owes_ack (self->link))
    master_send (self, ruche_message_new (RUCHE_MESSAGE_ACK));
}

static void
on_closed (RucheConnection *connection, GError *why, Master *self)
{
  g_clear_object (&self->connection);
}

/* The peer must not be root. */
static void
check_peer (RucheConnection *connection)
{
  g_autoptr (GError) error = NULL;
  uid_t uid = 0;
  pid_t pid = 0;

  ruche_connection_get_peer (connection, &uid, &pid, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (uid, !=, 0);
}

static void
on_connection (RucheListener *listener,
               RucheConnection *connection,
               RucheMessage *message,
               Master *self)
{
  const RucheHello *hello = message->body;
  const char *const features[] = { RUCHE_FEATURE_RESUME, NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (RucheMessage) welcome
      = ruche_handshake_answer (message, "test", self->epoch, 1, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpint (hello->role, ==, RUCHE_ROLE_SLAVE);
  check_peer (connection);
  self->n_hellos++;
  self->said_resume = hello->features != NULL
                      && g_strv_contains ((const char *const *)hello->features, features[0]);
  g_clear_pointer (&self->offer, ruche_message_unref);
  g_clear_object (&self->connection);
  self->connection = g_object_ref (connection);
  g_signal_connect (connection, "message", G_CALLBACK (on_message), self);
  g_signal_connect (connection, "closed", G_CALLBACK (on_closed), self);
  if (self->resumes && self->said_resume)
    ((RucheWelcome *)welcome->body)->features = g_strdupv ((char **)features);
  ruche_connection_send (connection, welcome);
  if (self->resumes && self->said_resume)
    {
      g_autoptr (GPtrArray) kept = ruche_link_get_kept (self->link);
      for (guint i = 0; i < kept->len; i++)
        master_send (self, ruche_message_ref (g_ptr_array_index (kept, i)));
      return;
    }
  ruche_link_free (self->link);
  self->link = ruche_link_new ();
}

Master *
master_new (void)
{
  Master *self = g_new0 (Master, 1);
  g_autoptr (RucheAddress) address = NULL;
  g_autoptr (GError) error = NULL;
  RucheIdentity identity = { 0 };

  self->folder = g_dir_make_tmp ("ruche-test-XXXXXX", &error);
  g_assert_no_error (error);
  self->socket_path = g_build_filename (self->folder, "master.sock", NULL);
  self->state = g_build_filename (self->folder, "state", NULL);
  self->epoch = 1;
  self->acks_output = TRUE;
  self->acks_numbers = TRUE;
  self->link = ruche_link_new ();
  self->blobs
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_bytes_unref);
  self->streams = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, stream_free);
  self->statuses = g_ptr_array_new_with_free_func ((GDestroyNotify)ruche_task_status_free);
  self->results = g_ptr_array_new_with_free_func ((GDestroyNotify)ruche_result_free);
  self->listener = ruche_listener_new ();
  g_signal_connect (self->listener, "connection", G_CALLBACK (on_connection), self);
  address = ruche_address_new_unix (self->socket_path);
  g_assert_true (ruche_listener_add (self->listener, address, &error));
  g_assert_true (ruche_daemon_find_identity (NULL, &identity, &error));
  g_assert_cmpint (chown (self->folder, identity.uid, identity.gid), ==, 0);
  g_assert_cmpint (chown (self->socket_path, identity.uid, identity.gid), ==, 0);
  ruche_identity_clear (&identity);
  return self;
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);

  for (const char *name = dir != NULL ? g_dir_read_name (dir) : NULL; name != NULL;
       name = g_dir_read_name (dir))
    {
      g_autofree char *inner = g_build_filename (path, name, NULL);
      remove_tree (inner);
    }
  g_remove (path);
}

void
master_free (Master *self)
{
  if (self->slave != NULL)
    g_subprocess_force_exit (self->slave);
  g_clear_object (&self->slave);
  if (self->connection != NULL)
    g_signal_handlers_disconnect_by_data (self->connection, self);
  g_clear_object (&self->connection);
  ruche_listener_stop (self->listener);
  g_clear_object (&self->listener);
  remove_tree (self->folder);
  ruche_link_free (self->link);
  g_clear_pointer (&self->offer, ruche_message_unref);
  g_hash_table_unref (self->blobs);
  g_hash_table_unref (self->streams);
  g_ptr_array_unref (self->statuses);
  g_ptr_array_unref (self->results);
  g_free (self->folder);
  g_free (self->socket_path);
  g_free (self->state);
  g_free (self);
}

void
master_start_slave (Master *self)
{
  g_autofree char *program = ruche_paths_program ("ruche-slave");
  g_autoptr (GError) error = NULL;

  self->slave
      = g_subprocess_new (G_SUBPROCESS_FLAGS_NONE, &error, program, "--master", self->socket_path,
                          "--name", "test-server", "--slots", "2", "--state", self->state, NULL);
  g_assert_no_error (error);
  MASTER_WAIT (self->offer != NULL);
}

void
master_disconnect (Master *self)
{
  g_signal_handlers_disconnect_by_data (self->connection, self);
  ruche_connection_close (self->connection, NULL);
  g_clear_object (&self->connection);
  g_clear_pointer (&self->offer, ruche_message_unref);
}

const char *
master_add_blob (Master *self, const char *bytes, gsize size)
{
  char *digest = ruche_blob_digest (bytes, size);

  g_hash_table_replace (self->blobs, digest, g_bytes_new (bytes, size));
  return digest;
}

RucheJobSpec *
dispatch_spec (RucheMessage *dispatch)
{
  return ((RucheDispatchJob *)g_ptr_array_index (((RucheDispatch *)dispatch->body)->jobs, 0))->spec;
}

RucheTaskSpec *
dispatch_task (RucheMessage *dispatch, guint i)
{
  RucheDispatchJob *job = g_ptr_array_index (((RucheDispatch *)dispatch->body)->jobs, 0);

  return ((RucheDispatchTask *)g_ptr_array_index (job->tasks, i))->spec;
}

RucheMessage *
master_new_dispatch (
    Master *self, const char *language, const char *name, const char *source, guint n_tasks)
{
  RucheMessage *message = ruche_message_new (RUCHE_MESSAGE_DISPATCH);
  RucheDispatch *dispatch = message->body;
  RucheDispatchJob *job = ruche_dispatch_job_new ();
  RucheFile *file = ruche_file_new ();

  dispatch->epoch = self->epoch;
  g_ptr_array_add (dispatch->jobs, job);
  job->job = ++self->next_job;
  job->spec = ruche_job_spec_new ();
  job->spec->kind = RUCHE_JOB_PROGRAM;
  job->spec->name = g_strdup (name);
  job->spec->language = g_strdup (language);
  job->spec->main = g_strdup (name);
  file->name = g_strdup (name);
  file->size = (gint64)strlen (source);
  file->blob = g_strdup (master_add_blob (self, source, strlen (source)));
  g_ptr_array_add (job->spec->files, file);
  for (guint i = 0; i < n_tasks; i++)
    {
      RucheDispatchTask *task = ruche_dispatch_task_new ();
      task->task = i;
      task->attempt = 1;
      task->spec = ruche_task_spec_new ();
      g_ptr_array_add (job->tasks, task);
    }
  return message;
}

gint64
master_dispatch (Master *self, RucheMessage *dispatch)
{
  gint64 job
      = ((RucheDispatchJob *)g_ptr_array_index (((RucheDispatch *)dispatch->body)->jobs, 0))->job;

  master_send (self, dispatch);
  return job;
}

void
master_stop_task (Master *self, gint64 job, gint64 task)
{
  RucheMessage *message = ruche_message_new (RUCHE_MESSAGE_STOP);
  RucheAttemptId *id = ruche_attempt_id_new ();

  id->job = job;
  id->task = task;
  id->attempt = 1;
  g_ptr_array_add (((RucheStop *)message->body)->attempts, id);
  master_send (self, message);
}

void
master_input (Master *self, gint64 job, gint64 offset, const char *text, gboolean end)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  RucheMessage *message = ruche_message_new_with_payload (RUCHE_MESSAGE_INPUT, bytes);
  RucheInput *input = message->body;

  input->job = job;
  input->offset = offset;
  input->end = end;
  master_send (self, message);
}

RucheResult *
master_find_result (Master *self, gint64 job, gint64 task)
{
  for (guint i = 0; i < self->results->len; i++)
    {
      RucheResult *result = g_ptr_array_index (self->results, i);
      if (result->job == job && result->task == task)
        return result;
    }
  return NULL;
}

RucheResult *
master_wait_result (Master *self, gint64 job, gint64 task)
{
  MASTER_WAIT (master_find_result (self, job, task) != NULL);
  return master_find_result (self, job, task);
}

gboolean
master_has_status (Master *self, gint64 job, gint64 task, RucheTaskState state, RucheStep step)
{
  for (guint i = 0; i < self->statuses->len; i++)
    {
      const RucheTaskStatus *status = g_ptr_array_index (self->statuses, i);
      if (status->job == job && status->task == task && status->state == (int)state
          && status->step == (int)step)
        return TRUE;
    }
  return FALSE;
}
