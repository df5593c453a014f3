/* fuzz-message.c: a stream of bytes from a peer, through frame, guard, message, handshake and link
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whatever comes is either an error with a sentence, or a message that can be sent on and arrives
 * as the same.
 */
#include "config.h"

#include "fuzz.h"

#include "ruche-error.h"
#include "ruche-frame.h"
#include "ruche-handshake.h"
#include "ruche-link.h"

#include <string.h>

static void
check_error (const GError *error)
{
  if (error == NULL || error->domain != RUCHE_ERROR || error->message[0] == '\0'
      || !g_utf8_validate (error->message, -1, NULL))
    fuzz_found ("an error without a sentence");
}

static RucheMessage *
through_the_wire (const RucheMessage *message)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (RucheFrameReader) reader = ruche_frame_reader_new ();
  g_autoptr (GError) error = NULL;
  RucheMessage *back = NULL;
  gsize done = 0;

  if (!ruche_message_encode (message, bytes, &error))
    {
      /* Escapes may make the header longer than it came. */
      if (!g_error_matches (error, RUCHE_ERROR, RUCHE_ERROR_TOO_LARGE))
        fuzz_found ("taken and not sent on: %s", error->message);
      return NULL;
    }
  while (done < bytes->len)
    {
      gsize room;
      guint8 *place = ruche_frame_reader_reserve (reader, &room);
      gsize step = MIN (room, bytes->len - done);
      memcpy (place, bytes->data + done, step);
      ruche_frame_reader_commit (reader, step);
      done += step;
    }
  back = ruche_frame_reader_next (reader, &error);
  if (back == NULL)
    fuzz_found ("sent on and not taken: %s", error != NULL ? error->message : "incomplete");
  return back;
}

static void
check_message (const RucheMessage *message)
{
  g_autoptr (RucheMessage) back = through_the_wire (message);
  g_autoptr (GError) said = ruche_message_to_error (message);
  g_autoptr (RucheMessage) failed = ruche_message_new_failed (1, said);
  g_autoptr (RucheMessage) failed_back = through_the_wire (failed);

  check_error (said);
  if (back == NULL)
    return;
  if (back->type != message->type || back->number != message->number || back->ack != message->ack
      || !ruche_struct_equal (ruche_message_schemas[message->type], message->body, back->body))
    fuzz_found ("“%s” changed on the way", ruche_message_get_word (message));
  if ((back->payload == NULL) != (message->payload == NULL)
      || (back->payload != NULL && !g_bytes_equal (back->payload, message->payload)))
    fuzz_found ("the payload of “%s” changed on the way", ruche_message_get_word (message));
}

static void
check_handshake (const RucheMessage *message)
{
  g_autoptr (GError) answer_error = NULL;
  g_autoptr (GError) finish_error = NULL;
  g_autoptr (RucheMessage) answer
      = ruche_handshake_answer (message, "fuzz", 1, 1, NULL, &answer_error);

  if (answer == NULL)
    {
      g_autoptr (RucheMessage) refused = ruche_handshake_refuse (answer_error);
      g_autoptr (RucheMessage) back = through_the_wire (refused);
      check_error (answer_error);
    }
  else if (!ruche_handshake_finish (answer, NULL))
    fuzz_found ("our own welcome will not do");
  if (!ruche_handshake_finish (message, &finish_error))
    check_error (finish_error);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (RucheFrameReader) reader = ruche_frame_reader_new ();
  g_autoptr (RucheLink) link = ruche_link_new ();
  gsize piece = size % 7 == 0 ? 1 : 1 + size / (size % 7); /* cut in one to several pieces */

  while (size > 0)
    {
      gsize room;
      guint8 *place = ruche_frame_reader_reserve (reader, &room);
      gsize step = MIN (MIN (size, piece), room);

      if (room == 0)
        fuzz_found ("no room to read into");
      memcpy (place, data, step);
      ruche_frame_reader_commit (reader, step);
      data += step;
      size -= step;
      while (TRUE)
        {
          g_autoptr (GError) error = NULL;
          g_autoptr (GError) link_error = NULL;
          g_autoptr (RucheMessage) message = ruche_frame_reader_next (reader, &error);
          gboolean fresh;

          if (error != NULL)
            {
              check_error (error);
              return 0;
            }
          if (message == NULL)
            break;
          check_message (message);
          check_handshake (message);
          if (!ruche_link_received (link, message, &fresh, &link_error))
            check_error (link_error);
        }
    }
  return 0;
}
