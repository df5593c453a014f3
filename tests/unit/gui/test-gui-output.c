/* test-gui-output.c: any bytes in any pieces become text in small pieces with short lines
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "ruche-output-queue.h"

#include <string.h>

#define BAD "\357\277\275"

static void
push (RucheOutputQueue *queue, RucheStream stream, const char *data, gssize size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size >= 0 ? (gsize)size : strlen (data));

  ruche_output_queue_push (queue, stream, bytes);
}

/* All that is in the queue, taken @most bytes at a time. */
static char *
drain (RucheOutputQueue *queue, gsize most)
{
  GString *all = g_string_new (NULL);
  RucheStream stream;
  char *text;

  while ((text = ruche_output_queue_pop (queue, most, &stream)) != NULL)
    {
      g_assert_true (g_utf8_validate (text, -1, NULL));
      g_string_append (all, text);
      g_free (text);
    }
  g_assert_cmpuint (ruche_output_queue_get_size (queue), ==, 0);
  return g_string_free (all, FALSE);
}

static void
check (const char *data, gssize size, const char *wanted)
{
  gsize length = size >= 0 ? (gsize)size : strlen (data);

  for (gsize most = 1; most <= length + 1; most++)
    {
      g_autoptr (RucheOutputQueue) queue = ruche_output_queue_new ();
      push (queue, RUCHE_STREAM_STDOUT, data, length);
      g_autofree char *got = drain (queue, most);
      g_assert_cmpstr (got, ==, wanted);
    }
}

static void
test_text (void)
{
  check ("", 0, "");
  check ("a\nb\n", -1, "a\nb\n");
  check ("été 🐝\n", -1, "été 🐝\n");
  check ("a\0b", 3, "a" BAD "b");
  check ("a\377\376b", -1, "a" BAD BAD "b");
  check ("\303(", -1, BAD "(");
  check ("\355\240\200x", -1, BAD BAD BAD "x");
}

static void
test_streams (void)
{
  g_autoptr (RucheOutputQueue) queue = ruche_output_queue_new ();
  RucheStream stream;

  /* Each stream puts its own halves of a character together. */
  push (queue, RUCHE_STREAM_STDOUT, "\303", 1);
  push (queue, RUCHE_STREAM_STDERR, "\342\202", 2);
  push (queue, RUCHE_STREAM_STDOUT, "\251", 1);
  push (queue, RUCHE_STREAM_STDERR, "\254", 1);

  g_autofree char *a = ruche_output_queue_pop (queue, 100, &stream);
  g_assert_cmpstr (a, ==, "");
  g_autofree char *b = ruche_output_queue_pop (queue, 100, &stream);
  g_assert_cmpstr (b, ==, "");
  g_autofree char *c = ruche_output_queue_pop (queue, 100, &stream);
  g_assert_cmpstr (c, ==, "é");
  g_assert_cmpint (stream, ==, RUCHE_STREAM_STDOUT);
  g_autofree char *d = ruche_output_queue_pop (queue, 100, &stream);
  g_assert_cmpstr (d, ==, "€");
  g_assert_cmpint (stream, ==, RUCHE_STREAM_STDERR);
  g_assert_null (ruche_output_queue_pop (queue, 100, &stream));
}

static void
test_end (void)
{
  g_autoptr (RucheOutputQueue) queue = ruche_output_queue_new ();

  push (queue, RUCHE_STREAM_STDOUT, "caf\303", -1);
  push (queue, RUCHE_STREAM_STDERR, "whole\n", -1);
  push (queue, RUCHE_STREAM_COMPILER, "\342\202", -1);
  ruche_output_queue_end (queue);
  /* What comes after an end, such as another run, begins anew. */
  push (queue, RUCHE_STREAM_STDOUT, "\251", -1);
  g_autofree char *got = drain (queue, 100);
  g_assert_cmpstr (got, ==, "cafwhole\n" BAD BAD BAD);
}

static void
test_fold (void)
{
  g_autoptr (RucheOutputQueue) queue = ruche_output_queue_new ();
  g_autofree char *line = g_strnfill (1024 * 1024, 'x');
  g_autofree char *got = NULL;
  g_auto (GStrv) lines = NULL;
  gsize letters = 0;

  push (queue, RUCHE_STREAM_STDOUT, line, -1);
  push (queue, RUCHE_STREAM_STDERR, "\nshort\n", -1);
  got = drain (queue, 5000);
  lines = g_strsplit (got, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    g_assert_cmpuint (strlen (lines[i]), <=, RUCHE_OUTPUT_FOLD + 3);
  for (const char *p = got; *p != '\0'; p++)
    letters += *p == 'x';
  g_assert_cmpuint (letters, ==, 1024 * 1024);
  g_assert_cmpuint (g_strv_length (lines), ==, 1024 * 1024 / RUCHE_OUTPUT_FOLD + 2);
  g_assert_cmpstr (lines[g_strv_length (lines) - 2], ==, "short");
}

static void
test_exact_line_is_not_folded (void)
{
  g_autofree char *line = g_strnfill (RUCHE_OUTPUT_FOLD, 'x');
  g_autofree char *whole = g_strconcat (line, "\n", line, "\n", NULL);
  g_autoptr (RucheOutputQueue) queue = ruche_output_queue_new ();

  push (queue, RUCHE_STREAM_STDOUT, whole, -1);
  g_autofree char *got = drain (queue, 777);
  g_assert_cmpstr (got, ==, whole);
}

static void
test_clear (void)
{
  g_autoptr (RucheOutputQueue) queue = ruche_output_queue_new ();
  RucheStream stream;

  push (queue, RUCHE_STREAM_STDOUT, "half \303", -1);
  g_free (ruche_output_queue_pop (queue, 100, &stream));
  push (queue, RUCHE_STREAM_STDOUT, "more", -1);
  g_assert_cmpuint (ruche_output_queue_get_size (queue), ==, 4);
  ruche_output_queue_clear (queue);
  push (queue, RUCHE_STREAM_STDOUT, "new", -1);
  g_autofree char *got = drain (queue, 100);
  g_assert_cmpstr (got, ==, "new");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gui/output/text", test_text);
  g_test_add_func ("/gui/output/streams", test_streams);
  g_test_add_func ("/gui/output/end", test_end);
  g_test_add_func ("/gui/output/fold", test_fold);
  g_test_add_func ("/gui/output/exact-line", test_exact_line_is_not_folded);
  g_test_add_func ("/gui/output/clear", test_clear);
  return g_test_run ();
}
