/* ruche-program.h: from files on disk to a submission
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-job.h"
#include "ruche-server.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * RucheSubmission:
 * @number: 32 hexadecimal digits; the same for every try, so that sent twice it is one job
 * @spec: the job
 * @tasks: (element-type RucheTaskSpec): its tasks, at least one
 * @blobs: digest to GBytes: the files and inputs that @spec and @tasks name
 *
 * What ruche_client_submit_async() sends.
 */
typedef struct
{
  char *number;
  RucheJobSpec *spec;
  GPtrArray *tasks;
  GHashTable *blobs;
} RucheSubmission;

RucheSubmission *
ruche_submission_new (RucheJobKind kind, const char *name);
void
ruche_submission_free (RucheSubmission *submission);
const char *
ruche_submission_add_blob (RucheSubmission *submission, GBytes *bytes);
void
ruche_submission_add_file (RucheSubmission *submission, const char *name, GBytes *bytes);
RucheTaskSpec *
ruche_submission_add_task (RucheSubmission *submission);
gboolean
ruche_submission_check (RucheSubmission *submission, GError **error) G_GNUC_WARN_UNUSED_RESULT;

gboolean
ruche_program_add_path (RucheSubmission *submission,
                        const char *path,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
ruche_program_add_paths (RucheSubmission *submission,
                         const char *const *paths,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
ruche_program_resolve (RucheSubmission *submission,
                       GPtrArray *toolchains,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RucheSubmission, ruche_submission_free)

G_END_DECLS
