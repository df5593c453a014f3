/* false-runner.h: the rules that false-runner breaks
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

enum false_runner_lie
{
  LIE_OTHER_SERIAL = 1,
  LIE_SECOND_HELLO,
  LIE_STARTED_TWICE,
  LIE_UNKNOWN_END,
  LIE_NEGATIVE_FIGURE,
  LIE_ORDER,
  LIE_SHORT,
  LIE_LONG,
  LIE_EXIT,
  LIE_ENDED_TWICE,
  LIE_SILENCE,
};
