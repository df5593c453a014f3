/* ruche-load-history.c: the last minutes of a server's load
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-load-history.h"

/**
 * ruche_load_history_add:
 * @self: a history, zeroed memory at first
 * @at_ms: monotonic time; not before the last sample's
 * @cpu: from 0 to 1
 * @memory: from 0 to 1
 *
 * Adds what a server reported; the oldest sample goes where there is no room. A report from the
 * same moment as the last one takes its place.
 */
void
ruche_load_history_add (RucheLoadHistory *self, gint64 at_ms, double cpu, double memory)
{
  RucheLoadSample sample = { at_ms, { CLAMP (cpu, 0, 1), CLAMP (memory, 0, 1) } };

  if (self->n > 0 && ruche_load_history_get (self, self->n - 1)->at_ms >= at_ms)
    self->next = (self->next + RUCHE_HISTORY_SAMPLES - 1) % RUCHE_HISTORY_SAMPLES;
  else
    self->n = MIN (self->n + 1, RUCHE_HISTORY_SAMPLES);
  self->samples[self->next] = sample;
  self->next = (self->next + 1) % RUCHE_HISTORY_SAMPLES;
  self->serial++;
}

/**
 * ruche_load_history_get:
 * @self: a history
 * @index: from 0, the oldest, to n - 1
 *
 * Reads a sample.
 *
 * Returns: (transfer none): the sample
 */
const RucheLoadSample *
ruche_load_history_get (const RucheLoadHistory *self, guint index)
{
  guint first = (self->next + RUCHE_HISTORY_SAMPLES - self->n) % RUCHE_HISTORY_SAMPLES;

  return &self->samples[(first + index) % RUCHE_HISTORY_SAMPLES];
}
