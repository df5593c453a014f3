/* ruche-monitor-window.c: the whole cluster, live
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-monitor-window.h"

#include "ruche-connect-panel.h"
#include "ruche-job-columns.h"
#include "ruche-server-card.h"

#include <glib/gi18n-lib.h>

struct _RucheMonitorWindow
{
  AdwApplicationWindow parent_instance;

  GtkStack *stack;
  RucheConnectPanel *connect_panel;
  GtkBox *online;
  GtkLabel *strip;
  GtkGridView *servers;
  GtkColumnView *jobs;

  RucheCluster *cluster;
  GListModel *server_rows;
};

G_DEFINE_FINAL_TYPE (RucheMonitorWindow, ruche_monitor_window, ADW_TYPE_APPLICATION_WINDOW)

static void
on_card_setup (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  gtk_list_item_set_child (item, g_object_new (RUCHE_TYPE_SERVER_CARD, NULL));
}

static void
on_card_bind (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  ruche_server_card_set_row (RUCHE_SERVER_CARD (gtk_list_item_get_child (item)),
                             gtk_list_item_get_item (item));
}

static void
on_card_unbind (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  ruche_server_card_set_row (RUCHE_SERVER_CARD (gtk_list_item_get_child (item)), NULL);
}

/* Every server's load is remembered, in sight or not. */
static void
remember_load (RucheServerRow *row)
{
  const RucheServerInfo *info = ruche_server_row_get_info (row);
  const RucheLoad *load = info->load;

  if (load == NULL || info->state != RUCHE_SERVER_READY)
    return;
  ruche_load_history_add (
      ruche_server_card_history (row), ruche_server_row_get_updated_ms (row) - info->load_age_ms,
      load->cpu,
      load->memory_total_kib > 0 ? (double)load->memory_used_kib / load->memory_total_kib : 0);
}

static void
on_servers (GListModel *rows, guint position, guint removed, guint added, RucheMonitorWindow *self)
{
  for (guint i = position; i < position + added; i++)
    {
      g_autoptr (RucheServerRow) row = g_list_model_get_item (rows, i);
      g_signal_handlers_disconnect_by_func (row, remember_load, NULL);
      g_signal_connect (row, "changed", G_CALLBACK (remember_load), NULL);
      remember_load (row);
    }
}

static void
update (RucheMonitorWindow *self)
{
  RucheClusterTotals totals;
  g_autofree char *servers = NULL;
  g_autofree char *places = NULL;
  g_autofree char *text = NULL;

  if (ruche_cluster_get_state (self->cluster) != RUCHE_CLUSTER_ONLINE)
    {
      gtk_stack_set_visible_child (self->stack, GTK_WIDGET (self->connect_panel));
      return;
    }
  ruche_cluster_get_totals (self->cluster, &totals);
  servers = g_strdup_printf (
      g_dngettext (GETTEXT_PACKAGE, "%u server ready", "%u servers ready", totals.servers),
      totals.servers);
  places = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%d of %d place busy",
                                         "%d of %d places busy", (gulong)totals.slots),
                            (int)totals.busy, (int)totals.slots);
  text = g_strdup_printf ("%s · %s · %s", ruche_cluster_get_name (self->cluster), servers, places);
  gtk_label_set_label (self->strip, text);
  gtk_stack_set_visible_child (self->stack, GTK_WIDGET (self->online));
}

static void
drop_rows (RucheMonitorWindow *self)
{
  if (self->server_rows != NULL)
    g_signal_handlers_disconnect_by_data (self->server_rows, self);
  g_clear_object (&self->server_rows);
}

/* Another master has other lists. */
static void
on_client (RucheMonitorWindow *self)
{
  GListModel *jobs = ruche_cluster_get_jobs (self->cluster);
  g_autoptr (GtkNoSelection) server_selection = NULL;
  g_autoptr (GtkSingleSelection) job_selection = NULL;

  drop_rows (self);
  self->server_rows = g_object_ref (ruche_cluster_get_servers (self->cluster));
  g_signal_connect_object (self->server_rows, "items-changed", G_CALLBACK (on_servers), self, 0);
  on_servers (self->server_rows, 0, 0, g_list_model_get_n_items (self->server_rows), self);
  server_selection = gtk_no_selection_new (g_object_ref (self->server_rows));
  gtk_grid_view_set_model (self->servers, GTK_SELECTION_MODEL (server_selection));
  job_selection = gtk_single_selection_new (g_object_ref (jobs));
  gtk_single_selection_set_autoselect (job_selection, FALSE);
  gtk_column_view_set_model (self->jobs, GTK_SELECTION_MODEL (job_selection));
}

static void
ruche_monitor_window_dispose (GObject *object)
{
  RucheMonitorWindow *self = RUCHE_MONITOR_WINDOW (object);

  drop_rows (self);
  if (self->cluster != NULL)
    g_signal_handlers_disconnect_by_data (self->cluster, self);
  g_clear_object (&self->cluster);
  G_OBJECT_CLASS (ruche_monitor_window_parent_class)->dispose (object);
}

static void
ruche_monitor_window_class_init (RucheMonitorWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ruche_monitor_window_dispose;
  g_type_ensure (RUCHE_TYPE_CONNECT_PANEL);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/ruche/Ruche/ruche-monitor-window.ui");
  gtk_widget_class_bind_template_child (widget_class, RucheMonitorWindow, stack);
  gtk_widget_class_bind_template_child (widget_class, RucheMonitorWindow, connect_panel);
  gtk_widget_class_bind_template_child (widget_class, RucheMonitorWindow, online);
  gtk_widget_class_bind_template_child (widget_class, RucheMonitorWindow, strip);
  gtk_widget_class_bind_template_child (widget_class, RucheMonitorWindow, servers);
  gtk_widget_class_bind_template_child (widget_class, RucheMonitorWindow, jobs);
  gtk_widget_class_bind_template_callback (widget_class, on_card_setup);
  gtk_widget_class_bind_template_callback (widget_class, on_card_bind);
  gtk_widget_class_bind_template_callback (widget_class, on_card_unbind);
}

static void
ruche_monitor_window_init (RucheMonitorWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  ruche_job_columns_add (self->jobs);
}

/**
 * ruche_monitor_window_new:
 * @application: (nullable): its application
 * @cluster: what to show
 * @settings: of org.ruche.Ruche
 *
 * Makes a monitor window.
 *
 * Returns: (transfer none): the window
 */
RucheMonitorWindow *
ruche_monitor_window_new (GtkApplication *application, RucheCluster *cluster, GSettings *settings)
{
  RucheMonitorWindow *self
      = g_object_new (RUCHE_TYPE_MONITOR_WINDOW, "application", application, NULL);

  self->cluster = g_object_ref (cluster);
  g_object_set (self->connect_panel, "cluster", cluster, NULL);
  g_settings_bind (settings, "monitor-width", self, "default-width", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (settings, "monitor-height", self, "default-height", G_SETTINGS_BIND_DEFAULT);
  g_signal_connect_object (cluster, "notify::client", G_CALLBACK (on_client), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (cluster, "notify::state", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (cluster, "servers-changed", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
  ruche_cluster_watch_jobs (cluster);
  on_client (self);
  update (self);
  return self;
}
