/* ruche-server-card.h: one server in the monitor window
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-client-models.h"
#include "ruche-load-history.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define RUCHE_TYPE_SERVER_CARD (ruche_server_card_get_type ())
G_DECLARE_FINAL_TYPE (RucheServerCard, ruche_server_card, RUCHE, SERVER_CARD, AdwBin)

RucheLoadHistory *
ruche_server_card_history (RucheServerRow *row);
void
ruche_server_card_set_row (RucheServerCard *self, RucheServerRow *row);

G_END_DECLS
