/* test-gui-memory.c: how programs were run is remembered, within bounds and for its owner alone
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "ruche-run-memory.h"

#include <glib/gstdio.h>

static void
check (RucheRunSettings *settings, const char *language, const char *input, double cpu)
{
  g_autofree char *got_language = NULL;
  g_autofree char *got_input = NULL;
  double got_cpu;

  g_object_get (settings, "language", &got_language, "input", &got_input, "cpu", &got_cpu, NULL);
  g_assert_cmpstr (got_language, ==, language);
  g_assert_cmpstr (got_input, ==, input);
  g_assert_cmpfloat (got_cpu, ==, cpu);
}

static RucheRunSettings *
recall (GFile *file)
{
  RucheRunSettings *settings = ruche_run_settings_new ();

  ruche_run_memory_recall (file, settings);
  return settings;
}

static void
test_round_trip (void)
{
  g_autoptr (GFile) file = g_file_new_for_path ("/tmp/[odd] é\n.py");
  g_autoptr (GFile) helper = g_file_new_for_path ("/tmp/a;b.py");
  g_autoptr (RucheRunSettings) settings = ruche_run_settings_new ();
  g_autoptr (RucheRunSettings) nothing = recall (file);
  g_autofree char *path = ruche_run_memory_path ();
  GStatBuf buf;

  check (nothing, "", "", 0);
  g_object_set (settings, "language", "python", "input", " 1\n\\2\t[é]\n", "cpu", 2.5, NULL);
  g_list_store_append (ruche_run_settings_get_files (settings), helper);
  ruche_run_memory_keep (file, settings);

  g_autoptr (RucheRunSettings) again = recall (file);
  check (again, "python", " 1\n\\2\t[é]\n", 2.5);
  g_autoptr (GFile) other
      = g_list_model_get_item (G_LIST_MODEL (ruche_run_settings_get_files (again)), 0);
  g_assert_true (g_file_equal (other, helper));
  g_assert_cmpint (g_stat (path, &buf), ==, 0);
  g_assert_cmpint (buf.st_mode & 0777, ==, 0600);

  /* What is taken back is forgotten. */
  g_autoptr (RucheRunSettings) plain = ruche_run_settings_new ();
  ruche_run_memory_keep (file, plain);
  g_autoptr (RucheRunSettings) last = recall (file);
  check (last, "", "", 0);
}

static void
test_long_input_is_not_kept (void)
{
  g_autoptr (GFile) file = g_file_new_for_path ("/tmp/long.py");
  g_autoptr (RucheRunSettings) settings = ruche_run_settings_new ();
  g_autofree char *most = g_strnfill (RUCHE_MEMORY_INPUT, 'x');
  g_autofree char *more = g_strnfill (RUCHE_MEMORY_INPUT + 1, 'x');

  g_object_set (settings, "language", "python", "input", most, NULL);
  ruche_run_memory_keep (file, settings);
  g_autoptr (RucheRunSettings) kept = recall (file);
  check (kept, "python", most, 0);
  g_object_set (settings, "input", more, NULL);
  ruche_run_memory_keep (file, settings);
  g_autoptr (RucheRunSettings) cut = recall (file);
  check (cut, "python", "", 0);
}

static void
test_the_oldest_are_forgotten (void)
{
  g_autoptr (RucheRunSettings) settings = ruche_run_settings_new ();
  g_autoptr (GFile) first = g_file_new_for_path ("/tmp/0.py");
  g_autoptr (GFile) second = g_file_new_for_path ("/tmp/1.py");

  g_object_set (settings, "language", "python", NULL);
  for (int i = 0; i < RUCHE_MEMORY_FILES; i++)
    {
      g_autofree char *name = g_strdup_printf ("/tmp/%d.py", i);
      g_autoptr (GFile) file = g_file_new_for_path (name);
      ruche_run_memory_keep (file, settings);
    }
  /* The first is used again; then one more comes. */
  ruche_run_memory_keep (first, settings);
  g_autoptr (GFile) extra = g_file_new_for_path ("/tmp/extra.py");
  ruche_run_memory_keep (extra, settings);
  g_autoptr (RucheRunSettings) kept = recall (first);
  check (kept, "python", "", 0);
  g_autoptr (RucheRunSettings) gone = recall (second);
  check (gone, "", "", 0);
  g_autoptr (RucheRunSettings) fresh = recall (extra);
  check (fresh, "python", "", 0);
}

static void
test_wild_file (void)
{
  const char *const wild[] = {
    "",
    "no group",
    "[broken",
    "\377\376",
    "[%s]\ncpu=1e400\nlanguage=\\q\nfiles=;;x\\\n",
    "[%s]\ncpu=-3\n",
    "[%s]\ncpu=nan\n",
    "[%s]\ninput=\377\n",
  };
  g_autoptr (GFile) file = g_file_new_for_path ("/tmp/wild.py");
  g_autofree char *uri = g_file_get_uri (file);
  g_autofree char *group = g_compute_checksum_for_string (G_CHECKSUM_SHA256, uri, -1);
  g_autofree char *path = ruche_run_memory_path ();
  g_autofree char *folder = g_path_get_dirname (path);

  g_mkdir_with_parents (folder, 0700);
  for (guint i = 0; i < G_N_ELEMENTS (wild); i++)
    {
      g_auto (GStrv) parts = g_strsplit (wild[i], "%s", 2);
      g_autofree char *text = g_strjoinv (group, parts);
      double cpu;
      g_assert_true (g_file_set_contents (path, text, -1, NULL));
      g_autoptr (RucheRunSettings) settings = recall (file);
      g_object_get (settings, "cpu", &cpu, NULL);
      g_assert_true (cpu >= 0 && cpu <= G_MAXINT32);
      g_object_set (settings, "language", "c", NULL);
      ruche_run_memory_keep (file, settings);
      g_autoptr (RucheRunSettings) again = recall (file);
      g_assert_cmpstr (ruche_run_settings_get_language (again), ==, "c");
    }
  g_unlink (path);
}

/* The state folder is a temporary one. GLib's own way to that, G_TEST_OPTION_ISOLATE_DIRS, loses
 * memory in each test, which a sanitizer reports. */
int
main (int argc, char **argv)
{
  g_autofree char *top = g_dir_make_tmp ("ruche-memory-XXXXXX", NULL);
  g_autofree char *folder = g_build_filename (top, "ruche", NULL);
  int status;

  g_assert_true (g_setenv ("XDG_STATE_HOME", top, TRUE));
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gui/memory/round-trip", test_round_trip);
  g_test_add_func ("/gui/memory/long-input", test_long_input_is_not_kept);
  g_test_add_func ("/gui/memory/oldest", test_the_oldest_are_forgotten);
  g_test_add_func ("/gui/memory/wild", test_wild_file);
  status = g_test_run ();
  g_rmdir (folder);
  g_rmdir (top);
  return status;
}
