/* test-protocol.c: docs/protocol.md says what the tables say
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Every message, every struct in one, every member with its type and bounds, every spelling and
 * every error code must stand there, and nothing that is no more.
 */
#include "config.h"

#include "ruche-bounds.h"
#include "ruche-error.h"
#include "ruche-messages.h"

#include <string.h>

static char *
read_document (void)
{
  g_autofree char *path
      = g_build_filename (g_getenv ("RUCHE_SOURCE_DIR"), "docs", "protocol.md", NULL);
  g_autoptr (GError) error = NULL;
  char *text;

  g_assert_true (g_file_get_contents (path, &text, NULL, &error));
  g_assert_no_error (error);
  return text;
}

/* The part below a heading, up to the next heading of any level. */
static char *
section (const char *document, const char *heading)
{
  g_autofree char *line = g_strdup_printf ("\n%s\n", heading);
  const char *start = strstr (document, line);
  const char *end;

  if (start == NULL)
    g_error ("docs/protocol.md lacks the heading “%s”", heading);
  start += strlen (line);
  end = strstr (start, "\n#");
  return end != NULL ? g_strndup (start, (gsize)(end - start) + 1) : g_strdup (start);
}

static char *
range_text (const RucheField *f)
{
  if (f->max == G_MAXINT64)
    return g_strdup_printf ("%" G_GINT64_FORMAT " or more", f->min);
  return g_strdup_printf ("%" G_GINT64_FORMAT " to %" G_GINT64_FORMAT, f->min, f->max);
}

static char *
enum_text (const RucheField *f)
{
  const RucheEnum *type = f->sub;

  if (f->required)
    return g_strdup (type->name);
  return g_strdup_printf ("%s, else `%s`", type->name, ruche_enum_to_nick (type, (int)f->fallback));
}

/* A member's type and bounds, as the document spells them. */
static char *
type_text (const RucheField *f)
{
  g_autofree char *range = range_text (f);

  switch (f->kind)
    {
    case RUCHE_KIND_BOOL:
      return g_strdup_printf ("boolean, else %s", f->fallback != 0 ? "true" : "false");
    case RUCHE_KIND_INT:
      if (f->required)
        return g_strdup_printf ("integer, %s", range);
      return g_strdup_printf ("integer, %s, else %" G_GINT64_FORMAT, range, f->fallback);
    case RUCHE_KIND_REAL:
      return g_strdup_printf ("number, %s, else 0", range);
    case RUCHE_KIND_STRING:
      return g_strdup_printf ("string, %" G_GINT64_FORMAT, f->max);
    case RUCHE_KIND_DIGEST:
      return g_strdup ("digest");
    case RUCHE_KIND_ENUM:
      return enum_text (f);
    case RUCHE_KIND_STRV:
      return g_strdup_printf ("strings, %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT, f->max,
                              f->item_max);
    case RUCHE_KIND_OBJECT:
      return g_strdup_printf ("`%s`", ((const RucheSchema *)f->sub)->name);
    case RUCHE_KIND_LIST:
      return g_strdup_printf ("list of `%s`, %" G_GINT64_FORMAT,
                              ((const RucheSchema *)f->sub)->name, f->max);
    }
  g_assert_not_reached ();
}

static guint
count_rows (const char *text)
{
  guint count = 0;

  for (const char *at = strstr (text, "\n| `"); at != NULL; at = strstr (at + 1, "\n| `"))
    count++;
  return count;
}

/* Exactly one row a member, in any order, each with something said about it. */
static void
check_table (const char *document, const char *heading, const RucheSchema *schema)
{
  g_autofree char *text = section (document, heading);
  guint n_fields = 0;

  for (const RucheField *f = schema->fields; f->name != NULL; f++, n_fields++)
    {
      g_autofree char *type = type_text (f);
      g_autofree char *row
          = g_strdup_printf ("\n| `%s` | %s | %s | ", f->name, type, f->required ? "yes" : "no");
      const char *found = strstr (text, row);
      if (found == NULL)
        g_error ("docs/protocol.md, “%s”: no row that begins with:%s", heading, row);
      g_assert_cmpuint (strcspn (found + strlen (row), "|\n"), >, 3);
    }
  if (count_rows (text) != n_fields)
    g_error ("docs/protocol.md, “%s”: a row for a member that is no more", heading);
}

static void
collect (GHashTable *structs, GHashTable *enums, const RucheSchema *schema)
{
  for (const RucheField *f = schema->fields; f->name != NULL; f++)
    {
      if (f->kind == RUCHE_KIND_ENUM)
        g_hash_table_add (enums, (gpointer)f->sub);
      if ((f->kind == RUCHE_KIND_OBJECT || f->kind == RUCHE_KIND_LIST)
          && g_hash_table_add (structs, (gpointer)f->sub))
        collect (structs, enums, f->sub);
    }
}

static void
collect_all (GHashTable **structs, GHashTable **enums)
{
  *structs = g_hash_table_new (NULL, NULL);
  *enums = g_hash_table_new (NULL, NULL);
  for (guint type = 0; type < RUCHE_N_MESSAGE_TYPES; type++)
    collect (*structs, *enums, ruche_message_schemas[type]);
}

static guint
count_headings (const char *document, const char *start)
{
  guint count = 0;

  for (const char *at = strstr (document, start); at != NULL; at = strstr (at + 1, start))
    count++;
  return count;
}

static void
test_messages (void)
{
  g_autofree char *document = read_document ();

  for (int type = 0; type < RUCHE_N_MESSAGE_TYPES; type++)
    {
      const char *word = ruche_enum_to_nick (&ruche_message_type, type);
      g_autofree char *heading = g_strdup_printf ("#### `%s`", word);
      g_autofree char *text = section (document, heading);
      gboolean numbered = strstr (text, "Numbered.") != NULL;
      check_table (document, heading, ruche_message_schemas[type]);
      g_assert_cmpint (numbered, ==, ruche_message_type_numbered ((RucheMessageType)type));
    }
  g_assert_cmpuint (count_headings (document, "\n#### `"), ==, RUCHE_N_MESSAGE_TYPES);
}

static void
test_structs (void)
{
  g_autofree char *document = read_document ();
  g_autoptr (GHashTable) structs = NULL;
  g_autoptr (GHashTable) enums = NULL;
  GHashTableIter iter;
  gpointer schema;

  collect_all (&structs, &enums);
  g_hash_table_iter_init (&iter, structs);
  while (g_hash_table_iter_next (&iter, &schema, NULL))
    {
      g_autofree char *heading = g_strdup_printf ("### `%s`", ((RucheSchema *)schema)->name);
      check_table (document, heading, schema);
    }
  g_assert_cmpuint (count_headings (document, "\n### `"), ==, g_hash_table_size (structs));
}

static void
test_enums (void)
{
  g_autofree char *document = read_document ();
  g_autofree char *text = section (document, "## Words");
  g_autoptr (GHashTable) structs = NULL;
  g_autoptr (GHashTable) enums = NULL;
  GHashTableIter iter;
  gpointer key;

  collect_all (&structs, &enums);
  g_hash_table_iter_init (&iter, enums);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    {
      const RucheEnum *type = key;
      g_autoptr (GString) row = g_string_new (NULL);
      g_string_printf (row, "\n| %s | ", type->name);
      for (guint i = 0; i < type->n_nicks; i++)
        g_string_append_printf (row, "%s`%s`", i > 0 ? ", " : "", type->nicks[i]);
      g_string_append (row, " |");
      if (strstr (text, row->str) == NULL)
        g_error ("docs/protocol.md, “Words”: no row that begins with:%s", row->str);
    }
}

static void
test_errors (void)
{
  g_autofree char *document = read_document ();
  g_autofree char *text = section (document, "## Errors");

  for (int code = 0; code < RUCHE_N_ERROR_CODES; code++)
    {
      g_autofree char *row = g_strdup_printf ("\n| `%s` | ", ruche_error_code_to_nick (code));
      if (strstr (text, row) == NULL)
        g_error ("docs/protocol.md, “Errors”: no row that begins with:%s", row);
    }
  g_assert_cmpuint (count_rows (text), ==, RUCHE_N_ERROR_CODES);
}

static void
test_bounds (void)
{
  static const struct
  {
    const char *what;
    gint64 value;
  } bounds[] = {
    { "protocol version", RUCHE_PROTOCOL_VERSION },
    { "oldest version accepted", RUCHE_PROTOCOL_OLDEST },
    { "header, bytes", RUCHE_MAX_HEADER_SIZE },
    { "payload, bytes", RUCHE_MAX_PAYLOAD_SIZE },
    { "JSON depth", RUCHE_MAX_JSON_DEPTH },
    { "time for `hello`, ms", RUCHE_HANDSHAKE_TIMEOUT_MS },
    { "a sign of life at least every, ms", RUCHE_HEARTBEAT_MS },
    { "silence after which a peer is suspect, ms", RUCHE_SUSPECT_MS },
    { "silence after which a peer is lost, ms", RUCHE_LOST_MS },
    { "connections without `hello`", RUCHE_MAX_HANDSHAKES },
    { "connections", RUCHE_MAX_CONNECTIONS },
    { "output sent ahead of its acknowledgement, bytes a stream", RUCHE_OUTPUT_WINDOW },
    { "input sent ahead of its acknowledgement, bytes a task", RUCHE_INPUT_WINDOW },
    { "a program's files together, bytes", RUCHE_MAX_PROGRAM_SIZE },
    { "output kept, bytes a task", RUCHE_MAX_TASK_OUTPUT },
    { "submissions begun and not committed, a connection", RUCHE_MAX_OPEN_SUBMISSIONS },
    { "tasks of a job", RUCHE_MAX_TASKS_PER_JOB },
  };
  g_autofree char *document = read_document ();
  g_autofree char *text = section (document, "## Bounds");

  for (guint i = 0; i < G_N_ELEMENTS (bounds); i++)
    {
      g_autofree char *row
          = g_strdup_printf ("\n| %s | %" G_GINT64_FORMAT " |", bounds[i].what, bounds[i].value);
      if (strstr (text, row) == NULL)
        g_error ("docs/protocol.md, “Bounds”: no row that is:%s", row);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/protocol/messages", test_messages);
  g_test_add_func ("/protocol/structs", test_structs);
  g_test_add_func ("/protocol/enums", test_enums);
  g_test_add_func ("/protocol/errors", test_errors);
  g_test_add_func ("/protocol/bounds", test_bounds);
  return g_test_run ();
}
