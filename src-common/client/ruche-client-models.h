/* ruche-client-models.h: the rows of a client's live lists
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-job.h"
#include "ruche-server.h"

#include <gio/gio.h>

G_BEGIN_DECLS

#define RUCHE_TYPE_SERVER_ROW (ruche_server_row_get_type ())
G_DECLARE_FINAL_TYPE (RucheServerRow, ruche_server_row, RUCHE, SERVER_ROW, GObject)

/* Signal "changed": what get_info() returns is new. */
const RucheServerInfo *
ruche_server_row_get_info (RucheServerRow *self);
gint64
ruche_server_row_get_updated_ms (RucheServerRow *self);

#define RUCHE_TYPE_JOB_ROW (ruche_job_row_get_type ())
G_DECLARE_FINAL_TYPE (RucheJobRow, ruche_job_row, RUCHE, JOB_ROW, GObject)

const RucheJobInfo *
ruche_job_row_get_info (RucheJobRow *self);

G_END_DECLS
