/* test-box-steps.c: steps in a box: how they end, what they are given, what they write
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "box-harness.h"

#include "ruche-bounds.h"
#include "ruche-error.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

static void
tear_down (Fixture *f, gconstpointer data)
{
  harness_close (f->box);
}

static void
test_exit_status (Fixture *f, gconstpointer data)
{
  g_autoptr (Ran) none = harness_shell (f->box, NULL, "exit 0");
  g_autoptr (Ran) some = harness_shell (f->box, NULL, "exit 42");
  g_autoptr (Ran) odd = harness_shell (f->box, NULL, "exit 137");

  harness_assert_exited (none, 0);
  harness_assert_exited (some, 42);
  harness_assert_exited (odd, 137);
  g_assert_cmpint (some->report.usage.memory_kib, >, 0);
  g_assert_cmpint (some->report.max_rss_kib, >, 0);
}

static void
test_signal (Fixture *f, gconstpointer data)
{
  static const int signals[] = { SIGSEGV, SIGKILL, SIGTERM, SIGABRT, SIGXCPU };

  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    {
      g_autofree char *script = g_strdup_printf ("kill -%d $$; sleep 10", signals[i]);
      g_autoptr (Ran) ran = harness_shell (f->box, NULL, script);
      g_assert_cmpint (ran->report.end, ==, RUCHE_BOX_ENDED);
      g_assert_true (WIFSIGNALED (ran->report.status));
      g_assert_cmpint (WTERMSIG (ran->report.status), ==, signals[i]);
    }
}

static void
test_not_started (Fixture *f, gconstpointer data)
{
  static const struct
  {
    const char *program;
    int error;
  } cases[] = { { "/work/nothing", ENOENT },
                { "nothing-of-this-name", ENOENT },
                { "/work", EACCES },
                { "plain.txt", ENOENT },
                { "/work/plain.txt", EACCES } };

  harness_put (f->box, "plain.txt", "text", FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const char *argv[] = { cases[i].program, NULL };
      RucheBoxStep step = { .argv = argv };
      g_autoptr (GError) error = NULL;
      g_autoptr (Ran) ran = harness_run (f->box, &step, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpint (ran->report.end, ==, RUCHE_BOX_NOT_STARTED);
      g_assert_cmpint (ran->report.exec_errno, ==, cases[i].error);
    }
}

static void
test_words (Fixture *f, gconstpointer data)
{
  static const char *const argv[]
      = { "/usr/bin/python3",
          "-c",
          "import sys, os; print(sys.argv[1:], os.environ['ODD'], os.environ['LANG'],"
          " os.environ['HOME'], sorted(os.environ)); ",
          "",
          "a b",
          "-x",
          "$(id)",
          "'\"\\\n;",
          "é",
          NULL };
  static const char *const env[] = { "ODD=1=2;\n$x", "LANG=C", NULL };
  RucheBoxStep step = { .argv = argv, .env = env };
  g_autoptr (GError) error = NULL;
  g_autoptr (Ran) ran = harness_run (f->box, &step, NULL, &error);

  harness_assert_exited (ran, 0);
  g_assert_cmpstr (ran->out, ==,
                   "['', 'a b', '-x', '$(id)', '\\'\"\\\\\\n;', 'é'] 1=2;\n$x C /work "
                   "['HOME', 'LANG', 'LC_CTYPE', 'LOGNAME', 'ODD', 'PATH', 'TMPDIR', 'USER']\n");
}

static void
test_many_words (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new_with_free_func (g_free);
  RucheBoxStep step = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (Ran) ran = NULL;

  g_ptr_array_add (argv, g_strdup ("/usr/bin/printf"));
  g_ptr_array_add (argv, g_strdup ("%s"));
  while (argv->len < RUCHE_MAX_ARGS)
    g_ptr_array_add (argv, g_strnfill (argv->len == 2 ? RUCHE_MAX_ARG : 100, 'x'));
  g_ptr_array_add (argv, NULL);
  step.argv = (const char *const *)argv->pdata;
  ran = harness_run (f->box, &step, NULL, &error);
  harness_assert_exited (ran, 0);
  g_assert_cmpuint (ran->out_size, ==, RUCHE_MAX_ARG + (RUCHE_MAX_ARGS - 3) * 100);
}

static void
test_too_many_words (Fixture *f, gconstpointer data)
{
  g_autofree char *longest = g_strnfill (RUCHE_MAX_ARG + 1, 'x');
  const char *argv[] = { "/bin/true", longest, NULL };
  const char *none[] = { NULL };
  RucheBoxStep step = { .argv = argv };
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) error_none = NULL;
  g_autoptr (Ran) after = NULL;

  g_assert_null (harness_run (f->box, &step, NULL, &error));
  g_assert_error (error, RUCHE_ERROR, RUCHE_ERROR_TOO_LARGE);
  step.argv = none;
  g_assert_null (harness_run (f->box, &step, NULL, &error_none));
  g_assert_error (error_none, RUCHE_ERROR, RUCHE_ERROR_INVALID);
  after = harness_shell (f->box, NULL, "exit 0");
  harness_assert_exited (after, 0);
}

static void
test_streams (Fixture *f, gconstpointer data)
{
  RucheBoxStep step = { .argv = (const char *[]){ "/bin/cat", NULL } };
  g_autoptr (GError) error = NULL;
  g_autoptr (Ran) cat = harness_run (f->box, &step, "héllo\n", &error);
  g_autoptr (Ran) both = harness_shell (f->box, NULL, "echo out; echo err >&2");
  g_autoptr (Ran) binary = harness_shell (f->box, NULL, "printf 'a\\0\\377b'");
  g_autoptr (Ran) empty = harness_shell (f->box, NULL, "cat");
  g_autoptr (Ran) flood = harness_shell (f->box, NULL, "head -c 4194304 /dev/zero");

  g_assert_cmpstr (cat->out, ==, "héllo\n");
  g_assert_cmpstr (both->out, ==, "out\n");
  g_assert_cmpstr (both->err, ==, "err\n");
  g_assert_cmpmem (binary->out, binary->out_size, "a\0\377b", 4);
  harness_assert_exited (empty, 0);
  g_assert_cmpuint (empty->out_size, ==, 0);
  g_assert_cmpuint (flood->out_size, ==, 4194304);
}

static void
test_files (Fixture *f, gconstpointer data)
{
  static const char *const names[]
      = { "a.c", "mon programme é.py", "src/deep/er/x.txt", "$(id)", "a;b", "'\"", "…" };
  g_autoptr (Ran) ran = NULL;
  g_autoptr (Ran) script = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    harness_put (f->box, names[i], names[i], FALSE);
  harness_put (f->box, "empty", "", FALSE);
  harness_put (f->box, "bin/run me", "#!/bin/sh\necho ran\n", TRUE);
  ran = harness_python (f->box, NULL,
                        "import os\n"
                        "n = 0\n"
                        "for folder, _, files in os.walk('/work'):\n"
                        "    for name in files:\n"
                        "        path = os.path.join(folder, name)\n"
                        "        text = open(path).read()\n"
                        "        if text == os.path.relpath(path, '/work'): n += 1\n"
                        "print(n, os.path.getsize('empty'), os.access('a.c', os.X_OK))\n");
  g_assert_cmpstr (ran->out, ==, "7 0 False\n");
  script = harness_shell (f->box, NULL, "'./bin/run me'");
  g_assert_cmpstr (script->out, ==, "ran\n");
}

/* What a program plants where the next file goes is neither followed nor written through. */
static void
test_planted (Fixture *f, gconstpointer data)
{
  static const char *const names[] = { "link", "fifo", "folder-link/x", "folder", "socket" };
  static const int errors[] = { EEXIST, EEXIST, ENOTDIR, EEXIST, EEXIST };
  g_autoptr (Ran) plant = harness_shell (
      f->box, NULL,
      "ln -s /tmp/target link; mkfifo fifo; ln -s /tmp folder-link; mkdir folder;"
      "python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"socket\")'");
  g_autoptr (Ran) after = NULL;

  harness_assert_exited (plant, 0);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      RucheBoxStep step = { .argv = (const char *[]){ "/bin/true", NULL } };
      g_autoptr (GError) error = NULL;
      harness_put (f->box, names[i], "planted", FALSE);
      g_assert_null (harness_run (f->box, &step, NULL, &error));
      g_assert_error (error, RUCHE_ERROR, RUCHE_ERROR_FAILED);
      g_assert_nonnull (strstr (error->message, g_strerror (errors[i])));
    }
  after = harness_shell (f->box, NULL, "ls /tmp; exit 7");
  harness_assert_exited (after, 7);
  g_assert_cmpstr (after->out, ==, "");
}

static void
test_too_large_file (Fixture *f, gconstpointer data)
{
  g_autofree char *large = g_strnfill (48 * RUCHE_MIB, 'x');
  RucheBoxStep step = { .argv = (const char *[]){ "/bin/true", NULL } };
  g_autoptr (GError) error = NULL;

  harness_put (f->box, "large", large, FALSE);
  g_assert_null (harness_run (f->box, &step, NULL, &error));
  g_assert_error (error, RUCHE_ERROR, RUCHE_ERROR_NO_SPACE);
}

static gboolean
kill_box (gpointer box)
{
  ruche_box_kill (box);
  ruche_box_kill (box);
  return G_SOURCE_REMOVE;
}

static void
test_kill (Fixture *f, gconstpointer data)
{
  g_autoptr (Ran) ran = NULL;
  g_autoptr (Ran) after = NULL;

  ruche_box_kill (f->box);
  g_timeout_add (50, kill_box, f->box);
  ran = harness_shell (f->box, NULL, "trap '' TERM INT HUP; while :; do sleep 1; done");
  g_assert_cmpint (ran->report.end, ==, RUCHE_BOX_KILLED);
  after = harness_shell (f->box, NULL, "exit 3");
  harness_assert_exited (after, 3);
}

static void
test_many_steps (Fixture *f, gconstpointer data)
{
  for (int i = 0; i < 200; i++)
    {
      g_autofree char *script = g_strdup_printf ("exit %d", i);
      g_autoptr (Ran) ran = harness_shell (f->box, NULL, script);
      harness_assert_exited (ran, i);
    }
}

int
main (int argc, char **argv)
{
  g_autoptr (RucheBoxFactory) factory = harness_init (&argc, &argv);

#define ADD(path, function) g_test_add (path, Fixture, factory, harness_set_up, function, tear_down)
  ADD ("/box/steps/exit-status", test_exit_status);
  ADD ("/box/steps/signal", test_signal);
  ADD ("/box/steps/not-started", test_not_started);
  ADD ("/box/steps/words", test_words);
  ADD ("/box/steps/many-words", test_many_words);
  ADD ("/box/steps/too-many-words", test_too_many_words);
  ADD ("/box/steps/streams", test_streams);
  ADD ("/box/steps/files", test_files);
  ADD ("/box/steps/planted", test_planted);
  ADD ("/box/steps/too-large-file", test_too_large_file);
  ADD ("/box/steps/kill", test_kill);
  ADD ("/box/steps/many-steps", test_many_steps);
  return g_test_run ();
}
