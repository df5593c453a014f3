/* ruche-spool.h: what programs print, kept on the master
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

#include "ruche-job.h"

G_BEGIN_DECLS

typedef struct _RucheSpool RucheSpool;

/**
 * RucheSpoolBounds:
 * @task: bytes of what an attempt's run prints, stdout and stderr together
 * @compiler: bytes of what its compiler prints
 * @job: bytes of a job
 * @all: bytes of all jobs together
 *
 * How much is kept.
 */
typedef struct
{
  gint64 task;
  gint64 compiler;
  gint64 job;
  gint64 all;
} RucheSpoolBounds;

RucheSpool *
ruche_spool_new (const char *dir,
                 const RucheSpoolBounds *bounds,
                 GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
ruche_spool_free (RucheSpool *spool);
gboolean
ruche_spool_add (RucheSpool *spool,
                 const RucheAttemptId *id,
                 RucheStream stream,
                 gint64 offset,
                 GBytes *bytes,
                 gboolean end,
                 GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
ruche_spool_end (RucheSpool *spool, const RucheAttemptId *id);
gint64
ruche_spool_get_size (RucheSpool *spool,
                      const RucheAttemptId *id,
                      RucheStream stream,
                      gboolean *ended);
const char *
ruche_spool_get_trouble (RucheSpool *spool, const RucheAttemptId *id);
GBytes *
ruche_spool_read (RucheSpool *spool,
                  const RucheAttemptId *id,
                  RucheStream stream,
                  gint64 offset,
                  gsize max,
                  GError **error) G_GNUC_WARN_UNUSED_RESULT;
gint64
ruche_spool_get_kept (RucheSpool *spool);
void
ruche_spool_forget (RucheSpool *spool, gint64 job);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RucheSpool, ruche_spool_free)

G_END_DECLS
