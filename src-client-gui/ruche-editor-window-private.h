/* ruche-editor-window-private.h: what the parts of the editor window share
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-connect-panel.h"
#include "ruche-editor-page.h"
#include "ruche-editor-window.h"
#include "ruche-run-panel.h"
#include "ruche-settings-panel.h"
#include "ruche-status-bar.h"

G_BEGIN_DECLS

/* What follows when a document has been saved. */
typedef enum
{
  RUCHE_THEN_NOTHING,
  RUCHE_THEN_CLOSE_TAB,
  RUCHE_THEN_CLOSE_WINDOW,
} RucheThen;

struct _RucheEditorWindow
{
  AdwApplicationWindow parent_instance;

  /* Template. */
  AdwWindowTitle *title;
  GtkButton *stop_button;
  AdwTabView *tabs;
  AdwFlap *flap;
  GtkPaned *paned;
  GtkStack *lower;
  RucheConnectPanel *connect_panel;
  RucheSettingsPanel *settings_panel;
  RucheStatusBar *status_bar;

  /* Owned. */
  RucheCluster *cluster;
  GSettings *settings;
  RucheEditorPage *page; /* the one in sight */
  GtkFileChooserNative *chooser;
  GCancellable *cancellable;
  GtkWidget *question;    /* about unsaved changes; weak */
  gboolean wants_cluster; /* Run was pressed without one: show how to get it */
  gboolean closing;       /* nothing is left to ask about */
};

RucheRunPanel *
ruche_editor_window_get_panel (RucheEditorPage *page);
RucheEditorPage *
ruche_editor_window_find (RucheEditorWindow *self, GFile *file);
RucheEditorPage *
ruche_editor_window_add (RucheEditorWindow *self, RucheDocument *document);
void
ruche_editor_window_update (RucheEditorWindow *self);
void
ruche_editor_window_open_at (RucheEditorWindow *self, GFile *file, gint64 line, gint64 column);
void
ruche_editor_window_show_problem (RucheEditorWindow *self,
                                  RucheEditorPage *page,
                                  const RucheDiagnostic *diagnostic);
void
ruche_editor_window_save (RucheEditorWindow *self, RucheEditorPage *page, RucheThen then);
void
ruche_editor_window_saved (RucheEditorWindow *self,
                           RucheEditorPage *page,
                           RucheThen then,
                           gboolean saved);
void
ruche_editor_window_say (RucheEditorWindow *self, const char *heading, const char *sentence);

void
ruche_editor_window_install_actions (GtkWidgetClass *widget_class);
void
ruche_editor_window_install_file_actions (GtkWidgetClass *widget_class);
gboolean
ruche_editor_window_on_close_page (AdwTabView *tabs, AdwTabPage *tab, RucheEditorWindow *self);
gboolean
ruche_editor_window_on_close (RucheEditorWindow *self);

G_END_DECLS
