/* ruche-server-card.c: one server in the monitor window
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-server-card.h"

#include "ruche-bounds.h"
#include "ruche-clock.h"
#include "ruche-format.h"
#include "ruche-load-graph.h"

#include <glib/gi18n-lib.h>

struct _RucheServerCard
{
  AdwBin parent_instance;

  GtkLabel *name;
  GtkLabel *state;
  GtkLabel *since;
  GtkLabel *cpu;
  GtkLabel *memory;
  RucheLoadGraph *cpu_graph;
  RucheLoadGraph *memory_graph;
  GtkLevelBar *slots;
  GtkLabel *busy;
  GtkLabel *toolchains;

  RucheServerRow *row;
  guint tick_source;
};

G_DEFINE_FINAL_TYPE (RucheServerCard, ruche_server_card, ADW_TYPE_BIN)

/**
 * ruche_server_card_history:
 * @row: a server
 *
 * Gives what is remembered of a server's load; it lives as long as @row.
 *
 * Returns: (transfer none): the history
 */
RucheLoadHistory *
ruche_server_card_history (RucheServerRow *row)
{
  RucheLoadHistory *history = g_object_get_data (G_OBJECT (row), "ruche-load-history");

  if (history == NULL)
    {
      history = g_new0 (RucheLoadHistory, 1);
      g_object_set_data_full (G_OBJECT (row), "ruche-load-history", history, g_free);
    }
  return history;
}

static const char *
state_word (int state)
{
  switch (state)
    {
    case RUCHE_SERVER_READY:
      return _ ("ready");
    case RUCHE_SERVER_SUSPECT:
      return _ ("silent");
    default:
      return _ ("lost");
    }
}

static void
show_state (RucheServerCard *self, const RucheServerInfo *info, gint64 age_ms, gboolean stale)
{
  static const char *const styles[] = { "success", "warning", "error" };
  g_autofree char *spoken = NULL;
  g_autofree char *since = NULL;
  g_autofree char *text = NULL;

  if (info->state == RUCHE_SERVER_READY && stale)
    {
      since = ruche_format_age (age_ms);
      text = g_strdup_printf (_ ("last heard of %s ago"), since);
    }
  else if (info->since_ms > 0)
    {
      since = ruche_format_age (ruche_clock_real_ms () - info->since_ms);
      text = g_strdup_printf (info->state == RUCHE_SERVER_READY ? _ ("for %s") : _ ("%s ago"),
                              since);
    }
  gtk_label_set_label (self->name, info->name);
  gtk_label_set_label (self->state, state_word (info->state));
  for (guint i = 0; i < G_N_ELEMENTS (styles); i++)
    if ((int)i == info->state)
      gtk_widget_add_css_class (GTK_WIDGET (self->state), styles[i]);
    else
      gtk_widget_remove_css_class (GTK_WIDGET (self->state), styles[i]);
  gtk_label_set_label (self->since, text != NULL ? text : "");
  spoken = g_strdup_printf (_ ("Server %s, %s"), info->name, state_word (info->state));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
}

static void
show_load (RucheServerCard *self, const RucheServerInfo *info)
{
  const RucheLoad *load = info->load;
  g_autofree char *cpu = NULL;
  g_autofree char *memory = NULL;
  g_autofree char *busy = NULL;

  if (load == NULL)
    {
      gtk_label_set_label (self->cpu, _ ("CPU not reported yet"));
      gtk_label_set_label (self->memory, _ ("Memory not reported yet"));
    }
  else
    {
      g_autofree char *used = ruche_format_memory (load->memory_used_kib);
      g_autofree char *total = ruche_format_memory (load->memory_total_kib);
      g_autofree char *both = g_strdup_printf (_ ("%s of %s"), used, total);
      cpu = g_strdup_printf (_ ("CPU %d %%"), (int)(load->cpu * 100 + 0.5));
      memory = g_strdup_printf (
          _ ("Memory %d %%"),
          (int)(100.0 * load->memory_used_kib / MAX (load->memory_total_kib, 1) + 0.5));
      gtk_widget_set_tooltip_text (GTK_WIDGET (self->memory), both);
      gtk_label_set_label (self->cpu, cpu);
      gtk_label_set_label (self->memory, memory);
    }
  busy = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%d of %d place busy",
                                       "%d of %d places busy", (gulong)info->slots),
                          (int)MIN (info->busy, info->slots), (int)info->slots);
  gtk_label_set_label (self->busy, busy);
  gtk_level_bar_set_mode (self->slots, info->slots <= 16 ? GTK_LEVEL_BAR_MODE_DISCRETE
                                                         : GTK_LEVEL_BAR_MODE_CONTINUOUS);
  gtk_level_bar_set_max_value (self->slots, MAX (info->slots, 1));
  gtk_level_bar_set_value (self->slots, MIN (info->busy, info->slots));
}

static void
show_toolchains (RucheServerCard *self, const RucheServerInfo *info)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < info->toolchains->len; i++)
    {
      const RucheToolchain *toolchain = g_ptr_array_index (info->toolchains, i);
      g_string_append_printf (text, "%s%s", text->len > 0 ? " · " : "", toolchain->name);
      if (toolchain->version != NULL)
        g_string_append_printf (text, " %s", toolchain->version);
    }
  gtk_label_set_label (self->toolchains, text->len > 0 ? text->str : _ ("offers no language"));
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->toolchains), text->str);
  g_string_free (text, TRUE);
}

static void
update (RucheServerCard *self)
{
  const RucheServerInfo *info = ruche_server_row_get_info (self->row);
  const RucheLoadHistory *history = ruche_server_card_history (self->row);
  gint64 age = ruche_clock_now_ms () - ruche_server_row_get_updated_ms (self->row)
               + (info->load != NULL ? info->load_age_ms : 0);
  gboolean stale = info->state != RUCHE_SERVER_READY || age > RUCHE_SUSPECT_MS;

  if (stale)
    gtk_widget_add_css_class (GTK_WIDGET (self), "stale");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self), "stale");
  show_state (self, info, age, stale);
  show_load (self, info);
  show_toolchains (self, info);
  ruche_load_graph_update (self->cpu_graph, history, stale);
  ruche_load_graph_update (self->memory_graph, history, stale);
}

static gboolean
on_tick (gpointer user_data)
{
  update (user_data);
  return G_SOURCE_CONTINUE;
}

static void
ruche_server_card_dispose (GObject *object)
{
  ruche_server_card_set_row (RUCHE_SERVER_CARD (object), NULL);
  G_OBJECT_CLASS (ruche_server_card_parent_class)->dispose (object);
}

static void
ruche_server_card_class_init (RucheServerCardClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ruche_server_card_dispose;
  g_type_ensure (RUCHE_TYPE_LOAD_GRAPH);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/ruche/Ruche/ruche-server-card.ui");
  gtk_widget_class_bind_template_child (widget_class, RucheServerCard, name);
  gtk_widget_class_bind_template_child (widget_class, RucheServerCard, state);
  gtk_widget_class_bind_template_child (widget_class, RucheServerCard, since);
  gtk_widget_class_bind_template_child (widget_class, RucheServerCard, cpu);
  gtk_widget_class_bind_template_child (widget_class, RucheServerCard, memory);
  gtk_widget_class_bind_template_child (widget_class, RucheServerCard, cpu_graph);
  gtk_widget_class_bind_template_child (widget_class, RucheServerCard, memory_graph);
  gtk_widget_class_bind_template_child (widget_class, RucheServerCard, slots);
  gtk_widget_class_bind_template_child (widget_class, RucheServerCard, busy);
  gtk_widget_class_bind_template_child (widget_class, RucheServerCard, toolchains);
}

static void
ruche_server_card_init (RucheServerCard *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  ruche_load_graph_set_kind (self->cpu_graph, RUCHE_GRAPH_CPU);
  ruche_load_graph_set_kind (self->memory_graph, RUCHE_GRAPH_MEMORY);
}

/**
 * ruche_server_card_set_row:
 * @self: a card
 * @row: (nullable): the server to show
 *
 * Shows a server, now and whenever it reports; its age grows by itself.
 */
void
ruche_server_card_set_row (RucheServerCard *self, RucheServerRow *row)
{
  if (self->row != NULL)
    g_signal_handlers_disconnect_by_data (self->row, self);
  g_clear_handle_id (&self->tick_source, g_source_remove);
  if (row == NULL && self->row != NULL && self->cpu_graph != NULL)
    {
      ruche_load_graph_update (self->cpu_graph, NULL, FALSE);
      ruche_load_graph_update (self->memory_graph, NULL, FALSE);
    }
  g_set_object (&self->row, row);
  if (row == NULL)
    return;
  g_signal_connect_object (row, "changed", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  self->tick_source = g_timeout_add_seconds (1, on_tick, self);
  update (self);
}
