/* ruche-daemon.h: what both daemons do at their start
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>
#include <sys/types.h>

G_BEGIN_DECLS

/**
 * RucheIdentity:
 * @uid: user
 * @gid: group
 * @name: its name
 *
 * Whom a daemon started as root becomes.
 */
typedef struct
{
  uid_t uid;
  gid_t gid;
  char *name;
} RucheIdentity;

void
ruche_identity_clear (RucheIdentity *identity);
gboolean
ruche_daemon_find_identity (const char *wanted,
                            RucheIdentity *identity,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
ruche_daemon_make_dir (const char *path,
                       const RucheIdentity *owner,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
ruche_daemon_find_group (const char *name, gid_t *gid, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
ruche_daemon_make_shared_dir (const char *path,
                              const RucheIdentity *owner,
                              gid_t group,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
ruche_daemon_drop_root (const RucheIdentity *identity, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
ruche_daemon_raise_open_files (void);
void
ruche_daemon_notify_ready (const char *status);
void
ruche_daemon_notify_stopping (void);

G_END_DECLS
