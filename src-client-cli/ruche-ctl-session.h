/* ruche-ctl-session.h: following a job to its end
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-ctl.h"

G_BEGIN_DECLS

/**
 * RucheCtlSessionFlags:
 * @RUCHE_CTL_STREAM: the job's output goes to ours
 * @RUCHE_CTL_CANCEL: Ctrl+C cancels the job; else it only ends the waiting
 * @RUCHE_CTL_INPUT: our standard input goes to the program
 * @RUCHE_CTL_VERBOSE: the verdict is always told
 * @RUCHE_CTL_QUIET: it never is
 *
 * How to follow a job.
 */
typedef enum
{
  RUCHE_CTL_STREAM = 1 << 0,
  RUCHE_CTL_CANCEL = 1 << 1,
  RUCHE_CTL_INPUT = 1 << 2,
  RUCHE_CTL_VERBOSE = 1 << 3,
  RUCHE_CTL_QUIET = 1 << 4,
} RucheCtlSessionFlags;

typedef struct _RucheCtlSession RucheCtlSession;

RucheCtlSession *
ruche_ctl_session_new (RucheCtl *ctl, RucheCtlSessionFlags flags);
void
ruche_ctl_session_free (RucheCtlSession *self);
int
ruche_ctl_session_follow (RucheCtlSession *self, gint64 job);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RucheCtlSession, ruche_ctl_session_free)

G_END_DECLS
