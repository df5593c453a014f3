/* ruche-program.c: from files on disk to a submission
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-program.h"

#include "ruche-bounds.h"
#include "ruche-error.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A path as it may be shown to a person: names on disk may be anything but NUL. */
static char *
shown (const char *path)
{
  char *text = g_filename_display_name (path);

  for (char *p = text; *p != '\0'; p++)
    if (g_ascii_iscntrl (*p))
      *p = '?';
  return text;
}

static gboolean
fail (GError **error, RucheErrorCode code, const char *sentence, const char *path)
{
  g_autofree char *name = shown (path);
  g_autofree char *message = NULL;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  message = g_strdup_printf (sentence, name); /* always a literal of this file, translated */
#pragma GCC diagnostic pop
  g_set_error_literal (error, RUCHE_ERROR, code, message);
  return FALSE;
}

static gboolean
fail_errno (GError **error, int code, const char *path)
{
  g_autofree char *name = shown (path);

  switch (code)
    {
    case ENOENT:
    case ENOTDIR:
      return fail (error, RUCHE_ERROR_NOT_FOUND,
                   _ ("there is no file “%s”: check its name and the folder you are in"), path);
    case EACCES:
    case EPERM:
      return fail (error, RUCHE_ERROR_DENIED,
                   _ ("you may not read “%s”: change its permissions or copy it"), path);
    default:
      g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_FAILED, _ ("“%s” can’t be read: %s"), name,
                   g_strerror (code));
      return FALSE;
    }
}

static gboolean
check_kind (const char *path, const struct stat *st, gint64 room, GError **error)
{
  if (S_ISDIR (st->st_mode))
    return fail (error, RUCHE_ERROR_INVALID,
                 _ ("“%s” is a folder: name the files in it that make up the program"), path);
  if (!S_ISREG (st->st_mode))
    return fail (error, RUCHE_ERROR_INVALID,
                 _ ("“%s” is no ordinary file: save what it holds in a file first"), path);
  if (st->st_size <= room)
    return TRUE;
  g_autofree char *name = shown (path);
  g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_TOO_LARGE,
               _ ("with “%s” the files of the job are more than %d MiB together: leave out what "
                  "the program does not need, or give it data on its standard input"),
               name, RUCHE_MAX_PROGRAM_SIZE / RUCHE_MIB);
  return FALSE;
}

/* Reads an ordinary file of at most @room bytes. O_NONBLOCK: opening a FIFO must not wait. */
static GBytes *
read_file (const char *path, gint64 room, GError **error)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  int code = errno;
  struct stat st;

  if (fd < 0 || fstat (fd, &st) < 0)
    {
      if (fd >= 0)
        close (fd);
      fail_errno (error, code, path);
      return NULL;
    }
  if (!check_kind (path, &st, room, error))
    {
      close (fd);
      return NULL;
    }
  g_autofree char *data = g_malloc (MAX (st.st_size, 1));
  gsize size = 0;
  gssize got = 1;
  while (got > 0 && size < (gsize)st.st_size)
    {
      got = TEMP_FAILURE_RETRY (read (fd, data + size, st.st_size - size));
      code = errno;
      size += MAX (got, 0);
    }
  close (fd);
  if (got >= 0)
    return g_bytes_new_take (g_steal_pointer (&data), size);
  fail_errno (error, code, path);
  return NULL;
}

static gboolean
add_file (RucheSubmission *submission, const char *path, const char *name, GError **error)
{
  gint64 room = RUCHE_MAX_PROGRAM_SIZE - ruche_job_spec_files_size (submission->spec);
  g_autoptr (GBytes) bytes = NULL;

  /* What the file is comes before how it is called: “..” is best refused as a folder. */
  bytes = read_file (path, room, error);
  if (bytes == NULL || !ruche_file_name_check (name, error))
    return FALSE;
  if (submission->spec->files->len >= RUCHE_MAX_FILES)
    {
      g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_TOO_LARGE,
                   _ ("a job has at most %d files: put the others in an archive"), RUCHE_MAX_FILES);
      return FALSE;
    }
  ruche_submission_add_file (submission, name, bytes);
  return TRUE;
}

/**
 * ruche_program_add_path:
 * @submission: a submission
 * @path: a file on this machine
 * @error: %RUCHE_ERROR with what to do
 *
 * Adds a file from disk under its own name, without its folder. At most 8 MiB are read, at once.
 *
 * Returns: whether it was added
 */
gboolean
ruche_program_add_path (RucheSubmission *submission, const char *path, GError **error)
{
  g_autofree char *name = g_path_get_basename (path);

  return add_file (submission, path, name, error);
}

/* The length of the folder that holds both, its last slash included; both are absolute. */
static gsize
common_folder (const char *a, gsize length, const char *b)
{
  gsize slash = 0;

  for (gsize i = 0; i < length && a[i] == b[i] && b[i] != '\0'; i++)
    if (a[i] == '/')
      slash = i + 1;
  return slash;
}

/**
 * ruche_program_add_paths:
 * @submission: a submission
 * @paths: files on this machine, at least one
 * @error: %RUCHE_ERROR with what to do
 *
 * Adds files from disk under their names in the innermost folder that holds them all:
 * src/main.c and src/lib/list.c become main.c and lib/list.c.
 *
 * Returns: whether all were added
 */
gboolean
ruche_program_add_paths (RucheSubmission *submission, const char *const *paths, GError **error)
{
  g_autoptr (GPtrArray) full = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  gsize folder = 0;

  for (guint i = 0; paths[i] != NULL; i++)
    {
      char *path = g_canonicalize_filename (paths[i], NULL);
      const char *first;
      g_ptr_array_add (full, path);
      first = g_ptr_array_index (full, 0);
      folder = common_folder (first, i == 0 ? strlen (first) : folder, path);
      if (!g_hash_table_add (seen, path))
        return fail (error, RUCHE_ERROR_INVALID, _ ("“%s” is given twice: name it once"), paths[i]);
    }
  for (guint i = 0; i < full->len; i++)
    if (!add_file (submission, paths[i], (char *)g_ptr_array_index (full, i) + folder, error))
      return FALSE;
  return TRUE;
}
