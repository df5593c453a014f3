/* box-harness.c: a box as a test drives it, one call after the other
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "box-harness.h"

#include "ruche-bounds.h"
#include "ruche-paths.h"

#include <fcntl.h>
#include <gio/gunixinputstream.h>
#include <gio/gunixoutputstream.h>
#include <glib-unix.h>
#include <grp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define HANDED_RUNNER "RUCHE_TEST_RUNNER"

void
ran_free (Ran *ran)
{
  g_free (ran->out);
  g_free (ran->err);
  g_free (ran);
}

static void
become_nobody (void)
{
  if (geteuid () != 0)
    return;
  g_assert_cmpint (setgroups (0, NULL), ==, 0);
  g_assert_cmpint (setresgid (65534, 65534, 65534), ==, 0);
  g_assert_cmpint (setresuid (65534, 65534, 65534), ==, 0);
}

/* The factory is made as who we are, so that the runner is read as root where we are root; all
 * else happens as nobody, as a slave does it. A test that starts itself once more, see
 * harness_start_self(), finds the runner where that put it. */
RucheBoxFactory *
harness_init (int *argc, char ***argv)
{
  const char *handed = g_getenv (HANDED_RUNNER);
  g_autofree char *runner = handed != NULL ? g_strdup (handed) : ruche_paths_runner ();
  g_autoptr (GError) error = NULL;
  RucheBoxFactory *factory;
  int fd;

  g_test_init (argc, argv, NULL);
  factory = ruche_box_factory_new (runner, &error);
  g_assert_no_error (error);
  fd = open (runner, O_RDONLY | O_CLOEXEC);
  g_assert_cmpint (fd, >=, 0);
  g_object_set_data (G_OBJECT (factory), HANDED_RUNNER, GINT_TO_POINTER (fd));
  become_nobody ();
  return factory;
}

/* Starts this test program once more, with two arguments. Neither it nor the runner is opened by
 * its path, which may lead through folders that nobody can't enter. */
GSubprocess *
harness_start_self (RucheBoxFactory *factory, const char *first, const char *second)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);
  int fd = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (factory), HANDED_RUNNER));
  g_autoptr (GError) error = NULL;
  GSubprocess *process;

  g_subprocess_launcher_take_fd (launcher, fcntl (fd, F_DUPFD_CLOEXEC, 0), 3);
  g_subprocess_launcher_setenv (launcher, HANDED_RUNNER, "/proc/self/fd/3", TRUE);
  process = g_subprocess_launcher_spawn (launcher, &error, "/proc/self/exe", first, second, NULL);
  g_assert_no_error (error);
  return process;
}

void
harness_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **)user_data = g_object_ref (result);
}

gpointer
harness_wait (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return *result;
}

RucheBox *
harness_open (RucheBoxFactory *factory, const RucheBoxProfile *profile, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  ruche_box_open_async (factory, profile, NULL, harness_done, &result);
  return ruche_box_open_finish (factory, harness_wait (&result), error);
}

RucheBox *
harness_open_plain (RucheBoxFactory *factory)
{
  RucheBoxProfile profile = { .disk_kib = RUCHE_DEFAULT_DISK_KIB };
  g_autoptr (GError) error = NULL;
  RucheBox *box = harness_open (factory, &profile, &error);

  g_assert_no_error (error);
  return box;
}

void
harness_close (RucheBox *box)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  ruche_box_close_async (box, NULL, harness_done, &result);
  ruche_box_close_finish (box, harness_wait (&result), &error);
  g_assert_no_error (error);
  g_object_unref (box);
}

void
harness_put (RucheBox *box, const char *name, const char *text, gboolean executable)
{
  g_autoptr (GError) error = NULL;
  int fd = memfd_create ("file", MFD_CLOEXEC);

  g_assert_cmpint (write (fd, text, strlen (text)), ==, strlen (text));
  g_assert_true (ruche_box_put_file (box, name, fd, executable, &error));
  g_assert_no_error (error);
  close (fd);
}

/* Runs a step to its end, with what it writes read as it comes. */
Ran *
harness_run (RucheBox *box, const RucheBoxStep *step, const char *input, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL, result_out = NULL, result_err = NULL;
  g_autoptr (GOutputStream) out = g_memory_output_stream_new_resizable ();
  g_autoptr (GOutputStream) err = g_memory_output_stream_new_resizable ();
  GOutputStreamSpliceFlags flags
      = G_OUTPUT_STREAM_SPLICE_CLOSE_SOURCE | G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET;
  g_autoptr (GInputStream) from_out = NULL;
  g_autoptr (GInputStream) from_err = NULL;
  g_autoptr (Ran) ran = g_new0 (Ran, 1);
  RucheBoxStep full = *step;
  int pipe_out[2], pipe_err[2];

  g_assert_true (g_unix_open_pipe (pipe_out, FD_CLOEXEC, NULL));
  g_assert_true (g_unix_open_pipe (pipe_err, FD_CLOEXEC, NULL));
  full.stdin_fd = -1;
  if (input != NULL)
    {
      full.stdin_fd = memfd_create ("input", MFD_CLOEXEC);
      g_assert_cmpint (write (full.stdin_fd, input, strlen (input)), ==, strlen (input));
      lseek (full.stdin_fd, 0, SEEK_SET);
    }
  full.stdout_fd = pipe_out[1];
  full.stderr_fd = pipe_err[1];
  from_out = g_unix_input_stream_new (pipe_out[0], TRUE);
  from_err = g_unix_input_stream_new (pipe_err[0], TRUE);
  g_output_stream_splice_async (out, from_out, flags, 0, NULL, harness_done, &result_out);
  g_output_stream_splice_async (err, from_err, flags, 0, NULL, harness_done, &result_err);
  ruche_box_run_async (box, &full, NULL, harness_done, &result);
  harness_wait (&result);
  harness_wait (&result_out);
  harness_wait (&result_err);
  ran->out_size = g_memory_output_stream_get_data_size (G_MEMORY_OUTPUT_STREAM (out));
  ran->out = g_malloc (ran->out_size + 1);
  if (ran->out_size > 0)
    memcpy (ran->out, g_memory_output_stream_get_data (G_MEMORY_OUTPUT_STREAM (out)),
            ran->out_size);
  ran->out[ran->out_size] = '\0';
  ran->err = g_strndup (g_memory_output_stream_get_data (G_MEMORY_OUTPUT_STREAM (err)),
                        g_memory_output_stream_get_data_size (G_MEMORY_OUTPUT_STREAM (err)));
  if (!ruche_box_run_finish (box, G_ASYNC_RESULT (result), &ran->report, error))
    return NULL;
  return g_steal_pointer (&ran);
}

static Ran *
run_script (RucheBox *box, const RucheLimits *limits, const char *const *argv)
{
  RucheBoxStep step = { .argv = argv };
  g_autoptr (GError) error = NULL;
  Ran *ran;

  if (limits != NULL)
    step.limits = *limits;
  ran = harness_run (box, &step, NULL, &error);
  g_assert_no_error (error);
  return ran;
}

Ran *
harness_shell (RucheBox *box, const RucheLimits *limits, const char *script)
{
  return run_script (box, limits, (const char *[]){ "/bin/bash", "-c", script, NULL });
}

Ran *
harness_python (RucheBox *box, const RucheLimits *limits, const char *script)
{
  return run_script (box, limits, (const char *[]){ "/usr/bin/python3", "-c", script, NULL });
}

void
harness_assert_exited (const Ran *ran, int status)
{
  if (ran->report.end != RUCHE_BOX_ENDED || !WIFEXITED (ran->report.status)
      || WEXITSTATUS (ran->report.status) != status)
    g_test_message ("end %d, status 0x%x, errno %d\nstdout: %s\nstderr: %s", ran->report.end,
                    ran->report.status, ran->report.exec_errno, ran->out, ran->err);
  g_assert_cmpint (ran->report.end, ==, RUCHE_BOX_ENDED);
  g_assert_true (WIFEXITED (ran->report.status));
  g_assert_cmpint (WEXITSTATUS (ran->report.status), ==, status);
}

void
harness_set_up (Fixture *f, gconstpointer data)
{
  f->box = harness_open_plain ((RucheBoxFactory *)data);
}

/* Whatever happened, the box still runs a plain program correctly. */
void
harness_tear_down (Fixture *f, gconstpointer data)
{
  g_autoptr (Ran) after = harness_shell (f->box, NULL, "echo well; exit 5");

  harness_assert_exited (after, 5);
  g_assert_cmpstr (after->out, ==, "well\n");
  harness_close (f->box);
}
