/* ruche-scheduler.h: which task goes to which server
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-queue.h"
#include "ruche-server-table.h"

G_BEGIN_DECLS

/**
 * RucheAssign:
 * @server: the server that gets the task; noting that it holds it is up to this function
 * @job: the job
 * @task: its task
 * @user_data: as given
 *
 * Carries out one decision.
 */
typedef void (*RucheAssign) (RucheServerEntry *server,
                             RucheJobEntry *job,
                             guint task,
                             gpointer user_data);

void
ruche_scheduler_plan (RucheQueue *queue,
                      RucheServerTable *servers,
                      RucheAssign assign,
                      gpointer user_data);

G_END_DECLS
