/* ruche-status-bar.c: the cluster and the cursor, below the editor
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-status-bar.h"

#include <glib/gi18n-lib.h>

struct _RucheStatusBar
{
  AdwBin parent_instance;

  GtkImage *icon;
  GtkLabel *cluster_label;
  GtkLabel *place_label;

  RucheCluster *cluster;
};

enum
{
  PROP_CLUSTER = 1,
  PROP_PLACE
};

G_DEFINE_FINAL_TYPE (RucheStatusBar, ruche_status_bar, ADW_TYPE_BIN)

static char *
describe_online (RucheStatusBar *self)
{
  RucheClusterTotals totals;
  g_autofree char *servers = NULL;
  g_autofree char *places = NULL;

  ruche_cluster_get_totals (self->cluster, &totals);
  servers = g_strdup_printf (
      g_dngettext (GETTEXT_PACKAGE, "%u server", "%u servers", totals.servers), totals.servers);
  places = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%d of %d place busy",
                                         "%d of %d places busy", (gulong)totals.slots),
                            (int)totals.busy, (int)totals.slots);
  return g_strdup_printf ("%s · %s · %s", ruche_cluster_get_name (self->cluster), servers, places);
}

static void
update (RucheStatusBar *self)
{
  RucheClusterState state = ruche_cluster_get_state (self->cluster);
  g_autofree char *text = NULL;

  if (state == RUCHE_CLUSTER_ONLINE)
    text = describe_online (self);
  else if (state == RUCHE_CLUSTER_STARTING)
    text = g_strdup (_ ("The local cluster is starting…"));
  else
    text = g_strdup (_ ("Not connected"));
  gtk_label_set_label (self->cluster_label, text);
  gtk_image_set_from_icon_name (self->icon, state == RUCHE_CLUSTER_ONLINE
                                                ? "network-server-symbolic"
                                                : "network-offline-symbolic");
}

static void
ruche_status_bar_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  RucheStatusBar *self = RUCHE_STATUS_BAR (object);

  if (id == PROP_PLACE)
    {
      const char *text = g_value_get_string (value);
      gtk_label_set_label (self->place_label, text != NULL ? text : "");
      return;
    }
  if (self->cluster != NULL || g_value_get_object (value) == NULL)
    return;
  self->cluster = g_value_dup_object (value);
  g_signal_connect_object (self->cluster, "notify", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->cluster, "servers-changed", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
  update (self);
}

static void
ruche_status_bar_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  RucheStatusBar *self = RUCHE_STATUS_BAR (object);

  if (id == PROP_PLACE)
    g_value_set_string (value, gtk_label_get_label (self->place_label));
  else
    g_value_set_object (value, self->cluster);
}

static void
ruche_status_bar_dispose (GObject *object)
{
  RucheStatusBar *self = RUCHE_STATUS_BAR (object);

  if (self->cluster != NULL)
    g_signal_handlers_disconnect_by_data (self->cluster, self);
  g_clear_object (&self->cluster);
  G_OBJECT_CLASS (ruche_status_bar_parent_class)->dispose (object);
}

static void
ruche_status_bar_class_init (RucheStatusBarClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  object_class->dispose = ruche_status_bar_dispose;
  object_class->get_property = ruche_status_bar_get_property;
  object_class->set_property = ruche_status_bar_set_property;
  g_object_class_install_property (
      object_class, PROP_CLUSTER,
      g_param_spec_object ("cluster", NULL, NULL, RUCHE_TYPE_CLUSTER, flags));
  g_object_class_install_property (object_class, PROP_PLACE,
                                   g_param_spec_string ("place", NULL, NULL, NULL, flags));
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/ruche/Ruche/ruche-status-bar.ui");
  gtk_widget_class_bind_template_child (widget_class, RucheStatusBar, icon);
  gtk_widget_class_bind_template_child (widget_class, RucheStatusBar, cluster_label);
  gtk_widget_class_bind_template_child (widget_class, RucheStatusBar, place_label);
}

static void
ruche_status_bar_init (RucheStatusBar *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
