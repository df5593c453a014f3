/* ruche-local-process.c: the daemons of a local cluster, their records and logs
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-local-process.h"

#include "ruche-error.h"
#include "ruche-paths.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* What is read of a log's end to find its last line. */
#define LOG_TAIL 4096

static gboolean
fail_errno (GError **error, int code, const char *path)
{
  if (code == ENOSPC || code == EDQUOT)
    g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_NO_SPACE,
                 _ ("the disk that holds %s is full: make room on it and try again"), path);
  else
    g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_FAILED, _ ("%s can’t be written: %s"), path,
                 g_strerror (code));
  return FALSE;
}

static char *
records_dir (void)
{
  g_autofree char *runtime = ruche_paths_runtime_dir ();

  return g_build_filename (runtime, "processes", NULL);
}

static char *
logs_dir (void)
{
  g_autofree char *state = ruche_paths_state_dir ();

  return g_build_filename (state, "logs", NULL);
}

/* The runtime folder becomes the daemons' user's own, and must be closed to be taken over. The
 * state folder stays root's where root starts the cluster: the daemons pass through it to theirs.
 */
static int
parent_mode (const char *path)
{
  g_autofree char *state = ruche_paths_state_dir ();

  return geteuid () == 0 && g_str_has_prefix (path, state) ? 0755 : 0700;
}

static gboolean
make_dir (const char *parent, const char *path, GError **error)
{
  if (g_mkdir_with_parents (parent, parent_mode (parent)) != 0)
    return fail_errno (error, errno, parent);
  if (mkdir (path, 0700) != 0 && errno != EEXIST)
    return fail_errno (error, errno, path);
  return TRUE;
}

/* Opens a folder that must be ours: in /tmp, or in a folder that a daemon's user owns, somebody
 * else could have put one there. */
static int
open_own_dir (const char *path, gboolean make, GError **error)
{
  g_autofree char *parent = g_path_get_dirname (path);
  struct stat st;
  int fd;

  if (make && !make_dir (parent, path, error))
    return -1;
  fd = open (path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0)
    {
      fail_errno (error, errno, path);
      return -1;
    }
  if (fstat (fd, &st) == 0 && st.st_uid == geteuid ())
    return fd;
  close (fd);
  g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_DENIED,
               _ ("the folder %s belongs to another user: have it removed, or name another one "
                  "with RUCHE_RUNTIME_DIR and RUCHE_STATE_DIR"),
               path);
  return -1;
}

/**
 * ruche_local_process_free:
 * @process: (nullable) (transfer full): a process
 *
 * Frees what is known of a process; the process goes on.
 */
void
ruche_local_process_free (RucheLocalProcess *process)
{
  if (process == NULL)
    return;
  g_free (process->name);
  g_free (process);
}

/* The start time of a process that is no zombie, 0 where there is none. */
static guint64
read_start (pid_t pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/stat", (int)pid);
  g_autofree char *text = NULL;
  g_auto (GStrv) fields = NULL;
  const char *after;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return 0;
  /* The name in parentheses may hold anything: what follows the last one counts. */
  after = strrchr (text, ')');
  if (after == NULL || strlen (after) < 3)
    return 0;
  fields = g_strsplit (after + 2, " ", 21);
  if (g_strv_length (fields) < 21 || strchr ("ZXx", fields[0][0]) != NULL)
    return 0;
  return g_ascii_strtoull (fields[19], NULL, 10);
}

/**
 * ruche_local_process_is_alive:
 * @process: a process
 *
 * Looks whether it still runs.
 *
 * Returns: whether it does
 */
gboolean
ruche_local_process_is_alive (const RucheLocalProcess *process)
{
  return process->start != 0 && read_start (process->pid) == process->start;
}

static RucheLocalProcess *
read_record (int dir, const char *name)
{
  int fd = openat (dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  char text[64] = "";
  long long pid = 0;
  unsigned long long start = 0;
  RucheLocalProcess *process;
  gssize size;

  if (fd < 0)
    return NULL;
  size = read (fd, text, sizeof text - 1);
  close (fd);
  if (size <= 0 || sscanf (text, "%lld %llu", &pid, &start) != 2 || pid <= 1 || pid > G_MAXINT)
    return NULL;
  process = g_new0 (RucheLocalProcess, 1);
  process->name = g_strdup (name);
  process->pid = (pid_t)pid;
  process->start = start;
  return process;
}

/**
 * ruche_local_processes_read:
 *
 * Reads the records of all daemons that were started, whether they still run or not.
 *
 * Returns: (transfer full) (element-type RucheLocalProcess): the daemons
 */
GPtrArray *
ruche_local_processes_read (void)
{
  GPtrArray *processes = g_ptr_array_new_with_free_func ((GDestroyNotify)ruche_local_process_free);
  g_autofree char *path = records_dir ();
  g_autoptr (GDir) dir = NULL;
  int fd = open_own_dir (path, FALSE, NULL);
  const char *name;

  if (fd < 0)
    return processes;
  dir = g_dir_open (path, 0, NULL);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      RucheLocalProcess *process = read_record (fd, name);
      if (process != NULL)
        g_ptr_array_add (processes, process);
    }
  close (fd);
  return processes;
}

static gboolean
write_record (const RucheLocalProcess *process, GError **error)
{
  g_autofree char *dir = records_dir ();
  g_autofree char *path = g_build_filename (dir, process->name, NULL);
  g_autofree char *text
      = g_strdup_printf ("%d %" G_GUINT64_FORMAT "\n", (int)process->pid, process->start);
  int fd = open (path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
  int code = errno;
  gssize size;

  if (fd < 0)
    return fail_errno (error, code, path);
  size = write (fd, text, strlen (text));
  code = errno;
  close (fd);
  if (size == (gssize)strlen (text))
    return TRUE;
  unlink (path);
  return fail_errno (error, size < 0 ? code : ENOSPC, path);
}

/**
 * ruche_local_process_forget:
 * @process: a process that has ended
 *
 * Removes its record.
 */
void
ruche_local_process_forget (const RucheLocalProcess *process)
{
  g_autofree char *dir = records_dir ();
  g_autofree char *path = g_build_filename (dir, process->name, NULL);

  unlink (path);
}

/**
 * ruche_local_lock:
 * @error: %RUCHE_ERROR_BUSY while another program starts or stops the cluster,
 *   %RUCHE_ERROR_NO_SPACE, %RUCHE_ERROR_DENIED
 *
 * Makes the folders of the local cluster and keeps others from starting or stopping it.
 *
 * Returns: a descriptor; closing it gives the lock back; -1 on error
 */
int
ruche_local_lock (GError **error)
{
  g_autofree char *path = records_dir ();
  int fd = open_own_dir (path, TRUE, error);

  if (fd < 0 || flock (fd, LOCK_EX | LOCK_NB) == 0)
    return fd;
  close (fd);
  g_set_error_literal (error, RUCHE_ERROR, RUCHE_ERROR_BUSY,
                       _ ("another program is just starting or stopping the local cluster: try "
                          "again in a moment"));
  return -1;
}

/**
 * ruche_local_log_path:
 * @name: of a daemon
 *
 * Says where the daemon's log is.
 *
 * Returns: (transfer full): a path
 */
char *
ruche_local_log_path (const char *name)
{
  g_autofree char *dir = logs_dir ();
  g_autofree char *file = g_strconcat (name, ".log", NULL);

  return g_build_filename (dir, file, NULL);
}

static int
open_log (const char *name, GError **error)
{
  g_autofree char *path = logs_dir ();
  g_autofree char *file = g_strconcat (name, ".log", NULL);
  int dir = open_own_dir (path, TRUE, error);
  int fd, code;

  if (dir < 0)
    return -1;
  fd = openat (dir, file, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
  code = errno;
  close (dir);
  if (fd < 0)
    fail_errno (error, code, path);
  return fd;
}

/**
 * ruche_local_log_last_line:
 * @name: of a daemon
 *
 * Reads the last line of the daemon's log, which says why it ended.
 *
 * Returns: (transfer full): the line as UTF-8, "" where there is none
 */
char *
ruche_local_log_last_line (const char *name)
{
  g_autofree char *path = ruche_local_log_path (name);
  char tail[LOG_TAIL + 1] = "";
  FILE *file = fopen (path, "re");
  char *line;
  gsize size;

  if (file == NULL)
    return g_strdup ("");
  if (fseek (file, -LOG_TAIL, SEEK_END) != 0)
    rewind (file);
  size = fread (tail, 1, LOG_TAIL, file);
  fclose (file);
  tail[size] = '\0';
  g_strchomp (tail);
  line = strrchr (tail, '\n');
  return g_utf8_make_valid (line != NULL ? line + 1 : tail, -1);
}

/* In the child, between fork and exec: a session of its own, so that neither Ctrl+C nor the end of
 * the terminal reaches a daemon. */
static void
leave_session (gpointer user_data)
{
  setsid ();
}

/* Runs @argv in a scope of the user's systemd whose cgroup is the daemon's to divide. systemd-run
 * becomes @argv, under the same process number. */
static char **
wrap_in_scope (const char *name, char **argv)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autofree char *description = g_strdup_printf ("--description=Ruche: %s", name);

  g_strv_builder_add_many (builder, "systemd-run", "--user", "--scope", "--quiet", "--collect",
                           "--property=Delegate=yes", description, "--", NULL);
  g_strv_builder_addv (builder, (const char **)argv);
  return g_strv_builder_end (builder);
}

/**
 * ruche_local_process_start:
 * @name: of the daemon
 * @argv: its command line
 * @scoped: whether to start it in a delegated scope of the user's systemd
 * @error: %RUCHE_ERROR_NO_SPACE or %RUCHE_ERROR_FAILED with what to do
 *
 * Starts a daemon in the background and records it. Hold ruche_local_lock() meanwhile.
 *
 * Returns: (transfer full): the process
 */
RucheLocalProcess *
ruche_local_process_start (const char *name, char **argv, gboolean scoped, GError **error)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);
  g_autoptr (GSubprocess) subprocess = NULL;
  g_autoptr (GError) cause = NULL;
  g_auto (GStrv) wrapped = scoped ? wrap_in_scope (name, argv) : g_strdupv (argv);
  g_autoptr (RucheLocalProcess) process = NULL;
  const char *number;
  int log = open_log (name, error);

  if (log < 0)
    return NULL;
  g_subprocess_launcher_take_stdout_fd (launcher, log);
  g_subprocess_launcher_take_stderr_fd (launcher, fcntl (log, F_DUPFD_CLOEXEC, 3));
  g_subprocess_launcher_set_child_setup (launcher, leave_session, NULL, NULL);
  g_subprocess_launcher_set_cwd (launcher, "/");
  subprocess = g_subprocess_launcher_spawnv (launcher, (const char *const *)wrapped, &cause);
  number = subprocess != NULL ? g_subprocess_get_identifier (subprocess) : NULL;
  if (number == NULL)
    {
      g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_FAILED,
                   _ ("%s can’t be started (%s): is Ruche installed completely?"), argv[0],
                   cause != NULL ? cause->message : g_strerror (ESRCH));
      return NULL;
    }
  process = g_new0 (RucheLocalProcess, 1);
  process->name = g_strdup (name);
  process->pid = (pid_t)g_ascii_strtoll (number, NULL, 10);
  process->start = read_start (process->pid);
  if (process->start != 0 && !write_record (process, error))
    {
      kill (process->pid, SIGTERM);
      return NULL;
    }
  return g_steal_pointer (&process);
}
