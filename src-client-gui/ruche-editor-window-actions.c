/* ruche-editor-window-actions.c: running, stopping, finding problems
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-editor-window-private.h"

#include "ruche-connect-dialog.h"
#include "ruche-submit.h"

#include <glib/gi18n-lib.h>

static RucheSession *
get_session (RucheEditorWindow *self)
{
  return self->page != NULL
             ? ruche_document_get_session (ruche_editor_page_get_document (self->page))
             : NULL;
}

static GBytes *
open_text (GFile *file, gpointer user_data)
{
  RucheEditorPage *page = ruche_editor_window_find (user_data, file);

  return page != NULL ? ruche_document_get_text (ruche_editor_page_get_document (page)) : NULL;
}

static void
run_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RucheEditorWindow *self = RUCHE_EDITOR_WINDOW (widget);
  RucheSession *session = get_session (self);
  GPtrArray *toolchains = ruche_cluster_get_toolchains (self->cluster);
  RucheDocument *document;
  g_autoptr (RucheSubmission) submission = NULL;
  g_autoptr (GError) error = NULL;

  if (session == NULL || ruche_session_get_active (session))
    return;
  if (ruche_cluster_get_state (self->cluster) != RUCHE_CLUSTER_ONLINE)
    {
      self->wants_cluster = TRUE;
      ruche_editor_window_update (self);
      gtk_widget_child_focus (GTK_WIDGET (self->connect_panel), GTK_DIR_TAB_FORWARD);
      return;
    }
  document = ruche_editor_page_get_document (self->page);
  submission = ruche_submit_make (document, toolchains, open_text, self, &error);
  if (submission != NULL)
    {
      ruche_session_start (session, ruche_cluster_get_client (self->cluster),
                           g_steal_pointer (&submission));
      return;
    }
  ruche_session_refuse (session, error);
  if (ruche_document_get_file (document) == NULL
      && *ruche_run_settings_get_language (ruche_document_get_settings (document)) == '\0')
    {
      adw_flap_set_reveal_flap (self->flap, TRUE);
      ruche_settings_panel_focus_language (self->settings_panel);
    }
}

static void
stop_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RucheSession *session = get_session (RUCHE_EDITOR_WINDOW (widget));

  if (session != NULL)
    ruche_session_stop (session);
}

static void
next_problem_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RucheEditorWindow *self = RUCHE_EDITOR_WINDOW (widget);
  RucheSession *session = get_session (self);
  GListModel *problems = session != NULL ? ruche_session_get_problems (session) : NULL;
  guint line, column, n = problems != NULL ? g_list_model_get_n_items (problems) : 0;
  const RucheDiagnostic *first = NULL;
  const RucheDiagnostic *next = NULL;

  if (n == 0)
    return;
  ruche_editor_page_get_cursor (self->page, &line, &column);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (RucheProblem) problem = g_list_model_get_item (problems, i);
      const RucheDiagnostic *d = ruche_problem_get_diagnostic (problem);
      if (d->line == 0)
        continue;
      if (first == NULL || d->line < first->line)
        first = d;
      if (d->line > line && (next == NULL || d->line < next->line))
        next = d;
    }
  if (next == NULL)
    next = first;
  if (next != NULL)
    ruche_editor_page_go_to (self->page, next->line, next->column);
}

static void
run_settings_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RucheEditorWindow *self = RUCHE_EDITOR_WINDOW (widget);
  gboolean reveal = !adw_flap_get_reveal_flap (self->flap);

  adw_flap_set_reveal_flap (self->flap, reveal);
  if (reveal)
    ruche_settings_panel_focus_language (self->settings_panel);
}

static void
show_panel_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RucheEditorWindow *self = RUCHE_EDITOR_WINDOW (widget);
  RucheRunPanel *panel = self->page != NULL ? ruche_editor_window_get_panel (self->page) : NULL;

  if (panel == NULL)
    return;
  ruche_run_panel_show (panel, g_str_equal (name, "win.show-output") ? "output" : "problems");
  ruche_run_panel_focus (panel);
}

static void
connect_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  ruche_connect_dialog_present (GTK_WINDOW (widget), RUCHE_EDITOR_WINDOW (widget)->cluster);
}

/**
 * ruche_editor_window_install_actions:
 * @widget_class: the window's class
 *
 * Installs what has to do with running programs.
 */
void
ruche_editor_window_install_actions (GtkWidgetClass *widget_class)
{
  gtk_widget_class_install_action (widget_class, "win.run", NULL, run_action);
  gtk_widget_class_install_action (widget_class, "win.stop", NULL, stop_action);
  gtk_widget_class_install_action (widget_class, "win.next-problem", NULL, next_problem_action);
  gtk_widget_class_install_action (widget_class, "win.run-settings", NULL, run_settings_action);
  gtk_widget_class_install_action (widget_class, "win.show-output", NULL, show_panel_action);
  gtk_widget_class_install_action (widget_class, "win.show-problems", NULL, show_panel_action);
  gtk_widget_class_install_action (widget_class, "win.connect", NULL, connect_action);
}
