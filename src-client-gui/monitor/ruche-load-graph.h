/* ruche-load-graph.h: the last two minutes of one reading, drawn
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-load-history.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define RUCHE_TYPE_LOAD_GRAPH (ruche_load_graph_get_type ())
G_DECLARE_FINAL_TYPE (RucheLoadGraph, ruche_load_graph, RUCHE, LOAD_GRAPH, GtkWidget)

void
ruche_load_graph_set_kind (RucheLoadGraph *self, RucheGraphKind kind);
void
ruche_load_graph_update (RucheLoadGraph *self, const RucheLoadHistory *history, gboolean stale);

G_END_DECLS
