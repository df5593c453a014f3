/* A calculator in reverse Polish notation: first the numbers, then what to do with them.
 *
 * Usage: main 3 4 + 2 x      computes (3 + 4) × 2
 *
 * A program of three files: this one uses the stack that stack.h declares and stack.c defines. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stack.h"

/* Takes two numbers from the stack and puts one back. */
static bool
calculate (struct stack *stack, char operation)
{
  double right, left;

  if (!stack_pop (stack, &right) || !stack_pop (stack, &left))
    return false;
  switch (operation)
    {
    case '+':
      return stack_push (stack, left + right);
    case '-':
      return stack_push (stack, left - right);
    case 'x':
      return stack_push (stack, left * right);
    default:
      return stack_push (stack, left / right);
    }
}

int
main (int argc, char **argv)
{
  struct stack stack = { .depth = 0 };
  double result;

  for (int i = 1; i < argc; i++)
    {
      bool fine;
      if (strlen (argv[i]) == 1 && strchr ("+-x/", argv[i][0]) != NULL)
        fine = calculate (&stack, argv[i][0]);
      else
        fine = stack_push (&stack, strtod (argv[i], NULL));
      if (!fine)
        {
          fprintf (stderr, "There is something wrong at “%s”.\n", argv[i]);
          return 1;
        }
      printf ("%-4s depth %d\n", argv[i], stack.depth);
    }

  if (!stack_pop (&stack, &result) || stack.depth > 0)
    {
      fprintf (stderr, "Give numbers and operations so that one number remains.\n");
      return 1;
    }
  printf ("= %g\n", result);
  return 0;
}
