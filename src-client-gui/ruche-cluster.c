/* ruche-cluster.c: the cluster that the windows work with
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Keeps a connection to one master for as long as the application lives: it tries again and again,
 * so a cluster that is started from a terminal appears in the windows by itself.
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-cluster.h"

#include "ruche-client-models.h"
#include "ruche-local.h"

#include <glib/gi18n-lib.h>

#define RETRY_MS     1000
#define SUMMARISE_MS 200

struct _RucheCluster
{
  GObject parent_instance;

  RucheClient *client;
  RucheClusterState state;
  char *message;
  GPtrArray *toolchains;
  gboolean local;
  gboolean watch_jobs;
  gboolean trying;
  GCancellable *connecting;
  GCancellable *starting;
  guint retry_source;
  guint summary_source;
};

enum
{
  PROP_STATE = 1,
  PROP_MESSAGE,
  PROP_TOOLCHAINS,
  PROP_CLIENT,
  N_PROPS
};

static GParamSpec *props[N_PROPS];
static guint servers_changed_signal;

G_DEFINE_FINAL_TYPE (RucheCluster, ruche_cluster, G_TYPE_OBJECT)

static void
try_to_connect (RucheCluster *self);

static void
set_state (RucheCluster *self, RucheClusterState state, const char *message)
{
  if (g_strcmp0 (self->message, message) != 0)
    {
      g_free (self->message);
      self->message = g_strdup (message);
      g_object_notify_by_pspec (G_OBJECT (self), props[PROP_MESSAGE]);
    }
  if (self->state != state)
    {
      self->state = state;
      g_object_notify_by_pspec (G_OBJECT (self), props[PROP_STATE]);
    }
}

static gboolean
on_retry (gpointer user_data)
{
  RucheCluster *self = user_data;

  self->retry_source = 0;
  try_to_connect (self);
  return G_SOURCE_REMOVE;
}

static void
retry_later (RucheCluster *self)
{
  if (self->retry_source == 0)
    self->retry_source = g_timeout_add (RETRY_MS, on_retry, self);
}

static void
on_toolchains (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (RucheCluster) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) toolchains
      = ruche_client_toolchains_finish (RUCHE_CLIENT (source), result, &error);

  if (toolchains == NULL || RUCHE_CLIENT (source) != self->client)
    return;
  if (self->toolchains->len == toolchains->len)
    {
      gboolean same = TRUE;
      for (guint i = 0; i < toolchains->len && same; i++)
        same = ruche_struct_equal (&ruche_toolchain_schema, g_ptr_array_index (self->toolchains, i),
                                   g_ptr_array_index (toolchains, i));
      if (same)
        return;
    }
  g_ptr_array_unref (self->toolchains);
  self->toolchains = g_steal_pointer (&toolchains);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_TOOLCHAINS]);
}

static gboolean
on_summary (gpointer user_data)
{
  RucheCluster *self = user_data;

  self->summary_source = 0;
  g_signal_emit (self, servers_changed_signal, 0);
  return G_SOURCE_REMOVE;
}

static void
summarise_soon (RucheCluster *self)
{
  if (self->summary_source == 0)
    self->summary_source = g_timeout_add (SUMMARISE_MS, on_summary, self);
}

/* Servers came, went or were replaced: what they offer may be new. */
static void
on_servers (GListModel *servers, guint position, guint removed, guint added, RucheCluster *self)
{
  for (guint i = position; i < position + added; i++)
    {
      g_autoptr (GObject) row = g_list_model_get_item (servers, i);
      g_signal_handlers_disconnect_by_func (row, summarise_soon, self);
      g_signal_connect_object (row, "changed", G_CALLBACK (summarise_soon), self,
                               G_CONNECT_SWAPPED);
    }
  if (self->state == RUCHE_CLUSTER_ONLINE)
    ruche_client_toolchains_async (self->client, NULL, on_toolchains, g_object_ref (self));
  summarise_soon (self);
}

static void
on_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (RucheCluster) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean connected = ruche_client_connect_finish (RUCHE_CLIENT (source), result, &error);

  if (RUCHE_CLIENT (source) != self->client)
    return;
  self->trying = FALSE;
  if (!connected)
    {
      if (self->starting == NULL)
        set_state (self, RUCHE_CLUSTER_OFFLINE, self->local ? self->message : error->message);
      retry_later (self);
      return;
    }
  g_clear_handle_id (&self->retry_source, g_source_remove);
  set_state (self, RUCHE_CLUSTER_ONLINE, NULL);
  ruche_client_toolchains_async (self->client, NULL, on_toolchains, g_object_ref (self));
  summarise_soon (self);
}

static void
try_to_connect (RucheCluster *self)
{
  if (self->client == NULL || self->trying || self->state == RUCHE_CLUSTER_ONLINE)
    return;
  if (self->local && !ruche_local_is_running ())
    {
      retry_later (self);
      return;
    }
  self->trying = TRUE;
  ruche_client_connect_async (self->client, self->connecting, on_connected, g_object_ref (self));
}

static void
on_disconnected (RucheClient *client, GError *why, RucheCluster *self)
{
  set_state (self, RUCHE_CLUSTER_OFFLINE,
             why != NULL ? why->message : _ ("The connection to the cluster ended."));
  summarise_soon (self);
  retry_later (self);
}

static void
drop_client (RucheCluster *self)
{
  if (self->connecting != NULL)
    g_cancellable_cancel (self->connecting);
  g_clear_object (&self->connecting);
  g_clear_handle_id (&self->retry_source, g_source_remove);
  if (self->client != NULL)
    {
      g_autoptr (RucheClient) client = g_steal_pointer (&self->client);
      g_signal_handlers_disconnect_by_data (client, self);
      g_signal_handlers_disconnect_by_data (ruche_client_get_servers (client), self);
      ruche_client_disconnect (client);
    }
  self->trying = FALSE;
}

static void
use_address (RucheCluster *self, const RucheAddress *address)
{
  drop_client (self);
  /* Below drawing: a program that floods its output must not stop the window. */
  self->client = ruche_client_new (address, "ruche", G_PRIORITY_DEFAULT_IDLE);
  ruche_client_watch (self->client, TRUE, self->watch_jobs);
  self->connecting = g_cancellable_new ();
  g_signal_connect_object (self->client, "disconnected", G_CALLBACK (on_disconnected), self, 0);
  g_signal_connect_object (ruche_client_get_servers (self->client), "items-changed",
                           G_CALLBACK (on_servers), self, 0);
  set_state (self, RUCHE_CLUSTER_OFFLINE, NULL);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_CLIENT]);
  summarise_soon (self);
  try_to_connect (self);
}

static void
ruche_cluster_dispose (GObject *object)
{
  RucheCluster *self = RUCHE_CLUSTER (object);

  ruche_cluster_cancel_start (self);
  drop_client (self);
  g_clear_handle_id (&self->summary_source, g_source_remove);
  G_OBJECT_CLASS (ruche_cluster_parent_class)->dispose (object);
}

static void
ruche_cluster_finalize (GObject *object)
{
  RucheCluster *self = RUCHE_CLUSTER (object);

  g_free (self->message);
  g_ptr_array_unref (self->toolchains);
  G_OBJECT_CLASS (ruche_cluster_parent_class)->finalize (object);
}

static void
ruche_cluster_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  RucheCluster *self = RUCHE_CLUSTER (object);

  switch (id)
    {
    case PROP_STATE:
      g_value_set_int (value, self->state);
      break;
    case PROP_MESSAGE:
      g_value_set_string (value, self->message);
      break;
    case PROP_TOOLCHAINS:
      g_value_set_boxed (value, self->toolchains);
      break;
    case PROP_CLIENT:
      g_value_set_object (value, self->client);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
ruche_cluster_class_init (RucheClusterClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->dispose = ruche_cluster_dispose;
  object_class->finalize = ruche_cluster_finalize;
  object_class->get_property = ruche_cluster_get_property;
  props[PROP_STATE] = g_param_spec_int ("state", NULL, NULL, 0, G_MAXINT, 0, flags);
  props[PROP_MESSAGE] = g_param_spec_string ("message", NULL, NULL, NULL, flags);
  props[PROP_TOOLCHAINS] = g_param_spec_boxed ("toolchains", NULL, NULL, G_TYPE_PTR_ARRAY, flags);
  props[PROP_CLIENT] = g_param_spec_object ("client", NULL, NULL, RUCHE_TYPE_CLIENT, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);
  servers_changed_signal = g_signal_new ("servers-changed", RUCHE_TYPE_CLUSTER, G_SIGNAL_RUN_LAST,
                                         0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
ruche_cluster_init (RucheCluster *self)
{
  self->toolchains = g_ptr_array_new_with_free_func ((GDestroyNotify)ruche_toolchain_free);
}

/**
 * ruche_cluster_new:
 * @address: (nullable): of a master; %NULL, "" or one that can't be read: the local cluster
 *
 * Begins to connect, and never gives up.
 *
 * Returns: (transfer full): the cluster
 */
RucheCluster *
ruche_cluster_new (const char *address)
{
  RucheCluster *self = g_object_new (RUCHE_TYPE_CLUSTER, NULL);
  g_autoptr (GError) error = NULL;

  if (!ruche_cluster_set_address (self, address, &error))
    {
      g_autoptr (RucheAddress) local = ruche_address_new_local ();
      self->local = TRUE;
      use_address (self, local);
      set_state (self, RUCHE_CLUSTER_OFFLINE, error->message);
    }
  return self;
}

/**
 * ruche_cluster_get_state:
 * @self: a cluster
 *
 * Tells whether there is a connection.
 *
 * Returns: the state
 */
RucheClusterState
ruche_cluster_get_state (RucheCluster *self)
{
  return self->state;
}

/**
 * ruche_cluster_get_message:
 * @self: a cluster
 *
 * Says why there is no connection.
 *
 * Returns: (transfer none) (nullable): a sentence, %NULL where there is nothing to say
 */
const char *
ruche_cluster_get_message (RucheCluster *self)
{
  return self->message;
}

/**
 * ruche_cluster_get_name:
 * @self: a cluster
 *
 * Names the cluster for people.
 *
 * Returns: (transfer none): a name
 */
const char *
ruche_cluster_get_name (RucheCluster *self)
{
  const char *name = ruche_client_get_cluster (self->client);

  if (self->local || name == NULL)
    return self->local ? _ ("Local cluster") : _ ("Cluster");
  return name;
}

/**
 * ruche_cluster_is_local:
 * @self: a cluster
 *
 * Tells whether it is the one that this person starts on this machine.
 *
 * Returns: whether it is local
 */
gboolean
ruche_cluster_is_local (RucheCluster *self)
{
  return self->local;
}

/**
 * ruche_cluster_get_client:
 * @self: a cluster
 *
 * Gives the connection, which may be offline; another one after ruche_cluster_set_address().
 *
 * Returns: (transfer none): the client
 */
RucheClient *
ruche_cluster_get_client (RucheCluster *self)
{
  return self->client;
}

/**
 * ruche_cluster_get_toolchains:
 * @self: a cluster
 *
 * Gives the languages that the cluster offered when it was last seen.
 *
 * Returns: (transfer none) (element-type RucheToolchain): the toolchains
 */
GPtrArray *
ruche_cluster_get_toolchains (RucheCluster *self)
{
  return self->toolchains;
}

/**
 * ruche_cluster_get_servers:
 * @self: a cluster
 *
 * Gives the servers.
 *
 * Returns: (transfer none): a list of RucheServerRow
 */
GListModel *
ruche_cluster_get_servers (RucheCluster *self)
{
  return ruche_client_get_servers (self->client);
}

/**
 * ruche_cluster_get_jobs:
 * @self: a cluster
 *
 * Gives the jobs, filled after ruche_cluster_watch_jobs().
 *
 * Returns: (transfer none): a list of RucheJobRow
 */
GListModel *
ruche_cluster_get_jobs (RucheCluster *self)
{
  return ruche_client_get_jobs (self->client);
}

/**
 * ruche_cluster_get_totals:
 * @self: a cluster
 * @totals: (out caller-allocates): filled in; all 0 while offline
 *
 * Adds up the servers that are ready.
 */
void
ruche_cluster_get_totals (RucheCluster *self, RucheClusterTotals *totals)
{
  GListModel *servers = ruche_cluster_get_servers (self);
  guint n = self->state == RUCHE_CLUSTER_ONLINE ? g_list_model_get_n_items (servers) : 0;

  *totals = (RucheClusterTotals){ 0 };
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (RucheServerRow) row = g_list_model_get_item (servers, i);
      const RucheServerInfo *info = ruche_server_row_get_info (row);
      if (info->state != RUCHE_SERVER_READY)
        continue;
      totals->servers++;
      totals->slots += info->slots;
      totals->busy += MIN (info->busy, info->slots);
    }
}

/**
 * ruche_cluster_watch_jobs:
 * @self: a cluster
 *
 * Asks for the list of jobs to be kept up to date from now on.
 */
void
ruche_cluster_watch_jobs (RucheCluster *self)
{
  if (self->watch_jobs)
    return;
  self->watch_jobs = TRUE;
  ruche_client_watch (self->client, TRUE, TRUE);
}

/**
 * ruche_cluster_set_address:
 * @self: a cluster
 * @text: (nullable): a Unix path or a join code; %NULL or "" for the local cluster
 * @error: why the address will not do
 *
 * Turns to another master.
 *
 * Returns: whether @text can be read as an address
 */
gboolean
ruche_cluster_set_address (RucheCluster *self, const char *text, GError **error)
{
  gboolean local = text == NULL || *text == '\0';
  g_autoptr (RucheAddress) address
      = local ? ruche_address_new_local () : ruche_address_parse (text, error);

  if (address == NULL)
    return FALSE;
  self->local = local;
  use_address (self, address);
  return TRUE;
}

static void
on_started (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (RucheCluster) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean started = ruche_local_start_finish (result, &error);

  g_clear_object (&self->starting);
  if (self->state != RUCHE_CLUSTER_STARTING)
    return;
  if (started)
    try_to_connect (self);
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    set_state (self, RUCHE_CLUSTER_OFFLINE, NULL);
  else
    set_state (self, RUCHE_CLUSTER_OFFLINE, error->message);
}

/**
 * ruche_cluster_start_local:
 * @self: a cluster
 *
 * Starts a cluster on this machine and connects to it.
 */
void
ruche_cluster_start_local (RucheCluster *self)
{
  if (self->state != RUCHE_CLUSTER_OFFLINE || self->starting != NULL)
    return;
  if (!self->local && !ruche_cluster_set_address (self, NULL, NULL))
    return;
  self->starting = g_cancellable_new ();
  set_state (self, RUCHE_CLUSTER_STARTING, NULL);
  ruche_local_start_async (RUCHE_LOCAL_DEFAULT_SLAVES, self->starting, on_started,
                           g_object_ref (self));
}

/**
 * ruche_cluster_cancel_start:
 * @self: a cluster
 *
 * Gives up what ruche_cluster_start_local() began.
 */
void
ruche_cluster_cancel_start (RucheCluster *self)
{
  if (self->starting != NULL)
    g_cancellable_cancel (self->starting);
}
