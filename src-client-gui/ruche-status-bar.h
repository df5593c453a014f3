/* ruche-status-bar.h: the cluster and the cursor, below the editor
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-cluster.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define RUCHE_TYPE_STATUS_BAR (ruche_status_bar_get_type ())
G_DECLARE_FINAL_TYPE (RucheStatusBar, ruche_status_bar, RUCHE, STATUS_BAR, AdwBin)

/* Properties: "cluster" (RucheCluster), "place" (string): where the cursor is. */

G_END_DECLS
