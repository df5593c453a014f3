/* ruche-heap.c: a binary heap whose elements know their places
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-heap.h"

struct _RucheHeap
{
  GPtrArray *elements; /* borrowed */
  GCompareFunc compare;
  gsize place_offset;
};

/* Places count from 1 in the elements, indices from 0 in the array. */
#define PLACE(heap, element) G_STRUCT_MEMBER (guint, element, (heap)->place_offset)

/**
 * ruche_heap_new:
 * @compare: orders two elements
 * @place_offset: where in an element its place is kept: a guint that is 0 at first
 *
 * Makes an empty heap.
 *
 * Returns: (transfer full): the heap
 */
RucheHeap *
ruche_heap_new (GCompareFunc compare, gsize place_offset)
{
  RucheHeap *heap = g_new0 (RucheHeap, 1);

  heap->elements = g_ptr_array_new ();
  heap->compare = compare;
  heap->place_offset = place_offset;
  return heap;
}

/**
 * ruche_heap_free:
 * @heap: (transfer full): a heap
 *
 * Frees the heap and takes its elements out of it; they must still exist.
 */
void
ruche_heap_free (RucheHeap *heap)
{
  for (guint i = 0; i < heap->elements->len; i++)
    PLACE (heap, g_ptr_array_index (heap->elements, i)) = 0;
  g_ptr_array_unref (heap->elements);
  g_free (heap);
}

static void
put (RucheHeap *heap, guint index, gpointer element)
{
  g_ptr_array_index (heap->elements, index) = element;
  PLACE (heap, element) = index + 1;
}

static gboolean
before (RucheHeap *heap, gconstpointer a, guint index)
{
  return heap->compare (a, g_ptr_array_index (heap->elements, index)) < 0;
}

static guint
sift_up (RucheHeap *heap, guint index, gpointer element)
{
  while (index > 0 && before (heap, element, (index - 1) / 2))
    {
      put (heap, index, g_ptr_array_index (heap->elements, (index - 1) / 2));
      index = (index - 1) / 2;
    }
  put (heap, index, element);
  return index;
}

static void
sift_down (RucheHeap *heap, guint index, gpointer element)
{
  guint n = heap->elements->len;

  for (guint child = 2 * index + 1; child < n; child = 2 * index + 1)
    {
      if (child + 1 < n && before (heap, g_ptr_array_index (heap->elements, child + 1), child))
        child++;
      if (!(heap->compare (g_ptr_array_index (heap->elements, child), element) < 0))
        break;
      put (heap, index, g_ptr_array_index (heap->elements, child));
      index = child;
    }
  put (heap, index, element);
}

/**
 * ruche_heap_contains:
 * @heap: a heap
 * @element: an element that is in this heap or in none
 *
 * Says whether @element is in the heap.
 *
 * Returns: whether it is
 */
gboolean
ruche_heap_contains (RucheHeap *heap, gconstpointer element)
{
  return PLACE (heap, (gpointer)element) != 0;
}

/**
 * ruche_heap_push:
 * @heap: a heap
 * @element: one that is in no heap; it must exist until it is removed
 *
 * Adds an element.
 */
void
ruche_heap_push (RucheHeap *heap, gpointer element)
{
  g_ptr_array_add (heap->elements, element);
  sift_up (heap, heap->elements->len - 1, element);
}

/**
 * ruche_heap_update:
 * @heap: a heap
 * @element: one of its elements
 *
 * Puts an element whose order has changed where it belongs.
 */
void
ruche_heap_update (RucheHeap *heap, gpointer element)
{
  sift_down (heap, sift_up (heap, PLACE (heap, element) - 1, element), element);
}

/**
 * ruche_heap_remove:
 * @heap: a heap
 * @element: one of its elements
 *
 * Takes an element out.
 */
void
ruche_heap_remove (RucheHeap *heap, gpointer element)
{
  guint index = PLACE (heap, element) - 1;
  gpointer last = g_ptr_array_steal_index_fast (heap->elements, heap->elements->len - 1);

  PLACE (heap, element) = 0;
  if (last == element)
    return;
  put (heap, index, last);
  ruche_heap_update (heap, last);
}

/**
 * ruche_heap_top:
 * @heap: a heap
 *
 * Gives the least element.
 *
 * Returns: (transfer none) (nullable): the element, %NULL where there is none
 */
gpointer
ruche_heap_top (RucheHeap *heap)
{
  return heap->elements->len > 0 ? g_ptr_array_index (heap->elements, 0) : NULL;
}

/**
 * ruche_heap_size:
 * @heap: a heap
 *
 * Counts the elements.
 *
 * Returns: how many there are
 */
guint
ruche_heap_size (RucheHeap *heap)
{
  return heap->elements->len;
}
