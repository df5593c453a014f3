/* test-report.c: the JSON that scripts read
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "ruche-guard.h"
#include "ruche-report.h"

#include <string.h>

static JsonNode *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  JsonNode *node = json_from_string (text, &error);

  g_assert_no_error (error);
  g_assert_null (strchr (text, '\n'));
  return node;
}

static RucheResult *
new_result (void)
{
  RucheResult *result = ruche_result_new ();

  result->job = 3;
  result->attempt = 1;
  result->verdict = RUCHE_VERDICT_OK;
  result->step = RUCHE_STEP_RUN;
  return result;
}

static void
test_members (void)
{
  static const char *const names[]
      = { "job",    "task",        "state",   "verdict",   "step",    "exit_code",  "signal",
          "reason", "stdout",      "stderr",  "cpu_ms",    "wall_ms", "memory_kib", "compile",
          "server", "diagnostics", "attempt", "toolchain", "cached" };
  g_autoptr (RucheResult) result = new_result ();
  g_autofree char *text = ruche_report_result (result, NULL, NULL);
  g_autoptr (JsonNode) node = parse (text);
  JsonObject *object = json_node_get_object (node);

  g_assert_true (ruche_guard_check (text, strlen (text), NULL));
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_assert_true (json_object_has_member (object, names[i]));
  g_assert_cmpuint (json_object_get_size (object), ==, G_N_ELEMENTS (names));
  g_assert_cmpstr (json_object_get_string_member (object, "verdict"), ==, "ok");
  g_assert_cmpint (json_object_get_int_member (object, "exit_code"), ==, 0);
  g_assert_true (json_object_get_null_member (object, "signal"));
  g_assert_true (json_object_get_null_member (object, "compile"));
  g_assert_cmpstr (json_object_get_string_member (object, "stdout"), ==, "");
}

static void
test_no_exit_code (void)
{
  g_autoptr (RucheResult) result = new_result ();
  g_autofree char *text = NULL;
  g_autoptr (JsonNode) node = NULL;
  JsonObject *object;

  result->verdict = RUCHE_VERDICT_SIGNALED;
  result->signal = 11;
  text = ruche_report_result (result, NULL, NULL);
  node = parse (text);
  object = json_node_get_object (node);
  g_assert_true (json_object_get_null_member (object, "exit_code"));
  g_assert_cmpint (json_object_get_int_member (object, "signal"), ==, 11);
}

static void
test_streams (void)
{
  static const struct
  {
    const char *bytes;
    gsize size;
    const char *text;
    gboolean exact;
  } cases[] = {
    { "", 0, "", TRUE },
    { "plain\n", 6, "plain\n", TRUE },
    { "caf\xc3\xa9 \"\\\x01\x7f", 10, "caf\xc3\xa9 \"\\\x01\x7f", TRUE },
    { "\xf0\x9f\x90\x9d", 4, "\xf0\x9f\x90\x9d", TRUE },
    { "a\0b", 3,
      "a\xef\xbf\xbd"
      "b",
      FALSE },
    { "\0", 1, "\xef\xbf\xbd", FALSE },
    { "a\xff"
      "b",
      3,
      "a\xef\xbf\xbd"
      "b",
      FALSE },
    { "\xc3", 1, "\xef\xbf\xbd", FALSE },
    { "\xed\xa0\x80", 3, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (RucheResult) result = new_result ();
      g_autoptr (GBytes) bytes = g_bytes_new (cases[i].bytes, cases[i].size);
      g_autofree char *text = ruche_report_result (result, bytes, bytes);
      g_autoptr (JsonNode) node = parse (text);
      JsonObject *object = json_node_get_object (node);
      g_assert_true (g_utf8_validate (text, -1, NULL));
      g_assert_cmpstr (json_object_get_string_member (object, "stdout"), ==, cases[i].text);
      g_assert_cmpstr (json_object_get_string_member (object, "stderr"), ==, cases[i].text);
      g_assert_cmpint (json_object_has_member (object, "stdout_base64"), ==, !cases[i].exact);
      if (!cases[i].exact)
        {
          gsize size;
          g_autofree guchar *back
              = g_base64_decode (json_object_get_string_member (object, "stdout_base64"), &size);
          g_assert_cmpmem (back, size, cases[i].bytes, cases[i].size);
        }
    }
}

/* Every character but NUL is written as JSON wants it: the guard of the wire is strict. */
static void
test_all_characters (void)
{
  g_autoptr (RucheResult) result = new_result ();
  g_autoptr (GString) all = g_string_new (NULL);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  g_autofree char *wire = NULL;

  for (gunichar c = 1; c < 0x250; c++)
    g_string_append_unichar (all, c);
  bytes = g_bytes_new (all->str, all->len);
  result->reason = g_strdup (all->str);
  text = ruche_report_result (result, bytes, NULL);
  wire = ruche_struct_to_text (&ruche_result_schema, result);
  g_assert_true (ruche_guard_check (text, strlen (text), &error));
  g_assert_no_error (error);
  g_assert_true (ruche_guard_check (wire, strlen (wire), &error));
  g_assert_no_error (error);
  {
    g_autoptr (JsonNode) node = parse (text);
    g_assert_cmpstr (json_object_get_string_member (json_node_get_object (node), "stdout"), ==,
                     all->str);
  }
}

static void
test_job (void)
{
  g_autoptr (RucheJobInfo) info = ruche_job_info_new ();
  g_autoptr (RucheResult) result = new_result ();
  g_autoptr (RucheTaskStatus) status = ruche_task_status_new ();
  g_autofree char *first = ruche_report_result (result, NULL, NULL);
  g_autofree char *second = NULL;
  g_autofree char *text = NULL;
  g_autoptr (JsonNode) node = NULL;
  JsonArray *tasks;

  status->job = 3;
  status->task = 1;
  status->state = RUCHE_TASK_RUNNING;
  status->server = g_strdup ("atelier-1");
  second = ruche_report_status (status, NULL, NULL);
  info->job = 3;
  info->tasks = 2;
  info->state = RUCHE_JOB_RUNNING;
  {
    char *const texts[] = { first, second, NULL };
    text = ruche_report_job (info, texts);
  }
  node = parse (text);
  g_assert_true (json_object_get_null_member (json_node_get_object (node), "verdict"));
  tasks = json_object_get_array_member (json_node_get_object (node), "tasks");
  g_assert_cmpuint (json_array_get_length (tasks), ==, 2);
  g_assert_cmpstr (
      json_object_get_string_member (json_array_get_object_element (tasks, 1), "server"), ==,
      "atelier-1");
  g_assert_true (json_object_get_null_member (json_array_get_object_element (tasks, 1), "verdict"));
}

static void
test_lists_are_full (void)
{
  g_autoptr (GPtrArray) jobs = g_ptr_array_new_with_free_func ((GDestroyNotify)ruche_job_info_free);
  g_autofree char *text = NULL;
  g_autoptr (JsonNode) node = NULL;
  JsonObject *object;

  g_ptr_array_add (jobs, ruche_job_info_new ());
  text = ruche_report_list (&ruche_job_info_schema, jobs);
  node = parse (text);
  object = json_array_get_object_element (json_node_get_array (node), 0);
  for (const RucheField *f = ruche_job_info_schema.fields; f->name != NULL; f++)
    g_assert_true (json_object_has_member (object, f->name));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/report/members", test_members);
  g_test_add_func ("/report/no-exit-code", test_no_exit_code);
  g_test_add_func ("/report/streams", test_streams);
  g_test_add_func ("/report/all-characters", test_all_characters);
  g_test_add_func ("/report/job", test_job);
  g_test_add_func ("/report/lists-are-full", test_lists_are_full);
  return g_test_run ();
}
