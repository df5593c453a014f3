/* ruche-blob-store.c: files by their SHA-256
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A blob is written under a made-up name, hashed on its way, and gets its own name only when it
 * is what it was said to be. Those that nobody holds are kept while there is room, as the same
 * program is often submitted again; the one unused for longest makes room.
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-blob-store.h"

#include "ruche-error.h"
#include "ruche-files.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

typedef struct
{
  char *digest;
  gint64 size; /* -1 while it is not there */
  guint holds;
  GList idle; /* in the store's queue where it is there and nobody holds it; data is this */
} Blob;

struct _RucheBlobStore
{
  char *dir;
  gint64 max_bytes;
  gint64 bytes;      /* of all that is there or being written */
  guint64 n_written; /* for made-up names */
  GHashTable *blobs; /* digest, inside the blob, to Blob, owned */
  GQueue idle;       /* (element-type Blob) unused for longest first */
};

struct _RucheBlobWriter
{
  RucheBlobStore *store;
  char *digest;
  char *path;
  int fd;
  gint64 total;
  gint64 written;
  GChecksum *checksum;
};

static void
blob_free (gpointer data)
{
  Blob *blob = data;

  g_free (blob->digest);
  g_free (blob);
}

static char *
path_of (RucheBlobStore *store, const char *digest)
{
  return g_strdup_printf ("%s/%.2s/%s", store->dir, digest, digest + 2);
}

static Blob *
ensure_blob (RucheBlobStore *store, const char *digest)
{
  Blob *blob = g_hash_table_lookup (store->blobs, digest);

  if (blob != NULL)
    return blob;
  blob = g_new0 (Blob, 1);
  blob->digest = g_strdup (digest);
  blob->size = -1;
  blob->idle.data = blob;
  g_hash_table_insert (store->blobs, blob->digest, blob);
  return blob;
}

static gboolean
is_idle (const Blob *blob)
{
  return blob->size >= 0 && blob->holds == 0;
}

static gboolean
put_empty (RucheBlobStore *store, GError **error)
{
  g_autoptr (GBytes) nothing = g_bytes_new (NULL, 0);
  g_autoptr (RucheBlobWriter) writer = ruche_blob_writer_new (store, EMPTY, 0, error);
  gboolean complete;

  ruche_blob_store_hold (store, EMPTY);
  return writer != NULL && ruche_blob_writer_add (writer, 0, nothing, &complete, error);
}

/**
 * ruche_blob_store_new:
 * @dir: its folder, made where it is missing and emptied: no job outlives the master
 * @max_bytes: of all blobs together
 * @error: %RUCHE_ERROR_NO_SPACE or %RUCHE_ERROR_FAILED
 *
 * Makes a store that holds the empty blob only.
 *
 * Returns: (transfer full): the store, or %NULL
 */
RucheBlobStore *
ruche_blob_store_new (const char *dir, gint64 max_bytes, GError **error)
{
  g_autoptr (RucheBlobStore) store = g_new0 (RucheBlobStore, 1);

  store->dir = g_strdup (dir);
  store->max_bytes = max_bytes;
  store->blobs = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, blob_free);
  if (!ruche_files_make_empty_dir (dir, error) || !put_empty (store, error))
    return NULL;
  return g_steal_pointer (&store);
}

/**
 * ruche_blob_store_free:
 * @store: (transfer full): a store without writers
 *
 * Frees the store; files stay where they are.
 */
void
ruche_blob_store_free (RucheBlobStore *store)
{
  g_hash_table_unref (store->blobs);
  g_free (store->dir);
  g_free (store);
}

/**
 * ruche_blob_store_has:
 * @store: a store
 * @digest: of a blob
 *
 * Says whether a blob is there.
 *
 * Returns: whether it is
 */
gboolean
ruche_blob_store_has (RucheBlobStore *store, const char *digest)
{
  const Blob *blob = g_hash_table_lookup (store->blobs, digest);

  return blob != NULL && blob->size >= 0;
}

/**
 * ruche_blob_store_hold:
 * @store: a store
 * @digest: of a blob, there or not
 *
 * Keeps a blob from being thrown away, once it is there.
 */
void
ruche_blob_store_hold (RucheBlobStore *store, const char *digest)
{
  Blob *blob = ensure_blob (store, digest);

  if (is_idle (blob))
    g_queue_unlink (&store->idle, &blob->idle);
  blob->holds++;
}

/**
 * ruche_blob_store_release:
 * @store: a store
 * @digest: of a blob that was held
 *
 * Takes back one ruche_blob_store_hold().
 */
void
ruche_blob_store_release (RucheBlobStore *store, const char *digest)
{
  Blob *blob = g_hash_table_lookup (store->blobs, digest);

  if (--blob->holds > 0)
    return;
  if (blob->size >= 0)
    g_queue_push_tail_link (&store->idle, &blob->idle);
  else
    g_hash_table_remove (store->blobs, digest);
}

static void
throw_away (RucheBlobStore *store, Blob *blob)
{
  g_autofree char *path = path_of (store, blob->digest);

  g_queue_unlink (&store->idle, &blob->idle);
  store->bytes -= blob->size;
  g_unlink (path);
  g_hash_table_remove (store->blobs, blob->digest);
}

static gboolean
make_room (RucheBlobStore *store, gint64 size, GError **error)
{
  while (store->bytes + size > store->max_bytes && !g_queue_is_empty (&store->idle))
    throw_away (store, g_queue_peek_head (&store->idle));
  if (store->bytes + size <= store->max_bytes)
    return TRUE;
  g_set_error_literal (error, RUCHE_ERROR, RUCHE_ERROR_NO_SPACE,
                       _ ("the master keeps as many files as it may: delete jobs that are no "
                          "longer needed, or try again later"));
  return FALSE;
}

/* Where the disk is full, blobs that nobody holds make room, one at a time. Says whether one did,
 * so that what failed, which errno tells, is worth another try. */
static gboolean
give_way (RucheBlobStore *store)
{
  if ((errno != ENOSPC && errno != EDQUOT) || g_queue_is_empty (&store->idle))
    return FALSE;
  throw_away (store, g_queue_peek_head (&store->idle));
  return TRUE;
}

/**
 * ruche_blob_store_read:
 * @store: a store
 * @digest: of a blob
 * @offset: where to begin
 * @max: bytes at most
 * @total: (out): how many there are in the blob
 * @error: %RUCHE_ERROR_NOT_FOUND where it is not there
 *
 * Reads a part of a blob.
 *
 * Returns: (transfer full): the bytes, fewer than @max only at the end; or %NULL
 */
GBytes *
ruche_blob_store_read (RucheBlobStore *store,
                       const char *digest,
                       gint64 offset,
                       gsize max,
                       gint64 *total,
                       GError **error)
{
  const Blob *blob = g_hash_table_lookup (store->blobs, digest);
  g_autofree char *path = path_of (store, digest);
  GBytes *part;
  int fd;

  if (blob == NULL || blob->size < 0 || offset > blob->size)
    {
      g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_NOT_FOUND, "there is no blob %s", digest);
      return NULL;
    }
  *total = blob->size;
  fd = open (path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return ruche_files_fail (error, path), NULL;
  part = ruche_files_read (fd, path, offset, MIN (max, (gsize)(blob->size - offset)), error);
  close (fd);
  return part;
}

/**
 * ruche_blob_store_get_size:
 * @store: a store
 *
 * Adds up what is there or being written.
 *
 * Returns: bytes
 */
gint64
ruche_blob_store_get_size (RucheBlobStore *store)
{
  return store->bytes;
}

/**
 * ruche_blob_writer_new:
 * @store: a store, which must outlive the writer
 * @digest: of the blob
 * @total: how many bytes it has
 * @error: %RUCHE_ERROR_NO_SPACE where the store or the disk is full
 *
 * Begins to write a blob.
 *
 * Returns: (transfer full): the writer, or %NULL
 */
RucheBlobWriter *
ruche_blob_writer_new (RucheBlobStore *store, const char *digest, gint64 total, GError **error)
{
  g_autoptr (RucheBlobWriter) writer = g_new0 (RucheBlobWriter, 1);

  writer->fd = -1;
  writer->store = store;
  if (!make_room (store, total, error))
    return NULL;
  writer->total = total;
  store->bytes += total;
  writer->digest = g_strdup (digest);
  writer->checksum = g_checksum_new (G_CHECKSUM_SHA256);
  writer->path = g_strdup_printf ("%s/new-%" G_GUINT64_FORMAT, store->dir, ++store->n_written);
  do
    writer->fd = open (writer->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  while (writer->fd < 0 && give_way (store));
  if (writer->fd < 0)
    return ruche_files_fail (error, writer->path), NULL;
  return g_steal_pointer (&writer);
}

/**
 * ruche_blob_writer_free:
 * @writer: (transfer full): a writer
 *
 * Frees a writer; a blob that is not complete is thrown away.
 */
void
ruche_blob_writer_free (RucheBlobWriter *writer)
{
  if (writer->fd >= 0)
    {
      close (writer->fd);
      g_unlink (writer->path);
    }
  writer->store->bytes -= writer->total;
  g_clear_pointer (&writer->checksum, g_checksum_free);
  g_free (writer->digest);
  g_free (writer->path);
  g_free (writer);
}

/* The file gets its name; from here on its bytes are the blob's. */
static gboolean
finish (RucheBlobWriter *writer, GError **error)
{
  g_autofree char *path = path_of (writer->store, writer->digest);
  g_autofree char *dir = g_path_get_dirname (path);
  Blob *blob = ensure_blob (writer->store, writer->digest);
  int fd = writer->fd;
  gboolean named;

  if (blob->size >= 0)
    return TRUE; /* somebody else was faster */
  do
    named = (mkdir (dir, 0700) == 0 || errno == EEXIST) && g_rename (writer->path, path) == 0;
  while (!named && give_way (writer->store));
  if (!named)
    {
      ruche_files_fail (error, path);
      if (blob->holds == 0)
        g_hash_table_remove (writer->store->blobs, writer->digest);
      return FALSE;
    }
  writer->fd = -1;
  close (fd);
  blob->size = writer->total;
  writer->total = 0;
  if (blob->holds == 0)
    g_queue_push_tail_link (&writer->store->idle, &blob->idle);
  return TRUE;
}

static gboolean
append (RucheBlobWriter *writer, const guint8 *bytes, gsize size, GError **error)
{
  gsize done = 0;

  while (TRUE)
    {
      g_autoptr (GError) local = NULL;

      if (ruche_files_append (writer->fd, writer->path, bytes + done, size - done, &local))
        return TRUE;
      if (!give_way (writer->store))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
      /* A part may have been written before the disk was full. */
      done = (gsize)(lseek (writer->fd, 0, SEEK_CUR) - writer->written);
    }
}

/**
 * ruche_blob_writer_add:
 * @writer: a writer
 * @offset: of the part in the blob
 * @part: its bytes
 * @complete: (out): whether the blob is there now
 * @error: %RUCHE_ERROR_INVALID where the parts do not follow each other or are not the blob,
 *   %RUCHE_ERROR_NO_SPACE for a full disk; the writer is then of no more use
 *
 * Adds a part.
 *
 * Returns: whether it was added
 */
gboolean
ruche_blob_writer_add (
    RucheBlobWriter *writer, gint64 offset, GBytes *part, gboolean *complete, GError **error)
{
  gsize size;
  const guint8 *bytes = g_bytes_get_data (part, &size);

  *complete = FALSE;
  if (offset != writer->written || (gint64)size > writer->total - writer->written)
    {
      g_set_error_literal (error, RUCHE_ERROR, RUCHE_ERROR_INVALID,
                           _ ("the parts of a file did not follow each other"));
      return FALSE;
    }
  if (!append (writer, bytes, size, error))
    return FALSE;
  g_checksum_update (writer->checksum, bytes, (gssize)size);
  writer->written += (gint64)size;
  if (writer->written < writer->total)
    return TRUE;
  if (strcmp (g_checksum_get_string (writer->checksum), writer->digest) != 0)
    {
      g_set_error_literal (error, RUCHE_ERROR, RUCHE_ERROR_INVALID,
                           _ ("a file did not arrive as it was announced: submit again"));
      return FALSE;
    }
  *complete = finish (writer, error);
  return *complete;
}
