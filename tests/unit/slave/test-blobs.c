/* test-blobs.c: what is kept by its digest is what was sent, and never too much of it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-blobs.h"
#include "ruche-error.h"
#include "ruche-job.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

typedef struct
{
  char *folder;
  RucheBlobs *blobs;
} Fixture;

static void
remove_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);

  for (const char *name = g_dir_read_name (dir); name != NULL; name = g_dir_read_name (dir))
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_unlink (path);
    }
  g_rmdir (folder);
}

static void
open_blobs (Fixture *f, gint64 bound)
{
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&f->blobs, ruche_blobs_free);
  f->blobs = ruche_blobs_new (f->folder, bound, &error);
  g_assert_no_error (error);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  f->folder = g_dir_make_tmp ("ruche-blobs-XXXXXX", NULL);
  open_blobs (f, 1000);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  ruche_blobs_free (f->blobs);
  remove_folder (f->folder);
  g_free (f->folder);
}

static gboolean
put (Fixture *f, const char *digest, const char *bytes, gint64 offset, gint64 total, GError **error)
{
  RuchePut part = { (char *)digest, offset, total };
  g_autoptr (GBytes) payload = g_bytes_new (bytes, strlen (bytes));
  gboolean complete = FALSE;
  gboolean fine = ruche_blobs_put (f->blobs, &part, payload, &complete, error);

  if (fine)
    g_assert_cmpint (complete, ==, offset + (gint64)strlen (bytes) == total);
  return fine;
}

/* A blob of @size times one letter. */
static char *
put_letters (Fixture *f, char letter, gsize size)
{
  g_autofree char *bytes = g_strnfill (size, letter);
  char *digest = ruche_blob_digest (bytes, size);
  g_autoptr (GError) error = NULL;

  g_assert_true (put (f, digest, bytes, 0, (gint64)size, &error));
  g_assert_no_error (error);
  return digest;
}

static guint
count_files (Fixture *f)
{
  g_autoptr (GDir) dir = g_dir_open (f->folder, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static void
assert_reads (int fd, const char *text)
{
  char buffer[64] = { 0 };

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (read (fd, buffer, sizeof buffer - 1), ==, (gssize)strlen (text));
  g_assert_cmpstr (buffer, ==, text);
  close (fd);
}

static void
test_parts (Fixture *f, gconstpointer data)
{
  g_autofree char *digest = ruche_blob_digest ("hello", 5);
  g_autoptr (GError) error = NULL;

  g_assert_false (ruche_blobs_hold (f->blobs, digest));
  g_assert_true (put (f, digest, "he", 0, 5, &error));
  g_assert_false (ruche_blobs_hold (f->blobs, digest));
  g_assert_true (put (f, digest, "llo", 2, 5, &error));
  g_assert_true (ruche_blobs_hold (f->blobs, digest));
  assert_reads (ruche_blobs_open (f->blobs, digest, &error), "hello");
  g_assert_cmpint (ruche_blobs_get_size (f->blobs), ==, 5);
}

static void
test_empty (Fixture *f, gconstpointer data)
{
  g_autofree char *digest = ruche_blob_digest ("", 0);
  g_autoptr (GError) error = NULL;

  g_assert_true (put (f, digest, "", 0, 0, &error));
  g_assert_true (ruche_blobs_hold (f->blobs, digest));
  assert_reads (ruche_blobs_open (f->blobs, digest, &error), "");
  assert_reads (ruche_blobs_open_copy (f->blobs, digest, &error), "");
}

static void
test_lies (Fixture *f, gconstpointer data)
{
  g_autofree char *digest = ruche_blob_digest ("hello", 5);
  static const struct
  {
    const char *bytes;
    gint64 offset;
    gint64 total;
  } lies[] = { { "jello", 0, 5 }, { "hello!", 0, 5 }, { "lo", 3, 5 }, { "", 0, 5 } };

  for (guint i = 0; i < G_N_ELEMENTS (lies); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_false (put (f, digest, lies[i].bytes, lies[i].offset, lies[i].total, &error));
      g_assert_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID);
      g_assert_false (ruche_blobs_hold (f->blobs, digest));
      g_assert_cmpuint (count_files (f), ==, 0);
    }
  g_autoptr (GError) error = NULL;
  g_assert_true (put (f, digest, "he", 0, 5, &error));
  g_assert_false (put (f, digest, "lo", 3, 5, &error));
  g_clear_error (&error);
  g_assert_true (put (f, digest, "he", 0, 5, &error));
  g_assert_false (put (f, digest, "llo", 2, 6, &error));
  g_assert_cmpuint (count_files (f), ==, 0);
}

static void
test_lost_connection (Fixture *f, gconstpointer data)
{
  g_autofree char *digest = ruche_blob_digest ("hello", 5);
  g_autoptr (GError) error = NULL;

  g_assert_true (put (f, digest, "he", 0, 5, &error));
  ruche_blobs_drop_parts (f->blobs);
  g_assert_cmpuint (count_files (f), ==, 0);
  g_assert_true (put (f, digest, "hello", 0, 5, &error));
  g_assert_true (ruche_blobs_hold (f->blobs, digest));
}

static void
test_bound (Fixture *f, gconstpointer data)
{
  g_autofree char *a = put_letters (f, 'a', 400);
  g_autofree char *b = put_letters (f, 'b', 400);

  g_assert_true (ruche_blobs_hold (f->blobs, a));
  ruche_blobs_release (f->blobs, a);
  g_autofree char *c = put_letters (f, 'c', 400);
  g_assert_cmpint (ruche_blobs_get_size (f->blobs), ==, 800);
  g_assert_false (ruche_blobs_hold (f->blobs, b));
  g_assert_true (ruche_blobs_hold (f->blobs, a));
  g_assert_true (ruche_blobs_hold (f->blobs, c));

  /* What is held stays, whatever comes. */
  g_autofree char *d = put_letters (f, 'd', 400);
  g_assert_true (ruche_blobs_hold (f->blobs, d));
  g_assert_cmpint (ruche_blobs_get_size (f->blobs), ==, 1200);
  ruche_blobs_release (f->blobs, c);
  g_assert_cmpint (ruche_blobs_get_size (f->blobs), ==, 800);
  g_assert_cmpuint (count_files (f), ==, 2);
}

static void
test_restart (Fixture *f, gconstpointer data)
{
  g_autofree char *good = put_letters (f, 'g', 10);
  g_autofree char *bad = put_letters (f, 'x', 10);
  g_autofree char *bad_path = g_build_filename (f->folder, bad, NULL);
  g_autofree char *junk = g_build_filename (f->folder, "junk", NULL);

  g_unlink (bad_path);
  g_assert_true (g_file_set_contents (bad_path, "something else", -1, NULL));
  g_assert_true (g_file_set_contents (junk, "junk", -1, NULL));
  open_blobs (f, 1000);
  g_assert_false (g_file_test (junk, G_FILE_TEST_EXISTS));
  g_assert_true (ruche_blobs_hold (f->blobs, good));
  g_assert_false (ruche_blobs_hold (f->blobs, bad));
  g_assert_false (g_file_test (bad_path, G_FILE_TEST_EXISTS));
  g_assert_cmpint (ruche_blobs_get_size (f->blobs), ==, 10);
}

/* A program that is given its input must not be able to change it for the next. */
static void
test_copy_is_sealed (Fixture *f, gconstpointer data)
{
  g_autofree char *digest = put_letters (f, 'a', 5);
  g_autoptr (GError) error = NULL;

  g_assert_true (ruche_blobs_hold (f->blobs, digest));
  int fd = ruche_blobs_open_copy (f->blobs, digest, &error);
  g_assert_no_error (error);
  g_assert_cmpint (pwrite (fd, "b", 1, 0), ==, -1);
  g_assert_cmpint (errno, ==, EPERM);
  g_assert_cmpint (ftruncate (fd, 0), ==, -1);
  assert_reads (fd, "aaaaa");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func) g_test_add ("/blobs/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("parts", test_parts);
  ADD ("empty", test_empty);
  ADD ("lies", test_lies);
  ADD ("lost-connection", test_lost_connection);
  ADD ("bound", test_bound);
  ADD ("restart", test_restart);
  ADD ("copy-is-sealed", test_copy_is_sealed);
  return g_test_run ();
}
