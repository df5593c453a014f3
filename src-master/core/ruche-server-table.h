/* ruche-server-table.h: every server, what it holds, and the best one for a language
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Servers that offer the same languages form a class; those of a class that can take work are in
 * a heap, the best on top. So finding a server costs as much as there are different sets of
 * languages in the cluster, however many servers there are.
 */
#pragma once

#include "ruche-job-table.h"
#include "ruche-messages.h"

G_BEGIN_DECLS

typedef struct _RucheServerClass RucheServerClass;
typedef struct _RucheServerTable RucheServerTable;

/**
 * RucheHeld:
 * @job: the job
 * @task: its task
 * @report: the server's last report of its load when it was given the task
 *
 * An attempt that a server holds.
 */
typedef struct
{
  RucheJobEntry *job;
  guint32 task;
  guint32 report;
} RucheHeld;

/**
 * RucheServerEntry:
 * @number: from 1, in order of arrival; one that comes back gets a new one
 * @name: unique
 * @state: a RucheServerState
 * @since_ms: time of day at which that state began
 * @offer: what it said when it joined
 * @load: (nullable): as last reported
 * @load_ms: time of day of that report
 * @held: (element-type RucheHeld): attempts that it holds
 * @report: how many reports there were
 * @sent: attempts of @held that were sent after the last report
 * @score: the lower the better, by the table's policy
 * @session: (nullable): whoever speaks for it, not read here; %NULL once it is lost
 * @kind: the servers that offer the same
 * @place: in that class’s heap
 *
 * One server.
 */
struct _RucheServerEntry
{
  guint32 number;
  char *name;
  int state;
  gint64 since_ms;
  RucheOffer *offer;
  RucheLoad *load;
  gint64 load_ms;
  GArray *held;
  guint32 report;
  guint sent;
  guint64 score;
  gpointer session;
  RucheServerClass *kind;
  guint place;
};

RucheServerTable *
ruche_server_table_new (RuchePolicy policy);
void
ruche_server_table_free (RucheServerTable *table);
RucheServerEntry *
ruche_server_table_add (RucheServerTable *table,
                        const char *name,
                        RucheOffer *offer,
                        gint64 now_ms);
void
ruche_server_table_remove (RucheServerTable *table, RucheServerEntry *server);
RucheServerEntry *
ruche_server_table_lookup (RucheServerTable *table, const char *name);
void
ruche_server_table_foreach (RucheServerTable *table,
                            void (*visit) (RucheServerEntry *server, gpointer user_data),
                            gpointer user_data);
guint
ruche_server_table_get_size (RucheServerTable *table);
gint64
ruche_server_table_get_slots (RucheServerTable *table);

void
ruche_server_table_set_state (RucheServerTable *table,
                              RucheServerEntry *server,
                              RucheServerState state,
                              gint64 now_ms);
void
ruche_server_table_set_load (RucheServerTable *table,
                             RucheServerEntry *server,
                             RucheLoad *load,
                             gint64 now_ms);
void
ruche_server_table_hold (RucheServerTable *table,
                         RucheServerEntry *server,
                         RucheJobEntry *job,
                         guint task);
void
ruche_server_table_release (RucheServerTable *table, RucheJobEntry *job, guint task);

RucheServerEntry *
ruche_server_table_find (RucheServerTable *table, const char *language, const char *name);
const char *
ruche_server_table_why_not (RucheServerTable *table, const char *language, const char *name);
RucheServerInfo *
ruche_server_entry_to_info (const RucheServerEntry *server, gint64 now_ms);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RucheServerTable, ruche_server_table_free)

G_END_DECLS
