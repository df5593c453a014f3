/* ruche-editor-window-files.c: opening, saving and closing
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-editor-window-private.h"

#include <glib/gi18n-lib.h>

/* What to do once a document is on disk. */
typedef struct
{
  RucheEditorWindow *window;
  RucheEditorPage *page;
  gboolean then_close;
} SaveJob;

static void
save_job_free (SaveJob *job)
{
  g_object_unref (job->window);
  g_object_unref (job->page);
  g_free (job);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SaveJob, save_job_free)

static SaveJob *
save_job_new (RucheEditorWindow *window, RucheEditorPage *page, gboolean then_close)
{
  SaveJob *job = g_new0 (SaveJob, 1);

  job->window = g_object_ref (window);
  job->page = g_object_ref (page);
  job->then_close = then_close;
  return job;
}

/**
 * ruche_editor_window_say:
 * @self: a window
 * @heading: what happened
 * @sentence: why, and what to do
 *
 * Tells the person something that they must not miss.
 */
void
ruche_editor_window_say (RucheEditorWindow *self, const char *heading, const char *sentence)
{
  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (self), heading, sentence);

  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "close", _ ("_Close"));
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "close");
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
remember_folder (RucheEditorWindow *self, GFile *file)
{
  g_autoptr (GFile) folder = g_file_get_parent (file);
  g_autofree char *uri = folder != NULL ? g_file_get_uri (folder) : g_strdup ("");

  g_settings_set_string (self->settings, "last-folder", uri);
}

static void
close_if_blank (RucheEditorWindow *self, RucheEditorPage *page)
{
  if (page != NULL && ruche_document_is_blank (ruche_editor_page_get_document (page)))
    adw_tab_view_close_page (self->tabs, adw_tab_view_get_page (self->tabs, GTK_WIDGET (page)));
}

static void
on_loaded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (RucheEditorWindow) self = user_data;
  RucheDocument *document = RUCHE_DOCUMENT (source);
  RucheEditorPage *before = self->page;
  g_autoptr (GError) error = NULL;

  if (!ruche_document_load_finish (document, result, &error))
    {
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) && self->cluster != NULL)
        ruche_editor_window_say (self, _ ("The file was not opened"), error->message);
      return;
    }
  if (self->cluster == NULL)
    return;
  remember_folder (self, ruche_document_get_file (document));
  ruche_editor_window_add (self, document);
  close_if_blank (self, before);
}

/**
 * ruche_editor_window_open:
 * @self: a window
 * @file: a file
 *
 * Opens a file in a tab of its own, or shows the tab where it is open.
 */
void
ruche_editor_window_open (RucheEditorWindow *self, GFile *file)
{
  RucheEditorPage *page = ruche_editor_window_find (self, file);
  g_autoptr (RucheDocument) document = NULL;

  if (page != NULL)
    {
      adw_tab_view_set_selected_page (self->tabs,
                                      adw_tab_view_get_page (self->tabs, GTK_WIDGET (page)));
      return;
    }
  document = ruche_document_new ();
  ruche_document_load_async (document, file, self->cancellable, on_loaded, g_object_ref (self));
}

/**
 * ruche_editor_window_new_document:
 * @self: a window
 *
 * Opens a tab with an empty text.
 */
void
ruche_editor_window_new_document (RucheEditorWindow *self)
{
  g_autoptr (RucheDocument) document = ruche_document_new ();

  ruche_editor_page_go_to (ruche_editor_window_add (self, document), 1, 0);
}

static GtkFileChooserNative *
make_chooser (RucheEditorWindow *self, GtkFileChooserAction action)
{
  gboolean open = action == GTK_FILE_CHOOSER_ACTION_OPEN;
  g_autofree char *uri = g_settings_get_string (self->settings, "last-folder");

  g_clear_object (&self->chooser);
  self->chooser = gtk_file_chooser_native_new (open ? _ ("Open a Program") : _ ("Save the Program"),
                                               GTK_WINDOW (self), action,
                                               open ? _ ("_Open") : _ ("_Save"), NULL);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  if (*uri != '\0')
    {
      g_autoptr (GFile) folder = g_file_new_for_uri (uri);
      gtk_file_chooser_set_current_folder (GTK_FILE_CHOOSER (self->chooser), folder, NULL);
    }
  return self->chooser;
}

static void
on_open_response (GtkNativeDialog *dialog, int response, RucheEditorWindow *self)
{
  g_autoptr (GListModel) files = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    {
      files = gtk_file_chooser_get_files (GTK_FILE_CHOOSER (dialog));
      for (guint i = 0; i < g_list_model_get_n_items (files); i++)
        {
          g_autoptr (GFile) file = g_list_model_get_item (files, i);
          ruche_editor_window_open (self, file);
        }
    }
  g_clear_object (&self->chooser);
}

static void
open_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RucheEditorWindow *self = RUCHE_EDITOR_WINDOW (widget);
  GtkFileChooserNative *chooser = make_chooser (self, GTK_FILE_CHOOSER_ACTION_OPEN);

  gtk_file_chooser_set_select_multiple (GTK_FILE_CHOOSER (chooser), TRUE);
  g_signal_connect_object (chooser, "response", G_CALLBACK (on_open_response), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

static void
close_now (RucheEditorWindow *self, RucheEditorPage *page)
{
  AdwTabPage *tab = adw_tab_view_get_page (self->tabs, GTK_WIDGET (page));

  adw_tab_view_close_page_finish (self->tabs, tab, TRUE);
}

static void
keep_open (RucheEditorWindow *self, RucheEditorPage *page)
{
  AdwTabPage *tab = adw_tab_view_get_page (self->tabs, GTK_WIDGET (page));

  adw_tab_view_close_page_finish (self->tabs, tab, FALSE);
}

static void
on_saved (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (SaveJob) job = user_data;
  RucheDocument *document = RUCHE_DOCUMENT (source);
  g_autoptr (GError) error = NULL;

  if (!ruche_document_save_finish (document, result, &error))
    {
      if (job->then_close)
        keep_open (job->window, job->page);
      ruche_editor_window_say (job->window, _ ("The program was not saved"), error->message);
      return;
    }
  remember_folder (job->window, ruche_document_get_file (document));
  if (job->then_close)
    close_now (job->window, job->page);
  else
    ruche_editor_window_update (job->window);
}

static void
on_save_response (GtkNativeDialog *dialog, int response, gpointer user_data)
{
  SaveJob *job = user_data;
  g_autoptr (GFile) file = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    {
      file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
      ruche_document_save_async (ruche_editor_page_get_document (job->page), file, NULL, on_saved,
                                 save_job_new (job->window, job->page, job->then_close));
    }
  else if (job->then_close)
    keep_open (job->window, job->page);
  g_clear_object (&job->window->chooser);
}

static void
save_as (RucheEditorWindow *self, RucheEditorPage *page, gboolean then_close)
{
  RucheDocument *document = ruche_editor_page_get_document (page);
  GFile *file = ruche_document_get_file (document);
  GtkFileChooserNative *chooser = make_chooser (self, GTK_FILE_CHOOSER_ACTION_SAVE);

  if (file != NULL)
    gtk_file_chooser_set_file (GTK_FILE_CHOOSER (chooser), file, NULL);
  g_signal_connect_data (chooser, "response", G_CALLBACK (on_save_response),
                         save_job_new (self, page, then_close), (GClosureNotify)save_job_free, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

static void
save (RucheEditorWindow *self, RucheEditorPage *page, gboolean then_close)
{
  RucheDocument *document = ruche_editor_page_get_document (page);
  GFile *file = ruche_document_get_file (document);

  if (file == NULL)
    save_as (self, page, then_close);
  else
    ruche_document_save_async (document, file, NULL, on_saved,
                               save_job_new (self, page, then_close));
}

static void
save_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RucheEditorWindow *self = RUCHE_EDITOR_WINDOW (widget);

  if (self->page != NULL && g_str_equal (name, "win.save"))
    save (self, self->page, FALSE);
  else if (self->page != NULL)
    save_as (self, self->page, FALSE);
}

static void
on_close_answer (AdwMessageDialog *dialog, const char *response, gpointer user_data)
{
  SaveJob *job = user_data;

  if (g_str_equal (response, "save"))
    save (job->window, job->page, TRUE);
  else if (g_str_equal (response, "discard"))
    close_now (job->window, job->page);
  else
    keep_open (job->window, job->page);
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
  dialog = adw_message_dialog_new (GTK_WINDOW (self), _ ("Save the changes?"), body);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"), "discard",
                                    _ ("_Discard"), "save", _ ("_Save"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "discard",
                                              ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "save",
                                              ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "save");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_signal_connect_data (dialog, "response", G_CALLBACK (on_close_answer),
                         save_job_new (self, page, TRUE), (GClosureNotify)save_job_free, 0);
  gtk_window_present (GTK_WINDOW (dialog));
  return GDK_EVENT_STOP;
}

static void
on_quit_answer (AdwMessageDialog *dialog, const char *response, RucheEditorWindow *self)
{
  if (!g_str_equal (response, "discard"))
    return;
  self->closing = TRUE;
  gtk_window_close (GTK_WINDOW (self));
}

/**
 * ruche_editor_window_on_close:
 * @self: a window
 *
 * Asks before changes in any tab are lost.
 *
 * Returns: whether the window stays open for now
 */
gboolean
ruche_editor_window_on_close (RucheEditorWindow *self)
{
  GString *names = g_string_new (NULL);
  g_autofree char *list = NULL;
  GtkWidget *dialog;

  for (int i = 0; i < adw_tab_view_get_n_pages (self->tabs); i++)
    {
      AdwTabPage *tab = adw_tab_view_get_nth_page (self->tabs, i);
      RucheDocument *document
          = ruche_editor_page_get_document (RUCHE_EDITOR_PAGE (adw_tab_page_get_child (tab)));
      g_autofree char *name = ruche_document_get_name (document);
      if (ruche_document_is_modified (document))
        g_string_append_printf (names, "%s“%s”", names->len > 0 ? ", " : "", name);
    }
  list = g_string_free (names, FALSE);
  if (self->closing || *list == '\0')
    {
      self->closing = TRUE;
      return GDK_EVENT_PROPAGATE;
    }
  g_autofree char *body = g_strdup_printf (
      _ ("These have changes that are not saved: %s. Closing loses them."), list);
  dialog = adw_message_dialog_new (GTK_WINDOW (self), _ ("Close without saving?"), body);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"), "discard",
                                    _ ("_Discard"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "discard",
                                              ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_quit_answer), self, 0);
  gtk_window_present (GTK_WINDOW (dialog));
  return GDK_EVENT_STOP;
}

static void
new_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  ruche_editor_window_new_document (RUCHE_EDITOR_WINDOW (widget));
}

static void
close_tab_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RucheEditorWindow *self = RUCHE_EDITOR_WINDOW (widget);
  AdwTabPage *tab = adw_tab_view_get_selected_page (self->tabs);

  if (tab != NULL)
    adw_tab_view_close_page (self->tabs, tab);
}

/**
 * ruche_editor_window_install_file_actions:
 * @widget_class: the window's class
 *
 * Installs what has to do with files.
 */
void
ruche_editor_window_install_file_actions (GtkWidgetClass *widget_class)
{
  gtk_widget_class_install_action (widget_class, "win.open", NULL, open_action);
  gtk_widget_class_install_action (widget_class, "win.new", NULL, new_action);
  gtk_widget_class_install_action (widget_class, "win.save", NULL, save_action);
  gtk_widget_class_install_action (widget_class, "win.save-as", NULL, save_action);
  gtk_widget_class_install_action (widget_class, "win.close-tab", NULL, close_tab_action);
}
