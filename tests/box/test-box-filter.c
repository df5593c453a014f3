/* test-box-filter.c: system calls that a box refuses, and programs that must not notice
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "box-harness.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/ioprio.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#define N_ARGS 4

/* Asks for each call and prints what came of it: 0 or the errno. */
#define CALLER                                                                                     \
  "import ctypes, sys\n"                                                                           \
  "libc = ctypes.CDLL (None, use_errno=True)\n"                                                    \
  "for line in open ('calls'):\n"                                                                  \
  "    numbers = [ctypes.c_long (int (word)) for word in line.split ()]\n"                         \
  "    answer = libc.syscall (*numbers)\n"                                                         \
  "    print (ctypes.get_errno () if answer == -1 else 0, flush=True)\n"

typedef struct
{
  const char *name;
  long number;
  long args[N_ARGS];
  int error; /* 0: must be allowed */
} Call;

/* Some of these an ordinary user may not make in any case; the filter answers before the kernel
 * looks at their arguments. */
static const Call calls[] = {
  { "prlimit of pid 1", SYS_prlimit64, { 1, RLIMIT_NOFILE, 0, 0 }, EPERM },
  { "prlimit of another", SYS_prlimit64, { 4000000, RLIMIT_NOFILE, 0, 0 }, EPERM },
  { "prlimit of self", SYS_prlimit64, { 0, RLIMIT_NOFILE, 0, 0 }, 0 },
  { "setpriority of self", SYS_setpriority, { PRIO_PROCESS, 0, 5 }, 0 },
  { "setpriority of pid 1", SYS_setpriority, { PRIO_PROCESS, 1, 5 }, EPERM },
  { "setpriority of the group", SYS_setpriority, { PRIO_PGRP, 0, 5 }, EPERM },
  { "setpriority of the user", SYS_setpriority, { PRIO_USER, 0, 5 }, EPERM },
  { "sched_setaffinity of another", SYS_sched_setaffinity, { 4000000, 0, 0 }, EPERM },
  { "sched_setscheduler of another", SYS_sched_setscheduler, { 4000000, 0, 0 }, EPERM },
  { "sched_setparam of another", SYS_sched_setparam, { 4000000, 0 }, EPERM },
  { "sched_setattr of another", SYS_sched_setattr, { 4000000, 0, 0 }, EPERM },
  { "ioprio_set of another", SYS_ioprio_set, { IOPRIO_WHO_PROCESS, 4000000, 0 }, EPERM },
  { "ioprio_set of the user", SYS_ioprio_set, { IOPRIO_WHO_USER, 0, 0 }, EPERM },
  { "clone into a user namespace", SYS_clone, { CLONE_NEWUSER | 17, 0, 0, 0 }, EPERM },
  { "unshare of a user namespace", SYS_unshare, { CLONE_NEWUSER }, EPERM },
  { "unshare of a network", SYS_unshare, { CLONE_NEWNET }, EPERM },
  { "unshare of files", SYS_unshare, { CLONE_FILES }, 0 },
  { "setns", SYS_setns, { -1, 0 }, EPERM },
  { "clone3", SYS_clone3, { 0, 0 }, ENOSYS },
  { "mount", SYS_mount, { 0, 0, 0, 0 }, EPERM },
  { "umount2", SYS_umount2, { 0, 0 }, EPERM },
  { "open_tree", SYS_open_tree, { -1, 0, 0 }, EPERM },
  { "pivot_root", SYS_pivot_root, { 0, 0 }, EPERM },
  { "ptrace", SYS_ptrace, { 0, 0, 0, 0 }, EPERM },
  { "process_vm_readv", SYS_process_vm_readv, { 1, 0, 0, 0 }, EPERM },
  { "process_vm_writev", SYS_process_vm_writev, { 1, 0, 0, 0 }, EPERM },
  { "pidfd_getfd", SYS_pidfd_getfd, { -1, 0, 0 }, EPERM },
  { "kcmp", SYS_kcmp, { 1, 1, 0, 0 }, EPERM },
  { "bpf", SYS_bpf, { 100, 0, 0 }, EPERM },
  { "perf_event_open", SYS_perf_event_open, { 0, 0, -1, -1 }, EPERM },
  { "io_uring_setup", SYS_io_uring_setup, { 0, 0 }, ENOSYS },
  { "userfaultfd", SYS_userfaultfd, { 0x7fffffff }, ENOSYS },
  { "memfd_create", SYS_memfd_create, { 0, 0 }, ENOSYS },
  { "shmget", SYS_shmget, { 0, 4096, 0600 }, ENOSYS },
  { "keyctl", SYS_keyctl, { 0, -3, 0 }, EPERM },
  { "add_key", SYS_add_key, { 0, 0, 0, 0 }, EPERM },
  { "kexec_load", SYS_kexec_load, { 0, 0, 0, 0 }, EPERM },
  { "init_module", SYS_init_module, { 0, 0, 0 }, EPERM },
  { "clock_settime", SYS_clock_settime, { 0, 0 }, EPERM },
  { "personality", SYS_personality, { 0x0040000 }, EPERM },
  { "asking for the personality", SYS_personality, { 0xffffffff }, 0 },
  { "typing into a terminal", SYS_ioctl, { 0, TIOCSTI, 0 }, EPERM },
  { "the same with bits above", SYS_ioctl, { 0, TIOCSTI | (1L << 40), 0 }, EPERM },
  { "another ioctl", SYS_ioctl, { 0, FIONREAD, 0 }, ENOTTY },
  { "AF_VSOCK", SYS_socket, { AF_VSOCK, SOCK_STREAM, 0 }, EAFNOSUPPORT },
  { "AF_ALG", SYS_socket, { AF_ALG, SOCK_SEQPACKET, 0 }, EAFNOSUPPORT },
  { "AF_PACKET", SYS_socket, { AF_PACKET, SOCK_RAW, 0 }, EAFNOSUPPORT },
  { "AF_PACKET with bits above", SYS_socket, { AF_PACKET | (1L << 40), 3, 0 }, EAFNOSUPPORT },
  { "a raw socket", SYS_socket, { AF_INET, SOCK_RAW | SOCK_CLOEXEC, 1 }, EPERM },
  { "a raw socket of IPv6", SYS_socket, { AF_INET6, SOCK_RAW, 1 }, EPERM },
  { "TCP", SYS_socket, { AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0 }, 0 },
  { "UDP of IPv6", SYS_socket, { AF_INET6, SOCK_DGRAM, 0 }, 0 },
  { "a local socket", SYS_socket, { AF_UNIX, SOCK_SEQPACKET, 0 }, 0 },
  { "what libc asks of the routes", SYS_socket, { AF_NETLINK, SOCK_RAW, 0 }, 0 },
};

static void
test_calls (gconstpointer data)
{
  RucheBox *box = harness_open_plain ((RucheBoxFactory *)data);
  g_autoptr (GString) asked = g_string_new (NULL);
  g_autoptr (Ran) ran = NULL;
  g_auto (GStrv) answers = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (calls); i++)
    {
      g_string_append_printf (asked, "%ld", calls[i].number);
      for (guint j = 0; j < N_ARGS; j++)
        g_string_append_printf (asked, " %ld", calls[i].args[j]);
      g_string_append_c (asked, '\n');
    }
  harness_put (box, "calls", asked->str, FALSE);
  ran = harness_python (box, NULL, CALLER);
  harness_assert_exited (ran, 0);
  answers = g_strsplit (ran->out, "\n", -1);
  g_assert_cmpuint (g_strv_length (answers), ==, G_N_ELEMENTS (calls) + 1);
  for (gsize i = 0; i < G_N_ELEMENTS (calls); i++)
    {
      g_test_message ("%s: %s", calls[i].name, answers[i]);
      if (g_ascii_strtoll (answers[i], NULL, 10) != calls[i].error)
        g_error ("%s: answered %s instead of %d", calls[i].name, answers[i], calls[i].error);
    }
  harness_close (box);
}

static void
assert_prints (RucheBoxFactory *factory, const char *name, const char *text, const char *script)
{
  RucheBox *box = harness_open_plain (factory);
  g_autoptr (Ran) ran = NULL;

  harness_put (box, name, text, FALSE);
  ran = harness_shell (box, NULL, script);
  g_assert_cmpstr (ran->out, ==, "fine\n");
  harness_assert_exited (ran, 0);
  harness_close (box);
}

#if defined(__x86_64__)
/* A call by the 32-bit door: getpid. */
static void
test_other_abi (gconstpointer data)
{
  assert_prints ((RucheBoxFactory *)data, "old.c",
                 "#include <errno.h>\n"
                 "#include <stdio.h>\n"
                 "#include <sys/syscall.h>\n"
                 "#include <unistd.h>\n"
                 "int main (void) {\n"
                 "  int old = 20;\n"
                 "  __asm__ volatile (\"int $0x80\" : \"+a\"(old) :: \"memory\");\n"
                 "  int x32 = syscall (0x40000000 + SYS_getpid) == -1 ? errno : 0;\n"
                 "  if (old == -ENOSYS && x32 == ENOSYS) puts (\"fine\");\n"
                 "}\n",
                 "gcc -o old old.c && ./old");
}
#endif

static void
test_threads (gconstpointer data)
{
  assert_prints ((RucheBoxFactory *)data, "pool.cpp",
                 "#include <atomic>\n"
                 "#include <cstdio>\n"
                 "#include <thread>\n"
                 "#include <vector>\n"
                 "#include <sys/epoll.h>\n"
                 "#include <sys/timerfd.h>\n"
                 "#include <sys/mman.h>\n"
                 "int main () {\n"
                 "  std::atomic<int> sum = 0;\n"
                 "  std::vector<std::thread> pool;\n"
                 "  for (int i = 0; i < 16; i++) pool.emplace_back ([&] { sum += 1; });\n"
                 "  for (auto &t : pool) t.join ();\n"
                 "  int e = epoll_create1 (0), t = timerfd_create (CLOCK_MONOTONIC, 0);\n"
                 "  void *m = mmap (0, 1 << 20, PROT_READ | PROT_WRITE,\n"
                 "                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);\n"
                 "  if (sum == 16 && e >= 0 && t >= 0 && m != MAP_FAILED) puts (\"fine\");\n"
                 "}\n",
                 "g++ -O2 -flto -pthread -o pool pool.cpp && ./pool");
}

static void
test_python (gconstpointer data)
{
  assert_prints ((RucheBoxFactory *)data, "many.py",
                 "import multiprocessing, socket, subprocess, threading, signal, time\n"
                 "def square (n): return n * n\n"
                 "if __name__ == '__main__':\n"
                 "    with multiprocessing.Pool (4) as pool:\n"
                 "        assert pool.map (square, range (100)) == [n * n for n in range (100)]\n"
                 "    threads = [threading.Thread (target=square, args=(2,)) for _ in range (8)]\n"
                 "    [t.start () for t in threads]; [t.join () for t in threads]\n"
                 "    piped = subprocess.run ('seq 1000 | sort -rn | head -1', shell=True,\n"
                 "                            capture_output=True, text=True)\n"
                 "    assert piped.stdout == '1000\\n'\n"
                 "    server = socket.create_server (('127.0.0.1', 0))\n"
                 "    client = socket.create_connection (server.getsockname ())\n"
                 "    server.accept ()[0].sendall (b'x'); assert client.recv (1) == b'x'\n"
                 "    signal.signal (signal.SIGALRM, lambda *_: None)\n"
                 "    signal.setitimer (signal.ITIMER_REAL, 0.01); time.sleep (0.02)\n"
                 "    print ('fine')\n",
                 "/usr/bin/python3 many.py");
}

int
main (int argc, char **argv)
{
  g_autoptr (RucheBoxFactory) factory = harness_init (&argc, &argv);

  g_test_add_data_func ("/box/filter/calls", factory, test_calls);
#if defined(__x86_64__)
  g_test_add_data_func ("/box/filter/other-abi", factory, test_other_abi);
#endif
  g_test_add_data_func ("/box/filter/threads", factory, test_threads);
  g_test_add_data_func ("/box/filter/python", factory, test_python);
  return g_test_run ();
}
