/* ruche-blobs.c: the slave's copies of files, by what is in them
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One folder of files named by the SHA-256 of their bytes. A file that is coming stands under a
 * private name until its digest was found right. Files of an earlier start are read once before
 * they are trusted. When there is too much, what was not used for longest goes, but never what
 * somebody holds.
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-blobs.h"

#include "ruche-error.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#define DIGEST_LENGTH 64
#define PART_SUFFIX   ".part"
#define READ_SIZE     (64 * 1024)

typedef struct
{
  char *digest;
  gint64 size;
  gint64 used; /* larger is later */
  guint holders;
  gboolean trusted;
} Blob;

/* A file that is coming. */
typedef struct
{
  char *path;
  int fd;
  GChecksum *checksum;
  gint64 offset;
  gint64 total;
} Part;

struct _RucheBlobs
{
  char *folder;
  gint64 bound;
  gint64 size;
  gint64 uses;
  GHashTable *blobs; /* digest, borrowed, to owned Blob */
  GHashTable *parts; /* owned digest to owned Part */
};

static void
blob_free (gpointer data)
{
  Blob *blob = data;

  g_free (blob->digest);
  g_free (blob);
}

static void
part_free (gpointer data)
{
  Part *part = data;

  if (part->fd >= 0)
    {
      close (part->fd);
      unlink (part->path);
    }
  g_checksum_free (part->checksum);
  g_free (part->path);
  g_free (part);
}

static gboolean
set_errno (GError **error, const char *path)
{
  int code = errno;

  g_set_error (error, RUCHE_ERROR,
               code == ENOSPC || code == EDQUOT ? RUCHE_ERROR_NO_SPACE : RUCHE_ERROR_FAILED,
               "%s: %s", path, g_strerror (code));
  return FALSE;
}

static gboolean
is_digest (const char *name)
{
  return strlen (name) == DIGEST_LENGTH && strspn (name, "0123456789abcdef") == DIGEST_LENGTH;
}

static char *
path_of (RucheBlobs *self, const char *digest)
{
  return g_build_filename (self->folder, digest, NULL);
}

static Blob *
add_blob (RucheBlobs *self, const char *digest, gint64 size, gboolean trusted)
{
  Blob *blob = g_new0 (Blob, 1);

  blob->digest = g_strdup (digest);
  blob->size = size;
  blob->used = ++self->uses;
  blob->trusted = trusted;
  self->size += size;
  g_hash_table_insert (self->blobs, blob->digest, blob);
  return blob;
}

static void
remove_blob (RucheBlobs *self, Blob *blob)
{
  g_autofree char *path = path_of (self, blob->digest);

  unlink (path);
  self->size -= blob->size;
  g_hash_table_remove (self->blobs, blob->digest);
}

/* Makes room for @more bytes, as far as nobody holds what would have to go. */
static void
evict (RucheBlobs *self, gint64 more)
{
  while (self->size + more > self->bound)
    {
      Blob *oldest = NULL;
      GHashTableIter iter;
      gpointer value;

      g_hash_table_iter_init (&iter, self->blobs);
      while (g_hash_table_iter_next (&iter, NULL, &value))
        {
          Blob *blob = value;
          if (blob->holders == 0 && (oldest == NULL || blob->used < oldest->used))
            oldest = blob;
        }
      if (oldest == NULL)
        return;
      remove_blob (self, oldest);
    }
}

typedef struct
{
  char *name;
  gint64 size;
  gint64 modified;
} Found;

static void
found_clear (gpointer data)
{
  g_free (((Found *)data)->name);
}

static int
compare_found (gconstpointer a, gconstpointer b)
{
  gint64 first = ((const Found *)a)->modified;
  gint64 second = ((const Found *)b)->modified;

  return first < second ? -1 : first > second;
}

/* Takes up what an earlier start left, the oldest first; removes what is no blob. */
static gboolean
load_folder (RucheBlobs *self, GError **error)
{
  g_autoptr (GDir) dir = g_dir_open (self->folder, 0, error);
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (Found));

  if (dir == NULL)
    return FALSE;
  g_array_set_clear_func (found, found_clear);
  for (const char *name = g_dir_read_name (dir); name != NULL; name = g_dir_read_name (dir))
    {
      g_autofree char *path = g_build_filename (self->folder, name, NULL);
      struct stat st;
      if (lstat (path, &st) != 0)
        continue;
      if (!S_ISREG (st.st_mode) || !is_digest (name))
        {
          unlink (path);
          continue;
        }
      Found entry = { g_strdup (name), st.st_size, st.st_mtim.tv_sec };
      g_array_append_val (found, entry);
    }
  g_array_sort (found, compare_found);
  for (guint i = 0; i < found->len; i++)
    {
      const Found *entry = &g_array_index (found, Found, i);
      add_blob (self, entry->name, entry->size, FALSE);
    }
  evict (self, 0);
  return TRUE;
}

/**
 * ruche_blobs_new:
 * @folder: where they are kept; made with mode 0700 where it does not exist
 * @bound: bytes to keep at most, but for those in use
 * @error: where the folder can't be made or read
 *
 * Opens the folder of blobs.
 *
 * Returns: (transfer full): the blobs, or %NULL
 */
RucheBlobs *
ruche_blobs_new (const char *folder, gint64 bound, GError **error)
{
  g_autoptr (RucheBlobs) self = g_new0 (RucheBlobs, 1);

  self->folder = g_strdup (folder);
  self->bound = bound;
  self->blobs = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, blob_free);
  self->parts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, part_free);
  if (g_mkdir_with_parents (folder, 0700) != 0)
    {
      set_errno (error, folder);
      return NULL;
    }
  return load_folder (self, error) ? g_steal_pointer (&self) : NULL;
}

/**
 * ruche_blobs_free:
 * @self: (nullable) (transfer full): blobs
 *
 * Frees @self; the files stay, but for those that were still coming.
 */
void
ruche_blobs_free (RucheBlobs *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->parts);
  g_hash_table_unref (self->blobs);
  g_free (self->folder);
  g_free (self);
}

static gboolean
matches (RucheBlobs *self, const char *digest)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree char *path = path_of (self, digest);
  g_autofree guint8 *buffer = g_malloc (READ_SIZE);
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  gssize n = 0;

  if (fd < 0)
    return FALSE;
  while ((n = read (fd, buffer, READ_SIZE)) > 0)
    g_checksum_update (checksum, buffer, n);
  close (fd);
  return n == 0 && strcmp (g_checksum_get_string (checksum), digest) == 0;
}

/**
 * ruche_blobs_hold:
 * @self: blobs
 * @digest: which
 *
 * Keeps a blob, if it is there, until ruche_blobs_release() was called as often.
 *
 * Returns: whether it is there
 */
gboolean
ruche_blobs_hold (RucheBlobs *self, const char *digest)
{
  Blob *blob = g_hash_table_lookup (self->blobs, digest);

  if (blob == NULL)
    return FALSE;
  if (!blob->trusted && !matches (self, digest))
    {
      remove_blob (self, blob);
      return FALSE;
    }
  blob->trusted = TRUE;
  blob->used = ++self->uses;
  blob->holders++;
  return TRUE;
}

/**
 * ruche_blobs_release:
 * @self: blobs
 * @digest: one that was held
 *
 * Undoes one ruche_blobs_hold().
 */
void
ruche_blobs_release (RucheBlobs *self, const char *digest)
{
  Blob *blob = g_hash_table_lookup (self->blobs, digest);

  if (blob != NULL && blob->holders > 0)
    blob->holders--;
  evict (self, 0);
}

/**
 * ruche_blobs_open:
 * @self: blobs
 * @digest: one that is held
 * @error: %RUCHE_ERROR_FAILED where somebody removed it
 *
 * Opens a blob to be read by Ruche itself: a program that is given this descriptor could change
 * the file through it.
 *
 * Returns: a descriptor, the caller's to close, or -1
 */
int
ruche_blobs_open (RucheBlobs *self, const char *digest, GError **error)
{
  g_autofree char *path = path_of (self, digest);
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

  if (fd < 0)
    set_errno (error, path);
  return fd;
}

/**
 * ruche_blobs_open_copy:
 * @self: blobs
 * @digest: one that is held
 * @error: %RUCHE_ERROR_FAILED or %RUCHE_ERROR_NO_SPACE
 *
 * Copies a blob into memory that nobody can change any more, for a program to read. It can be
 * read from any place, as a file can.
 *
 * Returns: a descriptor at the start of the copy, the caller's to close, or -1
 */
int
ruche_blobs_open_copy (RucheBlobs *self, const char *digest, GError **error)
{
  int from = ruche_blobs_open (self, digest, error);
  int to = from >= 0 ? memfd_create ("ruche-input", MFD_CLOEXEC | MFD_ALLOW_SEALING) : -1;
  gssize n = to >= 0 ? 1 : -1;

  while (n > 0)
    n = sendfile (to, from, NULL, 1 << 30);
  if (from >= 0 && n == 0 && lseek (to, 0, SEEK_SET) == 0
      && fcntl (to, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) == 0)
    {
      close (from);
      return to;
    }
  if (from < 0)
    return -1;
  set_errno (error, digest);
  close (from);
  if (to >= 0)
    close (to);
  return -1;
}

static Part *
begin_part (RucheBlobs *self, const RuchePut *put, GError **error)
{
  Part *part = g_new0 (Part, 1);

  evict (self, put->total);
  part->path = g_strdup_printf ("%s/%s" PART_SUFFIX, self->folder, put->blob);
  part->checksum = g_checksum_new (G_CHECKSUM_SHA256);
  part->total = put->total;
  unlink (part->path);
  part->fd = open (part->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0400);
  if (part->fd < 0)
    {
      set_errno (error, part->path);
      part_free (part);
      return NULL;
    }
  g_hash_table_replace (self->parts, g_strdup (put->blob), part);
  return part;
}

static gboolean
append_part (Part *part, GBytes *bytes, GError **error)
{
  gsize size = 0;
  const guint8 *data = bytes != NULL ? g_bytes_get_data (bytes, &size) : NULL;

  for (gsize done = 0; done < size;)
    {
      gssize n = write (part->fd, data + done, size - done);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return set_errno (error, part->path);
      done += (gsize)n;
    }
  if (size > 0)
    g_checksum_update (part->checksum, data, (gssize)size);
  part->offset += (gint64)size;
  return TRUE;
}

static gboolean
finish_part (RucheBlobs *self, Part *part, const char *digest, GError **error)
{
  g_autofree char *path = path_of (self, digest);

  if (strcmp (g_checksum_get_string (part->checksum), digest) != 0)
    {
      g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID,
                   _ ("a file came whose bytes are not those of its name, %s"), digest);
      return FALSE;
    }
  if (rename (part->path, path) != 0)
    return set_errno (error, path);
  close (part->fd);
  part->fd = -1;
  add_blob (self, digest, part->total, TRUE);
  return TRUE;
}

/**
 * ruche_blobs_put:
 * @self: blobs
 * @part: the message, as the master says, so anything
 * @bytes: (nullable): its payload
 * @complete: (out): whether the blob is there now
 * @error: %RUCHE_ERROR_INVALID where parts don't follow each other or the digest is wrong,
 *   %RUCHE_ERROR_NO_SPACE, %RUCHE_ERROR_FAILED; what had come is forgotten then
 *
 * Takes the next part of a blob. A part at offset 0 begins anew.
 *
 * Returns: whether it was taken
 */
gboolean
ruche_blobs_put (
    RucheBlobs *self, const RuchePut *part, GBytes *bytes, gboolean *complete, GError **error)
{
  gint64 size = bytes != NULL ? (gint64)g_bytes_get_size (bytes) : 0;
  Part *coming = NULL;
  gboolean fine;

  *complete = g_hash_table_contains (self->blobs, part->blob);
  if (*complete)
    return TRUE;
  coming = part->offset == 0 ? begin_part (self, part, error)
                             : g_hash_table_lookup (self->parts, part->blob);
  if (coming == NULL && part->offset == 0)
    return FALSE;
  if (coming == NULL || coming->offset != part->offset || coming->total != part->total
      || size > coming->total - coming->offset || (size == 0 && coming->total > 0))
    {
      g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID,
                   _ ("the parts of the file %s do not fit together"), part->blob);
      g_hash_table_remove (self->parts, part->blob);
      return FALSE;
    }
  fine = append_part (coming, bytes, error);
  if (fine && coming->offset == coming->total)
    fine = *complete = finish_part (self, coming, part->blob, error);
  if (!fine || *complete)
    g_hash_table_remove (self->parts, part->blob);
  return fine;
}

/**
 * ruche_blobs_drop_parts:
 * @self: blobs
 *
 * Forgets what had come of files that are not complete: the connection was lost.
 */
void
ruche_blobs_drop_parts (RucheBlobs *self)
{
  g_hash_table_remove_all (self->parts);
}

/**
 * ruche_blobs_get_size:
 * @self: blobs
 *
 * Tells how much is kept.
 *
 * Returns: bytes of all complete blobs
 */
gint64
ruche_blobs_get_size (RucheBlobs *self)
{
  return self->size;
}
