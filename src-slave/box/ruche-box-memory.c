/* ruche-box-memory.c: bytes as a sealed descriptor
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-box-private.h"

#include "ruche-error.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <sys/mman.h>
#include <unistd.h>

/* Newer than the kernel and libc of Debian 12; machines that refuse to run memory want it. */
#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif

static gboolean
write_all (int fd, const guint8 *data, gsize size)
{
  while (size > 0)
    {
      ssize_t n = write (fd, data, size);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return FALSE;
      data += n;
      size -= n;
    }
  return lseek (fd, 0, SEEK_SET) == 0;
}

/**
 * ruche_box_memory_new:
 * @name: what /proc shows
 * @data: (array length=size): the bytes
 * @size: how many
 * @executable: whether it is a program to be run
 * @error: return location for an error
 *
 * Puts bytes into memory that can be handed on as a file and that nobody can change again.
 *
 * Returns: a descriptor at its beginning, close-on-exec, or -1 with %RUCHE_ERROR_FAILED
 */
int
ruche_box_memory_new (
    const char *name, gconstpointer data, gsize size, gboolean executable, GError **error)
{
  guint flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL;
  int fd = memfd_create (name, executable ? flags | MFD_EXEC : flags);
  int saved;

  if (fd < 0 && errno == EINVAL)
    fd = memfd_create (name, flags);
  if (fd >= 0 && write_all (fd, data, size) && fcntl (fd, F_ADD_SEALS, seals) == 0)
    return fd;
  saved = errno;
  if (fd >= 0)
    close (fd);
  g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_FAILED, _ ("Memory for a box could not be had: %s"),
               g_strerror (saved));
  return -1;
}
