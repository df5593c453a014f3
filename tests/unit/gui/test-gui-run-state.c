/* test-gui-run-state.c: a run from the key that starts it to its verdict, with a made-up time
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "ruche-run-state.h"

#include <string.h>

static void
status (RucheRunState *state, int task_state, int step, const char *server, gint64 now)
{
  RucheTaskStatus status
      = { .job = 7, .state = task_state, .step = step, .server = (char *)server };

  ruche_run_state_status (state, &status, now);
}

static void
check_line (RucheRunState *state, gint64 now, const char *word, const char *details)
{
  g_auto (RucheRunLine) line = { 0 };

  ruche_run_state_describe (state, now, &line);
  g_assert_cmpstr (line.word, ==, word);
  g_assert_cmpstr (line.details, ==, details);
  g_assert_nonnull (line.icon);
  g_assert_nonnull (line.style);
}

static RucheResult *
make_result (int verdict)
{
  RucheResult *result = ruche_result_new ();

  result->job = 7;
  result->attempt = 1;
  result->verdict = verdict;
  result->step = verdict == RUCHE_VERDICT_COMPILE_ERROR ? RUCHE_STEP_COMPILE : RUCHE_STEP_RUN;
  result->server = g_strdup ("atelier-2");
  result->run = ruche_usage_new ();
  result->run->cpu_ms = 12;
  result->run->wall_ms = 1240;
  result->run->memory_kib = 3482;
  return result;
}

static void
test_life (void)
{
  RucheRunState state = { 0 };
  g_autoptr (RucheResult) result = make_result (RUCHE_VERDICT_OK);

  g_assert_false (ruche_run_state_is_active (&state));
  ruche_run_state_begin (&state, 1000);
  g_assert_true (ruche_run_state_is_active (&state));
  check_line (&state, 1000, "Sending", "");
  ruche_run_state_submitted (&state, 7, 1100);
  ruche_run_state_waiting (&state, "busy");
  check_line (&state, 1200, "Waiting", "all servers are busy");
  status (&state, RUCHE_TASK_RUNNING, RUCHE_STEP_COMPILE, "atelier-2", 2000);
  check_line (&state, 2350, "Compiling", "300 ms on atelier-2");
  status (&state, RUCHE_TASK_RUNNING, RUCHE_STEP_RUN, "atelier-2", 3000);
  check_line (&state, 4500, "Running", "1.50 s on atelier-2");
  ruche_run_state_result (&state, result);
  g_assert_false (ruche_run_state_is_active (&state));
  check_line (&state, 9000, "Finished",
              "exit code 0 · 12 ms CPU, 1.24 s in all · 3.4 MiB · on atelier-2");
  ruche_run_state_clear (&state);
}

static void
test_waits_again (void)
{
  RucheRunState state = { 0 };

  ruche_run_state_begin (&state, 0);
  ruche_run_state_submitted (&state, 7, 0);
  status (&state, RUCHE_TASK_RUNNING, RUCHE_STEP_RUN, "atelier-1", 0);
  status (&state, RUCHE_TASK_QUEUED, RUCHE_STEP_NONE, NULL, 5000);
  g_assert_cmpint (state.phase, ==, RUCHE_PHASE_WAITING);
  g_assert_null (state.server);
  ruche_run_state_waiting (&state, "no-server");
  check_line (&state, 6000, "Waiting", "no server is connected");
  ruche_run_state_clear (&state);
}

static void
test_late_words_change_nothing (void)
{
  RucheRunState state = { 0 };
  g_autoptr (RucheResult) result = make_result (RUCHE_VERDICT_CANCELLED);
  g_autoptr (RucheResult) late = make_result (RUCHE_VERDICT_OK);

  ruche_run_state_begin (&state, 0);
  ruche_run_state_submitted (&state, 7, 0);
  ruche_run_state_stop (&state);
  check_line (&state, 0, "Stopping", "for a server");
  ruche_run_state_result (&state, result);
  status (&state, RUCHE_TASK_RUNNING, RUCHE_STEP_RUN, "atelier-1", 10);
  ruche_run_state_result (&state, late);
  ruche_run_state_fail (&state, "the connection broke");
  g_assert_cmpint (state.phase, ==, RUCHE_PHASE_ENDED);
  g_assert_cmpint (state.result->verdict, ==, RUCHE_VERDICT_CANCELLED);
  ruche_run_state_clear (&state);
}

static void
test_failure (void)
{
  RucheRunState state = { 0 };

  ruche_run_state_begin (&state, 0);
  ruche_run_state_fail (&state, "the disk is full: free some space");
  check_line (&state, 0, "Not run", "the disk is full: free some space");
  g_assert_false (ruche_run_state_is_active (&state));
  ruche_run_state_stop (&state);
  g_assert_false (state.stopping);
  ruche_run_state_begin (&state, 5);
  g_assert_null (state.failure);
  ruche_run_state_clear (&state);
}

/* Each verdict has an icon and a style; only success looks like success. */
static void
test_every_verdict (void)
{
  for (int verdict = RUCHE_VERDICT_OK; verdict <= RUCHE_VERDICT_INTERNAL_ERROR; verdict++)
    {
      RucheRunState state = { 0 };
      g_autoptr (RucheResult) result = make_result (verdict);
      g_auto (RucheRunLine) line = { 0 };

      result->signal = verdict == RUCHE_VERDICT_SIGNALED ? 11 : 0;
      ruche_run_state_begin (&state, 0);
      ruche_run_state_result (&state, result);
      ruche_run_state_describe (&state, 0, &line);
      g_assert_cmpstr (line.word, ==, ruche_verdict_label (verdict));
      g_assert_cmpint (g_str_equal (line.style, "success"), ==, verdict == RUCHE_VERDICT_OK);
      g_assert_cmpint (strstr (line.details, "exit code") != NULL, ==,
                       verdict <= RUCHE_VERDICT_RUNTIME_ERROR);
      g_assert_cmpint (strstr (line.details, "SIGSEGV") != NULL, ==,
                       verdict == RUCHE_VERDICT_SIGNALED);
      g_assert_nonnull (strstr (line.details, "on atelier-2"));
      ruche_run_state_clear (&state);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gui/run-state/life", test_life);
  g_test_add_func ("/gui/run-state/waits-again", test_waits_again);
  g_test_add_func ("/gui/run-state/late-words", test_late_words_change_nothing);
  g_test_add_func ("/gui/run-state/failure", test_failure);
  g_test_add_func ("/gui/run-state/every-verdict", test_every_verdict);
  return g_test_run ();
}
