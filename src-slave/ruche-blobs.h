/* ruche-blobs.h: the slave's copies of files, by what is in them
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-messages.h"

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _RucheBlobs RucheBlobs;

RucheBlobs *
ruche_blobs_new (const char *folder, gint64 bound, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
ruche_blobs_free (RucheBlobs *self);
gboolean
ruche_blobs_hold (RucheBlobs *self, const char *digest);
void
ruche_blobs_release (RucheBlobs *self, const char *digest);
int
ruche_blobs_open (RucheBlobs *self, const char *digest, GError **error) G_GNUC_WARN_UNUSED_RESULT;
int
ruche_blobs_open_copy (RucheBlobs *self,
                       const char *digest,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
ruche_blobs_put (RucheBlobs *self,
                 const RuchePut *part,
                 GBytes *bytes,
                 gboolean *complete,
                 GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
ruche_blobs_drop_parts (RucheBlobs *self);
gint64
ruche_blobs_get_size (RucheBlobs *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RucheBlobs, ruche_blobs_free)

G_END_DECLS
