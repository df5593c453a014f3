/* ruche-connect-panel.c: what stands in the output's place while there is no cluster
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-connect-panel.h"

#include "ruche-connect-dialog.h"

#include <glib/gi18n-lib.h>

struct _RucheConnectPanel
{
  AdwBin parent_instance;

  AdwStatusPage *page;
  GtkStack *stack;
  GtkSpinner *spinner;

  RucheCluster *cluster;
};

enum
{
  PROP_CLUSTER = 1
};

G_DEFINE_FINAL_TYPE (RucheConnectPanel, ruche_connect_panel, ADW_TYPE_BIN)

static void
update (RucheConnectPanel *self)
{
  gboolean starting = ruche_cluster_get_state (self->cluster) == RUCHE_CLUSTER_STARTING;
  const char *message = ruche_cluster_get_message (self->cluster);
  g_autofree char *escaped = NULL;

  gtk_stack_set_visible_child_name (self->stack, starting ? "starting" : "offline");
  gtk_spinner_set_spinning (self->spinner, starting);
  adw_status_page_set_title (self->page,
                             starting ? _ ("Starting the cluster") : _ ("No cluster is connected"));
  if (starting)
    message = _ ("This machine becomes a small cluster of its own.");
  else if (message == NULL)
    message = _ ("Programs run on a cluster. This machine can be one: nothing has to be set up.");
  escaped = g_markup_escape_text (message, -1);
  adw_status_page_set_description (self->page, escaped);
}

static void
on_start (RucheConnectPanel *self)
{
  ruche_cluster_start_local (self->cluster);
}

static void
on_cancel (RucheConnectPanel *self)
{
  ruche_cluster_cancel_start (self->cluster);
}

static void
on_connect (RucheConnectPanel *self)
{
  ruche_connect_dialog_present (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))),
                                self->cluster);
}

static void
ruche_connect_panel_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  RucheConnectPanel *self = RUCHE_CONNECT_PANEL (object);

  if (self->cluster != NULL || g_value_get_object (value) == NULL)
    return;
  self->cluster = g_value_dup_object (value);
  g_signal_connect_object (self->cluster, "notify", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
}

static void
ruche_connect_panel_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  g_value_set_object (value, RUCHE_CONNECT_PANEL (object)->cluster);
}

static void
ruche_connect_panel_dispose (GObject *object)
{
  RucheConnectPanel *self = RUCHE_CONNECT_PANEL (object);

  if (self->cluster != NULL)
    g_signal_handlers_disconnect_by_data (self->cluster, self);
  g_clear_object (&self->cluster);
  G_OBJECT_CLASS (ruche_connect_panel_parent_class)->dispose (object);
}

static void
ruche_connect_panel_class_init (RucheConnectPanelClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = ruche_connect_panel_dispose;
  object_class->get_property = ruche_connect_panel_get_property;
  object_class->set_property = ruche_connect_panel_set_property;
  g_object_class_install_property (
      object_class, PROP_CLUSTER,
      g_param_spec_object ("cluster", NULL, NULL, RUCHE_TYPE_CLUSTER,
                           G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS));
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/ruche/Ruche/ruche-connect-panel.ui");
  gtk_widget_class_bind_template_child (widget_class, RucheConnectPanel, page);
  gtk_widget_class_bind_template_child (widget_class, RucheConnectPanel, stack);
  gtk_widget_class_bind_template_child (widget_class, RucheConnectPanel, spinner);
  gtk_widget_class_bind_template_callback (widget_class, on_start);
  gtk_widget_class_bind_template_callback (widget_class, on_cancel);
  gtk_widget_class_bind_template_callback (widget_class, on_connect);
}

static void
ruche_connect_panel_init (RucheConnectPanel *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
