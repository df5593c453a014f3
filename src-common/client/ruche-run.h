/* ruche-run.h: a job that is being followed
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-client.h"

G_BEGIN_DECLS

#define RUCHE_TYPE_RUN (ruche_run_get_type ())
G_DECLARE_FINAL_TYPE (RucheRun, ruche_run, RUCHE, RUN, GObject)

/* Signals, in the order in which a run goes through them (pointers are borrowed):
 *
 * "started" (RucheMessage *job as G_TYPE_POINTER): the answer to follow, a RucheJob.
 * "status" (RucheTaskStatus *status as G_TYPE_POINTER): a task moved on.
 * "waiting" (const char *why): why the job waits.
 * "restarted" (gint64 task, gint64 attempt): forget the output of that task: a new attempt began.
 * "output" (gint64 task, int stream, GBytes *bytes): more of a stream. Taken, and acknowledged,
 *   when the handlers return, unless ruche_run_set_flow (run, FALSE) holds acknowledgements back.
 * "input-wanted" (): there is room again in the window of live input.
 * "result" (RucheResult *result as G_TYPE_POINTER): a task ended.
 * "finished" (RucheJobInfo *info as G_TYPE_POINTER): the job ended; last.
 * "failed" (GError *why): the connection or the job is gone; last.
 */

gint64
ruche_run_get_job (RucheRun *self);
RucheClient *
ruche_run_get_client (RucheRun *self);
void
ruche_run_set_flow (RucheRun *self, gboolean flow);
gsize
ruche_run_get_input_room (RucheRun *self);
gboolean
ruche_run_write_input (RucheRun *self, GBytes *bytes, gboolean end);
void
ruche_run_cancel_async (RucheRun *self,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data);
gboolean
ruche_run_cancel_finish (RucheRun *self, GAsyncResult *result, GError **error);
void
ruche_run_unfollow (RucheRun *self);

G_END_DECLS
