/* ruche-box-channel.c: the slave's end of the socket to a runner
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Records go out at once where the socket takes them, and wait in order where it is full or the
 * kernel holds as many descriptors in flight as it allows a user. They are few: a job's files and
 * its steps.
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-box-channel.h"

#include "ruche-error.h"

#include <errno.h>
#include <glib-unix.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define RETRY_MS 5

typedef struct
{
  union runner_record record;
  int fds[RUNNER_MAX_BEHIND_FD];
  guint n_fds;
} Packet;

struct _RucheBoxChannel
{
  int socket;
  RucheBoxChannelFuncs funcs;
  gpointer user_data;
  GMainContext *context;
  GSource *in;
  GSource *retry;
  GQueue out; /* of Packet */
};

static void
packet_free (Packet *packet)
{
  for (guint i = 0; i < packet->n_fds; i++)
    close (packet->fds[i]);
  g_free (packet);
}

static void
clear_source (GSource **source)
{
  if (*source == NULL)
    return;
  g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

/* The last thing a channel does: its owner may free it there. */
static void
fail (RucheBoxChannel *self, const GError *error)
{
  clear_source (&self->in);
  clear_source (&self->retry);
  self->funcs.closed (error, self->user_data);
}

static gboolean
on_readable (int fd, GIOCondition condition, gpointer user_data)
{
  RucheBoxChannel *self = user_data;
  union runner_record record = { 0 };
  struct iovec into = { &record, sizeof record };
  struct msghdr message = { .msg_iov = &into, .msg_iovlen = 1 };
  ssize_t n = recvmsg (fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return G_SOURCE_CONTINUE;
  if (n <= 0)
    fail (self, NULL);
  else if ((message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0
           || !runner_record_check (&record, n, 0))
    {
      g_autoptr (GError) error = g_error_new_literal (RUCHE_ERROR, RUCHE_ERROR_PROTOCOL,
                                                      _ ("The box’s runner sent nonsense."));
      fail (self, error);
    }
  else
    self->funcs.record (&record, self->user_data);
  return G_SOURCE_CONTINUE;
}

/* Returns 0 or the errno. */
static int
send_packet (int socket, const Packet *packet)
{
  union
  {
    char bytes[CMSG_SPACE (RUNNER_MAX_BEHIND_FD * sizeof (int))];
    struct cmsghdr align;
  } control = { { 0 } };
  struct iovec from = { (gpointer)&packet->record, packet->record.head.length };
  struct msghdr message = { .msg_iov = &from, .msg_iovlen = 1 };

  if (packet->n_fds > 0)
    {
      control.align.cmsg_level = SOL_SOCKET;
      control.align.cmsg_type = SCM_RIGHTS;
      control.align.cmsg_len = CMSG_LEN (packet->n_fds * sizeof (int));
      memcpy (CMSG_DATA (&control.align), packet->fds, packet->n_fds * sizeof (int));
      message.msg_control = control.bytes;
      message.msg_controllen = CMSG_SPACE (packet->n_fds * sizeof (int));
    }
  return sendmsg (socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? errno : 0;
}

static gboolean
on_retry (gpointer user_data);

/* Where the runner is gone, reading says so; nothing is to be done about it here. */
static void
flush (RucheBoxChannel *self)
{
  for (Packet *packet; (packet = g_queue_peek_head (&self->out)) != NULL;)
    {
      int error = send_packet (self->socket, packet);

      if (error == EAGAIN || error == EINTR || error == ETOOMANYREFS || error == ENOBUFS)
        {
          if (self->retry == NULL)
            {
              self->retry = g_timeout_source_new (RETRY_MS);
              g_source_set_callback (self->retry, on_retry, self, NULL);
              g_source_attach (self->retry, self->context);
            }
          return;
        }
      packet_free (g_queue_pop_head (&self->out));
    }
}

static gboolean
on_retry (gpointer user_data)
{
  RucheBoxChannel *self = user_data;

  clear_source (&self->retry);
  flush (self);
  return G_SOURCE_REMOVE;
}

/**
 * ruche_box_channel_new:
 * @socket: (transfer full): a connected SOCK_SEQPACKET socket
 * @funcs: whom to tell
 * @user_data: for @funcs
 *
 * Begins to listen, in the thread-default main context.
 *
 * Returns: (transfer full): the channel
 */
RucheBoxChannel *
ruche_box_channel_new (int socket, const RucheBoxChannelFuncs *funcs, gpointer user_data)
{
  RucheBoxChannel *self = g_new0 (RucheBoxChannel, 1);

  self->socket = socket;
  self->funcs = *funcs;
  self->user_data = user_data;
  self->context = g_main_context_ref_thread_default ();
  self->in = g_unix_fd_source_new (socket, G_IO_IN | G_IO_HUP | G_IO_ERR);
  g_source_set_callback (self->in, G_SOURCE_FUNC (on_readable), self, NULL);
  g_source_attach (self->in, self->context);
  g_queue_init (&self->out);
  return self;
}

/**
 * ruche_box_channel_free:
 * @self: (nullable): a channel
 *
 * Closes the socket, at which the runner ends the box.
 */
void
ruche_box_channel_free (RucheBoxChannel *self)
{
  if (self == NULL)
    return;
  clear_source (&self->in);
  clear_source (&self->retry);
  g_queue_clear_full (&self->out, (GDestroyNotify)packet_free);
  close (self->socket);
  g_main_context_unref (self->context);
  g_free (self);
}

/**
 * ruche_box_channel_send:
 * @self: a channel
 * @record: a record, filled in
 * @fds: (array length=n_fds) (transfer full): descriptors to go with it; closed when sent
 * @n_fds: how many, at most RUNNER_MAX_BEHIND_FD
 *
 * Sends a record after those sent before.
 */
void
ruche_box_channel_send (RucheBoxChannel *self,
                        const union runner_record *record,
                        const int *fds,
                        guint n_fds)
{
  Packet *packet = g_new0 (Packet, 1);

  packet->record = *record;
  packet->n_fds = n_fds;
  for (guint i = 0; i < n_fds; i++)
    packet->fds[i] = fds[i];
  g_queue_push_tail (&self->out, packet);
  if (self->retry == NULL)
    flush (self);
}
