/* make-seeds.c: writes one seed a message, to be checked in under seeds/message
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Run by hand when a message is new or changed: make-seeds tests/fuzz/seeds/message
 */
#include "config.h"

#include "test-fill.h"

#include "ruche-message.h"

int
main (int argc, char **argv)
{
  if (argc != 2)
    g_error ("usage: %s FOLDER", argv[0]);
  for (int type = 0; type < RUCHE_N_MESSAGE_TYPES; type++)
    {
      g_autoptr (RucheMessage) message = ruche_message_new (type);
      g_autoptr (GByteArray) bytes = g_byte_array_new ();
      g_autoptr (GError) error = NULL;
      g_autofree char *path
          = g_strdup_printf ("%s/valid-%s", argv[1], ruche_message_get_word (message));

      ruche_struct_free (ruche_message_schemas[type], message->body);
      message->body = test_filled (ruche_message_schemas[type]);
      if (type == RUCHE_MESSAGE_PUT || type == RUCHE_MESSAGE_OUTPUT || type == RUCHE_MESSAGE_INPUT
          || type == RUCHE_MESSAGE_OUTPUT_PART)
        message->payload = g_bytes_new_static ("a\0b\xff", 4);
      message->number = ruche_message_type_numbered (type) ? 1 : 0;
      message->ack = 1;
      if (!ruche_message_encode (message, bytes, &error)
          || !g_file_set_contents (path, (const char *)bytes->data, (gssize)bytes->len, &error))
        g_error ("%s: %s", path, error->message);
    }
  return 0;
}
