/* ruche-run-panel.c: output, problems and verdict of one program
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-run-panel.h"

#include "ruche-output-view.h"
#include "ruche-problems-view.h"
#include "ruche-verdict-bar.h"

struct _RucheRunPanel
{
  AdwBin parent_instance;

  AdwViewStack *stack;
  AdwViewStackPage *problems_page;
  RucheOutputView *output;
  RucheProblemsView *problems;
  RucheVerdictBar *verdict;

  RucheSession *session;
};

static guint chosen_signal;

G_DEFINE_FINAL_TYPE (RucheRunPanel, ruche_run_panel, ADW_TYPE_BIN)

static void
on_chosen (RucheProblemsView *view, RucheProblem *problem, RucheRunPanel *self)
{
  g_signal_emit (self, chosen_signal, 0, problem);
}

static void
on_problems (GListModel *problems, guint position, guint removed, guint added, RucheRunPanel *self)
{
  adw_view_stack_page_set_badge_number (self->problems_page, g_list_model_get_n_items (problems));
}

/* A program that did not compile wrote nothing: its problems are what the person looks for. */
static void
on_changed (RucheRunPanel *self)
{
  const RucheRunState *state = ruche_session_get_state (self->session);

  if (state->phase == RUCHE_PHASE_SUBMITTING)
    ruche_run_panel_show (self, "output");
  else if (state->phase == RUCHE_PHASE_ENDED
           && state->result->verdict == RUCHE_VERDICT_COMPILE_ERROR
           && state->result->diagnostics->len > 0)
    ruche_run_panel_show (self, "problems");
}

static void
ruche_run_panel_dispose (GObject *object)
{
  g_clear_object (&RUCHE_RUN_PANEL (object)->session);
  G_OBJECT_CLASS (ruche_run_panel_parent_class)->dispose (object);
}

static void
ruche_run_panel_class_init (RucheRunPanelClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ruche_run_panel_dispose;
  chosen_signal = g_signal_new ("problem-chosen", RUCHE_TYPE_RUN_PANEL, G_SIGNAL_RUN_LAST, 0, NULL,
                                NULL, NULL, G_TYPE_NONE, 1, RUCHE_TYPE_PROBLEM);
  g_type_ensure (RUCHE_TYPE_OUTPUT_VIEW);
  g_type_ensure (RUCHE_TYPE_PROBLEMS_VIEW);
  g_type_ensure (RUCHE_TYPE_VERDICT_BAR);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/ruche/Ruche/ruche-run-panel.ui");
  gtk_widget_class_bind_template_child (widget_class, RucheRunPanel, stack);
  gtk_widget_class_bind_template_child (widget_class, RucheRunPanel, problems_page);
  gtk_widget_class_bind_template_child (widget_class, RucheRunPanel, output);
  gtk_widget_class_bind_template_child (widget_class, RucheRunPanel, problems);
  gtk_widget_class_bind_template_child (widget_class, RucheRunPanel, verdict);
  gtk_widget_class_bind_template_callback (widget_class, on_chosen);
}

static void
ruche_run_panel_init (RucheRunPanel *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * ruche_run_panel_new:
 * @session: whose runs to show
 *
 * Makes a panel for one program.
 *
 * Returns: (transfer floating): the panel
 */
RucheRunPanel *
ruche_run_panel_new (RucheSession *session)
{
  RucheRunPanel *self = g_object_new (RUCHE_TYPE_RUN_PANEL, NULL);

  self->session = g_object_ref (session);
  ruche_output_view_set_session (self->output, session);
  ruche_verdict_bar_set_session (self->verdict, session);
  ruche_problems_view_set_model (self->problems, ruche_session_get_problems (session));
  g_signal_connect_object (ruche_session_get_problems (session), "items-changed",
                           G_CALLBACK (on_problems), self, 0);
  g_signal_connect_object (session, "changed", G_CALLBACK (on_changed), self, G_CONNECT_SWAPPED);
  return self;
}

/**
 * ruche_run_panel_show:
 * @self: a panel
 * @page: "output" or "problems"
 *
 * Turns to a page.
 */
void
ruche_run_panel_show (RucheRunPanel *self, const char *page)
{
  adw_view_stack_set_visible_child_name (self->stack, page);
}

/**
 * ruche_run_panel_focus:
 * @self: a panel
 *
 * Gives the focus to the page in sight.
 */
void
ruche_run_panel_focus (RucheRunPanel *self)
{
  gtk_widget_child_focus (adw_view_stack_get_visible_child (self->stack), GTK_DIR_TAB_FORWARD);
}
