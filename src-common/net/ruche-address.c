/* ruche-address.c: where a master is
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-address.h"

#include "ruche-bounds.h"
#include "ruche-config.h"
#include "ruche-error.h"
#include "ruche-paths.h"

#include <gio/gunixsocketaddress.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/un.h>

#define SCHEME   "ruche://"
#define MAX_PATH (sizeof (((struct sockaddr_un *)NULL)->sun_path) - 1)
#define MAX_HOST 253

/**
 * ruche_address_new_unix:
 * @path: of a socket; a relative one is taken from the working folder
 *
 * Makes the address of a master on this machine.
 *
 * Returns: (transfer full): the address
 */
RucheAddress *
ruche_address_new_unix (const char *path)
{
  RucheAddress *address = g_new0 (RucheAddress, 1);

  address->kind = RUCHE_ADDRESS_UNIX;
  address->path = g_canonicalize_filename (path, NULL);
  return address;
}

/**
 * ruche_address_new_local:
 *
 * Makes the address of this user's local cluster.
 *
 * Returns: (transfer full): the address
 */
RucheAddress *
ruche_address_new_local (void)
{
  g_autofree char *path = ruche_paths_master_socket ();

  return ruche_address_new_unix (path);
}

/**
 * ruche_address_copy:
 * @address: (nullable): an address
 *
 * Copies an address.
 *
 * Returns: (transfer full) (nullable): the copy
 */
RucheAddress *
ruche_address_copy (const RucheAddress *address)
{
  RucheAddress *copy;

  if (address == NULL)
    return NULL;
  copy = g_new0 (RucheAddress, 1);
  copy->kind = address->kind;
  copy->path = g_strdup (address->path);
  copy->host = g_strdup (address->host);
  copy->port = address->port;
  copy->fingerprint = g_strdup (address->fingerprint);
  copy->token = g_strdup (address->token);
  return copy;
}

/**
 * ruche_address_free:
 * @address: (nullable) (transfer full): an address
 *
 * Frees an address.
 */
void
ruche_address_free (RucheAddress *address)
{
  if (address == NULL)
    return;
  g_free (address->path);
  g_free (address->host);
  g_free (address->fingerprint);
  g_free (address->token);
  g_free (address);
}

static gboolean
no_tls (const char *where, GError **error)
{
  g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_UNSUPPORTED,
               _ ("“%s” is on the network, and this version of Ruche speaks over a Unix socket on "
                  "one machine only: give the path of the master’s socket"),
               where);
  return FALSE;
}

static gboolean
bad_join_code (const char *what, GError **error)
{
  g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID,
               _ ("this is not a complete join code (%s): copy it again, from “ruche://” to its "
                  "end"),
               what);
  return FALSE;
}

static gboolean
is_made_of (const char *text, const char *more)
{
  for (; *text != '\0'; text++)
    if (!g_ascii_isalnum (*text) && strchr (more, *text) == NULL)
      return FALSE;
  return TRUE;
}

static gboolean
host_fine (const char *host)
{
  if (*host == '\0' || strlen (host) > MAX_HOST)
    return FALSE;
  if (strchr (host, ':') != NULL)
    return g_hostname_is_ip_address (host);
  return is_made_of (host, ".-") && *host != '-' && *host != '.';
}

/* HOST:PORT, where an IPv6 address stands in brackets. */
static gboolean
read_host (const char *text, char **host, guint16 *port, GError **error)
{
  const char *colon = strrchr (text, ':');
  gsize size = colon != NULL ? (gsize)(colon - text) : 0;
  gboolean bracketed = size >= 2 && text[0] == '[' && text[size - 1] == ']';
  g_autofree char *name = bracketed ? g_strndup (text + 1, size - 2) : g_strndup (text, size);
  gint64 number;

  if (colon == NULL || !host_fine (name) || bracketed != (strchr (name, ':') != NULL))
    return bad_join_code (_ ("its host is missing or malformed"), error);
  if (!ruche_parse_int (colon + 1, 1, G_MAXUINT16, &number, NULL))
    return bad_join_code (_ ("its port is missing or malformed"), error);
  *host = g_steal_pointer (&name);
  *port = (guint16)number;
  return TRUE;
}

static gboolean
read_parameter (const char *text, RucheAddress *address, GError **error)
{
  if (g_str_has_prefix (text, "fp="))
    {
      if (address->fingerprint != NULL || strlen (text + 3) != 64
          || strspn (text + 3, "0123456789abcdef") != 64)
        return bad_join_code (_ ("its fingerprint is malformed"), error);
      address->fingerprint = g_strdup (text + 3);
      return TRUE;
    }
  if (g_str_has_prefix (text, "token="))
    {
      if (address->token != NULL || text[6] == '\0' || strlen (text + 6) > RUCHE_MAX_NAME
          || !is_made_of (text + 6, "-_"))
        return bad_join_code (_ ("its token is malformed"), error);
      address->token = g_strdup (text + 6);
      return TRUE;
    }
  return bad_join_code (_ ("it says something unknown"), error);
}

/* What follows "ruche://": HOST:PORT/?fp=…&token=… */
static RucheAddress *
read_join_code (const char *text, GError **error)
{
  g_autoptr (RucheAddress) address = g_new0 (RucheAddress, 1);
  const char *query = strstr (text, "/?");
  g_autofree char *where = g_strndup (text, query != NULL ? (gsize)(query - text) : strlen (text));
  g_auto (GStrv) parameters = query != NULL ? g_strsplit (query + 2, "&", -1) : NULL;

  address->kind = RUCHE_ADDRESS_TLS;
  if (!read_host (where, &address->host, &address->port, error))
    return NULL;
  for (guint i = 0; parameters != NULL && parameters[i] != NULL; i++)
    if (!read_parameter (parameters[i], address, error))
      return NULL;
  if (address->fingerprint == NULL || address->token == NULL)
    {
      bad_join_code (_ ("it has no fingerprint or no token"), error);
      return NULL;
    }
  return g_steal_pointer (&address);
}

static gboolean
looks_like_host (const char *text)
{
  g_autofree char *host = NULL;
  guint16 port;

  return strchr (text, '/') == NULL
         && (read_host (text, &host, &port, NULL) || g_hostname_is_ip_address (text));
}

static gboolean
check_path (const char *path, GError **error)
{
  g_autofree char *shown = g_filename_display_name (path);

  if (strlen (path) <= MAX_PATH)
    return TRUE;
  g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID,
               _ ("the path of a socket may be %d bytes long and “%s” is longer: choose a shorter "
                  "one"),
               (int)MAX_PATH, shown);
  return FALSE;
}

/**
 * ruche_address_parse:
 * @text: what a person gave: a path or a join code
 * @error: %RUCHE_ERROR_INVALID for what is neither, %RUCHE_ERROR_UNSUPPORTED for a host and a port
 *   without the rest of a join code
 *
 * Reads an address.
 *
 * Returns: (transfer full): the address, or %NULL
 */
RucheAddress *
ruche_address_parse (const char *text, GError **error)
{
  g_autoptr (RucheAddress) address = NULL;

  if (g_str_has_prefix (text, SCHEME))
    return read_join_code (text + strlen (SCHEME), error);
  if (*text == '\0' || strstr (text, "://") != NULL)
    {
      g_set_error_literal (error, RUCHE_ERROR, RUCHE_ERROR_INVALID,
                           _ ("the address of a master is the path of its socket, or a join code "
                              "that begins with “ruche://”"));
      return NULL;
    }
  if (looks_like_host (text))
    {
      no_tls (text, error);
      return NULL;
    }
  address = ruche_address_new_unix (text);
  if (!check_path (address->path, error))
    return NULL;
  return g_steal_pointer (&address);
}

/**
 * ruche_address_to_text:
 * @address: an address
 *
 * Writes an address as ruche_address_parse() reads it. A join code holds a secret: not for logs.
 *
 * Returns: (transfer full): the text
 */
char *
ruche_address_to_text (const RucheAddress *address)
{
  gboolean bracketed;

  if (address->kind == RUCHE_ADDRESS_UNIX)
    return g_strdup (address->path);
  bracketed = strchr (address->host, ':') != NULL;
  return g_strdup_printf (SCHEME "%s%s%s:%u/?fp=%s&token=%s", bracketed ? "[" : "", address->host,
                          bracketed ? "]" : "", (guint)address->port, address->fingerprint,
                          address->token);
}

/**
 * ruche_address_to_connectable:
 * @address: an address
 * @error: %RUCHE_ERROR_UNSUPPORTED for a join code, %RUCHE_ERROR_INVALID for a path that is too
 *   long
 *
 * Makes what GSocketClient and listeners take.
 *
 * Returns: (transfer full): the socket's address, or %NULL
 */
GSocketConnectable *
ruche_address_to_connectable (const RucheAddress *address, GError **error)
{
  if (address->kind == RUCHE_ADDRESS_TLS)
    {
      g_autofree char *where = g_strdup_printf ("%s:%u", address->host, (guint)address->port);
      no_tls (where, error);
      return NULL;
    }
  if (!check_path (address->path, error))
    return NULL;
  return G_SOCKET_CONNECTABLE (g_unix_socket_address_new (address->path));
}
