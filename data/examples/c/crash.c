/* This program crashes: it follows a pointer that leads nowhere. What it printed before is kept. */
#include <stdio.h>
#include <stdlib.h>

struct node
{
  int value;
  struct node *next;
};

int
main (void)
{
  struct node last = { 3, NULL };
  struct node middle = { 2, &last };
  struct node first = { 1, &middle };
  volatile struct node *node = &first;

  /* The list has three nodes; the mistake is to go four steps. */
  for (int step = 0; step < 4; step++)
    {
      printf ("Node %d\n", node->value);
      node = node->next;
    }
  return 0;
}
