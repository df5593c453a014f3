/* ruche-steps.h: the steps of one attempt, in their order
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-judge.h"

G_BEGIN_DECLS

/* What whoever drives an attempt does next. */
typedef enum
{
  RUCHE_NEXT_NOTHING, /* wait for the running step to end, or: it is over already */
  RUCHE_NEXT_COMPILE,
  RUCHE_NEXT_RUN,
  RUCHE_NEXT_KILL, /* the running step; its end is told as usual */
  RUCHE_NEXT_FINISH,
} RucheNext;

/**
 * RucheSteps:
 *
 * One attempt: compile, if its language does and no compiled program is at hand, then run.
 */
typedef struct _RucheSteps RucheSteps;

RucheSteps *
ruche_steps_new (gboolean compiles);
void
ruche_steps_free (RucheSteps *self);
RucheNext
ruche_steps_begin (RucheSteps *self, gboolean cached);
RucheNext
ruche_steps_ended (RucheSteps *self, const RucheStepFacts *facts);
RucheNext
ruche_steps_cancel (RucheSteps *self);
RucheNext
ruche_steps_fail (RucheSteps *self, const char *reason);
RucheStep
ruche_steps_get_step (const RucheSteps *self);
void
ruche_steps_fill_result (const RucheSteps *self, RucheResult *result);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RucheSteps, ruche_steps_free)

G_END_DECLS
