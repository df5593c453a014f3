/* ruche-daemon.c: what both daemons do at their start
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A daemon started as root makes its folders, gives them to an unprivileged user and becomes that
 * user before it hears a peer. Folders are opened once and changed through their descriptors, so
 * that nobody can slip a link in between.
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-daemon.h"

#include "ruche-error.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <grp.h>
#include <pwd.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

static gboolean
fail (GError **error, RucheErrorCode code, char *message)
{
  g_autofree char *owned = message;

  g_set_error_literal (error, RUCHE_ERROR, code, owned);
  return FALSE;
}

/**
 * ruche_identity_clear:
 * @identity: an identity
 *
 * Frees what @identity holds.
 */
void
ruche_identity_clear (RucheIdentity *identity)
{
  g_clear_pointer (&identity->name, g_free);
}

/**
 * ruche_daemon_find_identity:
 * @wanted: (nullable): the user that the configuration names
 * @identity: (out caller-allocates): whom to become; clear it with ruche_identity_clear()
 * @error: %RUCHE_ERROR_NOT_FOUND for an unknown user, %RUCHE_ERROR_DENIED where this process may
 *   not become @wanted or @wanted is root
 *
 * Says whom the daemon runs as: for root @wanted, else the user “ruche” where there is one, else
 * “nobody”; for anybody else themselves.
 *
 * Returns: whether there is such a user
 */
gboolean
ruche_daemon_find_identity (const char *wanted, RucheIdentity *identity, GError **error)
{
  const struct passwd *user;

  if (geteuid () != 0)
    user = getpwuid (geteuid ());
  else if (wanted != NULL)
    user = getpwnam (wanted);
  else if ((user = getpwnam ("ruche")) == NULL)
    user = getpwnam ("nobody");

  if (geteuid () != 0 && wanted != NULL && (user == NULL || !g_str_equal (user->pw_name, wanted)))
    return fail (error, RUCHE_ERROR_DENIED,
                 g_strdup_printf (_ ("only root can run this as the user “%s”: start it as root or "
                                     "leave “user” out"),
                                  wanted));
  if (geteuid () != 0)
    {
      identity->uid = geteuid ();
      identity->gid = getegid ();
      identity->name
          = user != NULL ? g_strdup (user->pw_name) : g_strdup_printf ("%u", (guint)geteuid ());
      return TRUE;
    }
  if (user == NULL)
    return fail (error, RUCHE_ERROR_NOT_FOUND,
                 g_strdup_printf (_ ("there is no user “%s” on this machine: create it, or name "
                                     "another with “user”"),
                                  wanted != NULL ? wanted : "nobody"));
  if (user->pw_uid == 0)
    return fail (error, RUCHE_ERROR_DENIED,
                 g_strdup (_ ("this never runs as root: name an ordinary user with “user”")));
  identity->uid = user->pw_uid;
  identity->gid = user->pw_gid;
  identity->name = g_strdup (user->pw_name);
  return TRUE;
}

static gboolean
fail_errno (GError **error, const char *path)
{
  int code = errno;

  if (code == ENOSPC || code == EDQUOT)
    return fail (error, RUCHE_ERROR_NO_SPACE,
                 g_strdup_printf (_ ("the disk that “%s” would be on is full: free some space, or "
                                     "choose another folder"),
                                  path));
  return fail (error, RUCHE_ERROR_FAILED,
               g_strdup_printf (_ ("the folder %s can’t be used: %s"), path, g_strerror (code)));
}

static gboolean
is_empty (int fd)
{
  int copy = openat (fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *dir = copy >= 0 ? fdopendir (copy) : NULL;
  int n = 0;

  if (dir == NULL)
    {
      if (copy >= 0)
        close (copy);
      return FALSE;
    }
  while (n <= 2 && readdir (dir) != NULL)
    n++;
  closedir (dir);
  return n <= 2;
}

/* A folder that others can enter and that holds things is somebody's: taking it over because of a
 * slip such as `--state /var/lib` would break the machine. */
static gboolean
take_over (int fd, const char *path, const RucheIdentity *owner, const gid_t *group, GError **error)
{
  mode_t wanted = group != NULL ? 02750 : 0700;
  gid_t gid = group != NULL ? *group : owner->gid;
  struct stat st;

  if (fstat (fd, &st) != 0)
    return fail_errno (error, path);
  if (st.st_uid != geteuid () && st.st_uid != owner->uid)
    return fail (
        error, RUCHE_ERROR_DENIED,
        g_strdup_printf (_ ("the folder %s belongs to another user: choose another one"), path));
  if ((st.st_mode & (group != NULL && st.st_gid == gid ? 027 : 077)) != 0 && !is_empty (fd))
    return fail (error, RUCHE_ERROR_DENIED,
                 g_strdup_printf (_ ("the folder %s is open to other users: choose a folder of its "
                                     "own for Ruche, or close this one with “chmod 700”"),
                                  path));
  /* Nobody else's until it has its group. */
  if ((st.st_mode & 07777) != wanted && fchmod (fd, 0700) != 0)
    return fail_errno (error, path);
  if ((st.st_uid != owner->uid || (group != NULL && st.st_gid != gid))
      && fchown (fd, owner->uid, gid) != 0)
    return fail_errno (error, path);
  if (group != NULL && fchmod (fd, wanted) != 0)
    return fail_errno (error, path);
  return TRUE;
}

static gboolean
make_dir (const char *path, const RucheIdentity *owner, const gid_t *group, GError **error)
{
  g_autofree char *parent = g_path_get_dirname (path);
  gboolean taken;
  int fd;

  if (g_mkdir_with_parents (parent, geteuid () == 0 ? 0755 : 0700) != 0)
    return fail_errno (error, parent);
  if (mkdir (path, 0700) != 0 && errno != EEXIST)
    return fail_errno (error, path);
  fd = open (path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0)
    return fail_errno (error, path);
  taken = take_over (fd, path, owner, group, error);
  close (fd);
  return taken;
}

/**
 * ruche_daemon_make_dir:
 * @path: an absolute path
 * @owner: to whom it shall belong
 * @error: %RUCHE_ERROR_DENIED for a folder that is another user's or open to others,
 *   %RUCHE_ERROR_NO_SPACE for a full disk, %RUCHE_ERROR_FAILED otherwise
 *
 * Makes a private folder (mode 0700) and those above it, or takes the one that is there.
 *
 * Returns: whether the folder is there and belongs to @owner
 */
gboolean
ruche_daemon_make_dir (const char *path, const RucheIdentity *owner, GError **error)
{
  return make_dir (path, owner, NULL, error);
}

/**
 * ruche_daemon_find_group:
 * @name: of a group
 * @gid: (out): its number
 * @error: %RUCHE_ERROR_NOT_FOUND where there is none
 *
 * Looks a group up.
 *
 * Returns: whether it exists
 */
gboolean
ruche_daemon_find_group (const char *name, gid_t *gid, GError **error)
{
  const struct group *group = getgrnam (name);

  if (group == NULL)
    return fail (error, RUCHE_ERROR_NOT_FOUND,
                 g_strdup_printf (_ ("there is no group “%s” on this machine: create it, or name "
                                     "another with “socket-group”"),
                                  name));
  *gid = group->gr_gid;
  return TRUE;
}

/**
 * ruche_daemon_make_shared_dir:
 * @path: an absolute path
 * @owner: to whom it shall belong
 * @group: who may enter it too
 * @error: as ruche_daemon_make_dir()
 *
 * Makes a folder that a group may enter but not change, or takes the one that is there; what is
 * made in it belongs to that group (mode 02750).
 *
 * Returns: whether the folder is there and belongs to @owner and @group
 */
gboolean
ruche_daemon_make_shared_dir (const char *path,
                              const RucheIdentity *owner,
                              gid_t group,
                              GError **error)
{
  return make_dir (path, owner, &group, error);
}

/**
 * ruche_daemon_drop_root:
 * @identity: whom to become
 * @error: %RUCHE_ERROR_FAILED where the system refuses
 *
 * Gives root's rights up for good; for a process that has none this does nothing. Call it before
 * any thread is started.
 *
 * Returns: whether this process is not root
 */
gboolean
ruche_daemon_drop_root (const RucheIdentity *identity, GError **error)
{
  if (geteuid () != 0 && getuid () != 0)
    return TRUE;
  if (setgroups (0, NULL) != 0 || setresgid (identity->gid, identity->gid, identity->gid) != 0
      || setresuid (identity->uid, identity->uid, identity->uid) != 0)
    return fail (
        error, RUCHE_ERROR_FAILED,
        g_strdup_printf (_ ("can’t become the user “%s”: %s"), identity->name, g_strerror (errno)));
  if (setuid (0) == 0)
    return fail (
        error, RUCHE_ERROR_FAILED,
        g_strdup_printf (_ ("root’s rights came back after becoming “%s”"), identity->name));
  g_setenv ("USER", identity->name, TRUE);
  g_setenv ("LOGNAME", identity->name, TRUE);
  g_setenv ("HOME", "/", TRUE);
  return TRUE;
}

/**
 * ruche_daemon_raise_open_files:
 *
 * Raises the number of files that this process may hold open as far as it may go: each peer of a
 * master and each attempt of a slave needs some, and 1,024 is the usual start.
 */
void
ruche_daemon_raise_open_files (void)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_NOFILE, &limit) != 0)
    return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit (RLIMIT_NOFILE, &limit);
}

/**
 * ruche_daemon_notify_ready:
 * @status: one line for `systemctl status`
 *
 * Tells systemd, where it started this process, that peers can come.
 */
void
ruche_daemon_notify_ready (const char *status)
{
  sd_notifyf (0, "READY=1\nSTATUS=%s", status);
}

/**
 * ruche_daemon_notify_stopping:
 *
 * Tells systemd, where it started this process, that it is about to end.
 */
void
ruche_daemon_notify_stopping (void)
{
  sd_notify (0, "STOPPING=1");
}
