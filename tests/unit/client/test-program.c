/* test-program.c: from files on disk to a submission
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "ruche-bounds.h"
#include "ruche-error.h"
#include "ruche-program.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct
{
  char *top;
  RucheSubmission *submission;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  f->top = g_dir_make_tmp ("ruche-program-XXXXXX", NULL);
  f->submission = ruche_submission_new (RUCHE_JOB_PROGRAM, "test");
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);
      remove_tree (child);
    }
  g_remove (path);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  remove_tree (f->top);
  g_free (f->top);
  ruche_submission_free (f->submission);
}

static char *
write_file (Fixture *f, const char *name, const char *text, gssize size)
{
  char *path = g_build_filename (f->top, name, NULL);
  g_autofree char *folder = g_path_get_dirname (path);

  g_mkdir_with_parents (folder, 0700);
  g_assert_true (g_file_set_contents (path, text, size, NULL));
  return path;
}

static const RucheFile *
file_at (Fixture *f, guint i)
{
  g_assert_cmpuint (i, <, f->submission->spec->files->len);
  return g_ptr_array_index (f->submission->spec->files, i);
}

static void
assert_refused (Fixture *f, const char *path, int code, const char *part)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (ruche_program_add_path (f->submission, path, &error));
  g_assert_error (error, RUCHE_ERROR, code);
  g_assert_nonnull (strstr (error->message, part));
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  g_assert_null (strchr (error->message, '\n'));
  g_assert_cmpuint (f->submission->spec->files->len, ==, 0);
}

static void
test_fine_names (Fixture *f, gconstpointer data)
{
  static const char *const names[]
      = { "a.c", "mon programme é.py", "tab?.c", "日本.py", "a'b\"c.py" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = write_file (f, names[i], names[i], -1);
      g_autoptr (GError) error = NULL;
      GBytes *bytes;
      g_assert_true (ruche_program_add_path (f->submission, path, &error));
      g_assert_no_error (error);
      g_assert_cmpstr (file_at (f, i)->name, ==, names[i]);
      bytes = g_hash_table_lookup (f->submission->blobs, file_at (f, i)->blob);
      g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), names[i],
                       strlen (names[i]));
    }
}

static void
test_refused_names (Fixture *f, gconstpointer data)
{
  static const char *const names[] = { "a\nb.c", "-o.c", "\xff.c", "bell\a.c" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = write_file (f, names[i], "x", -1);
      assert_refused (f, path, RUCHE_ERROR_INVALID, "can’t be the name of a file");
    }
}

static void
test_no_such_file (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->top, "none.c", NULL);
  g_autofree char *below = NULL;
  g_autofree char *odd = g_build_filename (f->top, "no\nne.c", NULL);
  g_autofree char *file = write_file (f, "file", "x", -1);

  below = g_build_filename (file, "a.c", NULL);
  assert_refused (f, path, RUCHE_ERROR_NOT_FOUND, "there is no file");
  assert_refused (f, below, RUCHE_ERROR_NOT_FOUND, "there is no file");
  assert_refused (f, odd, RUCHE_ERROR_NOT_FOUND, "no?ne.c");
  assert_refused (f, "", RUCHE_ERROR_NOT_FOUND, "there is no file");
}

static void
test_not_a_file (Fixture *f, gconstpointer data)
{
  g_autofree char *fifo = g_build_filename (f->top, "fifo.c", NULL);

  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  assert_refused (f, f->top, RUCHE_ERROR_INVALID, "is a folder");
  assert_refused (f, "..", RUCHE_ERROR_INVALID, "is a folder");
  assert_refused (f, fifo, RUCHE_ERROR_INVALID, "no ordinary file");
  assert_refused (f, "/dev/zero", RUCHE_ERROR_INVALID, "no ordinary file");
}

static void
test_unreadable (Fixture *f, gconstpointer data)
{
  g_autofree char *path = write_file (f, "secret.c", "x", -1);

  g_assert_cmpint (chmod (path, 0), ==, 0);
  /* Root may read everything: as somebody else, then. */
  if (geteuid () == 0)
    {
      g_assert_cmpint (chmod (f->top, 0755), ==, 0);
      g_assert_cmpint (seteuid (65534), ==, 0);
    }
  assert_refused (f, path, RUCHE_ERROR_DENIED, "you may not read");
  if (getuid () == 0)
    g_assert_cmpint (seteuid (0), ==, 0);
}

static void
test_sizes (Fixture *f, gconstpointer data)
{
  g_autofree char *zeros = g_malloc0 (RUCHE_MAX_PROGRAM_SIZE + 1);
  g_autofree char *most = write_file (f, "most.c", zeros, RUCHE_MAX_PROGRAM_SIZE);
  g_autofree char *more = write_file (f, "more.c", zeros, RUCHE_MAX_PROGRAM_SIZE + 1);
  g_autofree char *one = write_file (f, "one.c", "x", 1);
  g_autofree char *none = write_file (f, "none.c", "", 0);
  g_autoptr (GError) error = NULL;

  assert_refused (f, more, RUCHE_ERROR_TOO_LARGE, "8 MiB");
  g_assert_true (ruche_program_add_path (f->submission, most, NULL));
  g_assert_true (ruche_program_add_path (f->submission, none, NULL));
  g_assert_false (ruche_program_add_path (f->submission, one, &error));
  g_assert_error (error, RUCHE_ERROR, RUCHE_ERROR_TOO_LARGE);
  g_assert_cmpint (file_at (f, 0)->size, ==, RUCHE_MAX_PROGRAM_SIZE);
  g_assert_cmpint (file_at (f, 1)->size, ==, 0);
}

/* A 100 GB file must be refused by its size, not read. */
static void
test_sparse (Fixture *f, gconstpointer data)
{
  g_autofree char *path = write_file (f, "sparse.c", "", 0);

  g_assert_cmpint (truncate (path, 100LL << 30), ==, 0);
  assert_refused (f, path, RUCHE_ERROR_TOO_LARGE, "8 MiB");
}

static void
test_common_folder (Fixture *f, gconstpointer data)
{
  static const struct
  {
    const char *paths[4];
    const char *names[4];
  } cases[] = {
    { { "src/a.c", "src/b.c" }, { "a.c", "b.c" } },
    { { "src/main.c", "src/lib/list.c" }, { "main.c", "lib/list.c" } },
    { { "src/lib/list.c", "src/main.c" }, { "lib/list.c", "main.c" } },
    { { "ab/x.c", "abc/x.c" }, { "ab/x.c", "abc/x.c" } },
    { { "src/./lib/../a.c", "./src/b.c" }, { "a.c", "b.c" } },
    { { "src/deep/er/one.c" }, { "one.c" } },
    { { "p/a.c", "p/q/b.c", "p/q/r/c.c" }, { "a.c", "q/b.c", "q/r/c.c" } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (RucheSubmission) submission = ruche_submission_new (RUCHE_JOB_PROGRAM, "x");
      g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
      g_autoptr (GError) error = NULL;
      guint n = 0;
      for (; n < 4 && cases[i].paths[n] != NULL; n++)
        g_ptr_array_add (paths, write_file (f, cases[i].paths[n], "x", -1));
      g_ptr_array_add (paths, NULL);
      g_assert_true (
          ruche_program_add_paths (submission, (const char *const *)paths->pdata, &error));
      g_assert_no_error (error);
      g_assert_cmpuint (submission->spec->files->len, ==, n);
      for (guint j = 0; j < n; j++)
        g_assert_cmpstr (((RucheFile *)submission->spec->files->pdata[j])->name, ==,
                         cases[i].names[j]);
    }
}

static void
test_given_twice (Fixture *f, gconstpointer data)
{
  g_autofree char *path = write_file (f, "a.c", "x", -1);
  g_autofree char *same = g_build_filename (f->top, ".", "a.c", NULL);
  const char *const paths[] = { path, same, NULL };
  g_autoptr (GError) error = NULL;

  g_assert_false (ruche_program_add_paths (f->submission, paths, &error));
  g_assert_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID);
  g_assert_nonnull (strstr (error->message, "twice"));
}

static RucheToolchain *
toolchain (const char *language, const char *suffix, const char *pattern)
{
  const char *suffixes[] = { suffix, NULL };
  RucheToolchain *made = ruche_toolchain_new ();

  made->language = g_strdup (language);
  made->name = g_strdup (language);
  made->suffixes = g_strdupv ((char **)suffixes);
  made->main_pattern = g_strdup (pattern);
  return made;
}

static GPtrArray *
toolchains (void)
{
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify)ruche_toolchain_free);

  g_ptr_array_add (list, toolchain ("c", "c", "\\bmain\\s*\\("));
  g_ptr_array_add (list, toolchain ("python", "py", NULL));
  return list;
}

static void
add_text (Fixture *f, const char *name, const char *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));

  ruche_submission_add_file (f->submission, name, bytes);
}

static void
test_resolve (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) offered = toolchains ();
  g_autoptr (GError) error = NULL;

  add_text (f, "data.csv", "1,2\n");
  add_text (f, "list.c", "int list;\n");
  add_text (f, "main.c", "int main (void) { return 0; }\n");
  g_assert_true (ruche_program_resolve (f->submission, offered, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (f->submission->spec->language, ==, "c");
  g_assert_cmpstr (f->submission->spec->main, ==, "main.c");
}

static void
test_resolve_forced (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) offered = toolchains ();
  g_autoptr (GError) error = NULL;

  add_text (f, "program.txt", "print(1)\n");
  g_assert_false (ruche_program_resolve (f->submission, offered, &error));
  g_assert_error (error, RUCHE_ERROR, RUCHE_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "--language"));
  g_clear_error (&error);
  f->submission->spec->language = g_strdup ("python");
  g_assert_true (ruche_program_resolve (f->submission, offered, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (f->submission->spec->main, ==, "program.txt");
}

static void
test_resolve_refused (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) offered = toolchains ();
  g_autoptr (GPtrArray) nothing = g_ptr_array_new ();
  g_autoptr (GBytes) binary = g_bytes_new_static ("\x7f"
                                                  "ELF\0\1",
                                                  6);
  g_autoptr (GBytes) empty = g_bytes_new_static ("", 0);
  GBytes *const contents[] = { binary, empty };
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (contents); i++)
    {
      g_autoptr (RucheSubmission) submission = ruche_submission_new (RUCHE_JOB_PROGRAM, "x");
      g_autoptr (GError) why = NULL;
      ruche_submission_add_file (submission, "a.py", contents[i]);
      g_assert_false (ruche_program_resolve (submission, offered, &why));
      g_assert_error (why, RUCHE_ERROR, RUCHE_ERROR_INVALID);
      g_assert_nonnull (strstr (why->message, "a.py"));
    }
  add_text (f, "a.py", "print(1)\n");
  g_assert_false (ruche_program_resolve (f->submission, nothing, &error));
  g_assert_error (error, RUCHE_ERROR, RUCHE_ERROR_UNAVAILABLE);
}

/* A file without a byte is a program's right, as long as it is not the one to start with. */
static void
test_resolve_empty_part (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) offered = toolchains ();
  g_autoptr (GError) error = NULL;

  add_text (f, "main.c", "int main (void) { return 0; }\n");
  add_text (f, "empty.c", "");
  g_assert_true (ruche_program_resolve (f->submission, offered, &error));
  g_assert_no_error (error);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    void (*test) (Fixture *f, gconstpointer data);
  } tests[] = {
    { "fine-names", test_fine_names },
    { "refused-names", test_refused_names },
    { "no-such-file", test_no_such_file },
    { "not-a-file", test_not_a_file },
    { "unreadable", test_unreadable },
    { "sizes", test_sizes },
    { "sparse", test_sparse },
    { "common-folder", test_common_folder },
    { "given-twice", test_given_twice },
    { "resolve", test_resolve },
    { "resolve-forced", test_resolve_forced },
    { "resolve-refused", test_resolve_refused },
    { "resolve-empty-part", test_resolve_empty_part },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strconcat ("/program/", tests[i].name, NULL);
      g_test_add (path, Fixture, NULL, set_up, tests[i].test, tear_down);
    }
  return g_test_run ();
}
