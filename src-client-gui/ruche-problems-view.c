/* ruche-problems-view.c: what compilers say, as a list
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-problems-view.h"

#include <glib/gi18n-lib.h>

struct _RucheProblemsView
{
  AdwBin parent_instance;

  GtkStack *stack;
  GtkListView *list;

  GListModel *problems;
};

static guint chosen_signal;

G_DEFINE_FINAL_TYPE (RucheProblemsView, ruche_problems_view, ADW_TYPE_BIN)

static void
on_setup (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *icon = gtk_image_new ();
  GtkWidget *message = gtk_label_new (NULL);
  GtkWidget *place = gtk_label_new (NULL);

  gtk_widget_set_valign (icon, GTK_ALIGN_START);
  gtk_label_set_xalign (GTK_LABEL (message), 0);
  gtk_label_set_wrap (GTK_LABEL (message), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (message), PANGO_WRAP_WORD_CHAR);
  gtk_widget_set_hexpand (message, TRUE);
  gtk_widget_set_valign (place, GTK_ALIGN_START);
  gtk_widget_add_css_class (place, "dim-label");
  gtk_widget_add_css_class (place, "numeric");
  gtk_box_append (GTK_BOX (box), icon);
  gtk_box_append (GTK_BOX (box), message);
  gtk_box_append (GTK_BOX (box), place);
  gtk_list_item_set_child (item, box);
}

static void
on_bind (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  RucheProblem *problem = gtk_list_item_get_item (item);
  const RucheDiagnostic *diagnostic = ruche_problem_get_diagnostic (problem);
  GtkWidget *icon = gtk_widget_get_first_child (gtk_list_item_get_child (item));
  GtkWidget *message = gtk_widget_get_next_sibling (icon);
  GtkWidget *label = gtk_widget_get_next_sibling (message);
  g_autofree char *place = ruche_problem_get_place (problem);
  g_autofree char *spoken = g_strdup_printf ("%s, %s: %s", ruche_problem_get_severity (problem),
                                             place, diagnostic->message);

  gtk_image_set_from_icon_name (GTK_IMAGE (icon), ruche_problem_get_icon (problem));
  gtk_widget_set_tooltip_text (icon, ruche_problem_get_severity (problem));
  gtk_widget_remove_css_class (icon, "error");
  gtk_widget_remove_css_class (icon, "warning");
  if (diagnostic->severity != RUCHE_SEVERITY_NOTE)
    gtk_widget_add_css_class (icon,
                              diagnostic->severity == RUCHE_SEVERITY_ERROR ? "error" : "warning");
  gtk_label_set_label (GTK_LABEL (message), diagnostic->message);
  gtk_label_set_label (GTK_LABEL (label), place);
  gtk_accessible_update_property (GTK_ACCESSIBLE (gtk_list_item_get_child (item)),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
}

static void
on_activate (GtkListView *list, guint position, RucheProblemsView *self)
{
  g_autoptr (RucheProblem) problem = g_list_model_get_item (self->problems, position);

  if (problem != NULL)
    g_signal_emit (self, chosen_signal, 0, problem);
}

static void
on_items_changed (RucheProblemsView *self)
{
  gtk_stack_set_visible_child_name (
      self->stack, g_list_model_get_n_items (self->problems) > 0 ? "some" : "none");
}

static void
ruche_problems_view_dispose (GObject *object)
{
  g_clear_object (&RUCHE_PROBLEMS_VIEW (object)->problems);
  G_OBJECT_CLASS (ruche_problems_view_parent_class)->dispose (object);
}

static void
ruche_problems_view_class_init (RucheProblemsViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ruche_problems_view_dispose;
  chosen_signal = g_signal_new ("chosen", RUCHE_TYPE_PROBLEMS_VIEW, G_SIGNAL_RUN_LAST, 0, NULL,
                                NULL, NULL, G_TYPE_NONE, 1, RUCHE_TYPE_PROBLEM);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/ruche/Ruche/ruche-problems-view.ui");
  gtk_widget_class_bind_template_child (widget_class, RucheProblemsView, stack);
  gtk_widget_class_bind_template_child (widget_class, RucheProblemsView, list);
  gtk_widget_class_bind_template_callback (widget_class, on_setup);
  gtk_widget_class_bind_template_callback (widget_class, on_bind);
  gtk_widget_class_bind_template_callback (widget_class, on_activate);
}

static void
ruche_problems_view_init (RucheProblemsView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * ruche_problems_view_set_model:
 * @self: a view without a model
 * @problems: a list of RucheProblem
 *
 * Shows problems.
 */
void
ruche_problems_view_set_model (RucheProblemsView *self, GListModel *problems)
{
  g_autoptr (GtkSingleSelection) selection = NULL;

  g_return_if_fail (self->problems == NULL);

  self->problems = g_object_ref (problems);
  selection = gtk_single_selection_new (g_object_ref (problems));
  gtk_single_selection_set_autoselect (selection, FALSE);
  gtk_list_view_set_model (self->list, GTK_SELECTION_MODEL (selection));
  g_signal_connect_object (problems, "items-changed", G_CALLBACK (on_items_changed), self,
                           G_CONNECT_SWAPPED);
  on_items_changed (self);
}
