/* ruche-local.c: a cluster on one machine, for one person: starting it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The master first; once it answers, the slaves; then waiting until it lists them all. What runs
 * already is left as it is. Where a daemon ends instead, its last word is the error, and what was
 * started here is stopped again.
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-local.h"

#include "ruche-client.h"
#include "ruche-clock.h"
#include "ruche-error.h"
#include "ruche-local-process.h"
#include "ruche-paths.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define POLL_MS         50
#define LOCK_WAIT_MS    10000
#define START_WAIT_MS   30000
#define SYSTEMD_WAIT_MS 3000
#define STOP_WAIT_MS    8000 /* then daemons are killed */
#define KILL_WAIT_MS    3000
#define MASTER          "master"
#define MAX_HOST_NAME   64

/* Starting or stopping a cluster, step by step. */
typedef struct
{
  int lock;
  gint64 deadline_ms;

  guint n_slaves;
  gboolean scoped;
  GSubprocess *probe; /* of the user's systemd */
  RucheClient *client;
  GPtrArray *started;   /* by us */
  GPtrArray *processes; /* to be stopped */
} Work;

static void
work_free (Work *work)
{
  if (work->lock >= 0)
    close (work->lock);
  if (work->client != NULL)
    ruche_client_disconnect (work->client);
  g_clear_object (&work->client);
  g_clear_object (&work->probe);
  g_ptr_array_unref (work->started);
  g_clear_pointer (&work->processes, g_ptr_array_unref);
  g_free (work);
}

static GTask *
new_work (guint n_slaves, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, data);
  Work *work = g_new0 (Work, 1);

  work->lock = -1;
  work->n_slaves = n_slaves;
  work->deadline_ms = ruche_clock_now_ms () + LOCK_WAIT_MS;
  work->started = g_ptr_array_new_with_free_func ((GDestroyNotify)ruche_local_process_free);
  g_task_set_task_data (task, work, (GDestroyNotify)work_free);
  return task;
}

/* Calls @step now and every POLL_MS until it says that it is done. */
static void
poll_step (GTask *task, GSourceFunc step)
{
  g_autoptr (GSource) source = NULL;

  if (step (task) == G_SOURCE_REMOVE)
    return;
  source = g_timeout_source_new (POLL_MS);
  g_source_set_callback (source, step, g_object_ref (task), g_object_unref);
  g_source_attach (source, g_task_get_context (task));
}

static gboolean
is_late (const Work *work)
{
  return ruche_clock_now_ms () > work->deadline_ms;
}

/* Tries to take the lock, and sets @again while another program that has it is waited for. */
static gboolean
take_lock (GTask *task, gboolean *again)
{
  Work *work = g_task_get_task_data (task);
  GError *error = NULL;

  *again = FALSE;
  if (g_task_return_error_if_cancelled (task))
    return FALSE;
  work->lock = ruche_local_lock (&error);
  if (work->lock >= 0)
    return TRUE;
  *again = !is_late (work) && g_error_matches (error, RUCHE_ERROR, RUCHE_ERROR_BUSY);
  if (*again)
    g_error_free (error);
  else
    g_task_return_error (task, error);
  return FALSE;
}

/**
 * ruche_local_is_running:
 *
 * Looks whether a master listens on the local cluster's socket.
 *
 * Returns: whether one does
 */
gboolean
ruche_local_is_running (void)
{
  g_autofree char *path = ruche_paths_master_socket ();
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  gboolean running;
  int fd;

  if (strlen (path) >= sizeof address.sun_path)
    return FALSE;
  strcpy (address.sun_path, path);
  fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  running = fd >= 0 && connect (fd, (struct sockaddr *)&address, sizeof address) == 0;
  if (fd >= 0)
    close (fd);
  return running;
}

/* ---- starting ------------------------------------------------------------------------------- */

static void
stop_what_we_started (Work *work)
{
  for (guint i = 0; i < work->started->len; i++)
    {
      const RucheLocalProcess *process = g_ptr_array_index (work->started, i);
      if (ruche_local_process_is_alive (process))
        kill (process->pid, SIGTERM);
      ruche_local_process_forget (process);
    }
}

static void
fail_start (GTask *task, GError *error)
{
  stop_what_we_started (g_task_get_task_data (task));
  g_task_return_error (task, error);
}

/* Fails where a daemon that we started has ended. Returns whether all of them live. */
static gboolean
check_alive (GTask *task)
{
  Work *work = g_task_get_task_data (task);

  for (guint i = 0; i < work->started->len; i++)
    {
      const RucheLocalProcess *process = g_ptr_array_index (work->started, i);
      g_autofree char *line = NULL;
      g_autofree char *path = NULL;
      if (ruche_local_process_is_alive (process))
        continue;
      line = ruche_local_log_last_line (process->name);
      path = ruche_local_log_path (process->name);
      if (*line != '\0')
        fail_start (task, g_error_new (RUCHE_ERROR, RUCHE_ERROR_FAILED,
                                       _ ("the local cluster did not start: %s"), line));
      else
        fail_start (task, g_error_new (RUCHE_ERROR, RUCHE_ERROR_FAILED,
                                       _ ("the local cluster did not start: “%s” ended without a "
                                          "word; its log is %s"),
                                       process->name, path));
      return FALSE;
    }
  return TRUE;
}

/* Whether to stop trying: cancelled, a daemon dead, or too late. Fails the task then. */
static gboolean
give_up (GTask *task, const char *what)
{
  Work *work = g_task_get_task_data (task);
  g_autofree char *path = NULL;
  GError *error = NULL;

  if (g_cancellable_set_error_if_cancelled (g_task_get_cancellable (task), &error))
    {
      fail_start (task, error);
      return TRUE;
    }
  if (!check_alive (task))
    return TRUE;
  if (!is_late (work))
    return FALSE;
  path = ruche_local_log_path (what);
  fail_start (task, g_error_new (RUCHE_ERROR, RUCHE_ERROR_FAILED,
                                 _ ("the local cluster did not start: “%s” does not answer after "
                                    "%d seconds; its log is %s"),
                                 what, START_WAIT_MS / 1000, path));
  return TRUE;
}

static char *
slave_name (guint i)
{
  g_autofree char *host = g_strndup (g_get_host_name (), MAX_HOST_NAME);

  host[strcspn (host, ".")] = '\0';
  g_strcanon (host, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-_", '-');
  return g_strdup_printf ("%s-%u", *host != '\0' && *host != '-' ? host : "server", i + 1);
}

/* The machine's processors are divided; every slave has at least one slot. */
static guint
slots_of (guint i, guint n_slaves)
{
  guint cores = g_get_num_processors ();

  return MAX (cores / n_slaves + (i < cores % n_slaves ? 1 : 0), 1);
}

static gboolean
is_recorded (const char *name)
{
  g_autoptr (GPtrArray) processes = ruche_local_processes_read ();

  for (guint i = 0; i < processes->len; i++)
    {
      const RucheLocalProcess *process = g_ptr_array_index (processes, i);
      if (g_str_equal (process->name, name) && ruche_local_process_is_alive (process))
        return TRUE;
    }
  return FALSE;
}

static gboolean
start_daemon (GTask *task, const char *name, GPtrArray *argv)
{
  Work *work = g_task_get_task_data (task);
  RucheLocalProcess *process;
  GError *error = NULL;

  g_ptr_array_add (argv, NULL);
  process = ruche_local_process_start (name, (char **)argv->pdata, work->scoped, &error);
  if (process != NULL)
    g_ptr_array_add (work->started, process);
  else
    fail_start (task, error);
  return process != NULL;
}

static GPtrArray *
new_argv (const char *program, ...)
{
  GPtrArray *argv = g_ptr_array_new_with_free_func (g_free);
  const char *word;
  va_list words;

  g_ptr_array_add (argv, ruche_paths_program (program));
  va_start (words, program);
  while ((word = va_arg (words, const char *)) != NULL)
    g_ptr_array_add (argv, g_strdup (word));
  va_end (words);
  return argv;
}

static gboolean
start_master (GTask *task)
{
  g_autofree char *socket_path = ruche_paths_master_socket ();
  g_autofree char *top = ruche_paths_state_dir ();
  g_autofree char *state = g_build_filename (top, "master", NULL);
  g_autoptr (GPtrArray) argv
      = new_argv ("ruche-master", "--listen", socket_path, "--state", state, NULL);

  if (ruche_local_is_running () || is_recorded (MASTER))
    return TRUE;
  return start_daemon (task, MASTER, argv);
}

static gboolean
start_slaves (GTask *task)
{
  const Work *work = g_task_get_task_data (task);
  g_autofree char *socket_path = ruche_paths_master_socket ();
  g_autofree char *state = ruche_paths_state_dir ();

  for (guint i = 0; i < work->n_slaves; i++)
    {
      g_autofree char *name = slave_name (i);
      g_autofree char *slots = g_strdup_printf ("%u", slots_of (i, work->n_slaves));
      g_autofree char *folder = g_strconcat ("slave-", name, NULL);
      g_autofree char *path = g_build_filename (state, folder, NULL);
      g_autoptr (GPtrArray) argv = new_argv ("ruche-slave", "--master", socket_path, "--name", name,
                                             "--slots", slots, "--state", path, NULL);
      if (!is_recorded (name) && !start_daemon (task, name, argv))
        return FALSE;
    }
  return TRUE;
}

static gboolean
is_ready (const RucheServers *servers, const char *name)
{
  for (guint i = 0; i < servers->servers->len; i++)
    {
      const RucheServerInfo *server = g_ptr_array_index (servers->servers, i);
      if (g_str_equal (server->name, name) && server->state == RUCHE_SERVER_READY)
        return TRUE;
    }
  return FALSE;
}

static gboolean
ask_for_servers (gpointer user_data);

static void
on_servers (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  const Work *work = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (RucheMessage) answer
      = ruche_client_request_finish (RUCHE_CLIENT (source), result, &error);
  g_autofree char *missing = NULL;
  g_autoptr (GSource) again = NULL;

  if (answer == NULL)
    {
      if (check_alive (task))
        fail_start (task, error);
      else
        g_error_free (error);
      return;
    }
  for (guint i = 0; i < work->n_slaves && missing == NULL; i++)
    {
      g_autofree char *name = slave_name (i);
      if (answer->type != RUCHE_MESSAGE_SERVERS || !is_ready (answer->body, name))
        missing = g_steal_pointer (&name);
    }
  if (missing == NULL)
    {
      g_task_return_boolean (task, TRUE);
      return;
    }
  if (give_up (task, missing))
    return;
  again = g_timeout_source_new (POLL_MS);
  g_source_set_callback (again, ask_for_servers, g_object_ref (task), g_object_unref);
  g_source_attach (again, g_task_get_context (task));
}

static gboolean
ask_for_servers (gpointer user_data)
{
  GTask *task = user_data;
  const Work *work = g_task_get_task_data (task);
  g_autoptr (RucheMessage) request = ruche_message_new (RUCHE_MESSAGE_LIST_SERVERS);

  ruche_client_request_async (work->client, request, NULL, on_servers, g_object_ref (task));
  return G_SOURCE_REMOVE;
}

static gboolean
connect_to_master (gpointer user_data);

static void
on_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  g_autoptr (GSource) again = NULL;

  if (ruche_client_connect_finish (RUCHE_CLIENT (source), result, &error))
    {
      if (start_slaves (task))
        ask_for_servers (task);
      return;
    }
  if (!g_error_matches (error, RUCHE_ERROR, RUCHE_ERROR_UNAVAILABLE)
      && !g_error_matches (error, RUCHE_ERROR, RUCHE_ERROR_CLOSED))
    {
      if (check_alive (task))
        fail_start (task, error);
      else
        g_error_free (error);
      return;
    }
  g_error_free (error);
  if (give_up (task, MASTER))
    return;
  again = g_timeout_source_new (POLL_MS);
  g_source_set_callback (again, connect_to_master, g_object_ref (task), g_object_unref);
  g_source_attach (again, g_task_get_context (task));
}

static gboolean
connect_to_master (gpointer user_data)
{
  GTask *task = user_data;
  const Work *work = g_task_get_task_data (task);

  ruche_client_connect_async (work->client, NULL, on_connected, g_object_ref (task));
  return G_SOURCE_REMOVE;
}

static void
begin_start (GTask *task)
{
  Work *work = g_task_get_task_data (task);
  g_autoptr (RucheAddress) address = ruche_address_new_local ();

  work->deadline_ms = ruche_clock_now_ms () + START_WAIT_MS;
  work->client = ruche_client_new (address, "ruche-local", G_PRIORITY_DEFAULT);
  if (start_master (task))
    connect_to_master (task);
}

static gboolean
on_probe_late (gpointer user_data)
{
  g_subprocess_force_exit (user_data);
  return G_SOURCE_REMOVE;
}

static void
on_probed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Work *work = g_task_get_task_data (task);

  work->scoped = g_subprocess_wait_check_finish (G_SUBPROCESS (source), result, NULL);
  begin_start (task);
}

/* Only systemd itself can say whether it would make a delegated scope: a folder or a bus that is
 * there may be left over from a session that has ended. */
static void
probe_systemd (GTask *task)
{
  Work *work = g_task_get_task_data (task);
  g_autoptr (GSource) limit = g_timeout_source_new (SYSTEMD_WAIT_MS);

  work->probe = g_subprocess_new (
      G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, NULL, "systemd-run",
      "--user", "--scope", "--quiet", "--collect", "--property=Delegate=yes", "--", "true", NULL);
  if (work->probe == NULL)
    {
      begin_start (task);
      return;
    }
  g_source_set_callback (limit, on_probe_late, g_object_ref (work->probe), g_object_unref);
  g_source_attach (limit, g_task_get_context (task));
  g_subprocess_wait_check_async (work->probe, NULL, on_probed, g_object_ref (task));
}

static gboolean
start_step (gpointer user_data)
{
  gboolean again;

  if (take_lock (user_data, &again))
    probe_systemd (user_data);
  return again;
}

/**
 * ruche_local_start_async:
 * @n_slaves: how many servers there shall be, at least 1
 * @cancellable: (nullable): gives up, and stops what was started
 * @callback: called when all servers offer themselves, or why they don't
 * @user_data: for @callback
 *
 * Starts what is missing of a local cluster, in the background and for longer than this program
 * lives: a master, and servers named after the machine.
 */
void
ruche_local_start_async (guint n_slaves,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_autoptr (GTask) task = new_work (MAX (n_slaves, 1), cancellable, callback, user_data);

  g_task_set_source_tag (task, ruche_local_start_async);
  poll_step (task, start_step);
}

/**
 * ruche_local_start_finish:
 * @result: what the callback got
 * @error: %RUCHE_ERROR with what to do; where a daemon ended, with its last word
 *
 * Ends ruche_local_start_async().
 *
 * Returns: whether the cluster runs
 */
gboolean
ruche_local_start_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* ---- stopping ------------------------------------------------------------------------------- */

static gboolean
signal_all (Work *work, int number)
{
  gboolean any = FALSE;

  for (guint i = 0; i < work->processes->len; i++)
    {
      const RucheLocalProcess *process = g_ptr_array_index (work->processes, i);
      if (!ruche_local_process_is_alive (process))
        continue;
      any = TRUE;
      if (number != 0)
        kill (process->pid, number);
    }
  return any;
}

static void
finish_stop (GTask *task)
{
  Work *work = g_task_get_task_data (task);
  g_autofree char *socket_path = ruche_paths_master_socket ();

  for (guint i = 0; i < work->processes->len; i++)
    ruche_local_process_forget (g_ptr_array_index (work->processes, i));
  if (!ruche_local_is_running ())
    {
      unlink (socket_path); /* left by a master that was killed */
      g_task_return_boolean (task, TRUE);
      return;
    }
  g_task_return_new_error (task, RUCHE_ERROR, RUCHE_ERROR_DENIED,
                           _ ("the master at %s was not started as a local cluster: stop it where "
                              "it was started"),
                           socket_path);
}

static gboolean
kill_step (gpointer user_data)
{
  Work *work = g_task_get_task_data (user_data);

  if (signal_all (work, 0) && !is_late (work))
    return G_SOURCE_CONTINUE;
  finish_stop (user_data);
  return G_SOURCE_REMOVE;
}

static gboolean
wait_step (gpointer user_data)
{
  Work *work = g_task_get_task_data (user_data);

  if (signal_all (work, 0) && !is_late (work))
    return G_SOURCE_CONTINUE;
  work->deadline_ms = ruche_clock_now_ms () + KILL_WAIT_MS;
  signal_all (work, SIGKILL);
  poll_step (user_data, kill_step);
  return G_SOURCE_REMOVE;
}

static gboolean
stop_step (gpointer user_data)
{
  Work *work = g_task_get_task_data (user_data);
  gboolean again;

  if (!take_lock (user_data, &again))
    return again;
  work->processes = ruche_local_processes_read ();
  work->deadline_ms = ruche_clock_now_ms () + STOP_WAIT_MS;
  signal_all (work, SIGTERM);
  poll_step (user_data, wait_step);
  return G_SOURCE_REMOVE;
}

/**
 * ruche_local_stop_async:
 * @cancellable: (nullable): gives up before anything is stopped
 * @callback: called when nothing of the cluster is left
 * @user_data: for @callback
 *
 * Stops the local cluster: in good order, and after a while by force. None running is fine.
 */
void
ruche_local_stop_async (GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = new_work (0, cancellable, callback, user_data);

  g_task_set_source_tag (task, ruche_local_stop_async);
  poll_step (task, stop_step);
}

/**
 * ruche_local_stop_finish:
 * @result: what the callback got
 * @error: %RUCHE_ERROR with what to do
 *
 * Ends ruche_local_stop_async().
 *
 * Returns: whether the cluster is gone
 */
gboolean
ruche_local_stop_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
