/* ruche-load-history.h: the last minutes of a server's load
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define RUCHE_HISTORY_SAMPLES 120

typedef enum
{
  RUCHE_GRAPH_CPU,
  RUCHE_GRAPH_MEMORY,
} RucheGraphKind;

#define RUCHE_N_GRAPHS 2

typedef struct
{
  gint64 at_ms;                 /* monotonic */
  double value[RUCHE_N_GRAPHS]; /* from 0 to 1 */
} RucheLoadSample;

/**
 * RucheLoadHistory:
 * @samples: a ring
 * @next: where the next one goes
 * @n: how many there are
 * @serial: grows with every sample
 *
 * What a graph draws: a fixed amount of memory for each server.
 */
typedef struct
{
  RucheLoadSample samples[RUCHE_HISTORY_SAMPLES];
  guint next;
  guint n;
  guint serial;
} RucheLoadHistory;

void
ruche_load_history_add (RucheLoadHistory *self, gint64 at_ms, double cpu, double memory);
const RucheLoadSample *
ruche_load_history_get (const RucheLoadHistory *self, guint index);

G_END_DECLS
