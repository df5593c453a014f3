/* test-box-life.c: boxes from beginning to end: what is left of a step, of a box, of many
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "box-harness.h"

#include "ruche-bounds.h"
#include "ruche-error.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* How many processes of this machine carry a mark on their command line. */
static guint
count_marked (const char *mark)
{
  g_autoptr (GDir) proc = g_dir_open ("/proc", 0, NULL);
  guint n = 0;

  for (const char *name; (name = g_dir_read_name (proc)) != NULL;)
    {
      g_autofree char *path = g_build_filename ("/proc", name, "cmdline", NULL);
      g_autofree char *line = NULL;
      gsize size = 0;
      if (!g_ascii_isdigit (*name) || !g_file_get_contents (path, &line, &size, NULL))
        continue;
      if (memmem (line, size, mark, strlen (mark)) != NULL)
        n++;
    }
  return n;
}

/* bubblewrap is our child, and ends when no process of its box is left. */
static gboolean
have_children (void)
{
  siginfo_t info;

  return waitid (P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

static char *
make_mark (void)
{
  return g_strdup_printf ("86%06u", g_random_int_range (0, 1000000));
}

static const char *const leaving[] = {
  "(trap '' HUP TERM; exec sleep %s) & sleep 0.05; exit 0",
  "setsid sh -c 'setsid sleep %s & setsid sleep %s &' & sleep 0.2; exit 0",
  "(sleep %s & kill -STOP $!; kill -STOP $BASHPID) & sleep 0.2; exit 0",
  "python3 -c 'import os, sys\nif os.fork() == 0:\n  os.setsid()\n  if os.fork() == 0: "
  "os.closerange(0, 100); os.execlp(\"sleep\", \"sleep\", \"%s\")\n'; exit 0",
  "for i in 1 2 3 4 5 6 7 8; do (while :; do sleep %s & wait; done) & done; exit 0",
};

static char *
marked_script (const char *script, const char *mark)
{
  g_auto (GStrv) parts = g_strsplit (script, "%s", -1);

  return g_strjoinv (mark, parts);
}

/* When a step is over nothing of it runs on, and the pipes it held are closed. */
static void
test_left_overs (gconstpointer data)
{
  RucheBox *box = harness_open_plain ((RucheBoxFactory *)data);

  for (guint i = 0; i < G_N_ELEMENTS (leaving); i++)
    {
      g_autofree char *mark = make_mark ();
      g_autofree char *script = marked_script (leaving[i], mark);
      g_autoptr (Ran) ran = harness_shell (box, NULL, script);
      g_autoptr (Ran) seen = harness_shell (box, NULL, "set -- /proc/[0-9]*; echo $#");

      harness_assert_exited (ran, 0);
      g_assert_cmpint (ran->report.usage.wall_ms, <, 20000);
      g_assert_cmpuint (count_marked (mark), ==, 0);
      g_assert_cmpstr (seen->out, ==, "2\n");
    }
  harness_close (box);
}

/* A box closed while programs run in it takes them all along. */
static void
test_close_running (gconstpointer data)
{
  g_autofree char *mark = make_mark ();
  g_autofree char *endless
      = marked_script ("for i in 1 2 3 4 5 6 7 8; do setsid sleep %s & done; exec sleep %s", mark);
  RucheBox *box = harness_open_plain ((RucheBoxFactory *)data);
  RucheBoxStep step = { .argv = (const char *[]){ "/bin/bash", "-c", endless, NULL },
                        .stdin_fd = -1,
                        .stdout_fd = -1,
                        .stderr_fd = -1 };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  RucheBoxReport report;

  ruche_box_run_async (box, &step, NULL, harness_done, &result);
  for (int i = 0; i < 1000 && count_marked (mark) < 9; i++)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (10000);
    }
  g_assert_cmpuint (count_marked (mark), >=, 9);
  g_object_ref (box);
  harness_close (box);
  g_assert_cmpuint (count_marked (mark), ==, 0);
  g_assert_true (ruche_box_run_finish (box, harness_wait (&result), &report, &error));
  g_assert_cmpint (report.end, ==, RUCHE_BOX_KILLED);
  g_object_unref (box);
}

/* A box of which the slave has lost sight is gone as well. */
static void
test_dropped (gconstpointer data)
{
  RucheBox *box = harness_open_plain ((RucheBoxFactory *)data);
  gpointer there = box;

  g_object_add_weak_pointer (G_OBJECT (box), &there);
  g_object_unref (box);
  g_assert_null (there);
  for (int i = 0; i < 2000 && have_children (); i++)
    g_usleep (10000);
  g_assert_false (have_children ());
}

static void
test_cancelled (gconstpointer data)
{
  RucheBox *box = harness_open_plain ((RucheBoxFactory *)data);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  RucheBoxStep step = { .argv = (const char *[]){ "/bin/sleep", "60", NULL },
                        .stdin_fd = -1,
                        .stdout_fd = -1,
                        .stderr_fd = -1 };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (Ran) after = NULL;
  g_autoptr (GError) error = NULL;
  RucheBoxReport report;

  ruche_box_run_async (box, &step, cancellable, harness_done, &result);
  g_cancellable_cancel (cancellable);
  g_assert_true (ruche_box_run_finish (box, harness_wait (&result), &report, &error));
  g_assert_cmpint (report.end, ==, RUCHE_BOX_KILLED);
  after = harness_shell (box, NULL, "exit 4");
  harness_assert_exited (after, 4);
  harness_close (box);
}

/* A slave killed outright leaves no box behind. */
static void
test_slave_killed (gconstpointer data)
{
  g_autofree char *mark = make_mark ();
  g_autoptr (GSubprocess) slave = harness_start_self ((RucheBoxFactory *)data, "--hold", mark);

  for (int i = 0; i < 2000 && count_marked (mark) < 2; i++)
    g_usleep (10000);
  g_assert_cmpuint (count_marked (mark), >=, 2);
  g_subprocess_force_exit (slave);
  g_assert_true (g_subprocess_wait (slave, NULL, NULL));
  for (int i = 0; i < 2000 && count_marked (mark) > 0; i++)
    g_usleep (10000);
  g_assert_cmpuint (count_marked (mark), ==, 0);
}

/* What test_slave_killed() kills: a slave with a program in a box. */
static int
hold (RucheBoxFactory *factory, const char *mark)
{
  RucheBox *box = harness_open_plain (factory);
  RucheBoxStep step = { .argv = (const char *[]){ "/bin/sleep", mark, NULL },
                        .stdin_fd = -1,
                        .stdout_fd = -1,
                        .stderr_fd = -1 };
  g_autoptr (GAsyncResult) result = NULL;

  ruche_box_run_async (box, &step, NULL, harness_done, &result);
  harness_wait (&result);
  return 0;
}

typedef struct
{
  guint left;
  guint fine;
} Crowd;

static void
on_crowd_closed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Crowd *crowd = user_data;

  g_assert_true (ruche_box_close_finish (RUCHE_BOX (source), result, NULL));
  crowd->left--;
  g_object_unref (source);
}

static void
on_crowd_ran (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Crowd *crowd = user_data;
  RucheBoxReport report;
  g_autoptr (GError) error = NULL;

  g_assert_true (ruche_box_run_finish (RUCHE_BOX (source), result, &report, &error));
  if (report.end == RUCHE_BOX_ENDED && WIFEXITED (report.status)
      && WEXITSTATUS (report.status) == 11)
    crowd->fine++;
  ruche_box_close_async (RUCHE_BOX (source), NULL, on_crowd_closed, crowd);
}

static void
on_crowd_open (GObject *source, GAsyncResult *result, gpointer user_data)
{
  RucheBoxStep step = { .argv = (const char *[]){ "/bin/bash", "-c",
                                                  "set -- /proc/[0-9]*; exit $((9 + $#))", NULL },
                        .stdin_fd = -1,
                        .stdout_fd = -1,
                        .stderr_fd = -1 };
  g_autoptr (GError) error = NULL;
  RucheBox *box = ruche_box_open_finish (RUCHE_BOX_FACTORY (source), result, &error);

  g_assert_no_error (error);
  ruche_box_run_async (box, &step, NULL, on_crowd_ran, user_data);
}

static void
test_fifty (gconstpointer data)
{
  RucheBoxProfile profile = { .disk_kib = RUCHE_DEFAULT_DISK_KIB };
  Crowd crowd = { 50, 0 };

  for (guint i = 0; i < 50; i++)
    ruche_box_open_async ((RucheBoxFactory *)data, &profile, NULL, on_crowd_open, &crowd);
  while (crowd.left > 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (crowd.fine, ==, 50);
  g_assert_false (have_children ());
}

static void
test_many_files (gconstpointer data)
{
  RucheBox *box = harness_open_plain ((RucheBoxFactory *)data);
  g_autoptr (Ran) ran = NULL;

  for (guint i = 0; i < 4 * RUCHE_MAX_FILES; i++)
    {
      g_autofree char *name = g_strdup_printf ("folder/%u.txt", i);
      harness_put (box, name, "x", FALSE);
    }
  ran = harness_shell (box, NULL, "cat folder/*.txt | wc -c");
  g_assert_cmpstr (ran->out, ==, "1024\n");
  harness_close (box);
}

static void
test_probe (gconstpointer data)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  ruche_box_factory_probe_async ((RucheBoxFactory *)data, NULL, harness_done, &result);
  g_assert_true (
      ruche_box_factory_probe_finish ((RucheBoxFactory *)data, harness_wait (&result), &error));
  g_assert_no_error (error);
}

static void
test_nothing_installed (gconstpointer data)
{
  g_autofree char *path = g_strdup (g_getenv ("PATH"));
  g_autoptr (GError) no_runner = NULL;
  g_autoptr (GError) no_bwrap = NULL;

  g_assert_null (ruche_box_factory_new ("/nowhere/ruche-runner", &no_runner));
  g_assert_error (no_runner, RUCHE_ERROR, RUCHE_ERROR_UNAVAILABLE);
  g_setenv ("PATH", "/nowhere", TRUE);
  g_assert_null (ruche_box_factory_new ("/bin/true", &no_bwrap));
  g_setenv ("PATH", path, TRUE);
  g_assert_error (no_bwrap, RUCHE_ERROR, RUCHE_ERROR_UNAVAILABLE);
  g_assert_nonnull (strstr (no_bwrap->message, "bubblewrap"));
}

/* Some other program in the runner's place, and a profile that bubblewrap refuses. */
static void
test_wrong_runner (gconstpointer data)
{
  static const char *const programs[] = { "/bin/true", "/etc/passwd" };

  for (guint i = 0; i < G_N_ELEMENTS (programs); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (RucheBoxFactory) factory = ruche_box_factory_new (programs[i], &error);
      g_autoptr (GAsyncResult) result = NULL;

      g_assert_no_error (error);
      ruche_box_factory_probe_async (factory, NULL, harness_done, &result);
      g_assert_false (ruche_box_factory_probe_finish (factory, harness_wait (&result), &error));
      g_assert_error (error, RUCHE_ERROR, RUCHE_ERROR_UNAVAILABLE);
    }
}

int
main (int argc, char **argv)
{
  g_autoptr (RucheBoxFactory) factory = harness_init (&argc, &argv);

  if (argc == 3 && g_str_equal (argv[1], "--hold"))
    return hold (factory, argv[2]);
  g_test_add_data_func ("/box/life/probe", factory, test_probe);
  g_test_add_data_func ("/box/life/nothing-installed", factory, test_nothing_installed);
  g_test_add_data_func ("/box/life/wrong-runner", factory, test_wrong_runner);
  g_test_add_data_func ("/box/life/left-overs", factory, test_left_overs);
  g_test_add_data_func ("/box/life/close-running", factory, test_close_running);
  g_test_add_data_func ("/box/life/dropped", factory, test_dropped);
  g_test_add_data_func ("/box/life/cancelled", factory, test_cancelled);
  g_test_add_data_func ("/box/life/slave-killed", factory, test_slave_killed);
  g_test_add_data_func ("/box/life/many-files", factory, test_many_files);
  g_test_add_data_func ("/box/life/fifty", factory, test_fifty);
  return g_test_run ();
}
