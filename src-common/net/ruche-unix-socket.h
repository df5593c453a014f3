/* ruche-unix-socket.h: a Unix socket to listen on, and the file that stands for it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _RucheUnixSocket RucheUnixSocket;

RucheUnixSocket *
ruche_unix_socket_bind (const char *path,
                        gboolean shared,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;
GSocket *
ruche_unix_socket_get_socket (RucheUnixSocket *self);
void
ruche_unix_socket_free (RucheUnixSocket *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RucheUnixSocket, ruche_unix_socket_free)

G_END_DECLS
