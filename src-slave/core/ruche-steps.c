/* ruche-steps.c: the steps of one attempt, in their order
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-steps.h"

struct _RucheSteps
{
  gboolean compiles;
  gboolean cached;
  gboolean cancelled;
  gboolean running;  /* a step is under way */
  gboolean finished; /* the judgement stands */
  RucheStep step;
  RucheJudgement judgement;
  RucheUsage *run;
  RucheUsage *compile;
};

/**
 * ruche_steps_new:
 * @compiles: whether the attempt has a compile step
 *
 * Begins to keep track of an attempt of which nothing has happened yet.
 *
 * Returns: (transfer full): the steps
 */
RucheSteps *
ruche_steps_new (gboolean compiles)
{
  RucheSteps *self = g_new0 (RucheSteps, 1);

  self->compiles = compiles;
  return self;
}

/**
 * ruche_steps_free:
 * @self: (nullable) (transfer full): an attempt's steps
 *
 * Frees them.
 */
void
ruche_steps_free (RucheSteps *self)
{
  if (self == NULL)
    return;
  ruche_judgement_clear (&self->judgement);
  g_clear_pointer (&self->run, ruche_usage_free);
  g_clear_pointer (&self->compile, ruche_usage_free);
  g_free (self);
}

static RucheNext
finish (RucheSteps *self)
{
  self->running = FALSE;
  self->finished = TRUE;
  return RUCHE_NEXT_FINISH;
}

static RucheNext
start (RucheSteps *self, RucheStep step)
{
  self->step = step;
  self->running = TRUE;
  return step == RUCHE_STEP_COMPILE ? RUCHE_NEXT_COMPILE : RUCHE_NEXT_RUN;
}

/**
 * ruche_steps_begin:
 * @self: steps of which none began
 * @cached: whether the compiled program is at hand already
 *
 * All that the attempt needs is there.
 *
 * Returns: the first step; %RUCHE_NEXT_NOTHING where the attempt is over or under way already
 */
RucheNext
ruche_steps_begin (RucheSteps *self, gboolean cached)
{
  if (self->finished || self->running)
    return RUCHE_NEXT_NOTHING;
  self->cached = self->compiles && cached;
  return start (self, self->compiles && !cached ? RUCHE_STEP_COMPILE : RUCHE_STEP_RUN);
}

/**
 * ruche_steps_ended:
 * @self: steps of which one is running
 * @facts: what became of it; its members step, cancelled and compiled are not looked at: they are
 *   known here
 *
 * The running step has ended.
 *
 * Returns: the next step, or %RUCHE_NEXT_FINISH
 */
RucheNext
ruche_steps_ended (RucheSteps *self, const RucheStepFacts *facts)
{
  RucheStepFacts known = *facts;

  if (!self->running)
    return RUCHE_NEXT_NOTHING;
  self->running = FALSE;
  known.step = self->step;
  known.cancelled = self->cancelled;
  known.compiled = self->compiles;
  ruche_judgement_clear (&self->judgement);
  ruche_judge (&known, &self->judgement);
  if (facts->end != RUCHE_STEP_NOT_STARTED)
    {
      if (self->step == RUCHE_STEP_COMPILE)
        self->compile = ruche_usage_copy (&facts->usage);
      else
        self->run = ruche_usage_copy (&facts->usage);
    }
  if (self->step == RUCHE_STEP_COMPILE && self->judgement.verdict == RUCHE_VERDICT_OK)
    return start (self, RUCHE_STEP_RUN);
  return finish (self);
}

/**
 * ruche_steps_cancel:
 * @self: steps
 *
 * A person stops the attempt, at any moment and as often as they like.
 *
 * Returns: %RUCHE_NEXT_KILL while a step is running, %RUCHE_NEXT_FINISH before the first,
 *   %RUCHE_NEXT_NOTHING where there is nothing left to stop
 */
RucheNext
ruche_steps_cancel (RucheSteps *self)
{
  if (self->finished || self->cancelled)
    return RUCHE_NEXT_NOTHING;
  self->cancelled = TRUE;
  if (self->running)
    return RUCHE_NEXT_KILL;
  self->judgement.verdict = RUCHE_VERDICT_CANCELLED;
  return finish (self);
}

/**
 * ruche_steps_fail:
 * @self: steps
 * @reason: what went wrong, a sentence
 *
 * Ruche itself failed: no box, no file, no answer. What a person had cancelled stays cancelled.
 *
 * Returns: %RUCHE_NEXT_FINISH, or %RUCHE_NEXT_NOTHING where the attempt was over before
 */
RucheNext
ruche_steps_fail (RucheSteps *self, const char *reason)
{
  if (self->finished)
    return RUCHE_NEXT_NOTHING;
  ruche_judgement_clear (&self->judgement);
  self->judgement = (RucheJudgement){ .verdict = RUCHE_VERDICT_CANCELLED };
  if (!self->cancelled)
    {
      self->judgement.verdict = RUCHE_VERDICT_INTERNAL_ERROR;
      self->judgement.reason = g_strdup (reason);
    }
  return finish (self);
}

/**
 * ruche_steps_get_step:
 * @self: steps
 *
 * Says where the attempt stands.
 *
 * Returns: the step that is running or ran last, %RUCHE_STEP_NONE before the first
 */
RucheStep
ruche_steps_get_step (const RucheSteps *self)
{
  return self->step;
}

/**
 * ruche_steps_fill_result:
 * @self: steps that are finished
 * @result: its members verdict, step, exit_code, signal, reason, run, compile and cached are
 *   replaced
 *
 * Writes down how the attempt ended.
 */
void
ruche_steps_fill_result (const RucheSteps *self, RucheResult *result)
{
  result->verdict = self->judgement.verdict;
  /* What a step that could not be started says of the compiler is the compile step's. */
  result->step
      = self->judgement.verdict == RUCHE_VERDICT_COMPILE_ERROR ? RUCHE_STEP_COMPILE : self->step;
  result->exit_code = self->judgement.exit_code;
  result->signal = self->judgement.signal;
  g_free (result->reason);
  result->reason = g_strdup (self->judgement.reason);
  g_clear_pointer (&result->run, ruche_usage_free);
  g_clear_pointer (&result->compile, ruche_usage_free);
  result->run = self->run != NULL ? ruche_usage_copy (self->run) : NULL;
  result->compile = self->compile != NULL ? ruche_usage_copy (self->compile) : NULL;
  result->cached = self->cached;
}
