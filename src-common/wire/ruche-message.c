/* ruche-message.c: a message, and its frame both ways
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-message.h"

#include "ruche-bounds.h"
#include "ruche-error.h"
#include "ruche-frame.h"
#include "ruche-guard.h"

#include <json-glib/json-glib.h>
#include <string.h>

/* What any message may carry beside its own members. */
typedef struct
{
  gint64 number;
  gint64 ack;
} Envelope;

static const RucheField envelope_fields[]
    = { RUCHE_FIELD_INT (Envelope, number, "number", 0, G_MAXINT64, 0),
        RUCHE_FIELD_INT (Envelope, ack, "ack", 0, G_MAXINT64, 0), RUCHE_FIELD_END };
static const RucheSchema envelope_schema = { "Envelope", sizeof (Envelope), envelope_fields };

static gboolean
takes_payload (RucheMessageType type)
{
  return type == RUCHE_MESSAGE_PUT || type == RUCHE_MESSAGE_OUTPUT || type == RUCHE_MESSAGE_INPUT
         || type == RUCHE_MESSAGE_OUTPUT_PART;
}

static RucheMessage *
new_from_body (RucheMessageType type, gpointer body, GBytes *payload)
{
  RucheMessage *message = g_new0 (RucheMessage, 1);

  message->type = type;
  message->body = body;
  message->payload = payload;
  g_atomic_ref_count_init (&message->ref_count);
  return message;
}

/**
 * ruche_message_new:
 * @type: which
 *
 * Makes a message whose members have their fallback values.
 *
 * Returns: (transfer full): the message
 */
RucheMessage *
ruche_message_new (RucheMessageType type)
{
  return new_from_body (type, ruche_struct_new (ruche_message_schemas[type]), NULL);
}

/**
 * ruche_message_new_with_payload:
 * @type: one that takes a payload: put, output, input or output-part
 * @payload: raw bytes, at most %RUCHE_MAX_PAYLOAD_SIZE
 *
 * Makes a message that carries bytes.
 *
 * Returns: (transfer full): the message
 */
RucheMessage *
ruche_message_new_with_payload (RucheMessageType type, GBytes *payload)
{
  return new_from_body (type, ruche_struct_new (ruche_message_schemas[type]),
                        g_bytes_ref (payload));
}

/* What may stand in a message of an error: UTF-8 of at most so many bytes. */
static char *
bounded_text (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  const char *cut;

  if (strlen (valid) <= RUCHE_MAX_TEXT)
    return g_steal_pointer (&valid);
  cut = g_utf8_find_prev_char (valid, valid + RUCHE_MAX_TEXT + 1);
  return g_strndup (valid, (gsize)(cut - valid));
}

static const char *
nick_of (const GError *why)
{
  return ruche_error_code_to_nick (why->domain == RUCHE_ERROR ? (RucheErrorCode)why->code
                                                              : RUCHE_ERROR_FAILED);
}

/**
 * ruche_message_new_error:
 * @why: what the peer did wrong
 *
 * Makes the `error` message that ends a connection.
 *
 * Returns: (transfer full): the message
 */
RucheMessage *
ruche_message_new_error (const GError *why)
{
  RucheMessage *message = ruche_message_new (RUCHE_MESSAGE_ERROR);
  RucheErrorMessage *body = message->body;

  body->code = g_strdup (nick_of (why));
  body->message = bounded_text (why->message);
  return message;
}

/**
 * ruche_message_new_failed:
 * @serial: of the request
 * @why: why it can't be met
 *
 * Makes the `failed` message that answers a request.
 *
 * Returns: (transfer full): the message
 */
RucheMessage *
ruche_message_new_failed (gint64 serial, const GError *why)
{
  RucheMessage *message = ruche_message_new (RUCHE_MESSAGE_FAILED);
  RucheFailed *body = message->body;

  body->serial = serial;
  body->code = g_strdup (nick_of (why));
  body->message = bounded_text (why->message);
  return message;
}

/**
 * ruche_message_ref:
 * @message: a message
 *
 * Takes a reference.
 *
 * Returns: (transfer full): @message
 */
RucheMessage *
ruche_message_ref (RucheMessage *message)
{
  g_atomic_ref_count_inc (&message->ref_count);
  return message;
}

/**
 * ruche_message_unref:
 * @message: (transfer full): a message
 *
 * Gives a reference back; with the last one the message is freed.
 */
void
ruche_message_unref (RucheMessage *message)
{
  if (!g_atomic_ref_count_dec (&message->ref_count))
    return;
  ruche_struct_free (ruche_message_schemas[message->type], message->body);
  g_clear_pointer (&message->payload, g_bytes_unref);
  g_free (message);
}

/**
 * ruche_message_get_word:
 * @message: a message
 *
 * Says what kind of message it is, as on the wire.
 *
 * Returns: (transfer none): such as "hello"
 */
const char *
ruche_message_get_word (const RucheMessage *message)
{
  return ruche_enum_to_nick (&ruche_message_type, (int)message->type);
}

static gint64 *
find_serial (const RucheMessage *message)
{
  for (const RucheField *f = ruche_message_schemas[message->type]->fields; f->name != NULL; f++)
    if (strcmp (f->name, "serial") == 0)
      return &G_STRUCT_MEMBER (gint64, message->body, f->offset);
  return NULL;
}

/**
 * ruche_message_get_serial:
 * @message: a message
 *
 * Reads the number by which a request and its answer belong together.
 *
 * Returns: the serial, 0 where messages of this type have none
 */
gint64
ruche_message_get_serial (const RucheMessage *message)
{
  const gint64 *serial = find_serial (message);

  return serial != NULL ? *serial : 0;
}

/**
 * ruche_message_set_serial:
 * @message: a message that was not sent yet
 * @serial: more than 0
 *
 * Sets the serial of a request or answer; messages of other types stay as they are.
 */
void
ruche_message_set_serial (RucheMessage *message, gint64 serial)
{
  gint64 *place = find_serial (message);

  if (place != NULL)
    *place = serial;
}

/**
 * ruche_message_to_error:
 * @message: an `error`, `failed` or `refused` message
 *
 * Reads back the error that a peer sent.
 *
 * Returns: (transfer full): the error; %RUCHE_ERROR_PROTOCOL for messages that carry none
 */
GError *
ruche_message_to_error (const RucheMessage *message)
{
  const char *code, *text;

  if (message->type == RUCHE_MESSAGE_ERROR)
    {
      const RucheErrorMessage *body = message->body;
      code = body->code;
      text = body->message;
    }
  else if (message->type == RUCHE_MESSAGE_FAILED)
    {
      const RucheFailed *body = message->body;
      code = body->code;
      text = body->message;
    }
  else if (message->type == RUCHE_MESSAGE_REFUSED)
    {
      const RucheRefused *body = message->body;
      code = body->code;
      text = body->message;
    }
  else
    return g_error_new (RUCHE_ERROR, RUCHE_ERROR_PROTOCOL, "“%s” was not expected here",
                        ruche_message_get_word (message));
  return g_error_new_literal (RUCHE_ERROR, (int)ruche_error_code_from_nick (code), text);
}

/* The header: the type, what any message may carry, its own members. */
static char *
write_header (const RucheMessage *message)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "type", ruche_message_get_word (message));
  if (message->number != 0)
    json_object_set_int_member (object, "number", message->number);
  if (message->ack != 0)
    json_object_set_int_member (object, "ack", message->ack);
  ruche_struct_write (ruche_message_schemas[message->type], message->body, object);
  json_node_take_object (node, object);
  return ruche_json_to_text (node);
}

/**
 * ruche_message_encode:
 * @message: a message
 * @out: its frame is appended here; left as it was on error
 * @error: %RUCHE_ERROR_INVALID where a member is out of its bounds, %RUCHE_ERROR_TOO_LARGE where
 *   header or payload are
 *
 * Writes a message as a frame that any peer accepts.
 *
 * Returns: whether it could be written
 */
gboolean
ruche_message_encode (const RucheMessage *message, GByteArray *out, GError **error)
{
  gsize payload_size = message->payload != NULL ? g_bytes_get_size (message->payload) : 0;
  g_autofree char *header = NULL;
  guint8 prefix[RUCHE_FRAME_PREFIX_SIZE];
  gsize header_size;

  if (!ruche_struct_check (ruche_message_schemas[message->type], message->body, error))
    return FALSE;
  if (payload_size > 0 && !takes_payload (message->type))
    {
      g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID, "“%s” takes no payload",
                   ruche_message_get_word (message));
      return FALSE;
    }
  header = write_header (message);
  header_size = strlen (header);
  if (header_size > RUCHE_MAX_HEADER_SIZE || payload_size > RUCHE_MAX_PAYLOAD_SIZE)
    {
      g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_TOO_LARGE,
                   "“%s” would have a header of %zu and a payload of %zu bytes",
                   ruche_message_get_word (message), header_size, payload_size);
      return FALSE;
    }
  ruche_frame_write_prefix (prefix, (guint32)header_size, (guint32)payload_size);
  g_byte_array_append (out, prefix, sizeof prefix);
  g_byte_array_append (out, (const guint8 *)header, (guint)header_size);
  if (payload_size > 0)
    g_byte_array_append (out, g_bytes_get_data (message->payload, NULL), (guint)payload_size);
  return TRUE;
}

static gboolean
read_type (JsonObject *object, RucheMessageType *type, GError **error)
{
  JsonNode *node = json_object_get_member (object, "type");
  g_autofree char *shown = NULL;
  const char *word;
  int value;

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node)
      || json_node_get_value_type (node) != G_TYPE_STRING)
    {
      g_set_error_literal (error, RUCHE_ERROR, RUCHE_ERROR_PROTOCOL, "a message without “type”");
      return FALSE;
    }
  word = json_node_get_string (node);
  if (ruche_enum_from_nick (&ruche_message_type, word, &value, NULL))
    {
      *type = (RucheMessageType)value;
      return TRUE;
    }
  shown = g_utf8_substring (word, 0, MIN (g_utf8_strlen (word, -1), 64));
  g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_PROTOCOL, "a message of unknown type “%s”", shown);
  return FALSE;
}

/**
 * ruche_message_decode:
 * @header: the JSON of a frame, not checked before
 * @header_size: its bytes
 * @payload: (nullable): the frame's raw bytes
 * @error: %RUCHE_ERROR_PROTOCOL for malformed JSON, an unknown type, or a payload where none may
 *   be; %RUCHE_ERROR_INVALID for a member that is missing, mistyped or out of bounds;
 *   %RUCHE_ERROR_TOO_LARGE for a header that is too large
 *
 * Reads a message. One that takes a payload has one afterwards, be it empty; others have none.
 *
 * Returns: (transfer full): the message, or %NULL
 */
RucheMessage *
ruche_message_decode (const char *header, gsize header_size, GBytes *payload, GError **error)
{
  g_autoptr (JsonParser) parser = NULL;
  g_autofree Envelope *envelope = NULL;
  RucheMessage *message;
  RucheMessageType type;
  JsonObject *object;
  gpointer body;

  if (!ruche_guard_check (header, header_size, error))
    return NULL;
  parser = json_parser_new ();
  if (!json_parser_load_from_data (parser, header, (gssize)header_size, NULL)
      || !JSON_NODE_HOLDS_OBJECT (json_parser_get_root (parser)))
    {
      g_set_error_literal (error, RUCHE_ERROR, RUCHE_ERROR_PROTOCOL, "malformed JSON");
      return NULL;
    }
  object = json_node_get_object (json_parser_get_root (parser));
  if (!read_type (object, &type, error))
    return NULL;
  if (payload != NULL && g_bytes_get_size (payload) > 0 && !takes_payload (type))
    {
      g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_PROTOCOL, "“%s” takes no payload",
                   ruche_enum_to_nick (&ruche_message_type, (int)type));
      return NULL;
    }
  envelope = ruche_struct_from_json (&envelope_schema, object, error);
  if (envelope == NULL)
    return NULL;
  body = ruche_struct_from_json (ruche_message_schemas[type], object, error);
  if (body == NULL)
    return NULL;
  message = new_from_body (type, body, NULL);
  if (takes_payload (type))
    message->payload = payload != NULL ? g_bytes_ref (payload) : g_bytes_new (NULL, 0);
  message->number = ruche_message_type_numbered (type) ? envelope->number : 0;
  message->ack = envelope->ack;
  return message;
}
