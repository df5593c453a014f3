/* ruche-blob-store.h: files by their SHA-256
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _RucheBlobStore RucheBlobStore;
typedef struct _RucheBlobWriter RucheBlobWriter;

RucheBlobStore *
ruche_blob_store_new (const char *dir, gint64 max_bytes, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
ruche_blob_store_free (RucheBlobStore *store);
gboolean
ruche_blob_store_has (RucheBlobStore *store, const char *digest);
void
ruche_blob_store_hold (RucheBlobStore *store, const char *digest);
void
ruche_blob_store_release (RucheBlobStore *store, const char *digest);
GBytes *
ruche_blob_store_read (RucheBlobStore *store,
                       const char *digest,
                       gint64 offset,
                       gsize max,
                       gint64 *total,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;
gint64
ruche_blob_store_get_size (RucheBlobStore *store);

RucheBlobWriter *
ruche_blob_writer_new (RucheBlobStore *store, const char *digest, gint64 total, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
void
ruche_blob_writer_free (RucheBlobWriter *writer);
gboolean
ruche_blob_writer_add (RucheBlobWriter *writer,
                       gint64 offset,
                       GBytes *part,
                       gboolean *complete,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RucheBlobStore, ruche_blob_store_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RucheBlobWriter, ruche_blob_writer_free)

G_END_DECLS
