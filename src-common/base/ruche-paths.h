/* ruche-paths.h: where Ruche keeps its things
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

char *
ruche_paths_runtime_dir (void);
char *
ruche_paths_state_dir (void);
char *
ruche_paths_master_socket (void);
char *
ruche_paths_program (const char *name);
char *
ruche_paths_runner (void);
char *
ruche_paths_data (const char *name);

G_END_DECLS
