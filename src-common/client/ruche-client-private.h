/* ruche-client-private.h: what the files of the client share
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-client-models.h"
#include "ruche-client.h"
#include "ruche-connection.h"
#include "ruche-run.h"

G_BEGIN_DECLS

/**
 * RucheRequests:
 * @pending: by serial
 * @last_serial: the highest that was given out
 *
 * Requests that wait for their answers.
 */
typedef struct
{
  GHashTable *pending;
  gint64 last_serial;
} RucheRequests;

/* ruche-client-requests.c */
void
ruche_requests_init (RucheRequests *requests);
void
ruche_requests_clear (RucheRequests *requests);
gint64
ruche_requests_next_serial (RucheRequests *requests);
void
ruche_requests_answer (RucheRequests *requests, RucheMessage *message);
void
ruche_requests_fail (RucheRequests *requests, const GError *why);

/* ruche-client.c */
RucheRequests *
ruche_client_get_requests (RucheClient *self);
RucheConnection *
ruche_client_get_connection (RucheClient *self);
gboolean
ruche_client_post (RucheClient *self, RucheMessage *message);
void
ruche_client_forget_run (RucheClient *self, RucheRun *run);

/* ruche-run.c */
RucheRun *
ruche_run_new (RucheClient *client, gint64 job);
void
ruche_run_begin (RucheRun *self, gboolean output);
void
ruche_run_fail (RucheRun *self, const GError *why);
void
ruche_run_take_output (RucheRun *self, RucheMessage *message);
void
ruche_run_take_input_ack (RucheRun *self, const RucheInputAck *ack);
void
ruche_run_take_status (RucheRun *self, const RucheTaskStatus *status);
void
ruche_run_take_waiting (RucheRun *self, const char *why);
void
ruche_run_take_result (RucheRun *self, const RucheResult *result);
void
ruche_run_take_finished (RucheRun *self, const RucheJobInfo *info);

/**
 * RucheLists:
 * @servers: RucheServerRow by name
 * @jobs: RucheJobRow, newest first
 *
 * The live lists that a feed keeps up to date.
 */
typedef struct
{
  GListStore *servers;
  GListStore *jobs;
  GHashTable *server_rows; /* name to borrowed row */
  GHashTable *job_rows;    /* number to borrowed row */
} RucheLists;

/* ruche-client-models.c */
void
ruche_lists_init (RucheLists *lists);
void
ruche_lists_clear (RucheLists *lists);
void
ruche_lists_empty (RucheLists *lists);
void
ruche_lists_apply (RucheLists *lists, const RucheFeed *feed);

G_END_DECLS
