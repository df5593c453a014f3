/* test-steps.c: the steps of an attempt, in every order of events
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "ruche-steps.h"

#include <errno.h>
#include <signal.h>

static RucheStepFacts
exited (int code)
{
  RucheStepFacts facts = { .end = RUCHE_STEP_ENDED, .status = code << 8, .usage = { 1, 2, 3 } };

  ruche_limits_default_run (&facts.limits);
  return facts;
}

static RucheResult *
result_of (RucheSteps *steps)
{
  RucheResult *result = ruche_result_new ();

  result->reason = g_strdup ("of before");
  ruche_steps_fill_result (steps, result);
  return result;
}

static void
test_compile_and_run (void)
{
  g_autoptr (RucheSteps) steps = ruche_steps_new (TRUE);
  RucheStepFacts compile = exited (0), run = exited (3);

  run.usage.cpu_ms = 7;
  g_assert_cmpint (ruche_steps_get_step (steps), ==, RUCHE_STEP_NONE);
  g_assert_cmpint (ruche_steps_begin (steps, FALSE), ==, RUCHE_NEXT_COMPILE);
  g_assert_cmpint (ruche_steps_begin (steps, FALSE), ==, RUCHE_NEXT_NOTHING);
  g_assert_cmpint (ruche_steps_get_step (steps), ==, RUCHE_STEP_COMPILE);
  g_assert_cmpint (ruche_steps_ended (steps, &compile), ==, RUCHE_NEXT_RUN);
  g_assert_cmpint (ruche_steps_ended (steps, &run), ==, RUCHE_NEXT_FINISH);
  g_assert_cmpint (ruche_steps_ended (steps, &run), ==, RUCHE_NEXT_NOTHING);

  g_autoptr (RucheResult) result = result_of (steps);
  g_assert_cmpint (result->verdict, ==, RUCHE_VERDICT_RUNTIME_ERROR);
  g_assert_cmpint (result->step, ==, RUCHE_STEP_RUN);
  g_assert_cmpint (result->exit_code, ==, 3);
  g_assert_cmpint (result->compile->cpu_ms, ==, 1);
  g_assert_cmpint (result->run->cpu_ms, ==, 7);
  g_assert_null (result->reason);
  g_assert_false (result->cached);
}

static void
test_compile_error (void)
{
  g_autoptr (RucheSteps) steps = ruche_steps_new (TRUE);
  RucheStepFacts compile = exited (1);

  ruche_steps_begin (steps, FALSE);
  g_assert_cmpint (ruche_steps_ended (steps, &compile), ==, RUCHE_NEXT_FINISH);
  g_autoptr (RucheResult) result = result_of (steps);
  g_assert_cmpint (result->verdict, ==, RUCHE_VERDICT_COMPILE_ERROR);
  g_assert_cmpint (result->step, ==, RUCHE_STEP_COMPILE);
  g_assert_null (result->run);
}

static void
test_compile_limit (void)
{
  g_autoptr (RucheSteps) steps = ruche_steps_new (TRUE);
  RucheStepFacts compile = exited (0);

  compile.end = RUCHE_STEP_MEMORY_LIMIT;
  ruche_steps_begin (steps, FALSE);
  g_assert_cmpint (ruche_steps_ended (steps, &compile), ==, RUCHE_NEXT_FINISH);
  g_autoptr (RucheResult) result = result_of (steps);
  g_assert_cmpint (result->verdict, ==, RUCHE_VERDICT_MEMORY_LIMIT);
  g_assert_cmpint (result->step, ==, RUCHE_STEP_COMPILE);
  g_assert_nonnull (result->reason);
}

static void
test_without_compile (void)
{
  g_autoptr (RucheSteps) interpreted = ruche_steps_new (FALSE);
  g_autoptr (RucheSteps) cached = ruche_steps_new (TRUE);
  RucheStepFacts run = exited (0);

  g_assert_cmpint (ruche_steps_begin (interpreted, TRUE), ==, RUCHE_NEXT_RUN);
  g_assert_cmpint (ruche_steps_begin (cached, TRUE), ==, RUCHE_NEXT_RUN);
  ruche_steps_ended (interpreted, &run);
  ruche_steps_ended (cached, &run);
  g_autoptr (RucheResult) a = result_of (interpreted);
  g_autoptr (RucheResult) b = result_of (cached);
  g_assert_cmpint (a->verdict, ==, RUCHE_VERDICT_OK);
  g_assert_false (a->cached);
  g_assert_null (a->compile);
  g_assert_true (b->cached);
}

static void
test_no_program (void)
{
  g_autoptr (RucheSteps) steps = ruche_steps_new (TRUE);
  RucheStepFacts compile = exited (0), run = exited (0);

  run.end = RUCHE_STEP_NOT_STARTED;
  run.exec_errno = ENOENT;
  ruche_steps_begin (steps, FALSE);
  ruche_steps_ended (steps, &compile);
  g_assert_cmpint (ruche_steps_ended (steps, &run), ==, RUCHE_NEXT_FINISH);
  g_autoptr (RucheResult) result = result_of (steps);
  g_assert_cmpint (result->verdict, ==, RUCHE_VERDICT_COMPILE_ERROR);
  g_assert_cmpint (result->step, ==, RUCHE_STEP_COMPILE);
  g_assert_null (result->run);
}

/* @when: 0 before the first step, 1 in compile, 2 in run, 3 after the end. */
static void
test_cancel (gconstpointer data)
{
  guint when = GPOINTER_TO_UINT (data);
  g_autoptr (RucheSteps) steps = ruche_steps_new (TRUE);
  RucheStepFacts fine = exited (0), killed = exited (0);

  killed.end = RUCHE_STEP_KILLED;
  killed.status = SIGKILL;
  if (when >= 1)
    ruche_steps_begin (steps, FALSE);
  if (when >= 2)
    ruche_steps_ended (steps, &fine);
  if (when >= 3)
    ruche_steps_ended (steps, &fine);
  g_assert_cmpint (ruche_steps_cancel (steps), ==,
                   when == 0   ? RUCHE_NEXT_FINISH
                   : when == 3 ? RUCHE_NEXT_NOTHING
                               : RUCHE_NEXT_KILL);
  g_assert_cmpint (ruche_steps_cancel (steps), ==, RUCHE_NEXT_NOTHING);
  if (when == 1 || when == 2)
    g_assert_cmpint (ruche_steps_ended (steps, &killed), ==, RUCHE_NEXT_FINISH);
  g_assert_cmpint (ruche_steps_begin (steps, FALSE), ==, RUCHE_NEXT_NOTHING);

  g_autoptr (RucheResult) result = result_of (steps);
  g_assert_cmpint (result->verdict, ==, when == 3 ? RUCHE_VERDICT_OK : RUCHE_VERDICT_CANCELLED);
  g_assert_cmpint (result->step, ==, MIN (when, 2));
}

/* Cancelled, and the compiler was done before it could be killed: nothing runs any more. */
static void
test_cancel_race (void)
{
  g_autoptr (RucheSteps) steps = ruche_steps_new (TRUE);
  RucheStepFacts fine = exited (0);

  ruche_steps_begin (steps, FALSE);
  ruche_steps_cancel (steps);
  g_assert_cmpint (ruche_steps_ended (steps, &fine), ==, RUCHE_NEXT_FINISH);
  g_autoptr (RucheResult) result = result_of (steps);
  g_assert_cmpint (result->verdict, ==, RUCHE_VERDICT_CANCELLED);
}

static void
test_fail (void)
{
  g_autoptr (RucheSteps) steps = ruche_steps_new (TRUE);
  g_autoptr (RucheSteps) stopped = ruche_steps_new (TRUE);
  g_autoptr (RucheSteps) done = ruche_steps_new (FALSE);
  RucheStepFacts fine = exited (0);

  g_assert_cmpint (ruche_steps_fail (steps, "no box"), ==, RUCHE_NEXT_FINISH);
  g_assert_cmpint (ruche_steps_fail (steps, "again"), ==, RUCHE_NEXT_NOTHING);
  ruche_steps_begin (stopped, FALSE);
  ruche_steps_cancel (stopped);
  g_assert_cmpint (ruche_steps_fail (stopped, "no box"), ==, RUCHE_NEXT_FINISH);
  ruche_steps_begin (done, FALSE);
  ruche_steps_ended (done, &fine);
  g_assert_cmpint (ruche_steps_fail (done, "late"), ==, RUCHE_NEXT_NOTHING);

  g_autoptr (RucheResult) a = result_of (steps);
  g_autoptr (RucheResult) b = result_of (stopped);
  g_autoptr (RucheResult) c = result_of (done);
  g_assert_cmpint (a->verdict, ==, RUCHE_VERDICT_INTERNAL_ERROR);
  g_assert_cmpstr (a->reason, ==, "no box");
  g_assert_cmpint (b->verdict, ==, RUCHE_VERDICT_CANCELLED);
  g_assert_cmpint (c->verdict, ==, RUCHE_VERDICT_OK);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/steps/compile-and-run", test_compile_and_run);
  g_test_add_func ("/steps/compile-error", test_compile_error);
  g_test_add_func ("/steps/compile-limit", test_compile_limit);
  g_test_add_func ("/steps/without-compile", test_without_compile);
  g_test_add_func ("/steps/no-program", test_no_program);
  g_test_add_data_func ("/steps/cancel/before", GUINT_TO_POINTER (0), test_cancel);
  g_test_add_data_func ("/steps/cancel/compile", GUINT_TO_POINTER (1), test_cancel);
  g_test_add_data_func ("/steps/cancel/run", GUINT_TO_POINTER (2), test_cancel);
  g_test_add_data_func ("/steps/cancel/after", GUINT_TO_POINTER (3), test_cancel);
  g_test_add_func ("/steps/cancel/race", test_cancel_race);
  g_test_add_func ("/steps/fail", test_fail);
  return g_test_run ();
}
