/* fuzz.c: how targets tell the fuzzing engine that they found something
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "fuzz.h"

#include <stdlib.h>

int
LLVMFuzzerInitialize (int *argc, char ***argv);

/**
 * fuzz_found:
 * @format: what is wrong, and its arguments
 *
 * Ends the process in the way that a fuzzing engine keeps the input of.
 */
void
fuzz_found (const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  g_printerr ("%s\n", text);
  abort ();
}

static void
on_log (const char *domain, GLogLevelFlags level, const char *text, gpointer data)
{
  if ((level & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING)) != 0)
    fuzz_found ("%s: %s", domain, text);
}

/* Called once by the engine: a critical is as good as a crash. */
int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  g_log_set_default_handler (on_log, NULL);
  return 0;
}
