/* ruche-document.h: one program text, in a file or not yet
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-run-settings.h"
#include "ruche-session.h"

#include <gtksourceview/gtksource.h>

G_BEGIN_DECLS

#define RUCHE_TYPE_DOCUMENT (ruche_document_get_type ())
G_DECLARE_FINAL_TYPE (RucheDocument, ruche_document, RUCHE, DOCUMENT, GObject)

/* Property: "title" (string; notify): the file's name, with a mark where it is not saved. */

RucheDocument *
ruche_document_new (void);
GtkSourceBuffer *
ruche_document_get_buffer (RucheDocument *self);
RucheSession *
ruche_document_get_session (RucheDocument *self);
RucheRunSettings *
ruche_document_get_settings (RucheDocument *self);
GFile *
ruche_document_get_file (RucheDocument *self);
char *
ruche_document_get_name (RucheDocument *self);
char *
ruche_document_get_folder (RucheDocument *self);
const char *
ruche_document_get_encoding (RucheDocument *self);
gboolean
ruche_document_is_modified (RucheDocument *self);
gboolean
ruche_document_is_blank (RucheDocument *self);
gboolean
ruche_document_is_behind (RucheDocument *self);
void
ruche_document_keep (RucheDocument *self);
GBytes *
ruche_document_get_text (RucheDocument *self);
void
ruche_document_show_language (RucheDocument *self, GPtrArray *toolchains);

void
ruche_document_load_async (RucheDocument *self,
                           GFile *file,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data);
gboolean
ruche_document_load_finish (RucheDocument *self, GAsyncResult *result, GError **error);
void
ruche_document_save_async (RucheDocument *self,
                           GFile *file,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data);
gboolean
ruche_document_save_finish (RucheDocument *self, GAsyncResult *result, GError **error);

G_END_DECLS
