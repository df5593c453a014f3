/* test-fill.c: structs with something in every member
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "test-fill.h"

#include "ruche-job.h"

#include <string.h>

/**
 * test_filled:
 * @schema: a struct's table
 *
 * Makes a struct in which every member has a value that is not its fallback.
 *
 * Returns: (transfer full): the struct
 */
gpointer
test_filled (const RucheSchema *schema)
{
  gpointer self = ruche_struct_new (schema);

  for (const RucheField *f = schema->fields; f->name != NULL; f++)
    {
      gpointer at = (guint8 *)self + f->offset;
      switch (f->kind)
        {
        case RUCHE_KIND_BOOL:
          *(gboolean *)at = f->fallback == 0;
          break;
        case RUCHE_KIND_INT:
          *(gint64 *)at = f->max;
          break;
        case RUCHE_KIND_REAL:
          *(double *)at = (double)f->max / 3;
          break;
        case RUCHE_KIND_ENUM:
          *(int *)at = ((const RucheEnum *)f->sub)->n_nicks - 1;
          break;
        case RUCHE_KIND_STRING:
          *(char **)at = g_strdup ("é\n\"\\");
          break;
        case RUCHE_KIND_DIGEST:
          *(char **)at = ruche_blob_digest (f->name, strlen (f->name));
          break;
        case RUCHE_KIND_STRV:
          *(char ***)at = g_strsplit ("a,b c,", ",", -1);
          break;
        case RUCHE_KIND_OBJECT:
          *(gpointer *)at = test_filled (f->sub);
          break;
        case RUCHE_KIND_LIST:
          g_ptr_array_add (*(GPtrArray **)at, test_filled (f->sub));
          g_ptr_array_add (*(GPtrArray **)at, test_filled (f->sub));
          break;
        }
    }
  return self;
}
