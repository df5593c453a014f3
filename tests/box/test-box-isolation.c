/* test-box-isolation.c: what a program in a box can see and reach
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "box-harness.h"

#include "ruche-bounds.h"
#include "ruche-box-filter.h"
#include "ruche-box-private.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <gio/gunixsocketaddress.h>
#include <unistd.h>

static void
assert_says (RucheBox *box, const char *script, const char *said)
{
  g_autoptr (Ran) ran = harness_shell (box, NULL, script);

  g_assert_cmpint (ran->report.end, ==, RUCHE_BOX_ENDED);
  g_assert_cmpstr (ran->out, ==, said);
}

static void
test_folders (Fixture *f, gconstpointer data)
{
  assert_says (f->box, "ls -A /", "bin\ndev\netc\nlib\nlib64\nproc\nsbin\ntmp\nusr\nwork\n");
  assert_says (f->box, "ls -A /etc | grep -v ld.so | sort", "alternatives\ngroup\npasswd\n");
  assert_says (f->box, "ls -A /work /tmp /dev/shm", "/dev/shm:\n\n/tmp:\n\n/work:\n");
  assert_says (f->box, "cat /etc/shadow /root/.bashrc; ls /home /root /var /run /sys /boot", "");
  assert_says (f->box, "id -un; id -G; pwd; hostname; cat /etc/group",
               "ruche\n1000\n/work\nbox\n"
               "root:x:0:\nruche:x:1000:\n");
}

static void
test_read_only (Fixture *f, gconstpointer data)
{
  assert_says (f->box,
               "for p in /x /usr/x /usr/bin/x /etc/x /dev/x /proc/x /proc/sys/kernel/hostname"
               " /etc/passwd /bin/true /etc/alternatives/x; do (echo x > $p) 2>/dev/null &&"
               " echo wrote $p; done; mkdir /y 2>/dev/null; chmod 777 /etc 2>/dev/null;"
               " mount -o remount,rw / 2>/dev/null; ls -d /y 2>/dev/null; "
               "find / -xdev -writable ! -type l 2>/dev/null | grep -vE '^/(proc|work|tmp|dev)'"
               " | xargs -r -n1 sh -c 'touch $0/z 2>/dev/null && echo $0'",
               "");
}

static void
test_network (Fixture *f, gconstpointer data)
{
  g_autoptr (Ran) ran
      = harness_python (f->box, NULL,
                        "import socket\n"
                        "for where in [('1.1.1.1', 53), ('127.0.0.1', 22), ('10.0.0.1', 80)]:\n"
                        "    s = socket.socket(); s.settimeout(2)\n"
                        "    try: s.connect(where); print('connected', where)\n"
                        "    except OSError: pass\n"
                        "try: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1); print('raw')\n"
                        "except OSError: pass\n"
                        "l = socket.socket(); l.bind(('127.0.0.1', 0)); l.listen()\n"
                        "c = socket.create_connection(l.getsockname()); c.send(b'x')\n"
                        "print(l.accept()[0].recv(1))\n"
                        "print([name for _, name in socket.if_nameindex()])\n");

  g_assert_cmpstr (ran->out, ==, "b'x'\n['lo']\n");
}

static void
test_abstract_socket (Fixture *f, gconstpointer data)
{
  g_autofree char *name = g_strdup_printf ("ruche-test-%d", getpid ());
  g_autoptr (GSocketAddress) address
      = g_unix_socket_address_new_with_type (name, strlen (name), G_UNIX_SOCKET_ADDRESS_ABSTRACT);
  g_autoptr (GSocket) host
      = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, NULL);
  g_autofree char *script = g_strdup_printf ("import socket\n"
                                             "s = socket.socket(socket.AF_UNIX)\n"
                                             "try: s.connect('\\0%s'); print('connected')\n"
                                             "except ConnectionRefusedError: print('refused')\n",
                                             name);
  g_autoptr (Ran) ran = NULL;

  g_assert_true (g_socket_bind (host, address, FALSE, NULL));
  g_assert_true (g_socket_listen (host, NULL));
  ran = harness_python (f->box, NULL, script);
  g_assert_cmpstr (ran->out, ==, "refused\n");
}

static void
test_descriptors (Fixture *f, gconstpointer data)
{
  g_autoptr (Ran) forged = harness_python (
      f->box, NULL,
      "import os, struct\n"
      "record = struct.pack('<IHHIIIiiIqqqq', 0x52756368, 1, 67, 64, 1, 0, 0, 0, 0, 0, 0, 0, 0)\n"
      "n = 0\n"
      "for fd in range(3, 1024):\n"
      "    try: os.write(fd, record); n += 1\n"
      "    except OSError: pass\n"
      "os.write(1, record); os.write(2, record); print(n); os._exit(9)\n");

  /* The fourth is the folder that is being listed. */
  assert_says (f->box, "exec ls /proc/self/fd", "0\n1\n2\n3\n");
  harness_assert_exited (forged, 9);
}

/* The runner cannot be signalled, traced or read. */
static void
test_runner_untouched (Fixture *f, gconstpointer data)
{
  g_autoptr (Ran) ran = harness_python (
      f->box, NULL,
      "import os, signal, ctypes\n"
      "libc = ctypes.CDLL(None, use_errno=True)\n"
      "for s in range(1, 65):\n"
      "    try: os.kill(1, s)\n"
      "    except OSError: pass\n"
      "for path in ['mem', 'maps', 'environ', 'fd/3', 'exe', 'root', 'cwd', 'ns/pid']:\n"
      "    try: os.open('/proc/1/' + path, os.O_RDONLY); print('opened', path)\n"
      "    except OSError: pass\n"
      "if libc.ptrace(16, 1, 0, 0) == 0: print('traced')\n"
      "if libc.ptrace(0x4206, 1, 0, 0) == 0: print('seized')\n"
      "if libc.syscall(438, libc.syscall(434, 1, 0), 3, 0) >= 0: print('stolen')\n"
      "os._exit(4)\n");

  harness_assert_exited (ran, 4);
  g_assert_cmpstr (ran->out, ==, "");
}

static const char *const runner_changes[] = {
  "resource.prlimit(1, resource.RLIMIT_NOFILE, (3, 3))",
  "resource.prlimit(1, resource.RLIMIT_NPROC, (0, 0))",
  "resource.prlimit(1, resource.RLIMIT_FSIZE, (0, 0))",
  "os.setpriority(os.PRIO_PROCESS, 1, 19)",
  "os.sched_setscheduler(1, os.SCHED_IDLE, os.sched_param(0))",
  "if libc.syscall(251, 1, 1, 3 << 13): raise OSError(ctypes.get_errno(), 'ioprio_set')",
};

static char *
change_runner (guint i, const char *then)
{
  return g_strdup_printf ("import ctypes, os, resource\n"
                          "libc = ctypes.CDLL(None, use_errno=True)\n"
                          "%s\n%s\n",
                          runner_changes[i], then);
}

/* To the kernel the runner is a process of the same user: the filter keeps programs from it. */
static void
test_runner_kept (Fixture *f, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (runner_changes); i++)
    {
      g_autofree char *script = change_runner (i, "print('changed')");
      g_autoptr (Ran) ran = harness_python (f->box, NULL, script);

      harness_assert_exited (ran, 1);
      g_assert_nonnull (strstr (ran->err, "PermissionError"));
    }
}

/* A filter that lets everything through, for what stands behind the real one. */
static int
new_open_filter (void)
{
  const struct sock_filter allow = BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ALLOW);

  return ruche_box_memory_new ("open", &allow, sizeof allow, FALSE, NULL);
}

/* Where the filter does not help, the program is killed for it, with no other effect than that its
 * box is thrown away. */
static void
test_runner_changed (Fixture *f, gconstpointer data)
{
  RucheBoxFactory *factory = (RucheBoxFactory *)data;

  ruche_box_factory_take_filter (factory, new_open_filter ());
  for (guint i = 0; i < G_N_ELEMENTS (runner_changes); i++)
    {
      RucheLimits limits = { .wall_ms = 20000, .cpu_ms = 20000 };
      RucheBoxStep step = { .argv = (const char *[]){ "/bin/true", NULL } };
      g_autofree char *script = change_runner (i, "x = bytearray(700 << 20)\nprint('unnoticed')");
      g_autoptr (Ran) ran = harness_python (f->box, &limits, script);
      g_autoptr (GError) error = NULL;

      g_assert_cmpint (ran->report.end, ==, RUCHE_BOX_ENDED);
      g_assert_true (WIFSIGNALED (ran->report.status));
      g_assert_cmpint (WTERMSIG (ran->report.status), ==, SIGKILL);
      g_assert_null (harness_run (f->box, &step, NULL, &error));
      harness_close (f->box);
      f->box = harness_open_plain (factory);
    }
  ruche_box_factory_take_filter (factory, ruche_box_filter_new (NULL));
}

static void
test_kill_everything (Fixture *f, gconstpointer data)
{
  g_autoptr (Ran) stop
      = harness_shell (f->box, NULL, "kill -STOP 1; kill -KILL 1; kill -TERM -1; exit 6");
  g_autoptr (Ran) all = harness_python (f->box, NULL, "import os; os.kill(-1, 9)");

  harness_assert_exited (stop, 6);
  g_assert_cmpint (all->report.end, ==, RUCHE_BOX_ENDED);
}

static void
test_no_privilege (Fixture *f, gconstpointer data)
{
  assert_says (f->box, "grep -E '^(Cap|NoNewPrivs)' /proc/self/status | cut -f2 | sort -u",
               "0000000000000000\n1\n");
  assert_says (
      f->box,
      "unshare -U true 2>/dev/null && echo user; unshare -m true 2>/dev/null && echo mount;"
      "mount -t tmpfs none /tmp 2>/dev/null && echo mounted; mknod /tmp/x c 1 3 2>/dev/null"
      " && echo node; chroot / true 2>/dev/null && echo chroot; nice -n -5 true"
      " 2>/dev/null; hostname x 2>/dev/null && echo name; true",
      "");
  assert_says (f->box, "ls -l /proc/self/ns/user >/dev/null; nsenter -t 1 -m true 2>&1 | wc -l",
               "1\n");
}

static void
test_processes_unseen (Fixture *f, gconstpointer data)
{
  assert_says (f->box, "cd /proc; set -- [0-9]*; echo $1 $#", "1 2\n");
}

static void
test_etc_of_profile (Fixture *f, gconstpointer data)
{
  char *etc[]
      = { (char *)"debian_version", (char *)"not-there", (char *)"apt/sources.list.d", NULL };
  char *wrong[] = { (char *)"../root", NULL };
  RucheBoxProfile profile = { .disk_kib = 1024, .etc = etc };
  g_autoptr (GError) error = NULL;
  RucheBox *box = harness_open ((RucheBoxFactory *)data, &profile, &error);
  g_autofree char *version = NULL;

  g_assert_no_error (error);
  g_assert_true (g_file_get_contents ("/etc/debian_version", &version, NULL, NULL));
  assert_says (box, "cat /etc/debian_version", version);
  assert_says (box, "ls /etc/apt; ls -d /etc/not-there 2>/dev/null", "sources.list.d\n");
  harness_close (box);
  profile.etc = wrong;
  g_assert_null (harness_open ((RucheBoxFactory *)data, &profile, &error));
  g_assert_nonnull (error);
}

int
main (int argc, char **argv)
{
  g_autoptr (RucheBoxFactory) factory = harness_init (&argc, &argv);

#define ADD(path, function)                                                                        \
  g_test_add (path, Fixture, factory, harness_set_up, function, harness_tear_down)
  ADD ("/box/isolation/folders", test_folders);
  ADD ("/box/isolation/read-only", test_read_only);
  ADD ("/box/isolation/network", test_network);
  ADD ("/box/isolation/abstract-socket", test_abstract_socket);
  ADD ("/box/isolation/descriptors", test_descriptors);
  ADD ("/box/isolation/runner-untouched", test_runner_untouched);
  ADD ("/box/isolation/runner-kept", test_runner_kept);
  ADD ("/box/isolation/runner-changed", test_runner_changed);
  ADD ("/box/isolation/kill-everything", test_kill_everything);
  ADD ("/box/isolation/no-privilege", test_no_privilege);
  ADD ("/box/isolation/processes-unseen", test_processes_unseen);
  ADD ("/box/isolation/etc-of-profile", test_etc_of_profile);
  return g_test_run ();
}
