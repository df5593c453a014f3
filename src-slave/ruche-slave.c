/* ruche-slave.c: the daemon that runs tasks, put together
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The order of the start matters: what only root may read is read first; then root is given up;
 * then a box is proved, the languages are tried in boxes, and only then is the master looked for.
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-slave.h"

#include "ruche-address.h"
#include "ruche-bounds.h"
#include "ruche-daemon.h"
#include "ruche-executor.h"
#include "ruche-paths.h"
#include "ruche-prober.h"
#include "ruche-sampler.h"
#include "ruche-uplink.h"

#include <glib/gi18n-lib.h>

#define LOAD_MS  1000
#define LEAVE_MS 3000 /* how long the end may take */

struct _RucheSlave
{
  char *name;
  guint slots;
  char *cache_path; /* of what the prober found */
  RucheAddress *address;
  GPtrArray *candidates; /* of the prober; (nullable) once probed */
  RucheBlobs *blobs;
  RucheBoxFactory *factory;
  RucheExecutor *executor; /* (nullable) until probed */
  RucheUplink *uplink;
  RucheSampler *sampler;
  GPtrArray *offers; /* (element-type RucheOffered) */
  guint load_source;
  guint leave_source;
  gboolean leaving;
  gboolean left; /* the master was told, or there is none */
  RucheSlaveEnded ended;
  gpointer user_data;
};

static gboolean
become_user (const RucheSlaveConfig *config, GError **error)
{
  RucheIdentity identity = { 0 };
  gboolean fine = ruche_daemon_find_identity (config->user, &identity, error)
                  && ruche_daemon_make_dir (config->state, &identity, error)
                  && ruche_daemon_drop_root (&identity, error);

  ruche_identity_clear (&identity);
  return fine;
}

/**
 * ruche_slave_new:
 * @config: what it is told
 * @error: what keeps it from running, a sentence that says what to do
 *
 * Reads what must be read as root, then gives up root.
 *
 * Returns: (transfer full): a slave that has not started, or %NULL
 */
RucheSlave *
ruche_slave_new (const RucheSlaveConfig *config, GError **error)
{
  g_autoptr (RucheSlave) self = g_new0 (RucheSlave, 1);
  g_autofree char *runner = ruche_paths_runner ();
  g_autofree char *blobs = g_build_filename (config->state, "blobs", NULL);

  ruche_daemon_raise_open_files ();
  self->name = g_strdup (config->name);
  self->slots = config->slots;
  self->cache_path = g_build_filename (config->state, "toolchains.cache", NULL);
  self->address = ruche_address_parse (config->master, error);
  if (self->address == NULL)
    return NULL;
  self->candidates = ruche_prober_read_folder (config->toolchains, error);
  if (self->candidates == NULL)
    return NULL;
  self->factory = ruche_box_factory_new (runner, error);
  if (self->factory == NULL || !become_user (config, error))
    return NULL;
  self->blobs = ruche_blobs_new (blobs, RUCHE_MAX_BLOBS_ON_DISK, error);
  if (self->blobs == NULL)
    return NULL;
  self->sampler = ruche_sampler_new ();
  return g_steal_pointer (&self);
}

/**
 * ruche_slave_free:
 * @self: (nullable) (transfer full): a slave that has ended, or never started
 *
 * Frees @self; boxes that still run end with the process.
 */
void
ruche_slave_free (RucheSlave *self)
{
  if (self == NULL)
    return;
  g_clear_handle_id (&self->load_source, g_source_remove);
  g_clear_handle_id (&self->leave_source, g_source_remove);
  g_clear_pointer (&self->uplink, ruche_uplink_free);
  g_clear_pointer (&self->executor, ruche_executor_free);
  g_clear_pointer (&self->blobs, ruche_blobs_free);
  g_clear_object (&self->factory);
  g_clear_pointer (&self->sampler, ruche_sampler_free);
  g_clear_pointer (&self->candidates, g_ptr_array_unref);
  g_clear_pointer (&self->offers, g_ptr_array_unref);
  g_clear_pointer (&self->address, ruche_address_free);
  g_free (self->cache_path);
  g_free (self->name);
  g_free (self);
}

/* What the executor wants of the uplink. */

static void
on_executor_send (RucheMessage *message, gpointer user_data)
{
  ruche_uplink_send (((RucheSlave *)user_data)->uplink, message);
}

static void
on_executor_started (const RucheTaskStatus *status, gpointer user_data)
{
  ruche_uplink_add_started (((RucheSlave *)user_data)->uplink, status);
}

static void
on_executor_finished (RucheResult *result, gpointer user_data)
{
  RucheSlave *self = user_data;

  result->server = g_strdup (self->name);
  ruche_uplink_add_finished (self->uplink, result);
}

static void
end_if_done (RucheSlave *self)
{
  if (self->leaving && self->left && ruche_executor_get_running (self->executor) == 0)
    self->ended (NULL, self->user_data);
}

static void
on_executor_idle (gpointer user_data)
{
  end_if_done (user_data);
}

static const RucheExecutorEvents executor_events
    = { on_executor_send, on_executor_started, on_executor_finished, on_executor_idle };

/* What the uplink wants of the executor. */

static void
on_uplink_forget (gpointer user_data)
{
  ruche_executor_forget (((RucheSlave *)user_data)->executor);
}

static RucheMessage *
on_uplink_offer (gpointer user_data)
{
  RucheSlave *self = user_data;
  RucheMessage *message = ruche_message_new (RUCHE_MESSAGE_OFFER);
  RucheOffer *offer = message->body;
  g_autoptr (RucheLoad) load = ruche_sampler_read (self->sampler);

  offer->slots = self->slots;
  offer->cores = g_get_num_processors ();
  offer->memory_kib = load->memory_total_kib;
  offer->isolation = RUCHE_ISOLATION_RLIMIT;
  offer->version = g_strdup (RUCHE_VERSION);
  for (guint i = 0; i < self->offers->len; i++)
    {
      const RucheOffered *offered = g_ptr_array_index (self->offers, i);
      g_ptr_array_add (offer->toolchains, ruche_toolchain_copy (offered->toolchain));
    }
  ruche_executor_add_held (self->executor, offer->held);
  return message;
}

static void
on_uplink_resume (gpointer user_data)
{
  ruche_executor_resume (((RucheSlave *)user_data)->executor);
}

static void
on_uplink_taken (GPtrArray *results, gpointer user_data)
{
  ruche_executor_taken (((RucheSlave *)user_data)->executor, results);
}

static void
on_uplink_message (RucheMessage *message, gpointer user_data)
{
  ruche_executor_take (((RucheSlave *)user_data)->executor, message);
}

static void
on_uplink_left (gpointer user_data)
{
  RucheSlave *self = user_data;

  self->left = TRUE;
  end_if_done (self);
}

static const RucheUplinkEvents uplink_events
    = { on_uplink_forget, on_uplink_offer,   on_uplink_resume,
        on_uplink_taken,  on_uplink_message, on_uplink_left };

/* The start, one thing after the other. */

static gboolean
on_load (gpointer user_data)
{
  RucheSlave *self = user_data;
  RucheMessage *message = ruche_message_new (RUCHE_MESSAGE_LOAD);
  RucheLoadMessage *body = message->body;

  body->load = ruche_sampler_read (self->sampler);
  body->load->running = ruche_executor_get_running (self->executor);
  ruche_uplink_send (self->uplink, message);
  return G_SOURCE_CONTINUE;
}

static char *
list_languages (GPtrArray *offers)
{
  GString *list = g_string_new (NULL);

  for (guint i = 0; i < offers->len; i++)
    {
      const RucheToolchain *toolchain = ((RucheOffered *)g_ptr_array_index (offers, i))->toolchain;
      g_string_append_printf (list, "%s%s %s", i > 0 ? ", " : "", toolchain->name,
                              toolchain->version);
    }
  return g_string_free (list, FALSE);
}

static void
on_probed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  RucheSlave *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *languages = NULL;

  self->offers = ruche_prober_run_finish (result, &error);
  g_clear_pointer (&self->candidates, g_ptr_array_unref);
  if (self->offers == NULL || self->leaving)
    {
      self->ended (error, self->user_data);
      return;
    }
  languages = list_languages (self->offers);
  g_message (_ ("this server is “%s” and runs %u programs at once: %s"), self->name, self->slots,
             languages);
  self->executor = ruche_executor_new (self->slots, self->factory, self->blobs, self->offers,
                                       &executor_events, self);
  self->uplink = ruche_uplink_new (self->address, self->name, &uplink_events, self);
  self->load_source = g_timeout_add (LOAD_MS, on_load, self);
  ruche_daemon_notify_ready (languages);
  ruche_uplink_start (self->uplink);
}

static void
on_proof (GObject *source, GAsyncResult *result, gpointer user_data)
{
  RucheSlave *self = user_data;
  g_autoptr (GError) error = NULL;

  if (!ruche_box_factory_probe_finish (self->factory, result, &error))
    {
      self->ended (error, self->user_data);
      return;
    }
  g_message (_ ("limits are enforced by rlimits and by looking at what runs"));
  ruche_prober_run_async (self->candidates, self->factory, self->slots, self->cache_path, NULL,
                          on_probed, self);
}

/**
 * ruche_slave_start:
 * @self: a slave
 * @ended: called once, when it has ended
 * @user_data: for @ended
 *
 * Proves that boxes can be made, finds out which languages work, and serves the master.
 */
void
ruche_slave_start (RucheSlave *self, RucheSlaveEnded ended, gpointer user_data)
{
  self->ended = ended;
  self->user_data = user_data;
  ruche_box_factory_probe_async (self->factory, NULL, on_proof, self);
}

static gboolean
on_leave_timeout (gpointer user_data)
{
  RucheSlave *self = user_data;

  self->leave_source = 0;
  self->ended (NULL, self->user_data);
  return G_SOURCE_REMOVE;
}

/**
 * ruche_slave_stop:
 * @self: a slave that was started
 *
 * Stops what runs, tells the master, and ends.
 */
void
ruche_slave_stop (RucheSlave *self)
{
  if (self->leaving)
    return;
  self->leaving = TRUE;
  ruche_daemon_notify_stopping ();
  self->leave_source = g_timeout_add (LEAVE_MS, on_leave_timeout, self);
  if (self->executor == NULL)
    return;
  g_clear_handle_id (&self->load_source, g_source_remove);
  ruche_executor_forget (self->executor);
  ruche_uplink_leave (self->uplink, _ ("the server was told to end"));
}
