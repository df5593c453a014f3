/* test-inputs.c: live input reaches the program once, in order, and no faster than it reads
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-bounds.h"
#include "ruche-inputs.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

typedef struct
{
  RucheInputs *inputs;
  int fd; /* the program's end */
  gint64 acked;
  gboolean closed;
  guint n_acks;
} Fixture;

static void
on_ack (RucheMessage *message, gpointer user_data)
{
  Fixture *f = user_data;
  const RucheInputAck *ack = message->body;

  g_assert_cmpint (message->type, ==, RUCHE_MESSAGE_INPUT_ACK);
  g_assert_cmpint (ack->job, ==, 7);
  g_assert_cmpint (ack->task, ==, 3);
  g_assert_cmpint (ack->offset, >=, f->acked);
  f->acked = ack->offset;
  f->closed = ack->closed;
  f->n_acks++;
  ruche_message_unref (message);
}

static void
begin (Fixture *f)
{
  f->inputs = ruche_inputs_new (7, 3, on_ack, f);
  f->fd = -1;
}

static void
start_program (Fixture *f)
{
  g_autoptr (GError) error = NULL;

  f->fd = ruche_inputs_open (f->inputs, &error);
  g_assert_no_error (error);
  g_assert_cmpint (fcntl (f->fd, F_GETFD) & FD_CLOEXEC, ==, FD_CLOEXEC);
  g_assert_cmpint (fcntl (f->fd, F_GETFL) & O_NONBLOCK, ==, 0);
}

static void
end (Fixture *f)
{
  ruche_inputs_free (f->inputs);
  if (f->fd >= 0)
    close (f->fd);
}

static void
push (Fixture *f, gint64 offset, gconstpointer data, gsize size, gboolean last)
{
  RucheInput input = { .job = 7, .task = 3, .offset = offset, .end = last };
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);

  ruche_inputs_push (f->inputs, &input, size > 0 ? bytes : NULL);
}

static void
push_text (Fixture *f, gint64 offset, const char *text, gboolean last)
{
  push (f, offset, text, strlen (text), last);
}

/* What the program reads now; nothing must be an end where @text is "". */
static void
assert_reads (Fixture *f, const char *text)
{
  char buffer[100];

  g_assert_cmpint (read (f->fd, buffer, sizeof buffer), ==, (gssize)strlen (text));
  g_assert_cmpmem (buffer, strlen (text), text, strlen (text));
}

static void
test_live (void)
{
  Fixture f = { 0 };

  begin (&f);
  start_program (&f);
  push_text (&f, 0, "one ", FALSE);
  g_assert_cmpint (f.acked, ==, 4);
  assert_reads (&f, "one ");
  push_text (&f, 4, "two", FALSE);
  push_text (&f, 7, "", TRUE);
  g_assert_cmpint (f.acked, ==, 7);
  g_assert_false (f.closed);
  assert_reads (&f, "two");
  assert_reads (&f, "");
  end (&f);
}

/* What came while the compiler ran waits, the end included. */
static void
test_before_the_program (void)
{
  Fixture f = { 0 };

  begin (&f);
  push_text (&f, 0, "early", FALSE);
  push_text (&f, 5, " bird", TRUE);
  g_assert_cmpint (f.acked, ==, 0);
  start_program (&f);
  g_assert_cmpint (f.acked, ==, 10);
  assert_reads (&f, "early bird");
  assert_reads (&f, "");
  end (&f);
}

static void
test_nothing (void)
{
  Fixture f = { 0 };

  begin (&f);
  push_text (&f, 0, "", TRUE);
  start_program (&f);
  assert_reads (&f, "");
  end (&f);
}

/* The master may say anything: what came before is skipped, gaps and what follows the end are not
 * taken. */
static void
test_offsets (void)
{
  Fixture f = { 0 };

  begin (&f);
  start_program (&f);
  push_text (&f, 0, "abc", FALSE);
  push_text (&f, 0, "abcde", FALSE);
  push_text (&f, 0, "abc", FALSE);
  push_text (&f, 6, "gap", TRUE);
  push_text (&f, G_MAXINT64, "gap", TRUE);
  g_assert_cmpint (f.acked, ==, 5);
  push_text (&f, 5, "f", TRUE);
  push_text (&f, 6, "late", FALSE);
  g_assert_cmpint (f.acked, ==, 6);
  g_assert_cmpuint (f.n_acks, ==, 7);
  assert_reads (&f, "abcdef");
  assert_reads (&f, "");
  end (&f);
}

/* More than the pipe holds: it is written in parts as the program reads, and nothing is lost. */
static void
test_parts (void)
{
  Fixture f = { 0 };
  g_autofree guint8 *all = g_malloc (RUCHE_INPUT_WINDOW);
  g_autofree guint8 *came = g_malloc (RUCHE_INPUT_WINDOW);
  gsize n = 0;

  for (guint i = 0; i < RUCHE_INPUT_WINDOW; i++)
    all[i] = (guint8)(i * 7 + i / 251);
  begin (&f);
  start_program (&f);
  push (&f, 0, all, RUCHE_INPUT_WINDOW, TRUE);
  g_assert_cmpint (f.acked, >, 0);
  g_assert_cmpint (f.acked, <, RUCHE_INPUT_WINDOW);
  for (gssize got = 1; got > 0 && n < RUCHE_INPUT_WINDOW; n += (gsize)got)
    {
      got = read (f.fd, came + n, MIN (10007, RUCHE_INPUT_WINDOW - n));
      g_assert_cmpint (got, >, 0);
      while (g_main_context_iteration (NULL, FALSE))
        ;
    }
  g_assert_cmpmem (came, n, all, RUCHE_INPUT_WINDOW);
  g_assert_cmpint (f.acked, ==, RUCHE_INPUT_WINDOW);
  assert_reads (&f, "");
  end (&f);
}

/* Beyond the window nothing is taken, and so not acknowledged; the master sends it again. */
static void
test_window (void)
{
  Fixture f = { 0 };
  g_autofree guint8 *all = g_malloc0 (RUCHE_INPUT_WINDOW + 1);

  begin (&f);
  push (&f, 0, all, RUCHE_INPUT_WINDOW + 1, TRUE);
  start_program (&f);
  g_assert_cmpint (f.acked, ==, 0);
  push (&f, 0, all, RUCHE_INPUT_WINDOW, FALSE);
  g_assert_cmpint (f.acked, >, 0);
  push (&f, RUCHE_INPUT_WINDOW, all, RUCHE_INPUT_WINDOW, FALSE);
  end (&f);
}

/* A program that closed its input: the master is told, and no signal ends the slave. */
static void
test_closed (void)
{
  Fixture f = { 0 };

  begin (&f);
  start_program (&f);
  push_text (&f, 0, "a", FALSE);
  close (f.fd);
  f.fd = -1;
  g_assert_false (f.closed);
  push_text (&f, 1, "b", FALSE);
  g_assert_true (f.closed);
  g_assert_cmpint (f.acked, ==, 1);
  push_text (&f, 1, "bc", TRUE);
  g_assert_cmpint (f.acked, ==, 1);
  g_assert_true (f.closed);
  end (&f);
}

/* The same where the slave was waiting for room in the pipe. */
static void
test_closed_while_full (void)
{
  Fixture f = { 0 };
  g_autofree guint8 *all = g_malloc0 (RUCHE_INPUT_WINDOW);

  begin (&f);
  start_program (&f);
  push (&f, 0, all, RUCHE_INPUT_WINDOW, FALSE);
  g_assert_false (f.closed);
  close (f.fd);
  f.fd = -1;
  while (!f.closed)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (f.acked, <, RUCHE_INPUT_WINDOW);
  end (&f);
}

/* After a reconnection the master hears how far it got. */
static void
test_resend (void)
{
  Fixture f = { 0 };

  begin (&f);
  start_program (&f);
  push_text (&f, 0, "abc", FALSE);
  f.acked = 0;
  ruche_inputs_resend (f.inputs);
  g_assert_cmpint (f.acked, ==, 3);
  g_assert_cmpuint (f.n_acks, ==, 2);
  end (&f);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  signal (SIGPIPE, SIG_IGN); /* as the slave does */
  g_test_add_func ("/inputs/live", test_live);
  g_test_add_func ("/inputs/before-the-program", test_before_the_program);
  g_test_add_func ("/inputs/nothing", test_nothing);
  g_test_add_func ("/inputs/offsets", test_offsets);
  g_test_add_func ("/inputs/parts", test_parts);
  g_test_add_func ("/inputs/window", test_window);
  g_test_add_func ("/inputs/closed", test_closed);
  g_test_add_func ("/inputs/closed-while-full", test_closed_while_full);
  g_test_add_func ("/inputs/resend", test_resend);
  return g_test_run ();
}
