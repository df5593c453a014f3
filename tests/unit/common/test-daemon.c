/* test-daemon.c: the folders and the identity of a daemon
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "ruche-daemon.h"
#include "ruche-error.h"

#include <glib/gstdio.h>
#include <sys/stat.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static char *
scratch (void)
{
  g_autoptr (GError) error = NULL;
  char *path = g_dir_make_tmp ("ruche-test-XXXXXX", &error);

  g_assert_no_error (error);
  return path;
}

static guint
mode_of (const char *path)
{
  struct stat st;

  g_assert_cmpint (stat (path, &st), ==, 0);
  return st.st_mode & 07777;
}

static void
test_make (void)
{
  g_autofree char *top = scratch ();
  g_autofree char *path = g_build_filename (top, "a", "b", NULL);
  g_autofree char *above = g_build_filename (top, "a", NULL);
  g_autofree char *inside = g_build_filename (path, "x", NULL);
  g_autoptr (GError) error = NULL;
  RucheIdentity identity = { 0 };
  struct stat st;

  g_assert_true (ruche_daemon_find_identity (NULL, &identity, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (identity.uid, !=, 0);
  g_assert_true (ruche_daemon_make_dir (path, &identity, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (mode_of (path), ==, 0700);
  g_assert_cmpint (stat (path, &st), ==, 0);
  g_assert_cmpuint (st.st_uid, ==, identity.uid);
  g_assert_true (ruche_daemon_make_dir (path, &identity, &error));

  /* Empty and open: closed. Open and in use by somebody: refused. */
  g_assert_cmpint (g_chmod (path, 0755), ==, 0);
  g_assert_true (ruche_daemon_make_dir (path, &identity, &error));
  g_assert_cmpuint (mode_of (path), ==, 0700);
  g_assert_true (g_file_set_contents (inside, "", 0, NULL));
  g_assert_true (ruche_daemon_make_dir (path, &identity, &error));
  g_assert_cmpint (g_chmod (path, 0755), ==, 0);
  g_assert_false (ruche_daemon_make_dir (path, &identity, &error));
  g_assert_error (error, RUCHE_ERROR, RUCHE_ERROR_DENIED);
  g_assert_cmpuint (mode_of (path), ==, 0755);

  g_unlink (inside);
  g_rmdir (path);
  g_rmdir (above);
  g_rmdir (top);
  ruche_identity_clear (&identity);
}

static void
test_no_links (void)
{
  g_autofree char *top = scratch ();
  g_autofree char *target = g_build_filename (top, "target", NULL);
  g_autofree char *link = g_build_filename (top, "link", NULL);
  g_autofree char *file = g_build_filename (top, "file", NULL);
  g_autoptr (GError) error = NULL;
  RucheIdentity identity = { 0 };

  g_assert_true (ruche_daemon_find_identity (NULL, &identity, NULL));
  g_assert_cmpint (g_mkdir (target, 0700), ==, 0);
  g_assert_cmpint (symlink (target, link), ==, 0);
  g_assert_false (ruche_daemon_make_dir (link, &identity, &error));
  g_assert_error (error, RUCHE_ERROR, RUCHE_ERROR_FAILED);
  g_clear_error (&error);
  g_assert_true (g_file_set_contents (file, "x", 1, NULL));
  g_assert_false (ruche_daemon_make_dir (file, &identity, &error));
  g_assert_error (error, RUCHE_ERROR, RUCHE_ERROR_FAILED);

  g_unlink (link);
  g_unlink (file);
  g_rmdir (target);
  g_rmdir (top);
  ruche_identity_clear (&identity);
}

static void
test_unknown_user (void)
{
  g_autoptr (GError) error = NULL;
  RucheIdentity identity = { 0 };

  g_assert_false (ruche_daemon_find_identity ("no-such-user-here", &identity, &error));
  g_assert_true (g_error_matches (error, RUCHE_ERROR, RUCHE_ERROR_NOT_FOUND)
                 || g_error_matches (error, RUCHE_ERROR, RUCHE_ERROR_DENIED));
  g_clear_error (&error);
  g_assert_false (geteuid () == 0 && ruche_daemon_find_identity ("root", &identity, &error));
}

/* In a child, as there is no way back. */
static void
test_drop (void)
{
  RucheIdentity identity = { 0 };
  int status = 0;
  pid_t child;

  g_assert_true (ruche_daemon_find_identity (NULL, &identity, NULL));
  child = fork ();
  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    _exit (ruche_daemon_drop_root (&identity, NULL) && getuid () == identity.uid
                   && geteuid () == identity.uid && getegid () == identity.gid
                   && (identity.uid == 0 || seteuid (0) != 0)
               ? 0
               : 1);
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status) && WEXITSTATUS (status) == 0);
  ruche_identity_clear (&identity);
}

static void
test_open_files (void)
{
  struct rlimit before, after;

  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &before), ==, 0);
  before.rlim_cur = 64;
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &before), ==, 0);
  ruche_daemon_raise_open_files ();
  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &after), ==, 0);
  g_assert_cmpuint (after.rlim_cur, ==, before.rlim_max);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/daemon/make-dir", test_make);
  g_test_add_func ("/daemon/no-links", test_no_links);
  g_test_add_func ("/daemon/unknown-user", test_unknown_user);
  g_test_add_func ("/daemon/drop", test_drop);
  g_test_add_func ("/daemon/open-files", test_open_files);
  return g_test_run ();
}
