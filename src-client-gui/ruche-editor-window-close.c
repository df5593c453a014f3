/* ruche-editor-window-close.c: nothing that a person wrote is lost by closing
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-editor-window-private.h"

#include "ruche-farewell.h"

#include <glib/gi18n-lib.h>

static RucheEditorPage *
nth_page (RucheEditorWindow *self, int n)
{
  AdwTabPage *tab = adw_tab_view_get_nth_page (self->tabs, n);

  return RUCHE_EDITOR_PAGE (adw_tab_page_get_child (tab));
}

static GtkWidget *
make_question (RucheEditorWindow *self, const char *heading, const char *body, const char *save)
{
  GtkWidget *widget = adw_message_dialog_new (GTK_WINDOW (self), heading, body);
  AdwMessageDialog *dialog = ADW_MESSAGE_DIALOG (widget);

  adw_message_dialog_add_responses (dialog, "cancel", _ ("_Cancel"), "discard", _ ("_Discard"),
                                    "save", save, NULL);
  adw_message_dialog_set_response_appearance (dialog, "discard", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_response_appearance (dialog, "save", ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (dialog, "save");
  adw_message_dialog_set_close_response (dialog, "cancel");
  return widget;
}

static void
finish_tab (RucheEditorWindow *self, RucheEditorPage *page, gboolean close)
{
  adw_tab_view_close_page_finish (self->tabs, adw_tab_view_get_page (self->tabs, GTK_WIDGET (page)),
                                  close);
}

static gboolean
on_close_idle (gpointer user_data)
{
  gtk_window_close (user_data);
  return G_SOURCE_REMOVE;
}

/* Not at once: a question does not survive that its window goes before its answer is dealt with. */
static void
close_without_asking (RucheEditorWindow *self)
{
  self->closing = TRUE;
  g_idle_add_full (G_PRIORITY_DEFAULT, on_close_idle, g_object_ref (self), g_object_unref);
}

/* One after the other: a program without a file asks where to. */
static void
save_next (RucheEditorWindow *self)
{
  for (int i = 0; i < adw_tab_view_get_n_pages (self->tabs); i++)
    {
      RucheEditorPage *page = nth_page (self, i);
      if (!ruche_document_is_modified (ruche_editor_page_get_document (page)))
        continue;
      adw_tab_view_set_selected_page (self->tabs,
                                      adw_tab_view_get_page (self->tabs, GTK_WIDGET (page)));
      ruche_editor_window_save (self, page, RUCHE_THEN_CLOSE_WINDOW);
      return;
    }
  close_without_asking (self);
}

/**
 * ruche_editor_window_saved:
 * @self: a window
 * @page: the page whose document was to be saved
 * @then: what was to follow
 * @saved: whether it is on disk
 *
 * Goes on with closing, or does not, where saving was a part of that.
 */
void
ruche_editor_window_saved (RucheEditorWindow *self,
                           RucheEditorPage *page,
                           RucheThen then,
                           gboolean saved)
{
  if (then == RUCHE_THEN_CLOSE_TAB)
    finish_tab (self, page, saved);
  else if (then == RUCHE_THEN_CLOSE_WINDOW && saved)
    save_next (self);
}

static void
on_tab_answer (AdwMessageDialog *dialog, const char *response, RucheEditorPage *page)
{
  RucheEditorWindow *self
      = RUCHE_EDITOR_WINDOW (gtk_window_get_transient_for (GTK_WINDOW (dialog)));

  if (self == NULL || self->cluster == NULL)
    return;
  if (g_str_equal (response, "save"))
    ruche_editor_window_save (self, page, RUCHE_THEN_CLOSE_TAB);
  else
    finish_tab (self, page, g_str_equal (response, "discard"));
}

/**
 * ruche_editor_window_on_close_page:
 * @tabs: the window's tabs
 * @tab: the one to close
 * @self: a window
 *
 * Asks what to do with changes that were not saved.
 *
 * Returns: whether the answer comes later
 */
gboolean
ruche_editor_window_on_close_page (AdwTabView *tabs, AdwTabPage *tab, RucheEditorWindow *self)
{
  RucheEditorPage *page = RUCHE_EDITOR_PAGE (adw_tab_page_get_child (tab));
  RucheDocument *document = ruche_editor_page_get_document (page);
  g_autofree char *name = ruche_document_get_name (document);
  g_autofree char *body = NULL;
  GtkWidget *dialog;

  if (!ruche_document_is_modified (document))
    return GDK_EVENT_PROPAGATE;
  body = g_strdup_printf (_ ("“%s” has changes that are not saved. Closing it loses them."), name);
  dialog = make_question (self, _ ("Save the changes?"), body, _ ("_Save"));
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_tab_answer), page, 0);
  gtk_window_present (GTK_WINDOW (dialog));
  return GDK_EVENT_STOP;
}

static void
on_window_answer (AdwMessageDialog *dialog, const char *response, RucheEditorWindow *self)
{
  if (g_str_equal (response, "save"))
    save_next (self);
  else if (g_str_equal (response, "discard"))
    close_without_asking (self);
}

static char *
list_unsaved (RucheEditorWindow *self, guint *n)
{
  GString *names = g_string_new (NULL);

  *n = 0;
  for (int i = 0; i < adw_tab_view_get_n_pages (self->tabs); i++)
    {
      RucheDocument *document = ruche_editor_page_get_document (nth_page (self, i));
      g_autofree char *name = ruche_document_get_name (document);
      g_autofree char *quoted = g_strdup_printf (_ ("“%s”"), name);
      if (ruche_document_is_modified (document))
        g_string_append_printf (names, "%s%s", (*n)++ > 0 ? ", " : "", quoted);
    }
  return g_string_free (names, FALSE);
}

/**
 * ruche_editor_window_on_close:
 * @self: a window
 *
 * Asks before changes in any tab are lost, and stops what runs.
 *
 * Returns: whether the window stays open for now
 */
gboolean
ruche_editor_window_on_close (RucheEditorWindow *self)
{
  guint n;
  g_autofree char *list = list_unsaved (self, &n);
  g_autofree char *body = NULL;

  if (self->closing || n == 0)
    {
      self->closing = TRUE;
      for (int i = 0; i < adw_tab_view_get_n_pages (self->tabs); i++)
        ruche_farewell_stop (
            G_APPLICATION (gtk_window_get_application (GTK_WINDOW (self))),
            ruche_document_get_session (ruche_editor_page_get_document (nth_page (self, i))));
      return GDK_EVENT_PROPAGATE;
    }
  if (self->question == NULL)
    {
      body = g_strdup_printf (_ ("These have changes that are not saved: %s. Closing loses them."),
                              list);
      g_set_weak_pointer (&self->question, make_question (self, _ ("Save the changes?"), body,
                                                          n > 1 ? _ ("_Save All") : _ ("_Save")));
      g_signal_connect_object (self->question, "response", G_CALLBACK (on_window_answer), self, 0);
    }
  gtk_window_present (GTK_WINDOW (self->question));
  return GDK_EVENT_STOP;
}
