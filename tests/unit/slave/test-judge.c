/* test-judge.c: both sides of every bound
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "ruche-bounds.h"
#include "ruche-judge.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#define EXITED(code)   ((code) << 8)
#define KILLED(number) (number)

static RucheStepFacts
facts_of (RucheStep step, RucheStepEnd end, int status)
{
  RucheStepFacts facts = { .step = step, .end = end, .status = status };

  if (step == RUCHE_STEP_COMPILE)
    ruche_limits_default_compile (&facts.limits);
  else
    ruche_limits_default_run (&facts.limits);
  facts.usage = (RucheUsage){ 10, 20, 3000 };
  facts.heap_mib = 416;
  return facts;
}

static RucheVerdict
verdict_of (const RucheStepFacts *facts)
{
  g_auto (RucheJudgement) judgement = { 0 };

  ruche_judge (facts, &judgement);
  return judgement.verdict;
}

static void
test_exit_codes (void)
{
  for (int code = 0; code < 256; code++)
    {
      RucheStepFacts run = facts_of (RUCHE_STEP_RUN, RUCHE_STEP_ENDED, EXITED (code));
      RucheStepFacts compile = facts_of (RUCHE_STEP_COMPILE, RUCHE_STEP_ENDED, EXITED (code));
      g_auto (RucheJudgement) a = { 0 };
      g_auto (RucheJudgement) b = { 0 };
      ruche_judge (&run, &a);
      ruche_judge (&compile, &b);
      g_assert_cmpint (a.verdict, ==, code == 0 ? RUCHE_VERDICT_OK : RUCHE_VERDICT_RUNTIME_ERROR);
      g_assert_cmpint (b.verdict, ==, code == 0 ? RUCHE_VERDICT_OK : RUCHE_VERDICT_COMPILE_ERROR);
      g_assert_cmpint (a.exit_code, ==, code);
      g_assert_cmpint (b.exit_code, ==, code);
      g_assert_cmpint (a.signal, ==, 0);
      g_assert_null (a.reason);
    }
}

static void
test_signals (void)
{
  for (int number = 1; number <= 64; number++)
    {
      RucheStepFacts run = facts_of (RUCHE_STEP_RUN, RUCHE_STEP_ENDED, KILLED (number));
      RucheStepFacts compile = facts_of (RUCHE_STEP_COMPILE, RUCHE_STEP_ENDED, KILLED (number));
      g_auto (RucheJudgement) a = { 0 };
      ruche_judge (&run, &a);
      g_assert_cmpint (a.verdict, ==, RUCHE_VERDICT_SIGNALED);
      g_assert_cmpint (a.signal, ==, number);
      g_assert_cmpint (a.exit_code, ==, 0);
      g_assert_nonnull (a.reason);
      g_assert_cmpint (verdict_of (&compile), ==, RUCHE_VERDICT_COMPILE_ERROR);
    }
}

static void
test_stack_overflow (void)
{
  static const struct
  {
    gint64 limit_kib;
    gint64 memory_kib;
    gboolean named;
  } cases[] = {
    { 512 * 1024, RUCHE_MAX_STACK_KIB, TRUE },
    { 512 * 1024, RUCHE_MAX_STACK_KIB - 1, FALSE },
    { 16 * 1024, 8 * 1024, TRUE },
    { 16 * 1024, 8 * 1024 - 1, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      RucheStepFacts facts = facts_of (RUCHE_STEP_RUN, RUCHE_STEP_ENDED, KILLED (SIGSEGV));
      g_auto (RucheJudgement) judgement = { 0 };
      facts.usage.memory_kib = cases[i].memory_kib;
      facts.limits.memory_kib = cases[i].limit_kib;
      ruche_judge (&facts, &judgement);
      g_assert_cmpint (judgement.verdict, ==, RUCHE_VERDICT_SIGNALED);
      g_assert_cmpint (strstr (judgement.reason, "stack overflow") != NULL, ==, cases[i].named);
    }
}

/* A program that ends by itself a little past a limit has passed it. */
static void
test_bounds (void)
{
  static const struct
  {
    gsize usage;
    gsize limit;
    RucheVerdict verdict;
  } cases[] = {
    { G_STRUCT_OFFSET (RucheStepFacts, usage.cpu_ms),
      G_STRUCT_OFFSET (RucheStepFacts, limits.cpu_ms), RUCHE_VERDICT_TIME_LIMIT },
    { G_STRUCT_OFFSET (RucheStepFacts, usage.wall_ms),
      G_STRUCT_OFFSET (RucheStepFacts, limits.wall_ms), RUCHE_VERDICT_WALL_LIMIT },
    { G_STRUCT_OFFSET (RucheStepFacts, usage.memory_kib),
      G_STRUCT_OFFSET (RucheStepFacts, limits.memory_kib), RUCHE_VERDICT_MEMORY_LIMIT },
    { G_STRUCT_OFFSET (RucheStepFacts, output_bytes),
      G_STRUCT_OFFSET (RucheStepFacts, limits.output_bytes), RUCHE_VERDICT_OUTPUT_LIMIT },
  };

  for (RucheStep step = RUCHE_STEP_COMPILE; step <= RUCHE_STEP_RUN; step++)
    for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
      {
        RucheStepFacts facts = facts_of (step, RUCHE_STEP_ENDED, EXITED (0));
        gint64 limit = G_STRUCT_MEMBER (gint64, &facts, cases[i].limit);
        G_STRUCT_MEMBER (gint64, &facts, cases[i].usage) = limit;
        g_assert_cmpint (verdict_of (&facts), ==, RUCHE_VERDICT_OK);
        G_STRUCT_MEMBER (gint64, &facts, cases[i].usage) = limit + 1;
        g_assert_cmpint (verdict_of (&facts), ==, cases[i].verdict);
        facts.status = EXITED (1);
        g_assert_cmpint (verdict_of (&facts), ==, cases[i].verdict);
        facts.status = KILLED (SIGKILL);
        g_assert_cmpint (verdict_of (&facts), ==, cases[i].verdict);
      }
}

/* What the runner says of a limit is a verdict and a reason, in either step. */
static void
test_ends (void)
{
  static const struct
  {
    RucheStepEnd end;
    RucheVerdict verdict;
    const char *says;
  } cases[] = {
    { RUCHE_STEP_CPU_LIMIT, RUCHE_VERDICT_TIME_LIMIT, "10 s of CPU time" },
    { RUCHE_STEP_WALL_LIMIT, RUCHE_VERDICT_WALL_LIMIT, "30 s" },
    { RUCHE_STEP_MEMORY_LIMIT, RUCHE_VERDICT_MEMORY_LIMIT, "512 MiB" },
    { RUCHE_STEP_INODE_LIMIT, RUCHE_VERDICT_OUTPUT_LIMIT, "20000 files" },
    { RUCHE_STEP_KILLED, RUCHE_VERDICT_INTERNAL_ERROR, "nobody asked" },
    { (RucheStepEnd)99, RUCHE_VERDICT_INTERNAL_ERROR, "99" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      RucheStepFacts facts = facts_of (RUCHE_STEP_RUN, cases[i].end, KILLED (SIGKILL));
      g_auto (RucheJudgement) judgement = { 0 };
      ruche_judge (&facts, &judgement);
      g_assert_cmpint (judgement.verdict, ==, cases[i].verdict);
      g_assert_nonnull (strstr (judgement.reason, cases[i].says));
      g_assert_true (g_str_has_prefix (judgement.reason, "The program"));
      facts.step = RUCHE_STEP_COMPILE;
      ruche_judgement_clear (&judgement);
      ruche_judge (&facts, &judgement);
      g_assert_cmpint (judgement.verdict, ==, cases[i].verdict);
      g_assert_true (g_str_has_prefix (judgement.reason, "The compiler"));
      facts.cancelled = TRUE;
      g_assert_cmpint (verdict_of (&facts), ==, RUCHE_VERDICT_CANCELLED);
    }
}

static void
test_output_kill (void)
{
  RucheStepFacts facts = facts_of (RUCHE_STEP_RUN, RUCHE_STEP_KILLED, KILLED (SIGKILL));

  facts.output_bytes = facts.limits.output_bytes;
  g_assert_cmpint (verdict_of (&facts), ==, RUCHE_VERDICT_INTERNAL_ERROR);
  facts.output_bytes++;
  g_assert_cmpint (verdict_of (&facts), ==, RUCHE_VERDICT_OUTPUT_LIMIT);
  facts.cancelled = TRUE;
  g_assert_cmpint (verdict_of (&facts), ==, RUCHE_VERDICT_CANCELLED);
}

static void
test_not_started (void)
{
  static const struct
  {
    int number;
    RucheStep step;
    gboolean compiled;
    RucheVerdict verdict;
  } cases[] = {
    { ENOENT, RUCHE_STEP_RUN, TRUE, RUCHE_VERDICT_COMPILE_ERROR },
    { ENOEXEC, RUCHE_STEP_RUN, TRUE, RUCHE_VERDICT_COMPILE_ERROR },
    { EACCES, RUCHE_STEP_RUN, TRUE, RUCHE_VERDICT_COMPILE_ERROR },
    { ENOENT, RUCHE_STEP_RUN, FALSE, RUCHE_VERDICT_INTERNAL_ERROR },
    { ENOENT, RUCHE_STEP_COMPILE, FALSE, RUCHE_VERDICT_INTERNAL_ERROR },
    { ENOMEM, RUCHE_STEP_RUN, TRUE, RUCHE_VERDICT_INTERNAL_ERROR },
    { E2BIG, RUCHE_STEP_RUN, FALSE, RUCHE_VERDICT_RUNTIME_ERROR },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      RucheStepFacts facts = facts_of (cases[i].step, RUCHE_STEP_NOT_STARTED, 0);
      g_auto (RucheJudgement) judgement = { 0 };
      facts.exec_errno = cases[i].number;
      facts.compiled = cases[i].compiled;
      ruche_judge (&facts, &judgement);
      g_assert_cmpint (judgement.verdict, ==, cases[i].verdict);
      g_assert_nonnull (judgement.reason);
    }
}

/* A runtime's own end and half of its heap in use: neither is enough without the other, and
 * nothing that is printed counts. */
static void
test_heap (void)
{
  static const struct
  {
    gint64 heap_status;
    int status;
    gint64 short_of_half; /* KiB */
    RucheVerdict verdict;
  } cases[] = {
    { 3, EXITED (3), 0, RUCHE_VERDICT_MEMORY_LIMIT },
    { 3, EXITED (3), 1, RUCHE_VERDICT_RUNTIME_ERROR },
    { 3, EXITED (1), 0, RUCHE_VERDICT_RUNTIME_ERROR },
    { 3, KILLED (3), 0, RUCHE_VERDICT_SIGNALED },
    { 3, EXITED (0), 0, RUCHE_VERDICT_OK },
    { 0, EXITED (0), 0, RUCHE_VERDICT_OK },
    { 0, EXITED (3), 0, RUCHE_VERDICT_RUNTIME_ERROR },
    { 128 + SIGABRT, KILLED (SIGABRT), 0, RUCHE_VERDICT_MEMORY_LIMIT },
    { 128 + SIGABRT, KILLED (SIGABRT), 1, RUCHE_VERDICT_SIGNALED },
    { 128 + SIGABRT, KILLED (SIGSEGV), 0, RUCHE_VERDICT_SIGNALED },
    { 128 + SIGABRT, EXITED (128 + SIGABRT), 0, RUCHE_VERDICT_RUNTIME_ERROR },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      RucheStepFacts facts = facts_of (RUCHE_STEP_RUN, RUCHE_STEP_ENDED, cases[i].status);
      facts.heap_mib = 416;
      facts.heap_status = cases[i].heap_status;
      facts.usage.memory_kib = 208 * 1024 - cases[i].short_of_half;
      g_test_message ("case %u", i);
      g_assert_cmpint (verdict_of (&facts), ==, cases[i].verdict);
    }
}

static void
test_odd_status (void)
{
  RucheStepFacts stopped = facts_of (RUCHE_STEP_RUN, RUCHE_STEP_ENDED, 0x137f);

  g_assert_cmpint (verdict_of (&stopped), ==, RUCHE_VERDICT_INTERNAL_ERROR);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/judge/exit-codes", test_exit_codes);
  g_test_add_func ("/judge/signals", test_signals);
  g_test_add_func ("/judge/stack-overflow", test_stack_overflow);
  g_test_add_func ("/judge/bounds", test_bounds);
  g_test_add_func ("/judge/ends", test_ends);
  g_test_add_func ("/judge/output-kill", test_output_kill);
  g_test_add_func ("/judge/not-started", test_not_started);
  g_test_add_func ("/judge/heap", test_heap);
  g_test_add_func ("/judge/odd-status", test_odd_status);
  return g_test_run ();
}
