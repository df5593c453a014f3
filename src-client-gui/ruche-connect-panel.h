/* ruche-connect-panel.h: what stands in the output's place while there is no cluster
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-cluster.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define RUCHE_TYPE_CONNECT_PANEL (ruche_connect_panel_get_type ())
G_DECLARE_FINAL_TYPE (RucheConnectPanel, ruche_connect_panel, RUCHE, CONNECT_PANEL, AdwBin)

/* Property: "cluster" (RucheCluster). */

G_END_DECLS
