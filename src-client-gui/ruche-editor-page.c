/* ruche-editor-page.c: the view of one program text
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-editor-page.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* Of marks, of tags, and of the icons in the gutter. */
static const char *const categories[] = { "ruche-error", "ruche-warning", "ruche-note" };

struct _RucheEditorPage
{
  AdwBin parent_instance;

  GtkInfoBar *notice;
  GtkLabel *notice_label;
  GtkSourceView *view;

  RucheDocument *document;
  GtkTextTag *tags[G_N_ELEMENTS (categories)];
};

static guint cursor_moved_signal;

G_DEFINE_FINAL_TYPE (RucheEditorPage, ruche_editor_page, ADW_TYPE_BIN)

static GtkTextBuffer *
get_buffer (RucheEditorPage *self)
{
  return GTK_TEXT_BUFFER (ruche_document_get_buffer (self->document));
}

static void
update_scheme (RucheEditorPage *self)
{
  GtkSourceStyleSchemeManager *manager = gtk_source_style_scheme_manager_get_default ();
  gboolean dark = adw_style_manager_get_dark (adw_style_manager_get_default ());

  gtk_source_buffer_set_style_scheme (
      ruche_document_get_buffer (self->document),
      gtk_source_style_scheme_manager_get_scheme (manager, dark ? "Adwaita-dark" : "Adwaita"));
}

static void
on_cursor (RucheEditorPage *self)
{
  g_signal_emit (self, cursor_moved_signal, 0);
}

static void
on_reloaded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (RucheEditorPage) self = user_data;
  g_autoptr (GError) error = NULL;

  if (self->document == NULL)
    return;
  if (ruche_document_load_finish (RUCHE_DOCUMENT (source), result, &error))
    {
      /* What marked places in the old text stands nowhere sensible in the new one. */
      ruche_editor_page_show_problems (
          self, ruche_session_get_problems (ruche_document_get_session (self->document)));
      return;
    }
  gtk_label_set_label (self->notice_label, error->message);
  gtk_info_bar_set_revealed (self->notice, TRUE);
}

static void
on_notice_response (GtkInfoBar *notice, int response, RucheEditorPage *self)
{
  gtk_info_bar_set_revealed (notice, FALSE);
  if (response == GTK_RESPONSE_ACCEPT)
    ruche_document_load_async (self->document, ruche_document_get_file (self->document), NULL,
                               on_reloaded, g_object_ref (self));
  else
    ruche_document_keep (self->document);
}

static char *
on_mark_tooltip (GtkSourceMarkAttributes *attributes, GtkSourceMark *mark, RucheEditorPage *self)
{
  return g_strdup (g_object_get_data (G_OBJECT (mark), "message"));
}

static void
add_category (RucheEditorPage *self, guint severity, const char *colour)
{
  g_autoptr (GtkSourceMarkAttributes) attributes = gtk_source_mark_attributes_new ();
  GdkRGBA rgba;

  gdk_rgba_parse (&rgba, colour);
  gtk_source_mark_attributes_set_icon_name (attributes, categories[severity]);
  g_signal_connect_object (attributes, "query-tooltip-text", G_CALLBACK (on_mark_tooltip), self, 0);
  gtk_source_view_set_mark_attributes (self->view, categories[severity], attributes, severity);
  self->tags[severity]
      = gtk_text_buffer_create_tag (get_buffer (self), categories[severity], "underline",
                                    PANGO_UNDERLINE_ERROR, "underline-rgba", &rgba, NULL);
}

static void
ruche_editor_page_dispose (GObject *object)
{
  g_clear_object (&RUCHE_EDITOR_PAGE (object)->document);
  G_OBJECT_CLASS (ruche_editor_page_parent_class)->dispose (object);
}

static void
ruche_editor_page_class_init (RucheEditorPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ruche_editor_page_dispose;
  cursor_moved_signal = g_signal_new ("cursor-moved", RUCHE_TYPE_EDITOR_PAGE, G_SIGNAL_RUN_LAST, 0,
                                      NULL, NULL, NULL, G_TYPE_NONE, 0);
  g_type_ensure (GTK_SOURCE_TYPE_VIEW);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/ruche/Ruche/ruche-editor-page.ui");
  gtk_widget_class_bind_template_child (widget_class, RucheEditorPage, notice);
  gtk_widget_class_bind_template_child (widget_class, RucheEditorPage, notice_label);
  gtk_widget_class_bind_template_child (widget_class, RucheEditorPage, view);
  gtk_widget_class_bind_template_callback (widget_class, on_notice_response);
}

static void
ruche_editor_page_init (RucheEditorPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * ruche_editor_page_new:
 * @document: what to show
 *
 * Makes a view of a document.
 *
 * Returns: (transfer floating): the page
 */
RucheEditorPage *
ruche_editor_page_new (RucheDocument *document)
{
  RucheEditorPage *self = g_object_new (RUCHE_TYPE_EDITOR_PAGE, NULL);

  self->document = g_object_ref (document);
  gtk_text_view_set_buffer (GTK_TEXT_VIEW (self->view), get_buffer (self));
  add_category (self, RUCHE_SEVERITY_NOTE, "#3584e4");
  add_category (self, RUCHE_SEVERITY_WARNING, "#e5a50a");
  add_category (self, RUCHE_SEVERITY_ERROR, "#e01b24");
  update_scheme (self);
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark",
                           G_CALLBACK (update_scheme), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (get_buffer (self), "notify::cursor-position", G_CALLBACK (on_cursor),
                           self, G_CONNECT_SWAPPED);
  return self;
}

/**
 * ruche_editor_page_get_document:
 * @self: a page
 *
 * Gives what the page shows.
 *
 * Returns: (transfer none): the document
 */
RucheDocument *
ruche_editor_page_get_document (RucheEditorPage *self)
{
  return self->document;
}

/**
 * ruche_editor_page_get_cursor:
 * @self: a page
 * @line: (out): from 1
 * @column: (out): as seen, from 1
 *
 * Tells where the cursor is.
 */
void
ruche_editor_page_get_cursor (RucheEditorPage *self, guint *line, guint *column)
{
  GtkTextBuffer *buffer = get_buffer (self);
  GtkTextIter iter;

  gtk_text_buffer_get_iter_at_mark (buffer, &iter, gtk_text_buffer_get_insert (buffer));
  *line = gtk_text_iter_get_line (&iter) + 1;
  *column = gtk_source_view_get_visual_column (self->view, &iter) + 1;
}

/* Compilers count bytes; what they counted may have been edited away since. */
static void
find_place (GtkTextBuffer *buffer, gint64 line, gint64 column, GtkTextIter *iter)
{
  gint64 last = gtk_text_buffer_get_line_count (buffer);
  g_autofree char *text = NULL;
  GtkTextIter end;
  gsize index;

  gtk_text_buffer_get_iter_at_line (buffer, iter, (int)CLAMP (line, 1, last) - 1);
  end = *iter;
  if (!gtk_text_iter_ends_line (&end))
    gtk_text_iter_forward_to_line_end (&end);
  text = gtk_text_iter_get_slice (iter, &end);
  index = (gsize)CLAMP (column - 1, 0, (gint64)strlen (text));
  /* GTK does not survive an index in the middle of a character. */
  while (index > 0 && (text[index] & 0xc0) == 0x80)
    index--;
  gtk_text_iter_set_line_index (iter, (int)index);
}

/**
 * ruche_editor_page_go_to:
 * @self: a page
 * @line: from 1
 * @column: in bytes, from 1; 0 for the start of the line
 *
 * Puts the cursor at a place, or the nearest there is, shows it, and gives the text the focus.
 */
void
ruche_editor_page_go_to (RucheEditorPage *self, gint64 line, gint64 column)
{
  GtkTextBuffer *buffer = get_buffer (self);
  GtkTextIter iter;

  find_place (buffer, line, column, &iter);
  gtk_text_buffer_place_cursor (buffer, &iter);
  gtk_text_view_scroll_to_mark (GTK_TEXT_VIEW (self->view), gtk_text_buffer_get_insert (buffer),
                                0.2, FALSE, 0, 0);
  gtk_widget_grab_focus (GTK_WIDGET (self->view));
}

static void
mark_problem (RucheEditorPage *self, const RucheDiagnostic *diagnostic)
{
  GtkSourceBuffer *buffer = ruche_document_get_buffer (self->document);
  guint severity = MIN ((guint)diagnostic->severity, G_N_ELEMENTS (categories) - 1);
  GtkTextIter line, start, end;
  GtkSourceMark *mark;

  find_place (GTK_TEXT_BUFFER (buffer), diagnostic->line, diagnostic->column, &start);
  line = end = start;
  gtk_text_iter_set_line_offset (&line, 0);
  mark = gtk_source_buffer_create_source_mark (buffer, NULL, categories[severity], &line);
  g_object_set_data_full (G_OBJECT (mark), "message", g_strdup (diagnostic->message), g_free);
  if (diagnostic->column == 0)
    while (g_unichar_isspace (gtk_text_iter_get_char (&start)) && !gtk_text_iter_ends_line (&start))
      gtk_text_iter_forward_char (&start);
  if (diagnostic->column > 0 && gtk_text_iter_inside_word (&end))
    gtk_text_iter_forward_word_end (&end);
  else if (diagnostic->column > 0 && !gtk_text_iter_ends_line (&end))
    gtk_text_iter_forward_char (&end);
  else if (!gtk_text_iter_ends_line (&end))
    gtk_text_iter_forward_to_line_end (&end);
  else if (gtk_text_iter_backward_char (&start) && gtk_text_iter_ends_line (&start))
    start = end;
  gtk_text_buffer_apply_tag (GTK_TEXT_BUFFER (buffer), self->tags[severity], &start, &end);
}

/**
 * ruche_editor_page_concerns:
 * @self: a page
 * @diagnostic: what a compiler said when this program was compiled
 *
 * Tells problems of this text from those of files that went along with it.
 *
 * Returns: whether it is about the text of this page
 */
gboolean
ruche_editor_page_concerns (RucheEditorPage *self, const RucheDiagnostic *diagnostic)
{
  g_autofree char *name = ruche_document_get_name (self->document);
  GListModel *others
      = G_LIST_MODEL (ruche_run_settings_get_files (ruche_document_get_settings (self->document)));

  if (diagnostic->file == NULL || ruche_document_get_file (self->document) != NULL)
    return diagnostic->file == NULL || g_str_equal (diagnostic->file, name);
  /* Without a file it was submitted under a made-up name. */
  for (guint i = 0; i < g_list_model_get_n_items (others); i++)
    {
      g_autoptr (GFile) file = g_list_model_get_item (others, i);
      g_autofree char *base = g_file_get_basename (file);
      if (g_str_equal (base, diagnostic->file))
        return FALSE;
    }
  return TRUE;
}

/**
 * ruche_editor_page_show_problems:
 * @self: a page
 * @problems: a list of RucheProblem
 *
 * Marks the problems of this file in the gutter and in the text, and takes away older marks.
 */
void
ruche_editor_page_show_problems (RucheEditorPage *self, GListModel *problems)
{
  GtkSourceBuffer *buffer = ruche_document_get_buffer (self->document);
  GtkTextIter start, end;

  gtk_text_buffer_get_bounds (GTK_TEXT_BUFFER (buffer), &start, &end);
  for (guint i = 0; i < G_N_ELEMENTS (categories); i++)
    {
      gtk_source_buffer_remove_source_marks (buffer, &start, &end, categories[i]);
      gtk_text_buffer_remove_tag (GTK_TEXT_BUFFER (buffer), self->tags[i], &start, &end);
    }
  for (guint i = 0; i < g_list_model_get_n_items (problems); i++)
    {
      g_autoptr (RucheProblem) problem = g_list_model_get_item (problems, i);
      const RucheDiagnostic *diagnostic = ruche_problem_get_diagnostic (problem);
      if (diagnostic->line > 0 && ruche_editor_page_concerns (self, diagnostic))
        mark_problem (self, diagnostic);
    }
}

/**
 * ruche_editor_page_look_at_disk:
 * @self: a page
 *
 * Offers to read the file again where another program changed it.
 */
void
ruche_editor_page_look_at_disk (RucheEditorPage *self)
{
  if (!ruche_document_is_behind (self->document) || gtk_info_bar_get_revealed (self->notice))
    return;
  gtk_label_set_label (self->notice_label, _ ("Another program changed this file."));
  gtk_info_bar_set_revealed (self->notice, TRUE);
}
