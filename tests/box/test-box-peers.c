/* test-box-peers.c: a slave with a runner that lies, and a runner with a slave that does
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "box-harness.h"
#include "false-runner.h"

#include "ruche-bounds.h"
#include "ruche-box-command.h"
#include "ruche-box-private.h"
#include "ruche-error.h"
#include "ruche-paths.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct
{
  RucheBoxFactory *lying;
  int runner; /* its program */
} Factories;

static RucheBoxStep
make_step (int which)
{
  static const char *const argv[] = { "/bin/sleep", "60", NULL };
  RucheBoxStep step = { .argv = argv };

  step.limits.processes = which;
  step.limits.wall_ms = 100;
  return step;
}

/* Whatever the runner says against the rules, the step is Ruche's own fault and the box is lost. */
static void
test_lies (gconstpointer data)
{
  const Factories *factories = data;

  for (int which = LIE_OTHER_SERIAL; which <= LIE_EXIT; which++)
    {
      RucheBox *box = harness_open_plain (factories->lying);
      RucheBoxStep step = make_step (which);
      int code = which == LIE_EXIT ? RUCHE_ERROR_FAILED : RUCHE_ERROR_PROTOCOL;
      g_autoptr (GError) error = NULL;
      g_autoptr (GError) after = NULL;

      g_assert_null (harness_run (box, &step, NULL, &error));
      g_assert_error (error, RUCHE_ERROR, code);
      g_assert_null (harness_run (box, &step, NULL, &after));
      g_assert_error (after, RUCHE_ERROR, RUCHE_ERROR_CLOSED);
      harness_close (box);
    }
}

static void
test_ended_twice (gconstpointer data)
{
  const Factories *factories = data;
  RucheBox *box = harness_open_plain (factories->lying);
  RucheBoxStep step = make_step (LIE_ENDED_TWICE);
  g_autoptr (GError) error = NULL;
  g_autoptr (Ran) ran = harness_run (box, &step, NULL, &error);

  g_assert_no_error (error);
  for (int i = 0; i < 100; i++)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (1000);
    }
  g_assert_null (harness_run (box, &step, NULL, &error));
  g_assert_error (error, RUCHE_ERROR, RUCHE_ERROR_CLOSED);
  harness_close (box);
}

/* A runner that says nothing does not hold a step for ever. */
static void
test_silence (gconstpointer data)
{
  const Factories *factories = data;
  RucheBox *box = harness_open_plain (factories->lying);
  RucheBoxStep step = make_step (LIE_SILENCE);
  g_autoptr (GError) error = NULL;
  g_autoptr (Ran) ran = harness_run (box, &step, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpint (ran->report.end, ==, RUCHE_BOX_WALL_LIMIT);
  g_assert_cmpint (ran->report.usage.wall_ms, >=, 100 + RUCHE_KILL_GRACE_MS);
  harness_close (box);
}

static gboolean
kill_box (gpointer box)
{
  ruche_box_kill (box);
  return G_SOURCE_REMOVE;
}

static void
test_kill_disobeyed (gconstpointer data)
{
  const Factories *factories = data;
  RucheBox *box = harness_open_plain (factories->lying);
  RucheBoxStep step = make_step (LIE_SILENCE);
  g_autoptr (GError) error = NULL;
  g_autoptr (Ran) ran = NULL;

  step.limits.wall_ms = 60000;
  g_timeout_add (20, kill_box, box);
  ran = harness_run (box, &step, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (ran->report.end, ==, RUCHE_BOX_KILLED);
  harness_close (box);
}

/**
 * Bare:
 * @process: bubblewrap
 * @socket: the slave's end
 *
 * A real runner in a real box, with a test in the slave's place.
 */
typedef struct
{
  GSubprocess *process;
  int socket;
} Bare;

static Bare
bare_open (const Factories *factories)
{
  RucheBoxProfile profile = { .disk_kib = 1024 };
  g_autoptr (GSubprocessLauncher) launcher
      = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_autofree char *bwrap = g_find_program_in_path ("bwrap");
  g_auto (GStrv) argv = ruche_box_command (bwrap, &profile, NULL);
  struct timeval patience = { 20, 0 };
  union runner_record hello;
  Bare bare;
  int ends[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), ==, 0);
  g_subprocess_launcher_take_fd (launcher, ends[1], RUNNER_SOCKET_FD);
  g_subprocess_launcher_take_fd (launcher, dup (factories->runner), RUNNER_PROGRAM_FD);
  for (int fd = RUCHE_BOX_PASSWD_FD; fd <= RUCHE_BOX_GROUP_FD; fd++)
    g_subprocess_launcher_take_fd (launcher, ruche_box_memory_new ("etc", "", 0, FALSE, NULL), fd);
  bare.process = g_subprocess_launcher_spawnv (launcher, (const char *const *)argv, NULL);
  g_assert_nonnull (bare.process);
  bare.socket = ends[0];
  setsockopt (bare.socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  g_assert_cmpint (recv (bare.socket, &hello, sizeof hello, 0), ==, sizeof hello.hello);
  g_assert_cmpint (hello.head.type, ==, RUNNER_HELLO);
  return bare;
}

static void
bare_close (Bare *bare)
{
  close (bare->socket);
  g_assert_true (g_subprocess_wait (bare->process, NULL, NULL));
  g_object_unref (bare->process);
}

static void
bare_send (Bare *bare, gconstpointer data, gsize size, int fd, guint n_fds)
{
  union
  {
    char bytes[CMSG_SPACE (16 * sizeof (int))];
    struct cmsghdr align;
  } control = { { 0 } };
  struct iovec from = { (gpointer)data, size };
  struct msghdr message = { .msg_iov = &from, .msg_iovlen = 1 };

  if (n_fds > 0)
    {
      message.msg_control = control.bytes;
      message.msg_controllen = CMSG_SPACE (n_fds * sizeof (int));
      control.align.cmsg_level = SOL_SOCKET;
      control.align.cmsg_type = SCM_RIGHTS;
      control.align.cmsg_len = CMSG_LEN (n_fds * sizeof (int));
      for (guint i = 0; i < n_fds; i++)
        memcpy (CMSG_DATA (&control.align) + i * sizeof fd, &fd, sizeof fd);
    }
  g_assert_cmpint (sendmsg (bare->socket, &message, MSG_NOSIGNAL), ==, size);
}

static union runner_record
make_record (enum runner_type type)
{
  union runner_record record = { 0 };

  runner_head_fill (&record.head, type, type == RUNNER_FILE ? 0 : 1);
  if (type == RUNNER_FILE)
    strcpy (record.file.name, "a");
  if (type != RUNNER_STEP)
    return record;
  record.step.descriptors = RUNNER_WITH_WORDS;
  record.step.n_args = 2;
  record.step.cpu_ms = record.step.wall_ms = 10000;
  record.step.memory_kib = record.step.stack_kib = record.step.disk_kib = 100000;
  record.step.processes = record.step.open_files = 20;
  return record;
}

/* The runner hangs up and ends, by itself and without a crash. */
static void
assert_refused (const Factories *factories, gconstpointer data, gsize size, int fd, guint n_fds)
{
  Bare bare = bare_open (factories);
  union runner_record answer;

  bare_send (&bare, data, size, fd, n_fds);
  g_assert_cmpint (recv (bare.socket, &answer, sizeof answer, 0), ==, 0);
  g_assert_true (g_subprocess_wait (bare.process, NULL, NULL));
  g_assert_true (g_subprocess_get_if_exited (bare.process));
  g_assert_cmpint (g_subprocess_get_exit_status (bare.process), ==, 0);
  bare_close (&bare);
}

static void
test_malformed (gconstpointer data)
{
  static const char words[] = "/bin/sleep\0"
                              "60";
  const Factories *factories = data;
  int fd = ruche_box_memory_new ("words", words, sizeof words, FALSE, NULL);
  union runner_record step = make_record (RUNNER_STEP);
  union runner_record file = make_record (RUNNER_FILE);
  union runner_record hello = make_record (RUNNER_HELLO);
  union runner_record changed;
  guint8 huge[8192] = { 0 };

  assert_refused (factories, "x", 1, -1, 0);
  assert_refused (factories, huge, sizeof huge, -1, 0);
  assert_refused (factories, &hello, sizeof hello.hello, -1, 0);
  assert_refused (factories, &step, sizeof step.step, -1, 0);
  assert_refused (factories, &step, sizeof step.step, fd, 2);
  assert_refused (factories, &step, sizeof step.step, fd, 16);
  assert_refused (factories, &step, sizeof step.step - 1, fd, 1);
  assert_refused (factories, &file, sizeof file.file, -1, 0);
  changed = file;
  strcpy (changed.file.name, "../a");
  assert_refused (factories, &changed, sizeof changed.file, fd, 1);
  memset (changed.file.name, 'a', sizeof changed.file.name);
  assert_refused (factories, &changed, sizeof changed.file, fd, 1);
  changed = step;
  changed.step.n_args = G_MAXUINT32;
  assert_refused (factories, &changed, sizeof changed.step, fd, 1);
  changed = step;
  changed.step.memory_kib = -1;
  assert_refused (factories, &changed, sizeof changed.step, fd, 1);
  close (fd);
}

/* Words that are not what the record says: told, and the runner serves on. */
static void
test_wrong_words (gconstpointer data)
{
  static const char words[] = "/bin/true\0"
                              "x";
  const Factories *factories = data;
  Bare bare = bare_open (factories);
  int unsealed = memfd_create ("words", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  int fds[] = { unsealed, ruche_box_memory_new ("words", words, sizeof words - 1, FALSE, NULL),
                ruche_box_memory_new ("words", "", 0, FALSE, NULL), 0,
                ruche_box_memory_new ("words", words, sizeof words, FALSE, NULL) };
  union runner_record step = make_record (RUNNER_STEP);

  g_assert_cmpint (write (unsealed, words, sizeof words), ==, sizeof words);
  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    {
      gboolean right = i == G_N_ELEMENTS (fds) - 1;
      union runner_record answer;

      bare_send (&bare, &step, sizeof step.step, fds[i], 1);
      do
        g_assert_cmpint (recv (bare.socket, &answer, sizeof answer, 0), >, 0);
      while (answer.head.type == RUNNER_STARTED);
      g_assert_cmpint (answer.head.type, ==, RUNNER_ENDED);
      g_assert_cmpint (answer.ended.end, ==, right ? RUNNER_END_ITSELF : RUNNER_END_FAULT);
      g_assert_cmpint (answer.ended.error, ==, right ? 0 : EINVAL);
      if (fds[i] > 0)
        close (fds[i]);
    }
  bare_close (&bare);
}

/* A second step, and a file, while one runs; a kill for another step does nothing. */
static void
test_wrong_order (gconstpointer data)
{
  static const char words[] = "/bin/sleep\0"
                              "60";
  static const enum runner_type types[] = { RUNNER_STEP, RUNNER_FILE };
  const Factories *factories = data;
  int fd = ruche_box_memory_new ("words", words, sizeof words, FALSE, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      union runner_record step = make_record (RUNNER_STEP);
      union runner_record second = make_record (types[i]);
      union runner_record late = make_record (RUNNER_KILL);
      union runner_record answer;
      Bare bare = bare_open (factories);

      late.head.serial = 99;
      bare_send (&bare, &late, sizeof late.kill, -1, 0);
      bare_send (&bare, &step, sizeof step.step, fd, 1);
      g_assert_cmpint (recv (bare.socket, &answer, sizeof answer, 0), >, 0);
      g_assert_cmpint (answer.head.type, ==, RUNNER_STARTED);
      bare_send (&bare, &late, sizeof late.kill, -1, 0);
      bare_send (&bare, &second, second.head.length, fd, 1);
      g_assert_cmpint (recv (bare.socket, &answer, sizeof answer, 0), ==, 0);
      bare_close (&bare);
    }
  close (fd);
}

/* The runner started by hand does nothing: above all it does not kill what is not in a box. */
static void
test_outside (gconstpointer data)
{
  const Factories *factories = data;
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d", factories->runner + 100);
  g_autoptr (GSubprocessLauncher) launcher
      = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_autoptr (GSubprocess) process = NULL;

  g_subprocess_launcher_take_fd (launcher, dup (factories->runner), factories->runner + 100);
  process = g_subprocess_launcher_spawn (launcher, NULL, path, NULL);
  g_assert_nonnull (process);
  g_assert_true (g_subprocess_wait (process, NULL, NULL));
  g_assert_cmpint (g_subprocess_get_exit_status (process), ==, 2);
}

int
main (int argc, char **argv)
{
  g_autofree char *liar = g_strconcat (argv[0], "-false-runner", NULL);
  g_autofree char *runner = ruche_paths_runner ();
  g_autofree char *program = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (RucheBoxFactory) honest = NULL;
  Factories factories;
  gsize size;
  int status;

  factories.lying = ruche_box_factory_new (liar, &error);
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (runner, &program, &size, NULL));
  factories.runner = ruche_box_memory_new ("ruche-runner", program, size, TRUE, &error);
  g_assert_no_error (error);
  honest = harness_init (&argc, &argv);
  g_test_add_data_func ("/box/peers/lies", &factories, test_lies);
  g_test_add_data_func ("/box/peers/ended-twice", &factories, test_ended_twice);
  g_test_add_data_func ("/box/peers/silence", &factories, test_silence);
  g_test_add_data_func ("/box/peers/kill-disobeyed", &factories, test_kill_disobeyed);
  g_test_add_data_func ("/box/peers/malformed", &factories, test_malformed);
  g_test_add_data_func ("/box/peers/wrong-words", &factories, test_wrong_words);
  g_test_add_data_func ("/box/peers/wrong-order", &factories, test_wrong_order);
  g_test_add_data_func ("/box/peers/outside", &factories, test_outside);
  status = g_test_run ();
  g_object_unref (factories.lying);
  close (factories.runner);
  return status;
}
