/* ruche-editor-window.h: where programs are written and run
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-cluster.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define RUCHE_TYPE_EDITOR_WINDOW (ruche_editor_window_get_type ())
G_DECLARE_FINAL_TYPE (
    RucheEditorWindow, ruche_editor_window, RUCHE, EDITOR_WINDOW, AdwApplicationWindow)

RucheEditorWindow *
ruche_editor_window_new (GtkApplication *application, RucheCluster *cluster, GSettings *settings);
void
ruche_editor_window_open (RucheEditorWindow *self, GFile *file);
void
ruche_editor_window_new_document (RucheEditorWindow *self);

G_END_DECLS
