/* ruche-output-queue.h: program output on its way to a text view
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-types.h"

G_BEGIN_DECLS

/* A text view lays out whole lines: one of a megabyte stops the window for seconds. */
#define RUCHE_OUTPUT_FOLD 4096

typedef struct _RucheOutputQueue RucheOutputQueue;

RucheOutputQueue *
ruche_output_queue_new (void);
void
ruche_output_queue_free (RucheOutputQueue *self);
void
ruche_output_queue_clear (RucheOutputQueue *self);
void
ruche_output_queue_push (RucheOutputQueue *self, RucheStream stream, GBytes *bytes);
void
ruche_output_queue_end (RucheOutputQueue *self);
gsize
ruche_output_queue_get_size (RucheOutputQueue *self);
char *
ruche_output_queue_pop (RucheOutputQueue *self, gsize most, RucheStream *stream);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RucheOutputQueue, ruche_output_queue_free)

G_END_DECLS
