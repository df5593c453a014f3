/* ruche-reactor.h: the heart of the master
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Events go in as calls, decisions come out through a table of functions. There is no socket, no
 * file and no clock here, so every rule can be tested with plain calls.
 */
#pragma once

#include "ruche-job-table.h"
#include "ruche-messages.h"
#include "ruche-server-table.h"

G_BEGIN_DECLS

/* A lost server is shown to people this long. */
#define RUCHE_SHOW_LOST_MS (10 * 60 * 1000)

/**
 * RucheSink:
 * @dispatch: a server is given the current attempt of a task
 * @stop: a server is asked to stop an attempt, which may be one that was given up
 * @task_changed: a task moved on, or went back to the queue
 * @task_finished: a task ended; told once for each task
 * @job_finished: all tasks of a job ended; told once for each job, after @task_finished
 * @job_forgotten: a job is about to be freed
 * @server_changed: a server is new, has changed, or reported its load
 * @server_gone: no server of that name is known any more
 * @ignored: a server said something about an attempt that it does not hold
 *
 * What the reactor decides and tells. None of these may call the reactor back.
 */
typedef struct
{
  void (*dispatch) (RucheServerEntry *server, RucheJobEntry *job, guint task, gpointer user_data);
  void (*stop) (RucheServerEntry *server, const RucheAttemptId *attempt, gpointer user_data);
  void (*task_changed) (RucheJobEntry *job, guint task, gpointer user_data);
  void (*task_finished) (RucheJobEntry *job, guint task, gpointer user_data);
  void (*job_finished) (RucheJobEntry *job, gpointer user_data);
  void (*job_forgotten) (RucheJobEntry *job, gpointer user_data);
  void (*server_changed) (RucheServerEntry *server, gpointer user_data);
  void (*server_gone) (const char *name, gpointer user_data);
  void (*ignored) (RucheServerEntry *server, const RucheAttemptId *attempt, gpointer user_data);
} RucheSink;

typedef struct _RucheReactor RucheReactor;

RucheReactor *
ruche_reactor_new (RuchePolicy policy,
                   guint max_kept_jobs,
                   const RucheSink *sink,
                   gpointer user_data);
void
ruche_reactor_free (RucheReactor *reactor);
RucheJobTable *
ruche_reactor_get_jobs (RucheReactor *reactor);
RucheServerTable *
ruche_reactor_get_servers (RucheReactor *reactor);
gint64
ruche_reactor_get_n_queued (RucheReactor *reactor);
gint64
ruche_reactor_get_n_running (RucheReactor *reactor);

RucheJobEntry *
ruche_reactor_submitted (RucheReactor *reactor,
                         const char *owner,
                         gboolean raised,
                         RucheJobSpec *spec,
                         GPtrArray *tasks,
                         gint64 now_ms);
void
ruche_reactor_cancelled (RucheReactor *reactor, RucheJobEntry *job, gint64 now_ms);
gboolean
ruche_reactor_deleted (RucheReactor *reactor,
                       RucheJobEntry *job,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

RucheServerEntry *
ruche_reactor_slave_joined (RucheReactor *reactor,
                            const char *name,
                            RucheOffer *offer,
                            gpointer session,
                            gint64 now_ms,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
ruche_reactor_forget_oldest (RucheReactor *reactor);
void
ruche_reactor_slave_load (RucheReactor *reactor,
                          RucheServerEntry *server,
                          const RucheLoad *load,
                          gint64 now_ms);
void
ruche_reactor_slave_suspect (RucheReactor *reactor,
                             RucheServerEntry *server,
                             gboolean suspect,
                             gint64 now_ms);
void
ruche_reactor_slave_lost (RucheReactor *reactor,
                          RucheServerEntry *server,
                          const char *why,
                          gint64 now_ms);
void
ruche_reactor_slave_leaving (RucheReactor *reactor, RucheServerEntry *server, gint64 now_ms);
void
ruche_reactor_started (RucheReactor *reactor, RucheServerEntry *server, const RucheTaskStatus *to);
gboolean
ruche_reactor_finished (RucheReactor *reactor,
                        RucheServerEntry *server,
                        RucheResult *result,
                        gint64 now_ms);
gboolean
ruche_reactor_holds (
    RucheReactor *reactor, const RucheServerEntry *server, gint64 job, gint64 task, gint64 attempt);

void
ruche_reactor_plan (RucheReactor *reactor);
void
ruche_reactor_tick (RucheReactor *reactor, gint64 now_ms);
const char *
ruche_reactor_why_waiting (RucheReactor *reactor, const RucheJobEntry *job);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RucheReactor, ruche_reactor_free)

G_END_DECLS
