/* ruche-monitors.c: clients that watch the cluster
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What changes is gathered and told ten times a second at most. A client that reads too slowly to
 * take it is left out, and gets all there is as soon as it reads again.
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-monitors.h"

#include "ruche-bounds.h"
#include "ruche-clock.h"
#include "ruche-weigh.h"

#define PERIOD_MS   100
#define BACKLOG     (1 * RUCHE_MIB) /* queued on a connection: past that it is left out */
#define HEADER_ROOM (512 * RUCHE_KIB)

typedef struct
{
  RucheConnection *connection; /* borrowed */
  char *person;                /* (nullable) %NULL sees all */
  gboolean servers;
  gboolean jobs;
  gboolean needs_all;
} Monitor;

struct _RucheMonitors
{
  RucheReactor *reactor;
  GPtrArray *list;     /* (element-type Monitor) */
  GHashTable *servers; /* names that changed */
  GHashTable *jobs;    /* numbers that changed */
  guint source;
};

/* One monitor's messages while they are filled. */
typedef struct
{
  const Monitor *monitor;
  RucheReactor *reactor;
  RucheMessage *message;
  gsize weight;
} Filling;

static void
monitor_free (gpointer data)
{
  Monitor *monitor = data;

  g_free (monitor->person);
  g_free (monitor);
}

/**
 * ruche_monitors_new:
 * @reactor: what is watched
 *
 * Makes a list without monitors.
 *
 * Returns: (transfer full): the list
 */
RucheMonitors *
ruche_monitors_new (RucheReactor *reactor)
{
  RucheMonitors *monitors = g_new0 (RucheMonitors, 1);

  monitors->reactor = reactor;
  monitors->list = g_ptr_array_new_with_free_func (monitor_free);
  monitors->servers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  monitors->jobs = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  return monitors;
}

/**
 * ruche_monitors_free:
 * @monitors: (transfer full): a list
 *
 * Frees it.
 */
void
ruche_monitors_free (RucheMonitors *monitors)
{
  g_clear_handle_id (&monitors->source, g_source_remove);
  g_ptr_array_unref (monitors->list);
  g_hash_table_unref (monitors->servers);
  g_hash_table_unref (monitors->jobs);
  g_free (monitors);
}

/**
 * ruche_job_info_for:
 * @job: a job
 * @person: (nullable): who will see it; %NULL may see all
 *
 * Describes a job as @person may see it: of others' jobs how far they are, and no more.
 *
 * Returns: (transfer full): the description
 */
RucheJobInfo *
ruche_job_info_for (const RucheJobEntry *job, const char *person)
{
  RucheJobInfo *info = ruche_job_entry_to_info (job);

  if (person != NULL && g_strcmp0 (person, job->owner) != 0)
    {
      g_clear_pointer (&info->name, g_free);
      g_clear_pointer (&info->owner, g_free);
      g_clear_pointer (&info->language, g_free);
      g_clear_pointer (&info->server, g_free);
    }
  return info;
}

static void
begin_message (Filling *filling)
{
  RucheFeed *feed;

  filling->message = ruche_message_new (RUCHE_MESSAGE_FEED);
  filling->weight = 0;
  feed = filling->message->body;
  feed->queued = ruche_reactor_get_n_queued (filling->reactor);
  feed->running = ruche_reactor_get_n_running (filling->reactor);
  feed->slots = ruche_server_table_get_slots (ruche_reactor_get_servers (filling->reactor));
}

static void
end_message (Filling *filling)
{
  ruche_connection_send (filling->monitor->connection, filling->message);
  g_clear_pointer (&filling->message, ruche_message_unref);
}

static void
make_room (Filling *filling, gsize weight)
{
  const RucheFeed *feed = filling->message->body;

  if (filling->weight + weight > HEADER_ROOM || feed->jobs->len == RUCHE_MAX_ROWS)
    {
      end_message (filling);
      begin_message (filling);
    }
  filling->weight += weight;
}

static void
add_server (RucheServerEntry *server, gpointer user_data)
{
  Filling *filling = user_data;
  RucheServerInfo *info = ruche_server_entry_to_info (server, ruche_clock_real_ms ());

  make_room (filling, ruche_weigh (&ruche_server_info_schema, info));
  g_ptr_array_add (((RucheFeed *)filling->message->body)->servers, info);
}

static void
add_job (Filling *filling, const RucheJobEntry *job)
{
  RucheJobInfo *info = ruche_job_info_for (job, filling->monitor->person);

  make_room (filling, ruche_weigh (&ruche_job_info_schema, info));
  g_ptr_array_add (((RucheFeed *)filling->message->body)->jobs, info);
}

static void
add_all (Filling *filling)
{
  const RucheJobEntry *job = NULL;

  if (filling->monitor->servers)
    ruche_server_table_foreach (ruche_reactor_get_servers (filling->reactor), add_server, filling);
  for (guint i = 0; filling->monitor->jobs && i < RUCHE_MAX_ROWS; i++)
    {
      job = ruche_job_table_before (ruche_reactor_get_jobs (filling->reactor),
                                    job != NULL ? job->number : 0);
      if (job == NULL)
        break;
      add_job (filling, job);
    }
}

static void
add_changed_servers (RucheMonitors *monitors, Filling *filling)
{
  g_autoptr (GPtrArray) gone = g_ptr_array_new_with_free_func (g_free);
  GHashTableIter iter;
  gpointer name;

  g_hash_table_iter_init (&iter, monitors->servers);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    {
      RucheServerEntry *server
          = ruche_server_table_lookup (ruche_reactor_get_servers (monitors->reactor), name);
      if (server != NULL)
        add_server (server, filling);
      else
        g_ptr_array_add (gone, g_strdup (name));
    }
  if (gone->len == 0)
    return;
  g_ptr_array_add (gone, NULL);
  ((RucheFeed *)filling->message->body)->gone = (char **)g_ptr_array_steal (gone, NULL);
}

static void
add_changed_jobs (RucheMonitors *monitors, Filling *filling)
{
  GHashTableIter iter;
  gpointer number;

  g_hash_table_iter_init (&iter, monitors->jobs);
  while (g_hash_table_iter_next (&iter, &number, NULL))
    {
      const RucheJobEntry *job = ruche_job_table_lookup (ruche_reactor_get_jobs (monitors->reactor),
                                                         *(const gint64 *)number);
      if (job != NULL)
        add_job (filling, job);
    }
}

static void
tell (RucheMonitors *monitors, Monitor *monitor)
{
  Filling filling = { monitor, monitors->reactor, NULL, 0 };

  if (ruche_connection_get_queued (monitor->connection) >= BACKLOG)
    {
      monitor->needs_all = TRUE;
      return;
    }
  begin_message (&filling);
  if (monitor->servers)
    add_changed_servers (monitors, &filling);
  if (monitor->needs_all)
    add_all (&filling);
  else if (monitor->jobs)
    add_changed_jobs (monitors, &filling);
  monitor->needs_all = FALSE;
  end_message (&filling);
}

static gboolean
on_period (gpointer user_data)
{
  RucheMonitors *monitors = user_data;
  gboolean again = FALSE;

  monitors->source = 0;
  for (guint i = 0; i < monitors->list->len; i++)
    {
      Monitor *monitor = g_ptr_array_index (monitors->list, i);
      tell (monitors, monitor);
      again = again || monitor->needs_all;
    }
  g_hash_table_remove_all (monitors->servers);
  g_hash_table_remove_all (monitors->jobs);
  if (again)
    monitors->source = g_timeout_add (PERIOD_MS, on_period, monitors);
  return G_SOURCE_REMOVE;
}

static void
schedule (RucheMonitors *monitors)
{
  if (monitors->source == 0)
    monitors->source = g_timeout_add (PERIOD_MS, on_period, monitors);
}

/**
 * ruche_monitors_add:
 * @monitors: a list
 * @connection: of the client; one that is in the list changes what it watches
 * @person: (nullable): who it is; %NULL for one who may see all
 * @servers: whether servers are watched
 * @jobs: whether jobs are watched
 *
 * Adds a monitor, which is soon told of all there is and then of what changes.
 */
void
ruche_monitors_add (RucheMonitors *monitors,
                    RucheConnection *connection,
                    const char *person,
                    gboolean servers,
                    gboolean jobs)
{
  Monitor *monitor;

  ruche_monitors_remove (monitors, connection);
  if (!servers && !jobs)
    return;
  monitor = g_new0 (Monitor, 1);
  monitor->connection = connection;
  monitor->person = g_strdup (person);
  monitor->servers = servers;
  monitor->jobs = jobs;
  monitor->needs_all = TRUE;
  g_ptr_array_add (monitors->list, monitor);
  schedule (monitors);
}

/**
 * ruche_monitors_remove:
 * @monitors: a list
 * @connection: of a client, in the list or not
 *
 * Removes a monitor.
 */
void
ruche_monitors_remove (RucheMonitors *monitors, RucheConnection *connection)
{
  for (guint i = 0; i < monitors->list->len; i++)
    if (((Monitor *)g_ptr_array_index (monitors->list, i))->connection == connection)
      {
        g_ptr_array_remove_index_fast (monitors->list, i);
        return;
      }
}

/**
 * ruche_monitors_server_changed:
 * @monitors: a list
 * @name: of a server that changed, or is no more
 *
 * Notes what is to be told.
 */
void
ruche_monitors_server_changed (RucheMonitors *monitors, const char *name)
{
  if (monitors->list->len == 0)
    return;
  if (!g_hash_table_contains (monitors->servers, name))
    g_hash_table_add (monitors->servers, g_strdup (name));
  schedule (monitors);
}

/**
 * ruche_monitors_job_changed:
 * @monitors: a list
 * @job: number of a job that changed
 *
 * Notes what is to be told.
 */
void
ruche_monitors_job_changed (RucheMonitors *monitors, gint64 job)
{
  if (monitors->list->len == 0)
    return;
  if (!g_hash_table_contains (monitors->jobs, &job))
    g_hash_table_add (monitors->jobs, g_memdup2 (&job, sizeof job));
  schedule (monitors);
}
