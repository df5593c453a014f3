/* ruche-schema.c: plain structs described by tables: made, freed, copied, compared
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-schema.h"

#include "ruche-error.h"

#include <string.h>

#define MEMBER(T, self, field) (G_STRUCT_MEMBER (T, self, (field)->offset))
#define CONST_MEMBER(T, self, field)                                                               \
  (*(T const *)(gconstpointer)((const guint8 *)(self) + (field)->offset))

/**
 * ruche_enum_to_nick:
 * @type: an enumeration
 * @value: one of its values
 *
 * Spells @value.
 *
 * Returns: (transfer none): the nick; that of value 0 where @value is none of @type
 */
const char *
ruche_enum_to_nick (const RucheEnum *type, int value)
{
  return type->nicks[value >= 0 && (guint)value < type->n_nicks ? value : 0];
}

/**
 * ruche_enum_from_nick:
 * @type: an enumeration
 * @nick: (nullable): a spelling
 * @value: (out): the value
 * @error: %RUCHE_ERROR_INVALID with the spellings there are
 *
 * Reads a nick back.
 *
 * Returns: whether @nick is one of @type
 */
gboolean
ruche_enum_from_nick (const RucheEnum *type, const char *nick, int *value, GError **error)
{
  for (guint i = 0; i < type->n_nicks; i++)
    if (g_strcmp0 (type->nicks[i], nick) == 0)
      {
        *value = (int)i;
        return TRUE;
      }
  g_autofree char *shown
      = nick != NULL ? g_utf8_make_valid (nick, (gssize)strnlen (nick, 64)) : g_strdup ("");
  g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID, "%s is no %s", shown, type->name);
  return FALSE;
}

static void
free_list_entry (const RucheSchema *schema, gpointer entry)
{
  ruche_struct_free (schema, entry);
}

/**
 * ruche_struct_new:
 * @schema: a struct's table
 *
 * Makes a struct whose members have their fallback values, empty lists and %NULL strings.
 *
 * Returns: (transfer full): the struct
 */
gpointer
ruche_struct_new (const RucheSchema *schema)
{
  gpointer self = g_malloc0 (schema->size);

  for (const RucheField *f = schema->fields; f->name != NULL; f++)
    switch (f->kind)
      {
      case RUCHE_KIND_BOOL:
        MEMBER (gboolean, self, f) = f->fallback != 0;
        break;
      case RUCHE_KIND_INT:
        MEMBER (gint64, self, f) = f->fallback;
        break;
      case RUCHE_KIND_ENUM:
        MEMBER (int, self, f) = (int)f->fallback;
        break;
      case RUCHE_KIND_LIST:
        MEMBER (GPtrArray *, self, f) = g_ptr_array_new ();
        break;
      case RUCHE_KIND_REAL:
      case RUCHE_KIND_STRING:
      case RUCHE_KIND_DIGEST:
      case RUCHE_KIND_STRV:
      case RUCHE_KIND_OBJECT:
        break;
      }
  return self;
}

/**
 * ruche_struct_free:
 * @schema: its table
 * @self: (nullable) (transfer full): a struct
 *
 * Frees a struct and all it owns.
 */
void
ruche_struct_free (const RucheSchema *schema, gpointer self)
{
  if (self == NULL)
    return;
  for (const RucheField *f = schema->fields; f->name != NULL; f++)
    switch (f->kind)
      {
      case RUCHE_KIND_STRING:
      case RUCHE_KIND_DIGEST:
        g_free (MEMBER (char *, self, f));
        break;
      case RUCHE_KIND_STRV:
        g_strfreev (MEMBER (char **, self, f));
        break;
      case RUCHE_KIND_OBJECT:
        ruche_struct_free (f->sub, MEMBER (gpointer, self, f));
        break;
      case RUCHE_KIND_LIST:
        {
          GPtrArray *list = MEMBER (GPtrArray *, self, f);
          for (guint i = 0; list != NULL && i < list->len; i++)
            free_list_entry (f->sub, g_ptr_array_index (list, i));
          if (list != NULL)
            g_ptr_array_unref (list);
          break;
        }
      case RUCHE_KIND_BOOL:
      case RUCHE_KIND_INT:
      case RUCHE_KIND_REAL:
      case RUCHE_KIND_ENUM:
        break;
      }
  g_free (self);
}

static void
copy_list (const RucheSchema *schema, GPtrArray *to, GPtrArray *from)
{
  for (guint i = 0; from != NULL && i < from->len; i++)
    g_ptr_array_add (to, ruche_struct_copy (schema, g_ptr_array_index (from, i)));
}

/**
 * ruche_struct_copy:
 * @schema: its table
 * @self: (nullable): a struct
 *
 * Copies a struct and all it owns.
 *
 * Returns: (transfer full) (nullable): the copy
 */
gpointer
ruche_struct_copy (const RucheSchema *schema, gconstpointer self)
{
  gpointer copy;

  if (self == NULL)
    return NULL;
  copy = ruche_struct_new (schema);
  for (const RucheField *f = schema->fields; f->name != NULL; f++)
    switch (f->kind)
      {
      case RUCHE_KIND_BOOL:
        MEMBER (gboolean, copy, f) = CONST_MEMBER (gboolean, self, f);
        break;
      case RUCHE_KIND_INT:
        MEMBER (gint64, copy, f) = CONST_MEMBER (gint64, self, f);
        break;
      case RUCHE_KIND_REAL:
        MEMBER (double, copy, f) = CONST_MEMBER (double, self, f);
        break;
      case RUCHE_KIND_ENUM:
        MEMBER (int, copy, f) = CONST_MEMBER (int, self, f);
        break;
      case RUCHE_KIND_STRING:
      case RUCHE_KIND_DIGEST:
        MEMBER (char *, copy, f) = g_strdup (CONST_MEMBER (char *, self, f));
        break;
      case RUCHE_KIND_STRV:
        MEMBER (char **, copy, f) = g_strdupv (CONST_MEMBER (char **, self, f));
        break;
      case RUCHE_KIND_OBJECT:
        MEMBER (gpointer, copy, f) = ruche_struct_copy (f->sub, CONST_MEMBER (gpointer, self, f));
        break;
      case RUCHE_KIND_LIST:
        copy_list (f->sub, MEMBER (GPtrArray *, copy, f), CONST_MEMBER (GPtrArray *, self, f));
        break;
      }
  return copy;
}

static gboolean
strv_equal (char *const *a, char *const *b)
{
  guint n_a = a != NULL ? g_strv_length ((char **)a) : 0;
  guint n_b = b != NULL ? g_strv_length ((char **)b) : 0;

  if (n_a != n_b)
    return FALSE;
  return n_a == 0 || g_strv_equal ((const char *const *)a, (const char *const *)b);
}

static gboolean
list_equal (const RucheSchema *schema, GPtrArray *a, GPtrArray *b)
{
  guint n_a = a != NULL ? a->len : 0;
  guint n_b = b != NULL ? b->len : 0;

  if (n_a != n_b)
    return FALSE;
  for (guint i = 0; i < n_a; i++)
    if (!ruche_struct_equal (schema, g_ptr_array_index (a, i), g_ptr_array_index (b, i)))
      return FALSE;
  return TRUE;
}

static gboolean
member_equal (const RucheField *f, gconstpointer a, gconstpointer b)
{
  switch (f->kind)
    {
    case RUCHE_KIND_BOOL:
      return !CONST_MEMBER (gboolean, a, f) == !CONST_MEMBER (gboolean, b, f);
    case RUCHE_KIND_INT:
      return CONST_MEMBER (gint64, a, f) == CONST_MEMBER (gint64, b, f);
    case RUCHE_KIND_REAL:
      return CONST_MEMBER (double, a, f) == CONST_MEMBER (double, b, f);
    case RUCHE_KIND_ENUM:
      return CONST_MEMBER (int, a, f) == CONST_MEMBER (int, b, f);
    case RUCHE_KIND_STRING:
    case RUCHE_KIND_DIGEST:
      return g_strcmp0 (CONST_MEMBER (char *, a, f), CONST_MEMBER (char *, b, f)) == 0;
    case RUCHE_KIND_STRV:
      return strv_equal (CONST_MEMBER (char **, a, f), CONST_MEMBER (char **, b, f));
    case RUCHE_KIND_OBJECT:
      return ruche_struct_equal (f->sub, CONST_MEMBER (gpointer, a, f),
                                 CONST_MEMBER (gpointer, b, f));
    case RUCHE_KIND_LIST:
      return list_equal (f->sub, CONST_MEMBER (GPtrArray *, a, f),
                         CONST_MEMBER (GPtrArray *, b, f));
    }
  return FALSE;
}

/**
 * ruche_struct_equal:
 * @schema: their table
 * @a: (nullable): a struct
 * @b: (nullable): another
 *
 * Compares two structs member by member.
 *
 * Returns: whether they hold the same
 */
gboolean
ruche_struct_equal (const RucheSchema *schema, gconstpointer a, gconstpointer b)
{
  if (a == NULL || b == NULL)
    return a == b;
  for (const RucheField *f = schema->fields; f->name != NULL; f++)
    if (!member_equal (f, a, b))
      return FALSE;
  return TRUE;
}
