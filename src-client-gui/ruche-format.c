/* ruche-format.c: figures as people read them
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-format.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/**
 * ruche_format_duration:
 * @ms: milliseconds; below 0 counts as 0
 *
 * Writes how long something took, with as many digits as help.
 *
 * Returns: (transfer full): such as "12 ms", "1.24 s" or "2 min 5 s"
 */
char *
ruche_format_duration (gint64 ms)
{
  ms = MAX (ms, 0);
  if (ms < 1000)
    return g_strdup_printf (_ ("%d ms"), (int)ms);
  if (ms < 10000)
    return g_strdup_printf (_ ("%.2f s"), ms / 1000.0);
  if (ms < 60000)
    return g_strdup_printf (_ ("%.1f s"), ms / 1000.0);
  return g_strdup_printf (_ ("%d min %d s"), (int)MIN (ms / 60000, G_MAXINT),
                          (int)(ms / 1000 % 60));
}

/**
 * ruche_format_age:
 * @ms: milliseconds; below 0 counts as 0
 *
 * Writes how long ago something was, in one unit.
 *
 * Returns: (transfer full): such as "3 s", "5 min", "2 h" or "4 d"
 */
char *
ruche_format_age (gint64 ms)
{
  gint64 s = MAX (ms, 0) / 1000;

  if (s < 60)
    return g_strdup_printf (_ ("%d s"), (int)s);
  if (s < 3600)
    return g_strdup_printf (_ ("%d min"), (int)(s / 60));
  if (s < 86400)
    return g_strdup_printf (_ ("%d h"), (int)(s / 3600));
  return g_strdup_printf (_ ("%d d"), (int)MIN (s / 86400, G_MAXINT));
}

/**
 * ruche_format_memory:
 * @kib: kibibytes; below 0 counts as 0
 *
 * Writes an amount of memory.
 *
 * Returns: (transfer full): such as "820 KiB", "3.4 MiB" or "15.5 GiB"
 */
char *
ruche_format_memory (gint64 kib)
{
  double amount = MAX (kib, 0);

  if (amount < 1024)
    return g_strdup_printf (_ ("%d KiB"), (int)amount);
  if (amount < 1024 * 1024)
    return g_strdup_printf (_ ("%.1f MiB"), amount / 1024);
  return g_strdup_printf (_ ("%.1f GiB"), amount / (1024 * 1024));
}

/**
 * ruche_format_signal:
 * @number: a signal
 *
 * Names a signal as programmers do.
 *
 * Returns: (transfer full): such as "SIGSEGV"
 */
char *
ruche_format_signal (gint64 number)
{
  const char *name = number > 0 && number < 65 ? sigabbrev_np ((int)number) : NULL;

  if (name != NULL)
    return g_strconcat ("SIG", name, NULL);
  return g_strdup_printf (_ ("signal %d"), (int)number);
}

/**
 * ruche_format_waiting:
 * @word: (nullable): why a task waits, as the master says it
 *
 * Says in the reader's language why a task waits.
 *
 * Returns: (transfer none): part of a sentence
 */
const char *
ruche_format_waiting (const char *word)
{
  if (g_strcmp0 (word, "no-server") == 0)
    return _ ("no server is connected");
  if (g_strcmp0 (word, "no-toolchain") == 0)
    return _ ("no connected server offers this language");
  if (g_strcmp0 (word, "no-such-server") == 0)
    return _ ("the server that was asked for is not connected");
  if (g_strcmp0 (word, "busy") == 0)
    return _ ("all servers are busy");
  return _ ("for a server");
}
