/* bench-plan.c: what one decision of the scheduler and one waiting task cost
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Prints figures for 1,000 servers and ever more tasks; run it by `meson test --benchmark`.
 */
#include "config.h"

#include "fake-cluster.h"

#include <malloc.h>

#define N_SERVERS 1000
#define SLOTS     4

static void
finish_held (FakeCluster *c, RucheServerEntry *server)
{
  while (server->held->len > 0)
    {
      const RucheHeld *held = &g_array_index (server->held, RucheHeld, 0);
      RucheJobEntry *job = held->job;
      guint task = held->task;

      fake_cluster_finish (c, server, job->number, task, job->tasks[task].attempt,
                           RUCHE_VERDICT_OK);
    }
}

static void
measure (guint n_tasks)
{
  g_autoptr (FakeCluster) c = fake_cluster_new (RUCHE_POLICY_LEAST_LOADED, 10);
  RucheServerEntry *servers[N_SERVERS];
  size_t before, waiting;
  gint64 planning_us = 0;

  c->quiet = TRUE;
  for (guint i = 0; i < N_SERVERS; i++)
    {
      g_autofree char *name = g_strdup_printf ("s%u", i);
      servers[i] = fake_cluster_join (c, name, SLOTS, "c");
    }
  before = mallinfo2 ().uordblks + mallinfo2 ().hblkhd;
  fake_cluster_submit (c, "ann", "c", n_tasks, RUCHE_PRIORITY_NORMAL);
  waiting = mallinfo2 ().uordblks + mallinfo2 ().hblkhd - before;
  while (c->n_finished < n_tasks)
    {
      gint64 begin = g_get_monotonic_time ();
      ruche_reactor_plan (c->reactor);
      planning_us += g_get_monotonic_time () - begin;
      for (guint i = 0; i < N_SERVERS; i++)
        finish_held (c, servers[i]);
    }
  g_print ("%8u tasks, %d servers: %6.0f ns a decision, %4zu bytes a waiting task\n", n_tasks,
           N_SERVERS, (double)planning_us * 1000 / n_tasks, waiting / n_tasks);
}

int
main (void)
{
  for (guint n_tasks = 10000; n_tasks <= 1000000; n_tasks *= 10)
    measure (n_tasks);
  return 0;
}
