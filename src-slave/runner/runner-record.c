/* runner-record.c: are these bytes a record?
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Pure; used by both ends. Nothing of a record is looked at before it has passed here.
 */
#include "runner-protocol.h"

#include <string.h>

static size_t
record_size (uint16_t type)
{
  switch (type)
    {
    case RUNNER_FILE:
      return sizeof (struct runner_file);
    case RUNNER_STEP:
      return sizeof (struct runner_step);
    case RUNNER_KILL:
      return sizeof (struct runner_kill);
    case RUNNER_HELLO:
      return sizeof (struct runner_hello);
    case RUNNER_STARTED:
      return sizeof (struct runner_started);
    case RUNNER_ENDED:
      return sizeof (struct runner_ended);
    default:
      return 0;
    }
}

/**
 * runner_head_fill:
 * @head: the first member of a record
 * @type: which record
 * @serial: of the step, 0 for none
 *
 * Writes what every record begins with.
 */
void
runner_head_fill (struct runner_head *head, enum runner_type type, uint32_t serial)
{
  head->magic = RUNNER_MAGIC;
  head->version = RUNNER_VERSION;
  head->type = type;
  head->length = record_size (type);
  head->serial = serial;
}

/**
 * runner_file_name_check:
 * @name: as it stands in a record
 *
 * Refuses a name that is not a plain path inside the work folder. The slave has checked it more
 * strictly; this is what the runner itself relies on.
 *
 * Returns: whether it will do
 */
bool
runner_file_name_check (const char name[RUNNER_NAME_SIZE])
{
  const char *part = name;

  if (memchr (name, '\0', RUNNER_NAME_SIZE) == NULL)
    return false;
  for (;;)
    {
      size_t length = strcspn (part, "/");

      if (length == 0 || (length <= 2 && strncmp (part, "..", length) == 0))
        return false;
      if (part[length] == '\0')
        return true;
      part += length + 1;
    }
}

static bool
limit_check (int64_t limit)
{
  return limit > 0 && limit <= RUNNER_MAX_LIMIT;
}

static bool
step_check (const struct runner_step *step, unsigned int n_descriptors)
{
  unsigned int known = (1u << RUNNER_N_DESCRIPTORS) - 1;

  return (step->descriptors & ~known) == 0 && (step->descriptors & RUNNER_WITH_WORDS) != 0
         && (unsigned int)__builtin_popcount (step->descriptors) == n_descriptors
         && step->head.serial != 0 && step->n_args >= 1 && step->n_args <= RUNNER_MAX_ARGS
         && step->n_env <= RUNNER_MAX_ARGS && limit_check (step->cpu_ms)
         && limit_check (step->wall_ms) && limit_check (step->memory_kib)
         && limit_check (step->stack_kib) && limit_check (step->disk_kib)
         && limit_check (step->processes) && limit_check (step->open_files);
}

static bool
ended_check (const struct runner_ended *ended)
{
  return ended->end < RUNNER_N_ENDS && ended->head.serial != 0 && ended->error >= 0
         && ended->cpu_us >= 0 && ended->wall_us >= 0 && ended->memory_kib >= 0
         && ended->max_rss_kib >= 0 && ended->cpu_us <= RUNNER_MAX_LIMIT
         && ended->wall_us <= RUNNER_MAX_LIMIT && ended->memory_kib <= RUNNER_MAX_LIMIT
         && ended->max_rss_kib <= RUNNER_MAX_LIMIT;
}

/**
 * runner_record_check:
 * @record: a packet
 * @size: its size in bytes
 * @n_descriptors: how many came beside it
 *
 * Checks a packet: kind, size, and that every member is within its bounds.
 *
 * Returns: whether it is a record
 */
bool
runner_record_check (const union runner_record *record, size_t size, unsigned int n_descriptors)
{
  const struct runner_head *head = &record->head;

  if (size < sizeof *head || head->magic != RUNNER_MAGIC || head->version != RUNNER_VERSION
      || head->length != size || record_size (head->type) != size)
    return false;
  switch (head->type)
    {
    case RUNNER_FILE:
      return n_descriptors == 1 && record->file.executable <= 1
             && runner_file_name_check (record->file.name);
    case RUNNER_STEP:
      return step_check (&record->step, n_descriptors);
    case RUNNER_ENDED:
      return n_descriptors == 0 && ended_check (&record->ended);
    default:
      return n_descriptors == 0;
    }
}

/**
 * runner_words_split:
 * @words: strings, each with its NUL
 * @size: bytes in all
 * @n: how many strings there must be
 * @into: (out caller-allocates): room for @n pointers into @words
 *
 * Finds the arguments and the environment in what came with a STEP.
 *
 * Returns: whether there are exactly @n
 */
bool
runner_words_split (char *words, size_t size, unsigned int n, char **into)
{
  char *end = words + size;

  for (unsigned int i = 0; i < n; i++)
    {
      char *nul = memchr (words, '\0', end - words);

      if (nul == NULL)
        return false;
      into[i] = words;
      words = nul + 1;
    }
  return words == end;
}
