/* ruche-ctl-table.h: columns that line up
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _RucheCtlTable RucheCtlTable;

RucheCtlTable *
ruche_ctl_table_new (const char *const *titles);
void
ruche_ctl_table_free (RucheCtlTable *table);
void
ruche_ctl_table_add (RucheCtlTable *table, const char *cell);
void
ruche_ctl_table_take (RucheCtlTable *table, char *cell);
char *
ruche_ctl_table_to_text (RucheCtlTable *table);
gsize
ruche_ctl_text_width (const char *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RucheCtlTable, ruche_ctl_table_free)

G_END_DECLS
