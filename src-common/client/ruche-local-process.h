/* ruche-local-process.h: the daemons of a local cluster, their records and logs
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * In the runtime folder stands processes/NAME for every daemon that was started, with its process
 * number and start time: the two together are never used again, so that no stranger is ever
 * stopped. What a daemon prints goes to logs/NAME.log in the state folder. Both folders belong to
 * whoever starts the cluster, even where the daemons become another user.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * RucheLocalProcess:
 * @name: of the daemon: "master", or the server's
 * @pid: its number
 * @start: when it started, in the kernel's ticks
 *
 * A daemon that was started at some time.
 */
typedef struct
{
  char *name;
  pid_t pid;
  guint64 start;
} RucheLocalProcess;

void
ruche_local_process_free (RucheLocalProcess *process);
gboolean
ruche_local_process_is_alive (const RucheLocalProcess *process);
GPtrArray *
ruche_local_processes_read (void);
void
ruche_local_process_forget (const RucheLocalProcess *process);

int
ruche_local_lock (GError **error);
RucheLocalProcess *
ruche_local_process_start (const char *name, char **argv, gboolean scoped, GError **error);
char *
ruche_local_log_path (const char *name);
char *
ruche_local_log_last_line (const char *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RucheLocalProcess, ruche_local_process_free)

G_END_DECLS
