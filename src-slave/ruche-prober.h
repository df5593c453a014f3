/* ruche-prober.h: which languages work on this machine
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-box.h"
#include "ruche-server.h"
#include "ruche-toolchain-file.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * RucheOffered:
 * @file: how the language is compiled and run
 * @toolchain: what the master is told
 *
 * A language that works here.
 */
typedef struct
{
  RucheToolchainFile *file;
  RucheToolchain *toolchain;
} RucheOffered;

char **
ruche_prober_list_etc (const RucheToolchainFile *file);
GPtrArray *
ruche_prober_read_folder (const char *folder, GError **error) G_GNUC_WARN_UNUSED_RESULT;

void
ruche_prober_run_async (GPtrArray *candidates,
                        RucheBoxFactory *factory,
                        guint at_once,
                        const char *cache_path,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data);
GPtrArray *
ruche_prober_run_finish (GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
