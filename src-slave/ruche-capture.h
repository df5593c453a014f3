/* ruche-capture.h: all that a command printed, in memory and bounded
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _RucheCapture RucheCapture;

/* Called once, when more was printed than the bound allows. */
typedef void (*RucheCaptureFull) (gpointer user_data);

int
ruche_pipe_open (int *write_fd, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gssize
ruche_pipe_read (int fd, gpointer buffer, gsize size);

RucheCapture *
ruche_capture_new (gsize bound, RucheCaptureFull full, gpointer user_data);
void
ruche_capture_free (RucheCapture *self);
gboolean
ruche_capture_open (RucheCapture *self, int *stdout_fd, int *stderr_fd, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
GBytes *
ruche_capture_finish (RucheCapture *self);
gboolean
ruche_capture_is_full (RucheCapture *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RucheCapture, ruche_capture_free)

G_END_DECLS
