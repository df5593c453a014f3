/* ruche-live-inputs.c: what people type for their programs, on its way to the slaves
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Bytes wait here until a slave holds the task. Acknowledgements come from the slave and go on to
 * the client, so that one window spans the whole way and little is ever held here.
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-live-inputs.h"

#include "ruche-bounds.h"
#include "ruche-error.h"

typedef struct
{
  gint64 job;
  gint64 task;
} Key;

typedef struct
{
  Key key;
  gpointer source;     /* (nullable) who types */
  gint64 received;     /* bytes from the client */
  gint64 acked;        /* of them, taken by the program */
  GByteArray *pending; /* those before @received that no slave was sent */
  gboolean ended;
  gboolean end_sent;
  gboolean closed; /* the program reads no more */
} Relay;

struct _RucheLiveInputs
{
  GHashTable *relays; /* Key, inside the relay, to Relay, owned */
  GHashTable *ready;  /* (element-type Relay) those with something to send */
};

static guint
key_hash (gconstpointer data)
{
  const Key *key = data;

  return (guint)(key->job * 31 + key->task);
}

static gboolean
key_equal (gconstpointer a, gconstpointer b)
{
  const Key *x = a, *y = b;

  return x->job == y->job && x->task == y->task;
}

static void
relay_free (gpointer data)
{
  Relay *relay = data;

  g_byte_array_unref (relay->pending);
  g_free (relay);
}

/**
 * ruche_live_inputs_new:
 *
 * Makes a relay of inputs that knows none.
 *
 * Returns: (transfer full): the relay
 */
RucheLiveInputs *
ruche_live_inputs_new (void)
{
  RucheLiveInputs *inputs = g_new0 (RucheLiveInputs, 1);

  inputs->relays = g_hash_table_new_full (key_hash, key_equal, NULL, relay_free);
  inputs->ready = g_hash_table_new (NULL, NULL);
  return inputs;
}

/**
 * ruche_live_inputs_free:
 * @inputs: (transfer full): a relay
 *
 * Frees it.
 */
void
ruche_live_inputs_free (RucheLiveInputs *inputs)
{
  g_hash_table_unref (inputs->ready);
  g_hash_table_unref (inputs->relays);
  g_free (inputs);
}

static Relay *
find (RucheLiveInputs *inputs, gint64 job, gint64 task)
{
  Key key = { job, task };

  return g_hash_table_lookup (inputs->relays, &key);
}

static Relay *
ensure (RucheLiveInputs *inputs, gint64 job, gint64 task)
{
  Relay *relay = find (inputs, job, task);

  if (relay != NULL)
    return relay;
  relay = g_new0 (Relay, 1);
  relay->key.job = job;
  relay->key.task = task;
  relay->pending = g_byte_array_new ();
  g_hash_table_insert (inputs->relays, &relay->key, relay);
  return relay;
}

/**
 * ruche_live_inputs_add:
 * @inputs: a relay
 * @source: who types; told of acknowledgements until ruche_live_inputs_source_gone()
 * @input: for a task that exists, has live input and has not ended
 * @bytes: (nullable): what was typed
 * @error: %RUCHE_ERROR_PROTOCOL where bytes are missing before these or the window is passed
 *
 * Takes input.
 *
 * Returns: whether it was taken
 */
gboolean
ruche_live_inputs_add (RucheLiveInputs *inputs,
                       gpointer source,
                       const RucheInput *input,
                       GBytes *bytes,
                       GError **error)
{
  Relay *relay = ensure (inputs, input->job, input->task);
  gsize size = 0;
  const guint8 *data = bytes != NULL ? g_bytes_get_data (bytes, &size) : NULL;
  gint64 skip = relay->received - input->offset;

  relay->source = source;
  if (skip < 0 || relay->received - relay->acked + (gint64)size - skip > RUCHE_INPUT_WINDOW)
    {
      g_set_error_literal (error, RUCHE_ERROR, RUCHE_ERROR_PROTOCOL,
                           "“input” left bytes out or passed its window");
      return FALSE;
    }
  if (relay->ended || relay->closed)
    return TRUE;
  if (skip < (gint64)size)
    {
      g_byte_array_append (relay->pending, data + skip, (guint)(size - (gsize)skip));
      relay->received += (gint64)size - skip;
    }
  relay->ended = input->end;
  g_hash_table_add (inputs->ready, relay);
  return TRUE;
}

/**
 * ruche_live_inputs_acked:
 * @inputs: a relay
 * @ack: what the slave that holds the task says
 *
 * Takes an acknowledgement.
 *
 * Returns: (transfer none) (nullable): who is to be told
 */
gpointer
ruche_live_inputs_acked (RucheLiveInputs *inputs, const RucheInputAck *ack)
{
  Relay *relay = find (inputs, ack->job, ack->task);

  if (ack->closed && relay == NULL)
    relay = ensure (inputs, ack->job, ack->task);
  if (relay == NULL || ack->offset > relay->received)
    return NULL;
  relay->acked = MAX (relay->acked, ack->offset);
  relay->closed = relay->closed || ack->closed;
  if (relay->closed)
    g_byte_array_set_size (relay->pending, 0);
  return relay->source;
}

/**
 * ruche_live_inputs_source_gone:
 * @inputs: a relay
 * @source: who will type no more
 *
 * Ends all inputs that came from @source, as a terminal that is closed does.
 */
void
ruche_live_inputs_source_gone (RucheLiveInputs *inputs, gpointer source)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, inputs->relays);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Relay *relay = value;
      if (relay->source != source)
        continue;
      relay->source = NULL;
      relay->ended = TRUE;
      g_hash_table_add (inputs->ready, relay);
    }
}

/**
 * ruche_live_inputs_forget:
 * @inputs: a relay
 * @job: a job
 * @task: a task of it that ended
 *
 * Forgets a task's input.
 */
void
ruche_live_inputs_forget (RucheLiveInputs *inputs, gint64 job, gint64 task)
{
  Relay *relay = find (inputs, job, task);

  if (relay == NULL)
    return;
  g_hash_table_remove (inputs->ready, relay);
  g_hash_table_remove (inputs->relays, &relay->key);
}

/* Says whether all was sent. */
static gboolean
send_relay (Relay *relay,
            gboolean (*send) (RucheMessage *message, gpointer user_data),
            gpointer user_data)
{
  while (!relay->closed && (relay->pending->len > 0 || (relay->ended && !relay->end_sent)))
    {
      guint size = MIN (relay->pending->len, RUCHE_OUTPUT_PART);
      gboolean end = relay->ended && size == relay->pending->len;
      g_autoptr (GBytes) bytes = g_bytes_new (relay->pending->data, size);
      g_autoptr (RucheMessage) message
          = ruche_message_new_with_payload (RUCHE_MESSAGE_INPUT, bytes);
      RucheInput *body = message->body;

      body->job = relay->key.job;
      body->task = relay->key.task;
      body->offset = relay->received - relay->pending->len;
      body->end = end;
      if (!send (message, user_data))
        return FALSE;
      g_byte_array_remove_range (relay->pending, 0, size);
      relay->end_sent = end;
    }
  return TRUE;
}

/**
 * ruche_live_inputs_flush:
 * @inputs: a relay
 * @send: passes a message on; says %FALSE where no slave holds the task yet
 * @user_data: for @send
 *
 * Sends what waits.
 */
void
ruche_live_inputs_flush (RucheLiveInputs *inputs,
                         gboolean (*send) (RucheMessage *message, gpointer user_data),
                         gpointer user_data)
{
  GHashTableIter iter;
  gpointer relay;

  g_hash_table_iter_init (&iter, inputs->ready);
  while (g_hash_table_iter_next (&iter, &relay, NULL))
    if (send_relay (relay, send, user_data))
      g_hash_table_iter_remove (&iter);
}
