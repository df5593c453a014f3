/* fake-cluster.h: a reactor with a sink that writes down what it is told
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-reactor.h"

/**
 * FakeCluster:
 * @reactor: under test
 * @log: every decision as text, in order; emptied by fake_cluster_take_log()
 * @quiet: whether nothing is written to @log, for big simulations
 * @now: the made-up time of day
 * @n_dispatched: attempts given out
 * @n_finished: tasks ended
 * @n_jobs_finished: jobs ended
 * @n_ignored: things said about attempts not held
 * @over_slots: whether a server was ever given more than its slots
 */
typedef struct
{
  RucheReactor *reactor;
  GString *log;
  gboolean quiet;
  gint64 now;
  guint n_dispatched;
  guint n_finished;
  guint n_jobs_finished;
  guint n_ignored;
  gboolean over_slots;
} FakeCluster;

FakeCluster *
fake_cluster_new (RuchePolicy policy, guint max_kept_jobs);
void
fake_cluster_free (FakeCluster *cluster);
RucheServerEntry *
fake_cluster_join (FakeCluster *cluster, const char *name, gint64 slots, const char *languages);
RucheJobEntry *
fake_cluster_submit (FakeCluster *cluster,
                     const char *owner,
                     const char *language,
                     guint n_tasks,
                     RuchePriority priority);
RucheJobEntry *
fake_cluster_submit_to (FakeCluster *cluster, const char *language, const char *server);
gboolean
fake_cluster_finish (FakeCluster *cluster,
                     RucheServerEntry *server,
                     gint64 job,
                     gint64 task,
                     gint64 attempt,
                     RucheVerdict verdict);
void
fake_cluster_load (FakeCluster *cluster, RucheServerEntry *server, double cpu);
char *
fake_cluster_plan (FakeCluster *cluster);
char *
fake_cluster_take_log (FakeCluster *cluster);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FakeCluster, fake_cluster_free)
