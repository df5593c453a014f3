/* ruche-submit.h: from a document to a submission
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-document.h"

G_BEGIN_DECLS

/**
 * RucheOpenText:
 * @file: a file that goes along with a program
 * @user_data: as given
 *
 * Looks whether a file is open in a window.
 *
 * Returns: (transfer full) (nullable): its text as the person sees it, %NULL where it is not open
 */
typedef GBytes *(*RucheOpenText) (GFile *file, gpointer user_data);

char *
ruche_submit_choose_name (const char *language, GBytes *text, GPtrArray *toolchains, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
RucheSubmission *
ruche_submit_make (RucheDocument *document,
                   GPtrArray *toolchains,
                   RucheOpenText open_text,
                   gpointer user_data,
                   GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
