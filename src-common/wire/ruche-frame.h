/* ruche-frame.h: bytes to frames
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A frame is u32 header length, u32 payload length, both big-endian, then the header, then the
 * payload. Nothing here reads sockets: bytes go in as they come, frames come out.
 */
#pragma once

#include "ruche-message.h"

G_BEGIN_DECLS

typedef struct _RucheFrameReader RucheFrameReader;

RucheFrameReader *
ruche_frame_reader_new (void);
void
ruche_frame_reader_free (RucheFrameReader *reader);
void
ruche_frame_reader_set_max (RucheFrameReader *reader, guint32 header, guint32 payload);
guint8 *
ruche_frame_reader_reserve (RucheFrameReader *reader, gsize *size);
void
ruche_frame_reader_commit (RucheFrameReader *reader, gsize size);
RucheMessage *
ruche_frame_reader_next (RucheFrameReader *reader, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
ruche_frame_reader_is_empty (RucheFrameReader *reader);

void
ruche_frame_write_prefix (guint8 prefix[8], guint32 header_size, guint32 payload_size);
gboolean
ruche_frame_read_prefix (const guint8 prefix[8],
                         guint32 *header_size,
                         guint32 *payload_size,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RucheFrameReader, ruche_frame_reader_free)

G_END_DECLS
