/* ruche-editor-window-files.c: opening and saving
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-editor-window-private.h"

#include "ruche-run-memory.h"

#include <glib/gi18n-lib.h>

/* What to do once a document is on disk. */
typedef struct
{
  RucheEditorWindow *window;
  RucheEditorPage *page;
  RucheThen then;
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
save_job_new (RucheEditorWindow *window, RucheEditorPage *page, RucheThen then)
{
  SaveJob *job = g_new0 (SaveJob, 1);

  job->window = g_object_ref (window);
  job->page = g_object_ref (page);
  job->then = then;
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

/* A file on its way, and the place in it that was asked for. */
typedef struct
{
  RucheEditorWindow *window;
  gint64 line;
  gint64 column;
} OpenJob;

static void
open_job_free (OpenJob *job)
{
  g_object_unref (job->window);
  g_free (job);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OpenJob, open_job_free)

static void
show_place (RucheEditorWindow *self, RucheEditorPage *page, gint64 line, gint64 column)
{
  adw_tab_view_set_selected_page (self->tabs,
                                  adw_tab_view_get_page (self->tabs, GTK_WIDGET (page)));
  if (line > 0)
    ruche_editor_page_go_to (page, line, column);
}

static void
on_loaded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OpenJob) job = user_data;
  RucheEditorWindow *self = job->window;
  RucheDocument *document = RUCHE_DOCUMENT (source);
  RucheEditorPage *before = self->page;
  RucheEditorPage *page;
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
  /* Asked for twice, it was loaded twice: one of the two is enough. */
  page = ruche_editor_window_find (self, ruche_document_get_file (document));
  if (page == NULL)
    {
      ruche_run_memory_recall (ruche_document_get_file (document),
                               ruche_document_get_settings (document));
      page = ruche_editor_window_add (self, document);
      close_if_blank (self, before);
    }
  show_place (self, page, job->line, job->column);
}

/**
 * ruche_editor_window_open_at:
 * @self: a window
 * @file: a file
 * @line: from 1; 0 for where the cursor is
 * @column: in bytes, from 1; 0 for the start of the line
 *
 * Opens a file in a tab of its own, or shows the tab where it is open, and goes to a place in it.
 */
void
ruche_editor_window_open_at (RucheEditorWindow *self, GFile *file, gint64 line, gint64 column)
{
  RucheEditorPage *page = ruche_editor_window_find (self, file);
  g_autoptr (RucheDocument) document = NULL;
  OpenJob *job;

  if (page != NULL)
    {
      show_place (self, page, line, column);
      return;
    }
  job = g_new0 (OpenJob, 1);
  job->window = g_object_ref (self);
  job->line = line;
  job->column = column;
  document = ruche_document_new ();
  ruche_document_load_async (document, file, self->cancellable, on_loaded, job);
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
  ruche_editor_window_open_at (self, file, 0, 0);
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
on_saved (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (SaveJob) job = user_data;
  RucheDocument *document = RUCHE_DOCUMENT (source);
  g_autoptr (GError) error = NULL;
  gboolean saved = ruche_document_save_finish (document, result, &error);

  /* Closed meanwhile: its parts are gone. */
  if (job->window->cluster == NULL)
    return;
  if (!saved)
    ruche_editor_window_say (job->window, _ ("The program was not saved"), error->message);
  else
    {
      remember_folder (job->window, ruche_document_get_file (document));
      ruche_editor_window_update (job->window);
    }
  ruche_editor_window_saved (job->window, job->page, job->then, saved);
}

static void
on_save_response (GtkNativeDialog *dialog, int response, gpointer user_data)
{
  SaveJob *job = user_data;
  g_autoptr (GFile) file = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
  if (file != NULL)
    ruche_document_save_async (ruche_editor_page_get_document (job->page), file, NULL, on_saved,
                               save_job_new (job->window, job->page, job->then));
  else if (job->window->cluster != NULL)
    ruche_editor_window_saved (job->window, job->page, job->then, FALSE);
  g_clear_object (&job->window->chooser);
}

static void
save_as (RucheEditorWindow *self, RucheEditorPage *page, RucheThen then)
{
  RucheDocument *document = ruche_editor_page_get_document (page);
  GFile *file = ruche_document_get_file (document);
  GtkFileChooserNative *chooser = make_chooser (self, GTK_FILE_CHOOSER_ACTION_SAVE);

  if (file != NULL)
    gtk_file_chooser_set_file (GTK_FILE_CHOOSER (chooser), file, NULL);
  g_signal_connect_data (chooser, "response", G_CALLBACK (on_save_response),
                         save_job_new (self, page, then), (GClosureNotify)save_job_free, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

/**
 * ruche_editor_window_save:
 * @self: a window
 * @page: one of its pages
 * @then: what is to follow
 *
 * Saves a document; one that has no file yet asks where to.
 */
void
ruche_editor_window_save (RucheEditorWindow *self, RucheEditorPage *page, RucheThen then)
{
  RucheDocument *document = ruche_editor_page_get_document (page);
  GFile *file = ruche_document_get_file (document);

  if (file == NULL)
    save_as (self, page, then);
  else
    ruche_document_save_async (document, file, NULL, on_saved, save_job_new (self, page, then));
}

static void
save_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RucheEditorWindow *self = RUCHE_EDITOR_WINDOW (widget);

  if (self->page != NULL && g_str_equal (name, "win.save"))
    ruche_editor_window_save (self, self->page, RUCHE_THEN_NOTHING);
  else if (self->page != NULL)
    save_as (self, self->page, RUCHE_THEN_NOTHING);
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
