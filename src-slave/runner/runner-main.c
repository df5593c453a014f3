/* runner-main.c: ruche-runner, the first process of a box
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Theory of operation. bubblewrap has made the namespaces and mounts and started this program as
 * process 1 of a process namespace; its end of the slave's socket is descriptor 3. Nothing inside
 * can signal, trace or look into it: it is process 1, not dumpable, and holds no capability. It
 * does one thing at a time: write a file, or carry out a step. A step ends when its first process
 * has ended or a limit is passed; then all that is left in the box is killed and waited for, so
 * that every pipe is closed and every figure final before the slave hears of it. When the socket
 * closes, the runner exits, and the kernel ends the box.
 */
#include "runner.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char *const writable[] = { RUNNER_WORK_DIR, "/tmp", "/dev/shm" };
#define N_WRITABLE (sizeof writable / sizeof *writable)

/**
 * running:
 * @pid: its first process, 0 while there is no step
 * @limits: as they came
 * @report: what will be told of it
 * @over: whether its first process was waited for
 * @started_us: by the monotonic clock
 * @look_us: when to look at it next
 * @reaped_us: CPU time of those waited for
 * @living_us: CPU time of the others at the last look
 * @vanished_us: CPU time last seen of processes that nobody waited for
 *
 * The step under way.
 */
struct running
{
  pid_t pid;
  struct runner_step limits;
  struct runner_ended report;
  bool over;
  int64_t started_us;
  int64_t look_us;
  uint64_t reaped_us;
  uint64_t living_us;
  uint64_t vanished_us;
};

struct runner
{
  int child_signals;
  int work_dir;
  int folders[N_WRITABLE];
  DIR *proc;
  struct runner_self as_begun;
  int file_error; /* of a FILE since the last STEP */
  struct running step;
};

static int64_t
now_us (void)
{
  struct timespec t;

  clock_gettime (CLOCK_MONOTONIC, &t);
  return t.tv_sec * INT64_C (1000000) + t.tv_nsec / 1000;
}

static bool
answer (const void *record)
{
  const struct runner_head *head = record;
  ssize_t n;

  do
    n = send (RUNNER_SOCKET_FD, record, head->length, MSG_NOSIGNAL);
  while (n < 0 && errno == EINTR);
  return n == (ssize_t)head->length;
}

/* Waits for one process and books what it used, its own waited-for children included. */
static bool
reap (struct running *step, int flags)
{
  struct rusage used;
  int status;
  pid_t pid;

  do
    pid = wait4 (-1, &status, flags, &used);
  while (pid < 0 && errno == EINTR);
  if (pid <= 0)
    return false;
  step->reaped_us += used.ru_utime.tv_sec * UINT64_C (1000000) + used.ru_utime.tv_usec
                     + used.ru_stime.tv_sec * UINT64_C (1000000) + used.ru_stime.tv_usec;
  if (used.ru_maxrss > step->report.max_rss_kib)
    step->report.max_rss_kib = used.ru_maxrss;
  if (pid == step->pid)
    {
      step->over = true;
      step->report.status = status;
    }
  return true;
}

/* Ends all other processes of the box. A process that is forking right now is killed with its
 * child, or its child is here the next time round. */
static void
kill_all (struct running *step)
{
  do
    kill (-1, SIGKILL);
  while (reap (step, 0));
}

/* Tells the slave how the step ended, when nothing of it is left. Where the step has tampered with
 * the runner, it counts as killed for it, and the box ends. */
static bool
finish (struct runner *self)
{
  struct running *step = &self->step;
  struct runner_ended *report = &step->report;
  bool untouched;

  kill_all (step);
  untouched = runner_self_is (&self->as_begun);
  report->cpu_us = step->reaped_us + step->vanished_us;
  report->wall_us = now_us () - step->started_us;
  if (report->memory_kib < report->max_rss_kib)
    report->memory_kib = report->max_rss_kib;
  if (report->end == RUNNER_END_ITSELF && report->cpu_us > step->limits.cpu_ms * 1000)
    report->end = RUNNER_END_CPU;
  else if (report->end == RUNNER_END_ITSELF && report->memory_kib > step->limits.memory_kib)
    report->end = RUNNER_END_MEMORY;
  if (!untouched)
    {
      report->end = RUNNER_END_ITSELF;
      report->status = SIGKILL;
    }
  step->pid = 0;
  return answer (report) && untouched;
}

/* Looks at what the step uses; sets its end where that is too much. */
static void
look (struct runner *self)
{
  struct running *step = &self->step;
  struct runner_sample sample;
  int64_t begun = now_us ();
  bool fits = runner_sampler_look (self->proc, step->limits.memory_kib, &sample);
  uint64_t before = step->living_us;
  int64_t ended;

  /* Where the sum falls, a child may have passed its time to its parent while we looked; or its
   * parent ignores the end of its children, which loses their time: keep what was seen of it. */
  if (sample.cpu_us < before)
    fits = runner_sampler_look (self->proc, step->limits.memory_kib, &sample);
  if (sample.cpu_us < before)
    step->vanished_us += before - sample.cpu_us;
  step->living_us = sample.cpu_us;
  if ((int64_t)sample.memory_kib > step->report.memory_kib)
    step->report.memory_kib = sample.memory_kib;
  if (!runner_self_is (&self->as_begun))
    step->over = true;
  else if (!fits)
    step->report.end = RUNNER_END_MEMORY;
  else if ((int64_t)(step->reaped_us + step->vanished_us + sample.cpu_us)
           > step->limits.cpu_ms * 1000)
    step->report.end = RUNNER_END_CPU;
  else if (begun - step->started_us > step->limits.wall_ms * 1000)
    step->report.end = RUNNER_END_WALL;
  else if (runner_sampler_inodes (self->folders, N_WRITABLE) > RUNNER_MAX_INODES)
    step->report.end = RUNNER_END_INODES;

  /* A crowd of processes takes long to look at: never more than a tenth of the time. */
  ended = now_us ();
  step->look_us = ended + RUNNER_LOOK_MS * 1000;
  if ((ended - begun) * 9 > RUNNER_LOOK_MS * 1000)
    step->look_us = ended + (ended - begun) * 9;
}

static bool
begin_step (struct runner *self,
            const struct runner_step *record,
            const struct runner_descriptors *descriptors)
{
  struct running *step = &self->step;
  int exec_error = 0;
  int error = self->file_error;
  struct runner_started started = { 0 };

  memset (step, 0, sizeof *step);
  step->limits = *record;
  step->started_us = now_us ();
  step->look_us = step->started_us + RUNNER_LOOK_MS * 1000;
  runner_head_fill (&step->report.head, RUNNER_ENDED, record->head.serial);
  self->file_error = 0;
  step->report.end = RUNNER_END_FILE;
  if (error == 0)
    {
      step->report.end = RUNNER_END_FAULT;
      error = runner_spawn (record, descriptors, &step->pid, &exec_error);
    }
  if (error == 0)
    {
      step->report.end = exec_error == 0 ? RUNNER_END_ITSELF : RUNNER_END_NOT_STARTED;
      error = exec_error;
    }
  step->report.error = error;
  if (error != 0)
    return finish (self);
  runner_head_fill (&started.head, RUNNER_STARTED, record->head.serial);
  return answer (&started);
}

/* Does what a record says; false ends the box. */
static bool
obey (struct runner *self,
      const union runner_record *record,
      const struct runner_descriptors *descriptors)
{
  bool busy = self->step.pid != 0;

  switch (record->head.type)
    {
    case RUNNER_FILE:
      if (!busy && self->file_error == 0)
        self->file_error = runner_file_write (self->work_dir, &record->file, descriptors->fd[0]);
      return !busy;
    case RUNNER_STEP:
      return !busy && begin_step (self, &record->step, descriptors);
    case RUNNER_KILL:
      /* It may come late, for a step that has just ended. */
      if (busy && record->head.serial == self->step.report.head.serial)
        self->step.report.end = RUNNER_END_KILLED;
      return true;
    default:
      return false;
    }
}

static bool
receive (struct runner *self)
{
  union runner_record record;
  CLEANUP (runner_descriptors_clear) struct runner_descriptors descriptors = { { 0 }, 0 };
  union
  {
    char bytes[CMSG_SPACE (RUNNER_MAX_BEHIND_FD * sizeof (int))];
    struct cmsghdr align;
  } control;
  struct iovec into = { &record, sizeof record };
  struct msghdr message = { .msg_iov = &into,
                            .msg_iovlen = 1,
                            .msg_control = control.bytes,
                            .msg_controllen = sizeof control.bytes };
  ssize_t n;

  memset (&record, 0, sizeof record);
  n = recvmsg (RUNNER_SOCKET_FD, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  if (n < 0)
    return errno == EAGAIN || errno == EINTR;
  for (struct cmsghdr *c = CMSG_FIRSTHDR (&message); c != NULL; c = CMSG_NXTHDR (&message, c))
    if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
      {
        descriptors.n = (c->cmsg_len - CMSG_LEN (0)) / sizeof (int);
        memcpy (descriptors.fd, CMSG_DATA (c), descriptors.n * sizeof (int));
      }
  if (n == 0)
    return false;
  if ((message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0
      && runner_record_check (&record, n, descriptors.n))
    return obey (self, &record, &descriptors);
  fputs ("ruche-runner: what came is no record\n", stderr);
  return false;
}

static void
serve (struct runner *self)
{
  struct running *step = &self->step;

  for (;;)
    {
      struct pollfd on[] = { { RUNNER_SOCKET_FD, POLLIN, 0 }, { self->child_signals, POLLIN, 0 } };
      struct signalfd_siginfo info;
      int64_t wait_us = step->look_us - now_us ();

      if (wait_us < 0)
        wait_us = 0;
      if (poll (on, 2, step->pid == 0 ? -1 : (int)((wait_us + 999) / 1000)) < 0 && errno != EINTR)
        return;
      if (on[0].revents != 0 && !receive (self))
        return;
      if (on[1].revents != 0)
        (void)!read (self->child_signals, &info, sizeof info);
      if (step->pid == 0)
        continue;
      while (reap (step, WNOHANG))
        step->living_us = 0;
      if (!step->over && step->report.end == RUNNER_END_ITSELF && now_us () >= step->look_us)
        look (self);
      if ((step->over || step->report.end != RUNNER_END_ITSELF) && !finish (self))
        return;
    }
}

/* Gives up whatever bubblewrap may have left, so that nothing here depends on its options. */
static bool
lock_down (void)
{
  struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
  struct __user_cap_data_struct none[2] = { { 0 } };

  prctl (PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  for (int cap = 0; prctl (PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
    prctl (PR_CAPBSET_DROP, cap, 0, 0, 0);
  return syscall (SYS_capset, &head, none) == 0 && prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
         && prctl (PR_SET_DUMPABLE, 0, 0, 0, 0) == 0;
}

static bool
prepare (struct runner *self)
{
  sigset_t children;

  /* The streams of a step must not land on 0, 1 or 2 when they arrive. */
  for (int fd = 0; fd < 3; fd++)
    if (fcntl (fd, F_GETFD) < 0 && open ("/dev/null", O_RDWR) != fd)
      return false;
  if (fcntl (RUNNER_SOCKET_FD, F_SETFD, FD_CLOEXEC) != 0)
    return false;
  close_range (RUNNER_SOCKET_FD + 1, ~0u, 0);
  umask (022);

  /* Process 1 gets only the signals it handles: it must handle none, not even a sanitizer's. */
  for (int number = 1; number < NSIG; number++)
    signal (number, SIG_DFL);
  signal (SIGPIPE, SIG_IGN);
  sigemptyset (&children);
  sigaddset (&children, SIGCHLD);
  sigprocmask (SIG_BLOCK, &children, NULL);
  self->child_signals = signalfd (-1, &children, SFD_CLOEXEC | SFD_NONBLOCK);
  self->proc = opendir ("/proc");
  for (unsigned int i = 0; i < N_WRITABLE; i++)
    {
      self->folders[i] = open (writable[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
      if (self->folders[i] < 0)
        return false;
    }
  self->work_dir = self->folders[0];
  runner_self_read (&self->as_begun);
  return self->child_signals >= 0 && self->proc != NULL && chdir (RUNNER_WORK_DIR) == 0;
}

int
main (void)
{
  struct runner self = { 0 };
  struct runner_hello hello = { 0 };

  if (getpid () != 1)
    {
      fputs ("ruche-runner: only ruche-slave starts this, inside a box\n", stderr);
      return 2;
    }
  if (!lock_down () || !prepare (&self))
    {
      fprintf (stderr, "ruche-runner: cannot prepare the box: %s\n", strerror (errno));
      return 1;
    }
  runner_head_fill (&hello.head, RUNNER_HELLO, 0);
  if (answer (&hello))
    serve (&self);
  _exit (0);
}
