/* test-guard.c: which bytes a JSON parser may see
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "ruche-bounds.h"
#include "ruche-error.h"
#include "ruche-guard.h"

#include <json-glib/json-glib.h>
#include <string.h>

static const char *const good[] = {
  "{}",
  " \t\r\n{ } \n",
  "{\"a\":1}",
  "{\"a\":-0}",
  "{\"a\":0.5}",
  "{\"a\":1e3}",
  "{\"a\":1E+3}",
  "{\"a\":-1.5e-3}",
  "{\"a\":0e0}",
  "{\"a\":9223372036854775807}",
  "{\"a\":-9223372036854775807}",
  "{\"a\":-9223372036854775808}",
  "{\"a\":1.7976931348623157e308}",
  "{\"a\":5e-324}",
  "{\"a\":1e-400}",
  "{\"a\":true,\"b\":false,\"c\":null}",
  "{\"a\":[]}",
  "{\"a\":[1,\"x\",[],{},null]}",
  "{\"a\":{\"b\":{\"c\":[[[]]]}}}",
  "{\"\":\"\"}",
  "{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\"}",
  "{\"a\":\"\\ud83d\\ude00\"}",
  "{\"a\":\"\\uD83D\\uDE00\"}",
  "{\"a\":\"\\u0001\"}",
  "{\"é\":\"\xf0\x9f\x98\x80\x7f\"}",
  "{\"a\" : [ 1 , 2 ] , \"b\" : 3 }",
  "{\"a\":1,\"a\":2}",
};

/* One thing wrong in each; most of these json-glib takes without complaint. */
static const char *const bad[] = {
  "",
  " ",
  "x",
  "null",
  "1",
  "\"a\"",
  "[]",
  "[{}]",
  "{",
  "}",
  "{}}",
  "{}{}",
  "{} x",
  "{},",
  "{}//",
  "/**/{}",
  "{/**/}",
  "{//\n}",
  "{#\n}",
  "\xef\xbb\xbf{}",
  "{a:1}",
  "{'a':1}",
  "{\"a\":'b'}",
  "{\"a\"}",
  "{\"a\":}",
  "{\"a\" 1}",
  "{\"a\"=1}",
  "{\"a\"::1}",
  "{:1}",
  "{1:1}",
  "{null:1}",
  "{,}",
  "{\"a\":1,}",
  "{,\"a\":1}",
  "{\"a\":1,,\"b\":2}",
  "{\"a\":1 \"b\":2}",
  "{\"a\":1;\"b\":2}",
  "{\"a\":[1,]}",
  "{\"a\":[,1]}",
  "{\"a\":[1 2]}",
  "{\"a\":[1}",
  "{\"a\":[1}]",
  "{\"a\":{]}",
  "{\"a\":[1",
  "{\"a\":01}",
  "{\"a\":-01}",
  "{\"a\":00}",
  "{\"a\":+1}",
  "{\"a\":--1}",
  "{\"a\":- 1}",
  "{\"a\":-}",
  "{\"a\":1.}",
  "{\"a\":.5}",
  "{\"a\":-.5}",
  "{\"a\":1e}",
  "{\"a\":1e+}",
  "{\"a\":1e+-1}",
  "{\"a\":1.e1}",
  "{\"a\":0x10}",
  "{\"a\":010}",
  "{\"a\":1_000}",
  "{\"a\":1a}",
  "{\"a\":NaN}",
  "{\"a\":nan}",
  "{\"a\":Infinity}",
  "{\"a\":-Infinity}",
  "{\"a\":inf}",
  "{\"a\":1e400}",
  "{\"a\":-1e400}",
  "{\"a\":9223372036854775808}",
  "{\"a\":-9223372036854775809}",
  "{\"a\":18446744073709551615}",
  "{\"a\":123456789012345678901234567890}",
  "{\"a\":True}",
  "{\"a\":TRUE}",
  "{\"a\":tru}",
  "{\"a\":truex}",
  "{\"a\":nul}",
  "{\"a\":undefined}",
  "{\"a\":var}",
  "{\"a\":\"}",
  "{\"a\":\"\\\"}",
  "{\"a\":\"b\"c\"}",
  "{\"a\":\"b\" \"c\"}",
  "{\"a\":\"\n\"}",
  "{\"a\":\"\t\"}",
  "{\"a\":\"\x01\"}",
  "{\"a\":\"\x1f\"}",
  "{\"a\":\"\\x41\"}",
  "{\"a\":\"\\a\"}",
  "{\"a\":\"\\0\"}",
  "{\"a\":\"\\'\"}",
  "{\"a\":\"\\U00e9\"}",
  "{\"a\":\"\\u00e\"}",
  "{\"a\":\"\\u00eg\"}",
  "{\"a\":\"\\u+123\"}",
  "{\"a\":\"\\u 123\"}",
  "{\"a\":\"\\u",
  "{\"a\":\"\\",
  "{\"a\":\"\\u0000\"}",
  "{\"\\u0000\":1}",
  "{\"a\":\"\\ud800\"}",
  "{\"a\":\"\\ud83d\\n\"}",
  "{\"a\":\"\\ud83dx\"}",
  "{\"a\":\"\\ud83d\\ud83d\"}",
  "{\"a\":\"\\ud83d\\u0041\"}",
  "{\"a\":\"\\ude00\"}",
  "{\"a\":\"\\ude00\\ud83d\"}",
  "{\"a\":\"\xff\"}",
  "{\"a\":\"\xc3\"}",
  "{\"a\":\"\xc0\x80\"}",
  "{\"a\":\"\xed\xa0\x80\"}",
  "{\"a\":\"\xf5\x80\x80\x80\"}",
  "{\"a\":\xc2\xa0\"\"}",
  "{\v}",
  "{\f}",
};

static void
test_good (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (JsonParser) parser = json_parser_new ();
      g_autoptr (GError) error = NULL;
      g_autoptr (GError) parse_error = NULL;
      gsize size = strlen (good[i]);

      /* The bytes do not end with NUL, and nothing after them may be looked at. */
      g_autofree char *exact = g_memdup2 (good[i], size);
      if (!ruche_guard_check (exact, size, &error))
        g_error ("%s: %s", good[i], error->message);
      g_assert_true (json_parser_load_from_data (parser, exact, (gssize)size, &parse_error));
      g_assert_no_error (parse_error);
      g_assert_true (JSON_NODE_HOLDS_OBJECT (json_parser_get_root (parser)));
    }
}

static void
test_bad (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      gsize size = strlen (bad[i]);
      g_autofree char *exact = g_memdup2 (bad[i], size);
      if (ruche_guard_check (exact, size, &error))
        g_error ("taken: %s", bad[i]);
      g_assert_error (error, RUCHE_ERROR, RUCHE_ERROR_PROTOCOL);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
    }
}

static void
test_nul (void)
{
  static const char inside[] = "{\"a\":\"\0\"}";
  static const char after[] = "{}\0";

  g_assert_false (ruche_guard_check (inside, sizeof inside - 1, NULL));
  g_assert_false (ruche_guard_check (after, sizeof after, NULL));
  g_assert_false (ruche_guard_check ("", 1, NULL));
}

/* Numbers that the guard lets through come out of json-glib as they went in. */
static void
test_numbers_survive (void)
{
  static const struct
  {
    const char *text;
    gint64 value;
  } cases[] = {
    { "{\"a\":-9223372036854775808}", G_MININT64 },
    { "{\"a\":9223372036854775807}", G_MAXINT64 },
    { "{\"a\":-1}", -1 },
    { "{\"a\":-0}", 0 },
    { "{\"a\":0}", 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (JsonParser) parser = json_parser_new ();
      JsonNode *node;
      g_assert_true (ruche_guard_check (cases[i].text, strlen (cases[i].text), NULL));
      g_assert_true (json_parser_load_from_data (parser, cases[i].text, -1, NULL));
      node = json_object_get_member (json_node_get_object (json_parser_get_root (parser)), "a");
      g_assert_true (json_node_get_value_type (node) == G_TYPE_INT64);
      g_assert_cmpint (json_node_get_int (node), ==, cases[i].value);
    }
}

static char *
nested (guint depth, char open, char close)
{
  g_autofree char *opening = g_strnfill (depth - 1, open);
  g_autofree char *closing = g_strnfill (depth - 1, close);

  if (open == '[')
    return g_strdup_printf ("{\"a\":%s%s}", opening, closing);
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint i = 1; i < depth; i++)
    g_string_append (text, "{\"a\":");
  g_string_append_printf (text, "{}%s", closing);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
test_depth (void)
{
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *deepest = nested (RUCHE_MAX_JSON_DEPTH, "[{"[i], "]}"[i]);
      g_autofree char *deeper = nested (RUCHE_MAX_JSON_DEPTH + 1, "[{"[i], "]}"[i]);
      g_assert_true (ruche_guard_check (deepest, strlen (deepest), NULL));
      g_assert_false (ruche_guard_check (deeper, strlen (deeper), NULL));
    }
}

/* What would overflow a recursive parser's stack costs nothing here. */
static void
test_endless_depth (void)
{
  g_autofree char *text = g_strnfill (RUCHE_MAX_HEADER_SIZE, '[');
  g_autoptr (GError) error = NULL;

  memcpy (text, "{\"a\":", 5);
  g_assert_false (ruche_guard_check (text, RUCHE_MAX_HEADER_SIZE, &error));
  g_assert_error (error, RUCHE_ERROR, RUCHE_ERROR_PROTOCOL);
}

static void
test_size (void)
{
  g_autofree char *text = g_strnfill (RUCHE_MAX_HEADER_SIZE + 1, ' ');
  g_autoptr (GError) error = NULL;

  text[0] = '{';
  text[1] = '}';
  g_assert_true (ruche_guard_check (text, RUCHE_MAX_HEADER_SIZE, NULL));
  g_assert_false (ruche_guard_check (text, RUCHE_MAX_HEADER_SIZE + 1, &error));
  g_assert_error (error, RUCHE_ERROR, RUCHE_ERROR_TOO_LARGE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/guard/good", test_good);
  g_test_add_func ("/guard/bad", test_bad);
  g_test_add_func ("/guard/nul", test_nul);
  g_test_add_func ("/guard/numbers-survive", test_numbers_survive);
  g_test_add_func ("/guard/depth", test_depth);
  g_test_add_func ("/guard/endless-depth", test_endless_depth);
  g_test_add_func ("/guard/size", test_size);
  return g_test_run ();
}
