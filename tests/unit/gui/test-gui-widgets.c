/* test-gui-widgets.c: every widget can be made, shown and destroyed without a trace
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Needs a display. Translations come from the environment, as in the application.
 */
#include "config.h"

#include "ruche-cluster.h"
#include "ruche-connect-panel.h"
#include "ruche-editor-page.h"
#include "ruche-editor-window-private.h"
#include "ruche-gui-settings.h"
#include "ruche-i18n.h"
#include "ruche-load-graph.h"
#include "ruche-monitor-window.h"
#include "ruche-output-view.h"
#include "ruche-problems-view.h"
#include "ruche-run-panel.h"
#include "ruche-server-card.h"
#include "ruche-settings-panel.h"
#include "ruche-status-bar.h"
#include "ruche-verdict-bar.h"

#include <glib/gstdio.h>

static void
settle (void)
{
  for (int i = 0; i < 50; i++)
    while (g_main_context_iteration (NULL, FALSE))
      ;
}

static void
check_gone (GtkWidget *widget, GtkWidget *window)
{
  gpointer weak = widget;

  g_object_add_weak_pointer (G_OBJECT (widget), &weak);
  gtk_window_present (GTK_WINDOW (window));
  settle ();
  g_assert_true (gtk_widget_get_mapped (widget));
  gtk_window_destroy (GTK_WINDOW (window));
  settle ();
  g_assert_null (weak);
}

static void
test_widget (gconstpointer data)
{
  GtkWidget *widget = g_object_new (GPOINTER_TO_SIZE (data), NULL);
  GtkWidget *window = gtk_window_new ();

  gtk_window_set_child (GTK_WINDOW (window), widget);
  check_gone (widget, window);
}

static void
test_page (void)
{
  RucheDocument *document = ruche_document_new ();
  gpointer weak = document;
  GtkWidget *page = GTK_WIDGET (ruche_editor_page_new (document));
  GtkWidget *window = gtk_window_new ();

  g_object_add_weak_pointer (G_OBJECT (document), &weak);
  gtk_window_set_child (GTK_WINDOW (window), page);
  g_object_unref (document);
  check_gone (page, window);
  g_assert_null (weak);
}

/* Compilers count bytes, perhaps of an older text: no place may end inside a character. */
static void
test_places (void)
{
  const struct
  {
    gint64 line, column;
    guint seen_line, seen_column;
  } places[] = {
    { 1, 0, 1, 1 }, { 1, 1, 1, 1 },  { 1, 2, 1, 1 },   { 1, 3, 1, 2 },
    { 1, 4, 1, 3 }, { 1, 99, 1, 3 }, { 2, 99, 2, 1 },  { 3, 3, 3, 2 },
    { 3, 6, 3, 3 }, { 99, 1, 3, 1 }, { -1, -1, 1, 1 }, { 1, G_MAXINT64, 1, 3 },
  };
  g_autoptr (RucheDocument) document = ruche_document_new ();
  RucheEditorPage *page = ruche_editor_page_new (document);
  GtkWidget *window = gtk_window_new ();

  gtk_window_set_child (GTK_WINDOW (window), GTK_WIDGET (page));
  gtk_text_buffer_set_text (GTK_TEXT_BUFFER (ruche_document_get_buffer (document)), "é1\n\nx🐝", -1);
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      guint line, column;
      ruche_editor_page_go_to (page, places[i].line, places[i].column);
      ruche_editor_page_get_cursor (page, &line, &column);
      g_assert_cmpuint (line, ==, places[i].seen_line);
      g_assert_cmpuint (column, ==, places[i].seen_column);
    }
  check_gone (GTK_WIDGET (page), window);
}

static void
choose_problem (RucheEditorWindow *window, RucheEditorPage *page, const char *file, gint64 line)
{
  g_autoptr (RucheDiagnostic) diagnostic = ruche_diagnostic_new ();
  g_autoptr (RucheProblem) problem = NULL;

  diagnostic->file = g_strdup (file);
  diagnostic->line = line;
  diagnostic->column = 3;
  diagnostic->message = g_strdup ("it is wrong");
  problem = ruche_problem_new (diagnostic);
  g_signal_emit_by_name (ruche_editor_window_get_panel (page), "problem-chosen", problem);
}

static void
test_problem_in_another_file (void)
{
  g_autoptr (RucheCluster) cluster = ruche_cluster_new (NULL);
  g_autoptr (GSettings) settings = ruche_gui_settings_new ();
  RucheEditorWindow *window = ruche_editor_window_new (NULL, cluster, settings);
  g_autofree char *folder = g_dir_make_tmp ("ruche-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "helper.h", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  RucheEditorPage *page = window->page;
  RucheEditorPage *other = NULL;
  gint64 end = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;
  guint line, column;

  g_assert_true (g_file_set_contents (path, "one\ntwo\nthree\n", -1, NULL));
  gtk_window_present (GTK_WINDOW (window));
  gtk_text_buffer_set_text (
      GTK_TEXT_BUFFER (ruche_document_get_buffer (ruche_editor_page_get_document (page))),
      "1\n2\n3\n", -1);
  g_list_store_append (ruche_run_settings_get_files (
                           ruche_document_get_settings (ruche_editor_page_get_document (page))),
                       file);

  /* A name that only ends like it is not the file; twice the same opens it once. */
  choose_problem (window, page, "program.c", 3);
  ruche_editor_page_get_cursor (page, &line, &column);
  g_assert_cmpuint (line, ==, 3);
  choose_problem (window, page, "helper.h", 2);
  choose_problem (window, page, "helper.h", 2);
  while ((other = ruche_editor_window_find (window, file)) == NULL && g_get_monotonic_time () < end)
    g_main_context_iteration (NULL, FALSE);
  settle ();
  g_assert_nonnull (other);
  g_assert_true (window->page == other);
  ruche_editor_page_get_cursor (other, &line, &column);
  g_assert_cmpuint (line, ==, 2);
  g_assert_cmpuint (column, ==, 3);
  g_usleep (100000);
  settle ();
  g_assert_cmpint (adw_tab_view_get_n_pages (window->tabs), ==, 2);

  /* Open by now, it is shown at once. */
  choose_problem (window, page, "helper.h", 3);
  ruche_editor_page_get_cursor (other, &line, &column);
  g_assert_cmpuint (line, ==, 3);
  g_unlink (path);
  g_rmdir (folder);
  check_gone (GTK_WIDGET (window), GTK_WIDGET (window));
}

static void
test_panel (void)
{
  RucheSession *session = ruche_session_new ();
  gpointer weak = session;
  GtkWidget *panel = GTK_WIDGET (ruche_run_panel_new (session));
  GtkWidget *window = gtk_window_new ();

  g_object_add_weak_pointer (G_OBJECT (session), &weak);
  gtk_window_set_child (GTK_WINDOW (window), panel);
  g_object_unref (session);
  check_gone (panel, window);
  g_assert_null (weak);
}

static void
test_editor_window (void)
{
  g_autoptr (RucheCluster) cluster = ruche_cluster_new (NULL);
  g_autoptr (GSettings) settings = ruche_gui_settings_new ();
  GtkWidget *window = GTK_WIDGET (ruche_editor_window_new (NULL, cluster, settings));

  check_gone (window, window);
}

static void
test_monitor_window (void)
{
  g_autoptr (RucheCluster) cluster = ruche_cluster_new (NULL);
  g_autoptr (GSettings) settings = ruche_gui_settings_new ();
  GtkWidget *window = GTK_WIDGET (ruche_monitor_window_new (NULL, cluster, settings));

  check_gone (window, window);
}

static void
test_cluster (void)
{
  RucheCluster *cluster = ruche_cluster_new (NULL);
  gpointer weak = cluster;

  g_object_add_weak_pointer (G_OBJECT (cluster), &weak);
  settle ();
  g_assert_cmpint (ruche_cluster_get_state (cluster), ==, RUCHE_CLUSTER_OFFLINE);
  g_object_unref (cluster);
  settle ();
  g_assert_null (weak);
}

int
main (int argc, char **argv)
{
  const struct
  {
    const char *path;
    GType type;
  } plain[] = {
    { "/gui/widget/output-view", RUCHE_TYPE_OUTPUT_VIEW },
    { "/gui/widget/problems-view", RUCHE_TYPE_PROBLEMS_VIEW },
    { "/gui/widget/verdict-bar", RUCHE_TYPE_VERDICT_BAR },
    { "/gui/widget/settings-panel", RUCHE_TYPE_SETTINGS_PANEL },
    { "/gui/widget/connect-panel", RUCHE_TYPE_CONNECT_PANEL },
    { "/gui/widget/status-bar", RUCHE_TYPE_STATUS_BAR },
    { "/gui/widget/server-card", RUCHE_TYPE_SERVER_CARD },
    { "/gui/widget/load-graph", RUCHE_TYPE_LOAD_GRAPH },
  };

  g_test_init (&argc, &argv, NULL);
  ruche_i18n_init ();
  adw_init ();
  gtk_source_init ();
  for (guint i = 0; i < G_N_ELEMENTS (plain); i++)
    g_test_add_data_func (plain[i].path, GSIZE_TO_POINTER (plain[i].type), test_widget);
  g_test_add_func ("/gui/widget/editor-page", test_page);
  g_test_add_func ("/gui/widget/places", test_places);
  g_test_add_func ("/gui/widget/problem-in-another-file", test_problem_in_another_file);
  g_test_add_func ("/gui/widget/run-panel", test_panel);
  g_test_add_func ("/gui/widget/editor-window", test_editor_window);
  g_test_add_func ("/gui/widget/monitor-window", test_monitor_window);
  g_test_add_func ("/gui/cluster/offline", test_cluster);
  return g_test_run ();
}
