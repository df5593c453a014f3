/* ruche-ctl-sink.c: bytes to standard output or error, without ever waiting
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-ctl-sink.h"

#include <errno.h>
#include <glib-unix.h>
#include <limits.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

struct _RucheCtlSink
{
  int fd;
  gsize step;     /* what one write may be without waiting, once poll says that there is room */
  GQueue waiting; /* GBytes */
  gsize written;  /* of the first of them */
  int broken;     /* errno of the write that failed */
  GSource *source;
  RucheCtlSinkChanged changed;
  gpointer user_data;
};

static gboolean
on_writable (int fd, GIOCondition condition, gpointer user_data);

/**
 * ruche_ctl_sink_new:
 * @fd: where to write; its flags stay as they are, as others may share it
 * @changed: called when all was written, or nothing more can be
 * @user_data: for @changed
 *
 * Makes a sink.
 *
 * Returns: (transfer full): the sink
 */
RucheCtlSink *
ruche_ctl_sink_new (int fd, RucheCtlSinkChanged changed, gpointer user_data)
{
  RucheCtlSink *sink = g_new0 (RucheCtlSink, 1);
  struct stat st;

  sink->fd = fd;
  sink->step = fstat (fd, &st) == 0 && S_ISREG (st.st_mode) ? 1024 * 1024 : PIPE_BUF;
  g_queue_init (&sink->waiting);
  sink->changed = changed;
  sink->user_data = user_data;
  return sink;
}

static void
stop_watching (RucheCtlSink *sink)
{
  if (sink->source != NULL)
    g_source_destroy (sink->source);
  g_clear_pointer (&sink->source, g_source_unref);
}

/**
 * ruche_ctl_sink_free:
 * @sink: (nullable) (transfer full): a sink
 *
 * Forgets what has not been written.
 */
void
ruche_ctl_sink_free (RucheCtlSink *sink)
{
  if (sink == NULL)
    return;
  stop_watching (sink);
  g_queue_clear_full (&sink->waiting, (GDestroyNotify)g_bytes_unref);
  g_free (sink);
}

static gboolean
has_room (RucheCtlSink *sink)
{
  struct pollfd pfd = { .fd = sink->fd, .events = POLLOUT };

  /* POLLERR counts as room: the write then says what is wrong. */
  return poll (&pfd, 1, 0) > 0;
}

/* Writes what goes without waiting. Returns whether something is left. */
static gboolean
write_some (RucheCtlSink *sink)
{
  while (!g_queue_is_empty (&sink->waiting) && has_room (sink))
    {
      GBytes *bytes = g_queue_peek_head (&sink->waiting);
      gsize size;
      const char *data = g_bytes_get_data (bytes, &size);
      gssize n = write (sink->fd, data + sink->written, MIN (size - sink->written, sink->step));
      if (n < 0 && (errno == EAGAIN || errno == EINTR))
        break;
      if (n < 0)
        {
          sink->broken = errno;
          g_queue_clear_full (&sink->waiting, (GDestroyNotify)g_bytes_unref);
          break;
        }
      sink->written += (gsize)n;
      if (sink->written < size)
        continue;
      g_bytes_unref (g_queue_pop_head (&sink->waiting));
      sink->written = 0;
    }
  return !g_queue_is_empty (&sink->waiting);
}

static void
watch (RucheCtlSink *sink)
{
  if (sink->source != NULL)
    return;
  sink->source = g_unix_fd_source_new (sink->fd, G_IO_OUT | G_IO_ERR | G_IO_HUP);
  g_source_set_callback (sink->source, G_SOURCE_FUNC (on_writable), sink, NULL);
  g_source_attach (sink->source, NULL);
}

static gboolean
on_writable (int fd, GIOCondition condition, gpointer user_data)
{
  RucheCtlSink *sink = user_data;

  if (write_some (sink))
    return G_SOURCE_CONTINUE;
  stop_watching (sink);
  sink->changed (sink->user_data);
  return G_SOURCE_REMOVE;
}

/**
 * ruche_ctl_sink_push:
 * @sink: a sink
 * @bytes: (transfer none): what to write after all before it; dropped where the sink is broken
 *
 * Writes bytes, now or as soon as the reader has room.
 */
void
ruche_ctl_sink_push (RucheCtlSink *sink, GBytes *bytes)
{
  if (sink->broken != 0 || g_bytes_get_size (bytes) == 0)
    return;
  g_queue_push_tail (&sink->waiting, g_bytes_ref (bytes));
  if (sink->source != NULL)
    return;
  if (write_some (sink))
    watch (sink);
  else if (sink->broken != 0)
    sink->changed (sink->user_data);
}

/**
 * ruche_ctl_sink_is_empty:
 * @sink: a sink
 *
 * Says whether nothing waits to be written.
 *
 * Returns: whether all was written or given up
 */
gboolean
ruche_ctl_sink_is_empty (RucheCtlSink *sink)
{
  return g_queue_is_empty (&sink->waiting);
}

/**
 * ruche_ctl_sink_get_broken:
 * @sink: a sink
 *
 * Says why nothing can be written any more: EPIPE where the reader has gone.
 *
 * Returns: an errno, 0 while it works
 */
int
ruche_ctl_sink_get_broken (RucheCtlSink *sink)
{
  return sink->broken;
}
