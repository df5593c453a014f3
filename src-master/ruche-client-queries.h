/* ruche-client-queries.h: answers about jobs, servers and output
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A person is %NULL where they may see all.
 */
#pragma once

#include "ruche-reactor.h"
#include "ruche-message.h"
#include "ruche-spool.h"

G_BEGIN_DECLS

RucheJobEntry *
ruche_query_own_job (RucheReactor *reactor, const char *person, gint64 job, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
RucheMessage *
ruche_query_list_jobs (RucheReactor *reactor, const char *person, const RucheListJobs *request);
RucheMessage *
ruche_query_show_job (const RucheJobEntry *job, gint64 serial, gint64 first, gboolean results);
RucheMessage *
ruche_query_list_servers (RucheReactor *reactor, gint64 serial, gint64 now_ms);
RucheMessage *
ruche_query_read_output (const RucheJobEntry *job,
                         RucheSpool *spool,
                         const RucheReadOutput *request,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
