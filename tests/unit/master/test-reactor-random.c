/* test-reactor-random.c: random histories, and a thousand servers
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "fake-cluster.h"

#include "ruche-bounds.h"

#define N_NAMES 6

static const char *const owners[] = { "ann", "bob", "eve" };
static const char *const languages[] = { "c", "java", "python", "" };
static const char *const offers[] = { "c", "c java", "c java python", "python" };
static const char *const names[N_NAMES] = { "a", "b", "d", "e", "f", "g" };

static gboolean
connected (const RucheServerEntry *server)
{
  return server != NULL && server->state != RUCHE_SERVER_LOST;
}

static void
random_end (FakeCluster *c, GRand *rand, RucheServerEntry *server)
{
  const RucheHeld *held;
  gint64 job, task, attempt;

  if (server->held->len == 0)
    return;
  held = &g_array_index (server->held, RucheHeld,
                         g_rand_int_range (rand, 0, (gint32)server->held->len));
  job = held->job->number;
  task = held->task;
  attempt = held->job->tasks[held->task].attempt;
  g_assert_true (fake_cluster_finish (c, server, job, task, attempt, RUCHE_VERDICT_OK));
  /* Said twice, it counts once. */
  g_assert_false (fake_cluster_finish (c, server, job, task, attempt, RUCHE_VERDICT_OK));
}

static void
random_server_event (FakeCluster *c, GRand *rand)
{
  const char *name = names[g_rand_int_range (rand, 0, N_NAMES)];
  RucheServerEntry *server
      = ruche_server_table_lookup (ruche_reactor_get_servers (c->reactor), name);

  if (!connected (server))
    {
      fake_cluster_join (c, name, g_rand_int_range (rand, 1, 5),
                         offers[g_rand_int_range (rand, 0, G_N_ELEMENTS (offers))]);
      return;
    }
  switch (g_rand_int_range (rand, 0, 12))
    {
    case 0:
      ruche_reactor_slave_lost (c->reactor, server, "gone", c->now);
      break;
    case 1:
      ruche_reactor_slave_leaving (c->reactor, server, c->now);
      break;
    case 2:
      ruche_reactor_slave_suspect (c->reactor, server, g_rand_boolean (rand), c->now);
      break;
    case 3:
      fake_cluster_load (c, server, g_rand_double (rand));
      break;
    default:
      random_end (c, rand, server);
      break;
    }
}

static guint
random_job_event (FakeCluster *c, GRand *rand)
{
  guint n_tasks = (guint)g_rand_int_range (rand, 1, 20);
  RucheJobEntry *job;

  if (g_rand_int_range (rand, 0, 4) == 0)
    {
      job = ruche_job_table_before (ruche_reactor_get_jobs (c->reactor),
                                    g_rand_int_range (rand, 0, 50));
      if (job != NULL)
        ruche_reactor_cancelled (c->reactor, job, c->now);
      return 0;
    }
  job = fake_cluster_submit (c, owners[g_rand_int_range (rand, 0, G_N_ELEMENTS (owners))],
                             languages[g_rand_int_range (rand, 0, G_N_ELEMENTS (languages))],
                             n_tasks, g_rand_int_range (rand, 0, 3));
  job->spec->attempts = g_rand_int_range (rand, 1, 4);
  return n_tasks;
}

static void
check_server (RucheServerEntry *server, gpointer user_data)
{
  guint *held = user_data;

  g_assert_cmpint (server->held->len, <=, server->offer->slots);
  for (guint i = 0; i < server->held->len; i++)
    {
      const RucheHeld *h = &g_array_index (server->held, RucheHeld, i);
      g_assert_true (h->job->tasks[h->task].server == server);
      g_assert_cmpuint (h->job->tasks[h->task].place, ==, i);
    }
  *held += server->held->len;
}

/* Every count follows from the tasks. */
static void
check_all (FakeCluster *c)
{
  guint held = 0, queued = 0;

  ruche_server_table_foreach (ruche_reactor_get_servers (c->reactor), check_server, &held);
  g_assert_cmpint (held, ==, ruche_reactor_get_n_running (c->reactor));
  for (RucheJobEntry *job = NULL;
       (job = ruche_job_table_before (ruche_reactor_get_jobs (c->reactor),
                                      job != NULL ? job->number : 0))
       != NULL;)
    {
      guint states[RUCHE_TASK_FINISHED + 1] = { 0 };
      for (guint i = 0; i < job->n_tasks; i++)
        states[job->tasks[i].state]++;
      g_assert_cmpuint (states[RUCHE_TASK_QUEUED], ==, ruche_job_entry_get_n_queued (job));
      g_assert_cmpuint (states[RUCHE_TASK_FINISHED], ==, job->n_finished);
      g_assert_cmpuint (job->n_tasks - states[RUCHE_TASK_QUEUED] - job->n_finished, ==,
                        job->n_running);
      g_assert_true ((job->share != NULL) == (states[RUCHE_TASK_QUEUED] > 0));
      queued += states[RUCHE_TASK_QUEUED];
      if (job->number == 1)
        break;
    }
  g_assert_cmpint (queued, ==, ruche_reactor_get_n_queued (c->reactor));
}

/* With one server that can do everything, all that waits comes to its end: nobody starves. */
static void
drain (FakeCluster *c, GRand *rand)
{
  RucheServerEntry *able = fake_cluster_join (c, "able", 2, "c java python");

  for (guint i = 0; i < 1000000; i++)
    {
      RucheServerEntry *busy = able;
      ruche_reactor_plan (c->reactor);
      for (guint n = 0; n < N_NAMES && busy->held->len == 0; n++)
        {
          RucheServerEntry *other
              = ruche_server_table_lookup (ruche_reactor_get_servers (c->reactor), names[n]);
          busy = connected (other) ? other : busy;
        }
      if (busy->held->len == 0)
        return;
      random_end (c, rand, busy);
    }
  g_assert_not_reached ();
}

static char *
history (guint32 seed, RuchePolicy policy)
{
  g_autoptr (FakeCluster) c = fake_cluster_new (policy, 1000000);
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
  guint n_tasks = 0, n_jobs = 0;

  for (guint step = 0; step < 600; step++)
    {
      guint added = 0;
      c->now += 100;
      if (g_rand_int_range (rand, 0, 6) == 0)
        added = random_job_event (c, rand);
      else
        random_server_event (c, rand);
      n_tasks += added;
      n_jobs += added > 0;
      if (g_rand_boolean (rand))
        ruche_reactor_plan (c->reactor);
      check_all (c);
    }
  drain (c, rand);
  check_all (c);
  g_assert_false (c->over_slots);
  g_assert_cmpuint (c->n_finished, ==, n_tasks);
  g_assert_cmpuint (c->n_jobs_finished, ==, n_jobs);
  return fake_cluster_take_log (c);
}

static void
test_random (gconstpointer data)
{
  RuchePolicy policy = GPOINTER_TO_UINT (data);

  for (guint32 seed = 1; seed <= 60; seed++)
    {
      g_autofree char *once = history (seed, policy);
      g_autofree char *again = history (seed, policy);
      g_assert_cmpstr (once, ==, again);
    }
}

/* Someone else's ten thousand tasks make nobody wait longer than a slot takes to come free. */
static void
test_newcomer (void)
{
  for (guint32 seed = 1; seed <= 20; seed++)
    {
      g_autoptr (FakeCluster) c = fake_cluster_new (RUCHE_POLICY_LEAST_LOADED, 100);
      g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
      RucheServerEntry *s = fake_cluster_join (c, "s", 8, "c");
      RucheJobEntry *job;
      gint n = g_rand_int_range (rand, 0, 500);

      c->quiet = TRUE;
      fake_cluster_submit (c, "ann", "c", 10000, RUCHE_PRIORITY_HIGH);
      for (gint i = 0; i < n; i++)
        {
          ruche_reactor_plan (c->reactor);
          random_end (c, rand, s);
        }
      ruche_reactor_plan (c->reactor);
      job = fake_cluster_submit (c, "bob", "c", 1, RUCHE_PRIORITY_LOW);
      ruche_reactor_plan (c->reactor);
      g_assert_cmpuint (job->n_running, ==, 0);
      random_end (c, rand, s);
      ruche_reactor_plan (c->reactor);
      g_assert_cmpuint (job->n_running, ==, 1);
    }
}

/* A thousand servers of four kinds, a hundred people, a hundred thousand tasks. */
static void
test_big (gconstpointer data)
{
  const guint n_servers = 1000, n_owners = 100, n_tasks = 1000;
  g_autoptr (FakeCluster) c = fake_cluster_new (GPOINTER_TO_UINT (data), 1000);
  g_autoptr (GPtrArray) servers = g_ptr_array_new ();
  guint64 served = 0;

  c->quiet = TRUE;
  for (guint i = 0; i < n_servers; i++)
    {
      g_autofree char *name = g_strdup_printf ("s%u", i);
      g_ptr_array_add (servers, fake_cluster_join (c, name, 4, offers[i % 3]));
    }
  for (guint i = 0; i < n_owners; i++)
    {
      g_autofree char *owner = g_strdup_printf ("p%u", i);
      fake_cluster_submit (c, owner, languages[i % 3], n_tasks, RUCHE_PRIORITY_NORMAL);
      fake_cluster_submit (c, owner, "cobol", 1, RUCHE_PRIORITY_HIGH);
    }
  while (c->n_finished < n_owners * n_tasks)
    {
      ruche_reactor_plan (c->reactor);
      for (guint i = 0; i < n_servers; i++)
        {
          RucheServerEntry *server = g_ptr_array_index (servers, i);
          fake_cluster_load (c, server, (double)((i * 7 + served) % 100) / 100);
          for (guint n = 0; server->held->len > 0 && n < 2; n++, served++)
            {
              const RucheHeld *held = &g_array_index (server->held, RucheHeld, 0);
              fake_cluster_finish (c, server, held->job->number, held->task,
                                   held->job->tasks[held->task].attempt, RUCHE_VERDICT_OK);
            }
        }
    }
  g_assert_false (c->over_slots);
  g_assert_cmpuint (c->n_dispatched, ==, n_owners * n_tasks);
  g_assert_cmpint (ruche_reactor_get_n_queued (c->reactor), ==, n_owners);
  g_test_message ("%u tasks on %u servers", c->n_dispatched, n_servers);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/reactor/random/least-loaded",
                        GUINT_TO_POINTER (RUCHE_POLICY_LEAST_LOADED), test_random);
  g_test_add_data_func ("/reactor/random/fewest-running",
                        GUINT_TO_POINTER (RUCHE_POLICY_FEWEST_RUNNING), test_random);
  g_test_add_func ("/reactor/newcomer", test_newcomer);
  g_test_add_data_func ("/reactor/big/least-loaded", GUINT_TO_POINTER (RUCHE_POLICY_LEAST_LOADED),
                        test_big);
  g_test_add_data_func ("/reactor/big/fewest-running",
                        GUINT_TO_POINTER (RUCHE_POLICY_FEWEST_RUNNING), test_big);
  return g_test_run ();
}
