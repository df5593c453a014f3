/* ruche-unix-socket.c: a Unix socket to listen on, and the file that stands for it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The folder is locked while its socket is looked at and made, so that of two masters started at
 * once neither takes the other's fresh socket for a stale one.
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-unix-socket.h"

#include "ruche-error.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 4096 /* a full one makes non-blocking clients fail */

struct _RucheUnixSocket
{
  GSocket *socket;
  char *path;
  struct stat made; /* the file as it was made */
};

static gboolean
fail (int number, const char *path, GError **error)
{
  g_autofree char *shown = g_filename_display_name (path);

  switch (number)
    {
    case ENOSPC:
    case EDQUOT:
      g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_NO_SPACE,
                   _ ("the disk that “%s” would be on is full: free some space, or choose another "
                      "folder"),
                   shown);
      break;
    case EACCES:
    case EPERM:
    case EROFS:
      g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_DENIED,
                   _ ("“%s” may not be made: choose a folder that you may write to"), shown);
      break;
    default:
      g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_FAILED, _ ("“%s” can’t be made: %s"), shown,
                   g_strerror (number));
    }
  return FALSE;
}

/* Opens the folder and locks it, until the descriptor is closed. */
static int
lock_folder (const char *folder, GError **error)
{
  g_autofree char *shown = g_filename_display_name (folder);
  struct stat info;
  int fd;

  if (g_mkdir_with_parents (folder, 0700) != 0)
    {
      fail (errno, folder, error);
      return -1;
    }
  fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    {
      fail (errno, folder, error);
      return -1;
    }
  if (fstat (fd, &info) != 0)
    fail (errno, folder, error);
  else if (info.st_uid != geteuid () && info.st_uid != 0)
    g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_DENIED,
                 _ ("the folder “%s” belongs to another user, who could put a socket of their own "
                    "there: choose another folder"),
                 shown);
  else if (flock (fd, LOCK_EX | LOCK_NB) != 0)
    g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_EXISTS,
                 _ ("another master is just starting in “%s”"), shown);
  else
    return fd;
  close (fd);
  return -1;
}

/* Whether somebody listens: 0, or why not. */
static int
try_connect (const char *path)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  int number = 0;

  if (fd < 0)
    return errno;
  g_strlcpy (address.sun_path, path, sizeof address.sun_path);
  if (connect (fd, (struct sockaddr *)&address, sizeof address) != 0 && errno != EAGAIN)
    number = errno;
  close (fd);
  return number;
}

/* Removes what a master left that could not clean up. */
static gboolean
remove_stale (const char *path, GError **error)
{
  g_autofree char *shown = g_filename_display_name (path);
  struct stat info;
  int number;

  if (lstat (path, &info) != 0)
    return errno == ENOENT || fail (errno, path, error);
  if (!S_ISSOCK (info.st_mode))
    {
      g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_EXISTS,
                   _ ("“%s” exists and is no socket: remove it, or choose another path"), shown);
      return FALSE;
    }
  number = try_connect (path);
  if (number == 0)
    {
      g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_EXISTS,
                   _ ("another master is running at “%s”: stop it first, or choose another path"),
                   shown);
      return FALSE;
    }
  if (number != ECONNREFUSED && number != ENOENT)
    return fail (number, path, error);
  return g_unlink (path) == 0 || errno == ENOENT || fail (errno, path, error);
}

/* bind() makes the file with the mode that the socket has: nobody else may connect, ever. A shared
 * one gets its group from the folder, whose set-group-ID bit is set. */
static GSocket *
bind_socket (const char *path, gboolean shared, GError **error)
{
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);
  g_autoptr (GSocket) made
      = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, error);
  struct sockaddr_un native;
  int fd;

  if (made == NULL)
    return NULL;
  fd = g_socket_get_fd (made);
  if (!g_socket_address_to_native (address, &native, sizeof native, error))
    return NULL;
  if (fchmod (fd, 0600) != 0
      || bind (fd, (struct sockaddr *)&native,
               (socklen_t)g_socket_address_get_native_size (address))
             != 0
      /* After bind(), as the umask would take these bits away. */
      || (shared && g_chmod (path, 0660) != 0))
    {
      fail (errno, path, error);
      return NULL;
    }
  g_socket_set_listen_backlog (made, BACKLOG);
  if (!g_socket_listen (made, error))
    return NULL;
  return g_steal_pointer (&made);
}

/**
 * ruche_unix_socket_bind:
 * @path: absolute, short enough for a socket
 * @shared: whether the folder's group may connect too, see ruche_daemon_make_shared_dir()
 * @error: %RUCHE_ERROR_EXISTS where another master listens or the path is taken otherwise,
 *   %RUCHE_ERROR_DENIED, %RUCHE_ERROR_NO_SPACE, %RUCHE_ERROR_FAILED
 *
 * Makes a socket that only its user may connect to, unless it is @shared, in a folder that is made,
 * for that user only, where it is missing. A socket on which nobody listens any more is replaced.
 *
 * Returns: (transfer full): the listening socket, or %NULL
 */
RucheUnixSocket *
ruche_unix_socket_bind (const char *path, gboolean shared, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autoptr (GSocket) made = NULL;
  RucheUnixSocket *self;
  int lock = lock_folder (folder, error);

  if (lock < 0)
    return NULL;
  if (remove_stale (path, error))
    made = bind_socket (path, shared, error);
  close (lock);
  if (made == NULL)
    return NULL;
  self = g_new0 (RucheUnixSocket, 1);
  self->socket = g_steal_pointer (&made);
  self->path = g_strdup (path);
  if (lstat (path, &self->made) != 0)
    self->made.st_ino = 0;
  return self;
}

/**
 * ruche_unix_socket_get_socket:
 * @self: a socket
 *
 * Gives the socket to accept from.
 *
 * Returns: (transfer none): the socket
 */
GSocket *
ruche_unix_socket_get_socket (RucheUnixSocket *self)
{
  return self->socket;
}

/**
 * ruche_unix_socket_free:
 * @self: (transfer full): a socket
 *
 * Stops listening and removes the file, unless another has taken its place.
 */
void
ruche_unix_socket_free (RucheUnixSocket *self)
{
  struct stat info;

  if (lstat (self->path, &info) == 0 && info.st_dev == self->made.st_dev
      && info.st_ino == self->made.st_ino)
    g_unlink (self->path);
  g_socket_close (self->socket, NULL);
  g_object_unref (self->socket);
  g_free (self->path);
  g_free (self);
}
