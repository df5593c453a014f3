/* ruche-ctl-commands.h: the commands of ruchectl
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-ctl.h"

G_BEGIN_DECLS

/**
 * RucheCtlCommand:
 * @name: the word
 * @usage: what follows it, for the help
 * @summary: one line
 * @run: carries it out; the words begin with the command's own; returns the exit status
 *
 * One command.
 */
typedef struct
{
  const char *name;
  const char *usage;
  const char *summary;
  int (*run) (RucheCtl *ctl, char ***words);
} RucheCtlCommand;

const RucheCtlCommand *
ruche_ctl_find_command (const char *name);
const char *
ruche_ctl_usage (const char *name);
const char *
ruche_ctl_summary (const char *name);
char *
ruche_ctl_help (void);

/* ruche-ctl-run.c */
int
ruche_ctl_run (RucheCtl *ctl, char ***words);
int
ruche_ctl_submit_command (RucheCtl *ctl, char ***words);

/* ruche-ctl-jobs.c */
int
ruche_ctl_jobs (RucheCtl *ctl, char ***words);
int
ruche_ctl_wait (RucheCtl *ctl, char ***words);
int
ruche_ctl_cancel (RucheCtl *ctl, char ***words);
int
ruche_ctl_delete (RucheCtl *ctl, char ***words);
gboolean
ruche_ctl_parse_job (RucheCtl *ctl, char **rest, gint64 *job, int *status);

/* ruche-ctl-show.c */
int
ruche_ctl_show (RucheCtl *ctl, char ***words);
int
ruche_ctl_output (RucheCtl *ctl, char ***words);

/* ruche-ctl-cluster.c */
int
ruche_ctl_up (RucheCtl *ctl, char ***words);
int
ruche_ctl_down (RucheCtl *ctl, char ***words);
int
ruche_ctl_servers (RucheCtl *ctl, char ***words);

G_END_DECLS
