/* test-sampler.c: /proc read from fixed texts
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-sampler.h"

#define STAT_BEFORE                                                                                \
  "cpu  100 20 30 1000 50 4 6 10 99 99\ncpu0 50 10 15 500 25 2 3 5 0 0\nintr 12345 0 0\n"
#define STAT_AFTER "cpu  160 20 50 1100 70 4 6 10 99 99\ncpu0 1 1 1 1 1 1 1 1 0 0\n"

static void
test_stat (void)
{
  RucheCpuTimes before, after;

  g_assert_true (ruche_sampler_parse_stat (STAT_BEFORE, &before));
  g_assert_cmpuint (before.busy, ==, 170);
  g_assert_cmpuint (before.total, ==, 1220);
  g_assert_true (ruche_sampler_parse_stat (STAT_AFTER, &after));
  g_assert_cmpfloat_with_epsilon (ruche_sampler_share (&before, &after), 80.0 / 200.0, 1e-9);
  g_assert_cmpfloat (ruche_sampler_share (&after, &before), ==, 0);
  g_assert_cmpfloat (ruche_sampler_share (&after, &after), ==, 0);
}

static void
test_stat_malformed (void)
{
  static const char *const texts[] = { "",
                                       "cpu",
                                       "cpu ",
                                       "cpu  1 2 3",
                                       "cpu  1 2 3 4 5 6 7",
                                       "cpu  1 2 3 4 5 6 7 x",
                                       "cpu0 1 2 3 4 5 6 7 8\n",
                                       "intr 1 2 3 4 5 6 7 8\n" };
  RucheCpuTimes times;

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    g_assert_false (ruche_sampler_parse_stat (texts[i], &times));
  g_assert_true (ruche_sampler_parse_stat ("x 1\ncpu  1 2 3 4 5 6 7 8", &times));
  g_assert_cmpuint (times.total, ==, 36);
}

static void
test_meminfo (void)
{
  gint64 total = 0, available = 0;

  g_assert_true (ruche_sampler_parse_meminfo ("MemTotal:       16303428 kB\n"
                                              "MemFree:          204800 kB\n"
                                              "MemAvailable:   10200000 kB\n"
                                              "Buffers:          12345 kB\n",
                                              &total, &available));
  g_assert_cmpint (total, ==, 16303428);
  g_assert_cmpint (available, ==, 10200000);
  g_assert_false (ruche_sampler_parse_meminfo ("MemTotal: 5 kB\n", &total, &available));
  g_assert_false (
      ruche_sampler_parse_meminfo ("MemTotal: x\nMemAvailable: 1\n", &total, &available));
  g_assert_false (
      ruche_sampler_parse_meminfo ("MemTotal: 5 kB\nMemAvailable: 6 kB\n", &total, &available));
  g_assert_false (ruche_sampler_parse_meminfo ("", &total, &available));
}

static void
test_loadavg (void)
{
  double load1 = 0;

  g_assert_true (ruche_sampler_parse_loadavg ("1.25 0.58 0.59 1/467 12345\n", &load1));
  g_assert_cmpfloat (load1, ==, 1.25);
  g_assert_false (ruche_sampler_parse_loadavg ("", &load1));
  g_assert_false (ruche_sampler_parse_loadavg ("nan 1 2", &load1));
}

/* This machine's own figures must be ones that the wire accepts. */
static void
test_machine (void)
{
  g_autoptr (RucheSampler) sampler = ruche_sampler_new ();
  g_autoptr (RucheLoad) load = ruche_sampler_read (sampler);
  g_autoptr (GError) error = NULL;

  g_assert_true (ruche_struct_check (&ruche_load_schema, load, &error));
  g_assert_no_error (error);
  g_assert_cmpint (load->memory_total_kib, >, 0);
  g_assert_cmpint (load->memory_used_kib, >, 0);
  g_assert_cmpint (load->memory_used_kib, <, load->memory_total_kib);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sampler/stat", test_stat);
  g_test_add_func ("/sampler/stat-malformed", test_stat_malformed);
  g_test_add_func ("/sampler/meminfo", test_meminfo);
  g_test_add_func ("/sampler/loadavg", test_loadavg);
  g_test_add_func ("/sampler/machine", test_machine);
  return g_test_run ();
}
