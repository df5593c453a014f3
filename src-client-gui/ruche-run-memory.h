/* ruche-run-memory.h: how each file was last run, from one session of the desktop to the next
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-run-settings.h"

G_BEGIN_DECLS

/* So many files are remembered; of standard input no more than a person types. */
#define RUCHE_MEMORY_FILES 200
#define RUCHE_MEMORY_INPUT 4096

char *
ruche_run_memory_path (void);
void
ruche_run_memory_recall (GFile *file, RucheRunSettings *settings);
void
ruche_run_memory_keep (GFile *file, RucheRunSettings *settings);

G_END_DECLS
