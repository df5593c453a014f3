/* test-box-limits.c: what a step may use, and how it ends when it takes more
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Every limit is far from what the well-behaved side of a test needs, so that a busy machine
 * changes nothing.
 */
#include "config.h"

#include "box-harness.h"

#include "ruche-bounds.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

static void
test_wall (Fixture *f, gconstpointer data)
{
  RucheLimits limits = { .wall_ms = 300 };
  g_autoptr (Ran) ran = harness_shell (f->box, &limits, "echo before; exec sleep 60");

  g_assert_cmpint (ran->report.end, ==, RUCHE_BOX_WALL_LIMIT);
  g_assert_cmpint (ran->report.usage.wall_ms, >=, 300);
  g_assert_cmpint (ran->report.usage.cpu_ms, <, 300);
  g_assert_cmpstr (ran->out, ==, "before\n");
}

static void
test_cpu (Fixture *f, gconstpointer data)
{
  RucheLimits limits = { .cpu_ms = 300 };
  g_autoptr (Ran) ran = harness_shell (f->box, &limits, "while :; do :; done");

  g_assert_cmpint (ran->report.end, ==, RUCHE_BOX_CPU_LIMIT);
  g_assert_cmpint (ran->report.usage.cpu_ms, >=, 300);
}

/* The time of children counts, whether they live, are waited for, or are nobody's. */
static void
test_cpu_of_children (Fixture *f, gconstpointer data)
{
  static const char *const scripts[] = {
    "for i in 1 2 3 4; do (while :; do :; done) & done; wait",
    "while :; do (for i in {1..20000}; do :; done); done",
    "while :; do setsid bash -c 'for i in {1..20000}; do :; done' & sleep 0.05; done",
  };

  for (guint i = 0; i < G_N_ELEMENTS (scripts); i++)
    {
      RucheLimits limits = { .cpu_ms = 500 };
      g_autoptr (Ran) ran = harness_shell (f->box, &limits, scripts[i]);
      g_assert_cmpint (ran->report.end, ==, RUCHE_BOX_CPU_LIMIT);
      g_assert_cmpint (ran->report.usage.cpu_ms, >=, 500);
    }
}

/* A parent that ignores the end of its children makes the kernel forget what they used. */
static void
test_cpu_forgotten (Fixture *f, gconstpointer data)
{
  RucheLimits limits = { .cpu_ms = 500, .wall_ms = 20000 };
  g_autoptr (Ran) ran = harness_python (f->box, &limits,
                                        "import os, signal, time\n"
                                        "signal.signal(signal.SIGCHLD, signal.SIG_IGN)\n"
                                        "while True:\n"
                                        "    if os.fork() == 0:\n"
                                        "        while time.process_time() < 0.1: pass\n"
                                        "        os._exit(0)\n"
                                        "    try: os.wait()\n"
                                        "    except ChildProcessError: pass\n");

  g_assert_cmpint (ran->report.end, ==, RUCHE_BOX_CPU_LIMIT);
}

static void
test_cpu_signal_ignored (Fixture *f, gconstpointer data)
{
  RucheLimits limits = { .cpu_ms = 300 };
  g_autoptr (Ran) ran = harness_shell (f->box, &limits, "trap '' XCPU TERM; while :; do :; done");

  g_assert_cmpint (ran->report.end, ==, RUCHE_BOX_CPU_LIMIT);
}

static void
test_memory_touched (Fixture *f, gconstpointer data)
{
  g_autoptr (Ran) ran = harness_python (f->box, NULL,
                                        "x = bytearray(600 << 20)\n"
                                        "for i in range(0, len(x), 4096): x[i] = 1\n"
                                        "print('all')\n");

  g_assert_cmpint (ran->report.end, ==, RUCHE_BOX_MEMORY_LIMIT);
  g_assert_cmpint (ran->report.usage.memory_kib, >=, RUCHE_DEFAULT_MEMORY_KIB);
}

static void
test_memory_reserved (Fixture *f, gconstpointer data)
{
  g_autoptr (Ran) ran = harness_python (
      f->box, NULL,
      "import mmap\n"
      "m = mmap.mmap(-1, 10 << 30, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000)\n"
      "m[5 << 30] = 1\n"
      "print('fine')\n");

  harness_assert_exited (ran, 0);
  g_assert_cmpstr (ran->out, ==, "fine\n");
  g_assert_cmpint (ran->report.usage.memory_kib, <, 100 * 1024);
}

static void
test_memory_of_children (Fixture *f, gconstpointer data)
{
  RucheLimits limits = { .memory_kib = 200 * 1024 };
  g_autoptr (Ran) ran = harness_python (f->box, &limits,
                                        "import os, time\n"
                                        "for i in range(8):\n"
                                        "    if os.fork() == 0:\n"
                                        "        x = bytearray(40 << 20)\n"
                                        "        for j in range(0, len(x), 4096): x[j] = 1\n"
                                        "        time.sleep(30)\n"
                                        "time.sleep(30)\n");

  g_assert_cmpint (ran->report.end, ==, RUCHE_BOX_MEMORY_LIMIT);
}

/* Pages that processes share count once: forty of them with the same 20 MiB are no 800. */
static void
test_memory_shared (Fixture *f, gconstpointer data)
{
  RucheLimits limits = { .memory_kib = 300 * 1024 };
  g_autoptr (Ran) ran = harness_python (f->box, &limits,
                                        "import os, time\n"
                                        "x = bytearray(20 << 20)\n"
                                        "for j in range(0, len(x), 4096): x[j] = 1\n"
                                        "for i in range(40):\n"
                                        "    if os.fork() == 0:\n"
                                        "        time.sleep(1); os._exit(0)\n"
                                        "for i in range(40): os.wait()\n"
                                        "print('fine')\n");

  harness_assert_exited (ran, 0);
  g_assert_cmpint (ran->report.usage.memory_kib, <, 300 * 1024);
}

/* Memory quickly taken and given back is seen by the kernel's own peak. */
static void
test_memory_brief (Fixture *f, gconstpointer data)
{
  RucheLimits limits = { .memory_kib = 64 * 1024 };
  g_autoptr (Ran) fits = harness_python (f->box, &limits, "print(len(b'x' * (20 << 20)))");
  g_autoptr (Ran) over = harness_python (f->box, &limits, "b'x' * (100 << 20)");

  harness_assert_exited (fits, 0);
  g_assert_cmpint (fits->report.usage.memory_kib, >, 20 * 1024);
  g_assert_cmpint (over->report.end, ==, RUCHE_BOX_MEMORY_LIMIT);
}

/* Deep recursion meets the end of the stack before the memory limit: a signal, not a kill. */
static void
test_stack (Fixture *f, gconstpointer data)
{
  g_autoptr (Ran) ran
      = harness_python (f->box, NULL,
                        "import sys, threading, ctypes\n"
                        "libc = ctypes.CDLL(None)\n"
                        "CMP = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)\n"
                        "sys.setrecursionlimit(1 << 30)\n"
                        "a = (ctypes.c_int * 2)(1, 2)\n"
                        "def deeper(x, y):\n"
                        "    libc.qsort(a, 2, 4, callback)\n"
                        "    return 0\n"
                        "callback = CMP(deeper)\n"
                        "deeper(0, 0)\n");

  g_assert_cmpint (ran->report.end, ==, RUCHE_BOX_ENDED);
  g_assert_true (WIFSIGNALED (ran->report.status));
  g_assert_cmpint (WTERMSIG (ran->report.status), ==, SIGSEGV);
  g_assert_cmpint (ran->report.usage.memory_kib, >, RUCHE_MAX_STACK_KIB * 3 / 4);
}

static void
test_processes (Fixture *f, gconstpointer data)
{
  RucheLimits limits = { .processes = 20, .wall_ms = 1500 };
  g_autoptr (Ran) counted = harness_python (f->box, &limits,
                                            "import os, time\n"
                                            "n = 0\n"
                                            "try:\n"
                                            "    for i in range(100):\n"
                                            "        if os.fork() == 0: time.sleep(30)\n"
                                            "        n += 1\n"
                                            "except OSError: print(n)\n");
  g_autoptr (Ran) bomb = harness_shell (f->box, &limits, "b() { b | b & }; b; sleep 60");

  g_assert_cmpstr (counted->out, ==, "19\n");
  g_assert_cmpint (bomb->report.end, ==, RUCHE_BOX_WALL_LIMIT);
}

static void
test_open_files (Fixture *f, gconstpointer data)
{
  RucheLimits limits = { .open_files = 30 };
  g_autoptr (Ran) ran = harness_python (f->box, &limits,
                                        "import os, resource\n"
                                        "n = 0\n"
                                        "try:\n"
                                        "    while True: os.dup(0); n += 1\n"
                                        "except OSError: print(n)\n"
                                        "try: resource.setrlimit(resource.RLIMIT_NOFILE,"
                                        " (100, 100))\n"
                                        "except ValueError: print('no')\n");

  g_assert_cmpstr (ran->out, ==, "27\nno\n");
}

static void
test_disk (Fixture *f, gconstpointer data)
{
  g_autoptr (Ran) ran = harness_shell (f->box, NULL,
                                       "for d in /work /tmp /dev/shm; do"
                                       "  head -c 100000000 /dev/zero > $d/full 2>/dev/null; done;"
                                       "cat /work/full /tmp/full /dev/shm/full | wc -c");

  harness_assert_exited (ran, 0);
  g_assert_cmpint (g_ascii_strtoll (ran->out, NULL, 10), <=, RUCHE_DEFAULT_DISK_KIB * 1024LL);
  g_assert_cmpint (g_ascii_strtoll (ran->out, NULL, 10), >, RUCHE_DEFAULT_DISK_KIB * 900LL);
}

/* A full work folder keeps the box from running nothing. */
static void
test_inodes (Fixture *f, gconstpointer data)
{
  static const char *const places[] = { "/work", "/tmp", "/dev/shm" };

  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autofree char *script = g_strdup_printf ("import os\n"
                                                 "os.chdir('%s')\n"
                                                 "for i in range(10**6):\n"
                                                 "    os.symlink('x', str(i))\n",
                                                 places[i]);
      g_autoptr (Ran) ran = harness_python (f->box, NULL, script);
      g_assert_cmpint (ran->report.end, ==, RUCHE_BOX_INODE_LIMIT);
      harness_close (f->box);
      f->box = harness_open_plain ((RucheBoxFactory *)data);
    }
}

/* The second step starts from nothing: its figures are its own. */
static void
test_figures_of_second_step (Fixture *f, gconstpointer data)
{
  g_autoptr (Ran) first = harness_python (f->box, NULL,
                                          "import time\n"
                                          "x = b'x' * (200 << 20)\n"
                                          "while time.process_time() < 0.5: pass\n");
  g_autoptr (Ran) second = harness_shell (f->box, NULL, "exit 0");

  g_assert_cmpint (first->report.usage.cpu_ms, >=, 500);
  g_assert_cmpint (first->report.usage.memory_kib, >, 200 * 1024);
  g_assert_cmpint (second->report.usage.cpu_ms, <, 500);
  g_assert_cmpint (second->report.usage.memory_kib, <, 100 * 1024);
  g_assert_cmpint (second->report.max_rss_kib, <, 100 * 1024);
}

int
main (int argc, char **argv)
{
  g_autoptr (RucheBoxFactory) factory = harness_init (&argc, &argv);

#define ADD(path, function)                                                                        \
  g_test_add (path, Fixture, factory, harness_set_up, function, harness_tear_down)
  ADD ("/box/limits/wall", test_wall);
  ADD ("/box/limits/cpu", test_cpu);
  ADD ("/box/limits/cpu-of-children", test_cpu_of_children);
  ADD ("/box/limits/cpu-forgotten", test_cpu_forgotten);
  ADD ("/box/limits/cpu-signal-ignored", test_cpu_signal_ignored);
  ADD ("/box/limits/memory-touched", test_memory_touched);
  ADD ("/box/limits/memory-reserved", test_memory_reserved);
  ADD ("/box/limits/memory-of-children", test_memory_of_children);
  ADD ("/box/limits/memory-shared", test_memory_shared);
  ADD ("/box/limits/memory-brief", test_memory_brief);
  ADD ("/box/limits/stack", test_stack);
  ADD ("/box/limits/processes", test_processes);
  ADD ("/box/limits/open-files", test_open_files);
  ADD ("/box/limits/disk", test_disk);
  ADD ("/box/limits/inodes", test_inodes);
  ADD ("/box/limits/figures-of-second-step", test_figures_of_second_step);
  return g_test_run ();
}
