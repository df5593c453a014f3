/* fuzz.h: what a fuzzing engine, or the replay of its seeds, calls
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* What a target says when it found something: g_error() would trap, which libFuzzer does not see.
 */
G_NORETURN void
fuzz_found (const char *format, ...) G_GNUC_PRINTF (1, 2);
