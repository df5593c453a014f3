/* ruche-ctl-show.c: show and output
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-ctl-commands.h"

#include "ruche-bounds.h"
#include "ruche-ctl-job-options.h"
#include "ruche-ctl-text.h"
#include "ruche-error.h"
#include "ruche-report.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Takes bytes of a stream as they come. Returns FALSE to stop. */
typedef gboolean (*TakeBytes) (const guint8 *data, gsize size, gpointer user_data);

/* Which stream of which task. */
typedef struct
{
  gint64 job;
  gint64 task;
  gint64 attempt; /* 0 for the last */
  int stream;
} StreamId;

/* Reads what a stream holds so far, part after part. */
static gboolean
read_stream (RucheCtl *ctl, const StreamId *id, TakeBytes take, gpointer user_data, GError **error)
{
  gint64 offset = 0;
  gint64 attempt = id->attempt;

  for (;;)
    {
      g_autoptr (RucheMessage) request = ruche_message_new (RUCHE_MESSAGE_READ_OUTPUT);
      g_autoptr (RucheMessage) answer = NULL;
      RucheReadOutput *read = request->body;
      const RucheOutputPart *part;
      const guint8 *data;
      gsize size = 0;
      read->job = id->job;
      read->task = id->task;
      read->attempt = attempt;
      read->stream = id->stream;
      read->offset = offset;
      read->length = RUCHE_MIB;
      answer = ruche_ctl_request (ctl, request, RUCHE_MESSAGE_OUTPUT_PART, error);
      if (answer == NULL)
        return FALSE;
      part = answer->body;
      data = answer->payload != NULL ? g_bytes_get_data (answer->payload, &size) : NULL;
      if (size == 0 || !take (data, size, user_data))
        return TRUE;
      /* All parts must be of one attempt, even where another begins meanwhile. */
      attempt = part->attempt;
      offset += (gint64)size;
      if (offset >= part->total)
        return TRUE;
    }
}

static gboolean
append (const guint8 *data, gsize size, gpointer user_data)
{
  g_byte_array_append (user_data, data, (guint)size);
  return TRUE;
}

static GBytes *
read_whole (RucheCtl *ctl, gint64 job, gint64 task, int stream, GError **error)
{
  g_autoptr (GByteArray) data = g_byte_array_new ();
  const StreamId id = { .job = job, .task = task, .stream = stream };

  if (!read_stream (ctl, &id, append, data, error))
    return NULL;
  return g_byte_array_free_to_bytes (g_steal_pointer (&data));
}

static RucheMessage *
ask_job (RucheCtl *ctl, gint64 job, gint64 first, GError **error)
{
  g_autoptr (RucheMessage) request = ruche_message_new (RUCHE_MESSAGE_SHOW_JOB);
  RucheShowJob *show = request->body;

  show->job = job;
  show->first = first;
  return ruche_ctl_request (ctl, request, RUCHE_MESSAGE_JOB, error);
}

/* One task as JSON, with its output unless that was erased. */
static char *
task_json (RucheCtl *ctl,
           const RucheJobInfo *info,
           const RucheResult *result,
           const RucheTaskStatus *status,
           GError **error)
{
  gint64 task = result != NULL ? result->task : status->task;
  gboolean there = !info->deleted && (result != NULL ? result->attempt : status->attempt) > 0;
  g_autoptr (GBytes) out = NULL;
  g_autoptr (GBytes) err = NULL;

  if (there)
    {
      out = read_whole (ctl, info->job, task, RUCHE_STREAM_STDOUT, error);
      if (out == NULL)
        return NULL;
      err = read_whole (ctl, info->job, task, RUCHE_STREAM_STDERR, error);
      if (err == NULL)
        return NULL;
    }
  return result != NULL ? ruche_report_result (result, out, err)
                        : ruche_report_status (status, out, err);
}

/* Puts the tasks of one page at their places. */
static gboolean
add_page (RucheCtl *ctl, const RucheJob *page, GPtrArray *texts, GError **error)
{
  for (guint i = 0; i < page->results->len + page->tasks->len; i++)
    {
      const RucheResult *result = NULL;
      const RucheTaskStatus *status = NULL;
      gint64 task;
      char *text;
      if (i < page->results->len)
        result = g_ptr_array_index (page->results, i);
      else
        status = g_ptr_array_index (page->tasks, i - page->results->len);
      task = result != NULL ? result->task : status->task;
      text = task_json (ctl, page->info, result, status, error);
      if (text == NULL)
        return FALSE;
      if (task >= texts->len)
        g_ptr_array_set_size (texts, (int)task + 1);
      g_free (g_ptr_array_index (texts, task));
      g_ptr_array_index (texts, task) = text;
    }
  return TRUE;
}

static int
show_json (RucheCtl *ctl, RucheMessage *first, GError **error)
{
  g_autoptr (RucheMessage) page = ruche_message_ref (first);
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) packed = g_ptr_array_new ();
  g_autofree char *text = NULL;
  g_autofree char *line = NULL;
  gint64 next;

  do
    {
      const RucheJob *job = page->body;
      if (!add_page (ctl, job, texts, error))
        return -1;
      next = job->next;
      if (next > 0)
        {
          RucheMessage *more = ask_job (ctl, job->info->job, next, error);
          if (more == NULL)
            return -1;
          ruche_message_unref (page);
          page = more;
        }
    }
  while (next > 0);
  for (guint i = 0; i < texts->len; i++)
    if (g_ptr_array_index (texts, i) != NULL)
      g_ptr_array_add (packed, g_ptr_array_index (texts, i));
  g_ptr_array_add (packed, NULL);
  text = ruche_report_job (((const RucheJob *)first->body)->info, (char **)packed->pdata);
  line = g_strconcat (text, "\n", NULL);
  return ruche_ctl_print (line) ? 0 : RUCHE_CTL_FAILED;
}

static void
append_line (GString *text, const char *label, const char *value)
{
  g_autofree char *clean = ruche_ctl_clean (value);

  if (*clean != '\0')
    g_string_append_printf (text, "  %s %s\n", label, clean);
}

static void
append_spec (GString *text, const RucheJobSpec *spec)
{
  append_line (text, _ ("language:"), spec->language);
  append_line (text, _ ("starts with:"), spec->main_class != NULL ? spec->main_class : spec->main);
  for (guint i = 0; i < spec->files->len; i++)
    {
      const RucheFile *file = g_ptr_array_index (spec->files, i);
      g_autofree char *size = g_format_size_full ((guint64)file->size, G_FORMAT_SIZE_IEC_UNITS);
      g_autofree char *line = g_strdup_printf ("%s (%s)", file->name, size);
      append_line (text, _ ("file:"), line);
    }
}

static void
append_result (GString *text, const RucheResult *result, gboolean numbered)
{
  g_autofree char *verdict = ruche_ctl_verdict (result);
  g_autofree char *figures = ruche_ctl_figures (result);

  g_string_append (text, "  ");
  if (numbered)
    g_string_append_printf (text, _ ("task %d: "), (int)result->task);
  g_string_append_printf (text, "%s%s%s\n", verdict, *figures != '\0' ? " – " : "", figures);
  for (guint i = 0; i < result->diagnostics->len; i++)
    {
      g_autofree char *line = ruche_ctl_diagnostic (g_ptr_array_index (result->diagnostics, i));
      g_string_append_printf (text, "    %s\n", line);
    }
}

static void
append_status (GString *text, const RucheTaskStatus *status, gboolean numbered)
{
  g_autofree char *server = ruche_ctl_clean (status->server);

  g_string_append (text, "  ");
  if (numbered)
    g_string_append_printf (text, _ ("task %d: "), (int)status->task);
  if (status->state == RUCHE_TASK_QUEUED)
    g_string_append (text, _ ("waiting"));
  else if (status->step == RUCHE_STEP_COMPILE)
    g_string_append_printf (text, _ ("compiling on %s"), server);
  else
    g_string_append_printf (text, _ ("running on %s"), server);
  g_string_append_c (text, '\n');
}

static int
show_text (RucheCtl *ctl, RucheMessage *first, GError **error)
{
  const RucheJob *job = first->body;
  gboolean numbered = job->info->tasks > 1;
  GString *text = g_string_new (NULL);
  g_autofree char *name = ruche_ctl_clean (job->info->name);
  g_autofree char *submitted = ruche_ctl_time (job->info->submitted_ms);
  g_autofree char *finished = ruche_ctl_time (job->info->finished_ms);
  g_autofree char *owned = NULL;
  g_autoptr (RucheMessage) page = ruche_message_ref (first);

  g_string_append_printf (text, _ ("Job %" PRId64 ": %s"), job->info->job, name);
  g_string_append_c (text, '\n');
  append_line (text, _ ("owner:"), job->info->owner);
  append_line (text, _ ("submitted:"), submitted);
  append_line (text, _ ("ended:"), finished);
  if (job->info->deleted)
    g_string_append_printf (text, "  %s\n", _ ("its sources and output were deleted"));
  else if (job->spec != NULL)
    append_spec (text, job->spec);
  while (page != NULL)
    {
      RucheMessage *more = NULL;
      job = page->body;
      for (guint i = 0; i < job->results->len; i++)
        append_result (text, g_ptr_array_index (job->results, i), numbered);
      for (guint i = 0; i < job->tasks->len; i++)
        append_status (text, g_ptr_array_index (job->tasks, i), numbered);
      if (job->next > 0)
        more = ask_job (ctl, job->info->job, job->next, error);
      if (job->next > 0 && more == NULL)
        {
          g_string_free (text, TRUE);
          return -1;
        }
      ruche_message_unref (page);
      page = more;
    }
  owned = g_string_free (text, FALSE);
  return ruche_ctl_print (owned) ? 0 : RUCHE_CTL_FAILED;
}

/**
 * ruche_ctl_show:
 * @ctl: the call
 * @words: its words
 *
 * Carries out `ruchectl show`.
 *
 * Returns: the exit status
 */
int
ruche_ctl_show (RucheCtl *ctl, char ***words)
{
  g_auto (GStrv) rest = NULL;
  g_autoptr (RucheMessage) answer = NULL;
  g_autoptr (GError) error = NULL;
  gint64 job;
  int status;

  if (!ruche_ctl_parse (ctl, NULL, words, &rest, &status)
      || !ruche_ctl_parse_job (ctl, rest, &job, &status))
    return status;
  if (ruche_ctl_connect (ctl, &error))
    answer = ask_job (ctl, job, 0, &error);
  if (answer == NULL)
    return ruche_ctl_fail (error);
  status = ctl->json ? show_json (ctl, answer, &error) : show_text (ctl, answer, &error);
  return status >= 0 ? status : ruche_ctl_fail (error);
}

static gboolean
print_bytes (const guint8 *data, gsize size, gpointer user_data)
{
  gboolean *written = user_data;

  *written = fwrite (data, 1, size, stdout) == size && fflush (stdout) == 0;
  if (!*written && errno != EPIPE)
    ruche_ctl_say (_ ("the output can’t be written: %s"), g_strerror (errno));
  return *written;
}

static int
print_streams (RucheCtl *ctl, StreamId *id, gint64 last)
{
  g_autoptr (GError) error = NULL;
  gboolean written = TRUE;

  for (; id->task <= last && written; id->task++)
    if (!read_stream (ctl, id, print_bytes, &written, &error))
      return ruche_ctl_fail (error);
  return written ? 0 : RUCHE_CTL_FAILED;
}

/**
 * ruche_ctl_output:
 * @ctl: the call
 * @words: its words
 *
 * Carries out `ruchectl output`: what all tasks of a job printed, one after the other.
 *
 * Returns: the exit status
 */
int
ruche_ctl_output (RucheCtl *ctl, char ***words)
{
  gboolean err = FALSE;
  gboolean compiler = FALSE;
  g_autofree char *attempt = NULL;
  const GOptionEntry entries[] = {
    { "stderr", 0, 0, G_OPTION_ARG_NONE, &err, N_ ("Its standard error instead"), NULL },
    { "compiler", 0, 0, G_OPTION_ARG_NONE, &compiler, N_ ("What the compiler printed instead"),
      NULL },
    { "attempt", 0, 0, G_OPTION_ARG_FILENAME, &attempt, N_ ("Of this attempt (the last)"),
      N_ ("NUMBER") },
    { NULL },
  };
  g_auto (GStrv) rest = NULL;
  g_autoptr (RucheMessage) answer = NULL;
  g_autoptr (GError) error = NULL;
  StreamId id = { .stream = RUCHE_STREAM_STDOUT };
  int status;

  if (!ruche_ctl_parse (ctl, entries, words, &rest, &status)
      || !ruche_ctl_parse_job (ctl, rest, &id.job, &status))
    return status;
  if (err && compiler)
    return ruche_ctl_wrong (ctl, _ ("--stderr and --compiler can’t go together"));
  if (!ruche_ctl_parse_amount ("attempt", attempt, 1, RUCHE_MAX_ATTEMPTS, &id.attempt, &error))
    return ruche_ctl_fail (error);
  if (err)
    id.stream = RUCHE_STREAM_STDERR;
  if (compiler)
    id.stream = RUCHE_STREAM_COMPILER;
  if (ruche_ctl_connect (ctl, &error))
    answer = ask_job (ctl, id.job, 0, &error);
  if (answer == NULL)
    return ruche_ctl_fail (error);
  return print_streams (ctl, &id, ((const RucheJob *)answer->body)->info->tasks - 1);
}
