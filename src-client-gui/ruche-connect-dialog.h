/* ruche-connect-dialog.h: asks for the address of a cluster
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-cluster.h"

#include <adwaita.h>

G_BEGIN_DECLS

void
ruche_connect_dialog_present (GtkWindow *parent, RucheCluster *cluster);

G_END_DECLS
