/* test-outputs.c: what is printed goes out once, in order, and no faster than it is acknowledged
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-bounds.h"
#include "ruche-outputs.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

typedef struct
{
  RucheOutputs *outputs;
  GByteArray *came[RUCHE_N_STREAMS];
  guint ends[RUCHE_N_STREAMS];
  guint n_messages;
  guint n_exceeded;
} Fixture;

static void
on_send (RucheMessage *message, gpointer user_data)
{
  Fixture *f = user_data;
  const RucheOutput *output = message->body;
  GByteArray *came = f->came[output->stream];
  gsize size;
  const guint8 *data = g_bytes_get_data (message->payload, &size);

  g_assert_cmpint (output->job, ==, 7);
  g_assert_cmpint (output->offset, ==, came->len);
  g_assert_cmpuint (f->ends[output->stream], ==, 0);
  g_byte_array_append (came, data, (guint)size);
  f->ends[output->stream] += output->end;
  f->n_messages++;
  ruche_message_unref (message);
}

static void
on_exceeded (gpointer user_data)
{
  ((Fixture *)user_data)->n_exceeded++;
}

static const RucheOutputsEvents events = { on_send, on_exceeded };

static void
begin (Fixture *f, gint64 limit)
{
  const RucheAttemptId id = { 7, 0, 1 };

  for (guint i = 0; i < RUCHE_N_STREAMS; i++)
    f->came[i] = g_byte_array_new ();
  f->outputs = ruche_outputs_new (&id, limit, &events, f);
}

static void
end (Fixture *f)
{
  ruche_outputs_free (f->outputs);
  for (guint i = 0; i < RUCHE_N_STREAMS; i++)
    g_byte_array_unref (f->came[i]);
}

static int
open_stream (Fixture *f, RucheStream stream)
{
  g_autoptr (GError) error = NULL;
  int fd = ruche_outputs_open (f->outputs, stream, &error);

  g_assert_no_error (error);
  return fd;
}

static void
print (int fd, const char *text)
{
  g_assert_cmpint (write (fd, text, strlen (text)), ==, (gssize)strlen (text));
}

static void
turn_until_quiet (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
assert_came (Fixture *f, RucheStream stream, const char *text)
{
  g_assert_cmpmem (f->came[stream]->data, f->came[stream]->len, text, strlen (text));
}

static void
test_streams (void)
{
  Fixture f = { 0 };

  begin (&f, 1000);
  int out = open_stream (&f, RUCHE_STREAM_STDOUT);
  int err = open_stream (&f, RUCHE_STREAM_STDERR);
  print (out, "a");
  print (out, "b");
  print (err, "c");
  turn_until_quiet ();
  assert_came (&f, RUCHE_STREAM_STDOUT, "ab");
  assert_came (&f, RUCHE_STREAM_STDERR, "c");
  g_assert_cmpuint (f.n_messages, ==, 2);
  print (out, "d");
  close (out);
  g_assert_true (ruche_outputs_finish (f.outputs));
  assert_came (&f, RUCHE_STREAM_STDOUT, "abd");
  g_assert_cmpuint (f.ends[RUCHE_STREAM_STDOUT], ==, 1);
  /* Somebody still has standard error open: nobody waits for them. */
  g_assert_cmpuint (f.ends[RUCHE_STREAM_STDERR], ==, 1);
  g_assert_cmpuint (f.ends[RUCHE_STREAM_COMPILER], ==, 0);
  g_assert_cmpint (ruche_outputs_get_written (f.outputs), ==, 4);
  g_assert_cmpint (ruche_outputs_get_size (f.outputs, RUCHE_STREAM_STDOUT), ==, 3);
  g_autoptr (GBytes) tail = ruche_outputs_get_tail (f.outputs);
  g_assert_cmpmem (g_bytes_get_data (tail, NULL), g_bytes_get_size (tail), "c", 1);
  close (err);
  end (&f);
}

static void
test_limit (void)
{
  Fixture f = { 0 };

  begin (&f, 5);
  int out = open_stream (&f, RUCHE_STREAM_STDOUT);
  int err = open_stream (&f, RUCHE_STREAM_STDERR);
  print (err, "123");
  turn_until_quiet ();
  print (out, "abcdef");
  turn_until_quiet ();
  g_assert_cmpuint (f.n_exceeded, ==, 1);
  g_assert_cmpint (write (out, "g", 1), ==, -1); /* nobody reads it any more */
  print (err, "45");
  g_assert_true (ruche_outputs_finish (f.outputs));
  assert_came (&f, RUCHE_STREAM_STDERR, "123");
  assert_came (&f, RUCHE_STREAM_STDOUT, "ab");
  g_assert_cmpuint (f.n_exceeded, ==, 1);
  g_assert_cmpint (ruche_outputs_get_written (f.outputs), ==, 6);
  close (out);
  close (err);
  end (&f);
}

/* Just as much as allowed is no more than allowed. */
static void
test_exact (void)
{
  Fixture f = { 0 };

  begin (&f, 5);
  int out = open_stream (&f, RUCHE_STREAM_STDOUT);
  print (out, "abcde");
  turn_until_quiet ();
  close (out);
  g_assert_true (ruche_outputs_finish (f.outputs));
  assert_came (&f, RUCHE_STREAM_STDOUT, "abcde");
  g_assert_cmpuint (f.n_exceeded, ==, 0);
  g_assert_cmpint (ruche_outputs_get_written (f.outputs), ==, 5);
  end (&f);
}

/* The program may print four windows; without acknowledgements one goes out. */
static void
test_window (void)
{
  Fixture f = { 0 };
  g_autofree char *block = g_strnfill (RUCHE_OUTPUT_PART / 2, 'x');
  gint64 total = 0;

  begin (&f, 4 * RUCHE_OUTPUT_WINDOW);
  int out = open_stream (&f, RUCHE_STREAM_STDOUT);
  for (guint i = 0; i < 2 * RUCHE_OUTPUT_WINDOW / (RUCHE_OUTPUT_PART / 2); i++)
    {
      turn_until_quiet ();
      if (f.came[RUCHE_STREAM_STDOUT]->len + 2 * RUCHE_OUTPUT_PART > RUCHE_OUTPUT_WINDOW)
        break;
      print (out, block);
      total += RUCHE_OUTPUT_PART / 2;
      g_usleep (1000);
    }
  g_assert_cmpuint (f.came[RUCHE_STREAM_STDOUT]->len, <=, RUCHE_OUTPUT_WINDOW);
  print (out, block);
  total += RUCHE_OUTPUT_PART / 2;
  close (out);
  ruche_outputs_ack (f.outputs, RUCHE_STREAM_STDOUT, total + 1); /* can't be: ignored */
  ruche_outputs_ack (f.outputs, RUCHE_STREAM_STDOUT, f.came[RUCHE_STREAM_STDOUT]->len);
  g_assert_true (ruche_outputs_finish (f.outputs));
  g_assert_cmpint (f.came[RUCHE_STREAM_STDOUT]->len, ==, total);
  g_assert_cmpuint (f.ends[RUCHE_STREAM_STDOUT], ==, 1);
  end (&f);
}

/* What was not acknowledged comes again, and the end with it. */
static void
test_resend (void)
{
  Fixture f = { 0 };

  begin (&f, 1000);
  int out = open_stream (&f, RUCHE_STREAM_STDOUT);
  print (out, "first ");
  turn_until_quiet ();
  ruche_outputs_ack (f.outputs, RUCHE_STREAM_STDOUT, 6);
  print (out, "second");
  close (out);
  g_assert_true (ruche_outputs_finish (f.outputs));
  assert_came (&f, RUCHE_STREAM_STDOUT, "first second");
  g_byte_array_set_size (f.came[RUCHE_STREAM_STDOUT], 6);
  f.ends[RUCHE_STREAM_STDOUT] = 0;
  ruche_outputs_resend (f.outputs);
  assert_came (&f, RUCHE_STREAM_STDOUT, "first second");
  g_assert_cmpuint (f.ends[RUCHE_STREAM_STDOUT], ==, 1);
  end (&f);
}

/* A master that acknowledges what it can't have gets it again all the same. */
static void
test_false_ack (void)
{
  Fixture f = { 0 };

  begin (&f, 1000);
  int out = open_stream (&f, RUCHE_STREAM_STDOUT);
  print (out, "first ");
  turn_until_quiet ();
  assert_came (&f, RUCHE_STREAM_STDOUT, "first ");
  ruche_outputs_ack (f.outputs, RUCHE_STREAM_STDOUT, 7);
  ruche_outputs_ack (f.outputs, RUCHE_STREAM_STDOUT, -1);
  print (out, "second");
  close (out);
  g_assert_true (ruche_outputs_finish (f.outputs));
  g_byte_array_set_size (f.came[RUCHE_STREAM_STDOUT], 0);
  f.ends[RUCHE_STREAM_STDOUT] = 0;
  ruche_outputs_resend (f.outputs);
  assert_came (&f, RUCHE_STREAM_STDOUT, "first second");
  end (&f);
}

static void
test_put (void)
{
  Fixture f = { 0 };
  g_autofree char *text = g_strnfill (RUCHE_MAX_COMPILER_OUTPUT + 10, 'c');
  g_autoptr (GBytes) bytes = g_bytes_new (text, RUCHE_MAX_COMPILER_OUTPUT + 10);

  begin (&f, 1);
  ruche_outputs_put (f.outputs, RUCHE_STREAM_COMPILER, bytes);
  g_assert_true (ruche_outputs_finish (f.outputs));
  g_assert_cmpuint (f.came[RUCHE_STREAM_COMPILER]->len, ==, RUCHE_MAX_COMPILER_OUTPUT);
  g_assert_cmpuint (f.ends[RUCHE_STREAM_COMPILER], ==, 1);
  g_assert_cmpuint (f.n_exceeded, ==, 0);
  end (&f);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  signal (SIGPIPE, SIG_IGN);
  g_test_add_func ("/outputs/streams", test_streams);
  g_test_add_func ("/outputs/limit", test_limit);
  g_test_add_func ("/outputs/exact", test_exact);
  g_test_add_func ("/outputs/window", test_window);
  g_test_add_func ("/outputs/resend", test_resend);
  g_test_add_func ("/outputs/false-ack", test_false_ack);
  g_test_add_func ("/outputs/put", test_put);
  return g_test_run ();
}
