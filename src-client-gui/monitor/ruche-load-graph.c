/* ruche-load-graph.c: the last two minutes of one reading, drawn
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The drawing is kept as a render node and made anew only when the server reported, the size
 * changed or the colours did: a frame in which nothing of this happened costs nothing.
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-load-graph.h"

#include <adwaita.h>

#define SPAN_MS 120000.0

struct _RucheLoadGraph
{
  GtkWidget parent_instance;

  RucheGraphKind kind;
  const RucheLoadHistory *history; /* lives as long as the row that the card shows */
  gboolean stale;

  GskRenderNode *node;
  guint serial;
  int width;
  int height;
};

G_DEFINE_FINAL_TYPE (RucheLoadGraph, ruche_load_graph, GTK_TYPE_WIDGET)

static void
forget_drawing (RucheLoadGraph *self)
{
  g_clear_pointer (&self->node, gsk_render_node_unref);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
get_colour (RucheLoadGraph *self, GdkRGBA *rgba)
{
  gboolean dark = adw_style_manager_get_dark (adw_style_manager_get_default ());

  if (self->stale)
    gdk_rgba_parse (rgba, dark ? "#9a9996" : "#77767b");
  else if (self->kind == RUCHE_GRAPH_CPU)
    gdk_rgba_parse (rgba, dark ? "#78aeed" : "#1c71d8");
  else
    gdk_rgba_parse (rgba, dark ? "#dc8add" : "#9141ac");
}

static void
draw_frame (cairo_t *cr, const GdkRGBA *text, int width, int height)
{
  cairo_set_source_rgba (cr, text->red, text->green, text->blue, 0.07);
  cairo_rectangle (cr, 0, 0, width, height);
  cairo_fill (cr);
  cairo_set_source_rgba (cr, text->red, text->green, text->blue, 0.13);
  cairo_set_line_width (cr, 1);
  cairo_move_to (cr, 0, height / 2 + 0.5);
  cairo_line_to (cr, width, height / 2 + 0.5);
  cairo_stroke (cr);
}

static void
draw_line (RucheLoadGraph *self, cairo_t *cr, int width, int height)
{
  const RucheLoadHistory *history = self->history;
  double x = 0, y = 0, first_x = 0;
  gint64 last_at;
  GdkRGBA rgba;

  if (history == NULL || history->n == 0)
    return;
  last_at = ruche_load_history_get (history, history->n - 1)->at_ms;
  get_colour (self, &rgba);
  for (guint i = 0; i < history->n; i++)
    {
      const RucheLoadSample *sample = ruche_load_history_get (history, i);
      x = width - 1 - (last_at - sample->at_ms) / SPAN_MS * width;
      y = 2 + (height - 3) * (1 - sample->value[self->kind]);
      if (i == 0)
        {
          first_x = x;
          cairo_move_to (cr, x, y);
        }
      else
        cairo_line_to (cr, x, y);
    }
  cairo_set_source_rgba (cr, rgba.red, rgba.green, rgba.blue, 1);
  cairo_set_line_width (cr, 1.5);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  cairo_stroke_preserve (cr);
  cairo_line_to (cr, x, height);
  cairo_line_to (cr, first_x, height);
  cairo_close_path (cr);
  cairo_set_source_rgba (cr, rgba.red, rgba.green, rgba.blue, 0.18);
  cairo_fill (cr);
  cairo_arc (cr, x - 1.5, y, 2, 0, 2 * G_PI);
  cairo_set_source_rgba (cr, rgba.red, rgba.green, rgba.blue, 1);
  cairo_fill (cr);
}

static void
ruche_load_graph_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  RucheLoadGraph *self = RUCHE_LOAD_GRAPH (widget);
  int width = gtk_widget_get_width (widget);
  int height = gtk_widget_get_height (widget);

  if (self->node == NULL || width != self->width || height != self->height)
    {
      GtkSnapshot *drawing = gtk_snapshot_new ();
      graphene_rect_t bounds = GRAPHENE_RECT_INIT (0, 0, width, height);
      GskRoundedRect outline;
      GdkRGBA text;
      cairo_t *cr;

      gtk_style_context_get_color (gtk_widget_get_style_context (widget), &text);
      gsk_rounded_rect_init_from_rect (&outline, &bounds, 6);
      gtk_snapshot_push_rounded_clip (drawing, &outline);
      cr = gtk_snapshot_append_cairo (drawing, &bounds);
      draw_frame (cr, &text, width, height);
      draw_line (self, cr, width, height);
      cairo_destroy (cr);
      gtk_snapshot_pop (drawing);
      g_clear_pointer (&self->node, gsk_render_node_unref);
      self->node = gtk_snapshot_free_to_node (drawing);
      self->width = width;
      self->height = height;
    }
  if (self->node != NULL)
    gtk_snapshot_append_node (snapshot, self->node);
}

static void
ruche_load_graph_measure (GtkWidget *widget,
                          GtkOrientation orientation,
                          int for_size,
                          int *minimum,
                          int *natural,
                          int *minimum_baseline,
                          int *natural_baseline)
{
  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? 80 : 44;
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 140 : 52;
}

static void
ruche_load_graph_css_changed (GtkWidget *widget, GtkCssStyleChange *change)
{
  GTK_WIDGET_CLASS (ruche_load_graph_parent_class)->css_changed (widget, change);
  forget_drawing (RUCHE_LOAD_GRAPH (widget));
}

static void
ruche_load_graph_dispose (GObject *object)
{
  g_clear_pointer (&RUCHE_LOAD_GRAPH (object)->node, gsk_render_node_unref);
  G_OBJECT_CLASS (ruche_load_graph_parent_class)->dispose (object);
}

static void
ruche_load_graph_class_init (RucheLoadGraphClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ruche_load_graph_dispose;
  widget_class->snapshot = ruche_load_graph_snapshot;
  widget_class->measure = ruche_load_graph_measure;
  widget_class->css_changed = ruche_load_graph_css_changed;
  gtk_widget_class_set_css_name (widget_class, "loadgraph");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
ruche_load_graph_init (RucheLoadGraph *self)
{
}

/**
 * ruche_load_graph_set_kind:
 * @self: a graph
 * @kind: which reading to draw
 *
 * Chooses what the graph shows.
 */
void
ruche_load_graph_set_kind (RucheLoadGraph *self, RucheGraphKind kind)
{
  self->kind = kind;
  forget_drawing (self);
}

/**
 * ruche_load_graph_update:
 * @self: a graph
 * @history: (nullable): what to draw; must live until another one is given
 * @stale: whether it is old: drawn grey
 *
 * Draws again if anything is new.
 */
void
ruche_load_graph_update (RucheLoadGraph *self, const RucheLoadHistory *history, gboolean stale)
{
  guint serial = history != NULL ? history->serial : 0;

  if (self->history == history && self->serial == serial && self->stale == stale)
    return;
  self->history = history;
  self->serial = serial;
  self->stale = stale;
  forget_drawing (self);
}
