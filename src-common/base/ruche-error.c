/* ruche-error.c: the one error domain of Ruche
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "ruche-error.h"

/* The formatter would take the name for a subtraction. */
/* clang-format off */
G_DEFINE_QUARK (ruche-error-quark, ruche_error)
/* clang-format on */

static const char *const nicks[RUCHE_N_ERROR_CODES] = {
  [RUCHE_ERROR_FAILED] = "failed",       [RUCHE_ERROR_INVALID] = "invalid",
  [RUCHE_ERROR_PROTOCOL] = "protocol",   [RUCHE_ERROR_TOO_LARGE] = "too-large",
  [RUCHE_ERROR_VERSION] = "version",     [RUCHE_ERROR_DENIED] = "denied",
  [RUCHE_ERROR_NOT_FOUND] = "not-found", [RUCHE_ERROR_UNAVAILABLE] = "unavailable",
  [RUCHE_ERROR_NO_SPACE] = "no-space",   [RUCHE_ERROR_UNSUPPORTED] = "unsupported",
  [RUCHE_ERROR_BUSY] = "busy",           [RUCHE_ERROR_CLOSED] = "closed",
  [RUCHE_ERROR_EXISTS] = "exists",
};

/**
 * ruche_error_code_to_nick:
 * @code: a code of %RUCHE_ERROR
 *
 * Spells @code as it stands in `error`, `failed` and `refused` messages.
 *
 * Returns: (transfer none): the nick, "failed" where @code is none of ours
 */
const char *
ruche_error_code_to_nick (RucheErrorCode code)
{
  if ((guint)code >= RUCHE_N_ERROR_CODES)
    return nicks[RUCHE_ERROR_FAILED];
  return nicks[code];
}

/**
 * ruche_error_code_from_nick:
 * @nick: (nullable): a nick read from the wire
 *
 * Reads back what ruche_error_code_to_nick() wrote.
 *
 * Returns: the code, %RUCHE_ERROR_FAILED for an unknown nick: a newer peer may know more codes
 */
RucheErrorCode
ruche_error_code_from_nick (const char *nick)
{
  for (guint i = 0; i < RUCHE_N_ERROR_CODES; i++)
    if (g_strcmp0 (nicks[i], nick) == 0)
      return i;
  return RUCHE_ERROR_FAILED;
}
