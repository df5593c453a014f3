/* ruche-submissions.c: what a client has begun to submit
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is wrong with a part or a file has no answer of its own: it is kept and told when the
 * submission is committed. The blobs of an open submission are held, so that none of them is
 * thrown away before its job is there.
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-submissions.h"

#include "ruche-bounds.h"
#include "ruche-error.h"
#include "ruche-weigh.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <string.h>

/* A job and each of its tasks must fit, together, into the header of one message. */
#define MAX_SPEC_WEIGHT (256 * RUCHE_KIB)
#define MAX_TASK_WEIGHT (256 * RUCHE_KIB)
#define MAX_PUTS        64 /* blobs under way at once */

/* What there is of a job or a task beside what ruche_weigh() tells. */
#define JOB_OVERHEAD  4096
#define TASK_OVERHEAD 128

typedef struct
{
  char *number;
  RucheJobSpec *spec;
  GPtrArray *tasks;  /* (element-type RucheTaskSpec) */
  GHashTable *blobs; /* digest to size (gint64), owned: all it needs */
  gsize weight;      /* of @tasks */
  gint64 work;       /* of all, as it counts in the master's open work */
  GError *error;     /* (nullable) what was wrong first */
} Submission;

struct _RucheSubmissions
{
  RucheBlobStore *blobs;
  const RucheLimits *maximum;
  gint64 *open_work;   /* shared by all connections, and the jobs that wait */
  GHashTable *open;    /* number, inside the submission, to Submission, owned */
  GHashTable *writers; /* digest to RucheBlobWriter, owned */
};

static void
submission_free (gpointer data)
{
  Submission *submission = data;

  ruche_job_spec_free (submission->spec);
  g_clear_pointer (&submission->tasks, g_ptr_array_unref);
  g_hash_table_unref (submission->blobs);
  g_clear_error (&submission->error);
  g_free (submission->number);
  g_free (submission);
}

static void
release_blobs (RucheSubmissions *submissions, Submission *submission)
{
  GHashTableIter iter;
  gpointer digest;

  g_hash_table_iter_init (&iter, submission->blobs);
  while (g_hash_table_iter_next (&iter, &digest, NULL))
    ruche_blob_store_release (submissions->blobs, digest);
}

/* Forgets an open submission, whose blobs and work are free again. */
static void
drop (RucheSubmissions *submissions, Submission *submission)
{
  release_blobs (submissions, submission);
  *submissions->open_work -= submission->work;
}

/**
 * ruche_submissions_new:
 * @blobs: where files go
 * @maximum: the most that a job may ask for
 * @open_work: what all submissions and the jobs that have not ended weigh, bytes; changed here
 *
 * Makes a list without submissions. All three must outlive it.
 *
 * Returns: (transfer full): the list
 */
RucheSubmissions *
ruche_submissions_new (RucheBlobStore *blobs, const RucheLimits *maximum, gint64 *open_work)
{
  RucheSubmissions *submissions = g_new0 (RucheSubmissions, 1);

  submissions->blobs = blobs;
  submissions->maximum = maximum;
  submissions->open_work = open_work;
  submissions->open = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, submission_free);
  submissions->writers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                                (GDestroyNotify)ruche_blob_writer_free);
  return submissions;
}

/**
 * ruche_submissions_free:
 * @submissions: (transfer full): a list
 *
 * Frees it, and abandons what is open.
 */
void
ruche_submissions_free (RucheSubmissions *submissions)
{
  GHashTableIter iter;
  gpointer submission;

  g_hash_table_unref (submissions->writers);
  g_hash_table_iter_init (&iter, submissions->open);
  while (g_hash_table_iter_next (&iter, NULL, &submission))
    drop (submissions, submission);
  g_hash_table_unref (submissions->open);
  g_free (submissions);
}

static gboolean
invalid (GError **error, const char *text)
{
  g_set_error_literal (error, RUCHE_ERROR, RUCHE_ERROR_INVALID, text);
  return FALSE;
}

/* Counts more work of a submission, where the master can hold it. */
static gboolean
take_work (RucheSubmissions *submissions, Submission *submission, gint64 more, GError **error)
{
  if (*submissions->open_work + more > RUCHE_MAX_OPEN_WORK)
    {
      g_set_error_literal (error, RUCHE_ERROR, RUCHE_ERROR_BUSY,
                           _ ("as much work waits as the master can hold: submit again when some "
                              "of it has ended"));
      return FALSE;
    }
  *submissions->open_work += more;
  submission->work += more;
  return TRUE;
}

/* Completes limits; a default never passes what the cluster grants. */
static gboolean
fill_limits (RucheLimits **limits,
             void (*get_defaults) (RucheLimits *),
             const RucheLimits *maximum,
             GError **error)
{
  RucheLimits defaults;

  get_defaults (&defaults);
  for (const RucheField *f = ruche_limits_schema.fields; f->name != NULL; f++)
    G_STRUCT_MEMBER (gint64, &defaults, f->offset)
        = MIN (G_STRUCT_MEMBER (gint64, &defaults, f->offset),
               G_STRUCT_MEMBER (const gint64, maximum, f->offset));
  if (*limits == NULL)
    *limits = ruche_limits_new ();
  if (!ruche_limits_check_maximum (*limits, maximum, error))
    return FALSE;
  ruche_limits_fill (*limits, &defaults);
  return TRUE;
}

static gboolean
note_blob (GHashTable *blobs, const RucheFile *file, GError **error)
{
  const gint64 *known = g_hash_table_lookup (blobs, file->blob);

  if (known != NULL && *known != file->size)
    return invalid (error, _ ("one file is announced with two sizes"));
  if (known == NULL)
    g_hash_table_insert (blobs, g_strdup (file->blob), g_memdup2 (&file->size, sizeof file->size));
  return TRUE;
}

static gboolean
check_begin (RucheSubmissions *submissions,
             const RucheSubmitBegin *begin,
             Submission *submission,
             GError **error)
{
  gint64 inputs = 0;

  if (strlen (begin->submission) != 32 || strspn (begin->submission, "0123456789abcdef") != 32)
    return invalid (error, _ ("a submission’s number is 32 lower-case hexadecimal digits"));
  if (!ruche_job_spec_check (submission->spec, error)
      || !fill_limits (&submission->spec->limits, ruche_limits_default_run, submissions->maximum,
                       error)
      || !fill_limits (&submission->spec->compile_limits, ruche_limits_default_compile,
                       submissions->maximum, error))
    return FALSE;
  if (ruche_weigh (&ruche_job_spec_schema, submission->spec) > MAX_SPEC_WEIGHT)
    return invalid (error, _ ("the names of the job’s files and its compiler flags are too long "
                              "together"));
  for (guint i = 0; i < submission->spec->files->len; i++)
    if (!note_blob (submission->blobs, g_ptr_array_index (submission->spec->files, i), error))
      return FALSE;
  for (guint i = 0; i < begin->inputs->len; i++)
    {
      const RucheFile *input = g_ptr_array_index (begin->inputs, i);
      inputs += input->size;
      if (!note_blob (submission->blobs, input, error))
        return FALSE;
    }
  if (inputs <= RUCHE_MAX_INPUT_SIZE)
    return TRUE;
  g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_TOO_LARGE,
               _ ("the inputs of a job may be %d MiB together; these are more"),
               RUCHE_MAX_INPUT_SIZE / RUCHE_MIB);
  return FALSE;
}

static GStrv
hold_blobs (RucheSubmissions *submissions, Submission *submission)
{
  g_autoptr (GPtrArray) missing = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer digest;

  g_hash_table_iter_init (&iter, submission->blobs);
  while (g_hash_table_iter_next (&iter, &digest, NULL))
    {
      ruche_blob_store_hold (submissions->blobs, digest);
      if (!ruche_blob_store_has (submissions->blobs, digest))
        g_ptr_array_add (missing, g_strdup (digest));
    }
  g_ptr_array_add (missing, NULL);
  return (GStrv)g_ptr_array_steal (missing, NULL);
}

/**
 * ruche_submissions_begin:
 * @submissions: a list
 * @begin: what the client says; one with the same number that is open begins anew
 * @error: %RUCHE_ERROR_INVALID, %RUCHE_ERROR_TOO_LARGE, or %RUCHE_ERROR_BUSY where too many are
 * open
 *
 * Begins a submission.
 *
 * Returns: (transfer full): the blobs that are needed, or %NULL
 */
GStrv
ruche_submissions_begin (RucheSubmissions *submissions,
                         const RucheSubmitBegin *begin,
                         GError **error)
{
  Submission *submission;

  ruche_submissions_abandon (submissions, begin->submission);
  if (g_hash_table_size (submissions->open) >= RUCHE_MAX_OPEN_SUBMISSIONS)
    {
      g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_BUSY,
                   _ ("%d jobs are being submitted over this connection: commit some first"),
                   RUCHE_MAX_OPEN_SUBMISSIONS);
      return NULL;
    }
  submission = g_new0 (Submission, 1);
  submission->number = g_strdup (begin->submission);
  submission->spec = ruche_job_spec_copy (begin->spec);
  submission->tasks = g_ptr_array_new_with_free_func ((GDestroyNotify)ruche_task_spec_free);
  submission->blobs = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  if (!check_begin (submissions, begin, submission, error)
      || !take_work (submissions, submission,
                     JOB_OVERHEAD + (gint64)ruche_weigh (&ruche_job_spec_schema, submission->spec)
                         + (gint64)begin->inputs->len * TASK_OVERHEAD,
                     error))
    {
      submission_free (submission);
      return NULL;
    }
  g_hash_table_insert (submissions->open, submission->number, submission);
  return hold_blobs (submissions, submission);
}

/* Tells all submissions that need a blob what went wrong with it. */
static void
blame (RucheSubmissions *submissions, const char *digest, const GError *why)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, submissions->open);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Submission *submission = value;
      if (submission->error == NULL && g_hash_table_contains (submission->blobs, digest))
        submission->error = g_error_copy (why);
    }
}

/* The size of a blob that a submission without an error needs, or %NULL. */
static const gint64 *
expected_size (RucheSubmissions *submissions, const char *digest)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, submissions->open);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const Submission *submission = value;
      const gint64 *size
          = submission->error == NULL ? g_hash_table_lookup (submission->blobs, digest) : NULL;
      if (size != NULL)
        return size;
    }
  return NULL;
}

static gboolean
put (RucheSubmissions *submissions, const RuchePut *put_part, GBytes *part, GError **error)
{
  RucheBlobWriter *writer = g_hash_table_lookup (submissions->writers, put_part->blob);
  gboolean complete = FALSE;

  if (writer != NULL && put_part->offset == 0)
    {
      g_hash_table_remove (submissions->writers, put_part->blob); /* begun anew */
      writer = NULL;
    }
  if (writer == NULL)
    {
      if (*expected_size (submissions, put_part->blob) != put_part->total)
        return invalid (error, _ ("a file has another size than was announced: submit again"));
      if (g_hash_table_size (submissions->writers) >= MAX_PUTS)
        {
          g_set_error_literal (error, RUCHE_ERROR, RUCHE_ERROR_BUSY,
                               _ ("too many files are being sent at once"));
          return FALSE;
        }
      writer = ruche_blob_writer_new (submissions->blobs, put_part->blob, put_part->total, error);
      if (writer == NULL)
        return FALSE;
      g_hash_table_insert (submissions->writers, g_strdup (put_part->blob), writer);
    }
  if (!ruche_blob_writer_add (writer, put_part->offset, part, &complete, error))
    {
      g_hash_table_remove (submissions->writers, put_part->blob);
      return FALSE;
    }
  if (complete)
    g_hash_table_remove (submissions->writers, put_part->blob);
  return TRUE;
}

/**
 * ruche_submissions_put:
 * @submissions: a list
 * @put_part: which blob, and where in it
 * @part: (nullable): the bytes
 *
 * Takes a part of a blob that an open submission needs; others are dropped.
 */
void
ruche_submissions_put (RucheSubmissions *submissions, const RuchePut *put_part, GBytes *part)
{
  g_autoptr (GBytes) nothing = g_bytes_new (NULL, 0);
  g_autoptr (GError) error = NULL;

  if (ruche_blob_store_has (submissions->blobs, put_part->blob)
      || expected_size (submissions, put_part->blob) == NULL)
    return;
  if (!put (submissions, put_part, part != NULL ? part : nothing, &error))
    blame (submissions, put_part->blob, error);
}

static gboolean
add_task (RucheSubmissions *submissions,
          Submission *submission,
          RucheTaskSpec *task,
          GError **error)
{
  g_autoptr (RucheTaskSpec) owned = task;
  gsize weight = ruche_weigh (&ruche_task_spec_schema, task);

  if (!ruche_task_spec_check (task, submission->spec, error))
    return FALSE;
  if (weight > MAX_TASK_WEIGHT)
    return invalid (error, _ ("the arguments of a task are too long together: put them into a file "
                              "or its standard input"));
  if (task->input_blob != NULL && !g_hash_table_contains (submission->blobs, task->input_blob))
    return invalid (error, _ ("a task’s input was not announced"));
  submission->weight += weight;
  if (submission->weight > RUCHE_MAX_BATCH_SIZE
      || submission->tasks->len >= RUCHE_MAX_TASKS_PER_JOB)
    {
      g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_TOO_LARGE,
                   _ ("a job may have %d tasks of %d MiB together: make several jobs of it"),
                   RUCHE_MAX_TASKS_PER_JOB, RUCHE_MAX_BATCH_SIZE / RUCHE_MIB);
      return FALSE;
    }
  if (!take_work (submissions, submission, (gint64)weight + TASK_OVERHEAD, error))
    return FALSE;
  g_ptr_array_add (submission->tasks, g_steal_pointer (&owned));
  return TRUE;
}

/**
 * ruche_submissions_part:
 * @submissions: a list
 * @part: tasks, which are taken out of it
 *
 * Takes tasks of a submission; those of one that is not open are dropped.
 */
void
ruche_submissions_part (RucheSubmissions *submissions, RucheSubmitPart *part)
{
  Submission *submission = g_hash_table_lookup (submissions->open, part->submission);

  if (submission == NULL || submission->error != NULL)
    return;
  if (part->first != submission->tasks->len)
    {
      invalid (&submission->error, _ ("the parts of the submission did not follow each other"));
      return;
    }
  for (guint i = 0; i < part->tasks->len && submission->error == NULL; i++)
    add_task (submissions, submission, g_steal_pointer (&g_ptr_array_index (part->tasks, i)),
              &submission->error);
}

static gboolean
check_commit (RucheSubmissions *submissions,
              const RucheSubmitCommit *commit,
              Submission *submission,
              GError **error)
{
  GHashTableIter iter;
  gpointer digest;

  if (submission->error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&submission->error));
      return FALSE;
    }
  if (submission->tasks->len == 0 || commit->tasks != submission->tasks->len)
    return invalid (error, _ ("not all tasks of the job arrived: submit again"));
  g_hash_table_iter_init (&iter, submission->blobs);
  while (g_hash_table_iter_next (&iter, &digest, NULL))
    if (!ruche_blob_store_has (submissions->blobs, digest))
      return invalid (error, _ ("not all files of the job arrived: submit again"));
  return TRUE;
}

/**
 * ruche_submissions_commit:
 * @submissions: a list
 * @commit: what the client says
 * @spec: (out) (transfer full): the job
 * @tasks: (out) (transfer full) (element-type RucheTaskSpec): its tasks
 * @blobs: (out) (transfer full): all blobs that it needs; they stay held, which passes to the
 * caller
 * @weight: (out): what the job counts in the master's open work until it has ended, bytes
 * @error: what was wrong with any part of the submission
 *
 * Ends a submission.
 *
 * Returns: whether there is a job
 */
gboolean
ruche_submissions_commit (RucheSubmissions *submissions,
                          const RucheSubmitCommit *commit,
                          RucheJobSpec **spec,
                          GPtrArray **tasks,
                          GStrv *blobs,
                          gint64 *weight,
                          GError **error)
{
  Submission *submission = g_hash_table_lookup (submissions->open, commit->submission);
  g_autofree gpointer *digests = NULL;

  if (submission == NULL)
    {
      g_set_error_literal (error, RUCHE_ERROR, RUCHE_ERROR_NOT_FOUND,
                           _ ("no such submission was begun over this connection"));
      return FALSE;
    }
  if (!check_commit (submissions, commit, submission, error))
    {
      ruche_submissions_abandon (submissions, commit->submission);
      return FALSE;
    }
  *spec = g_steal_pointer (&submission->spec);
  *tasks = g_steal_pointer (&submission->tasks);
  *weight = submission->work;
  digests = g_hash_table_get_keys_as_array (submission->blobs, NULL);
  *blobs = g_strdupv ((char **)digests);
  g_hash_table_remove (submissions->open, commit->submission);
  return TRUE;
}

/**
 * ruche_submissions_abandon:
 * @submissions: a list
 * @submission: its number, open or not
 *
 * Forgets a submission.
 */
void
ruche_submissions_abandon (RucheSubmissions *submissions, const char *submission)
{
  Submission *open = g_hash_table_lookup (submissions->open, submission);

  if (open == NULL)
    return;
  drop (submissions, open);
  g_hash_table_remove (submissions->open, submission);
}
