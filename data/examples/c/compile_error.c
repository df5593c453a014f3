/* This program has two mistakes. Run it, and look at what the compiler says about them. */
#include <stdio.h>

int
main (void)
{
  int number = 6 * 7

  printf ("The answer is %d.\n", nubmer);
  return 0;
}
