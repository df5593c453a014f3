/* test-blob-store.c: a file is what its digest says, and stays as long as somebody needs it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "ruche-blob-store.h"
#include "ruche-error.h"
#include "ruche-files.h"

#include <glib/gstdio.h>
#include <string.h>

typedef struct
{
  char *top;
  char *folder;
  RucheBlobStore *store;
} Fixture;

static void
open_store (Fixture *f, gint64 max_bytes)
{
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&f->store, ruche_blob_store_free);
  f->store = ruche_blob_store_new (f->folder, max_bytes, &error);
  g_assert_no_error (error);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  f->top = g_dir_make_tmp ("ruche-blob-store-XXXXXX", NULL);
  f->folder = g_build_filename (f->top, "blobs", NULL);
  open_store (f, 1000);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  ruche_blob_store_free (f->store);
  g_assert_true (ruche_files_make_empty_dir (f->folder, NULL));
  g_assert_no_errno (g_rmdir (f->folder));
  g_assert_no_errno (g_rmdir (f->top));
  g_free (f->folder);
  g_free (f->top);
}

static char *
digest_of (char fill, gsize size)
{
  g_autofree char *text = g_strnfill (size, fill);

  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, (gssize)size);
}

static gboolean
add_part (RucheBlobWriter *writer, gint64 offset, char fill, gsize size, gboolean *complete)
{
  g_autofree char *text = g_strnfill (size, fill);
  g_autoptr (GBytes) part = g_bytes_new (text, size);
  g_autoptr (GError) error = NULL;

  if (ruche_blob_writer_add (writer, offset, part, complete, &error))
    return TRUE;
  g_assert_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID);
  g_assert_false (*complete);
  return FALSE;
}

/* Puts a blob of one repeated letter; gives its digest. */
static char *
put (Fixture *f, char fill, gsize size)
{
  char *digest = digest_of (fill, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (RucheBlobWriter) writer
      = ruche_blob_writer_new (f->store, digest, (gint64)size, &error);
  gboolean complete;

  g_assert_no_error (error);
  g_assert_true (add_part (writer, 0, fill, size, &complete));
  g_assert_true (complete);
  g_assert_true (ruche_blob_store_has (f->store, digest));
  return digest;
}

static guint
count_files (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  guint n = 0;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      n += g_file_test (path, G_FILE_TEST_IS_DIR) ? count_files (path) : 1;
    }
  return n;
}

static void
test_parts (Fixture *f, gconstpointer data)
{
  g_autofree char *digest = digest_of ('a', 300);
  g_autoptr (RucheBlobWriter) writer = ruche_blob_writer_new (f->store, digest, 300, NULL);
  g_autoptr (GBytes) middle = NULL, last = NULL;
  g_autoptr (GError) error = NULL;
  gint64 total;
  gboolean complete;

  g_assert_cmpint (ruche_blob_store_get_size (f->store), ==, 300);
  for (gint64 offset = 0; offset < 300; offset += 100)
    {
      g_assert_false (ruche_blob_store_has (f->store, digest));
      g_assert_true (add_part (writer, offset, 'a', 100, &complete));
      g_assert_cmpint (complete, ==, offset == 200);
    }
  g_assert_cmpint (ruche_blob_store_get_size (f->store), ==, 300);
  middle = ruche_blob_store_read (f->store, digest, 50, 100, &total, &error);
  g_assert_cmpmem ("aaaa", 4, g_bytes_get_data (middle, NULL), 4);
  g_assert_cmpuint (g_bytes_get_size (middle), ==, 100);
  g_assert_cmpint (total, ==, 300);
  last = ruche_blob_store_read (f->store, digest, 290, 100, &total, &error);
  g_assert_cmpuint (g_bytes_get_size (last), ==, 10);
  g_assert_null (ruche_blob_store_read (f->store, digest, 301, 1, &total, &error));
  g_assert_error (error, RUCHE_ERROR, RUCHE_ERROR_NOT_FOUND);
}

static void
test_empty_blob (Fixture *f, gconstpointer data)
{
  g_autofree char *digest = digest_of ('a', 0);
  g_autoptr (GBytes) bytes = NULL;
  gint64 total = -1;

  g_assert_true (ruche_blob_store_has (f->store, digest));
  bytes = ruche_blob_store_read (f->store, digest, 0, 10, &total, NULL);
  g_assert_cmpuint (g_bytes_get_size (bytes), ==, 0);
  g_assert_cmpint (total, ==, 0);
}

/* Each ends in an error and leaves nothing behind. */
static void
test_wrong_parts (Fixture *f, gconstpointer data)
{
  const struct
  {
    gint64 first;
    gint64 second;
    gsize size;
    char fill;
  } cases[] = {
    { 1, 0, 50, 'b' },  /* does not begin at the beginning */
    { 0, 51, 49, 'b' }, /* leaves a byte out */
    { 0, 49, 50, 'b' }, /* comes twice */
    { 0, 50, 51, 'b' }, /* more than was announced */
    { 0, 50, 50, 'c' }, /* another digest */
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *digest = digest_of ('b', 100);
      g_autoptr (RucheBlobWriter) writer = ruche_blob_writer_new (f->store, digest, 100, NULL);
      gboolean complete;

      g_assert_false (
          add_part (writer, cases[i].first, 'b', 50, &complete)
          && add_part (writer, cases[i].second, cases[i].fill, cases[i].size, &complete));
      g_clear_pointer (&writer, ruche_blob_writer_free);
      g_assert_false (ruche_blob_store_has (f->store, digest));
      g_assert_cmpint (ruche_blob_store_get_size (f->store), ==, 0);
      g_assert_cmpuint (count_files (f->folder), ==, 1); /* the empty one */
    }
}

static void
test_eviction (Fixture *f, gconstpointer data)
{
  g_autofree char *a = put (f, 'a', 400), *b = put (f, 'b', 400), *c = NULL, *d = NULL;
  g_autoptr (GError) error = NULL;

  /* Used again, the older one is the younger. */
  ruche_blob_store_hold (f->store, a);
  ruche_blob_store_release (f->store, a);
  c = put (f, 'c', 400);
  g_assert_true (ruche_blob_store_has (f->store, a));
  g_assert_false (ruche_blob_store_has (f->store, b));
  g_assert_cmpuint (count_files (f->folder), ==, 3);
  /* What is held stays, and what does not fit beside it is refused. */
  ruche_blob_store_hold (f->store, a);
  ruche_blob_store_hold (f->store, a);
  ruche_blob_store_hold (f->store, c);
  ruche_blob_store_release (f->store, a);
  g_assert_null (ruche_blob_writer_new (f->store, b, 400, &error));
  g_assert_error (error, RUCHE_ERROR, RUCHE_ERROR_NO_SPACE);
  g_assert_true (ruche_blob_store_has (f->store, a));
  ruche_blob_store_release (f->store, a);
  d = put (f, 'd', 600);
  g_assert_false (ruche_blob_store_has (f->store, a));
  g_assert_true (ruche_blob_store_has (f->store, c));
  g_assert_cmpint (ruche_blob_store_get_size (f->store), ==, 1000);
  ruche_blob_store_release (f->store, c);
}

/* Held before it is there, as a submission does. */
static void
test_held_in_advance (Fixture *f, gconstpointer data)
{
  g_autofree char *digest = digest_of ('a', 600);
  g_autofree char *same = NULL;
  g_autoptr (GError) error = NULL;

  ruche_blob_store_hold (f->store, digest);
  g_assert_false (ruche_blob_store_has (f->store, digest));
  same = put (f, 'a', 600);
  g_assert_cmpstr (same, ==, digest);
  g_assert_null (ruche_blob_writer_new (f->store, digest, 600, &error));
  g_assert_error (error, RUCHE_ERROR, RUCHE_ERROR_NO_SPACE);
  ruche_blob_store_release (f->store, digest);
  g_free (put (f, 'b', 600));
  g_assert_false (ruche_blob_store_has (f->store, digest));
}

static void
test_two_writers (Fixture *f, gconstpointer data)
{
  g_autofree char *digest = digest_of ('a', 100);
  g_autoptr (RucheBlobWriter) one = ruche_blob_writer_new (f->store, digest, 100, NULL);
  g_autoptr (RucheBlobWriter) two = ruche_blob_writer_new (f->store, digest, 100, NULL);
  gboolean complete;

  g_assert_true (add_part (one, 0, 'a', 100, &complete) && complete);
  g_assert_true (add_part (two, 0, 'a', 100, &complete) && complete);
  g_clear_pointer (&one, ruche_blob_writer_free);
  g_clear_pointer (&two, ruche_blob_writer_free);
  g_assert_true (ruche_blob_store_has (f->store, digest));
  g_assert_cmpint (ruche_blob_store_get_size (f->store), ==, 100);
  g_assert_cmpuint (count_files (f->folder), ==, 2);
}

static void
test_nothing_outlives_the_master (Fixture *f, gconstpointer data)
{
  g_autofree char *digest = put (f, 'a', 100);

  open_store (f, 1000);
  g_assert_false (ruche_blob_store_has (f->store, digest));
  g_assert_cmpuint (count_files (f->folder), ==, 1);
}

#define TEST(name, function)                                                                       \
  g_test_add ("/blob-store/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  TEST ("parts", test_parts);
  TEST ("empty-blob", test_empty_blob);
  TEST ("wrong-parts", test_wrong_parts);
  TEST ("eviction", test_eviction);
  TEST ("held-in-advance", test_held_in_advance);
  TEST ("two-writers", test_two_writers);
  TEST ("nothing-outlives-the-master", test_nothing_outlives_the_master);
  return g_test_run ();
}
