/* ruche-ctl-sink.h: bytes to standard output or error, without ever waiting
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A reader that is slow, such as a pager, must not keep ruchectl from hearing Ctrl+C or the master.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _RucheCtlSink RucheCtlSink;
typedef void (*RucheCtlSinkChanged) (gpointer user_data);

RucheCtlSink *
ruche_ctl_sink_new (int fd, RucheCtlSinkChanged changed, gpointer user_data);
void
ruche_ctl_sink_free (RucheCtlSink *sink);
void
ruche_ctl_sink_push (RucheCtlSink *sink, GBytes *bytes);
gboolean
ruche_ctl_sink_is_empty (RucheCtlSink *sink);
int
ruche_ctl_sink_get_broken (RucheCtlSink *sink);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RucheCtlSink, ruche_ctl_sink_free)

G_END_DECLS
