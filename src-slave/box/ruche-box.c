/* ruche-box.c: the sealed place in which one attempt runs
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A box is a bubblewrap process and a socket to the runner in it. Whatever the runner says is
 * checked against what it was asked; a runner that breaks the rules loses its box. The slave keeps
 * its own clock: a step that outlives its limit, a kill that is not obeyed and a box that does not
 * close are ended from outside, by ending bubblewrap.
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-box-channel.h"
#include "ruche-box-private.h"

#include "ruche-bounds.h"
#include "ruche-clock.h"
#include "ruche-error.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

struct _RucheBox
{
  GObject parent_instance;

  GObject *factory; /* whose thread's end would be the box's */
  GSubprocess *process;
  RucheBoxChannel *channel; /* NULL once the box is of no more use */

  /* What is under way: at most one of the two. */
  GTask *opening;
  GTask *running;

  /* Of the running step. */
  guint32 serial;
  gboolean started;
  RucheBoxEnd forced; /* what it is if it must be ended from outside */
  gint64 begun_us;
  GSource *cancelled;

  GSource *clock;
};

G_DEFINE_FINAL_TYPE (RucheBox, ruche_box, G_TYPE_OBJECT)

static void
clear_source (GSource **source)
{
  if (*source == NULL)
    return;
  g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static void
ruche_box_finalize (GObject *object)
{
  RucheBox *self = RUCHE_BOX (object);

  clear_source (&self->clock);
  clear_source (&self->cancelled);
  if (self->channel != NULL)
    g_subprocess_force_exit (self->process);
  g_clear_pointer (&self->channel, ruche_box_channel_free);
  g_clear_object (&self->process);
  g_clear_object (&self->factory);
  G_OBJECT_CLASS (ruche_box_parent_class)->finalize (object);
}

static void
ruche_box_class_init (RucheBoxClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ruche_box_finalize;
}

static void
ruche_box_init (RucheBox *self)
{
}

static void
set_clock (RucheBox *self, gint64 ms, GSourceFunc callback)
{
  clear_source (&self->clock);
  self->clock = g_timeout_source_new ((guint)MIN (ms, G_MAXINT));
  g_source_set_callback (self->clock, callback, self, NULL);
  g_source_attach (self->clock, g_main_context_get_thread_default ());
}

/* What bubblewrap or the runner wrote on standard error, as far as it is there. */
static char *
read_complaint (RucheBox *self)
{
  GPollableInputStream *pipe
      = G_POLLABLE_INPUT_STREAM (g_subprocess_get_stderr_pipe (self->process));
  char text[RUCHE_MAX_TEXT + 1] = "";
  gssize n = g_pollable_input_stream_read_nonblocking (pipe, text, RUCHE_MAX_TEXT, NULL, NULL);

  text[MAX (n, 0)] = '\0';
  return g_strdup (text);
}

/* Ends the box from outside; the kernel ends all that is in it. */
static void
destroy (RucheBox *self)
{
  g_clear_pointer (&self->channel, ruche_box_channel_free);
  g_subprocess_force_exit (self->process);
}

static GTask *
take_running (RucheBox *self)
{
  clear_source (&self->clock);
  clear_source (&self->cancelled);
  return g_steal_pointer (&self->running);
}

static void
report_step (RucheBox *self, const RucheBoxReport *report)
{
  g_autoptr (GTask) task = take_running (self);

  g_task_return_pointer (task, g_memdup2 (report, sizeof *report), g_free);
}

/* The box is lost, by nobody's order. */
static void
fail (RucheBox *self, const GError *error)
{
  g_autoptr (GTask) opening = g_steal_pointer (&self->opening);
  g_autoptr (GTask) running = take_running (self);
  g_autofree char *complaint = read_complaint (self);

  destroy (self);
  if (opening != NULL && error == NULL)
    g_task_return_error (opening, ruche_box_explain (complaint));
  else if (opening != NULL)
    g_task_return_error (opening, g_error_copy (error));
  if (running != NULL && error == NULL)
    g_task_return_new_error (running, RUCHE_ERROR, RUCHE_ERROR_FAILED,
                             _ ("The box ended while a program ran in it. %s"), complaint);
  else if (running != NULL)
    g_task_return_error (running, g_error_copy (error));
}

static void
fail_protocol (RucheBox *self)
{
  g_autoptr (GError) error = g_error_new_literal (
      RUCHE_ERROR, RUCHE_ERROR_PROTOCOL, _ ("The box’s runner answered what it was not asked."));

  fail (self, error);
}

/* Ends the step from outside. What it used is then not known, but for the time. */
static gboolean
on_step_overdue (gpointer user_data)
{
  RucheBox *self = user_data;
  RucheBoxReport report = { .end = self->forced, .status = SIGKILL };

  report.usage.wall_ms = (ruche_clock_now_us () - self->begun_us) / 1000;
  destroy (self);
  report_step (self, &report);
  return G_SOURCE_REMOVE;
}

static gboolean
on_start_overdue (gpointer user_data)
{
  g_autoptr (GError) error = g_error_new_literal (RUCHE_ERROR, RUCHE_ERROR_UNAVAILABLE,
                                                  _ ("A box was not ready in time."));

  fail (user_data, error);
  return G_SOURCE_REMOVE;
}

static void
take_hello (RucheBox *self)
{
  g_autoptr (GTask) task = g_steal_pointer (&self->opening);

  clear_source (&self->clock);
  if (!g_task_return_error_if_cancelled (task))
    g_task_return_pointer (task, g_object_ref (self), g_object_unref);
}

static void
take_ended (RucheBox *self, const struct runner_ended *ended)
{
  static const RucheBoxEnd ends[] = {
    [RUNNER_END_ITSELF] = RUCHE_BOX_ENDED,
    [RUNNER_END_KILLED] = RUCHE_BOX_KILLED,
    [RUNNER_END_CPU] = RUCHE_BOX_CPU_LIMIT,
    [RUNNER_END_WALL] = RUCHE_BOX_WALL_LIMIT,
    [RUNNER_END_MEMORY] = RUCHE_BOX_MEMORY_LIMIT,
    [RUNNER_END_INODES] = RUCHE_BOX_INODE_LIMIT,
    [RUNNER_END_NOT_STARTED] = RUCHE_BOX_NOT_STARTED,
  };
  RucheBoxReport report = { .status = ended->status, .exec_errno = ended->error };
  g_autoptr (GTask) task = NULL;

  if (ended->end < G_N_ELEMENTS (ends))
    {
      report.end = ends[ended->end];
      report.usage.cpu_ms = (ended->cpu_us + 500) / 1000;
      report.usage.wall_ms = (ended->wall_us + 500) / 1000;
      report.usage.memory_kib = ended->memory_kib;
      report.max_rss_kib = ended->max_rss_kib;
      report_step (self, &report);
      return;
    }
  task = take_running (self);
  if (ended->end == RUNNER_END_FILE)
    g_task_return_new_error (
        task, RUCHE_ERROR, ended->error == ENOSPC ? RUCHE_ERROR_NO_SPACE : RUCHE_ERROR_FAILED,
        _ ("The program’s files could not be written into its box: %s"), g_strerror (ended->error));
  else
    g_task_return_new_error (task, RUCHE_ERROR, RUCHE_ERROR_FAILED,
                             _ ("The box could not start a program: %s"),
                             g_strerror (ended->error));
}

static void
on_record (const union runner_record *record, gpointer user_data)
{
  g_autoptr (RucheBox) self = g_object_ref (user_data);
  gboolean mine = self->running != NULL && record->head.serial == self->serial;

  if (record->head.type == RUNNER_HELLO && self->opening != NULL)
    take_hello (self);
  else if (record->head.type == RUNNER_STARTED && mine && !self->started)
    self->started = TRUE;
  else if (record->head.type == RUNNER_ENDED && mine)
    take_ended (self, &record->ended);
  else
    fail_protocol (self);
}

static void
on_closed (const GError *error, gpointer user_data)
{
  g_autoptr (RucheBox) self = g_object_ref (user_data);

  fail (self, error);
}

/**
 * ruche_box_start:
 * @opening: (transfer none): the task of ruche_box_open_async()
 * @process: (transfer none): bubblewrap
 * @socket: (transfer full): to the runner
 *
 * Makes a box of a process just started; @opening returns it when its runner has greeted. The task
 * keeps the box until then.
 */
void
ruche_box_start (GTask *opening, GSubprocess *process, int socket)
{
  static const RucheBoxChannelFuncs funcs = { on_record, on_closed };
  RucheBox *self = g_object_new (RUCHE_TYPE_BOX, NULL);

  g_task_set_task_data (opening, self, g_object_unref);
  self->opening = g_object_ref (opening);
  self->process = g_object_ref (process);
  self->factory = g_object_ref (g_task_get_source_object (opening));
  self->channel = ruche_box_channel_new (socket, &funcs, self);
  set_clock (self, RUCHE_BOX_START_MS, on_start_overdue);
}

static gboolean
check_usable (RucheBox *self, GError **error)
{
  if (self->channel != NULL)
    return TRUE;
  g_set_error_literal (error, RUCHE_ERROR, RUCHE_ERROR_CLOSED, _ ("The box is gone."));
  return FALSE;
}

/**
 * ruche_box_put_file:
 * @self: a box in which no step runs
 * @name: its path in the work folder; has passed ruche_file_name_check()
 * @fd: its content from the beginning, a file or memory; stays the caller's
 * @executable: whether it may be run
 * @error: return location for an error
 *
 * Puts a file into the work folder. It is sent in order with the steps, so there is nothing to wait
 * for: a failure ends the next step.
 *
 * Returns: whether it was sent
 */
gboolean
ruche_box_put_file (RucheBox *self, const char *name, int fd, gboolean executable, GError **error)
{
  union runner_record record = { 0 };
  int copy;

  if (!check_usable (self, error))
    return FALSE;
  if (strlen (name) >= RUNNER_NAME_SIZE || self->running != NULL)
    {
      g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID,
                   _ ("The file “%s” cannot be put into the box."), name);
      return FALSE;
    }
  copy = fcntl (fd, F_DUPFD_CLOEXEC, 3);
  if (copy < 0)
    {
      g_set_error_literal (error, RUCHE_ERROR, RUCHE_ERROR_FAILED,
                           _ ("Too many files are open to put one into a box."));
      return FALSE;
    }
  runner_head_fill (&record.head, RUNNER_FILE, 0);
  record.file.executable = executable ? 1 : 0;
  strcpy (record.file.name, name);
  ruche_box_channel_send (self->channel, &record, &copy, 1);
  return TRUE;
}

/* Packs the command line and the environment as the runner reads them. */
static int
pack_words (const RucheBoxStep *step, struct runner_step *record, GError **error)
{
  g_autoptr (GByteArray) words = g_byte_array_new ();
  const char *const *lists[] = { step->argv, step->env };
  guint32 *counts[] = { &record->n_args, &record->n_env };

  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    for (const char *const *word = lists[i]; word != NULL && *word != NULL; word++)
      {
        gsize size = strlen (*word) + 1;

        *counts[i] += 1;
        if (size > RUCHE_MAX_ARG + 1 || *counts[i] > RUNNER_MAX_ARGS)
          {
            g_set_error_literal (error, RUCHE_ERROR, RUCHE_ERROR_TOO_LARGE,
                                 _ ("The command line is too long."));
            return -1;
          }
        g_byte_array_append (words, (const guint8 *)*word, size);
      }
  if (record->n_args == 0)
    {
      g_set_error_literal (error, RUCHE_ERROR, RUCHE_ERROR_INVALID, _ ("There is no command."));
      return -1;
    }
  return ruche_box_memory_new ("words", words->data, words->len, FALSE, error);
}

static void
fill_limits (struct runner_step *record, const RucheLimits *given)
{
  RucheLimits limits = *given;
  RucheLimits defaults;

  ruche_limits_default_run (&defaults);
  ruche_limits_fill (&limits, &defaults);
  record->cpu_ms = limits.cpu_ms;
  record->wall_ms = limits.wall_ms;
  record->memory_kib = limits.memory_kib;
  record->stack_kib = CLAMP (limits.memory_kib / 2, 1, RUCHE_MAX_STACK_KIB);
  record->disk_kib = limits.disk_kib;
  record->processes = limits.processes;
  record->open_files = limits.open_files;
}

static gboolean
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  ruche_box_kill (user_data);
  return G_SOURCE_REMOVE;
}

static void
watch_cancellable (RucheBox *self, GCancellable *cancellable)
{
  if (cancellable == NULL)
    return;
  self->cancelled = g_cancellable_source_new (cancellable);
  g_source_set_callback (self->cancelled, G_SOURCE_FUNC (on_cancelled), self, NULL);
  g_source_attach (self->cancelled, g_main_context_get_thread_default ());
}

/* Closes what will not be sent. */
static void
close_streams (const int *fds, guint n)
{
  for (guint i = 0; i < n; i++)
    if (fds[i] >= 0)
      close (fds[i]);
}

/* Each record closes what goes with it, once it is sent. */
static int
copy_filter (RucheBox *self, GError **error)
{
  int fd = fcntl (ruche_box_factory_get_filter (RUCHE_BOX_FACTORY (self->factory)), F_DUPFD_CLOEXEC,
                  3);

  if (fd < 0)
    g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_FAILED,
                 _ ("Too many files are open for another program: %s"), g_strerror (errno));
  return fd;
}

/**
 * ruche_box_run_async:
 * @self: a box in which no step runs
 * @step: what to run; read before this returns, its descriptors are taken over
 * @cancellable: (nullable): as ruche_box_kill()
 * @callback: called when nothing of the step is left
 * @user_data: for @callback
 *
 * Runs one step. Limits that are 0 are the defaults of a run.
 */
void
ruche_box_run_async (RucheBox *self,
                     const RucheBoxStep *step,
                     GCancellable *cancellable,
                     GAsyncReadyCallback callback,
                     gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  const int streams[] = { step->stdin_fd, step->stdout_fd, step->stderr_fd };
  union runner_record record = { 0 };
  int fds[RUNNER_N_DESCRIPTORS] = { -1 };
  guint n_fds = 1;
  int filter = -1;
  GError *error = NULL;

  g_task_set_source_tag (task, ruche_box_run_async);
  g_task_set_check_cancellable (task, FALSE);
  runner_head_fill (&record.head, RUNNER_STEP, ++self->serial);
  fill_limits (&record.step, &step->limits);
  if (self->running != NULL)
    error = g_error_new_literal (RUCHE_ERROR, RUCHE_ERROR_BUSY,
                                 _ ("A program is already running in the box."));
  else if (check_usable (self, &error))
    fds[0] = pack_words (step, &record.step, &error);
  if (error == NULL)
    filter = copy_filter (self, &error);
  if (error != NULL)
    {
      close_streams (fds, 1);
      close_streams (streams, G_N_ELEMENTS (streams));
      g_task_return_error (task, error);
      return;
    }
  record.step.descriptors = RUNNER_WITH_WORDS;
  for (guint i = 0; i < G_N_ELEMENTS (streams); i++)
    if (streams[i] >= 0)
      {
        record.step.descriptors |= RUNNER_WITH_STDIN << i;
        fds[n_fds++] = streams[i];
      }
  record.step.descriptors |= RUNNER_WITH_FILTER;
  fds[n_fds++] = filter;
  self->running = g_steal_pointer (&task);
  self->started = FALSE;
  self->forced = RUCHE_BOX_WALL_LIMIT;
  self->begun_us = ruche_clock_now_us ();
  set_clock (self, record.step.wall_ms + RUCHE_KILL_GRACE_MS, on_step_overdue);
  watch_cancellable (self, cancellable);
  ruche_box_channel_send (self->channel, &record, fds, n_fds);
}

/**
 * ruche_box_run_finish:
 * @self: a box
 * @result: what the callback was given
 * @report: (out caller-allocates): what became of the step
 * @error: return location for an error
 *
 * Ends ruche_box_run_async().
 *
 * Returns: %FALSE for a fault of Ruche's own, or files that did not fit
 */
gboolean
ruche_box_run_finish (RucheBox *self, GAsyncResult *result, RucheBoxReport *report, GError **error)
{
  g_autofree RucheBoxReport *got = g_task_propagate_pointer (G_TASK (result), error);

  if (got == NULL)
    return FALSE;
  *report = *got;
  return TRUE;
}

/**
 * ruche_box_kill:
 * @self: a box
 *
 * Ends the running step, if any: it is reported as %RUCHE_BOX_KILLED. Where the runner does not
 * obey in time, the box is ended.
 */
void
ruche_box_kill (RucheBox *self)
{
  union runner_record record = { 0 };

  if (self->running == NULL || self->forced == RUCHE_BOX_KILLED)
    return;
  runner_head_fill (&record.head, RUNNER_KILL, self->serial);
  ruche_box_channel_send (self->channel, &record, NULL, 0);
  self->forced = RUCHE_BOX_KILLED;
  set_clock (self, RUCHE_KILL_GRACE_MS, on_step_overdue);
}

static gboolean
on_close_overdue (gpointer user_data)
{
  RucheBox *self = user_data;

  g_subprocess_force_exit (self->process);
  return G_SOURCE_REMOVE;
}

static void
on_exited (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  RucheBox *self = g_task_get_source_object (task);
  GError *error = NULL;

  clear_source (&self->clock);
  if (g_subprocess_wait_finish (G_SUBPROCESS (source), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/**
 * ruche_box_close_async:
 * @self: a box
 * @cancellable: (nullable): to stop waiting; the box is closed all the same
 * @callback: called when no process is left
 * @user_data: for @callback
 *
 * Throws the box away with all that runs in it. A step still running is reported as
 * %RUCHE_BOX_KILLED.
 */
void
ruche_box_close_async (RucheBox *self,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  RucheBoxReport killed = { .end = RUCHE_BOX_KILLED, .status = SIGKILL };

  g_task_set_source_tag (task, ruche_box_close_async);
  killed.usage.wall_ms = (ruche_clock_now_us () - self->begun_us) / 1000;

  /* The runner sees its socket close and ends; as it is process 1, all others are gone before
   * bubblewrap hears of it. */
  g_clear_pointer (&self->channel, ruche_box_channel_free);
  if (self->running != NULL)
    report_step (self, &killed);
  set_clock (self, RUCHE_KILL_GRACE_MS, on_close_overdue);
  g_subprocess_wait_async (self->process, cancellable, on_exited, g_steal_pointer (&task));
}

/**
 * ruche_box_close_finish:
 * @self: a box
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends ruche_box_close_async().
 *
 * Returns: whether the box is gone
 */
gboolean
ruche_box_close_finish (RucheBox *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
