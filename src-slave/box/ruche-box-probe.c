/* ruche-box-probe.c: the proof, at a slave's start, that boxes work here
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-box.h"

#include "ruche-bounds.h"
#include "ruche-error.h"

#include <glib/gi18n-lib.h>
#include <sys/wait.h>

static void
on_closed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (ruche_box_close_finish (RUCHE_BOX (source), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
on_run (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (RucheBox) box = RUCHE_BOX (source);
  RucheBoxReport report;
  GError *error = NULL;

  if (!ruche_box_run_finish (box, result, &report, &error))
    g_task_return_error (task, error);
  else if (report.end == RUCHE_BOX_NOT_STARTED)
    g_task_return_new_error (task, RUCHE_ERROR, RUCHE_ERROR_UNAVAILABLE,
                             _ ("A box was made, but no program starts in it: %s"),
                             g_strerror (report.exec_errno));
  else if (report.end != RUCHE_BOX_ENDED || !WIFEXITED (report.status)
           || WEXITSTATUS (report.status) != 0)
    g_task_return_new_error (task, RUCHE_ERROR, RUCHE_ERROR_UNAVAILABLE,
                             _ ("A box was made, but programs do not run in it as they should."));
  else
    ruche_box_close_async (box, NULL, on_closed, g_steal_pointer (&task));
}

static void
on_open (GObject *source, GAsyncResult *result, gpointer user_data)
{
  static const char *const argv[] = { "/bin/true", NULL };
  RucheBoxStep step = { .argv = argv, .stdin_fd = -1, .stdout_fd = -1, .stderr_fd = -1 };
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  RucheBox *box = ruche_box_open_finish (RUCHE_BOX_FACTORY (source), result, &error);

  if (box == NULL)
    g_task_return_error (task, error);
  else
    ruche_box_run_async (box, &step, NULL, on_run, g_steal_pointer (&task));
}

/**
 * ruche_box_factory_probe_async:
 * @factory: a factory
 * @cancellable: (nullable): to give up
 * @callback: called when it is known
 * @user_data: for @callback
 *
 * Makes a box and runs /bin/true in it, as who the process is now.
 */
void
ruche_box_factory_probe_async (RucheBoxFactory *factory,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  RucheBoxProfile profile = { .disk_kib = RUCHE_DEFAULT_DISK_KIB };
  g_autoptr (GTask) task = g_task_new (factory, cancellable, callback, user_data);

  g_task_set_source_tag (task, ruche_box_factory_probe_async);
  ruche_box_open_async (factory, &profile, cancellable, on_open, g_steal_pointer (&task));
}

/**
 * ruche_box_factory_probe_finish:
 * @factory: the factory
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends ruche_box_factory_probe_async().
 *
 * Returns: whether boxes work here; if not, %RUCHE_ERROR_UNAVAILABLE with one sentence that says
 *   why and what to do
 */
gboolean
ruche_box_factory_probe_finish (RucheBoxFactory *factory, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
