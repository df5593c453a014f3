/* ruche-job-columns.c: the columns of the list of jobs
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-job-columns.h"

#include "ruche-client-models.h"

#include <glib/gi18n-lib.h>

/* One column: how a job's cell reads. */
typedef struct
{
  const char *title;
  char *(*text) (const RucheJobInfo *info);
  gboolean number;
  gboolean wide;
} Column;

static char *
number_text (const RucheJobInfo *info)
{
  return g_strdup_printf ("%" G_GINT64_FORMAT, info->job);
}

static char *
name_text (const RucheJobInfo *info)
{
  if (info->name != NULL && *info->name != '\0')
    return g_strdup (info->name);
  return g_strdup (_ ("someone else’s"));
}

static char *
owner_text (const RucheJobInfo *info)
{
  return g_strdup (info->owner != NULL ? info->owner : "");
}

static char *
state_text (const RucheJobInfo *info)
{
  switch (info->state)
    {
    case RUCHE_JOB_QUEUED:
      return g_strdup (_ ("Waiting"));
    case RUCHE_JOB_RUNNING:
      return g_strdup (_ ("Running"));
    default:
      return g_strdup (ruche_verdict_label (info->verdict));
    }
}

static char *
tasks_text (const RucheJobInfo *info)
{
  return g_strdup_printf ("%d/%d", (int)info->finished, (int)info->tasks);
}

static char *
server_text (const RucheJobInfo *info)
{
  return g_strdup (info->server != NULL ? info->server : "");
}

static char *
submitted_text (const RucheJobInfo *info)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_local (info->submitted_ms / 1000);

  return time != NULL ? g_date_time_format (time, "%X") : g_strdup ("");
}

static const Column columns[] = {
  { N_ ("Job"), number_text, TRUE, FALSE },          { N_ ("Program"), name_text, FALSE, TRUE },
  { N_ ("State"), state_text, FALSE, TRUE },         { N_ ("Server"), server_text, FALSE, TRUE },
  { N_ ("Person"), owner_text, FALSE, FALSE },       { N_ ("Tasks done"), tasks_text, TRUE, FALSE },
  { N_ ("Submitted"), submitted_text, TRUE, FALSE },
};

static const char *
style_of (const RucheJobInfo *info)
{
  if (info->state != RUCHE_JOB_FINISHED)
    return "accent";
  if (info->verdict == RUCHE_VERDICT_OK)
    return "success";
  return info->verdict == RUCHE_VERDICT_CANCELLED ? "dim-label" : "error";
}

static void
fill (RucheJobRow *row, GtkListItem *item)
{
  static const char *const styles[] = { "accent", "success", "error", "dim-label" };
  const RucheJobInfo *info = ruche_job_row_get_info (row);
  GtkWidget *label = gtk_list_item_get_child (item);
  const Column *column = g_object_get_data (G_OBJECT (label), "ruche-column");
  g_autofree char *text = column->text (info);

  gtk_label_set_label (GTK_LABEL (label), text);
  if (column->text != state_text)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (styles); i++)
    gtk_widget_remove_css_class (label, styles[i]);
  gtk_widget_add_css_class (label, style_of (info));
}

static void
on_setup (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  const Column *column = user_data;
  GtkWidget *label = gtk_label_new (NULL);

  g_object_set_data (G_OBJECT (label), "ruche-column", user_data);
  gtk_label_set_xalign (GTK_LABEL (label), column->number ? 1 : 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  if (column->number)
    gtk_widget_add_css_class (label, "numeric");
  gtk_list_item_set_child (item, label);
}

static void
on_bind (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  RucheJobRow *row = gtk_list_item_get_item (item);

  g_signal_connect_object (row, "changed", G_CALLBACK (fill), item, 0);
  fill (row, item);
}

static void
on_unbind (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  g_signal_handlers_disconnect_by_func (gtk_list_item_get_item (item), fill, item);
}

/**
 * ruche_job_columns_add:
 * @view: a column view whose model has RucheJobRow
 *
 * Gives a list of jobs its columns.
 */
void
ruche_job_columns_add (GtkColumnView *view)
{
  for (guint i = 0; i < G_N_ELEMENTS (columns); i++)
    {
      GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
      g_autoptr (GtkColumnViewColumn) column
          = gtk_column_view_column_new (_ (columns[i].title), factory);

      g_signal_connect (factory, "setup", G_CALLBACK (on_setup), (gpointer)&columns[i]);
      g_signal_connect (factory, "bind", G_CALLBACK (on_bind), NULL);
      g_signal_connect (factory, "unbind", G_CALLBACK (on_unbind), NULL);
      gtk_column_view_column_set_expand (column, columns[i].wide);
      gtk_column_view_column_set_resizable (column, TRUE);
      gtk_column_view_append_column (view, column);
    }
}
