/* ruche-files.c: reading and writing the state folder
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-files.h"

#include "ruche-error.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glib/gi18n-lib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/**
 * ruche_files_fail:
 * @error: set to %RUCHE_ERROR_NO_SPACE for a full disk, else to %RUCHE_ERROR_FAILED
 * @path: named in the sentence
 *
 * Makes an error of errno, which stays as it is.
 *
 * Returns: %FALSE
 */
gboolean
ruche_files_fail (GError **error, const char *path)
{
  int code = errno;

  if (code == ENOSPC || code == EDQUOT)
    g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_NO_SPACE,
                 _ ("the master’s disk is full (%s): make room there and try again"), path);
  else
    g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_FAILED, _ ("%s can’t be used: %s"), path,
                 g_strerror (code));
  errno = code;
  return FALSE;
}

static int
remove_entry (const char *path, const struct stat *st, int kind, struct FTW *place)
{
  if (place->level == 0)
    return 0;
  return kind == FTW_DP ? rmdir (path) : unlink (path);
}

/**
 * ruche_files_make_empty_dir:
 * @path: a folder
 * @error: as ruche_files_fail()
 *
 * Makes a folder, or empties the one that is there. Links in it are removed, not followed.
 *
 * Returns: whether it is there and empty
 */
gboolean
ruche_files_make_empty_dir (const char *path, GError **error)
{
  if (mkdir (path, 0700) == 0)
    return TRUE;
  if (errno != EEXIST || nftw (path, remove_entry, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT) != 0)
    return ruche_files_fail (error, path);
  return TRUE;
}

/**
 * ruche_files_append:
 * @fd: a file
 * @path: its name, for errors
 * @bytes: (nullable): what to write
 * @size: how many
 * @error: as ruche_files_fail()
 *
 * Writes all of @bytes.
 *
 * Returns: whether all were written
 */
gboolean
ruche_files_append (int fd, const char *path, const guint8 *bytes, gsize size, GError **error)
{
  while (size > 0)
    {
      ssize_t written = write (fd, bytes, size);
      if (written < 0 && errno == EINTR)
        continue;
      if (written < 0)
        return ruche_files_fail (error, path);
      bytes += written;
      size -= (gsize)written;
    }
  return TRUE;
}

/**
 * ruche_files_read:
 * @fd: a file
 * @path: its name, for errors
 * @offset: where to begin
 * @size: how many bytes, all of which must be there
 * @error: as ruche_files_fail()
 *
 * Reads a part of a file.
 *
 * Returns: (transfer full): the bytes, or %NULL
 */
GBytes *
ruche_files_read (int fd, const char *path, gint64 offset, gsize size, GError **error)
{
  g_autofree guint8 *bytes = g_malloc (MAX (size, 1));
  gsize have = 0;

  while (have < size)
    {
      ssize_t came = pread (fd, bytes + have, size - have, offset + (gint64)have);
      if (came < 0 && errno == EINTR)
        continue;
      if (came == 0)
        errno = EIO;
      if (came <= 0)
        return ruche_files_fail (error, path), NULL;
      have += (gsize)came;
    }
  return g_bytes_new_take (g_steal_pointer (&bytes), size);
}

/**
 * ruche_files_lock:
 * @path: a file, made where it is missing
 * @error: %RUCHE_ERROR_BUSY where another process has it; as ruche_files_fail()
 *
 * Makes sure that no other master uses the same folder, as long as this process lives.
 *
 * Returns: a descriptor to keep open, or -1
 */
int
ruche_files_lock (const char *path, GError **error)
{
  int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

  if (fd >= 0 && flock (fd, LOCK_EX | LOCK_NB) == 0)
    return fd;
  if (fd >= 0 && errno == EWOULDBLOCK)
    {
      g_autofree char *dir = g_path_get_dirname (path);
      g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_BUSY,
                   _ ("another master uses the folder %s: stop it, or choose another folder with "
                      "“--state”"),
                   dir);
    }
  else
    ruche_files_fail (error, path);
  if (fd >= 0)
    close (fd);
  return -1;
}

/**
 * ruche_files_next_epoch:
 * @path: the file that holds the last one
 * @error: %RUCHE_ERROR_INVALID where the file holds something else; as ruche_files_fail()
 *
 * Counts the starts of the master. The number is on the disk before it is used.
 *
 * Returns: a number greater than any before, or 0
 */
gint64
ruche_files_next_epoch (const char *path, GError **error)
{
  g_autofree char *text = NULL;
  g_autofree char *next = NULL;
  g_autoptr (GError) local = NULL;
  gint64 epoch = 0;

  if (g_file_get_contents (path, &text, NULL, &local))
    {
      if (!g_ascii_string_to_signed (g_strstrip (text), 10, 0, G_MAXINT32, &epoch, NULL))
        {
          g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID,
                       _ ("%s is damaged: write into it a number greater than any epoch before, or "
                          "remove it and restart all servers"),
                       path);
          return 0;
        }
    }
  else if (!g_error_matches (local, G_FILE_ERROR, G_FILE_ERROR_NOENT))
    {
      g_set_error_literal (error, RUCHE_ERROR, RUCHE_ERROR_FAILED, local->message);
      return 0;
    }
  next = g_strdup_printf ("%" G_GINT64_FORMAT "\n", ++epoch);
  g_clear_error (&local);
  if (g_file_set_contents_full (path, next, -1,
                                G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600,
                                &local))
    return epoch;
  g_set_error_literal (error, RUCHE_ERROR,
                       g_error_matches (local, G_FILE_ERROR, G_FILE_ERROR_NOSPC)
                           ? RUCHE_ERROR_NO_SPACE
                           : RUCHE_ERROR_FAILED,
                       local->message);
  return 0;
}
