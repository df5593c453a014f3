/* ruche-queue.h: jobs that wait, and whose turn it is
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Jobs that need the same of a server (a language, or one server by name) form a group, so that a
 * need nobody can meet costs nothing and blocks nobody. In a group each person has a share: their
 * jobs by priority, then by arrival. A person's turn comes by how much they were given before,
 * weighed by priority; the one who was given least goes first.
 */
#pragma once

#include "ruche-job-table.h"

G_BEGIN_DECLS

typedef struct _RucheQueue RucheQueue;

/**
 * RucheGroup:
 * @language: what a server must offer, empty for nothing
 * @server: (nullable): the only server that will do
 *
 * Jobs that need the same of a server; the rest of it is the queue's own.
 */
typedef struct
{
  char *language;
  char *server;
} RucheGroup;

RucheQueue *
ruche_queue_new (void);
void
ruche_queue_free (RucheQueue *queue);
void
ruche_queue_add (RucheQueue *queue, RucheJobEntry *job);
void
ruche_queue_remove (RucheQueue *queue, RucheJobEntry *job);

void
ruche_queue_begin (RucheQueue *queue);
RucheGroup *
ruche_queue_peek (RucheQueue *queue);
void
ruche_queue_skip (RucheQueue *queue);
RucheJobEntry *
ruche_queue_take (RucheQueue *queue, guint *task);
void
ruche_queue_end (RucheQueue *queue);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RucheQueue, ruche_queue_free)

G_END_DECLS
