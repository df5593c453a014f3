/* false-runner.c: a runner that greets and then breaks the rules, to see the slave keep them
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which rule it breaks is told by the number of processes that the step may have.
 */
#include "false-runner.h"

#include "runner-protocol.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void
say (union runner_record *record, enum runner_type type, uint32_t serial)
{
  runner_head_fill (&record->head, type, serial);
  send (RUNNER_SOCKET_FD, record, record->head.length, MSG_NOSIGNAL);
}

static void
lie (enum false_runner_lie which, uint32_t serial)
{
  union runner_record record;
  static const char huge[4096];

  memset (&record, 0, sizeof record);
  switch (which)
    {
    case LIE_OTHER_SERIAL:
      say (&record, RUNNER_ENDED, serial + 1);
      break;
    case LIE_SECOND_HELLO:
      say (&record, RUNNER_HELLO, 0);
      break;
    case LIE_STARTED_TWICE:
      say (&record, RUNNER_STARTED, serial);
      say (&record, RUNNER_STARTED, serial);
      break;
    case LIE_UNKNOWN_END:
      record.ended.end = RUNNER_N_ENDS;
      say (&record, RUNNER_ENDED, serial);
      break;
    case LIE_NEGATIVE_FIGURE:
      record.ended.cpu_us = -1;
      say (&record, RUNNER_ENDED, serial);
      break;
    case LIE_ORDER:
      say (&record, RUNNER_KILL, serial);
      break;
    case LIE_SHORT:
      send (RUNNER_SOCKET_FD, "x", 1, MSG_NOSIGNAL);
      break;
    case LIE_LONG:
      send (RUNNER_SOCKET_FD, huge, sizeof huge, MSG_NOSIGNAL);
      break;
    case LIE_ENDED_TWICE:
      say (&record, RUNNER_ENDED, serial);
      say (&record, RUNNER_ENDED, serial);
      break;
    case LIE_EXIT:
      _exit (0);
    default:
      break; /* and say nothing, ever */
    }
}

int
main (void)
{
  union runner_record record = { 0 };

  say (&record, RUNNER_HELLO, 0);
  while (recv (RUNNER_SOCKET_FD, &record, sizeof record, 0) > 0)
    if (record.head.type == RUNNER_STEP)
      lie (record.step.processes, record.head.serial);
  return 0;
}
