/* test-runner-protocol.c: what is a record of the runner's socket, and what is not
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "ruche-bounds.h"
#include "runner-protocol.h"

#include <glib.h>
#include <string.h>

static union runner_record
make_step (void)
{
  union runner_record record = { 0 };

  runner_head_fill (&record.head, RUNNER_STEP, 7);
  record.step.descriptors = RUNNER_WITH_WORDS | RUNNER_WITH_STDOUT;
  record.step.n_args = 1;
  record.step.cpu_ms = record.step.wall_ms = record.step.memory_kib = record.step.stack_kib
      = record.step.disk_kib = record.step.processes = record.step.open_files = 1000;
  return record;
}

static union runner_record
make_file (const char *name)
{
  union runner_record record = { 0 };

  runner_head_fill (&record.head, RUNNER_FILE, 0);
  memcpy (record.file.name, name, MIN (strlen (name), sizeof record.file.name));
  return record;
}

static union runner_record
make_ended (void)
{
  union runner_record record = { 0 };

  runner_head_fill (&record.head, RUNNER_ENDED, 7);
  record.ended.end = RUNNER_END_MEMORY;
  record.ended.cpu_us = record.ended.wall_us = 5;
  return record;
}

static gboolean
passes (const union runner_record *record, unsigned int n)
{
  return runner_record_check (record, record->head.length, n);
}

/* The bounds that the runner keeps for itself, because it knows nothing of GLib's side. */
static void
test_bounds (void)
{
  g_assert_cmpint (RUNNER_NAME_SIZE, ==, RUCHE_MAX_PATH + 1);
  g_assert_cmpint (RUNNER_MAX_ARGS, >=, RUCHE_MAX_ARGS);
  g_assert_cmpint (RUNNER_LOOK_MS, ==, RUCHE_MEMORY_SAMPLE_MS);
  g_assert_cmpint (RUNNER_MAX_INODES, ==, RUCHE_MAX_BOX_INODES);
  g_assert_cmpint (RUNNER_MAX_WORDS, >=, RUCHE_MAX_ARGS * (RUCHE_MAX_ARG + 1));
  g_assert_cmpint (RUNNER_MAX_LIMIT, >=, RUCHE_MAX_MEMORY_KIB);
  g_assert_cmpint (RUNNER_MAX_LIMIT, >=, RUCHE_MAX_WALL_MS);
}

static void
test_valid (void)
{
  static const enum runner_type plain[] = { RUNNER_KILL, RUNNER_HELLO, RUNNER_STARTED };
  union runner_record step = make_step ();
  union runner_record file = make_file ("src/a b.c");
  union runner_record ended = make_ended ();

  g_assert_true (passes (&step, 2));
  g_assert_true (passes (&file, 1));
  g_assert_true (passes (&ended, 0));
  for (guint i = 0; i < G_N_ELEMENTS (plain); i++)
    {
      union runner_record record = { 0 };
      runner_head_fill (&record.head, plain[i], 1);
      g_assert_true (passes (&record, 0));
      g_assert_false (passes (&record, 1));
    }
}

/* Every size but the right one, of every kind of record, and every byte of the head changed. */
static void
test_head (void)
{
  union runner_record records[] = { make_step (), make_file ("a"), make_ended () };
  static const unsigned int n[] = { 2, 1, 0 };

  for (guint i = 0; i < G_N_ELEMENTS (records); i++)
    {
      gsize right = records[i].head.length;
      for (gsize size = 0; size <= sizeof records[i]; size++)
        g_assert_true (runner_record_check (&records[i], size, n[i]) == (size == right));
      for (gsize at = 0; at < offsetof (struct runner_head, serial); at++)
        for (int bit = 0; bit < 8; bit++)
          {
            union runner_record changed = records[i];
            ((guint8 *)&changed)[at] ^= 1 << bit;
            g_assert_false (runner_record_check (&changed, right, n[i]));
          }
    }
}

static void
test_step (void)
{
  static const gint64 wrong[] = { 0, -1, G_MININT64, G_MAXINT64, RUNNER_MAX_LIMIT + 1 };
  static const gsize limits[] = {
    offsetof (struct runner_step, cpu_ms),     offsetof (struct runner_step, wall_ms),
    offsetof (struct runner_step, memory_kib), offsetof (struct runner_step, stack_kib),
    offsetof (struct runner_step, disk_kib),   offsetof (struct runner_step, processes),
    offsetof (struct runner_step, open_files),
  };
  union runner_record step;

  for (guint i = 0; i < G_N_ELEMENTS (limits); i++)
    for (guint j = 0; j < G_N_ELEMENTS (wrong); j++)
      {
        step = make_step ();
        memcpy ((guint8 *)&step + limits[i], &wrong[j], sizeof wrong[j]);
        g_assert_false (passes (&step, 2));
      }
  step = make_step ();
  g_assert_false (passes (&step, 1));
  g_assert_false (passes (&step, 3));
  step.step.descriptors |= 1u << RUNNER_N_DESCRIPTORS;
  g_assert_false (passes (&step, 3));
  step.step.descriptors = RUNNER_WITH_STDIN | RUNNER_WITH_STDOUT;
  g_assert_false (passes (&step, 2));
  step = make_step ();
  step.step.n_args = 0;
  g_assert_false (passes (&step, 2));
  step.step.n_args = RUNNER_MAX_ARGS + 1;
  g_assert_false (passes (&step, 2));
  step = make_step ();
  step.step.n_env = G_MAXUINT32;
  g_assert_false (passes (&step, 2));
  step = make_step ();
  step.head.serial = 0;
  g_assert_false (passes (&step, 2));
}

static void
test_ended (void)
{
  static const gsize figures[] = {
    offsetof (struct runner_ended, cpu_us),
    offsetof (struct runner_ended, wall_us),
    offsetof (struct runner_ended, memory_kib),
    offsetof (struct runner_ended, max_rss_kib),
  };
  static const gint64 wrong[] = { -1, G_MININT64, G_MAXINT64 };
  union runner_record ended;

  for (guint i = 0; i < G_N_ELEMENTS (figures); i++)
    for (guint j = 0; j < G_N_ELEMENTS (wrong); j++)
      {
        ended = make_ended ();
        memcpy ((guint8 *)&ended + figures[i], &wrong[j], sizeof wrong[j]);
        g_assert_false (passes (&ended, 0));
      }
  ended = make_ended ();
  ended.ended.end = RUNNER_N_ENDS;
  g_assert_false (passes (&ended, 0));
  ended = make_ended ();
  ended.ended.error = -1;
  g_assert_false (passes (&ended, 0));
}

static void
test_file_names (void)
{
  static const char *const fine[] = { "a", "a/b", "...", "..a", "a/..b", "-o", "é" };
  static const char *const wrong[]
      = { "", "/", "/a", ".", "..", "../a", "a/..", "a/./b", "a//b", "a/", "a/../b", "./a" };
  g_autofree char *longest = g_strnfill (RUNNER_NAME_SIZE - 1, 'a');
  g_autofree char *longer = g_strnfill (RUNNER_NAME_SIZE, 'a');
  union runner_record file;

  for (guint i = 0; i < G_N_ELEMENTS (fine); i++)
    {
      file = make_file (fine[i]);
      g_assert_true (passes (&file, 1));
      g_assert_false (passes (&file, 0));
    }
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      file = make_file (wrong[i]);
      g_assert_false (passes (&file, 1));
    }
  file = make_file (longest);
  g_assert_true (passes (&file, 1));
  file = make_file (longer);
  g_assert_false (passes (&file, 1));
}

static void
test_words (void)
{
  char words[] = "one\0\0three\0";
  char *into[4];

  g_assert_true (runner_words_split (words, 11, 3, into));
  g_assert_cmpstr (into[0], ==, "one");
  g_assert_cmpstr (into[1], ==, "");
  g_assert_cmpstr (into[2], ==, "three");
  g_assert_false (runner_words_split (words, 11, 2, into));
  g_assert_false (runner_words_split (words, 11, 4, into));
  g_assert_false (runner_words_split (words, 10, 3, into));
  g_assert_false (runner_words_split (words, 0, 1, into));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/runner/bounds", test_bounds);
  g_test_add_func ("/runner/valid", test_valid);
  g_test_add_func ("/runner/head", test_head);
  g_test_add_func ("/runner/step", test_step);
  g_test_add_func ("/runner/ended", test_ended);
  g_test_add_func ("/runner/file-names", test_file_names);
  g_test_add_func ("/runner/words", test_words);
  return g_test_run ();
}
