/* ruche-judge.h: from what became of a step to a verdict
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-job.h"

G_BEGIN_DECLS

/* Why a step ended, as whoever ran it says. */
typedef enum
{
  RUCHE_STEP_ENDED,  /* by itself */
  RUCHE_STEP_KILLED, /* by the slave: cancelled, or too much output */
  RUCHE_STEP_CPU_LIMIT,
  RUCHE_STEP_WALL_LIMIT,
  RUCHE_STEP_MEMORY_LIMIT,
  RUCHE_STEP_INODE_LIMIT,
  RUCHE_STEP_NOT_STARTED, /* exec failed: exec_errno */
} RucheStepEnd;

/**
 * RucheStepFacts:
 * @step: which step
 * @end: why it ended
 * @status: as wait4() gave it
 * @exec_errno: for %RUCHE_STEP_NOT_STARTED
 * @usage: of all processes of the step
 * @limits: what it was allowed, none of them 0
 * @output_bytes: all that it wrote, what was not kept included
 * @cancelled: whether a person stopped it
 * @compiled: of a run: whether the program was made by a compile step
 * @heap_mib: what {memory_mib} stood for
 * @heap_status: as a shell tells it, how a runtime ends to which that was not enough; 0 for none
 *
 * All that a verdict is made from. Nothing of it is what a program printed.
 */
typedef struct
{
  RucheStep step;
  RucheStepEnd end;
  int status;
  int exec_errno;
  RucheUsage usage;
  RucheLimits limits;
  gint64 output_bytes;
  gboolean cancelled;
  gboolean compiled;
  gint64 heap_mib;
  gint64 heap_status;
} RucheStepFacts;

/**
 * RucheJudgement:
 * @verdict: of the step
 * @exit_code: for `ok`, `runtime-error` and `compile-error`
 * @signal: for `signaled`, and for a compiler that a signal killed
 * @reason: (nullable): a sentence for people
 *
 * What is said of a step.
 */
typedef struct
{
  RucheVerdict verdict;
  gint64 exit_code;
  gint64 signal;
  char *reason;
} RucheJudgement;

void
ruche_judge (const RucheStepFacts *facts, RucheJudgement *judgement);
void
ruche_judgement_clear (RucheJudgement *judgement);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (RucheJudgement, ruche_judgement_clear)

G_END_DECLS
