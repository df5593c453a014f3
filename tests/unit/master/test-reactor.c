/* test-reactor.c: the master's rules, one by one
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "fake-cluster.h"

#include "ruche-bounds.h"
#include "ruche-error.h"

#define assert_plan(cluster, expected)                                                             \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_autofree char *planned = fake_cluster_plan (cluster);                                        \
    g_assert_cmpstr (planned, ==, expected);                                                       \
  }                                                                                                \
  G_STMT_END

#define NORMAL RUCHE_PRIORITY_NORMAL
#define OK     RUCHE_VERDICT_OK

static void
test_one_job (void)
{
  g_autoptr (FakeCluster) c = fake_cluster_new (RUCHE_POLICY_LEAST_LOADED, 10);
  RucheServerEntry *s = fake_cluster_join (c, "s", 2, "c");
  RucheJobEntry *job = fake_cluster_submit (c, "ann", "c", 3, NORMAL);

  assert_plan (c, "1.0.1>s 1.1.1>s");
  assert_plan (c, "");
  g_assert_cmpstr (ruche_reactor_why_waiting (c->reactor, job), ==, "busy");
  g_assert_true (fake_cluster_finish (c, s, 1, 1, 1, OK));
  assert_plan (c, "1.1=ok 1.2.1>s");
  g_assert_null (ruche_reactor_why_waiting (c->reactor, job));
  g_assert_true (fake_cluster_finish (c, s, 1, 2, 1, RUCHE_VERDICT_TIME_LIMIT));
  g_assert_true (fake_cluster_finish (c, s, 1, 0, 1, RUCHE_VERDICT_SIGNALED));
  assert_plan (c, "1.2=time-limit 1.0=signaled end:1");

  g_autoptr (RucheJobInfo) info = ruche_job_entry_to_info (job);
  g_assert_cmpint (info->state, ==, RUCHE_JOB_FINISHED);
  g_assert_cmpint (info->verdict, ==, RUCHE_VERDICT_SIGNALED);
  g_assert_cmpint (info->failed, ==, 2);
  g_assert_cmpint (info->queued + info->running, ==, 0);
}

static void
test_least_loaded (void)
{
  g_autoptr (FakeCluster) c = fake_cluster_new (RUCHE_POLICY_LEAST_LOADED, 10);
  RucheServerEntry *a = fake_cluster_join (c, "a", 4, "c");
  RucheServerEntry *b = fake_cluster_join (c, "b", 4, "c");

  fake_cluster_load (c, a, 0.9);
  fake_cluster_load (c, b, 0.1);
  fake_cluster_submit (c, "ann", "c", 5, NORMAL);
  /* b is the better one until what was sent there makes up for the difference. */
  assert_plan (c, "1.0.1>b 1.1.1>b 1.2.1>b 1.3.1>b 1.4.1>a");
}

static void
test_running_decides_among_equals (void)
{
  g_autoptr (FakeCluster) c = fake_cluster_new (RUCHE_POLICY_LEAST_LOADED, 10);
  RucheServerEntry *a = fake_cluster_join (c, "a", 4, "c");
  RucheServerEntry *b = fake_cluster_join (c, "b", 4, "c");

  fake_cluster_submit (c, "ann", "c", 1, NORMAL);
  assert_plan (c, "1.0.1>a");
  /* The next report takes the place of what was sent before it; a slight difference is noise. */
  fake_cluster_load (c, a, 0.50);
  fake_cluster_load (c, b, 0.51);
  fake_cluster_submit (c, "ann", "c", 1, NORMAL);
  assert_plan (c, "2.0.1>b");
}

static void
test_fewest_running (void)
{
  g_autoptr (FakeCluster) c = fake_cluster_new (RUCHE_POLICY_FEWEST_RUNNING, 10);
  RucheServerEntry *a = fake_cluster_join (c, "a", 4, "c");
  RucheServerEntry *b = fake_cluster_join (c, "b", 4, "c");

  fake_cluster_load (c, a, 0.9);
  fake_cluster_load (c, b, 0.1);
  fake_cluster_submit (c, "ann", "c", 5, NORMAL);
  assert_plan (c, "1.0.1>b 1.1.1>a 1.2.1>b 1.3.1>a 1.4.1>b");
}

static void
test_languages (void)
{
  g_autoptr (FakeCluster) c = fake_cluster_new (RUCHE_POLICY_LEAST_LOADED, 10);
  RucheJobEntry *java = fake_cluster_submit (c, "ann", "java", 1, NORMAL);
  RucheJobEntry *absent = fake_cluster_submit_to (c, "c", "x");
  RucheJobEntry *commands = fake_cluster_submit (c, "ann", "", 1, NORMAL);

  g_assert_cmpstr (ruche_reactor_why_waiting (c->reactor, java), ==, "no-server");
  assert_plan (c, "");
  fake_cluster_join (c, "s", 1, "c");
  g_assert_cmpstr (ruche_reactor_why_waiting (c->reactor, java), ==, "no-toolchain");
  g_assert_cmpstr (ruche_reactor_why_waiting (c->reactor, absent), ==, "no-such-server");
  fake_cluster_submit (c, "ann", "c", 1, NORMAL);
  /* What nobody can run does not stand in the way. */
  assert_plan (c, "3.0.1>s");
  g_assert_null (ruche_reactor_why_waiting (c->reactor, commands));
  fake_cluster_join (c, "t", 1, "c java");
  assert_plan (c, "1.0.1>t");
  RucheServerEntry *x = fake_cluster_join (c, "x", 1, "python");
  g_assert_cmpstr (ruche_reactor_why_waiting (c->reactor, absent), ==, "no-toolchain");
  assert_plan (c, "");
  ruche_reactor_slave_leaving (c->reactor, x, c->now);
  fake_cluster_join (c, "x", 1, "c");
  assert_plan (c, "gone:x 2.0.1>x");
}

static void
test_fair_shares (void)
{
  g_autoptr (FakeCluster) c = fake_cluster_new (RUCHE_POLICY_LEAST_LOADED, 10);
  RucheServerEntry *s = fake_cluster_join (c, "s", 1, "c");

  fake_cluster_submit (c, "ann", "c", 10000, NORMAL);
  assert_plan (c, "1.0.1>s");
  fake_cluster_submit (c, "bob", "c", 2, NORMAL);
  fake_cluster_submit (c, "eve", "c", 2, RUCHE_PRIORITY_LOW);
  /* Who comes goes first, then it is everybody's turn; high or low only orders one's own. */
  g_assert_true (fake_cluster_finish (c, s, 1, 0, 1, OK));
  assert_plan (c, "1.0=ok 2.0.1>s");
  g_assert_true (fake_cluster_finish (c, s, 2, 0, 1, OK));
  assert_plan (c, "2.0=ok 3.0.1>s");
  g_assert_true (fake_cluster_finish (c, s, 3, 0, 1, OK));
  assert_plan (c, "3.0=ok 1.1.1>s");
  g_assert_true (fake_cluster_finish (c, s, 1, 1, 1, OK));
  assert_plan (c, "1.1=ok 2.1.1>s");
}

static void
test_priority_within_a_person (void)
{
  g_autoptr (FakeCluster) c = fake_cluster_new (RUCHE_POLICY_LEAST_LOADED, 10);

  fake_cluster_submit (c, "ann", "c", 1, RUCHE_PRIORITY_LOW);
  fake_cluster_submit (c, "ann", "python", 1, NORMAL);
  fake_cluster_submit (c, "ann", "c", 1, RUCHE_PRIORITY_HIGH);
  fake_cluster_submit (c, "ann", "c", 1, NORMAL);
  fake_cluster_join (c, "s", 4, "c python");
  assert_plan (c, "3.0.1>s 2.0.1>s 4.0.1>s 1.0.1>s");
}

static void
test_shares_by_priority (void)
{
  g_autoptr (FakeCluster) c = fake_cluster_new (RUCHE_POLICY_LEAST_LOADED, 10);
  RucheJobEntry *low = fake_cluster_submit (c, "ann", "c", 1000, RUCHE_PRIORITY_LOW);
  RucheJobEntry *normal = fake_cluster_submit (c, "bob", "c", 1000, NORMAL);
  RucheJobEntry *high = fake_cluster_submit (c, "eve", "c", 1000, RUCHE_PRIORITY_HIGH);
  RucheJobEntry *raised = fake_cluster_submit (c, "root", "c", 1000, RUCHE_PRIORITY_HIGH);

  raised->raised = TRUE;
  c->quiet = TRUE;
  fake_cluster_join (c, "s", 500, "c");
  ruche_reactor_plan (c->reactor);
  /* 1/4 : 1 : 1 : 4; a member's own “high” weighs no more than normal. */
  g_assert_cmpuint (low->n_running, ==, 20);
  g_assert_cmpuint (normal->n_running, ==, 80);
  g_assert_cmpuint (high->n_running, ==, 80);
  g_assert_cmpuint (raised->n_running, ==, 320);
}

static void
test_no_credit_for_absence (void)
{
  g_autoptr (FakeCluster) c = fake_cluster_new (RUCHE_POLICY_LEAST_LOADED, 10);
  RucheJobEntry *blocked = fake_cluster_submit (c, "ann", "java", 100, NORMAL);
  RucheJobEntry *bob = fake_cluster_submit (c, "bob", "c", 1000, NORMAL);

  c->quiet = TRUE;
  fake_cluster_join (c, "s", 100, "c");
  ruche_reactor_plan (c->reactor);
  g_assert_cmpuint (bob->n_running, ==, 100);
  fake_cluster_join (c, "t", 40, "c java");
  ruche_reactor_plan (c->reactor);
  /* Who waited goes first, and then they take turns. */
  g_assert_cmpuint (blocked->n_running, ==, 21);
  g_assert_cmpuint (bob->n_running, ==, 119);
}

static void
test_lost (void)
{
  g_autoptr (FakeCluster) c = fake_cluster_new (RUCHE_POLICY_LEAST_LOADED, 10);
  RucheServerEntry *s = fake_cluster_join (c, "s", 2, "c");
  RucheJobEntry *once = fake_cluster_submit (c, "ann", "c", 1, NORMAL);
  RucheJobEntry *twice = fake_cluster_submit (c, "ann", "c", 1, NORMAL);

  twice->spec->attempts = 2;
  assert_plan (c, "1.0.1>s 2.0.1>s");
  ruche_reactor_slave_lost (c->reactor, s, "gone", c->now);
  assert_plan (c, "requeued:2.0 1.0=lost end:1");
  g_assert_cmpstr (once->tasks[0].result->server, ==, "s");
  g_assert_nonnull (strstr (once->tasks[0].result->reason, "gone"));

  RucheServerEntry *t = fake_cluster_join (c, "t", 1, "c");
  assert_plan (c, "2.0.2>t");
  /* The first one comes back and tells its story: nobody listens. */
  s = fake_cluster_join (c, "s", 2, "c");
  g_assert_false (fake_cluster_finish (c, s, 2, 0, 1, OK));
  g_assert_false (fake_cluster_finish (c, s, 2, 0, 2, OK));
  g_assert_false (fake_cluster_finish (c, s, 1, 0, 1, OK));
  g_assert_false (fake_cluster_finish (c, t, 2, 0, 1, OK));
  assert_plan (c, "ignored:2.0.1 ignored:2.0.2 ignored:1.0.1 ignored:2.0.1");
  ruche_reactor_slave_lost (c->reactor, t, "again", c->now);
  assert_plan (c, "2.0=lost end:2");
}

static void
test_held_by_who_returns (void)
{
  g_autoptr (FakeCluster) c = fake_cluster_new (RUCHE_POLICY_LEAST_LOADED, 10);
  RucheOffer *offer = ruche_struct_new (ruche_message_schemas[RUCHE_MESSAGE_OFFER]);
  RucheAttemptId *id = ruche_attempt_id_new ();

  offer->slots = offer->cores = 1;
  id->job = 7;
  id->attempt = 1;
  g_ptr_array_add (offer->held, id);
  g_assert_nonnull (ruche_reactor_slave_joined (c->reactor, "s", offer, NULL, c->now, NULL));
  assert_plan (c, "stop:7.0.1>s");
  ruche_struct_free (ruche_message_schemas[RUCHE_MESSAGE_OFFER], offer);
}

static void
test_leaving (void)
{
  g_autoptr (FakeCluster) c = fake_cluster_new (RUCHE_POLICY_LEAST_LOADED, 10);
  RucheServerEntry *s = fake_cluster_join (c, "s", 2, "c");
  RucheTaskStatus running = { .job = 1, .task = 1, .attempt = 1, .state = RUCHE_TASK_RUNNING };

  fake_cluster_submit (c, "ann", "c", 2, NORMAL);
  assert_plan (c, "1.0.1>s 1.1.1>s");
  ruche_reactor_started (c->reactor, s, &running);
  ruche_reactor_slave_leaving (c->reactor, s, c->now);
  /* What had begun was tried; what had not goes back. */
  assert_plan (c, "1.1=lost requeued:1.0 gone:s");
  g_assert_null (ruche_server_table_lookup (ruche_reactor_get_servers (c->reactor), "s"));
  fake_cluster_join (c, "s", 2, "c");
  assert_plan (c, "1.0.2>s");
}

static void
test_cancel (void)
{
  g_autoptr (FakeCluster) c = fake_cluster_new (RUCHE_POLICY_LEAST_LOADED, 10);
  RucheServerEntry *s = fake_cluster_join (c, "s", 1, "c");
  RucheJobEntry *job = fake_cluster_submit (c, "ann", "c", 3, NORMAL);

  assert_plan (c, "1.0.1>s");
  ruche_reactor_cancelled (c->reactor, job, c->now);
  assert_plan (c, "stop:1.0.1>s 1.1=cancelled 1.2=cancelled");
  ruche_reactor_cancelled (c->reactor, job, c->now);
  assert_plan (c, "");
  g_assert_true (fake_cluster_finish (c, s, 1, 0, 1, RUCHE_VERDICT_CANCELLED));
  assert_plan (c, "1.0=cancelled end:1");
  ruche_reactor_cancelled (c->reactor, job, c->now);
  assert_plan (c, "");

  g_autoptr (RucheResult) never_ran = ruche_job_entry_to_result (job, 2);
  g_assert_cmpint (never_ran->verdict, ==, RUCHE_VERDICT_CANCELLED);
  g_assert_cmpint (never_ran->attempt, ==, 0);
}

static void
test_cancel_and_lost (void)
{
  g_autoptr (FakeCluster) c = fake_cluster_new (RUCHE_POLICY_LEAST_LOADED, 10);
  RucheServerEntry *s = fake_cluster_join (c, "s", 1, "c");
  RucheJobEntry *job = fake_cluster_submit (c, "ann", "c", 1, NORMAL);

  job->spec->attempts = 3;
  assert_plan (c, "1.0.1>s");
  ruche_reactor_cancelled (c->reactor, job, c->now);
  ruche_reactor_slave_lost (c->reactor, s, "gone", c->now);
  assert_plan (c, "stop:1.0.1>s 1.0=cancelled end:1");

  /* Requeued, then cancelled. */
  job = fake_cluster_submit (c, "ann", "c", 1, NORMAL);
  job->spec->attempts = 3;
  s = fake_cluster_join (c, "s", 1, "c");
  assert_plan (c, "2.0.1>s");
  ruche_reactor_slave_lost (c->reactor, s, "gone", c->now);
  ruche_reactor_cancelled (c->reactor, job, c->now);
  assert_plan (c, "requeued:2.0 2.0=cancelled end:2");
  fake_cluster_join (c, "s", 1, "c");
  assert_plan (c, "");
}

static void
test_lies (void)
{
  g_autoptr (FakeCluster) c = fake_cluster_new (RUCHE_POLICY_LEAST_LOADED, 10);
  RucheServerEntry *s = fake_cluster_join (c, "s", 3, "c");
  RucheTaskStatus back = { .job = 1, .attempt = 1, .state = RUCHE_TASK_READY };
  RucheTaskStatus wild = { .job = 9, .task = -5, .attempt = 1, .state = RUCHE_TASK_RUNNING };
  RucheTaskStatus done = { .job = 1, .attempt = 1, .state = RUCHE_TASK_FINISHED };

  fake_cluster_submit (c, "ann", "c", 3, NORMAL);
  assert_plan (c, "1.0.1>s 1.1.1>s 1.2.1>s");
  back.state = RUCHE_TASK_RUNNING;
  ruche_reactor_started (c->reactor, s, &back);
  back.state = RUCHE_TASK_READY;
  ruche_reactor_started (c->reactor, s, &back);
  ruche_reactor_started (c->reactor, s, &wild);
  ruche_reactor_started (c->reactor, s, &done);
  assert_plan (c, "ignored:9.-5.1 ignored:1.0.1");
  g_assert_false (fake_cluster_finish (c, s, 1, 3, 1, OK));
  g_assert_false (fake_cluster_finish (c, s, 1, -1, 1, OK));
  g_assert_false (fake_cluster_finish (c, s, 2, 0, 1, OK));
  g_assert_false (fake_cluster_finish (c, s, 1, 0, 2, OK));
  assert_plan (c, "ignored:1.3.1 ignored:1.-1.1 ignored:2.0.1 ignored:1.0.2");
  g_assert_true (fake_cluster_finish (c, s, 1, 0, 1, RUCHE_VERDICT_CANCELLED));
  g_assert_true (fake_cluster_finish (c, s, 1, 1, 1, RUCHE_VERDICT_LOST));
  g_assert_true (fake_cluster_finish (c, s, 1, 2, 1, RUCHE_VERDICT_NONE));
  assert_plan (c, "1.0=internal-error 1.1=internal-error 1.2=internal-error end:1");
}

static void
test_suspect (void)
{
  g_autoptr (FakeCluster) c = fake_cluster_new (RUCHE_POLICY_LEAST_LOADED, 10);
  RucheServerEntry *s = fake_cluster_join (c, "s", 2, "c");

  ruche_reactor_slave_suspect (c->reactor, s, TRUE, c->now);
  RucheJobEntry *job = fake_cluster_submit (c, "ann", "c", 1, NORMAL);
  assert_plan (c, "");
  g_assert_cmpstr (ruche_reactor_why_waiting (c->reactor, job), ==, "busy");
  ruche_reactor_slave_suspect (c->reactor, s, FALSE, c->now);
  assert_plan (c, "1.0.1>s");
}

static void
test_names (void)
{
  g_autoptr (FakeCluster) c = fake_cluster_new (RUCHE_POLICY_LEAST_LOADED, 10);
  RucheServerEntry *s = fake_cluster_join (c, "s", 1, "c");
  g_autoptr (GError) error = NULL;

  g_assert_null (ruche_reactor_slave_joined (c->reactor, "s", s->offer, NULL, c->now, &error));
  g_assert_error (error, RUCHE_ERROR, RUCHE_ERROR_EXISTS);
  ruche_reactor_slave_lost (c->reactor, s, "gone", c->now);
  ruche_reactor_tick (c->reactor, c->now + RUCHE_SHOW_LOST_MS - 1);
  assert_plan (c, "");
  ruche_reactor_tick (c->reactor, c->now + RUCHE_SHOW_LOST_MS);
  assert_plan (c, "gone:s");
}

static void
test_forgetting (void)
{
  g_autoptr (FakeCluster) c = fake_cluster_new (RUCHE_POLICY_LEAST_LOADED, 2);
  RucheServerEntry *s = fake_cluster_join (c, "s", 3, "c");
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 3; i++)
    fake_cluster_submit (c, "ann", "c", 1, NORMAL);
  assert_plan (c, "1.0.1>s 2.0.1>s 3.0.1>s");
  g_assert_true (fake_cluster_finish (c, s, 2, 0, 1, OK));
  g_assert_true (fake_cluster_finish (c, s, 3, 0, 1, OK));
  RucheJobTable *jobs = ruche_reactor_get_jobs (c->reactor);
  g_assert_false (ruche_reactor_deleted (c->reactor, ruche_job_table_lookup (jobs, 1), &error));
  g_assert_error (error, RUCHE_ERROR, RUCHE_ERROR_BUSY);
  g_assert_true (ruche_reactor_deleted (c->reactor, ruche_job_table_lookup (jobs, 2), NULL));
  g_assert_true (fake_cluster_finish (c, s, 1, 0, 1, OK));
  assert_plan (c, "2.0=ok end:2 3.0=ok end:3 1.0=ok end:1 forgotten:2");
  g_assert_null (ruche_job_table_lookup (jobs, 2));
  g_assert_cmpint (ruche_job_table_before (jobs, 0)->number, ==, 3);
  g_assert_cmpint (ruche_job_table_before (jobs, 3)->number, ==, 1);
  g_assert_cmpint (ruche_job_table_before (jobs, 2)->number, ==, 1);
  g_assert_null (ruche_job_table_before (jobs, 1));
}

static void
test_live_input_is_one_attempt (void)
{
  g_autoptr (FakeCluster) c = fake_cluster_new (RUCHE_POLICY_LEAST_LOADED, 2);
  RucheServerEntry *s = fake_cluster_join (c, "s", 1, "c");
  RucheJobEntry *job = fake_cluster_submit (c, "ann", "c", 1, NORMAL);

  job->spec->attempts = 3;
  job->tasks[0].spec->input = RUCHE_INPUT_LIVE;
  assert_plan (c, "1.0.1>s");
  ruche_reactor_slave_leaving (c->reactor, s, c->now);
  assert_plan (c, "1.0=lost end:1 gone:s");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/reactor/one-job", test_one_job);
  g_test_add_func ("/reactor/least-loaded", test_least_loaded);
  g_test_add_func ("/reactor/running-decides-among-equals", test_running_decides_among_equals);
  g_test_add_func ("/reactor/fewest-running", test_fewest_running);
  g_test_add_func ("/reactor/languages", test_languages);
  g_test_add_func ("/reactor/fair-shares", test_fair_shares);
  g_test_add_func ("/reactor/priority-within-a-person", test_priority_within_a_person);
  g_test_add_func ("/reactor/shares-by-priority", test_shares_by_priority);
  g_test_add_func ("/reactor/no-credit-for-absence", test_no_credit_for_absence);
  g_test_add_func ("/reactor/lost", test_lost);
  g_test_add_func ("/reactor/held-by-who-returns", test_held_by_who_returns);
  g_test_add_func ("/reactor/leaving", test_leaving);
  g_test_add_func ("/reactor/cancel", test_cancel);
  g_test_add_func ("/reactor/cancel-and-lost", test_cancel_and_lost);
  g_test_add_func ("/reactor/lies", test_lies);
  g_test_add_func ("/reactor/suspect", test_suspect);
  g_test_add_func ("/reactor/names", test_names);
  g_test_add_func ("/reactor/forgetting", test_forgetting);
  g_test_add_func ("/reactor/live-input-is-one-attempt", test_live_input_is_one_attempt);
  return g_test_run ();
}
