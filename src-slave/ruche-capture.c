/* ruche-capture.c: all that a command printed, in memory and bounded
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-capture.h"

#include "ruche-error.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <glib/gi18n-lib.h>
#include <unistd.h>

#define READ_SIZE (16 * 1024)

struct _RucheCapture
{
  GByteArray *bytes;
  gsize bound;
  RucheCaptureFull full_func;
  gpointer user_data;
  int fd;       /* -1 while there is no pipe */
  guint source; /* 0 while it is not read */
  gboolean full;
};

/**
 * ruche_pipe_open:
 * @write_fd: (out): the end that a program writes to; blocking, close-on-exec
 * @error: %RUCHE_ERROR_FAILED where there are no descriptors left
 *
 * Makes a pipe whose reading end never blocks.
 *
 * Returns: the reading end, or -1
 */
int
ruche_pipe_open (int *write_fd, GError **error)
{
  int fds[2];

  if (pipe2 (fds, O_CLOEXEC) != 0)
    {
      g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_FAILED, _ ("cannot make a pipe: %s"),
                   g_strerror (errno));
      return -1;
    }
  g_unix_set_fd_nonblocking (fds[0], TRUE, NULL);
  *write_fd = fds[1];
  return fds[0];
}

/**
 * ruche_pipe_read:
 * @fd: a reading end made by ruche_pipe_open()
 * @buffer: where to put the bytes
 * @size: room there
 *
 * Reads once.
 *
 * Returns: how many bytes came, -1 where there are none yet, 0 where none will come any more
 */
gssize
ruche_pipe_read (int fd, gpointer buffer, gsize size)
{
  gssize n;

  do
    n = read (fd, buffer, size);
  while (n < 0 && errno == EINTR);
  return n >= 0 ? n : errno == EAGAIN ? -1 : 0;
}

/**
 * ruche_capture_new:
 * @bound: bytes to keep at most
 * @full: (nullable): called once where there is more
 * @user_data: for @full
 *
 * Makes a capture that has no pipe yet.
 *
 * Returns: (transfer full): the capture
 */
RucheCapture *
ruche_capture_new (gsize bound, RucheCaptureFull full, gpointer user_data)
{
  RucheCapture *self = g_new0 (RucheCapture, 1);

  self->bytes = g_byte_array_new ();
  self->bound = bound;
  self->full_func = full;
  self->user_data = user_data;
  self->fd = -1;
  return self;
}

static void
close_pipe (RucheCapture *self)
{
  g_clear_handle_id (&self->source, g_source_remove);
  if (self->fd >= 0)
    close (self->fd);
  self->fd = -1;
}

/**
 * ruche_capture_free:
 * @self: (nullable) (transfer full): a capture
 *
 * Frees @self and closes its pipe.
 */
void
ruche_capture_free (RucheCapture *self)
{
  if (self == NULL)
    return;
  close_pipe (self);
  g_byte_array_unref (self->bytes);
  g_free (self);
}

/* Reads once. Returns what ruche_pipe_read() does, and 0 too once the bound is passed. */
static gssize
read_some (RucheCapture *self)
{
  guint8 buffer[READ_SIZE];
  gssize n = ruche_pipe_read (self->fd, buffer, sizeof buffer);
  gsize room = self->bound - self->bytes->len;

  if (n <= 0)
    return n;
  g_byte_array_append (self->bytes, buffer, (guint)MIN ((gsize)n, room));
  self->full = (gsize)n > room;
  return self->full ? 0 : n;
}

static gboolean
on_readable (int fd, GIOCondition condition, gpointer user_data)
{
  RucheCapture *self = user_data;

  if (read_some (self) != 0)
    return G_SOURCE_CONTINUE;
  self->source = 0;
  if (self->full && self->full_func != NULL)
    self->full_func (self->user_data);
  return G_SOURCE_REMOVE;
}

/**
 * ruche_capture_open:
 * @self: a capture that was not opened before
 * @stdout_fd: (out): the end to write to, the caller's to close
 * @stderr_fd: (out): the same again
 * @error: %RUCHE_ERROR_FAILED where there are no descriptors left
 *
 * Makes the pipe and begins to read it in the thread's main context.
 *
 * Returns: whether there is a pipe
 */
gboolean
ruche_capture_open (RucheCapture *self, int *stdout_fd, int *stderr_fd, GError **error)
{
  self->fd = ruche_pipe_open (stdout_fd, error);
  if (self->fd < 0)
    return FALSE;
  *stderr_fd = fcntl (*stdout_fd, F_DUPFD_CLOEXEC, 3);
  if (*stderr_fd < 0)
    {
      g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_FAILED, _ ("cannot make a pipe: %s"),
                   g_strerror (errno));
      close (*stdout_fd);
      close_pipe (self);
      return FALSE;
    }
  self->source = g_unix_fd_add (self->fd, G_IO_IN | G_IO_HUP, on_readable, self);
  return TRUE;
}

/**
 * ruche_capture_finish:
 * @self: a capture whose writers have ended
 *
 * Takes what is still in the pipe, and closes it without waiting for anybody who kept it open.
 *
 * Returns: (transfer full): all that was printed, up to the bound
 */
GBytes *
ruche_capture_finish (RucheCapture *self)
{
  while (self->fd >= 0 && !self->full && read_some (self) > 0)
    ;
  close_pipe (self);
  return g_bytes_new (self->bytes->data, self->bytes->len);
}

/**
 * ruche_capture_is_full:
 * @self: a capture
 *
 * Says whether more was printed than the bound allows.
 *
 * Returns: whether it was
 */
gboolean
ruche_capture_is_full (RucheCapture *self)
{
  return self->full;
}
