/* ruche-document.c: one program text, in a file or not yet
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-document.h"

#include "ruche-bounds.h"
#include "ruche-error.h"

#include <glib/gi18n-lib.h>
#include <string.h>

struct _RucheDocument
{
  GObject parent_instance;

  GtkSourceBuffer *buffer;
  GtkSourceFile *file;
  RucheSession *session;
  RucheRunSettings *settings;
  gboolean keep; /* the text goes over what another program wrote */
};

enum
{
  PROP_TITLE = 1
};

G_DEFINE_FINAL_TYPE (RucheDocument, ruche_document, G_TYPE_OBJECT)

static void
title_changed (RucheDocument *self)
{
  g_object_notify (G_OBJECT (self), "title");
}

static void
ruche_document_finalize (GObject *object)
{
  RucheDocument *self = RUCHE_DOCUMENT (object);

  g_clear_object (&self->buffer);
  g_clear_object (&self->file);
  g_clear_object (&self->session);
  g_clear_object (&self->settings);
  G_OBJECT_CLASS (ruche_document_parent_class)->finalize (object);
}

static void
ruche_document_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  RucheDocument *self = RUCHE_DOCUMENT (object);
  g_autofree char *name = ruche_document_get_name (self);

  if (ruche_document_is_modified (self))
    g_value_take_string (value, g_strconcat ("• ", name, NULL));
  else
    g_value_set_string (value, name);
}

static void
ruche_document_class_init (RucheDocumentClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = ruche_document_finalize;
  object_class->get_property = ruche_document_get_property;
  g_object_class_install_property (
      object_class, PROP_TITLE,
      g_param_spec_string ("title", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
}

static void
ruche_document_init (RucheDocument *self)
{
  self->buffer = gtk_source_buffer_new (NULL);
  self->file = gtk_source_file_new ();
  self->session = ruche_session_new ();
  self->settings = ruche_run_settings_new ();
  g_signal_connect_object (self->buffer, "modified-changed", G_CALLBACK (title_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->file, "notify::location", G_CALLBACK (title_changed), self,
                           G_CONNECT_SWAPPED);
}

/**
 * ruche_document_new:
 *
 * Makes an empty document without a file.
 *
 * Returns: (transfer full): the document
 */
RucheDocument *
ruche_document_new (void)
{
  return g_object_new (RUCHE_TYPE_DOCUMENT, NULL);
}

/**
 * ruche_document_get_buffer:
 * @self: a document
 *
 * Gives the text for a view.
 *
 * Returns: (transfer none): the buffer
 */
GtkSourceBuffer *
ruche_document_get_buffer (RucheDocument *self)
{
  return self->buffer;
}

/**
 * ruche_document_get_session:
 * @self: a document
 *
 * Gives the runs of this program.
 *
 * Returns: (transfer none): the session
 */
RucheSession *
ruche_document_get_session (RucheDocument *self)
{
  return self->session;
}

/**
 * ruche_document_get_settings:
 * @self: a document
 *
 * Gives how this program is to be run.
 *
 * Returns: (transfer none): the settings
 */
RucheRunSettings *
ruche_document_get_settings (RucheDocument *self)
{
  return self->settings;
}

/**
 * ruche_document_get_file:
 * @self: a document
 *
 * Tells where the document was read from or saved to.
 *
 * Returns: (transfer none) (nullable): the file, %NULL while there is none
 */
GFile *
ruche_document_get_file (RucheDocument *self)
{
  return gtk_source_file_get_location (self->file);
}

static char *
display_name (GFile *file)
{
  g_autofree char *base = g_file_get_basename (file);

  return g_filename_display_name (base != NULL ? base : "");
}

/**
 * ruche_document_get_name:
 * @self: a document
 *
 * Names the document for people.
 *
 * Returns: (transfer full): the file's name
 */
char *
ruche_document_get_name (RucheDocument *self)
{
  GFile *file = ruche_document_get_file (self);

  return file != NULL ? display_name (file) : g_strdup (_ ("New program"));
}

/**
 * ruche_document_get_folder:
 * @self: a document
 *
 * Names the folder of the document's file for people.
 *
 * Returns: (transfer full): its path, with ~ for the home folder; "" without a file
 */
char *
ruche_document_get_folder (RucheDocument *self)
{
  GFile *file = ruche_document_get_file (self);
  g_autoptr (GFile) parent = file != NULL ? g_file_get_parent (file) : NULL;
  g_autofree char *path = parent != NULL ? g_file_get_parse_name (parent) : g_strdup ("");
  const char *home = g_get_home_dir ();
  gsize length = strlen (home);

  if (length > 1 && g_str_has_prefix (path, home) && (path[length] == '/' || path[length] == '\0'))
    return g_strconcat ("~", path + length, NULL);
  return g_steal_pointer (&path);
}

/**
 * ruche_document_get_encoding:
 * @self: a document
 *
 * Names the encoding in which the document is saved.
 *
 * Returns: (transfer none): such as "UTF-8"
 */
const char *
ruche_document_get_encoding (RucheDocument *self)
{
  const GtkSourceEncoding *encoding = gtk_source_file_get_encoding (self->file);

  return encoding != NULL ? gtk_source_encoding_get_charset (encoding) : "UTF-8";
}

/**
 * ruche_document_is_modified:
 * @self: a document
 *
 * Tells whether closing the document would lose something.
 *
 * Returns: whether there are changes that were not saved
 */
gboolean
ruche_document_is_modified (RucheDocument *self)
{
  return gtk_text_buffer_get_modified (GTK_TEXT_BUFFER (self->buffer));
}

/**
 * ruche_document_is_blank:
 * @self: a document
 *
 * Tells whether a file may be opened in this document's place.
 *
 * Returns: whether it has neither a file nor text, and has never run
 */
gboolean
ruche_document_is_blank (RucheDocument *self)
{
  return ruche_document_get_file (self) == NULL && !ruche_document_is_modified (self)
         && gtk_text_buffer_get_char_count (GTK_TEXT_BUFFER (self->buffer)) == 0
         && ruche_session_get_state (self->session)->phase == RUCHE_PHASE_IDLE;
}

/**
 * ruche_document_is_behind:
 * @self: a document
 *
 * Looks whether another program changed the file since it was read or saved.
 *
 * Returns: whether it did
 */
gboolean
ruche_document_is_behind (RucheDocument *self)
{
  if (ruche_document_get_file (self) == NULL || !gtk_source_file_is_local (self->file))
    return FALSE;
  if (self->keep)
    return FALSE;
  gtk_source_file_check_file_on_disk (self->file);
  return gtk_source_file_is_externally_modified (self->file);
}

/**
 * ruche_document_keep:
 * @self: a document that is behind
 *
 * The person wants the text of the window: the next save writes over what another program wrote.
 */
void
ruche_document_keep (RucheDocument *self)
{
  self->keep = TRUE;
  gtk_text_buffer_set_modified (GTK_TEXT_BUFFER (self->buffer), TRUE);
}

/**
 * ruche_document_get_text:
 * @self: a document
 *
 * Gives the text as it is in the window, saved or not.
 *
 * Returns: (transfer full): UTF-8
 */
GBytes *
ruche_document_get_text (RucheDocument *self)
{
  GtkTextBuffer *buffer = GTK_TEXT_BUFFER (self->buffer);
  GtkTextIter start, end;
  char *text;
  gsize length;

  gtk_text_buffer_get_bounds (buffer, &start, &end);
  text = gtk_text_buffer_get_text (buffer, &start, &end, TRUE);
  length = strlen (text);
  /* The view has no empty last line where the file ends with a new line: give it back. */
  if (length > 0 && text[length - 1] != '\n')
    {
      char *longer = g_strconcat (text, "\n", NULL);
      g_free (text);
      text = longer;
      length++;
    }
  return g_bytes_new_take (text, length);
}

static const char *
first_suffix (GPtrArray *toolchains, const char *language)
{
  for (guint i = 0; i < toolchains->len; i++)
    {
      const RucheToolchain *toolchain = g_ptr_array_index (toolchains, i);
      if (g_str_equal (toolchain->language, language) && toolchain->suffixes != NULL)
        return toolchain->suffixes[0];
    }
  return NULL;
}

/**
 * ruche_document_show_language:
 * @self: a document
 * @toolchains: (element-type RucheToolchain): what the cluster offers
 *
 * Colours the text by the language that was chosen, else by the file's name and content.
 */
void
ruche_document_show_language (RucheDocument *self, GPtrArray *toolchains)
{
  GtkSourceLanguageManager *manager = gtk_source_language_manager_get_default ();
  const char *chosen = ruche_run_settings_get_language (self->settings);
  const char *suffix = *chosen != '\0' ? first_suffix (toolchains, chosen) : NULL;
  g_autoptr (GBytes) text = ruche_document_get_text (self);
  g_autofree char *name = NULL;
  g_autofree char *type = NULL;
  gboolean uncertain = FALSE;
  gsize size;

  if (suffix != NULL)
    name = g_strconcat ("x.", suffix, NULL);
  else if (ruche_document_get_file (self) != NULL)
    name = ruche_document_get_name (self);
  else
    {
      const guchar *data = g_bytes_get_data (text, &size);
      type = g_content_type_guess (NULL, data, size, &uncertain);
    }
  gtk_source_buffer_set_language (self->buffer, gtk_source_language_manager_guess_language (
                                                    manager, name, uncertain ? NULL : type));
}

static void
take_error (GTask *task, GFile *file, GError *why)
{
  g_autofree char *name = display_name (file);

  if (why->domain == RUCHE_ERROR || g_error_matches (why, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_task_return_error (task, why);
  else
    {
      g_task_return_new_error (task, G_IO_ERROR, why->domain == G_IO_ERROR ? why->code : 0,
                               _ ("“%s” can’t be opened: %s"), name, why->message);
      g_error_free (why);
    }
}

static void
on_loaded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GtkSourceFileLoader *loader = GTK_SOURCE_FILE_LOADER (source);
  RucheDocument *self = g_task_get_source_object (task);
  GError *error = NULL;
  GtkTextIter start;

  if (!gtk_source_file_loader_load_finish (loader, result, &error))
    {
      take_error (task, gtk_source_file_loader_get_location (loader), error);
      return;
    }
  self->keep = FALSE;
  gtk_text_buffer_get_start_iter (GTK_TEXT_BUFFER (self->buffer), &start);
  gtk_text_buffer_place_cursor (GTK_TEXT_BUFFER (self->buffer), &start);
  title_changed (self);
  g_task_return_boolean (task, TRUE);
}

/* The loader takes any bytes for some encoding; a person who opened a picture wants to be told. */
static void
on_looked_at (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GFile *file = G_FILE (source);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_file_load_bytes_finish (file, result, NULL, &error);
  RucheDocument *self = g_task_get_source_object (task);
  g_autoptr (GtkSourceFileLoader) loader = NULL;
  gconstpointer data;
  gsize size;

  if (bytes == NULL)
    {
      take_error (task, file, g_steal_pointer (&error));
      return;
    }
  data = g_bytes_get_data (bytes, &size);
  if (size > 0 && memchr (data, '\0', size) != NULL)
    {
      g_autofree char *name = display_name (file);
      g_task_return_new_error (task, RUCHE_ERROR, RUCHE_ERROR_INVALID,
                               _ ("“%s” is not a text file: choose the source of a program"), name);
      return;
    }
  gtk_source_file_set_location (self->file, file);
  loader = gtk_source_file_loader_new (self->buffer, self->file);
  gtk_source_file_loader_load_async (loader, G_PRIORITY_DEFAULT, g_task_get_cancellable (task),
                                     NULL, NULL, NULL, on_loaded, g_object_ref (task));
}

static void
on_measured (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GFile *file = G_FILE (source);
  g_autoptr (GError) error = NULL;
  g_autoptr (GFileInfo) info = g_file_query_info_finish (file, result, &error);
  g_autofree char *name = display_name (file);

  if (info == NULL)
    {
      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
        g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                                 _ ("There is no file “%s”: check its name and its folder"), name);
      else
        take_error (task, file, g_steal_pointer (&error));
    }
  else if (g_file_info_get_file_type (info) == G_FILE_TYPE_DIRECTORY)
    g_task_return_new_error (task, RUCHE_ERROR, RUCHE_ERROR_INVALID,
                             _ ("“%s” is a folder: choose a file in it"), name);
  else if (g_file_info_get_file_type (info) != G_FILE_TYPE_REGULAR)
    g_task_return_new_error (task, RUCHE_ERROR, RUCHE_ERROR_INVALID,
                             _ ("“%s” is not an ordinary file"), name);
  else if (g_file_info_get_size (info) > RUCHE_MAX_PROGRAM_SIZE)
    g_task_return_new_error (task, RUCHE_ERROR, RUCHE_ERROR_TOO_LARGE,
                             _ ("“%s” is too large: a program may have %d MiB"), name,
                             RUCHE_MAX_PROGRAM_SIZE / RUCHE_MIB);
  else
    g_file_load_bytes_async (file, g_task_get_cancellable (task), on_looked_at,
                             g_object_ref (task));
}

/**
 * ruche_document_load_async:
 * @self: a document
 * @file: what to read
 * @cancellable: (nullable): to give up
 * @callback: called when it is there
 * @user_data: for @callback
 *
 * Reads a file into the document.
 */
void
ruche_document_load_async (RucheDocument *self,
                           GFile *file,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, ruche_document_load_async);
  g_file_query_info_async (file, G_FILE_ATTRIBUTE_STANDARD_TYPE "," G_FILE_ATTRIBUTE_STANDARD_SIZE,
                           G_FILE_QUERY_INFO_NONE, G_PRIORITY_DEFAULT, cancellable, on_measured,
                           task);
}

/**
 * ruche_document_load_finish:
 * @self: a document
 * @result: of ruche_document_load_async()
 * @error: a sentence for the person
 *
 * Ends reading a file.
 *
 * Returns: whether the document holds the file's text
 */
gboolean
ruche_document_load_finish (RucheDocument *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
on_saved (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GtkSourceFileSaver *saver = GTK_SOURCE_FILE_SAVER (source);
  RucheDocument *self = g_task_get_source_object (task);
  g_autofree char *name = display_name (gtk_source_file_saver_get_location (saver));
  g_autoptr (GError) error = NULL;

  if (gtk_source_file_saver_save_finish (saver, result, &error))
    {
      self->keep = FALSE;
      g_task_return_boolean (task, TRUE);
    }
  else if (error->domain == GTK_SOURCE_FILE_SAVER_ERROR
           && error->code == GTK_SOURCE_FILE_SAVER_ERROR_INVALID_CHARS)
    g_task_return_new_error (task, RUCHE_ERROR, RUCHE_ERROR_INVALID,
                             _ ("“%s” was not saved: it holds characters that its encoding can’t "
                                "write. Save it under another name to write UTF-8"),
                             name);
  else if (error->domain == GTK_SOURCE_FILE_SAVER_ERROR
           && error->code == GTK_SOURCE_FILE_SAVER_ERROR_EXTERNALLY_MODIFIED)
    g_task_return_new_error (task, RUCHE_ERROR, RUCHE_ERROR_EXISTS,
                             _ ("“%s” was not saved: another program changed it meanwhile. Reload "
                                "it, or save it under another name"),
                             name);
  else
    g_task_return_new_error (task, RUCHE_ERROR, RUCHE_ERROR_FAILED, _ ("“%s” was not saved: %s"),
                             name, error->message);
}

/**
 * ruche_document_save_async:
 * @self: a document
 * @file: where to
 * @cancellable: (nullable): to give up
 * @callback: called when it is on disk
 * @user_data: for @callback
 *
 * Writes the document. In another place than before it is written as UTF-8.
 */
void
ruche_document_save_async (RucheDocument *self,
                           GFile *file,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  GFile *before = ruche_document_get_file (self);
  g_autoptr (GtkSourceFileSaver) saver = NULL;

  g_task_set_source_tag (task, ruche_document_save_async);
  if (before != NULL && g_file_equal (before, file))
    saver = gtk_source_file_saver_new (self->buffer, self->file);
  else
    {
      saver = gtk_source_file_saver_new_with_target (self->buffer, self->file, file);
      gtk_source_file_saver_set_encoding (saver, gtk_source_encoding_get_utf8 ());
    }
  if (self->keep)
    gtk_source_file_saver_set_flags (saver, GTK_SOURCE_FILE_SAVER_FLAGS_IGNORE_MODIFICATION_TIME);
  gtk_source_file_saver_save_async (saver, G_PRIORITY_DEFAULT, cancellable, NULL, NULL, NULL,
                                    on_saved, task);
}

/**
 * ruche_document_save_finish:
 * @self: a document
 * @result: of ruche_document_save_async()
 * @error: a sentence for the person
 *
 * Ends writing a file.
 *
 * Returns: whether the text is on disk
 */
gboolean
ruche_document_save_finish (RucheDocument *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
