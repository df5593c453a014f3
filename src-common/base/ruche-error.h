/* ruche-error.h: the one error domain of Ruche
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * RucheErrorCode:
 * @RUCHE_ERROR_FAILED: anything no other code names
 * @RUCHE_ERROR_INVALID: a value is malformed or out of its bounds; the sender's fault
 * @RUCHE_ERROR_PROTOCOL: a peer broke the wire's rules; the connection ends
 * @RUCHE_ERROR_TOO_LARGE: past a bound of ruche-bounds.h
 * @RUCHE_ERROR_VERSION: the two ends speak no common protocol version
 * @RUCHE_ERROR_DENIED: the person may not do this
 * @RUCHE_ERROR_NOT_FOUND: no such job, blob, file or server
 * @RUCHE_ERROR_UNAVAILABLE: nobody answers, or no server can do it; trying later may help
 * @RUCHE_ERROR_NO_SPACE: a disk or a quota is full
 * @RUCHE_ERROR_UNSUPPORTED: asked for something that this version does not do
 * @RUCHE_ERROR_BUSY: too much is already under way
 * @RUCHE_ERROR_CLOSED: the connection ended
 * @RUCHE_ERROR_EXISTS: it is there already
 *
 * Codes of %RUCHE_ERROR. On the wire a code is its nick, see ruche_error_code_to_nick().
 */
typedef enum
{
  RUCHE_ERROR_FAILED,
  RUCHE_ERROR_INVALID,
  RUCHE_ERROR_PROTOCOL,
  RUCHE_ERROR_TOO_LARGE,
  RUCHE_ERROR_VERSION,
  RUCHE_ERROR_DENIED,
  RUCHE_ERROR_NOT_FOUND,
  RUCHE_ERROR_UNAVAILABLE,
  RUCHE_ERROR_NO_SPACE,
  RUCHE_ERROR_UNSUPPORTED,
  RUCHE_ERROR_BUSY,
  RUCHE_ERROR_CLOSED,
  RUCHE_ERROR_EXISTS,
} RucheErrorCode;

#define RUCHE_N_ERROR_CODES (RUCHE_ERROR_EXISTS + 1)
#define RUCHE_ERROR         (ruche_error_quark ())

GQuark
ruche_error_quark (void);

const char *
ruche_error_code_to_nick (RucheErrorCode code);
RucheErrorCode
ruche_error_code_from_nick (const char *nick);

G_END_DECLS
