/* ruche-monitor-window.h: the whole cluster, live
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-cluster.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define RUCHE_TYPE_MONITOR_WINDOW (ruche_monitor_window_get_type ())
G_DECLARE_FINAL_TYPE (
    RucheMonitorWindow, ruche_monitor_window, RUCHE, MONITOR_WINDOW, AdwApplicationWindow)

RucheMonitorWindow *
ruche_monitor_window_new (GtkApplication *application, RucheCluster *cluster, GSettings *settings);

G_END_DECLS
