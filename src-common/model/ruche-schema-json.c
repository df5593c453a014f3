/* ruche-schema-json.c: the JSON of structs described by tables, and their bounds
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-schema.h"

#include "ruche-error.h"

#include <math.h>
#include <string.h>

#define MEMBER(T, self, field) (G_STRUCT_MEMBER (T, self, (field)->offset))
#define CONST_MEMBER(T, self, field)                                                               \
  (*(T const *)(gconstpointer)((const guint8 *)(self) + (field)->offset))

static gboolean
refuse (const RucheSchema *schema, const RucheField *f, const char *what, GError **error)
{
  g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID, "%s: “%s” %s", schema->name, f->name, what);
  return FALSE;
}

static gboolean
is_digest (const char *text)
{
  return strlen (text) == 64 && strspn (text, "0123456789abcdef") == 64;
}

static gboolean
check_strings (const RucheSchema *schema, const RucheField *f, char *const *strings, GError **error)
{
  guint count = strings != NULL ? g_strv_length ((char **)strings) : 0;

  if ((gint64)count > f->max)
    return refuse (schema, f, "has too many entries", error);
  for (guint i = 0; i < count; i++)
    if ((gint64)strlen (strings[i]) > f->item_max || !g_utf8_validate (strings[i], -1, NULL))
      return refuse (schema, f, "has an entry that is too long or not UTF-8", error);
  return TRUE;
}

static gboolean
check_string (const RucheSchema *schema, const RucheField *f, const char *text, GError **error)
{
  if (text == NULL)
    return !f->required || refuse (schema, f, "is missing", error);
  if (f->kind == RUCHE_KIND_DIGEST)
    return is_digest (text) || refuse (schema, f, "is no SHA-256", error);
  if ((gint64)strlen (text) > f->max)
    return refuse (schema, f, "is too long", error);
  return g_utf8_validate (text, -1, NULL) || refuse (schema, f, "is not UTF-8", error);
}

static gboolean
check_member (const RucheSchema *schema, const RucheField *f, gconstpointer self, GError **error)
{
  switch (f->kind)
    {
    case RUCHE_KIND_BOOL:
      return TRUE;
    case RUCHE_KIND_INT:
      if (CONST_MEMBER (gint64, self, f) < f->min || CONST_MEMBER (gint64, self, f) > f->max)
        return refuse (schema, f, "is out of range", error);
      return TRUE;
    case RUCHE_KIND_REAL:
      if (!isfinite (CONST_MEMBER (double, self, f)) || CONST_MEMBER (double, self, f) < f->min
          || CONST_MEMBER (double, self, f) > f->max)
        return refuse (schema, f, "is out of range", error);
      return TRUE;
    case RUCHE_KIND_ENUM:
      if ((guint)CONST_MEMBER (int, self, f) >= ((const RucheEnum *)f->sub)->n_nicks)
        return refuse (schema, f, "is unknown", error);
      return TRUE;
    case RUCHE_KIND_STRING:
    case RUCHE_KIND_DIGEST:
      return check_string (schema, f, CONST_MEMBER (char *, self, f), error);
    case RUCHE_KIND_STRV:
      return check_strings (schema, f, CONST_MEMBER (char **, self, f), error);
    case RUCHE_KIND_OBJECT:
      if (CONST_MEMBER (gpointer, self, f) == NULL)
        return !f->required || refuse (schema, f, "is missing", error);
      return ruche_struct_check (f->sub, CONST_MEMBER (gpointer, self, f), error);
    case RUCHE_KIND_LIST:
      {
        GPtrArray *list = CONST_MEMBER (GPtrArray *, self, f);
        if (list != NULL && (gint64)list->len > f->max)
          return refuse (schema, f, "has too many entries", error);
        for (guint i = 0; list != NULL && i < list->len; i++)
          if (!ruche_struct_check (f->sub, g_ptr_array_index (list, i), error))
            return FALSE;
        return TRUE;
      }
    }
  return TRUE;
}

/**
 * ruche_struct_check:
 * @schema: its table
 * @self: a struct
 * @error: %RUCHE_ERROR_INVALID with the member
 *
 * Checks a struct that was filled by hand against the bounds of its table.
 *
 * Returns: whether a peer would accept it
 */
gboolean
ruche_struct_check (const RucheSchema *schema, gconstpointer self, GError **error)
{
  for (const RucheField *f = schema->fields; f->name != NULL; f++)
    if (!check_member (schema, f, self, error))
      return FALSE;
  return TRUE;
}

/* json-glib writes 1e-08 as 1e-08.0, which is not JSON. Nothing that is measured here is that
 * small: what would need an exponent is 0. */
static double
settled (double value)
{
  return fabs (value) < 0.0001 ? 0 : value;
}

static void
write_strings (JsonObject *object, const char *name, char *const *strings)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; strings[i] != NULL; i++)
    json_array_add_string_element (array, strings[i]);
  json_object_set_array_member (object, name, array);
}

static void
write_list (JsonObject *object, const RucheField *f, GPtrArray *list)
{
  JsonArray *array = json_array_sized_new (list->len);

  for (guint i = 0; i < list->len; i++)
    json_array_add_object_element (array,
                                   ruche_struct_to_json (f->sub, g_ptr_array_index (list, i)));
  json_object_set_array_member (object, f->name, array);
}

static void
write_member (JsonObject *object, const RucheField *f, gconstpointer self)
{
  switch (f->kind)
    {
    case RUCHE_KIND_BOOL:
      if (f->required || CONST_MEMBER (gboolean, self, f) != (f->fallback != 0))
        json_object_set_boolean_member (object, f->name, CONST_MEMBER (gboolean, self, f));
      break;
    case RUCHE_KIND_INT:
      if (f->required || CONST_MEMBER (gint64, self, f) != f->fallback)
        json_object_set_int_member (object, f->name, CONST_MEMBER (gint64, self, f));
      break;
    case RUCHE_KIND_REAL:
      if (f->required || settled (CONST_MEMBER (double, self, f)) != 0)
        json_object_set_double_member (object, f->name, settled (CONST_MEMBER (double, self, f)));
      break;
    case RUCHE_KIND_ENUM:
      if (f->required || CONST_MEMBER (int, self, f) != (int)f->fallback)
        json_object_set_string_member (object, f->name,
                                       ruche_enum_to_nick (f->sub, CONST_MEMBER (int, self, f)));
      break;
    case RUCHE_KIND_STRING:
    case RUCHE_KIND_DIGEST:
      if (CONST_MEMBER (char *, self, f) != NULL)
        json_object_set_string_member (object, f->name, CONST_MEMBER (char *, self, f));
      break;
    case RUCHE_KIND_STRV:
      if (CONST_MEMBER (char **, self, f) != NULL && *CONST_MEMBER (char **, self, f) != NULL)
        write_strings (object, f->name, CONST_MEMBER (char **, self, f));
      break;
    case RUCHE_KIND_OBJECT:
      if (CONST_MEMBER (gpointer, self, f) != NULL)
        json_object_set_object_member (
            object, f->name, ruche_struct_to_json (f->sub, CONST_MEMBER (gpointer, self, f)));
      break;
    case RUCHE_KIND_LIST:
      if (CONST_MEMBER (GPtrArray *, self, f) != NULL
          && CONST_MEMBER (GPtrArray *, self, f)->len > 0)
        write_list (object, f, CONST_MEMBER (GPtrArray *, self, f));
      break;
    }
}

/**
 * ruche_struct_write:
 * @schema: its table
 * @self: a struct
 * @object: where its members go, beside what is there
 *
 * Writes a struct as JSON; optional members that hold their fallback are left out.
 */
void
ruche_struct_write (const RucheSchema *schema, gconstpointer self, JsonObject *object)
{
  for (const RucheField *f = schema->fields; f->name != NULL; f++)
    write_member (object, f, self);
}

/**
 * ruche_struct_to_json:
 * @schema: its table
 * @self: a struct
 *
 * Writes a struct as a JSON object of its own.
 *
 * Returns: (transfer full): the object
 */
JsonObject *
ruche_struct_to_json (const RucheSchema *schema, gconstpointer self)
{
  JsonObject *object = json_object_new ();

  ruche_struct_write (schema, self, object);
  return object;
}

/**
 * ruche_json_to_text:
 * @node: JSON
 *
 * Writes JSON as one line. All that is written goes through here: json-glib 1.6 escapes every
 * control character but the last, U+001F, and a string that holds it raw is no JSON.
 *
 * Returns: (transfer full): the text
 */
char *
ruche_json_to_text (JsonNode *node)
{
  g_autofree char *text = json_to_string (node, FALSE);
  g_auto (GStrv) parts = NULL;

  if (strchr (text, '\037') == NULL)
    return g_steal_pointer (&text);
  parts = g_strsplit (text, "\037", -1);
  return g_strjoinv ("\\u001f", parts);
}

/**
 * ruche_struct_to_text:
 * @schema: its table
 * @self: a struct
 *
 * Writes a struct as one line of JSON.
 *
 * Returns: (transfer full): the text
 */
char *
ruche_struct_to_text (const RucheSchema *schema, gconstpointer self)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);

  json_node_take_object (node, ruche_struct_to_json (schema, self));
  return ruche_json_to_text (node);
}

static gboolean
read_number (
    const RucheSchema *schema, const RucheField *f, JsonNode *node, gpointer self, GError **error)
{
  GType type = json_node_get_value_type (node);

  if (f->kind == RUCHE_KIND_BOOL)
    {
      if (type != G_TYPE_BOOLEAN)
        return refuse (schema, f, "is not true or false", error);
      MEMBER (gboolean, self, f) = json_node_get_boolean (node);
      return TRUE;
    }
  if (f->kind == RUCHE_KIND_INT)
    {
      if (type != G_TYPE_INT64)
        return refuse (schema, f, "is not a whole number", error);
      MEMBER (gint64, self, f) = json_node_get_int (node);
    }
  else
    {
      if (type != G_TYPE_INT64 && type != G_TYPE_DOUBLE)
        return refuse (schema, f, "is not a number", error);
      MEMBER (double, self, f) = settled (json_node_get_double (node));
    }
  return check_member (schema, f, self, error);
}

static gboolean
read_text (
    const RucheSchema *schema, const RucheField *f, JsonNode *node, gpointer self, GError **error)
{
  const char *text;

  if (json_node_get_value_type (node) != G_TYPE_STRING)
    return refuse (schema, f, "is not a string", error);
  text = json_node_get_string (node);
  if (f->kind == RUCHE_KIND_ENUM)
    return ruche_enum_from_nick (f->sub, text, &MEMBER (int, self, f), error);
  if (!check_string (schema, f, text, error))
    return FALSE;
  MEMBER (char *, self, f) = g_strdup (text);
  return TRUE;
}

static gboolean
read_strings (
    const RucheSchema *schema, const RucheField *f, JsonArray *array, gpointer self, GError **error)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  guint count = json_array_get_length (array);

  if ((gint64)count > f->max)
    return refuse (schema, f, "has too many entries", error);
  for (guint i = 0; i < count; i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_STRING)
        return refuse (schema, f, "has an entry that is not a string", error);
      g_strv_builder_add (builder, json_node_get_string (node));
    }
  MEMBER (char **, self, f) = g_strv_builder_end (builder);
  return check_member (schema, f, self, error);
}

static gboolean
read_list (
    const RucheSchema *schema, const RucheField *f, JsonArray *array, gpointer self, GError **error)
{
  guint count = json_array_get_length (array);

  if ((gint64)count > f->max)
    return refuse (schema, f, "has too many entries", error);
  for (guint i = 0; i < count; i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      gpointer entry;
      if (!JSON_NODE_HOLDS_OBJECT (node))
        return refuse (schema, f, "has an entry that is not an object", error);
      entry = ruche_struct_from_json (f->sub, json_node_get_object (node), error);
      if (entry == NULL)
        return FALSE;
      g_ptr_array_add (MEMBER (GPtrArray *, self, f), entry);
    }
  return TRUE;
}

static gboolean
read_member (
    const RucheSchema *schema, const RucheField *f, JsonNode *node, gpointer self, GError **error)
{
  switch (f->kind)
    {
    case RUCHE_KIND_BOOL:
    case RUCHE_KIND_INT:
    case RUCHE_KIND_REAL:
      if (!JSON_NODE_HOLDS_VALUE (node))
        return refuse (schema, f, "is not a number", error);
      return read_number (schema, f, node, self, error);
    case RUCHE_KIND_STRING:
    case RUCHE_KIND_DIGEST:
    case RUCHE_KIND_ENUM:
      if (!JSON_NODE_HOLDS_VALUE (node))
        return refuse (schema, f, "is not a string", error);
      return read_text (schema, f, node, self, error);
    case RUCHE_KIND_STRV:
      if (!JSON_NODE_HOLDS_ARRAY (node))
        return refuse (schema, f, "is not an array", error);
      return read_strings (schema, f, json_node_get_array (node), self, error);
    case RUCHE_KIND_LIST:
      if (!JSON_NODE_HOLDS_ARRAY (node))
        return refuse (schema, f, "is not an array", error);
      return read_list (schema, f, json_node_get_array (node), self, error);
    case RUCHE_KIND_OBJECT:
      if (!JSON_NODE_HOLDS_OBJECT (node))
        return refuse (schema, f, "is not an object", error);
      MEMBER (gpointer, self, f)
          = ruche_struct_from_json (f->sub, json_node_get_object (node), error);
      return MEMBER (gpointer, self, f) != NULL;
    }
  return TRUE;
}

/**
 * ruche_struct_from_json:
 * @schema: its table
 * @object: an object that has passed the guard
 * @error: %RUCHE_ERROR_INVALID with the struct and the member
 *
 * Reads a struct. Unknown members are ignored, as a newer peer may send them; missing required
 * members, other types, nulls and values out of bounds are errors.
 *
 * Returns: (transfer full): the struct, or %NULL
 */
gpointer
ruche_struct_from_json (const RucheSchema *schema, JsonObject *object, GError **error)
{
  gpointer self = ruche_struct_new (schema);

  for (const RucheField *f = schema->fields; f->name != NULL; f++)
    {
      JsonNode *node = json_object_get_member (object, f->name);
      gboolean fine = node != NULL ? read_member (schema, f, node, self, error)
                                   : !f->required || refuse (schema, f, "is missing", error);
      if (!fine)
        {
          ruche_struct_free (schema, self);
          return NULL;
        }
    }
  return self;
}
