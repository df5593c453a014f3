/* ruche-ctl-session.c: following a job to its end
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The program's standard output and error go to ours byte by byte. What ruchectl has to say goes
 * to standard error: the compiler's diagnostics, why the job waits, and the verdict with its
 * figures. A terminal always sees the verdict; a script that reads standard error sees it only
 * where the program itself can't have said what happened.
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-ctl-session.h"

#include "ruche-bounds.h"
#include "ruche-ctl-sink.h"
#include "ruche-ctl-text.h"
#include "ruche-report.h"
#include "ruche-run.h"

#include <errno.h>
#include <gio/gunixinputstream.h>
#include <glib-unix.h>
#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct _RucheCtlSession
{
  RucheCtl *ctl;
  RucheCtlSessionFlags flags;
  GMainLoop *loop;
  RucheRun *run;
  RucheJobSpec *spec;
  RucheCtlSink *out;
  RucheCtlSink *err;
  GHashTable *kept; /* (task, stream) to GByteArray: what is not passed on at once */

  GInputStream *input;
  gboolean reading;

  int status;
  gint64 status_task; /* the first task that was not `ok` decides */
  gboolean over;
  gboolean open_line; /* the program's last line on the terminal has no end */
  int interrupts;
  guint signals[3];
  char *waiting;
};

static void
finish (RucheCtlSession *self)
{
  self->over = TRUE;
  if (ruche_ctl_sink_is_empty (self->out) && ruche_ctl_sink_is_empty (self->err))
    g_main_loop_quit (self->loop);
}

static void
tell (RucheCtlSession *self, const char *text)
{
  g_autofree char *line = g_strconcat ("ruchectl: ", text, "\n", NULL);
  g_autoptr (GBytes) bytes = g_bytes_new (line, strlen (line));

  ruche_ctl_sink_push (self->err, bytes);
}

static void
print_line (RucheCtlSink *sink, const char *text)
{
  g_autofree char *line = g_strconcat (text, "\n", NULL);
  g_autoptr (GBytes) bytes = g_bytes_new (line, strlen (line));

  ruche_ctl_sink_push (sink, bytes);
}

/* ---- stopping ------------------------------------------------------------------------------- */

static void
on_cancelled (GObject *source, GAsyncResult *result, gpointer user_data)
{
  RucheCtlSession *self = user_data;
  g_autoptr (GError) error = NULL;

  if (!ruche_run_cancel_finish (RUCHE_RUN (source), result, &error) && !self->over)
    {
      tell (self, error->message);
      self->status = ruche_ctl_error_status (error);
      finish (self);
    }
  /* Nobody reads what would still come. */
  else if (ruche_ctl_sink_get_broken (self->out) != 0)
    finish (self);
}

static void
cancel (RucheCtlSession *self, int status)
{
  self->status = status;
  if (self->run == NULL)
    return;
  if ((self->flags & RUCHE_CTL_CANCEL) != 0)
    ruche_run_cancel_async (self->run, NULL, on_cancelled, self);
  else
    finish (self);
}

static gboolean
on_interrupt (gpointer user_data)
{
  RucheCtlSession *self = user_data;

  if (++self->interrupts > 1)
    _exit (RUCHE_CTL_CANCELLED);
  if ((self->flags & RUCHE_CTL_CANCEL) != 0 && isatty (STDERR_FILENO))
    tell (self, _ ("stopping the program; press Ctrl+C again to leave at once"));
  cancel (self, RUCHE_CTL_CANCELLED);
  return G_SOURCE_CONTINUE;
}

static void
on_sink_changed (gpointer user_data)
{
  RucheCtlSession *self = user_data;
  int broken = ruche_ctl_sink_get_broken (self->out);

  if (broken != 0 && !self->over && self->interrupts == 0)
    {
      self->interrupts++;
      if (broken != EPIPE)
        ruche_ctl_say (_ ("the output can’t be written: %s"), g_strerror (broken));
      cancel (self, broken == EPIPE ? RUCHE_CTL_CANCELLED : RUCHE_CTL_FAILED);
    }
  if (!ruche_ctl_sink_is_empty (self->out) || !ruche_ctl_sink_is_empty (self->err))
    return;
  if (self->over)
    g_main_loop_quit (self->loop);
  else if (self->run != NULL)
    ruche_run_set_flow (self->run, TRUE);
}

/* ---- output --------------------------------------------------------------------------------- */

static GByteArray *
get_kept (RucheCtlSession *self, gint64 task, int stream)
{
  gint64 key = task * RUCHE_N_STREAMS + stream;
  GByteArray *bytes = g_hash_table_lookup (self->kept, &key);

  if (bytes == NULL)
    {
      bytes = g_byte_array_new ();
      g_hash_table_insert (self->kept, g_memdup2 (&key, sizeof key), bytes);
    }
  return bytes;
}

static GBytes *
take_kept (RucheCtlSession *self, gint64 task, int stream)
{
  gint64 key = task * RUCHE_N_STREAMS + stream;
  GByteArray *bytes = get_kept (self, task, stream);
  GBytes *taken = g_bytes_new (bytes->data, bytes->len);

  g_hash_table_remove (self->kept, &key);
  return taken;
}

static void
on_output (RucheRun *run, gint64 task, int stream, GBytes *bytes, RucheCtlSession *self)
{
  RucheCtlSink *sink = stream == RUCHE_STREAM_STDOUT ? self->out : self->err;
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);

  if (self->ctl->json || stream == RUCHE_STREAM_COMPILER)
    {
      g_byte_array_append (get_kept (self, task, stream), data, (guint)size);
      return;
    }
  if ((self->flags & RUCHE_CTL_STREAM) == 0)
    return;
  ruche_ctl_sink_push (sink, bytes);
  self->open_line = data[size - 1] != '\n';
  if (!ruche_ctl_sink_is_empty (sink))
    ruche_run_set_flow (run, FALSE);
}

static void
on_restarted (RucheRun *run, gint64 task, gint64 attempt, RucheCtlSession *self)
{
  for (int stream = 0; stream < RUCHE_N_STREAMS; stream++)
    g_bytes_unref (take_kept (self, task, stream));
  if (!self->ctl->json)
    {
      g_autofree char *text = g_strdup_printf (
          _ ("the server was lost: attempt %d begins, and prints everything anew"), (int)attempt);
      tell (self, text);
    }
}

static void
on_waiting (RucheRun *run, const char *why, RucheCtlSession *self)
{
  g_autofree char *text = NULL;

  if (g_strcmp0 (why, self->waiting) == 0 || (self->flags & RUCHE_CTL_QUIET) != 0)
    return;
  g_free (self->waiting);
  self->waiting = g_strdup (why);
  /* A busy cluster is nothing to act on: only a person who looks on wants to know. */
  if (g_str_equal (why, "busy") && !isatty (STDERR_FILENO))
    return;
  text = ruche_ctl_waiting (why, self->spec);
  tell (self, text);
}

/* ---- input ---------------------------------------------------------------------------------- */

static void
read_input (RucheCtlSession *self);

static void
on_input (GObject *source, GAsyncResult *result, gpointer user_data)
{
  RucheCtlSession *self = user_data;
  /* What can't be read has ended. */
  g_autoptr (GBytes) bytes
      = g_input_stream_read_bytes_finish (G_INPUT_STREAM (source), result, NULL);
  gboolean end = bytes == NULL || g_bytes_get_size (bytes) == 0;

  self->reading = FALSE;
  if (!self->over && ruche_run_write_input (self->run, bytes, end) && !end)
    read_input (self);
}

static void
read_input (RucheCtlSession *self)
{
  gsize room = ruche_run_get_input_room (self->run);

  if (self->input == NULL || self->reading || room == 0)
    return;
  self->reading = TRUE;
  g_input_stream_read_bytes_async (self->input, MIN (room, RUCHE_OUTPUT_PART), G_PRIORITY_DEFAULT,
                                   NULL, on_input, self);
}

static void
on_input_wanted (RucheRun *run, RucheCtlSession *self)
{
  read_input (self);
}

/* ---- the end -------------------------------------------------------------------------------- */

static void
tell_diagnostics (RucheCtlSession *self, const RucheResult *result)
{
  g_autoptr (GBytes) compiler = take_kept (self, result->task, RUCHE_STREAM_COMPILER);
  gboolean refused = result->verdict == RUCHE_VERDICT_COMPILE_ERROR;

  if (refused && result->diagnostics->len == 0)
    ruche_ctl_sink_push (self->err, compiler);
  for (guint i = 0; i < result->diagnostics->len; i++)
    {
      const RucheDiagnostic *diagnostic = g_ptr_array_index (result->diagnostics, i);
      g_autofree char *line = ruche_ctl_diagnostic (diagnostic);
      /* Errors of a run are in its standard error already: a traceback. */
      if (refused || diagnostic->severity != RUCHE_SEVERITY_ERROR)
        print_line (self->err, line);
    }
}

static gboolean
is_verdict_told (RucheCtlSession *self, const RucheResult *result)
{
  if ((self->flags & RUCHE_CTL_QUIET) != 0)
    return FALSE;
  if ((self->flags & RUCHE_CTL_VERBOSE) != 0 || isatty (STDERR_FILENO))
    return TRUE;
  return result->verdict != RUCHE_VERDICT_OK && result->verdict != RUCHE_VERDICT_RUNTIME_ERROR;
}

static void
tell_verdict (RucheCtlSession *self, const RucheResult *result)
{
  g_autofree char *verdict = ruche_ctl_verdict (result);
  g_autofree char *figures = ruche_ctl_figures (result);
  g_autofree char *text = NULL;
  const char *colour = result->verdict == RUCHE_VERDICT_OK ? "\033[1;32m" : "\033[1;31m";
  gboolean coloured = isatty (STDERR_FILENO) && g_getenv ("NO_COLOR") == NULL;

  if (!is_verdict_told (self, result))
    return;
  if (self->open_line && isatty (STDOUT_FILENO) && isatty (STDERR_FILENO))
    print_line (self->err, "");
  self->open_line = FALSE;
  text = g_strdup_printf ("%s%s%s%s%s", coloured ? colour : "", verdict, coloured ? "\033[0m" : "",
                          *figures != '\0' ? " – " : "", figures);
  tell (self, text);
}

static void
on_result (RucheRun *run, const RucheResult *result, RucheCtlSession *self)
{
  int broken = ruche_ctl_sink_get_broken (self->out);

  if (broken != 0 && broken != EPIPE)
    self->status = RUCHE_CTL_FAILED; /* however it ended, what it printed did not get through */
  else if (result->verdict != RUCHE_VERDICT_OK
           && (self->status_task < 0 || result->task < self->status_task))
    {
      self->status = ruche_ctl_exit_status (result);
      self->status_task = result->task;
    }
  else if (self->status_task < 0)
    self->status = 0; /* it ended before it could be stopped */
  if (self->ctl->json)
    {
      g_autoptr (GBytes) out = take_kept (self, result->task, RUCHE_STREAM_STDOUT);
      g_autoptr (GBytes) err = take_kept (self, result->task, RUCHE_STREAM_STDERR);
      g_autofree char *text = ruche_report_result (result, out, err);
      print_line (self->out, text);
      return;
    }
  tell_diagnostics (self, result);
  tell_verdict (self, result);
}

static void
on_started (RucheRun *run, RucheMessage *answer, RucheCtlSession *self)
{
  self->spec = ruche_job_spec_copy (((const RucheJob *)answer->body)->spec);
}

static void
on_finished (RucheRun *run, const RucheJobInfo *info, RucheCtlSession *self)
{
  finish (self);
}

static void
on_failed (RucheRun *run, const GError *error, RucheCtlSession *self)
{
  tell (self, error->message);
  self->status = ruche_ctl_error_status (error);
  if (self->spec != NULL)
    {
      g_autofree char *text
          = g_strdup_printf (_ ("job %" PRId64 " may still be running: see “ruchectl show %" PRId64
                                "” once the master answers again"),
                             ruche_run_get_job (run), ruche_run_get_job (run));
      tell (self, text);
    }
  finish (self);
}

/**
 * ruche_ctl_session_new:
 * @ctl: a call that is connected
 * @flags: how to follow
 *
 * Makes ready to follow a job. From here on Ctrl+C is heard, so that a job that is being submitted
 * is cancelled as well.
 *
 * Returns: (transfer full): the session
 */
RucheCtlSession *
ruche_ctl_session_new (RucheCtl *ctl, RucheCtlSessionFlags flags)
{
  static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
  RucheCtlSession *self = g_new0 (RucheCtlSession, 1);

  self->ctl = ctl;
  self->flags = flags;
  self->status_task = -1;
  self->loop = g_main_loop_new (NULL, FALSE);
  self->out = ruche_ctl_sink_new (STDOUT_FILENO, on_sink_changed, self);
  self->err = ruche_ctl_sink_new (STDERR_FILENO, on_sink_changed, self);
  self->kept = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free,
                                      (GDestroyNotify)g_byte_array_unref);
  if ((flags & RUCHE_CTL_INPUT) != 0)
    self->input = g_unix_input_stream_new (STDIN_FILENO, FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    self->signals[i] = g_unix_signal_add (numbers[i], on_interrupt, self);
  return self;
}

/**
 * ruche_ctl_session_free:
 * @self: (nullable) (transfer full): a session
 *
 * Ends a session.
 */
void
ruche_ctl_session_free (RucheCtlSession *self)
{
  if (self == NULL)
    return;
  if (self->run != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->run, self);
      ruche_run_unfollow (self->run);
    }
  for (guint i = 0; i < G_N_ELEMENTS (self->signals); i++)
    g_source_remove (self->signals[i]);
  g_clear_object (&self->run);
  g_clear_object (&self->input);
  ruche_job_spec_free (self->spec);
  ruche_ctl_sink_free (self->out);
  ruche_ctl_sink_free (self->err);
  g_hash_table_unref (self->kept);
  g_main_loop_unref (self->loop);
  g_free (self->waiting);
  g_free (self);
}

/**
 * ruche_ctl_session_follow:
 * @self: a session
 * @job: a job's number
 *
 * Follows the job until it ends, a person stops it, or the connection is lost.
 *
 * Returns: the exit status
 */
int
ruche_ctl_session_follow (RucheCtlSession *self, gint64 job)
{
  static const struct
  {
    const char *signal;
    GCallback callback;
  } handlers[] = {
    { "started", G_CALLBACK (on_started) },     { "output", G_CALLBACK (on_output) },
    { "restarted", G_CALLBACK (on_restarted) }, { "waiting", G_CALLBACK (on_waiting) },
    { "result", G_CALLBACK (on_result) },       { "finished", G_CALLBACK (on_finished) },
    { "failed", G_CALLBACK (on_failed) },       { "input-wanted", G_CALLBACK (on_input_wanted) },
  };
  gboolean output = self->ctl->json || (self->flags & RUCHE_CTL_STREAM) != 0;

  self->run = ruche_client_follow (self->ctl->client, job, output);
  for (guint i = 0; i < G_N_ELEMENTS (handlers); i++)
    g_signal_connect (self->run, handlers[i].signal, handlers[i].callback, self);
  if (self->interrupts > 0)
    cancel (self, RUCHE_CTL_CANCELLED);
  if (!self->over)
    g_main_loop_run (self->loop);
  return self->status;
}
