/* ruche-box-factory.c: where boxes come from
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A box dies with its parent, and to the kernel a parent is the thread that forked: boxes are
 * spawned from a thread that lives as long as the factory. Each box holds the factory.
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-box-command.h"
#include "ruche-box-filter.h"
#include "ruche-box-private.h"

#include "ruche-bounds.h"
#include "ruche-error.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* From the socket to the group file, as the descriptors of ruche-box-command.h. */
#define N_FDS (RUCHE_BOX_GROUP_FD - RUNNER_SOCKET_FD + 1)

/**
 * Request:
 * @argv: the box's command line; %NULL asks the thread to end
 * @fds: for descriptors RUNNER_SOCKET_FD and up; -1 for one that was taken
 * @task: returns the GSubprocess
 *
 * What the spawning thread is asked.
 */
typedef struct
{
  char **argv;
  int fds[N_FDS];
  GTask *task;
} Request;

struct _RucheBoxFactory
{
  GObject parent_instance;
  char *bwrap;
  int runner;
  int filter;
  GThread *thread;
  GAsyncQueue *requests; /* of Request */
};

G_DEFINE_FINAL_TYPE (RucheBoxFactory, ruche_box_factory, G_TYPE_OBJECT)

static Request *
request_new (void)
{
  Request *request = g_new0 (Request, 1);

  for (guint i = 0; i < N_FDS; i++)
    request->fds[i] = -1;
  return request;
}

static void
request_free (Request *request)
{
  g_strfreev (request->argv);
  for (guint i = 0; i < N_FDS; i++)
    if (request->fds[i] >= 0)
      close (request->fds[i]);
  g_clear_object (&request->task);
  g_free (request);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Request, request_free)

static gpointer
spawn_boxes (gpointer data)
{
  g_autoptr (GAsyncQueue) requests = data;

  for (;;)
    {
      g_autoptr (Request) request = g_async_queue_pop (requests);
      g_autoptr (GSubprocessLauncher) launcher = NULL;
      GSubprocess *process;
      GError *error = NULL;
      char *empty[] = { NULL };

      if (request->argv == NULL)
        return NULL;
      launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE
                                            | G_SUBPROCESS_FLAGS_STDERR_PIPE);
      g_subprocess_launcher_set_environ (launcher, empty);
      for (guint i = 0; i < N_FDS; i++)
        g_subprocess_launcher_take_fd (launcher, request->fds[i], RUNNER_SOCKET_FD + i);
      for (guint i = 0; i < N_FDS; i++)
        request->fds[i] = -1;
      process = g_subprocess_launcher_spawnv (launcher, (const char *const *)request->argv, &error);
      if (process != NULL)
        g_task_return_pointer (request->task, process, g_object_unref);
      else
        g_task_return_error (request->task, error);
    }
}

static void
ruche_box_factory_finalize (GObject *object)
{
  RucheBoxFactory *self = RUCHE_BOX_FACTORY (object);

  if (self->thread != NULL)
    {
      g_async_queue_push (self->requests, request_new ());
      g_thread_join (self->thread);
    }
  g_clear_pointer (&self->requests, g_async_queue_unref);
  g_free (self->bwrap);
  if (self->runner >= 0)
    close (self->runner);
  if (self->filter >= 0)
    close (self->filter);
  G_OBJECT_CLASS (ruche_box_factory_parent_class)->finalize (object);
}

static void
ruche_box_factory_class_init (RucheBoxFactoryClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ruche_box_factory_finalize;
}

static void
ruche_box_factory_init (RucheBoxFactory *self)
{
  self->runner = -1;
  self->filter = -1;
}

/**
 * ruche_box_factory_new:
 * @runner_path: where `ruche-runner` is; read now, so that it may lie where only root can go
 * @error: return location for an error
 *
 * Finds bubblewrap and the runner, and starts the thread that boxes are spawned from: to be called
 * after the process has become who it will be, or before; boxes are made as who it is by then.
 *
 * Returns: (transfer full): the factory, or %NULL: %RUCHE_ERROR_UNAVAILABLE where bubblewrap or
 *   the runner is missing, or the filter of system calls can't be built
 */
RucheBoxFactory *
ruche_box_factory_new (const char *runner_path, GError **error)
{
  g_autoptr (RucheBoxFactory) self = g_object_new (RUCHE_TYPE_BOX_FACTORY, NULL);
  g_autofree char *program = NULL;
  g_autoptr (GError) unread = NULL;
  gsize size;

  self->bwrap = g_find_program_in_path ("bwrap");
  if (self->bwrap == NULL)
    {
      g_set_error_literal (error, RUCHE_ERROR, RUCHE_ERROR_UNAVAILABLE,
                           _ ("bubblewrap, which makes the boxes that programs run in, is not "
                              "installed: run “apt install bubblewrap” as root."));
      return NULL;
    }
  if (!g_file_get_contents (runner_path, &program, &size, &unread))
    {
      g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_UNAVAILABLE,
                   _ ("Ruche’s own program for boxes cannot be read: %s"), unread->message);
      return NULL;
    }
  self->runner = ruche_box_memory_new ("ruche-runner", program, size, TRUE, error);
  if (self->runner < 0)
    return NULL;
  self->filter = ruche_box_filter_new (error);
  if (self->filter < 0)
    return NULL;
  self->requests = g_async_queue_new_full ((GDestroyNotify)request_free);
  self->thread = g_thread_new ("ruche-boxes", spawn_boxes, g_async_queue_ref (self->requests));
  return g_steal_pointer (&self);
}

/**
 * ruche_box_factory_get_filter:
 * @self: a factory
 *
 * Gives the filter of system calls that every step is bound by.
 *
 * Returns: a descriptor, the factory's
 */
int
ruche_box_factory_get_filter (RucheBoxFactory *self)
{
  return self->filter;
}

/**
 * ruche_box_factory_take_filter:
 * @self: a factory
 * @filter: a descriptor that holds a BPF program, taken over
 *
 * Binds the steps to come by another filter: what stands behind the usual one can be tested so.
 */
void
ruche_box_factory_take_filter (RucheBoxFactory *self, int filter)
{
  close (self->filter);
  self->filter = filter;
}

/**
 * Opening:
 * @task: what ruche_box_open_async() will answer
 * @socket: the slave's end
 *
 * A box between the request and its process.
 */
typedef struct
{
  GTask *task;
  int socket;
} Opening;

static void
on_spawned (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Opening *opening = user_data;
  g_autoptr (GTask) task = opening->task;
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) process = g_task_propagate_pointer (G_TASK (result), &error);

  if (process != NULL)
    {
      ruche_box_start (task, process, opening->socket);
      return;
    }
  close (opening->socket);
  g_task_return_new_error (task, RUCHE_ERROR, RUCHE_ERROR_UNAVAILABLE,
                           _ ("bubblewrap could not be started: %s"), error->message);
}

/* Makes all descriptors of a box; the slave's end of the socket is the returned one. */
static int
make_descriptors (RucheBoxFactory *self, Request *request, GError **error)
{
  int ends[2];

  if (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
    {
      g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_FAILED, _ ("No socket for a box: %s"),
                   g_strerror (errno));
      return -1;
    }
  request->fds[0] = ends[1];
  request->fds[1] = fcntl (self->runner, F_DUPFD_CLOEXEC, 3);
  request->fds[2]
      = ruche_box_memory_new ("passwd", RUCHE_BOX_PASSWD, strlen (RUCHE_BOX_PASSWD), FALSE, error);
  if (request->fds[2] >= 0)
    request->fds[3]
        = ruche_box_memory_new ("group", RUCHE_BOX_GROUP, strlen (RUCHE_BOX_GROUP), FALSE, error);
  if (request->fds[3] >= 0 && request->fds[1] >= 0)
    return ends[0];
  if (request->fds[1] < 0)
    {
      g_clear_error (error);
      g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_FAILED,
                   _ ("Too many files are open for another box: %s"), g_strerror (errno));
    }
  close (ends[0]);
  return -1;
}

/**
 * ruche_box_open_async:
 * @factory: a factory
 * @profile: what kind of box; read before this returns
 * @cancellable: (nullable): to give up
 * @callback: called when the runner has greeted
 * @user_data: for @callback
 *
 * Makes a box.
 */
void
ruche_box_open_async (RucheBoxFactory *factory,
                      const RucheBoxProfile *profile,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (factory, cancellable, callback, user_data);
  g_autoptr (Request) request = request_new ();
  GError *error = NULL;
  Opening *opening;
  int socket;

  g_task_set_source_tag (task, ruche_box_open_async);
  request->argv = ruche_box_command (factory->bwrap, profile, &error);
  socket = request->argv != NULL ? make_descriptors (factory, request, &error) : -1;
  if (socket < 0)
    {
      g_task_return_error (task, error);
      return;
    }
  opening = g_new0 (Opening, 1);
  opening->task = g_steal_pointer (&task);
  opening->socket = socket;

  /* The thread may be the last to let go of its task: that must not be what holds the factory. */
  request->task = g_task_new (NULL, NULL, on_spawned, opening);
  g_async_queue_push (factory->requests, g_steal_pointer (&request));
}

/**
 * ruche_box_open_finish:
 * @factory: the factory
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends ruche_box_open_async().
 *
 * Returns: (transfer full): the box, or %NULL: %RUCHE_ERROR_UNAVAILABLE where this machine cannot
 *   make one, with a sentence that says why
 */
RucheBox *
ruche_box_open_finish (RucheBoxFactory *factory, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
