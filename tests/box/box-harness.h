/* box-harness.h: a box as a test drives it, one call after the other
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-box.h"

G_BEGIN_DECLS

/**
 * Ran:
 * @report: what became of the step
 * @out: (array length=out_size): what it wrote on standard output
 * @out_size: in bytes
 * @err: likewise, standard error, as a string
 *
 * A step and what it wrote.
 */
typedef struct
{
  RucheBoxReport report;
  char *out;
  gsize out_size;
  char *err;
} Ran;

void
ran_free (Ran *ran);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Ran, ran_free)

RucheBoxFactory *
harness_init (int *argc, char ***argv);
GSubprocess *
harness_start_self (RucheBoxFactory *factory, const char *first, const char *second);
gpointer
harness_wait (GAsyncResult **result);
void
harness_done (GObject *source, GAsyncResult *result, gpointer user_data);

/* A test with one plain box, of the factory that is its data. */
typedef struct
{
  RucheBox *box;
} Fixture;

void
harness_set_up (Fixture *f, gconstpointer data);
void
harness_tear_down (Fixture *f, gconstpointer data);

RucheBox *
harness_open (RucheBoxFactory *factory, const RucheBoxProfile *profile, GError **error);
RucheBox *
harness_open_plain (RucheBoxFactory *factory);
void
harness_close (RucheBox *box);
void
harness_put (RucheBox *box, const char *name, const char *text, gboolean executable);
Ran *
harness_run (RucheBox *box, const RucheBoxStep *step, const char *input, GError **error);
Ran *
harness_shell (RucheBox *box, const RucheLimits *limits, const char *script);
Ran *
harness_python (RucheBox *box, const RucheLimits *limits, const char *script);
void
harness_assert_exited (const Ran *ran, int status);

G_END_DECLS
