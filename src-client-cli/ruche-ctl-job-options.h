/* ruche-ctl-job-options.h: the options of run and submit
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-program.h"

G_BEGIN_DECLS

/**
 * RucheCtlJobOptions:
 * @language: --language
 * @main: --main
 * @input: --input: a file, or "-"
 * @args: --arg, each
 * @flags: --flags, in one string
 * @priority: --priority
 * @server: --server
 * @attempts: --attempts
 * @cpu: --cpu, seconds
 * @wall: --wall, seconds
 * @memory: --memory, MiB
 * @processes: --processes
 * @output: --output, MiB
 * @disk: --disk, MiB
 *
 * As typed; all are %NULL where they were not.
 */
typedef struct
{
  char *language;
  char *main;
  char *input;
  char **args;
  char *flags;
  char *priority;
  char *server;
  char *attempts;
  char *cpu;
  char *wall;
  char *memory;
  char *processes;
  char *output;
  char *disk;
} RucheCtlJobOptions;

#define RUCHE_CTL_N_JOB_OPTIONS 14

void
ruche_ctl_job_options_clear (RucheCtlJobOptions *options);
void
ruche_ctl_job_options_entries (RucheCtlJobOptions *options,
                               GOptionEntry entries[RUCHE_CTL_N_JOB_OPTIONS + 1]);
gboolean
ruche_ctl_job_options_apply (const RucheCtlJobOptions *options,
                             RucheSubmission *submission,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
ruche_ctl_parse_amount (const char *option,
                        const char *text,
                        gint64 scale,
                        gint64 max,
                        gint64 *value,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (RucheCtlJobOptions, ruche_ctl_job_options_clear)

G_END_DECLS
