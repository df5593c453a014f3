/* A stack of numbers. */
#ifndef STACK_H
#define STACK_H

#include <stdbool.h>

#define STACK_SIZE 100

struct stack
{
  double values[STACK_SIZE];
  int depth;
};

/* Both answer whether it was possible: a full stack takes nothing, an empty one gives nothing. */
bool stack_push (struct stack *stack, double value);
bool stack_pop (struct stack *stack, double *value);

#endif
