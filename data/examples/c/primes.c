/* Counts prime numbers with the sieve of Eratosthenes.
 *
 * Usage: primes [LIMIT], 1000000 unless you say otherwise. Try 50000000 and look at the CPU time. */
#include <stdio.h>
#include <stdlib.h>

int
main (int argc, char **argv)
{
  long limit = argc > 1 ? atol (argv[1]) : 1000000;
  if (limit < 2)
    {
      fprintf (stderr, "The limit must be at least 2.\n");
      return 1;
    }

  /* composite[n] becomes 1 when n turns out to be a multiple of a smaller prime. */
  char *composite = calloc (limit + 1, 1);
  if (composite == NULL)
    {
      fprintf (stderr, "There is not enough memory for %ld numbers.\n", limit);
      return 1;
    }

  long count = 0;
  long largest = 0;
  for (long n = 2; n <= limit; n++)
    {
      if (composite[n])
        continue;
      count++;
      largest = n;
      for (long multiple = n * n; multiple <= limit; multiple += n)
        composite[multiple] = 1;
    }

  printf ("There are %ld primes up to %ld; the largest is %ld.\n", count, limit, largest);
  free (composite);
  return 0;
}
