/* test-schema.c: structs by table, and the JSON of every struct of the model
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "test-fill.h"

#include "ruche-bounds.h"
#include "ruche-error.h"
#include "ruche-job.h"
#include "ruche-server.h"

#include <string.h>

static gpointer
parse (const RucheSchema *schema, const char *text, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new ();

  g_assert_true (json_parser_load_from_data (parser, text, -1, NULL));
  return ruche_struct_from_json (schema, json_node_get_object (json_parser_get_root (parser)),
                                 error);
}

static void
test_round_trip (gconstpointer data)
{
  const RucheSchema *schema = data;
  gpointer self = test_filled (schema);
  gpointer copy = ruche_struct_copy (schema, self);
  gpointer empty = ruche_struct_new (schema);
  g_autofree char *text = ruche_struct_to_text (schema, self);
  g_autoptr (GError) error = NULL;
  gpointer back = parse (schema, text, &error);

  g_assert_no_error (error);
  g_assert_true (ruche_struct_equal (schema, self, back));
  g_assert_true (ruche_struct_equal (schema, self, copy));
  g_assert_false (ruche_struct_equal (schema, self, empty));
  g_assert_true (ruche_struct_check (schema, self, &error));
  ruche_struct_free (schema, self);
  ruche_struct_free (schema, copy);
  ruche_struct_free (schema, empty);
  ruche_struct_free (schema, back);
}

/* Every member in turn with a value of every wrong shape: an error, never a critical. */
static void
test_wrong_shapes (gconstpointer data)
{
  static const char *const shapes[]
      = { "null",        "[]",   "{}",     "true", "-1e400",    "9223372036854775807",
          "\"\\u0000\"", "[[]]", "[null]", "[{}]", "{\"x\":1}", "-5",
          "0.5" };
  const RucheSchema *schema = data;

  for (const RucheField *f = schema->fields; f->name != NULL; f++)
    for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
      {
        g_autofree char *text = g_strdup_printf ("{\"%s\":%s}", f->name, shapes[i]);
        gpointer self = parse (schema, text, NULL);
        if (self != NULL)
          g_assert_true (ruche_struct_check (schema, self, NULL));
        ruche_struct_free (schema, self);
      }
}

static void
test_bounds (void)
{
  static const struct
  {
    const char *text;
    gboolean fine;
  } cases[] = {
    { "{\"cpu_ms\":3600000}", TRUE },      { "{\"cpu_ms\":3600001}", FALSE },
    { "{\"cpu_ms\":-1}", FALSE },          { "{\"cpu_ms\":\"1\"}", FALSE },
    { "{\"cpu_ms\":1.5}", FALSE },         { "{\"cpu_ms\":null}", FALSE },
    { "{\"cpu_ms\":[1]}", FALSE },         { "{\"unknown\":{\"x\":[1,2]}}", TRUE },
    { "{\"memory_kib\":16777216}", TRUE }, { "{\"memory_kib\":16777217}", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      RucheLimits *limits = parse (&ruche_limits_schema, cases[i].text, &error);
      if (cases[i].fine)
        g_assert_no_error (error);
      else
        g_assert_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID);
      ruche_limits_free (limits);
    }
}

/* json-glib gets numbers with an exponent wrong: none may reach it. */
static void
test_small_numbers (void)
{
  static const double values[] = { 1e-8, 9.9e-5, 1e-4, 0.00012, 0.1, 1.0 / 3, 1 };

  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    {
      RucheLoad load = { .cpu = values[i] };
      g_autofree char *text = ruche_struct_to_text (&ruche_load_schema, &load);
      g_autoptr (GError) error = NULL;
      g_autoptr (RucheLoad) back = parse (&ruche_load_schema, text, &error);
      g_assert_no_error (error);
      g_assert_null (strstr (text, "e-"));
      g_assert_cmpfloat (back->cpu, ==, values[i] < 1e-4 ? 0 : values[i]);
    }
}

static void
test_required (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (parse (&ruche_file_schema, "{\"name\":\"a.c\",\"size\":1}", &error));
  g_assert_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID);
  g_assert_nonnull (strstr (error->message, "blob"));
}

static void
test_file_names (void)
{
  static const char *const fine[] = { "a.c", "mon programme é.py", "src/x/y.c", "a..b", "…" };
  static const char *const wrong[] = { "",       ".",  "..",   "../x", "/x",    "a//b", "a/",
                                       "a/../b", "-o", "a/-o", "a\nb", "a\x7f", "\xff", "a/./b" };
  g_autofree char *longest = g_strnfill (RUCHE_MAX_PATH, 'a');
  g_autofree char *longer = g_strnfill (RUCHE_MAX_PATH + 1, 'a');

  for (guint i = 0; i < G_N_ELEMENTS (fine); i++)
    g_assert_true (ruche_file_name_check (fine[i], NULL));
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_false (ruche_file_name_check (wrong[i], &error));
      g_assert_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
    }
  g_assert_true (ruche_file_name_check (longest, NULL));
  g_assert_false (ruche_file_name_check (longer, NULL));
}

static void
add_file (RucheJobSpec *spec, const char *name, gint64 size)
{
  RucheFile *file = ruche_file_new ();

  file->name = g_strdup (name);
  file->blob = ruche_blob_digest (name, strlen (name));
  file->size = size;
  g_ptr_array_add (spec->files, file);
}

static void
test_job_check (void)
{
  g_autoptr (RucheJobSpec) spec = ruche_job_spec_new ();
  g_autoptr (GError) error = NULL;

  spec->language = g_strdup ("c");
  g_assert_false (ruche_job_spec_check (spec, NULL));
  add_file (spec, "a.c", 10);
  g_assert_false (ruche_job_spec_check (spec, NULL));
  spec->main = g_strdup ("b.c");
  g_assert_false (ruche_job_spec_check (spec, NULL));
  g_free (spec->main);
  spec->main = g_strdup ("a.c");
  g_assert_true (ruche_job_spec_check (spec, NULL));
  add_file (spec, "big", RUCHE_MAX_PROGRAM_SIZE - 10);
  g_assert_true (ruche_job_spec_check (spec, NULL));
  add_file (spec, "more", 1);
  g_assert_false (ruche_job_spec_check (spec, &error));
  g_assert_error (error, RUCHE_ERROR, RUCHE_ERROR_TOO_LARGE);
}

static void
test_same_names (void)
{
  static const char *const second[] = { "a", "a/b" };

  for (guint i = 0; i < G_N_ELEMENTS (second); i++)
    {
      g_autoptr (RucheJobSpec) spec = ruche_job_spec_new ();
      spec->language = g_strdup ("c");
      spec->main = g_strdup ("a");
      add_file (spec, "a", 1);
      g_assert_true (ruche_job_spec_check (spec, NULL));
      add_file (spec, second[i], 1);
      g_assert_false (ruche_job_spec_check (spec, NULL));
    }
}

static void
test_limits (void)
{
  RucheLimits limits = { .cpu_ms = 5 };
  RucheLimits defaults, maximum;
  g_autoptr (GError) error = NULL;

  ruche_limits_default_run (&defaults);
  ruche_limits_maximum (&maximum);
  ruche_limits_fill (&limits, &defaults);
  g_assert_cmpint (limits.cpu_ms, ==, 5);
  g_assert_cmpint (limits.memory_kib, ==, RUCHE_DEFAULT_MEMORY_KIB);
  g_assert_true (ruche_limits_check_maximum (&limits, &maximum, NULL));
  limits.wall_ms = maximum.wall_ms + 1;
  g_assert_false (ruche_limits_check_maximum (&limits, &maximum, &error));
  g_assert_nonnull (strstr (error->message, "wall_ms"));
}

int
main (int argc, char **argv)
{
  static const RucheSchema *const schemas[] = {
    &ruche_limits_schema,      &ruche_file_schema,      &ruche_job_spec_schema,
    &ruche_task_spec_schema,   &ruche_usage_schema,     &ruche_diagnostic_schema,
    &ruche_result_schema,      &ruche_job_info_schema,  &ruche_task_status_schema,
    &ruche_attempt_id_schema,  &ruche_toolchain_schema, &ruche_load_schema,
    &ruche_server_info_schema,
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (schemas); i++)
    {
      g_autofree char *trip = g_strdup_printf ("/schema/round-trip/%s", schemas[i]->name);
      g_autofree char *shape = g_strdup_printf ("/schema/wrong-shapes/%s", schemas[i]->name);
      g_test_add_data_func (trip, schemas[i], test_round_trip);
      g_test_add_data_func (shape, schemas[i], test_wrong_shapes);
    }
  g_test_add_func ("/schema/bounds", test_bounds);
  g_test_add_func ("/schema/required", test_required);
  g_test_add_func ("/schema/small-numbers", test_small_numbers);
  g_test_add_func ("/job/file-names", test_file_names);
  g_test_add_func ("/job/check", test_job_check);
  g_test_add_func ("/job/same-names", test_same_names);
  g_test_add_func ("/job/limits", test_limits);
  return g_test_run ();
}
