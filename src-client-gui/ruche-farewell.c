/* ruche-farewell.c: a program whose tab or window closes is stopped before the application ends
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-farewell.h"

/* A master that does not answer must not keep the application: it has the program's limits. */
#define MOST_MS 2000

typedef struct
{
  GApplication *application;
  RucheSession *session;
  gulong handler;
  guint source;
} Farewell;

static void
farewell_end (Farewell *self)
{
  g_signal_handler_disconnect (self->session, self->handler);
  g_clear_handle_id (&self->source, g_source_remove);
  g_application_release (self->application);
  g_object_unref (self->application);
  g_object_unref (self->session);
  g_free (self);
}

static void
on_active (RucheSession *session, GParamSpec *pspec, Farewell *self)
{
  if (!ruche_session_get_active (session))
    farewell_end (self);
}

static gboolean
on_timeout (gpointer user_data)
{
  Farewell *self = user_data;

  self->source = 0;
  farewell_end (self);
  return G_SOURCE_REMOVE;
}

/**
 * ruche_farewell_stop:
 * @application: (nullable): what would end with its last window
 * @session: a session that nobody will look at any more
 *
 * Stops a run that is under way, and keeps the application until the cluster has done so, two
 * seconds at most.
 */
void
ruche_farewell_stop (GApplication *application, RucheSession *session)
{
  Farewell *self;

  ruche_session_stop (session);
  if (application == NULL || !ruche_session_get_active (session))
    return;
  self = g_new0 (Farewell, 1);
  self->application = g_object_ref (application);
  self->session = g_object_ref (session);
  self->handler = g_signal_connect (session, "notify::active", G_CALLBACK (on_active), self);
  self->source = g_timeout_add (MOST_MS, on_timeout, self);
  g_application_hold (application);
}
