/* ruche-verdict-bar.c: the line that says how a run stands or ended
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-verdict-bar.h"

#include "ruche-clock.h"

#include <glib/gi18n-lib.h>

#define TICK_MS 100

struct _RucheVerdictBar
{
  AdwBin parent_instance;

  GtkStack *sign;
  GtkImage *icon;
  GtkSpinner *spinner;
  GtkLabel *word;
  GtkLabel *details;

  RucheSession *session;
  const char *style;
  guint tick_source;
};

G_DEFINE_FINAL_TYPE (RucheVerdictBar, ruche_verdict_bar, ADW_TYPE_BIN)

static void
update (RucheVerdictBar *self)
{
  const RucheRunState *state = ruche_session_get_state (self->session);
  gboolean busy = ruche_run_state_is_active (state) && state->phase != RUCHE_PHASE_WAITING;
  g_auto (RucheRunLine) line = { 0 };

  ruche_run_state_describe (state, ruche_clock_now_ms (), &line);
  gtk_image_set_from_icon_name (self->icon, line.icon);
  gtk_spinner_set_spinning (self->spinner, busy);
  gtk_stack_set_visible_child (self->sign,
                               busy ? GTK_WIDGET (self->spinner) : GTK_WIDGET (self->icon));
  gtk_label_set_label (self->word, line.word);
  gtk_label_set_label (self->details, line.details);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->details), line.details);
  if (g_strcmp0 (self->style, line.style) == 0)
    return;
  if (self->style != NULL)
    {
      gtk_widget_remove_css_class (GTK_WIDGET (self->icon), self->style);
      gtk_widget_remove_css_class (GTK_WIDGET (self->word), self->style);
    }
  self->style = line.style;
  gtk_widget_add_css_class (GTK_WIDGET (self->icon), line.style);
  gtk_widget_add_css_class (GTK_WIDGET (self->word), line.style);
}

static gboolean
on_tick (gpointer user_data)
{
  update (user_data);
  return G_SOURCE_CONTINUE;
}

static void
on_changed (RucheVerdictBar *self)
{
  gboolean active = ruche_session_get_active (self->session);

  if (active && self->tick_source == 0)
    self->tick_source = g_timeout_add (TICK_MS, on_tick, self);
  else if (!active)
    g_clear_handle_id (&self->tick_source, g_source_remove);
  update (self);
}

static void
ruche_verdict_bar_dispose (GObject *object)
{
  RucheVerdictBar *self = RUCHE_VERDICT_BAR (object);

  g_clear_handle_id (&self->tick_source, g_source_remove);
  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (self->session, self);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (ruche_verdict_bar_parent_class)->dispose (object);
}

static void
ruche_verdict_bar_class_init (RucheVerdictBarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ruche_verdict_bar_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/ruche/Ruche/ruche-verdict-bar.ui");
  gtk_widget_class_bind_template_child (widget_class, RucheVerdictBar, sign);
  gtk_widget_class_bind_template_child (widget_class, RucheVerdictBar, icon);
  gtk_widget_class_bind_template_child (widget_class, RucheVerdictBar, spinner);
  gtk_widget_class_bind_template_child (widget_class, RucheVerdictBar, word);
  gtk_widget_class_bind_template_child (widget_class, RucheVerdictBar, details);
}

static void
ruche_verdict_bar_init (RucheVerdictBar *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * ruche_verdict_bar_set_session:
 * @self: a bar without a session
 * @session: whose runs to show
 *
 * Shows where a session's run stands from now on.
 */
void
ruche_verdict_bar_set_session (RucheVerdictBar *self, RucheSession *session)
{
  g_return_if_fail (self->session == NULL);

  self->session = g_object_ref (session);
  g_signal_connect_object (session, "changed", G_CALLBACK (on_changed), self, G_CONNECT_SWAPPED);
  on_changed (self);
}
