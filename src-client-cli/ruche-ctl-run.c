/* ruche-ctl-run.c: run and submit
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-ctl-commands.h"

#include "ruche-bounds.h"
#include "ruche-ctl-job-options.h"
#include "ruche-ctl-session.h"
#include "ruche-error.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Reads an input to its end, as a task that may be tried twice or that nobody follows needs it. */
static GBytes *
read_input (int fd, const char *name, GError **error)
{
  g_autoptr (GByteArray) data = g_byte_array_new ();
  g_autofree guint8 *part = g_malloc (RUCHE_PAYLOAD_PART);
  gssize size;

  while ((size = TEMP_FAILURE_RETRY (read (fd, part, RUCHE_PAYLOAD_PART))) > 0
         && data->len <= RUCHE_MAX_INPUT_SIZE)
    g_byte_array_append (data, part, (guint)size);
  if (size < 0)
    {
      g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID, _ ("the input %s can’t be read: %s"),
                   name, g_strerror (errno));
      return NULL;
    }
  if (data->len > RUCHE_MAX_INPUT_SIZE)
    {
      g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_TOO_LARGE,
                   _ ("the input %s is larger than %d MiB: send it through a pipe, “ruchectl run … "
                      "--input - < FILE”"),
                   name, RUCHE_MAX_INPUT_SIZE / RUCHE_MIB);
      return NULL;
    }
  return g_byte_array_free_to_bytes (g_steal_pointer (&data));
}

static GBytes *
read_input_file (const char *path, GError **error)
{
  g_autofree char *shown = g_filename_display_name (path);
  int fd = open (path, O_RDONLY | O_CLOEXEC);
  GBytes *bytes;

  if (fd < 0)
    {
      g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID,
                   _ ("the input “%s” can’t be opened: %s"), shown, g_strerror (errno));
      return NULL;
    }
  bytes = read_input (fd, shown, error);
  close (fd);
  return bytes;
}

static void
set_blob (RucheSubmission *submission, GBytes *bytes)
{
  RucheTaskSpec *task = g_ptr_array_index (submission->tasks, 0);

  task->input = RUCHE_INPUT_BLOB;
  task->input_blob = g_strdup (ruche_submission_add_blob (submission, bytes));
}

/* Whether our standard input is somebody's output, and not a keyboard or closed. */
static gboolean
has_input (void)
{
  struct stat st;

  return fstat (STDIN_FILENO, &st) == 0 && !isatty (STDIN_FILENO);
}

/* Sets where the program's standard input comes from. @live: whether it may come while the program
 * runs, through us. */
static gboolean
apply_input (const char *input, gboolean live, RucheSubmission *submission, GError **error)
{
  g_autoptr (GBytes) bytes = NULL;

  if (input != NULL && strcmp (input, "-") != 0)
    bytes = read_input_file (input, error);
  else if (input == NULL && (!live || !has_input ()))
    return TRUE;
  else if (live && submission->spec->attempts <= 1)
    {
      ((RucheTaskSpec *)g_ptr_array_index (submission->tasks, 0))->input = RUCHE_INPUT_LIVE;
      return TRUE;
    }
  else
    bytes = read_input (STDIN_FILENO, "-", error);
  if (bytes == NULL)
    return FALSE;
  set_blob (submission, bytes);
  return TRUE;
}

static RucheSubmission *
make_submission (const RucheCtlJobOptions *options, char **files, gboolean live, GError **error)
{
  g_autofree char *base = g_path_get_basename (files[0]);
  g_autofree char *name = g_utf8_make_valid (base, -1);
  g_autoptr (RucheSubmission) submission = ruche_submission_new (RUCHE_JOB_PROGRAM, name);

  ruche_submission_add_task (submission);
  if (!ruche_ctl_job_options_apply (options, submission, error)
      || !ruche_program_add_paths (submission, (const char *const *)files, error)
      || !apply_input (options->input, live, submission, error))
    return NULL;
  return g_steal_pointer (&submission);
}

/* Connects, and finds out the program's language and where it starts. */
static gboolean
prepare (RucheCtl *ctl, RucheSubmission *submission, GError **error)
{
  g_autoptr (GPtrArray) toolchains = NULL;

  if (!ruche_ctl_connect (ctl, error))
    return FALSE;
  toolchains = ruche_ctl_toolchains (ctl, error);
  return toolchains != NULL && ruche_program_resolve (submission, toolchains, error);
}

/**
 * ruche_ctl_run:
 * @ctl: the call
 * @words: its words
 *
 * Carries out `ruchectl run`.
 *
 * Returns: the program's exit status, or one that says what became of it
 */
int
ruche_ctl_run (RucheCtl *ctl, char ***words)
{
  g_auto (RucheCtlJobOptions) options = { 0 };
  GOptionEntry entries[RUCHE_CTL_N_JOB_OPTIONS + 3];
  gboolean verbose = FALSE;
  gboolean quiet = FALSE;
  g_auto (GStrv) files = NULL;
  g_autoptr (RucheSubmission) submission = NULL;
  g_autoptr (RucheCtlSession) session = NULL;
  g_autoptr (GError) error = NULL;
  RucheCtlSessionFlags flags = RUCHE_CTL_STREAM | RUCHE_CTL_CANCEL;
  int status;
  gint64 job;

  ruche_ctl_job_options_entries (&options, entries);
  entries[RUCHE_CTL_N_JOB_OPTIONS] = (GOptionEntry){
    "verbose", 'v', 0, G_OPTION_ARG_NONE, &verbose, N_ ("Always tell the verdict"), NULL
  };
  entries[RUCHE_CTL_N_JOB_OPTIONS + 1]
      = (GOptionEntry){ "quiet", 'q', 0, G_OPTION_ARG_NONE, &quiet, N_ ("Never tell the verdict"),
                        NULL };
  entries[RUCHE_CTL_N_JOB_OPTIONS + 2] = (GOptionEntry){ NULL };
  if (!ruche_ctl_parse (ctl, entries, words, &files, &status))
    return status;
  if (files[0] == NULL)
    return ruche_ctl_wrong (ctl, _ ("name the program’s files"));
  submission = make_submission (&options, files, TRUE, &error);
  if (submission == NULL || !prepare (ctl, submission, &error))
    return ruche_ctl_fail (error);
  if (((RucheTaskSpec *)g_ptr_array_index (submission->tasks, 0))->input == RUCHE_INPUT_LIVE)
    flags |= RUCHE_CTL_INPUT;
  flags |= (verbose ? RUCHE_CTL_VERBOSE : 0) | (quiet ? RUCHE_CTL_QUIET : 0);
  session = ruche_ctl_session_new (ctl, flags);
  job = ruche_ctl_submit (ctl, g_steal_pointer (&submission), &error);
  if (job < 0)
    return ruche_ctl_fail (error);
  return ruche_ctl_session_follow (session, job);
}

/**
 * ruche_ctl_submit_command:
 * @ctl: the call
 * @words: its words
 *
 * Carries out `ruchectl submit`.
 *
 * Returns: the exit status
 */
int
ruche_ctl_submit_command (RucheCtl *ctl, char ***words)
{
  g_auto (RucheCtlJobOptions) options = { 0 };
  GOptionEntry entries[RUCHE_CTL_N_JOB_OPTIONS + 1];
  g_auto (GStrv) files = NULL;
  g_autoptr (RucheSubmission) submission = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  int status;
  gint64 job;

  ruche_ctl_job_options_entries (&options, entries);
  if (!ruche_ctl_parse (ctl, entries, words, &files, &status))
    return status;
  if (files[0] == NULL)
    return ruche_ctl_wrong (ctl, _ ("name the program’s files"));
  submission = make_submission (&options, files, FALSE, &error);
  if (submission == NULL || !prepare (ctl, submission, &error))
    return ruche_ctl_fail (error);
  job = ruche_ctl_submit (ctl, g_steal_pointer (&submission), &error);
  if (job < 0)
    return ruche_ctl_fail (error);
  text = g_strdup_printf (ctl->json ? "{\"job\":%" PRId64 "}\n" : "%" PRId64 "\n", job);
  return ruche_ctl_print (text) ? 0 : RUCHE_CTL_FAILED;
}
