/* ruche-submission.c: a job on its way to a master
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-program.h"

#include "ruche-bounds.h"
#include "ruche-error.h"

#include <glib/gi18n-lib.h>

/* What a struct may be in one header: the bound less the message around it. */
#define MAX_STRUCT_TEXT (RUCHE_MAX_HEADER_SIZE - 64 * RUCHE_KIB)

static char *
random_number (void)
{
  return g_strdup_printf ("%08x%08x%08x%08x", g_random_int (), g_random_int (), g_random_int (),
                          g_random_int ());
}

/**
 * ruche_submission_new:
 * @kind: what the job is made of
 * @name: what people see in lists
 *
 * Begins a job without files and tasks.
 *
 * Returns: (transfer full): the submission, with a number of its own
 */
RucheSubmission *
ruche_submission_new (RucheJobKind kind, const char *name)
{
  RucheSubmission *submission = g_new0 (RucheSubmission, 1);

  submission->number = random_number ();
  submission->spec = ruche_job_spec_new ();
  submission->spec->kind = kind;
  submission->spec->name = g_strdup (name);
  submission->tasks = g_ptr_array_new_with_free_func ((GDestroyNotify)ruche_task_spec_free);
  submission->blobs
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_bytes_unref);
  return submission;
}

/**
 * ruche_submission_free:
 * @submission: (nullable) (transfer full): a submission
 *
 * Frees a submission and all it holds.
 */
void
ruche_submission_free (RucheSubmission *submission)
{
  if (submission == NULL)
    return;
  g_free (submission->number);
  ruche_job_spec_free (submission->spec);
  g_ptr_array_unref (submission->tasks);
  g_hash_table_unref (submission->blobs);
  g_free (submission);
}

/**
 * ruche_submission_add_blob:
 * @submission: a submission
 * @bytes: a file's bytes
 *
 * Has a blob sent along, once however often it is added.
 *
 * Returns: (transfer none): its digest, valid as long as @submission
 */
const char *
ruche_submission_add_blob (RucheSubmission *submission, GBytes *bytes)
{
  gsize size;
  gconstpointer data = g_bytes_get_data (bytes, &size);
  g_autofree char *digest = ruche_blob_digest (data, size);
  gpointer known;

  if (!g_hash_table_lookup_extended (submission->blobs, digest, &known, NULL))
    {
      known = g_steal_pointer (&digest);
      g_hash_table_insert (submission->blobs, known, g_bytes_ref (bytes));
    }
  return known;
}

/**
 * ruche_submission_add_file:
 * @submission: a submission
 * @name: the file's path in the work folder; checked by ruche_submission_check()
 * @bytes: what is in it
 *
 * Adds a file to the job.
 */
void
ruche_submission_add_file (RucheSubmission *submission, const char *name, GBytes *bytes)
{
  RucheFile *file = ruche_file_new ();

  file->name = g_strdup (name);
  file->blob = g_strdup (ruche_submission_add_blob (submission, bytes));
  file->size = (gint64)g_bytes_get_size (bytes);
  g_ptr_array_add (submission->spec->files, file);
}

/**
 * ruche_submission_add_task:
 * @submission: a submission
 *
 * Adds a task without arguments and input.
 *
 * Returns: (transfer none): the task, to be filled
 */
RucheTaskSpec *
ruche_submission_add_task (RucheSubmission *submission)
{
  RucheTaskSpec *task = ruche_task_spec_new ();

  g_ptr_array_add (submission->tasks, task);
  return task;
}

static gboolean
check_size (const RucheSchema *schema, gconstpointer self, const char *sentence, GError **error)
{
  g_autofree char *text = ruche_struct_to_text (schema, self);

  if (strlen (text) <= MAX_STRUCT_TEXT)
    return TRUE;
  g_set_error_literal (error, RUCHE_ERROR, RUCHE_ERROR_TOO_LARGE, sentence);
  return FALSE;
}

static gboolean
check_task (RucheSubmission *submission, const RucheTaskSpec *task, GError **error)
{
  if (!ruche_struct_check (&ruche_task_spec_schema, task, error)
      || !ruche_task_spec_check (task, submission->spec, error))
    return FALSE;
  if (task->input == RUCHE_INPUT_LIVE && submission->spec->attempts > 1)
    {
      g_set_error_literal (error, RUCHE_ERROR, RUCHE_ERROR_INVALID,
                           _ ("live input can’t be read a second time: ask for one attempt, or "
                              "give the input as a file"));
      return FALSE;
    }
  return check_size (&ruche_task_spec_schema, task,
                     _ ("the arguments of a task are too long together: put them in a file or on "
                        "the standard input"),
                     error);
}

/**
 * ruche_submission_check:
 * @submission: a submission
 * @error: %RUCHE_ERROR_INVALID or %RUCHE_ERROR_TOO_LARGE with what to do
 *
 * Checks a job as a master will, so that a person hears of a mistake before anything is sent.
 *
 * Returns: whether it can be submitted
 */
gboolean
ruche_submission_check (RucheSubmission *submission, GError **error)
{
  GHashTableIter iter;
  gpointer bytes;

  if (submission->tasks->len == 0 || submission->tasks->len > RUCHE_MAX_TASKS_PER_JOB)
    {
      g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID,
                   _ ("a job has from 1 to %d tasks; this one has %u"), RUCHE_MAX_TASKS_PER_JOB,
                   submission->tasks->len);
      return FALSE;
    }
  /* Files first: their sentence is for people, that of the table for programmers. */
  if (!ruche_job_spec_check (submission->spec, error)
      || !ruche_struct_check (&ruche_job_spec_schema, submission->spec, error)
      || !check_size (&ruche_job_spec_schema, submission->spec,
                      _ ("the names and flags of the job are too long together: use fewer files or "
                         "flags"),
                      error))
    return FALSE;
  for (guint i = 0; i < submission->tasks->len; i++)
    if (!check_task (submission, g_ptr_array_index (submission->tasks, i), error))
      return FALSE;
  g_hash_table_iter_init (&iter, submission->blobs);
  while (g_hash_table_iter_next (&iter, NULL, &bytes))
    if (g_bytes_get_size (bytes) > RUCHE_MAX_INPUT_SIZE)
      {
        g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_TOO_LARGE,
                     _ ("an input may be %d MiB; this one is more"),
                     RUCHE_MAX_INPUT_SIZE / RUCHE_MIB);
        return FALSE;
      }
  return TRUE;
}
