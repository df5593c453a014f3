/* ruche-monitors.h: clients that watch the cluster
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-connection.h"
#include "ruche-reactor.h"

G_BEGIN_DECLS

typedef struct _RucheMonitors RucheMonitors;

RucheMonitors *
ruche_monitors_new (RucheReactor *reactor);
void
ruche_monitors_free (RucheMonitors *monitors);
void
ruche_monitors_add (RucheMonitors *monitors,
                    RucheConnection *connection,
                    const char *person,
                    gboolean servers,
                    gboolean jobs);
void
ruche_monitors_remove (RucheMonitors *monitors, RucheConnection *connection);
void
ruche_monitors_server_changed (RucheMonitors *monitors, const char *name);
void
ruche_monitors_job_changed (RucheMonitors *monitors, gint64 job);

RucheJobInfo *
ruche_job_info_for (const RucheJobEntry *job, const char *person);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RucheMonitors, ruche_monitors_free)

G_END_DECLS
