/* ruche-editor-window.c: where programs are written and run
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Each tab has a page with the text; a panel of its own with output and verdict stands below. This
 * file keeps the two together; files are opened and saved in -files.c, actions are in -actions.c.
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-editor-window-private.h"

#include "ruche-farewell.h"
#include "ruche-run-memory.h"

#include <glib/gi18n-lib.h>

#define PANEL_DATA "ruche-run-panel"

G_DEFINE_FINAL_TYPE (RucheEditorWindow, ruche_editor_window, ADW_TYPE_APPLICATION_WINDOW)

/**
 * ruche_editor_window_get_panel:
 * @page: a page of a window
 *
 * Finds what stands below a page.
 *
 * Returns: (transfer none): its panel
 */
RucheRunPanel *
ruche_editor_window_get_panel (RucheEditorPage *page)
{
  return g_object_get_data (G_OBJECT (page), PANEL_DATA);
}

/**
 * ruche_editor_window_find:
 * @self: a window
 * @file: a file
 *
 * Looks whether a file is open here.
 *
 * Returns: (transfer none) (nullable): its page
 */
RucheEditorPage *
ruche_editor_window_find (RucheEditorWindow *self, GFile *file)
{
  for (int i = 0; i < adw_tab_view_get_n_pages (self->tabs); i++)
    {
      AdwTabPage *tab = adw_tab_view_get_nth_page (self->tabs, i);
      RucheEditorPage *page = RUCHE_EDITOR_PAGE (adw_tab_page_get_child (tab));
      GFile *open = ruche_document_get_file (ruche_editor_page_get_document (page));
      if (open != NULL && g_file_equal (open, file))
        return page;
    }
  return NULL;
}

static void
update_actions (RucheEditorWindow *self)
{
  RucheDocument *document = self->page != NULL ? ruche_editor_page_get_document (self->page) : NULL;
  gboolean active
      = document != NULL && ruche_session_get_active (ruche_document_get_session (document));
  GListModel *problems = document != NULL
                             ? ruche_session_get_problems (ruche_document_get_session (document))
                             : NULL;
  GtkWidget *widget = GTK_WIDGET (self);

  gtk_widget_action_set_enabled (widget, "win.run", document != NULL && !active);
  gtk_widget_action_set_enabled (widget, "win.stop", active);
  gtk_widget_action_set_enabled (widget, "win.save", document != NULL);
  gtk_widget_action_set_enabled (widget, "win.save-as", document != NULL);
  gtk_widget_action_set_enabled (widget, "win.close-tab", document != NULL);
  gtk_widget_action_set_enabled (widget, "win.next-problem",
                                 problems != NULL && g_list_model_get_n_items (problems) > 0);
  if (active)
    gtk_widget_add_css_class (GTK_WIDGET (self->stop_button), "destructive-action");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->stop_button), "destructive-action");
}

static void
update_title (RucheEditorWindow *self)
{
  RucheDocument *document;
  g_autofree char *title = NULL;
  g_autofree char *folder = NULL;
  g_autofree char *window = NULL;

  if (self->page == NULL)
    return;
  document = ruche_editor_page_get_document (self->page);
  g_object_get (document, "title", &title, NULL);
  folder = ruche_document_get_folder (document);
  window = g_strdup_printf (_ ("%s – Ruche"), title);
  adw_window_title_set_title (self->title, title);
  adw_window_title_set_subtitle (self->title, folder);
  gtk_window_set_title (GTK_WINDOW (self), window);
}

static void
update_lower (RucheEditorWindow *self)
{
  RucheDocument *document;
  RuchePhase phase;
  gboolean online = ruche_cluster_get_state (self->cluster) == RUCHE_CLUSTER_ONLINE;

  if (self->page == NULL)
    return;
  document = ruche_editor_page_get_document (self->page);
  phase = ruche_session_get_state (ruche_document_get_session (document))->phase;
  self->wants_cluster = self->wants_cluster && !online;
  if (!online && (phase == RUCHE_PHASE_IDLE || self->wants_cluster))
    gtk_stack_set_visible_child (self->lower, GTK_WIDGET (self->connect_panel));
  else
    gtk_stack_set_visible_child (self->lower,
                                 GTK_WIDGET (ruche_editor_window_get_panel (self->page)));
}

static void
update_place (RucheEditorWindow *self)
{
  guint line, column;
  g_autofree char *place = NULL;

  if (self->page == NULL)
    return;
  ruche_editor_page_get_cursor (self->page, &line, &column);
  place
      = g_strdup_printf (_ ("Line %u, column %u · %s"), line, column,
                         ruche_document_get_encoding (ruche_editor_page_get_document (self->page)));
  g_object_set (self->status_bar, "place", place, NULL);
}

/**
 * ruche_editor_window_update:
 * @self: a window
 *
 * Makes title, actions and the lower part fit the page in sight.
 */
void
ruche_editor_window_update (RucheEditorWindow *self)
{
  update_title (self);
  update_actions (self);
  update_lower (self);
  update_place (self);
}

static void
on_selected (RucheEditorWindow *self)
{
  AdwTabPage *tab = adw_tab_view_get_selected_page (self->tabs);
  RucheEditorPage *page = tab != NULL ? RUCHE_EDITOR_PAGE (adw_tab_page_get_child (tab)) : NULL;

  g_set_object (&self->page, page);
  ruche_settings_panel_set_settings (
      self->settings_panel,
      self->page != NULL ? ruche_document_get_settings (ruche_editor_page_get_document (self->page))
                         : NULL);
  if (self->cluster == NULL)
    return;
  if (self->page != NULL)
    ruche_editor_page_look_at_disk (self->page);
  ruche_editor_window_update (self);
}

static void
on_session_changed (RucheSession *session, RucheEditorWindow *self)
{
  if (self->page != NULL
      && session == ruche_document_get_session (ruche_editor_page_get_document (self->page)))
    ruche_editor_window_update (self);
}

static void
on_cursor_moved (RucheEditorPage *page, RucheEditorWindow *self)
{
  if (page == self->page)
    update_place (self);
}

static void
on_problem_chosen (RucheRunPanel *panel, RucheProblem *problem, RucheEditorPage *page)
{
  RucheEditorWindow *self = RUCHE_EDITOR_WINDOW (gtk_widget_get_root (GTK_WIDGET (panel)));

  ruche_editor_window_show_problem (self, page, ruche_problem_get_diagnostic (problem));
}

static void
on_problems (
    GListModel *problems, guint position, guint removed, guint added, RucheEditorPage *page)
{
  ruche_editor_page_show_problems (page, problems);
}

static void
show_language (RucheEditorWindow *self, RucheDocument *document)
{
  ruche_document_show_language (document, ruche_cluster_get_toolchains (self->cluster));
}

static void
on_language_chosen (RucheRunSettings *settings, GParamSpec *pspec, RucheDocument *document)
{
  RucheEditorWindow *self = g_object_get_data (G_OBJECT (document), "ruche-window");

  show_language (self, document);
}

static void
on_title_changed (RucheDocument *document, GParamSpec *pspec, RucheEditorWindow *self)
{
  GFile *file = ruche_document_get_file (document);
  GFile *known = g_object_get_data (G_OBJECT (document), "ruche-coloured-as");

  if (file != NULL && file != known)
    {
      g_object_set_data_full (G_OBJECT (document), "ruche-coloured-as", g_object_ref (file),
                              g_object_unref);
      show_language (self, document);
    }
  update_title (self);
}

/**
 * ruche_editor_window_add:
 * @self: a window
 * @document: a document that no window shows
 *
 * Opens a tab.
 *
 * Returns: (transfer none): its page, which is in sight
 */
RucheEditorPage *
ruche_editor_window_add (RucheEditorWindow *self, RucheDocument *document)
{
  RucheSession *session = ruche_document_get_session (document);
  RucheEditorPage *page = ruche_editor_page_new (document);
  RucheRunPanel *panel = ruche_run_panel_new (session);
  AdwTabPage *tab;

  gtk_stack_add_child (self->lower, GTK_WIDGET (panel));
  g_object_set_data (G_OBJECT (page), PANEL_DATA, panel);
  g_object_set_data (G_OBJECT (document), "ruche-window", self);
  tab = adw_tab_view_append (self->tabs, GTK_WIDGET (page));
  g_object_bind_property (document, "title", tab, "title", G_BINDING_SYNC_CREATE);
  g_object_bind_property (session, "active", tab, "loading", G_BINDING_SYNC_CREATE);
  g_signal_connect_object (session, "changed", G_CALLBACK (on_session_changed), self, 0);
  g_signal_connect_object (document, "notify::title", G_CALLBACK (on_title_changed), self, 0);
  g_signal_connect_object (ruche_document_get_settings (document), "notify::language",
                           G_CALLBACK (on_language_chosen), document, 0);
  g_signal_connect_object (ruche_session_get_problems (session), "items-changed",
                           G_CALLBACK (on_problems), page, 0);
  g_signal_connect_object (panel, "problem-chosen", G_CALLBACK (on_problem_chosen), page, 0);
  g_signal_connect_object (page, "cursor-moved", G_CALLBACK (on_cursor_moved), self, 0);
  show_language (self, document);
  adw_tab_view_set_selected_page (self->tabs, tab);
  return page;
}

static void
on_detached (AdwTabView *tabs, AdwTabPage *tab, int position, RucheEditorWindow *self)
{
  RucheEditorPage *page = RUCHE_EDITOR_PAGE (adw_tab_page_get_child (tab));
  RucheDocument *document = ruche_editor_page_get_document (page);

  ruche_farewell_stop (G_APPLICATION (gtk_window_get_application (GTK_WINDOW (self))),
                       ruche_document_get_session (document));
  if (ruche_document_get_file (document) != NULL)
    ruche_run_memory_keep (ruche_document_get_file (document),
                           ruche_document_get_settings (document));
  /* While the window itself goes, its parts go in an order that is not ours. */
  if (self->cluster == NULL)
    return;
  g_signal_handlers_disconnect_by_data (ruche_document_get_session (document), self);
  g_signal_handlers_disconnect_by_data (document, self);
  gtk_stack_remove (self->lower, GTK_WIDGET (ruche_editor_window_get_panel (page)));
  g_object_set_data (G_OBJECT (page), PANEL_DATA, NULL);
  if (adw_tab_view_get_n_pages (tabs) == 0 && !self->closing)
    ruche_editor_window_new_document (self);
}

static void
on_cluster_changed (RucheEditorWindow *self)
{
  ruche_settings_panel_set_toolchains (self->settings_panel,
                                       ruche_cluster_get_toolchains (self->cluster));
  ruche_editor_window_update (self);
}

static void
on_active (RucheEditorWindow *self)
{
  if (gtk_window_is_active (GTK_WINDOW (self)) && self->page != NULL)
    ruche_editor_page_look_at_disk (self->page);
}

static void
ruche_editor_window_dispose (GObject *object)
{
  RucheEditorWindow *self = RUCHE_EDITOR_WINDOW (object);

  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  if (self->cluster != NULL)
    g_signal_handlers_disconnect_by_data (self->cluster, self);
  g_clear_object (&self->cluster);
  g_clear_object (&self->cancellable);
  g_clear_weak_pointer (&self->question);
  g_clear_object (&self->settings);
  g_clear_object (&self->page);
  g_clear_object (&self->chooser);
  G_OBJECT_CLASS (ruche_editor_window_parent_class)->dispose (object);
}

static void
ruche_editor_window_class_init (RucheEditorWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ruche_editor_window_dispose;
  g_type_ensure (RUCHE_TYPE_CONNECT_PANEL);
  g_type_ensure (RUCHE_TYPE_SETTINGS_PANEL);
  g_type_ensure (RUCHE_TYPE_STATUS_BAR);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/ruche/Ruche/ruche-editor-window.ui");
  gtk_widget_class_bind_template_child (widget_class, RucheEditorWindow, title);
  gtk_widget_class_bind_template_child (widget_class, RucheEditorWindow, stop_button);
  gtk_widget_class_bind_template_child (widget_class, RucheEditorWindow, tabs);
  gtk_widget_class_bind_template_child (widget_class, RucheEditorWindow, flap);
  gtk_widget_class_bind_template_child (widget_class, RucheEditorWindow, paned);
  gtk_widget_class_bind_template_child (widget_class, RucheEditorWindow, lower);
  gtk_widget_class_bind_template_child (widget_class, RucheEditorWindow, connect_panel);
  gtk_widget_class_bind_template_child (widget_class, RucheEditorWindow, settings_panel);
  gtk_widget_class_bind_template_child (widget_class, RucheEditorWindow, status_bar);
  gtk_widget_class_bind_template_callback (widget_class, on_selected);
  gtk_widget_class_bind_template_callback (widget_class, on_detached);
  gtk_widget_class_bind_template_callback (widget_class, ruche_editor_window_on_close_page);
  ruche_editor_window_install_actions (widget_class);
  ruche_editor_window_install_file_actions (widget_class);
}

static void
ruche_editor_window_init (RucheEditorWindow *self)
{
  self->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect (self, "notify::is-active", G_CALLBACK (on_active), NULL);
  g_signal_connect (self, "close-request", G_CALLBACK (ruche_editor_window_on_close), NULL);
}

/**
 * ruche_editor_window_new:
 * @application: (nullable): its application
 * @cluster: where programs run
 * @settings: of org.ruche.Ruche
 *
 * Makes an editor window with one new document.
 *
 * Returns: (transfer none): the window
 */
RucheEditorWindow *
ruche_editor_window_new (GtkApplication *application, RucheCluster *cluster, GSettings *settings)
{
  RucheEditorWindow *self
      = g_object_new (RUCHE_TYPE_EDITOR_WINDOW, "application", application, NULL);

  self->cluster = g_object_ref (cluster);
  self->settings = g_object_ref (settings);
  g_object_set (self->connect_panel, "cluster", cluster, NULL);
  g_object_set (self->status_bar, "cluster", cluster, NULL);
  g_settings_bind (settings, "width", self, "default-width", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (settings, "height", self, "default-height", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (settings, "maximized", self, "maximized", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (settings, "editor-height", self->paned, "position", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (settings, "run-settings", self->flap, "reveal-flap", G_SETTINGS_BIND_DEFAULT);
  g_signal_connect_object (cluster, "notify", G_CALLBACK (on_cluster_changed), self,
                           G_CONNECT_SWAPPED);
  ruche_editor_window_new_document (self);
  on_cluster_changed (self);
  return self;
}
