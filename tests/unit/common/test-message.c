/* test-message.c: every message, to a frame and back
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "test-fill.h"

#include "ruche-bounds.h"
#include "ruche-error.h"
#include "ruche-frame.h"

#include <string.h>

static gboolean
takes_payload (RucheMessageType type)
{
  return type == RUCHE_MESSAGE_PUT || type == RUCHE_MESSAGE_OUTPUT || type == RUCHE_MESSAGE_INPUT
         || type == RUCHE_MESSAGE_OUTPUT_PART;
}

static RucheMessage *
filled_message (RucheMessageType type)
{
  RucheMessage *message = ruche_message_new (type);

  ruche_struct_free (ruche_message_schemas[type], message->body);
  message->body = test_filled (ruche_message_schemas[type]);
  if (takes_payload (type))
    message->payload = g_bytes_new_static ("a\0b\xff", 4);
  if (ruche_message_type_numbered (type))
    message->number = G_MAXINT64;
  message->ack = 77;
  return message;
}

static GByteArray *
encoded (const RucheMessage *message)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (GError) error = NULL;

  g_assert_true (ruche_message_encode (message, bytes, &error));
  g_assert_no_error (error);
  return g_steal_pointer (&bytes);
}

static RucheMessage *
decoded (const GByteArray *bytes, GError **error)
{
  g_autoptr (GBytes) payload = NULL;
  guint32 header_size, payload_size;

  if (!ruche_frame_read_prefix (bytes->data, &header_size, &payload_size, error))
    return NULL;
  g_assert_cmpuint (8 + header_size + payload_size, ==, bytes->len);
  payload = g_bytes_new (bytes->data + 8 + header_size, payload_size);
  return ruche_message_decode ((const char *)bytes->data + 8, header_size, payload, error);
}

static RucheMessage *
decode_text (const char *text, GError **error)
{
  return ruche_message_decode (text, strlen (text), NULL, error);
}

static void
test_round_trip (gconstpointer data)
{
  RucheMessageType type = GPOINTER_TO_UINT (data);
  g_autoptr (RucheMessage) message = filled_message (type);
  g_autoptr (GByteArray) bytes = encoded (message);
  g_autoptr (GError) error = NULL;
  g_autoptr (RucheMessage) back = decoded (bytes, &error);

  g_assert_no_error (error);
  g_assert_cmpint (back->type, ==, type);
  g_assert_cmpint (back->number, ==, message->number);
  g_assert_cmpint (back->ack, ==, 77);
  g_assert_true (ruche_struct_equal (ruche_message_schemas[type], message->body, back->body));
  g_assert_cmpint (ruche_message_get_serial (back), ==, ruche_message_get_serial (message));
  g_assert_true ((back->payload != NULL) == takes_payload (type));
  if (back->payload != NULL)
    g_assert_true (g_bytes_equal (back->payload, message->payload));
}

/* A payload where none may be is refused, both when written and when read. */
static void
test_payload (gconstpointer data)
{
  RucheMessageType type = GPOINTER_TO_UINT (data);
  g_autoptr (RucheMessage) message = filled_message (type);
  g_autoptr (GByteArray) bytes = encoded (message);
  g_autoptr (GByteArray) out = g_byte_array_new ();
  g_autoptr (GBytes) payload = g_bytes_new_static ("x", 1);
  g_autoptr (GError) write_error = NULL, read_error = NULL;
  g_autoptr (RucheMessage) back = NULL;
  guint32 header_size, payload_size;

  g_assert_true (ruche_frame_read_prefix (bytes->data, &header_size, &payload_size, NULL));
  back = ruche_message_decode ((const char *)bytes->data + 8, header_size, payload, &read_error);
  g_clear_pointer (&message->payload, g_bytes_unref);
  message->payload = g_bytes_ref (payload);
  if (takes_payload (type))
    {
      g_assert_no_error (read_error);
      g_assert_true (ruche_message_encode (message, out, &write_error));
      return;
    }
  g_assert_error (read_error, RUCHE_ERROR, RUCHE_ERROR_PROTOCOL);
  g_assert_false (ruche_message_encode (message, out, &write_error));
  g_assert_error (write_error, RUCHE_ERROR, RUCHE_ERROR_INVALID);
  g_assert_cmpuint (out->len, ==, 0);
}

static void
test_type_first (void)
{
  g_autoptr (RucheMessage) message = filled_message (RUCHE_MESSAGE_DISPATCH);
  g_autoptr (GByteArray) bytes = encoded (message);
  const char *start = "{\"type\":\"dispatch\",\"number\":9223372036854775807,\"ack\":77,\"epoch\":";

  g_assert_cmpmem (bytes->data + 8, strlen (start), start, strlen (start));
}

static void
test_wrong (void)
{
  static const struct
  {
    const char *text;
    int code;
    const char *said;
  } cases[] = {
    { "{}", RUCHE_ERROR_PROTOCOL, "type" },
    { "{\"type\":1}", RUCHE_ERROR_PROTOCOL, "type" },
    { "{\"type\":null}", RUCHE_ERROR_PROTOCOL, "type" },
    { "{\"type\":[]}", RUCHE_ERROR_PROTOCOL, "type" },
    { "{\"type\":\"dance\"}", RUCHE_ERROR_PROTOCOL, "dance" },
    { "{\"type\":\"\"}", RUCHE_ERROR_PROTOCOL, "unknown" },
    { "{\"type\":\"done\"}", RUCHE_ERROR_INVALID, "serial" },
    { "{\"type\":\"done\",\"serial\":0}", RUCHE_ERROR_INVALID, "serial" },
    { "{\"type\":\"done\",\"serial\":\"1\"}", RUCHE_ERROR_INVALID, "serial" },
    { "{\"type\":\"ping\",\"ack\":-1}", RUCHE_ERROR_INVALID, "ack" },
    { "{\"type\":\"ping\",\"number\":1.5}", RUCHE_ERROR_INVALID, "number" },
    { "{\"type\":\"get\",\"blobs\":[1]}", RUCHE_ERROR_INVALID, "blobs" },
    { "{\"type\":\"ping\"", RUCHE_ERROR_PROTOCOL, "byte 14" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (RucheMessage) message = decode_text (cases[i].text, &error);
      g_assert_null (message);
      g_assert_error (error, RUCHE_ERROR, cases[i].code);
      if (strstr (error->message, cases[i].said) == NULL)
        g_error ("%s: %s", cases[i].text, error->message);
    }
}

/* What a newer peer may add does no harm. */
static void
test_unknown_members (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RucheMessage) message = decode_text (
      "{\"later\":{\"a\":[null,1e3]},\"serial\":5,\"type\":\"done\",\"number\":9}", &error);

  g_assert_no_error (error);
  g_assert_cmpint (message->type, ==, RUCHE_MESSAGE_DONE);
  g_assert_cmpint (ruche_message_get_serial (message), ==, 5);
  g_assert_cmpint (message->number, ==, 0);
}

/* Every character there is arrives as it was sent, escaped or not. */
static void
test_characters (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GString) escaped = g_string_new ("{\"type\":\"leaving\",\"reason\":\"");
  gsize start = escaped->len;

  for (gunichar c = 1; c <= 0x10ffff; c++)
    {
      if (c < 0xd800 || c > 0xdfff)
        {
          g_string_append_unichar (text, c);
          if (c <= 0xffff)
            g_string_append_printf (escaped, "\\u%04x", c);
        }
      if (c % 1000 != 0 && c != 0xffff && c != 0x10ffff)
        continue;
      g_autoptr (RucheMessage) message = ruche_message_new (RUCHE_MESSAGE_LEAVING);
      g_autoptr (GError) error = NULL;
      g_autoptr (GByteArray) bytes = NULL;
      g_autoptr (RucheMessage) back = NULL;
      ((RucheLeaving *)message->body)->reason = g_strdup (text->str);
      bytes = encoded (message);
      back = decoded (bytes, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (((RucheLeaving *)back->body)->reason, ==, text->str);
      if (c <= 0xffff)
        {
          g_autoptr (RucheMessage) read = NULL;
          g_string_append (escaped, "\"}");
          read = decode_text (escaped->str, &error);
          g_assert_no_error (error);
          g_assert_cmpstr (((RucheLeaving *)read->body)->reason, ==, text->str);
          g_string_truncate (escaped, start);
        }
      g_string_truncate (text, 0);
    }
}

static void
test_own_mistakes (void)
{
  g_autoptr (RucheMessage) message = ruche_message_new (RUCHE_MESSAGE_DONE);
  g_autoptr (GByteArray) out = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) large = NULL;
  g_autoptr (GByteArray) much = g_byte_array_new ();
  g_autoptr (RucheMessage) put = NULL;

  g_assert_false (ruche_message_encode (message, out, &error));
  g_assert_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID);
  g_byte_array_set_size (much, RUCHE_MAX_PAYLOAD_SIZE + 1);
  g_autoptr (GBytes) payload = g_bytes_new (much->data, much->len);
  put = ruche_message_new_with_payload (RUCHE_MESSAGE_PUT, payload);
  ((RuchePut *)put->body)->blob = g_strnfill (64, 'a');
  g_assert_false (ruche_message_encode (put, out, &large));
  g_assert_error (large, RUCHE_ERROR, RUCHE_ERROR_TOO_LARGE);
  g_assert_cmpuint (out->len, ==, 0);
}

static void
test_serial (void)
{
  g_autoptr (RucheMessage) ping = ruche_message_new (RUCHE_MESSAGE_PING);
  g_autoptr (RucheMessage) cancel = ruche_message_new (RUCHE_MESSAGE_CANCEL);

  ruche_message_set_serial (ping, 8);
  ruche_message_set_serial (cancel, 8);
  g_assert_cmpint (ruche_message_get_serial (ping), ==, 0);
  g_assert_cmpint (ruche_message_get_serial (cancel), ==, 8);
  g_assert_cmpint (((RucheCancel *)cancel->body)->serial, ==, 8);
}

static void
test_errors (void)
{
  g_autofree char *text = g_strnfill (RUCHE_MAX_TEXT - 1, 'x');
  g_autofree char *long_text = g_strconcat (text, "é\xff", NULL);
  g_autoptr (GError) why = g_error_new_literal (RUCHE_ERROR, RUCHE_ERROR_NO_SPACE, "full");
  g_autoptr (GError) other = g_error_new_literal (G_FILE_ERROR, G_FILE_ERROR_ACCES, long_text);
  g_autoptr (RucheMessage) error = ruche_message_new_error (other);
  g_autoptr (RucheMessage) failed = ruche_message_new_failed (3, why);
  g_autoptr (RucheMessage) ping = ruche_message_new (RUCHE_MESSAGE_PING);
  g_autoptr (GError) error_back = ruche_message_to_error (error);
  g_autoptr (GError) failed_back = ruche_message_to_error (failed);
  g_autoptr (GError) none = ruche_message_to_error (ping);
  g_autoptr (GByteArray) bytes = encoded (error);

  g_assert_error (error_back, RUCHE_ERROR, RUCHE_ERROR_FAILED);
  g_assert_cmpstr (error_back->message, ==, text);
  g_assert_error (failed_back, RUCHE_ERROR, RUCHE_ERROR_NO_SPACE);
  g_assert_cmpstr (failed_back->message, ==, "full");
  g_assert_error (none, RUCHE_ERROR, RUCHE_ERROR_PROTOCOL);
}

/* No number may be so large that json-glib would write it with an exponent, which it gets wrong. */
static void
check_reals (const RucheSchema *schema)
{
  for (const RucheField *f = schema->fields; f->name != NULL; f++)
    {
      if (f->kind == RUCHE_KIND_REAL)
        g_assert_cmpint (f->max, <, G_GINT64_CONSTANT (1000000000000000));
      if (f->kind == RUCHE_KIND_OBJECT || f->kind == RUCHE_KIND_LIST)
        check_reals (f->sub);
    }
}

/* The words that stand beside a message's own members are nobody's own. */
static void
test_tables (void)
{
  for (guint type = 0; type < RUCHE_N_MESSAGE_TYPES; type++)
    {
      check_reals (ruche_message_schemas[type]);
      for (const RucheField *f = ruche_message_schemas[type]->fields; f->name != NULL; f++)
        {
          g_assert_cmpstr (f->name, !=, "type");
          g_assert_cmpstr (f->name, !=, "number");
          g_assert_cmpstr (f->name, !=, "ack");
        }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint type = 0; type < RUCHE_N_MESSAGE_TYPES; type++)
    {
      const char *word = ruche_enum_to_nick (&ruche_message_type, (int)type);
      g_autofree char *trip = g_strdup_printf ("/message/round-trip/%s", word);
      g_autofree char *payload = g_strdup_printf ("/message/payload/%s", word);
      g_test_add_data_func (trip, GUINT_TO_POINTER (type), test_round_trip);
      g_test_add_data_func (payload, GUINT_TO_POINTER (type), test_payload);
    }
  g_test_add_func ("/message/type-first", test_type_first);
  g_test_add_func ("/message/wrong", test_wrong);
  g_test_add_func ("/message/unknown-members", test_unknown_members);
  g_test_add_func ("/message/characters", test_characters);
  g_test_add_func ("/message/own-mistakes", test_own_mistakes);
  g_test_add_func ("/message/serial", test_serial);
  g_test_add_func ("/message/errors", test_errors);
  g_test_add_func ("/message/tables", test_tables);
  return g_test_run ();
}
