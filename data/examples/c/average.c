/* Reads numbers from the standard input until it ends, and prints what they have in common. */
#include <stdio.h>

int
main (void)
{
  double number, sum = 0, smallest = 0, largest = 0;
  int count = 0;

  while (scanf ("%lf", &number) == 1)
    {
      if (count == 0 || number < smallest)
        smallest = number;
      if (count == 0 || number > largest)
        largest = number;
      sum += number;
      count++;
    }

  if (count == 0)
    {
      printf ("There was no number.\n");
      return 1;
    }
  printf ("%d numbers from %g to %g, average %.2f\n", count, smallest, largest, sum / count);
  return 0;
}
