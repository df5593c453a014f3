/* fuzz-guard.c: whatever passes the guard, json-glib reads, and reads the same after writing it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "fuzz.h"

#include "ruche-guard.h"
#include "ruche-schema.h"

#include <json-glib/json-glib.h>
#include <string.h>

/* json-glib writes numbers with an exponent wrong; nothing of ours lets it. */
static gboolean
holds_real (JsonNode *node)
{
  g_autoptr (GList) below = NULL;

  if (JSON_NODE_HOLDS_VALUE (node))
    return json_node_get_value_type (node) == G_TYPE_DOUBLE;
  if (JSON_NODE_HOLDS_OBJECT (node))
    below = json_object_get_values (json_node_get_object (node));
  else if (JSON_NODE_HOLDS_ARRAY (node))
    below = json_array_get_elements (json_node_get_array (node));
  for (GList *l = below; l != NULL; l = l->next)
    if (holds_real (l->data))
      return TRUE;
  return FALSE;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *exact = g_memdup2 (data, size); /* so that a look past the end is seen */
  g_autoptr (JsonParser) parser = NULL;
  g_autoptr (JsonParser) again = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  if (!ruche_guard_check (exact, size, &error))
    {
      if (error == NULL || !g_utf8_validate (error->message, -1, NULL))
        fuzz_found ("refused without a reason");
      return 0;
    }
  parser = json_parser_new ();
  if (!json_parser_load_from_data (parser, exact, (gssize)size, &error))
    fuzz_found ("the guard took what json-glib does not: %s", error->message);
  if (!JSON_NODE_HOLDS_OBJECT (json_parser_get_root (parser)))
    fuzz_found ("the guard took what is no object");
  if (holds_real (json_parser_get_root (parser)))
    return 0;
  text = ruche_json_to_text (json_parser_get_root (parser));
  /* json-glib 1.6 writes 1e22 as 1e+22.0, which is no JSON; Ruche has no numbers that large. */
  if (g_regex_match_simple ("[0-9]e[+-]?[0-9]+\\.0", text, 0, 0))
    return 0;
  again = json_parser_new ();
  if (!ruche_guard_check (text, strlen (text), &error)
      || !json_parser_load_from_data (again, text, -1, &error))
    fuzz_found ("json-glib wrote what is not JSON: %s", error->message);
  if (!json_node_equal (json_parser_get_root (parser), json_parser_get_root (again)))
    fuzz_found ("it changed on the way: %s", text);
  return 0;
}
