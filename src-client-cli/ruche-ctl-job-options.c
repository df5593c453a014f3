/* ruche-ctl-job-options.c: the options of run and submit
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-ctl-job-options.h"

#include "ruche-bounds.h"
#include "ruche-error.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

/**
 * ruche_ctl_job_options_clear:
 * @options: options
 *
 * Frees what was typed.
 */
void
ruche_ctl_job_options_clear (RucheCtlJobOptions *options)
{
  g_free (options->language);
  g_free (options->main);
  g_free (options->input);
  g_strfreev (options->args);
  g_free (options->flags);
  g_free (options->priority);
  g_free (options->server);
  g_free (options->attempts);
  g_free (options->cpu);
  g_free (options->wall);
  g_free (options->memory);
  g_free (options->processes);
  g_free (options->output);
  g_free (options->disk);
  memset (options, 0, sizeof *options);
}

/**
 * ruche_ctl_job_options_entries:
 * @options: where to put what is typed
 * @entries: (out caller-allocates): the options for GOption, closed
 *
 * Describes the options of run and submit. All texts are FILENAMEs: those come as typed, where
 * STRINGs are refused in the C locale as soon as they hold an accent.
 */
void
ruche_ctl_job_options_entries (RucheCtlJobOptions *options,
                               GOptionEntry entries[RUCHE_CTL_N_JOB_OPTIONS + 1])
{
#define TEXT(name, letter, member, help, what)                                                     \
  {                                                                                                \
    name, letter, 0, G_OPTION_ARG_FILENAME, &options->member, help, what                           \
  }
  const GOptionEntry all[] = {
    TEXT ("language", 'l', language, N_ ("Language, where the files’ names don’t say"),
          N_ ("NAME")),
    TEXT ("main", 0, main, N_ ("File or class to start with"), N_ ("NAME")),
    TEXT ("input", 'i', input, N_ ("Standard input of the program; “-” is that of ruchectl"),
          N_ ("FILE")),
    { "arg", 'a', 0, G_OPTION_ARG_FILENAME_ARRAY, &options->args,
      N_ ("Argument of the program; may be repeated"), N_ ("ARGUMENT") },
    TEXT ("flags", 0, flags, N_ ("Flags for the compiler, split at spaces like a shell does"),
          N_ ("FLAGS")),
    TEXT ("cpu", 0, cpu, N_ ("Limit of CPU time (10)"), N_ ("SECONDS")),
    TEXT ("wall", 0, wall, N_ ("Limit of time from start to end (30)"), N_ ("SECONDS")),
    TEXT ("memory", 0, memory, N_ ("Limit of memory (512)"), N_ ("MIB")),
    TEXT ("processes", 0, processes, N_ ("Limit of processes and threads (64)"), N_ ("NUMBER")),
    TEXT ("output", 0, output, N_ ("Limit of what it may print (4)"), N_ ("MIB")),
    TEXT ("disk", 0, disk, N_ ("Limit of what it may write to files (64)"), N_ ("MIB")),
    TEXT ("priority", 0, priority, N_ ("Among your own jobs: low, normal or high"), N_ ("WORD")),
    TEXT ("server", 0, server, N_ ("Run it on this server and no other"), N_ ("NAME")),
    TEXT ("attempts", 0, attempts, N_ ("How often to try where servers are lost (1)"),
          N_ ("NUMBER")),
    { NULL },
  };
#undef TEXT

  G_STATIC_ASSERT (G_N_ELEMENTS (all) == RUCHE_CTL_N_JOB_OPTIONS + 1);
  memcpy (entries, all, sizeof all);
}

/**
 * ruche_ctl_parse_amount:
 * @option: its name, for the error
 * @text: (nullable): a decimal number such as "2" or "0.5"
 * @scale: how many of the unit of @value are one of @text's
 * @max: the most that @value may be
 * @value: (inout): left alone where @text is %NULL
 * @error: %RUCHE_ERROR_INVALID with what may be given
 *
 * Reads a number that a person typed.
 *
 * Returns: whether it is one, above 0 and within bounds
 */
gboolean
ruche_ctl_parse_amount (
    const char *option, const char *text, gint64 scale, gint64 max, gint64 *value, GError **error)
{
  g_autofree char *shown = NULL;
  char *end = NULL;
  double number;

  if (text == NULL)
    return TRUE;
  /* Digits and one point: neither signs, nor exponents, nor "inf" or "0x1". */
  number = g_ascii_strtod (text, &end);
  if (*text != '\0' && strspn (text, "0123456789.") == strlen (text) && *end == '\0'
      && number * (double)scale <= (double)max && llround (number * (double)scale) >= 1
      && (scale > 1 || strchr (text, '.') == NULL))
    {
      *value = llround (number * (double)scale);
      return TRUE;
    }
  shown = g_utf8_make_valid (text, -1);
  g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID,
               _ ("--%s takes a number above 0 and up to %g, not “%s”"), option,
               (double)max / (double)scale, shown);
  return FALSE;
}

static gboolean
apply_limits (const RucheCtlJobOptions *o, RucheLimits *limits, GError **error)
{
  return ruche_ctl_parse_amount ("cpu", o->cpu, 1000, RUCHE_MAX_CPU_MS, &limits->cpu_ms, error)
         && ruche_ctl_parse_amount ("wall", o->wall, 1000, RUCHE_MAX_WALL_MS, &limits->wall_ms,
                                    error)
         && ruche_ctl_parse_amount ("memory", o->memory, 1024, RUCHE_MAX_MEMORY_KIB,
                                    &limits->memory_kib, error)
         && ruche_ctl_parse_amount ("processes", o->processes, 1, RUCHE_MAX_PROCESSES,
                                    &limits->processes, error)
         && ruche_ctl_parse_amount ("output", o->output, RUCHE_MIB, RUCHE_MAX_OUTPUT_BYTES,
                                    &limits->output_bytes, error)
         && ruche_ctl_parse_amount ("disk", o->disk, 1024, RUCHE_MAX_DISK_KIB, &limits->disk_kib,
                                    error);
}

static gboolean
check_text (const char *option, const char *text, GError **error)
{
  if (text == NULL || g_utf8_validate (text, -1, NULL))
    return TRUE;
  g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID,
               _ ("what follows --%s must be UTF-8: give other bytes in a file or on the standard "
                  "input"),
               option);
  return FALSE;
}

static gboolean
check_texts (const RucheCtlJobOptions *options, GError **error)
{
  for (guint i = 0; options->args != NULL && options->args[i] != NULL; i++)
    if (!check_text ("arg", options->args[i], error))
      return FALSE;
  return check_text ("language", options->language, error)
         && check_text ("main", options->main, error) && check_text ("flags", options->flags, error)
         && check_text ("priority", options->priority, error)
         && check_text ("server", options->server, error);
}

static gboolean
apply_flags (const char *text, RucheJobSpec *spec, GError **error)
{
  g_autoptr (GError) cause = NULL;

  if (text == NULL || g_shell_parse_argv (text, NULL, &spec->flags, &cause)
      || g_error_matches (cause, G_SHELL_ERROR, G_SHELL_ERROR_EMPTY_STRING))
    return TRUE;
  g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID, _ ("--flags can’t be split: %s"),
               cause->message);
  return FALSE;
}

static gboolean
apply_priority (const char *text, RucheJobSpec *spec, GError **error)
{
  if (text == NULL || ruche_enum_from_nick (&ruche_priority_type, text, &spec->priority, NULL))
    return TRUE;
  g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID,
               _ ("--priority takes low, normal or high, not “%s”"), text);
  return FALSE;
}

/**
 * ruche_ctl_job_options_apply:
 * @options: what was typed
 * @submission: a job with one task, to be filled; its input is the caller's
 * @error: %RUCHE_ERROR_INVALID with the option and what it takes
 *
 * Puts the options into a job.
 *
 * Returns: whether all of them make sense
 */
gboolean
ruche_ctl_job_options_apply (const RucheCtlJobOptions *options,
                             RucheSubmission *submission,
                             GError **error)
{
  RucheJobSpec *spec = submission->spec;
  RucheTaskSpec *task = g_ptr_array_index (submission->tasks, 0);

  if (!check_texts (options, error))
    return FALSE;
  spec->limits = ruche_limits_new ();
  if (!apply_limits (options, spec->limits, error) || !apply_flags (options->flags, spec, error)
      || !apply_priority (options->priority, spec, error)
      || !ruche_ctl_parse_amount ("attempts", options->attempts, 1, RUCHE_MAX_ATTEMPTS,
                                  &spec->attempts, error))
    return FALSE;
  spec->language = g_strdup (options->language);
  spec->main = g_strdup (options->main);
  spec->server = g_strdup (options->server);
  task->args = g_strdupv (options->args);
  return TRUE;
}
