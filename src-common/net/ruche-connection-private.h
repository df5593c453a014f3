/* ruche-connection-private.h: what the two halves of a connection share
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-connection.h"
#include "ruche-frame.h"
#include "ruche-send-queue.h"

G_BEGIN_DECLS

typedef enum
{
  RUCHE_CONNECTION_NEW,
  RUCHE_CONNECTION_OPEN,
  RUCHE_CONNECTION_ENDING, /* flushes; what comes is thrown away */
  RUCHE_CONNECTION_ENDED,  /* "closed" is about to be emitted */
  RUCHE_CONNECTION_CLOSED,
} RucheConnectionState;

struct _RucheConnection
{
  GObject parent_instance;

  RucheConnectionState state;
  int io_priority;
  gboolean reading;   /* wanted by the owner */
  gboolean more;      /* frames may wait in the reader */
  gboolean full;      /* a message was refused */
  gboolean half;      /* the peer sends no more */
  gboolean shut;      /* we send no more */
  guint lost_ms;      /* 0 for never */
  gint64 received_ms; /* when the last byte came */
  gint64 sent_ms;
  gint64 give_up_ms;  /* when even a peer that still reads is left */
  gint64 progress_ms; /* when the peer last took some of what was queued */

  GIOStream *stream;
  GMainContext *context;
  RucheFrameReader *reader;
  RucheSendQueue queue;
  GError *why; /* that it ends */

  GSource *in;     /* the stream can be read */
  GSource *out;    /* it can be written */
  GSource *resume; /* frames wait in the reader */
  GSource *flush;  /* something was sent in this turn of the loop */
  GSource *clock;
};

void
ruche_connection_arm (RucheConnection *self,
                      GSource **place,
                      GSource *source,
                      GSourceFunc callback);
void
ruche_connection_disarm (GSource **place);
void
ruche_connection_disarm_all (RucheConnection *self);
void
ruche_connection_update_reading (RucheConnection *self);
void
ruche_connection_arm_flush (RucheConnection *self);
void
ruche_connection_begin_end (RucheConnection *self, const GError *why);
void
ruche_connection_end_at_once (RucheConnection *self, const GError *why);

G_END_DECLS
