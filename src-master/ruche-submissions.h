/* ruche-submissions.h: what a client has begun to submit
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-blob-store.h"
#include "ruche-job.h"
#include "ruche-messages.h"

G_BEGIN_DECLS

typedef struct _RucheSubmissions RucheSubmissions;

RucheSubmissions *
ruche_submissions_new (RucheBlobStore *blobs, const RucheLimits *maximum, gint64 *open_work);
void
ruche_submissions_free (RucheSubmissions *submissions);
GStrv
ruche_submissions_begin (RucheSubmissions *submissions,
                         const RucheSubmitBegin *begin,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
ruche_submissions_put (RucheSubmissions *submissions, const RuchePut *put, GBytes *part);
void
ruche_submissions_part (RucheSubmissions *submissions, RucheSubmitPart *part);
gboolean
ruche_submissions_commit (RucheSubmissions *submissions,
                          const RucheSubmitCommit *commit,
                          RucheJobSpec **spec,
                          GPtrArray **tasks,
                          GStrv *blobs,
                          gint64 *weight,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
ruche_submissions_abandon (RucheSubmissions *submissions, const char *submission);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RucheSubmissions, ruche_submissions_free)

G_END_DECLS
