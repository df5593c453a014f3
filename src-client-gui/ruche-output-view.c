/* ruche-output-view.c: what a program writes, while it runs
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-output-view.h"

/* A frame has 16 ms; a quarter of it may go into text. The session's queue holds the rest. */
#define FRAME_MS  16
#define BUDGET_US 4000
#define PIECE     4096

/* The view keeps this many characters, and forgets them in large steps. */
#define MOST_CHARS (8 * 1024 * 1024)

struct _RucheOutputView
{
  AdwBin parent_instance;

  GtkScrolledWindow *scroller;
  GtkTextView *view;

  RucheSession *session;
  GtkTextTag *tags[RUCHE_N_STREAMS];
  GtkTextMark *end;
  guint drain_source;
  gboolean following;
  gboolean scrolling;
  double value; /* of the scroll bar, and its upper end, when it last moved */
  double upper;
};

G_DEFINE_FINAL_TYPE (RucheOutputView, ruche_output_view, ADW_TYPE_BIN)

static void
forget_the_oldest (GtkTextBuffer *buffer)
{
  GtkTextIter start, cut;

  if (gtk_text_buffer_get_char_count (buffer) <= MOST_CHARS)
    return;
  gtk_text_buffer_get_start_iter (buffer, &start);
  gtk_text_buffer_get_iter_at_offset (buffer, &cut, MOST_CHARS / 8);
  gtk_text_iter_forward_line (&cut);
  gtk_text_buffer_delete (buffer, &start, &cut);
}

static gboolean
on_drain (gpointer user_data)
{
  RucheOutputView *self = user_data;
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->view);
  gint64 began = g_get_monotonic_time ();
  RucheStream stream = RUCHE_STREAM_STDOUT;

  while (g_get_monotonic_time () - began < BUDGET_US)
    {
      g_autofree char *text = ruche_session_take_output (self->session, PIECE, &stream);
      GtkTextIter end;

      if (text == NULL)
        {
          self->drain_source = 0;
          break;
        }
      gtk_text_buffer_get_end_iter (buffer, &end);
      gtk_text_buffer_insert_with_tags (buffer, &end, text, -1, self->tags[stream], NULL);
    }
  forget_the_oldest (buffer);
  if (self->following)
    {
      self->scrolling = TRUE;
      gtk_text_view_scroll_mark_onscreen (self->view, self->end);
      self->scrolling = FALSE;
    }
  return self->drain_source != 0 ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static void
on_output (RucheOutputView *self)
{
  /* A timer and no tick callback: a program in a tab out of sight has to go on as well. */
  if (self->drain_source == 0)
    self->drain_source
        = g_timeout_add_full (G_PRIORITY_DEFAULT_IDLE, FRAME_MS, on_drain, self, NULL);
}

static void
on_cleared (RucheOutputView *self)
{
  g_clear_handle_id (&self->drain_source, g_source_remove);
  gtk_text_buffer_set_text (gtk_text_view_get_buffer (self->view), "", 0);
  self->following = TRUE;
}

/* Whoever scrolls up wants to read; whoever comes back to the end wants to follow. */
static void
on_scrolled (GtkAdjustment *adjustment, RucheOutputView *self)
{
  double value = gtk_adjustment_get_value (adjustment);
  double upper = gtk_adjustment_get_upper (adjustment);
  gboolean at_end = value >= upper - gtk_adjustment_get_page_size (adjustment) - 24;

  /* While more comes the end runs away from the view by itself; but only a person scrolls up in a
   * text that did not become shorter. */
  if (!self->scrolling && self->drain_source == 0)
    self->following = at_end;
  else if (!self->scrolling && value < self->value && upper >= self->upper)
    self->following = FALSE;
  self->value = value;
  self->upper = upper;
}

static gboolean
on_wheel (GtkEventControllerScroll *controller, double dx, double dy, RucheOutputView *self)
{
  if (dy < 0)
    self->following = FALSE;
  return FALSE;
}

static void
update_colours (RucheOutputView *self)
{
  gboolean dark = adw_style_manager_get_dark (adw_style_manager_get_default ());

  g_object_set (self->tags[RUCHE_STREAM_STDERR], "foreground", dark ? "#ff938c" : "#c01c28", NULL);
  g_object_set (self->tags[RUCHE_STREAM_COMPILER], "foreground", dark ? "#c0bfbc" : "#5e5c64",
                NULL);
}

static void
ruche_output_view_dispose (GObject *object)
{
  RucheOutputView *self = RUCHE_OUTPUT_VIEW (object);

  g_clear_handle_id (&self->drain_source, g_source_remove);
  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (self->session, self);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (ruche_output_view_parent_class)->dispose (object);
}

static void
ruche_output_view_class_init (RucheOutputViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ruche_output_view_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/ruche/Ruche/ruche-output-view.ui");
  gtk_widget_class_bind_template_child (widget_class, RucheOutputView, scroller);
  gtk_widget_class_bind_template_child (widget_class, RucheOutputView, view);
}

static void
ruche_output_view_init (RucheOutputView *self)
{
  GtkTextBuffer *buffer;
  GtkTextIter end;
  GtkEventController *wheel;

  gtk_widget_init_template (GTK_WIDGET (self));
  buffer = gtk_text_view_get_buffer (self->view);
  self->tags[RUCHE_STREAM_STDOUT] = gtk_text_buffer_create_tag (buffer, "stdout", NULL);
  self->tags[RUCHE_STREAM_STDERR] = gtk_text_buffer_create_tag (buffer, "stderr", NULL);
  self->tags[RUCHE_STREAM_COMPILER] = gtk_text_buffer_create_tag (buffer, "compiler", NULL);
  gtk_text_buffer_get_end_iter (buffer, &end);
  self->end = gtk_text_buffer_create_mark (buffer, NULL, &end, FALSE);
  self->following = TRUE;
  update_colours (self);
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark",
                           G_CALLBACK (update_colours), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (gtk_scrolled_window_get_vadjustment (self->scroller), "value-changed",
                           G_CALLBACK (on_scrolled), self, 0);
  wheel = gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_VERTICAL);
  gtk_event_controller_set_propagation_phase (wheel, GTK_PHASE_CAPTURE);
  g_signal_connect_object (wheel, "scroll", G_CALLBACK (on_wheel), self, 0);
  gtk_widget_add_controller (GTK_WIDGET (self->scroller), wheel);
}

/**
 * ruche_output_view_set_session:
 * @self: a view without a session
 * @session: whose output to show
 *
 * Shows the output of a session's runs from now on.
 */
void
ruche_output_view_set_session (RucheOutputView *self, RucheSession *session)
{
  g_return_if_fail (self->session == NULL);

  self->session = g_object_ref (session);
  g_signal_connect_object (session, "output", G_CALLBACK (on_output), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "cleared", G_CALLBACK (on_cleared), self, G_CONNECT_SWAPPED);
}
