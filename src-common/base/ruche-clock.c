/* ruche-clock.c: the one place that reads a clock
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "ruche-clock.h"

/**
 * ruche_clock_now_ms:
 *
 * Reads the monotonic clock, the only one that delays and time-outs are measured with: it does not
 * jump when somebody sets the time of day.
 *
 * Returns: milliseconds since an arbitrary moment
 */
gint64
ruche_clock_now_ms (void)
{
  return g_get_monotonic_time () / 1000;
}

/**
 * ruche_clock_now_us:
 *
 * Reads the monotonic clock more finely, for measuring.
 *
 * Returns: microseconds since an arbitrary moment
 */
gint64
ruche_clock_now_us (void)
{
  return g_get_monotonic_time ();
}

/**
 * ruche_clock_real_ms:
 *
 * Reads the time of day, to be shown to people and never to be subtracted.
 *
 * Returns: milliseconds since 1970-01-01 UTC
 */
gint64
ruche_clock_real_ms (void)
{
  return g_get_real_time () / 1000;
}
