/* ruche-heap.h: a binary heap whose elements know their places
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The least element is on top. An element holds a guint for its place, 0 while it is in no heap,
 * so that any of them can be moved or removed in O(log n).
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _RucheHeap RucheHeap;

RucheHeap *
ruche_heap_new (GCompareFunc compare, gsize place_offset);
void
ruche_heap_free (RucheHeap *heap);
gboolean
ruche_heap_contains (RucheHeap *heap, gconstpointer element);
void
ruche_heap_push (RucheHeap *heap, gpointer element);
void
ruche_heap_update (RucheHeap *heap, gpointer element);
void
ruche_heap_remove (RucheHeap *heap, gpointer element);
gpointer
ruche_heap_top (RucheHeap *heap);
guint
ruche_heap_size (RucheHeap *heap);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RucheHeap, ruche_heap_free)

G_END_DECLS
