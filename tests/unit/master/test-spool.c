/* test-spool.c: what programs print is kept whole, within bounds, and read by offset
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "ruche-error.h"
#include "ruche-spool.h"

#include <glib/gstdio.h>
#include <string.h>

#define OUT RUCHE_STREAM_STDOUT
#define ERR RUCHE_STREAM_STDERR

static const RucheSpoolBounds wide = { 1 << 20, 1 << 20, 1 << 24, 1 << 25 };

typedef struct
{
  char *top;
  char *folder;
  RucheSpool *spool;
} Fixture;

static void
open_spool (Fixture *f, const RucheSpoolBounds *bounds)
{
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&f->spool, ruche_spool_free);
  f->spool = ruche_spool_new (f->folder, bounds, &error);
  g_assert_no_error (error);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  f->top = g_dir_make_tmp ("ruche-spool-XXXXXX", NULL);
  f->folder = g_build_filename (f->top, "spool", NULL);
  open_spool (f, &wide);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  open_spool (f, &wide); /* which empties the folder */
  ruche_spool_free (f->spool);
  g_assert_no_errno (g_rmdir (f->folder));
  g_assert_no_errno (g_rmdir (f->top));
  g_free (f->folder);
  g_free (f->top);
}

static void
add (Fixture *f, RucheAttemptId id, RucheStream stream, gint64 offset, const char *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  g_autoptr (GError) error = NULL;

  g_assert_true (ruche_spool_add (f->spool, &id, stream, offset, bytes, FALSE, &error));
  g_assert_no_error (error);
}

/* Adds so many bytes of a pattern that tells where each of them stands. */
static void
add_many (Fixture *f, RucheAttemptId id, RucheStream stream, gint64 offset, gsize size)
{
  g_autofree guint8 *data = g_malloc (size + 1);
  g_autoptr (GBytes) bytes = NULL;

  for (gsize i = 0; i < size; i++)
    data[i] = (guint8)((offset + (gint64)i) % 251 + (int)stream);
  bytes = g_bytes_new (data, size);
  g_assert_true (ruche_spool_add (f->spool, &id, stream, offset, bytes, FALSE, NULL));
}

static void
assert_many (Fixture *f, RucheAttemptId id, RucheStream stream, gint64 from, gint64 to, gsize step)
{
  while (from < to)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) bytes
          = ruche_spool_read (f->spool, &id, stream, from, MIN (step, (gsize)(to - from)), &error);
      gsize size;
      const guint8 *data;

      g_assert_no_error (error);
      data = g_bytes_get_data (bytes, &size);
      g_assert_cmpuint (size, >, 0);
      for (gsize i = 0; i < size; i++)
        g_assert_cmpuint (data[i], ==, (guint8)((from + (gint64)i) % 251 + (int)stream));
      from += (gint64)size;
    }
}

static char *
read_all (Fixture *f, RucheAttemptId id, RucheStream stream)
{
  GString *text = g_string_new (NULL);

  while (TRUE)
    {
      g_autoptr (GBytes) bytes
          = ruche_spool_read (f->spool, &id, stream, (gint64)text->len, 7, NULL);
      gsize size;
      const char *data = g_bytes_get_data (bytes, &size);
      if (size == 0)
        return g_string_free (text, FALSE);
      g_string_append_len (text, data, (gssize)size);
    }
}

static gint64
kept (Fixture *f, RucheAttemptId id, RucheStream stream)
{
  return ruche_spool_get_size (f->spool, &id, stream, NULL);
}

static void
test_streams_stay_apart (Fixture *f, gconstpointer data)
{
  const RucheAttemptId a = { 1, 0, 1 }, b = { 1, 0, 2 }, c = { 1, 1, 1 }, d = { 2, 0, 1 };
  const RucheAttemptId all[] = { a, b, c, d };
  gboolean ended;

  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    {
      g_autofree char *text = g_strdup_printf ("attempt %u", i);
      add (f, all[i], OUT, 0, text);
      add (f, all[i], ERR, 0, "err");
    }
  ruche_spool_end (f->spool, &b);
  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    {
      g_autofree char *text = g_strdup_printf ("attempt %u", i);
      g_autofree char *out = read_all (f, all[i], OUT);
      g_autofree char *err = read_all (f, all[i], ERR);
      g_assert_cmpstr (out, ==, text);
      g_assert_cmpstr (err, ==, "err");
      g_assert_cmpint (kept (f, all[i], RUCHE_STREAM_COMPILER), ==, 0);
      ruche_spool_get_size (f->spool, &all[i], OUT, &ended);
      g_assert_cmpint (ended, ==, i == 1);
    }
}

/* Pieces of two streams alternate in the file; reading crosses them, and the tail, at any offset.
 */
static void
test_read_by_offset (Fixture *f, gconstpointer data)
{
  const RucheAttemptId id = { 7, 3, 1 };
  gint64 size = 0;

  for (guint i = 1; i < 40; i++)
    {
      add_many (f, id, OUT, size, 997 * (i % 7));
      add_many (f, id, ERR, size, 997 * (i % 7));
      size += 997 * (i % 7);
    }
  g_assert_cmpint (kept (f, id, OUT), ==, size);
  for (gint64 from = 0; from < size; from += 1801)
    {
      assert_many (f, id, OUT, from, size, 65536);
      assert_many (f, id, ERR, from, MIN (from + 5000, size), 11);
    }
  ruche_spool_end (f->spool, &id);
  assert_many (f, id, OUT, 0, size, 4096);
  assert_many (f, id, ERR, 0, size, 4096);
  g_assert_cmpint (ruche_spool_get_kept (f->spool), ==, 2 * size);
}

static void
test_offsets (Fixture *f, gconstpointer data)
{
  const RucheAttemptId id = { 1, 0, 1 };
  g_autoptr (GBytes) late = g_bytes_new_static ("z", 1);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  add (f, id, OUT, 0, "one ");
  add (f, id, OUT, 0, "one ");   /* again, after a reconnection */
  add (f, id, OUT, 2, "e two "); /* half of it known */
  g_assert_false (ruche_spool_add (f->spool, &id, OUT, 9, late, FALSE, &error));
  g_assert_error (error, RUCHE_ERROR, RUCHE_ERROR_PROTOCOL);
  g_assert_true (ruche_spool_add (f->spool, &id, OUT, 8, NULL, TRUE, NULL));
  add (f, id, OUT, 8, "after the end");
  text = read_all (f, id, OUT);
  g_assert_cmpstr (text, ==, "one two ");
  for (gint64 offset = -1; offset < 20; offset += 9)
    {
      g_autoptr (GBytes) none = ruche_spool_read (f->spool, &id, OUT, offset, 5, NULL);
      g_assert_cmpuint (g_bytes_get_size (none), ==, 0);
    }
}

static void
test_bound_of_a_task (Fixture *f, gconstpointer data)
{
  const RucheSpoolBounds bounds = { 10000, 500, 1 << 20, 1 << 20 };
  const RucheAttemptId id = { 1, 0, 1 }, other = { 1, 1, 1 };

  open_spool (f, &bounds);
  add_many (f, id, OUT, 0, 6000);
  add_many (f, id, ERR, 0, 4000);
  g_assert_null (ruche_spool_get_trouble (f->spool, &id));
  add_many (f, id, RUCHE_STREAM_COMPILER, 0, 501);
  g_assert_cmpint (kept (f, id, RUCHE_STREAM_COMPILER), ==, 500);
  add_many (f, id, OUT, 6000, 1);
  add_many (f, id, OUT, 6001, 9000);
  g_assert_cmpint (kept (f, id, OUT), ==, 6000);
  g_assert_nonnull (strstr (ruche_spool_get_trouble (f->spool, &id), "task’s output"));
  assert_many (f, id, OUT, 0, 6000, 4096);
  add_many (f, other, OUT, 0, 10000);
  g_assert_null (ruche_spool_get_trouble (f->spool, &other));
}

static void
test_bound_of_a_job (Fixture *f, gconstpointer data)
{
  const RucheSpoolBounds bounds = { 10000, 500, 15000, 1 << 20 };
  const RucheAttemptId first = { 1, 0, 1 }, second = { 1, 1, 1 }, other = { 2, 0, 1 };

  open_spool (f, &bounds);
  add_many (f, first, OUT, 0, 10000);
  add_many (f, second, OUT, 0, 5001);
  g_assert_cmpint (kept (f, second, OUT), ==, 5000);
  g_assert_nonnull (strstr (ruche_spool_get_trouble (f->spool, &second), "job’s output"));
  add_many (f, other, OUT, 0, 10000);
  g_assert_null (ruche_spool_get_trouble (f->spool, &other));
}

/* What is forgotten makes room for others. */
static void
test_bound_of_all (Fixture *f, gconstpointer data)
{
  const RucheSpoolBounds bounds = { 10000, 500, 10000, 15000 };
  const RucheAttemptId first = { 1, 0, 1 }, second = { 2, 0, 1 }, third = { 3, 0, 1 };

  open_spool (f, &bounds);
  add_many (f, first, OUT, 0, 10000);
  add_many (f, second, OUT, 0, 5001);
  g_assert_cmpint (kept (f, second, OUT), ==, 5000);
  g_assert_nonnull (strstr (ruche_spool_get_trouble (f->spool, &second), "master keeps"));
  g_assert_cmpint (ruche_spool_get_kept (f->spool), ==, 15000);
  ruche_spool_forget (f->spool, 1);
  g_assert_cmpint (ruche_spool_get_kept (f->spool), ==, 5000);
  add_many (f, third, OUT, 0, 10000);
  g_assert_null (ruche_spool_get_trouble (f->spool, &third));
  assert_many (f, third, OUT, 0, 10000, 4096);
}

static void
test_forget (Fixture *f, gconstpointer data)
{
  const RucheAttemptId id = { 5, 0, 1 };
  g_autofree char *path = g_build_filename (f->folder, "5", NULL);

  add_many (f, id, OUT, 0, 20000);
  g_assert_true (g_file_test (path, G_FILE_TEST_IS_REGULAR));
  ruche_spool_forget (f->spool, 5);
  ruche_spool_forget (f->spool, 5);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  g_assert_cmpint (kept (f, id, OUT), ==, 0);
  g_assert_cmpint (ruche_spool_get_kept (f->spool), ==, 0);
}

/* More jobs print than files may be open at once. */
static void
test_many_jobs (Fixture *f, gconstpointer data)
{
  for (gint64 round = 0; round < 3; round++)
    for (gint64 job = 1; job <= 200; job++)
      add_many (f, (RucheAttemptId){ job, 0, 1 }, OUT, round * 5000, 5000);
  for (gint64 job = 1; job <= 200; job++)
    assert_many (f, (RucheAttemptId){ job, 0, 1 }, OUT, 0, 15000, 65536);
}

/* Where the disk takes no more the stream ends where it was, and others go on when it does. */
static void
test_broken_disk (Fixture *f, gconstpointer data)
{
  const RucheAttemptId id = { 9, 0, 1 }, other = { 10, 0, 1 };
  g_autofree char *path = g_build_filename (f->folder, "9", NULL);

  g_assert_no_errno (g_mkdir (path, 0700)); /* in the way of the job's file */
  add (f, id, OUT, 0, "seen");
  g_test_expect_message ("ruche", G_LOG_LEVEL_WARNING, "*can’t be used*");
  add_many (f, id, OUT, 4, 8000);
  g_test_assert_expected_messages ();
  g_assert_cmpint (kept (f, id, OUT), ==, 0);
  g_assert_cmpint (ruche_spool_get_kept (f->spool), ==, 0);
  g_assert_nonnull (strstr (ruche_spool_get_trouble (f->spool, &id), "cut off"));
  add_many (f, id, OUT, 8004, 8000);
  g_assert_cmpint (kept (f, id, OUT), ==, 0);
  add_many (f, other, OUT, 0, 8000);
  assert_many (f, other, OUT, 0, 8000, 4096);
  g_assert_no_errno (g_rmdir (path));
}

#define TEST(name, function) g_test_add ("/spool/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  TEST ("streams-stay-apart", test_streams_stay_apart);
  TEST ("read-by-offset", test_read_by_offset);
  TEST ("offsets", test_offsets);
  TEST ("bound-of-a-task", test_bound_of_a_task);
  TEST ("bound-of-a-job", test_bound_of_a_job);
  TEST ("bound-of-all", test_bound_of_all);
  TEST ("forget", test_forget);
  TEST ("many-jobs", test_many_jobs);
  TEST ("broken-disk", test_broken_disk);
  return g_test_run ();
}
