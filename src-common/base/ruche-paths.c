/* ruche-paths.c: where Ruche keeps its things
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A local cluster lives in two folders of its user: one for the socket and the process numbers,
 * gone at logout, and one for what must stay. Programs started from a build tree find each other
 * through RUCHE_BUILD_DIR and RUCHE_SOURCE_DIR, which `./dev` sets; installed ones need neither.
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-paths.h"

#include <gio/gio.h>
#include <unistd.h>

static char *
from_environment (const char *variable)
{
  const char *value = g_getenv (variable);

  return value != NULL && g_path_is_absolute (value) ? g_strdup (value) : NULL;
}

/**
 * ruche_paths_runtime_dir:
 *
 * Names the folder of the local cluster's socket and process numbers: $RUCHE_RUNTIME_DIR, else
 * $XDG_RUNTIME_DIR/ruche, else /run/ruche-local for root and /tmp/ruche-UID for others.
 *
 * Returns: (transfer full): an absolute path; the folder may not exist yet
 */
char *
ruche_paths_runtime_dir (void)
{
  char *named = from_environment ("RUCHE_RUNTIME_DIR");
  const char *xdg = g_getenv ("XDG_RUNTIME_DIR");

  if (named != NULL)
    return named;
  if (geteuid () == 0)
    return g_strdup ("/run/ruche-local");
  if (xdg != NULL && g_path_is_absolute (xdg) && g_file_test (xdg, G_FILE_TEST_IS_DIR))
    return g_build_filename (xdg, "ruche", NULL);
  return g_strdup_printf ("/tmp/ruche-%u", (guint)geteuid ());
}

/**
 * ruche_paths_state_dir:
 *
 * Names the folder of the local cluster's blobs, outputs and caches: $RUCHE_STATE_DIR, else
 * /var/lib/ruche-local for root and $XDG_STATE_HOME/ruche for others.
 *
 * Returns: (transfer full): an absolute path; the folder may not exist yet
 */
char *
ruche_paths_state_dir (void)
{
  char *named = from_environment ("RUCHE_STATE_DIR");

  if (named != NULL)
    return named;
  if (geteuid () == 0)
    return g_strdup ("/var/lib/ruche-local");
  return g_build_filename (g_get_user_state_dir (), "ruche", NULL);
}

/**
 * ruche_paths_master_socket:
 *
 * Names the local cluster's socket.
 *
 * Returns: (transfer full): an absolute path
 */
char *
ruche_paths_master_socket (void)
{
  g_autofree char *dir = ruche_paths_runtime_dir ();

  return g_build_filename (dir, "master.sock", NULL);
}

/* Where a program lies below the build tree's top. */
static const char *
build_folder (const char *program)
{
  if (g_str_equal (program, "ruche-master"))
    return "src-master";
  if (g_str_equal (program, "ruche-slave"))
    return "src-slave";
  if (g_str_equal (program, "ruche-runner"))
    return "src-slave/runner";
  if (g_str_equal (program, "ruchectl"))
    return "src-client-cli";
  return "src-client-gui";
}

/**
 * ruche_paths_program:
 * @name: a program of Ruche, such as "ruche-master"
 *
 * Finds a program of the same build or installation.
 *
 * Returns: (transfer full): an absolute path
 */
char *
ruche_paths_program (const char *name)
{
  g_autofree char *build = from_environment ("RUCHE_BUILD_DIR");

  if (build != NULL)
    return g_build_filename (build, build_folder (name), name, NULL);
  return g_build_filename (RUCHE_BINDIR, name, NULL);
}

/**
 * ruche_paths_runner:
 *
 * Finds `ruche-runner`, which is no command for people and so not on the path.
 *
 * Returns: (transfer full): an absolute path
 */
char *
ruche_paths_runner (void)
{
  g_autofree char *build = from_environment ("RUCHE_BUILD_DIR");

  if (build != NULL)
    return g_build_filename (build, build_folder ("ruche-runner"), "ruche-runner", NULL);
  return g_build_filename (RUCHE_LIBEXECDIR, "ruche-runner", NULL);
}

/**
 * ruche_paths_data:
 * @name: a file or folder of data/, such as "toolchains"
 *
 * Finds something that comes with Ruche.
 *
 * Returns: (transfer full): an absolute path
 */
char *
ruche_paths_data (const char *name)
{
  g_autofree char *source = from_environment ("RUCHE_SOURCE_DIR");

  if (source != NULL)
    return g_build_filename (source, "data", name, NULL);
  return g_build_filename (RUCHE_PKGDATADIR, name, NULL);
}
