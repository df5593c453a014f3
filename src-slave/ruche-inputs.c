/* ruche-inputs.c: standard input that is typed while the program runs
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Bytes wait here until the program's pipe takes them; what the pipe has taken is acknowledged. A
 * master keeps within RUCHE_INPUT_WINDOW: what goes beyond is not taken and so not acknowledged.
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-inputs.h"

#include "ruche-bounds.h"
#include "ruche-error.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <glib/gi18n-lib.h>
#include <unistd.h>

struct _RucheInputs
{
  gint64 job;
  gint64 task;
  GByteArray *waiting; /* not written yet */
  gint64 written;      /* offset of the first byte of waiting */
  gboolean ended;      /* nothing follows what is waiting */
  gboolean closed;     /* the program reads no more */
  int fd;              /* -1 before the program starts and after the end */
  guint source;        /* 0 while the pipe is not full */
  RucheInputsSend send;
  gpointer user_data;
};

/**
 * ruche_inputs_new:
 * @job: the job
 * @task: the task
 * @send: called with each acknowledgement
 * @user_data: for @send
 *
 * Makes the input of a task whose program has not started yet.
 *
 * Returns: (transfer full): the input
 */
RucheInputs *
ruche_inputs_new (gint64 job, gint64 task, RucheInputsSend send, gpointer user_data)
{
  RucheInputs *self = g_new0 (RucheInputs, 1);

  self->job = job;
  self->task = task;
  self->send = send;
  self->user_data = user_data;
  self->waiting = g_byte_array_new ();
  self->fd = -1;
  return self;
}

static void
close_pipe (RucheInputs *self)
{
  g_clear_handle_id (&self->source, g_source_remove);
  if (self->fd >= 0)
    close (self->fd);
  self->fd = -1;
}

/**
 * ruche_inputs_free:
 * @self: (nullable) (transfer full): an input
 *
 * Frees @self and closes its pipe.
 */
void
ruche_inputs_free (RucheInputs *self)
{
  if (self == NULL)
    return;
  close_pipe (self);
  g_byte_array_unref (self->waiting);
  g_free (self);
}

static void
acknowledge (RucheInputs *self)
{
  RucheMessage *message = ruche_message_new (RUCHE_MESSAGE_INPUT_ACK);
  RucheInputAck *body = message->body;

  body->job = self->job;
  body->task = self->task;
  body->offset = self->written;
  body->closed = self->closed;
  self->send (message, self->user_data);
}

static gboolean
on_writable (int fd, GIOCondition condition, gpointer user_data);

/* Writes what the pipe takes, and waits for it to take more. */
static void
write_some (RucheInputs *self)
{
  gssize n = 0;

  if (self->fd < 0)
    return;
  while (self->waiting->len > 0)
    {
      n = write (self->fd, self->waiting->data, self->waiting->len);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        break;
      self->written += n;
      g_byte_array_remove_range (self->waiting, 0, (guint)n);
    }
  if (n < 0 && errno == EAGAIN)
    {
      if (self->source == 0)
        self->source = g_unix_fd_add (self->fd, G_IO_OUT, on_writable, self);
      return;
    }
  if (n < 0)
    self->closed = TRUE;
  if (self->closed || self->ended)
    close_pipe (self);
}

static gboolean
on_writable (int fd, GIOCondition condition, gpointer user_data)
{
  RucheInputs *self = user_data;
  gint64 before = self->written;

  self->source = 0;
  write_some (self);
  if (self->written != before || self->closed)
    acknowledge (self);
  return G_SOURCE_REMOVE;
}

/**
 * ruche_inputs_open:
 * @self: an input that was not opened before
 * @error: %RUCHE_ERROR_FAILED where there are no descriptors left
 *
 * Makes the pipe and writes what has come so far.
 *
 * Returns: the end to read from, the caller's to close, or -1
 */
int
ruche_inputs_open (RucheInputs *self, GError **error)
{
  gint64 before = self->written;
  int fds[2];

  if (pipe2 (fds, O_CLOEXEC) != 0)
    {
      g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_FAILED, _ ("cannot make a pipe: %s"),
                   g_strerror (errno));
      return -1;
    }
  self->fd = fds[1];
  g_unix_set_fd_nonblocking (self->fd, TRUE, NULL);
  write_some (self);
  if (self->written != before)
    acknowledge (self);
  return fds[0];
}

/**
 * ruche_inputs_push:
 * @self: an input
 * @input: the message, as the master says, so anything
 * @bytes: (nullable): its payload
 *
 * Takes bytes for the program. Bytes that came before are skipped; bytes after a gap, beyond the
 * window or after the end are not taken. Answers with how far the program's pipe has taken them.
 */
void
ruche_inputs_push (RucheInputs *self, const RucheInput *input, GBytes *bytes)
{
  gint64 next = self->written + self->waiting->len;
  gsize size = 0;
  const guint8 *data = bytes != NULL ? g_bytes_get_data (bytes, &size) : NULL;
  gint64 known = next - input->offset;

  if (!self->closed && !self->ended && known >= 0 && known <= (gint64)size
      && self->waiting->len + size - (gsize)known <= RUCHE_INPUT_WINDOW)
    {
      if ((gint64)size > known)
        g_byte_array_append (self->waiting, data + known, (guint)(size - (gsize)known));
      self->ended = input->end;
      if (self->source == 0)
        write_some (self);
    }
  acknowledge (self);
}

/**
 * ruche_inputs_resend:
 * @self: an input
 *
 * Tells the master, after a reconnection, how far it got.
 */
void
ruche_inputs_resend (RucheInputs *self)
{
  acknowledge (self);
}
