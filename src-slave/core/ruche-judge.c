/* ruche-judge.c: from what became of a step to a verdict
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Ruche's own faults and the program's end are never mixed: whatever is not known to be the
 * program's doing is an internal error. A bound is passed by more than it, not by as much.
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-judge.h"

#include "ruche-bounds.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#define SIGNAL_BASE 128 /* what a shell adds to a signal */

static const char *
subject (const RucheStepFacts *facts)
{
  return facts->step == RUCHE_STEP_COMPILE ? _ ("The compiler") : _ ("The program");
}

static void
conclude (RucheJudgement *judgement, RucheVerdict verdict, char *reason)
{
  judgement->verdict = verdict;
  judgement->reason = reason;
}

static void
over_cpu (const RucheStepFacts *facts, RucheJudgement *judgement)
{
  conclude (judgement, RUCHE_VERDICT_TIME_LIMIT,
            g_strdup_printf (_ ("%s used more than the %g s of CPU time allowed"), subject (facts),
                             facts->limits.cpu_ms / 1000.0));
}

static void
over_wall (const RucheStepFacts *facts, RucheJudgement *judgement)
{
  conclude (judgement, RUCHE_VERDICT_WALL_LIMIT,
            g_strdup_printf (_ ("%s took longer than the %g s allowed"), subject (facts),
                             facts->limits.wall_ms / 1000.0));
}

static void
over_memory (const RucheStepFacts *facts, RucheJudgement *judgement)
{
  conclude (judgement, RUCHE_VERDICT_MEMORY_LIMIT,
            g_strdup_printf (_ ("%s used more than the %g MiB of memory allowed"), subject (facts),
                             (double)facts->limits.memory_kib / RUCHE_KIB));
}

static void
over_output (const RucheStepFacts *facts, RucheJudgement *judgement)
{
  conclude (judgement, RUCHE_VERDICT_OUTPUT_LIMIT,
            g_strdup_printf (_ ("%s wrote more than the %g MiB of output allowed"), subject (facts),
                             (double)facts->limits.output_bytes / RUCHE_MIB));
}

static void
not_started (const RucheStepFacts *facts, RucheJudgement *judgement)
{
  gboolean own_program = facts->step == RUCHE_STEP_RUN && facts->compiled;

  if (own_program
      && (facts->exec_errno == ENOENT || facts->exec_errno == EACCES
          || facts->exec_errno == ENOEXEC))
    conclude (judgement, RUCHE_VERDICT_COMPILE_ERROR,
              g_strdup (_ ("The compiler made no program that can be started; "
                           "look at the flags it was given")));
  else if (facts->exec_errno == E2BIG)
    conclude (judgement, RUCHE_VERDICT_RUNTIME_ERROR,
              g_strdup (_ ("The arguments are too long to start a program with; "
                           "give long data on the standard input instead")));
  else
    conclude (judgement, RUCHE_VERDICT_INTERNAL_ERROR,
              g_strdup_printf (_ ("%s could not be started: %s"), subject (facts),
                               g_strerror (facts->exec_errno)));
}

/* The stack of a process, as the box sets it. */
static gint64
stack_kib (const RucheStepFacts *facts)
{
  return CLAMP (facts->limits.memory_kib / 2, 1, RUCHE_MAX_STACK_KIB);
}

static char *
describe_signal (const RucheStepFacts *facts, int number)
{
  const char *name = sigabbrev_np (number);

  switch (number)
    {
    case SIGSEGV:
      /* A stack that overflows has been filled: who died with less died of something else. */
      if (facts->usage.memory_kib >= stack_kib (facts))
        return g_strdup_printf (_ ("Segmentation fault (SIGSEGV), probably a stack overflow: "
                                   "recursion too deep for the stack of %g MiB"),
                                (double)stack_kib (facts) / RUCHE_KIB);
      return g_strdup (_ ("Segmentation fault (SIGSEGV): it used memory that is not its own, "
                          "through a wrong pointer or an index out of bounds"));
    case SIGABRT:
      return g_strdup (_ ("It aborted itself (SIGABRT): a failed assertion, an uncaught exception "
                          "or a damaged heap"));
    case SIGFPE:
      return g_strdup (_ ("Arithmetic error (SIGFPE): a whole number was divided by zero"));
    case SIGBUS:
      return g_strdup (_ ("Bus error (SIGBUS): it used memory that has nothing behind it"));
    case SIGILL:
      return g_strdup (_ ("Illegal instruction (SIGILL): it ran into something that is no code"));
    case SIGSYS:
      return g_strdup (
          _ ("It asked the system for something that no program may do here (SIGSYS)"));
    case SIGKILL:
      return g_strdup (_ ("It was killed (SIGKILL), by itself or by the system"));
    case SIGXFSZ:
      return g_strdup (_ ("It wrote a file larger than allowed (SIGXFSZ)"));
    default:
      return name != NULL ? g_strdup_printf (_ ("It was ended by the signal SIG%s"), name)
                          : g_strdup_printf (_ ("It was ended by signal %d"), number);
    }
}

/* A runtime that lives within {memory_mib} gives up by itself before the limit is passed, in a way
 * of its own. A program can end so too: half of that memory must have been in use as well. What
 * was printed does not count. */
static gboolean
ran_out_of_memory (const RucheStepFacts *facts)
{
  int status = WIFSIGNALED (facts->status) ? SIGNAL_BASE + WTERMSIG (facts->status)
                                           : WEXITSTATUS (facts->status);
  gboolean possible = WIFSIGNALED (facts->status) || status < SIGNAL_BASE;

  return possible && status != 0 && status == facts->heap_status && facts->heap_mib > 0
         && facts->usage.memory_kib >= facts->heap_mib * RUCHE_KIB / 2;
}

static void
ended (const RucheStepFacts *facts, RucheJudgement *judgement)
{
  if (facts->usage.cpu_ms > facts->limits.cpu_ms)
    over_cpu (facts, judgement);
  else if (facts->usage.wall_ms > facts->limits.wall_ms)
    over_wall (facts, judgement);
  else if (facts->usage.memory_kib > facts->limits.memory_kib)
    over_memory (facts, judgement);
  else if (WIFEXITED (facts->status) && WEXITSTATUS (facts->status) == 0)
    conclude (judgement, RUCHE_VERDICT_OK, NULL);
  else if (!WIFEXITED (facts->status) && !WIFSIGNALED (facts->status))
    conclude (judgement, RUCHE_VERDICT_INTERNAL_ERROR,
              g_strdup_printf (_ ("%s ended with a status that means nothing: %d"), subject (facts),
                               facts->status));
  else if (ran_out_of_memory (facts))
    over_memory (facts, judgement);
  else if (WIFEXITED (facts->status))
    {
      judgement->exit_code = WEXITSTATUS (facts->status);
      conclude (judgement,
                facts->step == RUCHE_STEP_COMPILE ? RUCHE_VERDICT_COMPILE_ERROR
                                                  : RUCHE_VERDICT_RUNTIME_ERROR,
                NULL);
    }
  else
    {
      judgement->signal = WTERMSIG (facts->status);
      g_autofree char *text = describe_signal (facts, judgement->signal);
      if (facts->step == RUCHE_STEP_COMPILE)
        conclude (judgement, RUCHE_VERDICT_COMPILE_ERROR,
                  g_strdup_printf (_ ("The compiler crashed. %s"), text));
      else
        conclude (judgement, RUCHE_VERDICT_SIGNALED, g_steal_pointer (&text));
    }
}

/**
 * ruche_judge:
 * @facts: what became of a step
 * @judgement: (out caller-allocates): the verdict; for a compile step `ok` means: go on
 *
 * Says how a step ended.
 */
void
ruche_judge (const RucheStepFacts *facts, RucheJudgement *judgement)
{
  gboolean flooded = facts->output_bytes > facts->limits.output_bytes;

  memset (judgement, 0, sizeof *judgement);
  if (facts->cancelled)
    {
      conclude (judgement, RUCHE_VERDICT_CANCELLED, NULL);
      return;
    }
  switch (facts->end)
    {
    case RUCHE_STEP_ENDED:
      (flooded ? over_output : ended) (facts, judgement);
      return;
    case RUCHE_STEP_KILLED:
      if (flooded)
        over_output (facts, judgement);
      else
        conclude (judgement, RUCHE_VERDICT_INTERNAL_ERROR,
                  g_strdup_printf (_ ("%s was stopped, and nobody asked for it"), subject (facts)));
      return;
    case RUCHE_STEP_CPU_LIMIT:
      over_cpu (facts, judgement);
      return;
    case RUCHE_STEP_WALL_LIMIT:
      over_wall (facts, judgement);
      return;
    case RUCHE_STEP_MEMORY_LIMIT:
      over_memory (facts, judgement);
      return;
    case RUCHE_STEP_INODE_LIMIT:
      conclude (judgement, RUCHE_VERDICT_OUTPUT_LIMIT,
                g_strdup_printf (_ ("%s made more than %d files"), subject (facts),
                                 RUCHE_MAX_BOX_INODES));
      return;
    case RUCHE_STEP_NOT_STARTED:
      not_started (facts, judgement);
      return;
    }
  conclude (judgement, RUCHE_VERDICT_INTERNAL_ERROR,
            g_strdup_printf (_ ("%s ended in a way that means nothing: %d"), subject (facts),
                             (int)facts->end));
}

/**
 * ruche_judgement_clear:
 * @judgement: a judgement
 *
 * Frees what is in it.
 */
void
ruche_judgement_clear (RucheJudgement *judgement)
{
  g_clear_pointer (&judgement->reason, g_free);
}
