/* fake-master.h: a master that does as a test says
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-connection.h"
#include "ruche-link.h"
#include "ruche-listener.h"

/* A stream of an attempt, as it came. */
typedef struct
{
  GByteArray *bytes;
  gboolean ended;
} Stream;

/**
 * Master:
 * @epoch: said in the next welcome
 * @resumes: whether the next welcome takes up what was before
 * @acks_output: whether output is acknowledged as it comes
 * @lies: whether blobs are sent with other bytes than theirs
 * @acks_numbers: whether numbered messages are acknowledged
 *
 * What a test sets and looks at; the rest happens by itself.
 */
typedef struct
{
  char *folder;
  char *socket_path;
  char *state;
  RucheListener *listener;
  RucheConnection *connection;
  GSubprocess *slave;

  gint64 epoch;
  gboolean resumes;
  gboolean acks_output;
  gboolean acks_numbers;
  gboolean lies;

  gint64 next_job;
  RucheLink *link;
  GHashTable *blobs;     /* digest to GBytes */
  RucheMessage *offer;   /* the last one */
  gboolean said_resume;  /* the last hello did */
  GHashTable *streams;   /* "JOB/TASK/ATTEMPT/STREAM" to Stream */
  GPtrArray *statuses;   /* (element-type RucheTaskStatus) */
  GPtrArray *results;    /* (element-type RucheResult) */
  gint64 input_offset;   /* of the last input-ack */
  gboolean input_closed; /* likewise */
  guint n_hellos;
  guint n_loads;
  guint n_gets;
  guint n_repeats; /* numbered messages that had come before */
  gboolean leaving;
} Master;

Master *
master_new (void);
void
master_free (Master *self);
void
master_start_slave (Master *self);
void
master_disconnect (Master *self);
void
master_send (Master *self, RucheMessage *message);

const char *
master_add_blob (Master *self, const char *bytes, gsize size);
RucheMessage *
master_new_dispatch (
    Master *self, const char *language, const char *file, const char *source, guint n_tasks);
RucheJobSpec *
dispatch_spec (RucheMessage *dispatch);
RucheTaskSpec *
dispatch_task (RucheMessage *dispatch, guint i);
gint64
master_dispatch (Master *self, RucheMessage *dispatch);
void
master_stop_task (Master *self, gint64 job, gint64 task);
void
master_ack_output (Master *self, gint64 job, gint64 task, RucheStream stream, gint64 offset);
void
master_input (Master *self, gint64 job, gint64 offset, const char *text, gboolean end);

Stream *
master_stream (Master *self, gint64 job, gint64 task, RucheStream stream);
const char *
master_text (Master *self, gint64 job, gint64 task, RucheStream stream);
RucheResult *
master_find_result (Master *self, gint64 job, gint64 task);
RucheResult *
master_wait_result (Master *self, gint64 job, gint64 task);
gboolean
master_has_status (Master *self, gint64 job, gint64 task, RucheTaskState state, RucheStep step);

/* Turns the main loop until @condition holds; gives up after a minute. */
#define MASTER_WAIT(condition)                                                                     \
  G_STMT_START                                                                                     \
  {                                                                                                \
    gint64 until = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;                                  \
    guint ticker = g_timeout_add (50, master_tick, NULL);                                          \
    while (!(condition) && g_get_monotonic_time () < until)                                        \
      g_main_context_iteration (NULL, TRUE);                                                       \
    g_source_remove (ticker);                                                                      \
    if (!(condition))                                                                              \
      g_error ("%s: waited in vain for " #condition, G_STRLOC);                                    \
  }                                                                                                \
  G_STMT_END

gboolean
master_tick (gpointer unused);
void
master_wait_ms (guint ms);
