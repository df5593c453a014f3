/* ruche-farewell.h: a program whose tab or window closes is stopped before the application ends
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-session.h"

G_BEGIN_DECLS

void
ruche_farewell_stop (GApplication *application, RucheSession *session);

G_END_DECLS
