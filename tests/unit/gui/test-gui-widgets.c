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
#include "ruche-editor-window.h"
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
  g_test_add_func ("/gui/widget/run-panel", test_panel);
  g_test_add_func ("/gui/widget/editor-window", test_editor_window);
  g_test_add_func ("/gui/widget/monitor-window", test_monitor_window);
  g_test_add_func ("/gui/cluster/offline", test_cluster);
  return g_test_run ();
}
