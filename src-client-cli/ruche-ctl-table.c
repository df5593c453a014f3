/* ruche-ctl-table.c: columns that line up
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-ctl-table.h"

#include "ruche-ctl-text.h"

struct _RucheCtlTable
{
  GPtrArray *cells; /* row after row, the titles first */
  guint n_columns;
};

/**
 * ruche_ctl_table_new:
 * @titles: of the columns, ended by %NULL
 *
 * Makes a table with no row but that of its titles.
 *
 * Returns: (transfer full): the table
 */
RucheCtlTable *
ruche_ctl_table_new (const char *const *titles)
{
  RucheCtlTable *table = g_new0 (RucheCtlTable, 1);

  table->cells = g_ptr_array_new_with_free_func (g_free);
  table->n_columns = g_strv_length ((char **)titles);
  for (guint i = 0; i < table->n_columns; i++)
    ruche_ctl_table_add (table, titles[i]);
  return table;
}

/**
 * ruche_ctl_table_free:
 * @table: (nullable) (transfer full): a table
 *
 * Frees a table.
 */
void
ruche_ctl_table_free (RucheCtlTable *table)
{
  if (table == NULL)
    return;
  g_ptr_array_unref (table->cells);
  g_free (table);
}

/**
 * ruche_ctl_table_add:
 * @table: a table
 * @cell: (nullable): the next cell, row after row
 *
 * Fills a cell. Control characters, which come from elsewhere, are taken out.
 */
void
ruche_ctl_table_add (RucheCtlTable *table, const char *cell)
{
  g_ptr_array_add (table->cells, ruche_ctl_clean (cell));
}

/**
 * ruche_ctl_table_take:
 * @table: a table
 * @cell: (transfer full): the next cell
 *
 * Fills a cell, as ruche_ctl_table_add() does.
 */
void
ruche_ctl_table_take (RucheCtlTable *table, char *cell)
{
  g_autofree char *owned = cell;

  ruche_ctl_table_add (table, owned);
}

/**
 * ruche_ctl_text_width:
 * @text: UTF-8
 *
 * Says how many places of a terminal a text takes: two for a wide character, none for an accent
 * that stands by itself.
 *
 * Returns: the number
 */
gsize
ruche_ctl_text_width (const char *text)
{
  gsize width = 0;

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      if (g_unichar_iswide (c))
        width += 2;
      else if (!g_unichar_iszerowidth (c))
        width += 1;
    }
  return width;
}

static gsize
column_width (const RucheCtlTable *table, guint column)
{
  gsize width = 0;

  for (guint i = column; i < table->cells->len; i += table->n_columns)
    width = MAX (width, ruche_ctl_text_width (g_ptr_array_index (table->cells, i)));
  return width;
}

/**
 * ruche_ctl_table_to_text:
 * @table: a table
 *
 * Lays a table out, two spaces between columns and none at the ends of lines.
 *
 * Returns: (transfer full): its lines
 */
char *
ruche_ctl_table_to_text (RucheCtlTable *table)
{
  GString *text = g_string_new (NULL);
  g_autofree gsize *widths = g_new (gsize, table->n_columns);

  for (guint i = 0; i < table->n_columns; i++)
    widths[i] = column_width (table, i);
  for (guint i = 0; i < table->cells->len; i++)
    {
      const char *cell = g_ptr_array_index (table->cells, i);
      guint column = i % table->n_columns;
      gsize width = ruche_ctl_text_width (cell);
      g_string_append (text, cell);
      if (column + 1 < table->n_columns)
        for (gsize n = width; n < widths[column] + 2; n++)
          g_string_append_c (text, ' ');
      else
        {
          while (text->len > 0 && text->str[text->len - 1] == ' ')
            g_string_truncate (text, text->len - 1);
          g_string_append_c (text, '\n');
        }
    }
  return g_string_free (text, FALSE);
}
