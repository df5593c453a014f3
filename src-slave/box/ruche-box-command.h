/* ruche-box-command.h: the command line that makes a box
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-box.h"
#include "runner-protocol.h"

G_BEGIN_DECLS

/* Descriptors that bubblewrap starts with: the runner's two, and what it copies into /etc. */
#define RUCHE_BOX_PASSWD_FD (RUNNER_PROGRAM_FD + 1)
#define RUCHE_BOX_GROUP_FD  (RUNNER_PROGRAM_FD + 2)

#define RUCHE_BOX_PASSWD                                                                           \
  "root:x:0:0:root:/:/usr/sbin/nologin\nruche:x:1000:1000:Ruche:/work:/bin/sh\n"
#define RUCHE_BOX_GROUP "root:x:0:\nruche:x:1000:\n"

char **
ruche_box_command (const char *bwrap,
                   const RucheBoxProfile *profile,
                   GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
