/* ruche-run-state.h: where a run stands, and the one line that says so
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-job.h"

G_BEGIN_DECLS

typedef enum
{
  RUCHE_PHASE_IDLE,
  RUCHE_PHASE_SUBMITTING,
  RUCHE_PHASE_WAITING,
  RUCHE_PHASE_COMPILING,
  RUCHE_PHASE_RUNNING,
  RUCHE_PHASE_ENDED,
  RUCHE_PHASE_FAILED,
} RuchePhase;

/**
 * RucheRunState:
 * @phase: where the run stands
 * @stopping: whether a person asked for its end
 * @job: its number, 0 while it has none
 * @began_ms: when this phase began
 * @waiting: (nullable): why it waits, the master's word
 * @server: (nullable): where it is
 * @result: (nullable): once ended
 * @failure: (nullable): a sentence, once failed
 *
 * One run of one program, from the key that starts it to its verdict.
 */
typedef struct
{
  RuchePhase phase;
  gboolean stopping;
  gint64 job;
  gint64 began_ms;
  char *waiting;
  char *server;
  RucheResult *result;
  char *failure;
} RucheRunState;

/**
 * RucheRunLine:
 * @icon: a symbolic icon
 * @style: a style class: "success", "error", "warning", "accent" or "dim-label"
 * @word: what happened, in a few words
 * @details: the figures
 *
 * The line of a run's panel that is always in sight.
 */
typedef struct
{
  const char *icon;
  const char *style;
  char *word;
  char *details;
} RucheRunLine;

void
ruche_run_state_clear (RucheRunState *self);
void
ruche_run_state_begin (RucheRunState *self, gint64 now_ms);
void
ruche_run_state_submitted (RucheRunState *self, gint64 job, gint64 now_ms);
void
ruche_run_state_waiting (RucheRunState *self, const char *word);
void
ruche_run_state_status (RucheRunState *self, const RucheTaskStatus *status, gint64 now_ms);
void
ruche_run_state_result (RucheRunState *self, const RucheResult *result);
void
ruche_run_state_fail (RucheRunState *self, const char *sentence);
void
ruche_run_state_stop (RucheRunState *self);
gboolean
ruche_run_state_is_active (const RucheRunState *self);
void
ruche_run_state_describe (const RucheRunState *self, gint64 now_ms, RucheRunLine *line);
void
ruche_run_line_clear (RucheRunLine *line);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (RucheRunLine, ruche_run_line_clear)

G_END_DECLS
