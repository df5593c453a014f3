/* ruche-editor-window-actions.c: running, stopping, finding problems
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-editor-window-private.h"

#include "ruche-connect-dialog.h"
#include "ruche-run-memory.h"
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
  if (ruche_document_get_file (document) != NULL)
    ruche_run_memory_keep (ruche_document_get_file (document),
                           ruche_document_get_settings (document));
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

/* The file that a diagnostic names, if it went along with the program. */
static GFile *
find_file (RucheEditorPage *page, const char *name)
{
  RucheDocument *document = ruche_editor_page_get_document (page);
  GListModel *files
      = G_LIST_MODEL (ruche_run_settings_get_files (ruche_document_get_settings (document)));
  g_autofree char *wanted = g_path_get_basename (name);

  for (guint i = 0; i < g_list_model_get_n_items (files); i++)
    {
      g_autoptr (GFile) file = g_list_model_get_item (files, i);
      g_autofree char *base = g_file_get_basename (file);
      if (g_str_equal (base, wanted))
        return g_steal_pointer (&file);
    }
  return NULL;
}

/**
 * ruche_editor_window_show_problem:
 * @self: a window
 * @page: the page of the program that was compiled
 * @diagnostic: what the compiler said
 *
 * Leads to the place of a problem, in another file where it is there; a file of the server's own,
 * such as a header of the system, can't be shown.
 */
void
ruche_editor_window_show_problem (RucheEditorWindow *self,
                                  RucheEditorPage *page,
                                  const RucheDiagnostic *diagnostic)
{
  g_autoptr (GFile) other = NULL;

  if (ruche_editor_page_concerns (page, diagnostic))
    {
      if (diagnostic->line > 0)
        ruche_editor_page_go_to (page, diagnostic->line, diagnostic->column);
      return;
    }
  other = find_file (page, diagnostic->file);
  if (other != NULL)
    ruche_editor_window_open_at (self, other, diagnostic->line, diagnostic->column);
  else
    gtk_widget_error_bell (GTK_WIDGET (self));
}

/* The next one below the cursor, then from the top again, then what is in other files. */
static void
next_problem_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RucheEditorWindow *self = RUCHE_EDITOR_WINDOW (widget);
  RucheSession *session = get_session (self);
  GListModel *problems = session != NULL ? ruche_session_get_problems (session) : NULL;
  guint line, column, n = problems != NULL ? g_list_model_get_n_items (problems) : 0;
  const RucheDiagnostic *first = NULL;
  const RucheDiagnostic *next = NULL;
  const RucheDiagnostic *elsewhere = NULL;

  if (n == 0)
    return;
  ruche_editor_page_get_cursor (self->page, &line, &column);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (RucheProblem) problem = g_list_model_get_item (problems, i);
      const RucheDiagnostic *d = ruche_problem_get_diagnostic (problem);
      if (d->line == 0)
        continue;
      if (!ruche_editor_page_concerns (self->page, d))
        {
          elsewhere = elsewhere != NULL ? elsewhere : d;
          continue;
        }
      if (first == NULL || d->line < first->line)
        first = d;
      if (d->line > line && (next == NULL || d->line < next->line))
        next = d;
    }
  next = next != NULL ? next : first;
  next = next != NULL ? next : elsewhere;
  if (next != NULL)
    ruche_editor_window_show_problem (self, self->page, next);
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
