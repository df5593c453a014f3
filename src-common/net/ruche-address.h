/* ruche-address.h: where a master is
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum
{
  RUCHE_ADDRESS_UNIX,
  RUCHE_ADDRESS_TLS, /* a join code; understood, and refused on use until there is TLS */
} RucheAddressKind;

/**
 * RucheAddress:
 * @kind: which of the two
 * @path: (nullable): of a Unix socket
 * @host: (nullable): of a join code
 * @port: likewise
 * @fingerprint: (nullable): SHA-256 of the master's certificate
 * @token: (nullable): what the master knows us by
 *
 * Where a master is, and how to be let in.
 */
typedef struct
{
  RucheAddressKind kind;
  char *path;
  char *host;
  guint16 port;
  char *fingerprint;
  char *token;
} RucheAddress;

RucheAddress *
ruche_address_new_unix (const char *path);
RucheAddress *
ruche_address_new_local (void);
RucheAddress *
ruche_address_parse (const char *text, GError **error) G_GNUC_WARN_UNUSED_RESULT;
RucheAddress *
ruche_address_copy (const RucheAddress *address);
void
ruche_address_free (RucheAddress *address);
char *
ruche_address_to_text (const RucheAddress *address);
GSocketConnectable *
ruche_address_to_connectable (const RucheAddress *address,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RucheAddress, ruche_address_free)

G_END_DECLS
