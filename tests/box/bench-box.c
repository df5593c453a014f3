/* bench-box.c: what a box costs, beside bare bubblewrap and beside nothing
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * They take turns, so that a busy machine slows them alike. Prints medians; judges nothing.
 */
#include "config.h"

#include "box-harness.h"

#include "ruche-clock.h"

#define ROUNDS  200
#define N_PARTS 6

static int
compare (gconstpointer a, gconstpointer b)
{
  gint64 x = *(const gint64 *)a;
  gint64 y = *(const gint64 *)b;

  return x < y ? -1 : x > y;
}

static double
median_ms (gint64 *us)
{
  qsort (us, ROUNDS, sizeof *us, compare);
  return us[ROUNDS / 2] / 1000.0;
}

static void
spawn (const char *const *argv)
{
  g_autoptr (GSubprocess) process = g_subprocess_newv (argv, G_SUBPROCESS_FLAGS_NONE, NULL);

  g_assert_true (g_subprocess_wait_check (process, NULL, NULL));
}

static void
run_true (RucheBox *box)
{
  RucheBoxStep step = { .argv = (const char *[]){ "/usr/bin/true", NULL },
                        .stdin_fd = -1,
                        .stdout_fd = -1,
                        .stderr_fd = -1 };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  RucheBoxReport report;

  ruche_box_run_async (box, &step, NULL, harness_done, &result);
  g_assert_true (ruche_box_run_finish (box, harness_wait (&result), &report, &error));
  g_assert_cmpint (report.status, ==, 0);
}

int
main (int argc, char **argv)
{
  static const char *const bare[] = { "/usr/bin/true", NULL };
  static const char *const minimal[]
      = { "bwrap", "--unshare-all", "--ro-bind", "/", "/", "/usr/bin/true", NULL };
  static const char *const full[]
      = { "bwrap",     "--unshare-all", "--ro-bind", "/usr",          "/usr",
          "--symlink", "usr/lib64",     "/lib64",    "--symlink",     "usr/lib",
          "/lib",      "--proc",        "/proc",     "--dev",         "/dev",
          "--tmpfs",   "/work",         "--tmpfs",   "/tmp",          "--tmpfs",
          "/dev/shm",  "--remount-ro",  "/",         "/usr/bin/true", NULL };
  static const char *const labels[N_PARTS + 1] = { "true alone",
                                                   "bwrap --ro-bind / / true",
                                                   "bwrap with such mounts, true",
                                                   "box: open",
                                                   "box: run true",
                                                   "box: close",
                                                   "box: all of the three" };
  gint64 took[N_PARTS + 1][ROUNDS];
  g_autoptr (RucheBoxFactory) factory = harness_init (&argc, &argv);

  for (guint i = 0; i < ROUNDS; i++)
    {
      gint64 at[N_PARTS + 1];
      RucheBox *box;

      at[0] = ruche_clock_now_us ();
      spawn (bare);
      at[1] = ruche_clock_now_us ();
      spawn (minimal);
      at[2] = ruche_clock_now_us ();
      spawn (full);
      at[3] = ruche_clock_now_us ();
      box = harness_open_plain (factory);
      at[4] = ruche_clock_now_us ();
      run_true (box);
      at[5] = ruche_clock_now_us ();
      harness_close (box);
      at[6] = ruche_clock_now_us ();
      for (guint j = 0; j < N_PARTS; j++)
        took[j][i] = at[j + 1] - at[j];
      took[N_PARTS][i] = at[6] - at[3];
    }
  for (guint j = 0; j <= N_PARTS; j++)
    g_print ("%-30s %7.2f ms\n", labels[j], median_ms (took[j]));
  return 0;
}
