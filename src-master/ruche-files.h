/* ruche-files.h: reading and writing the state folder
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

gboolean
ruche_files_fail (GError **error, const char *path);
gboolean
ruche_files_make_empty_dir (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
ruche_files_append (int fd, const char *path, const guint8 *bytes, gsize size, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
GBytes *
ruche_files_read (int fd, const char *path, gint64 offset, gsize size, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
int
ruche_files_lock (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gint64
ruche_files_next_epoch (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
