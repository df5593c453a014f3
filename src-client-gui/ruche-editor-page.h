/* ruche-editor-page.h: the view of one program text
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-document.h"
#include "ruche-problem.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define RUCHE_TYPE_EDITOR_PAGE (ruche_editor_page_get_type ())
G_DECLARE_FINAL_TYPE (RucheEditorPage, ruche_editor_page, RUCHE, EDITOR_PAGE, AdwBin)

/* Signal: "cursor-moved". */

RucheEditorPage *
ruche_editor_page_new (RucheDocument *document);
RucheDocument *
ruche_editor_page_get_document (RucheEditorPage *self);
void
ruche_editor_page_get_cursor (RucheEditorPage *self, guint *line, guint *column);
void
ruche_editor_page_go_to (RucheEditorPage *self, gint64 line, gint64 column);
gboolean
ruche_editor_page_concerns (RucheEditorPage *self, const RucheDiagnostic *diagnostic);
void
ruche_editor_page_show_problems (RucheEditorPage *self, GListModel *problems);
void
ruche_editor_page_look_at_disk (RucheEditorPage *self);

G_END_DECLS
