/* ruche-sampler.h: how busy this machine is
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-server.h"

G_BEGIN_DECLS

/**
 * RucheCpuTimes:
 * @busy: clock ticks that all cores together worked since the machine's start
 * @total: clock ticks that went by on all cores together
 *
 * Two of these, some time apart, give the share of the processors that was in use.
 */
typedef struct
{
  guint64 busy;
  guint64 total;
} RucheCpuTimes;

gboolean
ruche_sampler_parse_stat (const char *text, RucheCpuTimes *times);
gboolean
ruche_sampler_parse_meminfo (const char *text, gint64 *total_kib, gint64 *available_kib);
gboolean
ruche_sampler_parse_loadavg (const char *text, double *load1);
double
ruche_sampler_share (const RucheCpuTimes *before, const RucheCpuTimes *after);

typedef struct _RucheSampler RucheSampler;

RucheSampler *
ruche_sampler_new (void);
void
ruche_sampler_free (RucheSampler *self);
RucheLoad *
ruche_sampler_read (RucheSampler *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RucheSampler, ruche_sampler_free)

G_END_DECLS
