/* runner-spawn.c: from a STEP to a running program
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Between fork and exec the child puts itself under the step's limits. It keeps the three streams
 * and nothing else; a failed exec comes back through a pipe that a successful one closes.
 */
#include "runner.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What every program finds in its environment, unless the step says otherwise. */
static const char *const short_environment[] = {
  "LANG=C.UTF-8",  "PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/work", "TMPDIR=/tmp", "USER=ruche",
  "LOGNAME=ruche",
};
#define N_SHORT (sizeof short_environment / sizeof *short_environment)

/* The arguments and the environment of a step, and the pages they lie in. */
struct words
{
  char *args[RUNNER_MAX_ARGS + 1];
  char *env[RUNNER_MAX_ARGS + N_SHORT + 1];
  char *pages;
  size_t size;
};

static void
words_clear (struct words **words)
{
  if (*words != NULL && (*words)->pages != NULL)
    munmap ((*words)->pages, (*words)->size);
  free (*words);
}

static bool
environment_has (char **env, unsigned int n, const char *assignment)
{
  size_t name = strcspn (assignment, "=") + 1;

  for (unsigned int i = 0; i < n; i++)
    if (strncmp (env[i], assignment, name) == 0)
      return true;
  return false;
}

/* Reads the words out of memory that is sealed, so that it can neither change nor shrink. */
static int
words_read (struct words *words, const struct runner_step *step, int fd)
{
  int seals = fcntl (fd, F_GET_SEALS);
  char *all[2 * RUNNER_MAX_ARGS];
  unsigned int n_env = step->n_env;
  struct stat st;
  void *pages;

  if (seals < 0 || (seals & F_SEAL_SHRINK) == 0 || (seals & F_SEAL_WRITE) == 0)
    return EINVAL;
  if (fstat (fd, &st) != 0 || st.st_size <= 0 || st.st_size > RUNNER_MAX_WORDS)
    return EINVAL;
  pages = mmap (NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
  if (pages == MAP_FAILED)
    return errno;
  words->pages = pages;
  words->size = st.st_size;
  if (!runner_words_split (words->pages, words->size, step->n_args + n_env, all))
    return EINVAL;
  memcpy (words->args, all, step->n_args * sizeof *all);
  memcpy (words->env, all + step->n_args, n_env * sizeof *all);
  for (unsigned int i = 0; i < N_SHORT; i++)
    if (!environment_has (words->env, n_env, short_environment[i]))
      words->env[n_env++] = (char *)short_environment[i];
  return 0;
}

/* Never above what the runner itself was given. */
static bool
limit_resource (__rlimit_resource_t resource, rlim_t soft, rlim_t hard)
{
  struct rlimit limit;

  if (getrlimit (resource, &limit) != 0)
    return false;
  limit.rlim_max = hard < limit.rlim_max ? hard : limit.rlim_max;
  limit.rlim_cur = soft < limit.rlim_max ? soft : limit.rlim_max;
  return setrlimit (resource, &limit) == 0;
}

/* The kernel's own limits. CPU time is a second line behind the runner's look at it; the runner
 * itself is one of the processes counted. There is no limit of address space: many runtimes
 * reserve far more than they use. */
static bool
limit_self (const struct runner_step *step)
{
  rlim_t seconds = (step->cpu_ms + 999) / 1000 + 1;

  return limit_resource (RLIMIT_CPU, seconds, seconds + 1)
         && limit_resource (RLIMIT_FSIZE, step->disk_kib * 1024, step->disk_kib * 1024)
         && limit_resource (RLIMIT_STACK, step->stack_kib * 1024, step->stack_kib * 1024)
         && limit_resource (RLIMIT_NOFILE, step->open_files, step->open_files)
         && limit_resource (RLIMIT_NPROC, step->processes + 1, step->processes + 1)
         && limit_resource (RLIMIT_MEMLOCK, 0, 0) && limit_resource (RLIMIT_CORE, 0, 0);
}

/* Puts the given streams, or /dev/null, in place. What came beside the record is above 2. */
static bool
take_streams (const struct runner_step *step, const struct runner_descriptors *descriptors)
{
  unsigned int next = 1;

  for (int stream = 0; stream < 3; stream++)
    {
      CLEANUP (runner_close) int nothing = -1;
      int from;

      if ((step->descriptors & (RUNNER_WITH_STDIN << stream)) != 0)
        from = descriptors->fd[next++];
      else
        from = nothing = open ("/dev/null", O_RDWR | O_CLOEXEC);
      if (from < 0 || dup2 (from, stream) != stream)
        return false;
    }
  return true;
}

/* Binds the child, and all that comes of it, by the filter, which is the last descriptor. What is
 * called after this must be allowed by it: exec, and telling that the exec failed. */
static bool
load_filter (const struct runner_step *step, const struct runner_descriptors *descriptors)
{
  struct sock_filter program[BPF_MAXINSNS];
  struct sock_fprog filter = { 0, program };
  ssize_t size;

  if ((step->descriptors & RUNNER_WITH_FILTER) == 0)
    return true;
  size = pread (descriptors->fd[descriptors->n - 1], program, sizeof program, 0);
  if (size <= 0 || size % sizeof *program != 0)
    {
      errno = EINVAL;
      return false;
    }
  filter.len = size / sizeof *program;
  return syscall (SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) == 0;
}

/* The child: never returns. */
static void
become (const struct runner_step *step,
        const struct runner_descriptors *descriptors,
        struct words *words,
        int tell)
{
  sigset_t none;
  int error;

  sigemptyset (&none);
  signal (SIGPIPE, SIG_DFL);
  if (setsid () >= 0 && sigprocmask (SIG_SETMASK, &none, NULL) == 0
      && take_streams (step, descriptors) && close_range (3, ~0u, CLOSE_RANGE_CLOEXEC) == 0
      && limit_self (step) && load_filter (step, descriptors))
    {
      environ = words->env;
      execvp (words->args[0], words->args);
    }
  error = errno;
  (void)!write (tell, &error, sizeof error);
  _exit (127);
}

/**
 * runner_spawn:
 * @step: a checked record
 * @descriptors: what came with it
 * @pid: (out): the child, set even where its exec failed: it is there to be waited for
 * @exec_error: (out): why the exec failed, 0 where it did not
 *
 * Starts a step's program in a session of its own.
 *
 * Returns: 0, or the errno of what Ruche itself could not do
 */
int
runner_spawn (const struct runner_step *step,
              const struct runner_descriptors *descriptors,
              pid_t *pid,
              int *exec_error)
{
  CLEANUP (words_clear) struct words *words = calloc (1, sizeof *words);
  CLEANUP (runner_close) int hear = -1;
  CLEANUP (runner_close) int tell = -1;
  int ends[2];
  int error;
  ssize_t n;

  if (words == NULL)
    return ENOMEM;
  error = words_read (words, step, descriptors->fd[0]);
  if (error != 0)
    return error;
  if (pipe2 (ends, O_CLOEXEC) != 0)
    return errno;
  hear = ends[0];
  tell = ends[1];
  *pid = fork ();
  if (*pid < 0)
    return errno;
  if (*pid == 0)
    become (step, descriptors, words, tell);
  runner_close (&tell);
  do
    n = read (hear, &error, sizeof error);
  while (n < 0 && errno == EINTR);
  *exec_error = n == sizeof error ? error : 0;
  return 0;
}
