/* test-slave.c: the real slave, in front of a master that does as each test says
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "fake-master.h"

#include "ruche-bounds.h"
#include "ruche-paths.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define C_HELLO "#include <stdio.h>\nint main (void) { puts (\"hello from C\"); return 0; }\n"
#define FOREVER "import os, time\nos.write (1, b'begun\\n')\nwhile True: time.sleep (1)\n"

static gint64
run (Master *m, const char *language, const char *name, const char *source)
{
  return master_dispatch (m, master_new_dispatch (m, language, name, source, 1));
}

static RucheToolchain *
find_toolchain (Master *m, const char *language)
{
  GPtrArray *toolchains = ((RucheOffer *)m->offer->body)->toolchains;

  for (guint i = 0; i < toolchains->len; i++)
    if (g_str_equal (((RucheToolchain *)g_ptr_array_index (toolchains, i))->language, language))
      return g_ptr_array_index (toolchains, i);
  return NULL;
}

static volatile GPid slave_pid;

/* A test that fails aborts: the slave must not be left behind. */
static void
on_abort (int signal_number)
{
  if (slave_pid > 0)
    kill (slave_pid, SIGKILL);
}

/* The slave still does what it should. */
static void
assert_works (Master *m)
{
  gint64 job = run (m, "bash", "again.sh", "echo still here\n");

  g_assert_cmpint (master_wait_result (m, job, 0)->verdict, ==, RUCHE_VERDICT_OK);
  g_assert_cmpstr (master_text (m, job, 0, RUCHE_STREAM_STDOUT), ==, "still here\n");
}

static void
test_offer (gconstpointer data)
{
  Master *m = (Master *)data;
  const RucheOffer *offer = m->offer->body;
  static const char *const required[] = { "c", "cpp", "python", "java", "bash" };

  g_assert_cmpint (offer->slots, ==, 2);
  g_assert_cmpuint (offer->held->len, ==, 0);
  g_assert_cmpint (offer->isolation, ==, RUCHE_ISOLATION_RLIMIT);
  for (guint i = 0; i < G_N_ELEMENTS (required); i++)
    {
      const RucheToolchain *toolchain = find_toolchain (m, required[i]);
      g_assert_nonnull (toolchain);
      g_assert_true (g_ascii_isdigit (toolchain->version[0]));
      g_assert_cmpstr (toolchain->architecture, !=, "");
    }
  MASTER_WAIT (m->n_loads >= 2);
}

static void
test_c (gconstpointer data)
{
  Master *m = (Master *)data;
  gint64 job = run (m, "c", "hello.c", C_HELLO);
  const RucheResult *result = master_wait_result (m, job, 0);

  g_assert_cmpint (result->verdict, ==, RUCHE_VERDICT_OK);
  g_assert_cmpint (result->step, ==, RUCHE_STEP_RUN);
  g_assert_nonnull (result->compile);
  g_assert_nonnull (result->run);
  g_assert_cmpint (result->compile->wall_ms, >, 0);
  g_assert_cmpstr (result->server, ==, "test-server");
  g_assert_true (g_str_has_prefix (result->toolchain, "C "));
  g_assert_false (result->cached);
  g_assert_cmpstr (master_text (m, job, 0, RUCHE_STREAM_STDOUT), ==, "hello from C\n");
  g_assert_true (master_stream (m, job, 0, RUCHE_STREAM_STDERR)->ended);
  g_assert_true (master_has_status (m, job, 0, RUCHE_TASK_READY, RUCHE_STEP_NONE));
  g_assert_true (master_has_status (m, job, 0, RUCHE_TASK_RUNNING, RUCHE_STEP_COMPILE));
  g_assert_true (master_has_status (m, job, 0, RUCHE_TASK_RUNNING, RUCHE_STEP_RUN));
}

static void
test_java (gconstpointer data)
{
  Master *m = (Master *)data;
  RucheMessage *dispatch
      = master_new_dispatch (m, "java", "Hello.java",
                             "public class Hello { public static void main (String[] a)\n"
                             "{ System.out.println (\"hello from Java \" + a.length); } }\n",
                             1);
  const char *const args[] = { "x", "y z", NULL };

  dispatch_spec (dispatch)->main_class = g_strdup ("Hello");
  dispatch_task (dispatch, 0)->args = g_strdupv ((char **)args);
  gint64 job = master_dispatch (m, dispatch);
  const RucheResult *result = master_wait_result (m, job, 0);

  g_assert_cmpstr (result->reason, ==, NULL);
  g_assert_cmpint (result->verdict, ==, RUCHE_VERDICT_OK);
  g_assert_cmpstr (master_text (m, job, 0, RUCHE_STREAM_STDOUT), ==, "hello from Java 2\n");
}

static void
test_blob_input (gconstpointer data)
{
  Master *m = (Master *)data;
  RucheMessage *dispatch = master_new_dispatch (
      m, "python", "sum.py", "import sys\nprint (sum (int (l) for l in sys.stdin))\n", 1);
  RucheTaskSpec *task = dispatch_task (dispatch, 0);

  task->input = RUCHE_INPUT_BLOB;
  task->input_blob = g_strdup (master_add_blob (m, "1\n20\n300\n", 9));
  gint64 job = master_dispatch (m, dispatch);

  g_assert_cmpint (master_wait_result (m, job, 0)->verdict, ==, RUCHE_VERDICT_OK);
  g_assert_cmpstr (master_text (m, job, 0, RUCHE_STREAM_STDOUT), ==, "321\n");
  g_assert_cmpint (master_wait_result (m, job, 0)->compiler_size, ==, 0);
}

/* A file that is here already is not asked for again. */
static void
test_blob_once (gconstpointer data)
{
  Master *m = (Master *)data;
  gint64 job = run (m, "bash", "once.sh", "echo once\n");

  master_wait_result (m, job, 0);
  guint before = m->n_gets;
  job = run (m, "bash", "once.sh", "echo once\n");
  g_assert_cmpint (master_wait_result (m, job, 0)->verdict, ==, RUCHE_VERDICT_OK);
  g_assert_cmpuint (m->n_gets, ==, before);
}

static void
test_compile_error (gconstpointer data)
{
  Master *m = (Master *)data;
  gint64 job = run (m, "c", "wrong.c", "int main (void)\n{\n  return nothing;\n}\n");
  const RucheResult *result = master_wait_result (m, job, 0);
  const RucheDiagnostic *first;

  g_assert_cmpint (result->verdict, ==, RUCHE_VERDICT_COMPILE_ERROR);
  g_assert_cmpint (result->step, ==, RUCHE_STEP_COMPILE);
  g_assert_cmpuint (result->diagnostics->len, >, 0);
  first = g_ptr_array_index (result->diagnostics, 0);
  g_assert_cmpstr (first->file, ==, "wrong.c");
  g_assert_cmpint (first->line, ==, 3);
  g_assert_nonnull (strstr (master_text (m, job, 0, RUCHE_STREAM_COMPILER), "wrong.c:3"));
  g_assert_null (result->run);
}

static void
test_python_error (gconstpointer data)
{
  Master *m = (Master *)data;
  gint64 job = run (m, "python", "wrong.py", "def f ():\n  return 1 // 0\nf ()\n");
  const RucheResult *result = master_wait_result (m, job, 0);

  g_assert_cmpint (result->verdict, ==, RUCHE_VERDICT_RUNTIME_ERROR);
  g_assert_cmpint (result->exit_code, ==, 1);
  g_assert_cmpuint (result->diagnostics->len, >, 0);
  g_assert_cmpint (((RucheDiagnostic *)g_ptr_array_index (result->diagnostics, 0))->line, ==, 2);
}

static void
test_cancel_compile (gconstpointer data)
{
  Master *m = (Master *)data;
  g_autoptr (GString) source = g_string_new ("#define A0 x;\n");

  for (guint i = 1; i <= 40; i++)
    g_string_append_printf (source, "#define A%u A%u A%u\n", i, i - 1, i - 1);
  g_string_append (source, "int x; int main (void) { A40 }\n");
  gint64 job = run (m, "c", "slow.c", source->str);
  MASTER_WAIT (master_has_status (m, job, 0, RUCHE_TASK_RUNNING, RUCHE_STEP_COMPILE));
  master_stop_task (m, job, 0);
  const RucheResult *result = master_wait_result (m, job, 0);

  g_assert_cmpint (result->verdict, ==, RUCHE_VERDICT_CANCELLED);
  g_assert_cmpint (result->step, ==, RUCHE_STEP_COMPILE);
  assert_works (m);
}

static void
test_cancel_run (gconstpointer data)
{
  Master *m = (Master *)data;
  gint64 job = run (m, "python", "forever.py", FOREVER);

  MASTER_WAIT (master_stream (m, job, 0, RUCHE_STREAM_STDOUT)->bytes->len == 6);
  master_stop_task (m, job, 0);
  master_stop_task (m, job, 0);
  const RucheResult *result = master_wait_result (m, job, 0);

  g_assert_cmpint (result->verdict, ==, RUCHE_VERDICT_CANCELLED);
  g_assert_cmpint (result->step, ==, RUCHE_STEP_RUN);
  g_assert_cmpstr (master_text (m, job, 0, RUCHE_STREAM_STDOUT), ==, "begun\n");
  master_stop_task (m, job, 0);
  assert_works (m);
}

/* More tasks than slots: those that wait can be stopped too, and the rest still run. */
static void
test_reserve (gconstpointer data)
{
  Master *m = (Master *)data;
  RucheMessage *dispatch = master_new_dispatch (m, "bash", "count.sh", "sleep 0.1; echo $1\n", 12);

  for (guint i = 0; i < 12; i++)
    {
      g_autofree char *number = g_strdup_printf ("%u", i);
      const char *const args[] = { number, NULL };
      dispatch_task (dispatch, i)->args = g_strdupv ((char **)args);
    }
  gint64 job = master_dispatch (m, dispatch);
  master_stop_task (m, job, 11);
  for (guint i = 0; i < 11; i++)
    {
      g_autofree char *expected = g_strdup_printf ("%u\n", i);
      g_assert_cmpint (master_wait_result (m, job, i)->verdict, ==, RUCHE_VERDICT_OK);
      g_assert_cmpstr (master_text (m, job, i, RUCHE_STREAM_STDOUT), ==, expected);
    }
  const RucheResult *stopped = master_wait_result (m, job, 11);
  g_assert_cmpint (stopped->verdict, ==, RUCHE_VERDICT_CANCELLED);
  g_assert_cmpint (stopped->step, ==, RUCHE_STEP_NONE);
}

/* No more run at once than there are slots; the next begins when one is free. */
static void
test_slots (gconstpointer data)
{
  Master *m = (Master *)data;
  gint64 job
      = master_dispatch (m, master_new_dispatch (m, "bash", "nap.sh", "echo zzz; sleep 100\n", 3));
  guint loads;

  for (guint i = 0; i < 2; i++)
    MASTER_WAIT (master_stream (m, job, i, RUCHE_STREAM_STDOUT)->bytes->len > 0);
  loads = m->n_loads;
  MASTER_WAIT (m->n_loads > loads);
  g_assert_false (master_has_status (m, job, 2, RUCHE_TASK_RUNNING, RUCHE_STEP_RUN));
  master_stop_task (m, job, 1);
  MASTER_WAIT (master_stream (m, job, 2, RUCHE_STREAM_STDOUT)->bytes->len > 0);
  master_stop_task (m, job, 0);
  master_stop_task (m, job, 2);
  for (guint i = 0; i < 3; i++)
    g_assert_cmpint (master_wait_result (m, job, i)->verdict, ==, RUCHE_VERDICT_CANCELLED);
}

static void
test_commands (gconstpointer data)
{
  Master *m = (Master *)data;
  RucheMessage *dispatch = master_new_dispatch (m, "", "commands", "", 2);
  RucheJobSpec *spec = dispatch_spec (dispatch);

  spec->kind = RUCHE_JOB_COMMANDS;
  g_clear_pointer (&spec->main, g_free);
  ruche_file_free (g_ptr_array_steal_index (spec->files, 0));
  dispatch_task (dispatch, 0)->command = g_strdup ("echo $((6 * 7)); exit 3");
  dispatch_task (dispatch, 1)->command = g_strdup ("true");
  gint64 job = master_dispatch (m, dispatch);

  g_assert_cmpint (master_wait_result (m, job, 0)->verdict, ==, RUCHE_VERDICT_RUNTIME_ERROR);
  g_assert_cmpint (master_wait_result (m, job, 0)->exit_code, ==, 3);
  g_assert_cmpstr (master_text (m, job, 0, RUCHE_STREAM_STDOUT), ==, "42\n");
  g_assert_cmpint (master_wait_result (m, job, 1)->verdict, ==, RUCHE_VERDICT_OK);
}

static void
test_flood (gconstpointer data)
{
  Master *m = (Master *)data;
  RucheMessage *dispatch
      = master_new_dispatch (m, "bash", "flood.sh", "yes out & yes err >&2\n", 1);

  dispatch_spec (dispatch)->limits = ruche_limits_new ();
  dispatch_spec (dispatch)->limits->output_bytes = 1000000;
  gint64 job = master_dispatch (m, dispatch);
  const RucheResult *result = master_wait_result (m, job, 0);

  g_assert_cmpint (result->verdict, ==, RUCHE_VERDICT_OUTPUT_LIMIT);
  g_assert_cmpint (result->stdout_size + result->stderr_size, ==, 1000000);
  assert_works (m);
}

static void
test_compiler_flood (gconstpointer data)
{
  Master *m = (Master *)data;
  g_autoptr (GString) source = g_string_new (NULL);

  for (guint i = 0; i < 60000; i++)
    g_string_append_printf (source, "#warning something to say about line %u\n", i);
  g_string_append (source, "int main (void) { return 0; }\n");
  gint64 job = run (m, "c", "noisy.c", source->str);
  const RucheResult *result = master_wait_result (m, job, 0);

  g_assert_cmpint (result->verdict, ==, RUCHE_VERDICT_OUTPUT_LIMIT);
  g_assert_cmpint (result->step, ==, RUCHE_STEP_COMPILE);
  g_assert_cmpint (result->compiler_size, <=, RUCHE_MAX_COMPILER_OUTPUT);
}

/* A master that acknowledges nothing gets one window, and the rest once it does. */
static void
test_window (gconstpointer data)
{
  Master *m = (Master *)data;
  gsize total = 3 * RUCHE_MIB;
  gint64 job;
  Stream *stream;

  m->acks_output = FALSE;
  job = run (m, "python", "much.py",
             "import sys\nsys.stdout.write ('0123456789abcdef' * 196608)\n");
  stream = master_stream (m, job, 0, RUCHE_STREAM_STDOUT);
  MASTER_WAIT (stream->bytes->len > RUCHE_OUTPUT_WINDOW - 3 * RUCHE_OUTPUT_PART);
  master_wait_ms (500);
  g_assert_cmpuint (stream->bytes->len, <=, RUCHE_OUTPUT_WINDOW);
  g_assert_null (master_find_result (m, job, 0));
  m->acks_output = TRUE;
  master_ack_output (m, job, 0, RUCHE_STREAM_STDOUT, stream->bytes->len);
  g_assert_cmpint (master_wait_result (m, job, 0)->verdict, ==, RUCHE_VERDICT_OK);
  g_assert_cmpuint (stream->bytes->len, ==, total);
  for (gsize i = 0; i < total; i++)
    g_assert_cmpint (stream->bytes->data[i], ==, "0123456789abcdef"[i % 16]);
}

static void
test_binary (gconstpointer data)
{
  Master *m = (Master *)data;
  static const guint8 expected[] = { 0, 255, 10, 0, 0xc3, 0x28, 'z' };
  gint64 job = run (m, "bash", "binary.sh", "printf '\\0\\377\\n\\0\\303(z'\n");
  Stream *stream = master_stream (m, job, 0, RUCHE_STREAM_STDOUT);

  g_assert_cmpint (master_wait_result (m, job, 0)->verdict, ==, RUCHE_VERDICT_OK);
  g_assert_cmpmem (stream->bytes->data, stream->bytes->len, expected, sizeof expected);
}

static void
test_live_input (gconstpointer data)
{
  Master *m = (Master *)data;
  RucheMessage *dispatch = master_new_dispatch (
      m, "bash", "echo.sh", "while read -r l; do echo \"<$l>\"; done; echo end\n", 1);
  Stream *stream;

  dispatch_task (dispatch, 0)->input = RUCHE_INPUT_LIVE;
  gint64 job = master_dispatch (m, dispatch);
  stream = master_stream (m, job, 0, RUCHE_STREAM_STDOUT);
  m->input_offset = 0;
  master_input (m, job, 0, "one\n", FALSE);
  MASTER_WAIT (stream->bytes->len == 6);
  g_assert_cmpint (m->input_offset, ==, 4);
  master_input (m, job, 99, "after a gap\n", FALSE);
  master_input (m, job, 0, "one\ntwo\n", FALSE); /* sent again, and more */
  MASTER_WAIT (stream->bytes->len == 12);
  master_input (m, job, 8, "", TRUE);
  g_assert_cmpint (master_wait_result (m, job, 0)->verdict, ==, RUCHE_VERDICT_OK);
  g_assert_cmpstr (master_text (m, job, 0, RUCHE_STREAM_STDOUT), ==, "<one>\n<two>\nend\n");
}

static void
test_input_closed (gconstpointer data)
{
  Master *m = (Master *)data;
  RucheMessage *dispatch
      = master_new_dispatch (m, "bash", "deaf.sh", "exec < /dev/null; echo deaf; sleep 30\n", 1);
  gint64 job;

  dispatch_task (dispatch, 0)->input = RUCHE_INPUT_LIVE;
  m->input_closed = FALSE;
  job = master_dispatch (m, dispatch);
  MASTER_WAIT (master_stream (m, job, 0, RUCHE_STREAM_STDOUT)->bytes->len > 0);
  master_input (m, job, 0, "anybody?\n", FALSE);
  MASTER_WAIT (m->input_closed);
  master_stop_task (m, job, 0);
  g_assert_cmpint (master_wait_result (m, job, 0)->verdict, ==, RUCHE_VERDICT_CANCELLED);
}

/* What a master should not ask for ends as Ruche's own fault, and says why. */
static void
test_nonsense (gconstpointer data)
{
  Master *m = (Master *)data;
  RucheMessage *dispatches[] = { master_new_dispatch (m, "klingon", "a.kl", "qapla", 1),
                                 master_new_dispatch (m, "python", "a.py", "pass", 1),
                                 master_new_dispatch (m, "python", "b.py", "pass # b", 1),
                                 master_new_dispatch (m, "python", "c.py", "pass # c", 1) };
  RucheFile *file = g_ptr_array_index (dispatch_spec (dispatches[1])->files, 0);

  g_free (file->name);
  file->name = g_strdup ("../../a.py");
  g_free (dispatch_spec (dispatches[2])->main);
  dispatch_spec (dispatches[2])->main = g_strdup ("other.py");
  file = g_ptr_array_index (dispatch_spec (dispatches[3])->files, 0);
  g_hash_table_remove (m->blobs, file->blob);
  for (guint i = 0; i < G_N_ELEMENTS (dispatches); i++)
    {
      gint64 job = master_dispatch (m, dispatches[i]);
      const RucheResult *result = master_wait_result (m, job, 0);
      g_assert_cmpint (result->verdict, ==, RUCHE_VERDICT_INTERNAL_ERROR);
      g_assert_cmpuint (strlen (result->reason), >, 10);
    }
  RucheMessage *stray = ruche_message_new (RUCHE_MESSAGE_DONE);
  ruche_message_set_serial (stray, 1);
  master_send (m, stray);
  assert_works (m);
}

static void
test_lying_blob (gconstpointer data)
{
  Master *m = (Master *)data;
  gint64 job;

  m->lies = TRUE;
  job = run (m, "python", "lie.py", "print ('never seen')\n");
  g_assert_cmpint (master_wait_result (m, job, 0)->verdict, ==, RUCHE_VERDICT_INTERNAL_ERROR);
  m->lies = FALSE;
  job = run (m, "python", "lie.py", "print ('never seen')\n");
  g_assert_cmpint (master_wait_result (m, job, 0)->verdict, ==, RUCHE_VERDICT_OK);
}

static gboolean
is_held (Master *m, gint64 job)
{
  GPtrArray *held = ((RucheOffer *)m->offer->body)->held;

  for (guint i = 0; i < held->len; i++)
    if (((RucheAttemptId *)g_ptr_array_index (held, i))->job == job)
      return TRUE;
  return FALSE;
}

/* The connection dies under a program that goes on; nothing of its output is lost or doubled. */
static void
test_resume (gconstpointer data)
{
  Master *m = (Master *)data;
  gint64 job = run (m, "bash", "slow.sh", "for i in {1..40}; do echo $i; sleep 0.05; done\n");
  g_autoptr (GString) expected = g_string_new (NULL);

  m->acks_output = FALSE;
  MASTER_WAIT (master_stream (m, job, 0, RUCHE_STREAM_STDOUT)->bytes->len > 10);
  m->acks_output = TRUE;
  m->resumes = TRUE;
  master_disconnect (m);
  MASTER_WAIT (m->offer != NULL);
  g_assert_true (m->said_resume);
  g_assert_true (is_held (m, job));
  g_assert_cmpint (master_wait_result (m, job, 0)->verdict, ==, RUCHE_VERDICT_OK);
  for (guint i = 1; i <= 40; i++)
    g_string_append_printf (expected, "%u\n", i);
  g_assert_cmpstr (master_text (m, job, 0, RUCHE_STREAM_STDOUT), ==, expected->str);
  assert_works (m);
}

/* A result that the master did not acknowledge is sent again; one that it did is forgotten. */
static void
test_result_again (gconstpointer data)
{
  Master *m = (Master *)data;
  gint64 job;

  m->acks_numbers = FALSE;
  m->resumes = TRUE;
  job = run (m, "bash", "quick.sh", "echo quick\n");
  master_wait_result (m, job, 0);
  m->n_repeats = 0;
  master_disconnect (m);
  MASTER_WAIT (m->offer != NULL && m->n_repeats > 0);
  g_assert_true (is_held (m, job));
  m->acks_numbers = TRUE;
  assert_works (m);
  master_disconnect (m);
  MASTER_WAIT (m->offer != NULL);
  g_assert_false (is_held (m, job));
}

static void
test_new_epoch (gconstpointer data)
{
  Master *m = (Master *)data;
  gint64 job = run (m, "python", "forever.py", FOREVER);

  MASTER_WAIT (master_stream (m, job, 0, RUCHE_STREAM_STDOUT)->bytes->len > 0);
  m->epoch = 7;
  m->resumes = FALSE;
  master_disconnect (m);
  MASTER_WAIT (m->offer != NULL);
  g_assert_false (is_held (m, job));
  assert_works (m);
  g_assert_null (master_find_result (m, job, 0));
}

static void
test_old_epoch (gconstpointer data)
{
  Master *m = (Master *)data;
  guint before = m->n_hellos;

  m->epoch = 6;
  master_disconnect (m);
  MASTER_WAIT (m->n_hellos >= before + 2);
  g_assert_null (m->offer);
  m->epoch = 7;
  MASTER_WAIT (m->offer != NULL);
  assert_works (m);
}

static void
test_end (gconstpointer data)
{
  Master *m = (Master *)data;
  gint64 job = run (m, "python", "forever.py", FOREVER);
  g_autoptr (GError) error = NULL;

  MASTER_WAIT (master_stream (m, job, 0, RUCHE_STREAM_STDOUT)->bytes->len > 0);
  g_subprocess_send_signal (m->slave, SIGTERM);
  MASTER_WAIT (m->leaving && m->connection == NULL);
  g_subprocess_wait (m->slave, NULL, &error);
  slave_pid = 0;
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_if_exited (m->slave));
  g_assert_cmpint (g_subprocess_get_exit_status (m->slave), ==, 0);
  g_assert_null (master_find_result (m, job, 0));
}

/* One clear line and status 1. */
static void
test_bad_start (void)
{
  static const char *const wrong[][3]
      = { { "--slots", "none", "slots" },
          { "--slots", "0", "slots" },
          { "--master", "ruche://", "master" },
          { "--name", "no spaces", "name" },
          { "--toolchains", "/nowhere", "/nowhere" },
          { "--config", "/nowhere.conf", "/nowhere" },
          { "--user", "nobody-of-that-name", "nobody-of-that-name" },
          { "surplus", "--version", "surplus" } };
  g_autofree char *program = ruche_paths_program ("ruche-slave");

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *printed = NULL;
      g_autoptr (GSubprocess) slave = g_subprocess_new (G_SUBPROCESS_FLAGS_STDERR_PIPE, &error,
                                                        program, wrong[i][0], wrong[i][1], NULL);
      g_assert_no_error (error);
      g_subprocess_communicate_utf8 (slave, NULL, NULL, NULL, &printed, &error);
      g_assert_no_error (error);
      g_assert_true (g_subprocess_get_if_exited (slave));
      g_assert_cmpint (g_subprocess_get_exit_status (slave), ==, 1);
      g_assert_nonnull (strstr (printed, wrong[i][2]));
      g_assert_true (strchr (printed, '\n') == printed + strlen (printed) - 1);
    }
}

int
main (int argc, char **argv)
{
  Master *m;
  int status;

  g_test_init (&argc, &argv, NULL);
  m = master_new ();
  master_start_slave (m);
  slave_pid = (GPid)atoi (g_subprocess_get_identifier (m->slave));
  signal (SIGABRT, on_abort);
#define ADD(name, func) g_test_add_data_func ("/slave/" name, m, func)
  ADD ("offer", test_offer);
  ADD ("c", test_c);
  ADD ("java", test_java);
  ADD ("blob-input", test_blob_input);
  ADD ("blob-once", test_blob_once);
  ADD ("compile-error", test_compile_error);
  ADD ("python-error", test_python_error);
  ADD ("cancel-compile", test_cancel_compile);
  ADD ("cancel-run", test_cancel_run);
  ADD ("reserve", test_reserve);
  ADD ("slots", test_slots);
  ADD ("commands", test_commands);
  ADD ("flood", test_flood);
  ADD ("compiler-flood", test_compiler_flood);
  ADD ("window", test_window);
  ADD ("binary", test_binary);
  ADD ("live-input", test_live_input);
  ADD ("input-closed", test_input_closed);
  ADD ("nonsense", test_nonsense);
  ADD ("lying-blob", test_lying_blob);
  ADD ("resume", test_resume);
  ADD ("result-again", test_result_again);
  ADD ("new-epoch", test_new_epoch);
  ADD ("old-epoch", test_old_epoch);
  ADD ("end", test_end);
  g_test_add_func ("/slave/bad-start", test_bad_start);
  status = g_test_run ();
  master_free (m);
  return status;
}
