/* test-gui-format.c: figures as people read them, and what graphs remember
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "ruche-format.h"
#include "ruche-load-history.h"

static void
check (char *got, const char *wanted)
{
  g_assert_cmpstr (got, ==, wanted);
  g_free (got);
}

static void
test_duration (void)
{
  check (ruche_format_duration (-5), "0 ms");
  check (ruche_format_duration (0), "0 ms");
  check (ruche_format_duration (999), "999 ms");
  check (ruche_format_duration (1000), "1.00 s");
  check (ruche_format_duration (1240), "1.24 s");
  check (ruche_format_duration (12340), "12.3 s");
  check (ruche_format_duration (60000), "1 min 0 s");
  check (ruche_format_duration (125000), "2 min 5 s");
}

static void
test_age (void)
{
  check (ruche_format_age (-1), "0 s");
  check (ruche_format_age (59999), "59 s");
  check (ruche_format_age (60000), "1 min");
  check (ruche_format_age (7200000), "2 h");
  check (ruche_format_age (86400000LL * 3), "3 d");
}

static void
test_memory (void)
{
  check (ruche_format_memory (-1), "0 KiB");
  check (ruche_format_memory (820), "820 KiB");
  check (ruche_format_memory (3482), "3.4 MiB");
  check (ruche_format_memory (16252928), "15.5 GiB");
}

static void
test_signal (void)
{
  check (ruche_format_signal (11), "SIGSEGV");
  check (ruche_format_signal (0), "signal 0");
  check (ruche_format_signal (G_MAXINT32), "signal 2147483647");
}

static void
test_waiting (void)
{
  static const char *const words[] = { "no-server", "no-toolchain", "no-such-server", "busy" };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    for (guint j = 0; j < i; j++)
      g_assert_cmpstr (ruche_format_waiting (words[i]), !=, ruche_format_waiting (words[j]));
  g_assert_cmpstr (ruche_format_waiting ("a newer word"), ==, ruche_format_waiting (NULL));
}

static void
test_history (void)
{
  RucheLoadHistory history = { 0 };

  for (int i = 0; i < RUCHE_HISTORY_SAMPLES + 10; i++)
    ruche_load_history_add (&history, i * 1000, i / 1000.0, 2);
  g_assert_cmpuint (history.n, ==, RUCHE_HISTORY_SAMPLES);
  g_assert_cmpint (ruche_load_history_get (&history, 0)->at_ms, ==, 10000);
  g_assert_cmpint (ruche_load_history_get (&history, history.n - 1)->at_ms, ==,
                   (RUCHE_HISTORY_SAMPLES + 9) * 1000);
  g_assert_cmpfloat (ruche_load_history_get (&history, 0)->value[RUCHE_GRAPH_MEMORY], ==, 1);
}

static void
test_history_same_moment (void)
{
  RucheLoadHistory history = { 0 };

  ruche_load_history_add (&history, 1000, 0.1, 0);
  ruche_load_history_add (&history, 2000, 0.2, 0);
  ruche_load_history_add (&history, 2000, 0.3, 0);
  g_assert_cmpuint (history.n, ==, 2);
  g_assert_cmpfloat (ruche_load_history_get (&history, 0)->value[RUCHE_GRAPH_CPU], ==, 0.1);
  g_assert_cmpfloat (ruche_load_history_get (&history, 1)->value[RUCHE_GRAPH_CPU], ==, 0.3);
  g_assert_cmpuint (history.serial, ==, 3);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gui/format/duration", test_duration);
  g_test_add_func ("/gui/format/age", test_age);
  g_test_add_func ("/gui/format/memory", test_memory);
  g_test_add_func ("/gui/format/signal", test_signal);
  g_test_add_func ("/gui/format/waiting", test_waiting);
  g_test_add_func ("/gui/history/ring", test_history);
  g_test_add_func ("/gui/history/same-moment", test_history_same_moment);
  return g_test_run ();
}
