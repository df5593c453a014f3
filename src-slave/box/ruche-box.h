/* ruche-box.h: the sealed place in which one attempt runs
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The slave's side of a box. bubblewrap makes the namespaces and mounts; `ruche-runner` is the
 * first process inside; everything crosses one socket, as descriptors and fixed-size records. The
 * slave never opens a path inside a box.
 */
#pragma once

#include "ruche-job.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * RucheBoxProfile:
 * @disk_kib: the sum of all that is writable
 * @etc: (nullable): files and folders of /etc that a toolchain needs, beside the ones always there
 *
 * What is fixed when a box is made.
 */
typedef struct
{
  gint64 disk_kib;
  char **etc;
} RucheBoxProfile;

/**
 * RucheBoxStep:
 * @argv: the command line
 * @env: (nullable): NAME=value, beside the short environment that every step has
 * @limits: what it may use; output is counted by the caller, who owns the pipes
 * @stdin_fd: closed by ruche_box_run_async(); -1 for /dev/null
 * @stdout_fd: likewise
 * @stderr_fd: likewise
 *
 * One command to carry out in a box.
 */
typedef struct
{
  const char *const *argv;
  const char *const *env;
  RucheLimits limits;
  int stdin_fd;
  int stdout_fd;
  int stderr_fd;
} RucheBoxStep;

/* Why the runner or the slave ended a step. */
typedef enum
{
  RUCHE_BOX_ENDED,  /* by itself */
  RUCHE_BOX_KILLED, /* ruche_box_kill() */
  RUCHE_BOX_CPU_LIMIT,
  RUCHE_BOX_WALL_LIMIT,
  RUCHE_BOX_MEMORY_LIMIT,
  RUCHE_BOX_INODE_LIMIT,
  RUCHE_BOX_NOT_STARTED, /* exec failed: exec_errno */
} RucheBoxEnd;

/**
 * RucheBoxReport:
 * @end: why it ended
 * @status: as wait4() gave it
 * @exec_errno: for %RUCHE_BOX_NOT_STARTED
 * @usage: of all processes of the step
 * @max_rss_kib: of its largest process
 *
 * What became of a step.
 */
typedef struct
{
  RucheBoxEnd end;
  int status;
  int exec_errno;
  RucheUsage usage;
  gint64 max_rss_kib;
} RucheBoxReport;

#define RUCHE_TYPE_BOX (ruche_box_get_type ())
G_DECLARE_FINAL_TYPE (RucheBox, ruche_box, RUCHE, BOX, GObject)

#define RUCHE_TYPE_BOX_FACTORY (ruche_box_factory_get_type ())
G_DECLARE_FINAL_TYPE (RucheBoxFactory, ruche_box_factory, RUCHE, BOX_FACTORY, GObject)

/* Finds bwrap and the runner; spawns from a thread that lives as long as the factory. */
RucheBoxFactory *
ruche_box_factory_new (const char *runner_path, GError **error);

/* Proves that boxes work on this machine: makes one and runs /bin/true in it. */
void
ruche_box_factory_probe_async (RucheBoxFactory *factory,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
gboolean
ruche_box_factory_probe_finish (RucheBoxFactory *factory, GAsyncResult *result, GError **error);

/* Makes a box and waits for the runner's greeting. */
void
ruche_box_open_async (RucheBoxFactory *factory,
                      const RucheBoxProfile *profile,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data);
RucheBox *
ruche_box_open_finish (RucheBoxFactory *factory, GAsyncResult *result, GError **error);

/* Puts a file into the work folder; its name has passed ruche_file_name_check(). Sent in order
 * with the steps, so there is nothing to wait for: a failure ends the next step. */
gboolean
ruche_box_put_file (RucheBox *self, const char *name, int fd, gboolean executable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Runs one step; one at a time. Only Ruche's own faults are errors. */
void
ruche_box_run_async (RucheBox *self,
                     const RucheBoxStep *step,
                     GCancellable *cancellable,
                     GAsyncReadyCallback callback,
                     gpointer user_data);
gboolean
ruche_box_run_finish (RucheBox *self, GAsyncResult *result, RucheBoxReport *report, GError **error);

/* Ends the running step, if any: it is reported as RUCHE_BOX_KILLED. */
void
ruche_box_kill (RucheBox *self);

/* Throws the box away with all that runs in it; done when no process is left. */
void
ruche_box_close_async (RucheBox *self,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data);
gboolean
ruche_box_close_finish (RucheBox *self, GAsyncResult *result, GError **error);

G_END_DECLS
