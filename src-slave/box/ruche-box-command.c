/* ruche-box-command.c: the command line that makes a box
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a program can see and write is decided here and nowhere else. bubblewrap carries the
 * options out in their order: what is mounted first lies below what is mounted later, and a place
 * is made read-only after all that lies in it was made.
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-box-command.h"

#include "ruche-bounds.h"
#include "ruche-error.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

/* Namespaces of its own for everything but the cgroup, into which steps are put from outside; no
 * further user namespaces, which are where most holes of the kernel are reached from. */
static const char *const isolation[] = {
  "--unshare-user",   "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts",
  "--disable-userns", "--uid",         "1000",          "--gid",         "1000",
  "--hostname",       "box",           "--as-pid-1",    "--new-session", "--die-with-parent",
  "--cap-drop",       "ALL",           "--clearenv",
};

static const char *const system_folders[] = {
  "--ro-bind", "/usr",    "/usr",      "--symlink", "usr/bin", "/bin",      "--symlink",
  "usr/lib",   "/lib",    "--symlink", "usr/lib64", "/lib64",  "--symlink", "usr/sbin",
  "/sbin",     "--perms", "0755",      "--dir",     "/etc",
};

/* Of /etc, what the loader and Debian's choice of alternatives need. */
static const char *const always_of_etc[] = {
  "alternatives",
  "ld.so.cache",
  "ld.so.conf",
  "ld.so.conf.d",
};

static void
add (GPtrArray *argv, const char *word)
{
  g_ptr_array_add (argv, g_strdup (word));
}

static void
add_all (GPtrArray *argv, const char *const *words, gsize n)
{
  for (gsize i = 0; i < n; i++)
    add (argv, words[i]);
}

static void
add_of_etc (GPtrArray *argv, const char *name)
{
  add (argv, "--ro-bind-try");
  g_ptr_array_add (argv, g_strconcat ("/etc/", name, NULL));
  g_ptr_array_add (argv, g_strconcat ("/etc/", name, NULL));
}

static void
add_made_up (GPtrArray *argv, int fd, const char *path)
{
  add (argv, "--perms");
  add (argv, "0444");
  add (argv, "--file");
  g_ptr_array_add (argv, g_strdup_printf ("%d", fd));
  add (argv, path);
}

static void
add_writable (GPtrArray *argv, const char *path, gint64 kib)
{
  add (argv, "--size");
  g_ptr_array_add (argv, g_strdup_printf ("%" G_GINT64_FORMAT, kib * RUCHE_KIB));
  add (argv, "--perms");
  add (argv, "0755");
  add (argv, "--tmpfs");
  add (argv, path);
}

/* A toolchain's file is the administrator's, but a slip in it must not show the whole of /etc. */
static gboolean
check_of_etc (const char *name, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (name, "/", -1);
  gboolean fine = parts[0] != NULL;

  for (char **part = parts; *part != NULL; part++)
    fine = fine && **part != '\0' && **part != '.';
  if (!fine)
    g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID,
                 _ ("“%s” is not a file or folder of /etc: name it without /etc/ in front."), name);
  return fine;
}

/**
 * ruche_box_command:
 * @bwrap: where bubblewrap is
 * @profile: what kind of box
 * @error: return location for an error
 *
 * Writes the command line of a box, which ends in the runner. The disk limit is divided among the
 * work folder (five eighths), /tmp (a quarter) and /dev/shm (an eighth).
 *
 * Returns: (transfer full): the command line, or %NULL where @profile will not do: %RUCHE_ERROR
 */
char **
ruche_box_command (const char *bwrap, const RucheBoxProfile *profile, GError **error)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new_with_free_func (g_free);
  gint64 eighth = profile->disk_kib / 8;

  if (eighth < 4 || profile->disk_kib > RUCHE_MAX_DISK_KIB)
    {
      g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID,
                   _ ("A box of %" PRId64 " KiB cannot be made: ask for 32 to %d KiB."),
                   profile->disk_kib, RUCHE_MAX_DISK_KIB);
      return NULL;
    }
  add (argv, bwrap);
  add_all (argv, isolation, G_N_ELEMENTS (isolation));
  add_all (argv, system_folders, G_N_ELEMENTS (system_folders));
  for (gsize i = 0; i < G_N_ELEMENTS (always_of_etc); i++)
    add_of_etc (argv, always_of_etc[i]);
  for (char **name = profile->etc; name != NULL && *name != NULL; name++)
    {
      if (!check_of_etc (*name, error))
        return NULL;
      add_of_etc (argv, *name);
    }
  add_made_up (argv, RUCHE_BOX_PASSWD_FD, "/etc/passwd");
  add_made_up (argv, RUCHE_BOX_GROUP_FD, "/etc/group");
  add_all (argv, (const char *[]){ "--proc", "/proc", "--dev", "/dev" }, 4);
  add_writable (argv, RUNNER_WORK_DIR, profile->disk_kib - 3 * eighth);
  add_writable (argv, "/tmp", 2 * eighth);
  add_writable (argv, "/dev/shm", eighth);
  add_all (argv, (const char *[]){ "--remount-ro", "/dev", "--remount-ro", "/" }, 4);
  add_all (argv, (const char *[]){ "--chdir", RUNNER_WORK_DIR, "--" }, 3);

  /* The runner comes as a descriptor: its file may lie where an unprivileged user cannot go, and
   * memory shared by all boxes costs none of them a copy or a mount. */
  g_ptr_array_add (argv, g_strdup_printf ("/proc/self/fd/%d", RUNNER_PROGRAM_FD));
  g_ptr_array_add (argv, NULL);
  return (char **)g_ptr_array_free (g_steal_pointer (&argv), FALSE);
}
