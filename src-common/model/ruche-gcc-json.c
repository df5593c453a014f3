/* ruche-gcc-json.c: what gcc says with -fdiagnostics-format=json
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A submitter's flags and sources shape what gcc prints, so this is a stranger's JSON: it is
 * measured before json-glib sees it, and no member is taken for what it should be.
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-gcc-json.h"

#include "ruche-bounds.h"

#include <string.h>

/* Read at most so many, notes included: far more than are kept, so that a flood ends. */
#define MAX_READ 10000

/* The bytes of the array that begins at @data; 0 where it is not one of objects, too deep or cut
 * off. */
static gsize
measure (const char *data, gsize size)
{
  guint depth = 0;
  gboolean in_string = FALSE;
  gsize second = 1;

  while (second < size && g_ascii_isspace (data[second]))
    second++;
  if (size < 2 || data[0] != '[' || second == size || (data[second] != '{' && data[second] != ']'))
    return 0;
  for (gsize i = 0; i < size; i++)
    {
      char c = data[i];
      if (c == '\0')
        return 0;
      if (in_string)
        {
          if (c == '\\')
            i++;
          else if (c == '"')
            in_string = FALSE;
        }
      else if (c == '"')
        in_string = TRUE;
      else if (c == '[' || c == '{')
        {
          if (++depth > RUCHE_MAX_JSON_DEPTH)
            return 0;
        }
      else if ((c == ']' || c == '}') && --depth == 0)
        return i + 1;
    }
  return 0;
}

static JsonNode *
member (JsonObject *object, const char *name, JsonNodeType type)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && JSON_NODE_TYPE (node) == type ? node : NULL;
}

static const char *
text_member (JsonObject *object, const char *name)
{
  JsonNode *node = member (object, name, JSON_NODE_VALUE);

  return node != NULL && json_node_get_value_type (node) == G_TYPE_STRING
             ? json_node_get_string (node)
             : NULL;
}

static gint64
number_member (JsonObject *object, const char *name)
{
  JsonNode *node = member (object, name, JSON_NODE_VALUE);

  if (node == NULL || json_node_get_value_type (node) != G_TYPE_INT64)
    return 0;
  return CLAMP (json_node_get_int (node), 0, G_MAXINT32);
}

static JsonArray *
array_member (JsonObject *object, const char *name)
{
  JsonNode *node = member (object, name, JSON_NODE_ARRAY);

  return node != NULL ? json_node_get_array (node) : NULL;
}

static JsonObject *
object_at (JsonArray *array, guint i)
{
  JsonNode *node = json_array_get_element (array, i);

  return JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

static int
severity_of (const char *kind)
{
  if (g_strcmp0 (kind, "warning") == 0 || g_strcmp0 (kind, "pedwarn") == 0)
    return RUCHE_SEVERITY_WARNING;
  if (kind == NULL || strcmp (kind, "note") == 0 || strcmp (kind, "debug") == 0
      || strcmp (kind, "anachronism") == 0)
    return RUCHE_SEVERITY_NOTE;
  return RUCHE_SEVERITY_ERROR;
}

static void
read_place (JsonObject *object, RucheDiagnostic *diagnostic)
{
  JsonArray *locations = array_member (object, "locations");
  JsonObject *location = locations != NULL && json_array_get_length (locations) > 0
                             ? object_at (locations, 0)
                             : NULL;
  JsonNode *node = location != NULL ? member (location, "caret", JSON_NODE_OBJECT) : NULL;

  if (node == NULL)
    return;
  JsonObject *caret = json_node_get_object (node);
  diagnostic->file = g_strdup (text_member (caret, "file"));
  diagnostic->line = number_member (caret, "line");
  diagnostic->column = number_member (caret, "byte-column");
}

static void
read_diagnostic (JsonObject *object, GPtrArray *diagnostics)
{
  const char *message = text_member (object, "message");
  const char *option = text_member (object, "option");
  JsonArray *children = array_member (object, "children");

  if (message == NULL || diagnostics->len >= MAX_READ)
    return;
  RucheDiagnostic *diagnostic = ruche_diagnostic_new ();
  g_ptr_array_add (diagnostics, diagnostic);
  diagnostic->severity = severity_of (text_member (object, "kind"));
  diagnostic->message
      = option != NULL ? g_strdup_printf ("%s [%s]", message, option) : g_strdup (message);
  read_place (object, diagnostic);
  for (guint i = 0; children != NULL && i < json_array_get_length (children); i++)
    {
      JsonObject *child = object_at (children, i);
      if (child != NULL)
        read_diagnostic (child, diagnostics);
    }
}

/**
 * ruche_gcc_json_read:
 * @data: bytes that begin with the array that gcc prints for one translation unit
 * @size: how many bytes there are, with what follows the array
 * @diagnostics: (element-type RucheDiagnostic): what is read is added; files and messages are gcc's
 *   own, of any length; notes follow what they belong to; columns are in bytes
 *
 * Reads one array of diagnostics.
 *
 * Returns: the bytes of the array; 0 where @data does not begin with one
 */
gsize
ruche_gcc_json_read (const char *data, gsize size, GPtrArray *diagnostics)
{
  gsize length = measure (data, MIN (size, (gsize)RUCHE_MAX_COMPILER_OUTPUT));

  if (length == 0)
    return 0;

  g_autofree char *valid = g_utf8_make_valid (data, length);
  g_autoptr (JsonParser) parser = json_parser_new ();
  if (!json_parser_load_from_data (parser, valid, -1, NULL))
    return 0;
  JsonNode *root = json_parser_get_root (parser);
  if (root == NULL || !JSON_NODE_HOLDS_ARRAY (root))
    return 0;
  JsonArray *array = json_node_get_array (root);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonObject *object = object_at (array, i);
      if (object != NULL)
        read_diagnostic (object, diagnostics);
    }
  return length;
}
