/* ruche-client-queries.c: answers about jobs, servers and output
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-client-queries.h"

#include "ruche-bounds.h"
#include "ruche-error.h"
#include "ruche-monitors.h"
#include "ruche-weigh.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <inttypes.h>

#define HEADER_ROOM (600 * RUCHE_KIB) /* of lists in one message */

/**
 * ruche_query_own_job:
 * @reactor: where jobs are
 * @person: (nullable): who asks
 * @job: number of a job
 * @error: %RUCHE_ERROR_NOT_FOUND where there is none, %RUCHE_ERROR_DENIED where it is another's
 *
 * Finds a job that @person may see and stop.
 *
 * Returns: (transfer none): the job, or %NULL
 */
RucheJobEntry *
ruche_query_own_job (RucheReactor *reactor, const char *person, gint64 job, GError **error)
{
  RucheJobEntry *entry = ruche_job_table_lookup (ruche_reactor_get_jobs (reactor), job);

  if (entry == NULL)
    {
      g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_NOT_FOUND, _ ("there is no job %" PRId64), job);
      return NULL;
    }
  if (person == NULL || g_strcmp0 (person, entry->owner) == 0)
    return entry;
  g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_DENIED, _ ("job %" PRId64 " is another person’s"),
               job);
  return NULL;
}

/**
 * ruche_query_list_jobs:
 * @reactor: where jobs are
 * @person: (nullable): who asks
 * @request: what they ask
 *
 * Lists jobs, newest first.
 *
 * Returns: (transfer full): the answer
 */
RucheMessage *
ruche_query_list_jobs (RucheReactor *reactor, const char *person, const RucheListJobs *request)
{
  RucheMessage *message = ruche_message_new (RUCHE_MESSAGE_JOBS);
  RucheJobs *body = message->body;
  guint limit = request->limit > 0 ? (guint)request->limit : RUCHE_MAX_ROWS;
  RucheJobTable *jobs = ruche_reactor_get_jobs (reactor);
  const RucheJobEntry *job = ruche_job_table_before (jobs, request->before);
  gsize weight = 0;

  body->serial = request->serial;
  for (; job != NULL; job = ruche_job_table_before (jobs, job->number))
    {
      RucheJobInfo *info = ruche_job_info_for (job, person);
      weight += ruche_weigh (&ruche_job_info_schema, info);
      if (body->jobs->len == limit || weight > HEADER_ROOM)
        {
          ruche_job_info_free (info);
          body->more = TRUE;
          break;
        }
      g_ptr_array_add (body->jobs, info);
    }
  return message;
}

/* Adds one task to an answer; says whether there was room. */
static gboolean
add_row (RucheJob *body, const RucheJobEntry *job, guint task, gboolean results, gsize *weight)
{
  if (job->tasks[task].state == RUCHE_TASK_FINISHED)
    {
      g_autoptr (RucheResult) result = NULL;
      if (!results)
        return TRUE;
      result = ruche_job_entry_to_result (job, task);
      *weight += ruche_weigh (&ruche_result_schema, result);
      if (body->results->len == RUCHE_MAX_ROWS || *weight > HEADER_ROOM)
        return FALSE;
      g_ptr_array_add (body->results, g_steal_pointer (&result));
    }
  else
    {
      g_autoptr (RucheTaskStatus) status = ruche_job_entry_to_status (job, task);
      *weight += ruche_weigh (&ruche_task_status_schema, status);
      if (body->tasks->len == RUCHE_MAX_ROWS || *weight > HEADER_ROOM)
        return FALSE;
      g_ptr_array_add (body->tasks, g_steal_pointer (&status));
    }
  return TRUE;
}

/**
 * ruche_query_show_job:
 * @job: a job
 * @serial: of the request
 * @first: the first task to show
 * @results: whether results are wanted, or only tasks that have not ended
 *
 * Shows a job and as many of its tasks as fit.
 *
 * Returns: (transfer full): the answer
 */
RucheMessage *
ruche_query_show_job (const RucheJobEntry *job, gint64 serial, gint64 first, gboolean results)
{
  RucheMessage *message = ruche_message_new (RUCHE_MESSAGE_JOB);
  RucheJob *body = message->body;
  gsize weight = 0;

  body->serial = serial;
  body->info = ruche_job_entry_to_info (job);
  if (!job->deleted)
    body->spec = ruche_job_spec_copy (job->spec);
  for (gint64 i = first; i < job->n_tasks; i++)
    if (!add_row (body, job, (guint)i, results, &weight))
      {
        body->next = i;
        break;
      }
  return message;
}

typedef struct
{
  RucheServers *body;
  gint64 now_ms;
  gsize weight;
} ServerList;

static void
add_server (RucheServerEntry *server, gpointer user_data)
{
  ServerList *list = user_data;
  g_autoptr (RucheServerInfo) info = ruche_server_entry_to_info (server, list->now_ms);

  list->weight += ruche_weigh (&ruche_server_info_schema, info);
  if (list->weight > HEADER_ROOM)
    {
      /* Too many for one message: the rest without its toolchains. */
      list->weight -= ruche_weigh (&ruche_server_info_schema, info);
      while (info->toolchains->len > 0)
        ruche_toolchain_free (
            g_ptr_array_steal_index (info->toolchains, info->toolchains->len - 1));
      list->weight += ruche_weigh (&ruche_server_info_schema, info) / 4;
    }
  if (list->weight <= HEADER_ROOM)
    g_ptr_array_add (list->body->servers, g_steal_pointer (&info));
}

/**
 * ruche_query_list_servers:
 * @reactor: where servers are
 * @serial: of the request
 * @now_ms: time of day
 *
 * Lists servers, lost ones included. Of a very large cluster the last ones come without their
 * toolchains.
 *
 * Returns: (transfer full): the answer
 */
RucheMessage *
ruche_query_list_servers (RucheReactor *reactor, gint64 serial, gint64 now_ms)
{
  RucheMessage *message = ruche_message_new (RUCHE_MESSAGE_SERVERS);
  ServerList list = { message->body, now_ms, 0 };

  list.body->serial = serial;
  ruche_server_table_foreach (ruche_reactor_get_servers (reactor), add_server, &list);
  return message;
}

static GBytes *
read_range (RucheSpool *spool,
            const RucheAttemptId *id,
            const RucheReadOutput *request,
            GError **error)
{
  g_autoptr (GByteArray) all = g_byte_array_new ();

  while (all->len < request->length)
    {
      gsize size;
      g_autoptr (GBytes) part
          = ruche_spool_read (spool, id, (RucheStream)request->stream, request->offset + all->len,
                              (gsize)request->length - all->len, error);
      if (part == NULL)
        return NULL;
      size = g_bytes_get_size (part);
      if (size == 0)
        break;
      g_byte_array_append (all, g_bytes_get_data (part, NULL), (guint)size);
    }
  return g_byte_array_free_to_bytes (g_steal_pointer (&all));
}

/**
 * ruche_query_read_output:
 * @job: a job
 * @spool: where its output is
 * @request: what is wanted of it
 * @error: %RUCHE_ERROR_NOT_FOUND where there is no such task, or its output was erased
 *
 * Reads a part of a stream.
 *
 * Returns: (transfer full): the answer, or %NULL
 */
RucheMessage *
ruche_query_read_output (const RucheJobEntry *job,
                         RucheSpool *spool,
                         const RucheReadOutput *request,
                         GError **error)
{
  RucheAttemptId id = { request->job, request->task, request->attempt };
  g_autoptr (GBytes) bytes = NULL;
  RucheMessage *message;
  RucheOutputPart *body;
  gboolean ended;

  if (request->task >= job->n_tasks || job->deleted)
    {
      g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_NOT_FOUND,
                   job->deleted ? _ ("the output of job %" PRId64 " was deleted")
                                : _ ("job %" PRId64 " has no such task"),
                   job->number);
      return NULL;
    }
  if (id.attempt == 0)
    id.attempt = job->tasks[request->task].attempt;
  bytes = read_range (spool, &id, request, error);
  if (bytes == NULL)
    return NULL;
  message = ruche_message_new_with_payload (RUCHE_MESSAGE_OUTPUT_PART, bytes);
  body = message->body;
  body->serial = request->serial;
  body->attempt = id.attempt;
  body->offset = request->offset;
  body->total = ruche_spool_get_size (spool, &id, (RucheStream)request->stream, &ended);
  ended = ended || job->tasks[request->task].state == RUCHE_TASK_FINISHED
          || id.attempt < job->tasks[request->task].attempt;
  body->end = ended && request->offset + (gint64)g_bytes_get_size (bytes) >= body->total;
  return message;
}
