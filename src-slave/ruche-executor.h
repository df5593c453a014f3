/* ruche-executor.h: the tasks that a slave was given, and its slots
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-attempt.h"

G_BEGIN_DECLS

typedef struct _RucheExecutor RucheExecutor;

/**
 * RucheExecutorEvents:
 * @send: takes over a message that is not gathered with others
 * @started: an attempt moved on
 * @finished: takes over the result of an attempt
 * @idle: nothing runs any more
 *
 * What an executor tells its owner.
 */
typedef struct
{
  void (*send) (RucheMessage *message, gpointer user_data);
  void (*started) (const RucheTaskStatus *status, gpointer user_data);
  void (*finished) (RucheResult *result, gpointer user_data);
  void (*idle) (gpointer user_data);
} RucheExecutorEvents;

RucheExecutor *
ruche_executor_new (guint slots,
                    RucheBoxFactory *factory,
                    RucheBlobs *blobs,
                    GPtrArray *offers,
                    const RucheExecutorEvents *events,
                    gpointer user_data);
void
ruche_executor_free (RucheExecutor *self);
void
ruche_executor_take (RucheExecutor *self, RucheMessage *message);
void
ruche_executor_forget (RucheExecutor *self);
void
ruche_executor_resume (RucheExecutor *self);
void
ruche_executor_taken (RucheExecutor *self, GPtrArray *results);
void
ruche_executor_add_held (RucheExecutor *self, GPtrArray *held);
guint
ruche_executor_get_running (RucheExecutor *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RucheExecutor, ruche_executor_free)

G_END_DECLS
