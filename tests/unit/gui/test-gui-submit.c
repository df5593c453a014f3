/* test-gui-submit.c: how a program that was never saved is named, and what settings become
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "ruche-error.h"
#include "ruche-run-settings.h"
#include "ruche-submit.h"

#include <string.h>

static void
add_toolchain (GPtrArray *toolchains, const char *language, const char *suffix)
{
  RucheToolchain *toolchain = ruche_toolchain_new ();

  toolchain->language = g_strdup (language);
  toolchain->name = g_strdup (language);
  toolchain->suffixes = g_strsplit (suffix, ",", -1);
  g_ptr_array_add (toolchains, toolchain);
}

static GPtrArray *
make_toolchains (void)
{
  GPtrArray *toolchains = g_ptr_array_new_with_free_func ((GDestroyNotify)ruche_toolchain_free);
  RucheToolchain *java;

  add_toolchain (toolchains, "cpp", "cpp,cc");
  add_toolchain (toolchains, "java", "java");
  java = g_ptr_array_index (toolchains, 1);
  java->main_pattern = g_strdup ("\\bstatic\\s+void\\s+main\\b");
  java->class_pattern = g_strdup ("\\bclass\\s+(\\w+)");
  return toolchains;
}

static void
check_name (const char *language, const char *text, const char *wanted)
{
  g_autoptr (GPtrArray) toolchains = make_toolchains ();
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  g_autoptr (GError) error = NULL;
  g_autofree char *name = ruche_submit_choose_name (language, bytes, toolchains, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (name, ==, wanted);
}

static void
test_names (void)
{
  check_name ("cpp", "int main () {}", "program.cpp");
  check_name ("java", "class A {} class B { static void main () {} class C {} }", "B.java");
  check_name ("java", "class Last {}", "Last.java");
  check_name ("java", "", "program.java");
}

static void
test_no_language (void)
{
  g_autoptr (GPtrArray) toolchains = make_toolchains ();
  g_autoptr (GBytes) bytes = g_bytes_new ("x", 1);
  g_autoptr (GError) error = NULL;

  g_assert_null (ruche_submit_choose_name ("", bytes, toolchains, &error));
  g_assert_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_null (ruche_submit_choose_name ("cobol", bytes, toolchains, &error));
  g_assert_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID);
}

static void
test_settings (void)
{
  g_autoptr (RucheRunSettings) settings = ruche_run_settings_new ();
  g_autoptr (RucheSubmission) submission = ruche_submission_new (RUCHE_JOB_PROGRAM, "a.cpp");
  g_autoptr (GError) error = NULL;
  const RucheTaskSpec *task;

  g_object_set (settings, "arguments", "one 'two three' \"\"", "flags", "-O2 -Wall", "input",
                "4 5\n", "cpu", 2.5, "language", "cpp", NULL);
  g_assert_true (ruche_run_settings_apply (settings, submission, &error));
  g_assert_no_error (error);
  task = g_ptr_array_index (submission->tasks, 0);
  g_assert_cmpuint (g_strv_length (task->args), ==, 3);
  g_assert_cmpstr (task->args[1], ==, "two three");
  g_assert_cmpstr (task->args[2], ==, "");
  g_assert_cmpint (task->input, ==, RUCHE_INPUT_BLOB);
  g_assert_nonnull (g_hash_table_lookup (submission->blobs, task->input_blob));
  g_assert_cmpstr (submission->spec->flags[1], ==, "-Wall");
  g_assert_cmpstr (submission->spec->language, ==, "cpp");
  g_assert_cmpint (submission->spec->limits->cpu_ms, ==, 2500);
  g_assert_cmpint (submission->spec->limits->memory_kib, ==, 0);
}

static void
test_settings_empty (void)
{
  g_autoptr (RucheRunSettings) settings = ruche_run_settings_new ();
  g_autoptr (RucheSubmission) submission = ruche_submission_new (RUCHE_JOB_PROGRAM, "a.cpp");
  g_autoptr (GError) error = NULL;
  const RucheTaskSpec *task;

  g_assert_true (ruche_run_settings_apply (settings, submission, &error));
  task = g_ptr_array_index (submission->tasks, 0);
  g_assert_cmpint (task->input, ==, RUCHE_INPUT_NONE);
  g_assert_null (submission->spec->limits);
}

static void
test_settings_bad_quotes (void)
{
  g_autoptr (RucheRunSettings) settings = ruche_run_settings_new ();
  g_autoptr (RucheSubmission) submission = ruche_submission_new (RUCHE_JOB_PROGRAM, "a.cpp");
  g_autoptr (GError) error = NULL;

  g_object_set (settings, "arguments", "'never closed", NULL);
  g_assert_false (ruche_run_settings_apply (settings, submission, &error));
  g_assert_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID);
  g_assert_nonnull (strstr (error->message, "quotation mark"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gui/submit/names", test_names);
  g_test_add_func ("/gui/submit/no-language", test_no_language);
  g_test_add_func ("/gui/settings/all", test_settings);
  g_test_add_func ("/gui/settings/empty", test_settings_empty);
  g_test_add_func ("/gui/settings/bad-quotes", test_settings_bad_quotes);
  return g_test_run ();
}
