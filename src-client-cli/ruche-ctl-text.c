/* ruche-ctl-text.c: what ruchectl says and how it ends, without saying it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-ctl-text.h"

#include "ruche-error.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/**
 * ruche_ctl_exit_status:
 * @result: how a task ended
 *
 * Says with which status `ruchectl run` ends; design section 10.
 *
 * Returns: from 0 to 255
 */
int
ruche_ctl_exit_status (const RucheResult *result)
{
  switch ((RucheVerdict)result->verdict)
    {
    case RUCHE_VERDICT_OK:
    case RUCHE_VERDICT_RUNTIME_ERROR:
      return (int)result->exit_code;
    case RUCHE_VERDICT_SIGNALED:
      return 128 + (int)result->signal;
    case RUCHE_VERDICT_TIME_LIMIT:
    case RUCHE_VERDICT_WALL_LIMIT:
    case RUCHE_VERDICT_OUTPUT_LIMIT:
      return RUCHE_CTL_LIMIT;
    case RUCHE_VERDICT_MEMORY_LIMIT:
      return RUCHE_CTL_MEMORY;
    case RUCHE_VERDICT_COMPILE_ERROR:
      return RUCHE_CTL_COMPILE;
    case RUCHE_VERDICT_CANCELLED:
      return RUCHE_CTL_CANCELLED;
    case RUCHE_VERDICT_NONE:
    case RUCHE_VERDICT_LOST:
    case RUCHE_VERDICT_INTERNAL_ERROR:
      break;
    }
  return RUCHE_CTL_FAILED;
}

/**
 * ruche_ctl_error_status:
 * @error: what happened
 *
 * Tells the mistakes that a person can mend from Ruche's own failures.
 *
 * Returns: the exit status
 */
int
ruche_ctl_error_status (const GError *error)
{
  if (error->domain != RUCHE_ERROR)
    return RUCHE_CTL_FAILED;
  switch ((RucheErrorCode)error->code)
    {
    case RUCHE_ERROR_INVALID:
    case RUCHE_ERROR_TOO_LARGE:
    case RUCHE_ERROR_VERSION:
    case RUCHE_ERROR_DENIED:
    case RUCHE_ERROR_NOT_FOUND:
    case RUCHE_ERROR_UNAVAILABLE:
    case RUCHE_ERROR_NO_SPACE:
    case RUCHE_ERROR_UNSUPPORTED:
    case RUCHE_ERROR_EXISTS:
      return RUCHE_CTL_USAGE;
    case RUCHE_ERROR_FAILED:
    case RUCHE_ERROR_PROTOCOL:
    case RUCHE_ERROR_BUSY:
    case RUCHE_ERROR_CLOSED:
      break;
    }
  return RUCHE_CTL_FAILED;
}

/**
 * ruche_ctl_duration:
 * @ms: milliseconds
 *
 * Says how long something took.
 *
 * Returns: (transfer full): "12 ms", "1.25 s", "2 min 5 s"
 */
char *
ruche_ctl_duration (gint64 ms)
{
  if (ms < 1000)
    return g_strdup_printf (_ ("%d ms"), (int)ms);
  if (ms < 60000)
    return g_strdup_printf (_ ("%.2f s"), (double)ms / 1000);
  return g_strdup_printf (_ ("%d min %d s"), (int)(ms / 60000), (int)(ms / 1000 % 60));
}

/**
 * ruche_ctl_memory:
 * @kib: KiB
 *
 * Says how much memory something used.
 *
 * Returns: (transfer full): "640 KiB", "3.4 MiB", "1.5 GiB"
 */
char *
ruche_ctl_memory (gint64 kib)
{
  if (kib < 1024)
    return g_strdup_printf (_ ("%d KiB"), (int)kib);
  if (kib < 1024 * 1024)
    return g_strdup_printf (_ ("%.1f MiB"), (double)kib / 1024);
  return g_strdup_printf (_ ("%.1f GiB"), (double)kib / 1024 / 1024);
}

/**
 * ruche_ctl_time:
 * @real_ms: time of day, milliseconds since 1970; 0 for never
 *
 * Says when something was, in the reader's time zone.
 *
 * Returns: (transfer full): "2026-11-21 14:05:06"
 */
char *
ruche_ctl_time (gint64 real_ms)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_local (real_ms / 1000);

  if (real_ms == 0 || time == NULL)
    return g_strdup ("–");
  return g_date_time_format (time, "%F %T");
}

/**
 * ruche_ctl_clean:
 * @text: (nullable): what came from elsewhere
 *
 * Takes out what would move a terminal's cursor or colour its text.
 *
 * Returns: (transfer full): one line without control characters
 */
char *
ruche_ctl_clean (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text != NULL ? text : "", -1);
  GString *clean = g_string_new (NULL);

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      g_string_append_unichar (clean, g_unichar_iscntrl (c) ? ' ' : c);
    }
  return g_string_free (clean, FALSE);
}

/* SIGSEGV and its like by their names: the reader may look them up. */
static char *
signal_text (int number)
{
  const char *abbreviation = sigabbrev_np (number);
  const char *description = sigdescr_np (number);

  if (abbreviation == NULL || description == NULL)
    return g_strdup_printf (_ ("signal %d"), number);
  return g_strdup_printf ("SIG%s, %s", abbreviation, description);
}

/**
 * ruche_ctl_verdict:
 * @result: how a task ended
 *
 * Says a verdict with what belongs to it: exit status or signal, the step where that is not plain,
 * the reason.
 *
 * Returns: (transfer full): the text, without a full stop
 */
char *
ruche_ctl_verdict (const RucheResult *result)
{
  GString *text = g_string_new (ruche_verdict_label (result->verdict));
  g_autofree char *reason = ruche_ctl_clean (result->reason);
  g_autofree char *signal = NULL;

  if (result->step == RUCHE_STEP_COMPILE && result->verdict != RUCHE_VERDICT_COMPILE_ERROR)
    g_string_append_printf (text, " (%s)", _ ("while compiling"));
  if (result->verdict == RUCHE_VERDICT_OK || result->verdict == RUCHE_VERDICT_RUNTIME_ERROR)
    g_string_append_printf (text, _ (", exit status %d"), (int)result->exit_code);
  if (result->verdict == RUCHE_VERDICT_SIGNALED)
    {
      signal = signal_text ((int)result->signal);
      g_string_append_printf (text, " (%s)", signal);
    }
  if (*reason != '\0')
    g_string_append_printf (text, ": %s", reason);
  return g_string_free (text, FALSE);
}

/**
 * ruche_ctl_figures:
 * @result: how a task ended
 *
 * Says what a task used and where.
 *
 * Returns: (transfer full): "12 ms CPU, 14 ms, 3.4 MiB, on atelier-2, compiled in 310 ms"; "" where
 *   nothing is known
 */
char *
ruche_ctl_figures (const RucheResult *result)
{
  g_autoptr (GPtrArray) parts = g_ptr_array_new_with_free_func (g_free);

  if (result->run != NULL)
    {
      g_autofree char *cpu = ruche_ctl_duration (result->run->cpu_ms);
      g_ptr_array_add (parts, g_strdup_printf (_ ("%s CPU"), cpu));
      g_ptr_array_add (parts, ruche_ctl_duration (result->run->wall_ms));
      g_ptr_array_add (parts, ruche_ctl_memory (result->run->memory_kib));
    }
  if (result->server != NULL)
    g_ptr_array_add (parts, g_strdup_printf (_ ("on %s"), result->server));
  if (result->attempt > 1)
    g_ptr_array_add (parts, g_strdup_printf (_ ("attempt %d"), (int)result->attempt));
  if (result->cached)
    g_ptr_array_add (parts, g_strdup (_ ("compiled before")));
  else if (result->compile != NULL)
    {
      g_autofree char *wall = ruche_ctl_duration (result->compile->wall_ms);
      g_autofree char *memory = ruche_ctl_memory (result->compile->memory_kib);
      g_ptr_array_add (parts, g_strdup_printf (_ ("compiled in %s with %s"), wall, memory));
    }
  g_ptr_array_add (parts, NULL);
  return g_strjoinv (", ", (char **)parts->pdata);
}

static const char *
severity_text (int severity)
{
  switch ((RucheSeverity)severity)
    {
    case RUCHE_SEVERITY_WARNING:
      return _ ("warning");
    case RUCHE_SEVERITY_NOTE:
      return _ ("note");
    case RUCHE_SEVERITY_ERROR:
      break;
    }
  return _ ("error");
}

/**
 * ruche_ctl_diagnostic:
 * @diagnostic: what a compiler said
 *
 * Writes a diagnostic as compilers do and as editors read it.
 *
 * Returns: (transfer full): "main.c:3:5: error: …"
 */
char *
ruche_ctl_diagnostic (const RucheDiagnostic *diagnostic)
{
  GString *text = g_string_new (NULL);
  g_autofree char *file = ruche_ctl_clean (diagnostic->file);
  g_autofree char *message
      = g_utf8_make_valid (diagnostic->message != NULL ? diagnostic->message : "", -1);

  if (*file != '\0')
    g_string_append_printf (text, "%s:", file);
  if (*file != '\0' && diagnostic->line > 0)
    g_string_append_printf (text, "%d:", (int)diagnostic->line);
  if (*file != '\0' && diagnostic->line > 0 && diagnostic->column > 0)
    g_string_append_printf (text, "%d:", (int)diagnostic->column);
  if (*file != '\0')
    g_string_append_c (text, ' ');
  g_string_append_printf (text, "%s: %s", severity_text (diagnostic->severity), message);
  return g_string_free (text, FALSE);
}

/**
 * ruche_ctl_waiting:
 * @word: why a job waits, as the master says it
 * @spec: (nullable): the job
 *
 * Says why a job waits and what to do about it.
 *
 * Returns: (transfer full): the sentence
 */
char *
ruche_ctl_waiting (const char *word, const RucheJobSpec *spec)
{
  if (g_str_equal (word, "no-server"))
    return g_strdup (_ ("waiting: no server is connected to the cluster"));
  if (g_str_equal (word, "no-toolchain"))
    return g_strdup_printf (_ ("waiting: no server that is connected offers the language “%s”"),
                            spec != NULL && spec->language != NULL ? spec->language : "?");
  if (g_str_equal (word, "no-such-server"))
    return g_strdup_printf (_ ("waiting: the server “%s” is not connected"),
                            spec != NULL && spec->server != NULL ? spec->server : "?");
  if (g_str_equal (word, "busy"))
    return g_strdup (_ ("waiting: every server that can run it is busy"));
  return g_strdup_printf (_ ("waiting: %s"), word);
}
