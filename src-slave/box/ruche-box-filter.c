/* ruche-box-filter.c: the system calls that a step may not make
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Built here by libseccomp and loaded by the step's child just before its exec, so that the runner
 * is not bound by it. What is refused is a kernel door that ordinary programs have no use for, or a
 * way to reach another process's limits; the answer is an errno, so that a program which only asks
 * goes on. Calls of another ABI (32-bit, x32) are answered with ENOSYS.
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-box-filter.h"

#include "ruche-box-private.h"

#include "ruche-error.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <linux/ioprio.h>
#include <linux/sched.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

/* Many arguments are of 32 bits, and the kernel ignores what stands above them. Where a value is
 * refused, the comparison ignores it too; where all but one value are refused, it need not. */
#define LOW_32     0xffffffffu
#define MAX_FILTER (4096 * 8) /* BPF_MAXINSNS instructions */
#define NAMESPACES                                                                                 \
  (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID      \
   | CLONE_NEWNET)

/* Refused whatever the arguments are. */
static const char *const forbidden[] = {
  /* mounts and namespaces */
  "mount",
  "umount",
  "umount2",
  "mount_setattr",
  "move_mount",
  "open_tree",
  "fsopen",
  "fsconfig",
  "fsmount",
  "fspick",
  "pivot_root",
  "chroot",
  "setns",
  "sethostname",
  "setdomainname",
  /* other processes */
  "ptrace",
  "process_vm_readv",
  "process_vm_writev",
  "process_madvise",
  "pidfd_getfd",
  "kcmp",
  "migrate_pages",
  "move_pages",
  /* the kernel's insides */
  "bpf",
  "perf_event_open",
  "kexec_load",
  "kexec_file_load",
  "init_module",
  "finit_module",
  "create_module",
  "delete_module",
  "query_module",
  "get_kernel_syms",
  "lookup_dcookie",
  "syslog",
  "acct",
  "reboot",
  "swapon",
  "swapoff",
  "quotactl",
  "quotactl_fd",
  "nfsservctl",
  "vhangup",
  "iopl",
  "ioperm",
  "modify_ldt",
  "vm86",
  "vm86old",
  "uselib",
  "_sysctl",
  "fanotify_init",
  "open_by_handle_at",
  "name_to_handle_at",
  /* keys and clocks */
  "add_key",
  "request_key",
  "keyctl",
  "clock_settime",
  "clock_settime64",
  "settimeofday",
  "stime",
  "adjtimex",
  "clock_adjtime",
  "clock_adjtime64",
};

/* Answered as by a kernel that lacks them: libraries then take the older way. clone3 is one, for
 * its flags lie in memory where no filter can read them. Memory that is only held and not mapped
 * is seen by no sampler, so it is not to be had. */
static const char *const unknown[] = {
  "clone3",      "io_uring_setup", "io_uring_enter", "io_uring_register",
  "userfaultfd", "memfd_create",   "memfd_secret",   "shmget",
  "shmat",       "shmdt",          "shmctl",
};

static gboolean
add (scmp_filter_ctx filter, int error, const char *name, guint n, const struct scmp_arg_cmp *args)
{
  int number = seccomp_syscall_resolve_name (name);

  /* An architecture may lack a call, and libseccomp a name. */
  if (number == __NR_SCMP_ERROR)
    return TRUE;
  return seccomp_rule_add_array (filter, SCMP_ACT_ERRNO (error), number, n, args) == 0;
}

static gboolean
refuse_names (scmp_filter_ctx filter, int error, const char *const *names, gsize n)
{
  for (gsize i = 0; i < n; i++)
    if (!add (filter, error, names[i], 0, NULL))
      return FALSE;
  return TRUE;
}

/* Limits, priorities and processors of other processes: the runner is one. 0 is the caller. */
static gboolean
refuse_others (scmp_filter_ctx filter)
{
  static const struct
  {
    const char *name;
    guint who;
  } calls[] = {
    { "prlimit64", 0 },      { "sched_setaffinity", 0 }, { "sched_setscheduler", 0 },
    { "sched_setparam", 0 }, { "sched_setattr", 0 },     { "setpriority", 1 },
    { "ioprio_set", 1 },
  };
  const struct scmp_arg_cmp groups[]
      = { SCMP_CMP64 (0, SCMP_CMP_MASKED_EQ, LOW_32, PRIO_PGRP),
          SCMP_CMP64 (0, SCMP_CMP_MASKED_EQ, LOW_32, PRIO_USER),
          SCMP_CMP64 (0, SCMP_CMP_MASKED_EQ, LOW_32, IOPRIO_WHO_PGRP),
          SCMP_CMP64 (0, SCMP_CMP_MASKED_EQ, LOW_32, IOPRIO_WHO_USER) };

  for (gsize i = 0; i < G_N_ELEMENTS (calls); i++)
    {
      const struct scmp_arg_cmp other = SCMP_CMP64 (calls[i].who, SCMP_CMP_NE, 0);

      if (!add (filter, EPERM, calls[i].name, 1, &other))
        return FALSE;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (groups); i++)
    if (!add (filter, EPERM, i < 2 ? "setpriority" : "ioprio_set", 1, &groups[i]))
      return FALSE;
  return TRUE;
}

static gboolean
refuse_namespaces (scmp_filter_ctx filter)
{
  for (guint bit = 0; bit < 32; bit++)
    {
      const guint64 flag = UINT64_C (1) << bit;
      const struct scmp_arg_cmp arg = SCMP_CMP64 (0, SCMP_CMP_MASKED_EQ, flag, flag);

      if ((NAMESPACES & flag) != 0
          && (!add (filter, EPERM, "clone", 1, &arg) || !add (filter, EPERM, "unshare", 1, &arg)))
        return FALSE;
    }
  /* In clone() these bits are a signal's number. */
  const struct scmp_arg_cmp time = SCMP_CMP64 (0, SCMP_CMP_MASKED_EQ, CLONE_NEWTIME, CLONE_NEWTIME);
  return add (filter, EPERM, "unshare", 1, &time);
}

/* Sockets: local ones, IPv4 and IPv6 (the box has a loopback), and the routing queries of libc. */
static gboolean
refuse_sockets (scmp_filter_ctx filter)
{
  static const int internet[] = { AF_INET, AF_INET6 };
  const struct scmp_arg_cmp newer = SCMP_CMP64 (0, SCMP_CMP_GT, AF_NETLINK);

  if (!add (filter, EAFNOSUPPORT, "socket", 1, &newer))
    return FALSE;
  for (guint family = 0; family < AF_NETLINK; family++)
    {
      const struct scmp_arg_cmp arg = SCMP_CMP64 (0, SCMP_CMP_EQ, family);

      if (family != AF_UNIX && family != AF_INET && family != AF_INET6
          && !add (filter, EAFNOSUPPORT, "socket", 1, &arg))
        return FALSE;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (internet); i++)
    {
      const struct scmp_arg_cmp raw[]
          = { SCMP_CMP64 (0, SCMP_CMP_MASKED_EQ, LOW_32, (guint)internet[i]),
              SCMP_CMP64 (1, SCMP_CMP_MASKED_EQ, 0xf, SOCK_RAW) };
      if (!add (filter, EPERM, "socket", G_N_ELEMENTS (raw), raw))
        return FALSE;
    }
  return TRUE;
}

/* Typing into a terminal from below, and another execution domain. */
static gboolean
refuse_odd (scmp_filter_ctx filter)
{
  const struct scmp_arg_cmp sti = SCMP_CMP64 (1, SCMP_CMP_MASKED_EQ, LOW_32, TIOCSTI);
  const struct scmp_arg_cmp linux_console = SCMP_CMP64 (1, SCMP_CMP_MASKED_EQ, LOW_32, TIOCLINUX);
  const struct scmp_arg_cmp persona = SCMP_CMP64 (0, SCMP_CMP_NE, LOW_32);

  return add (filter, EPERM, "ioctl", 1, &sti) && add (filter, EPERM, "ioctl", 1, &linux_console)
         && add (filter, EPERM, "personality", 1, &persona);
}

static gboolean
fill (scmp_filter_ctx filter)
{
  return seccomp_attr_set (filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO (ENOSYS)) == 0
         && seccomp_attr_set (filter, SCMP_FLTATR_CTL_OPTIMIZE, 2) == 0
         && refuse_names (filter, EPERM, forbidden, G_N_ELEMENTS (forbidden))
         && refuse_names (filter, ENOSYS, unknown, G_N_ELEMENTS (unknown))
         && refuse_namespaces (filter) && refuse_others (filter) && refuse_sockets (filter)
         && refuse_odd (filter);
}

/* libseccomp writes to a descriptor only; the bytes are then read back to be sealed. */
static GBytes *
export_program (scmp_filter_ctx filter)
{
  g_autofree guint8 *program = g_malloc (MAX_FILTER);
  int fd = memfd_create ("filter", MFD_CLOEXEC);
  gssize size = -1;

  if (fd < 0)
    return NULL;
  if (seccomp_export_bpf (filter, fd) == 0 && lseek (fd, 0, SEEK_SET) == 0)
    size = read (fd, program, MAX_FILTER);
  close (fd);
  if (size <= 0 || size == MAX_FILTER)
    return NULL;
  return g_bytes_new (program, (gsize)size);
}

/**
 * ruche_box_filter_new:
 * @error: return location for an error
 *
 * Builds the filter of all steps, for the architecture that this is.
 *
 * Returns: a sealed descriptor that holds the BPF program, or -1 with %RUCHE_ERROR_UNAVAILABLE
 */
int
ruche_box_filter_new (GError **error)
{
  scmp_filter_ctx filter = seccomp_init (SCMP_ACT_ALLOW);
  g_autoptr (GBytes) program = filter != NULL && fill (filter) ? export_program (filter) : NULL;

  if (filter != NULL)
    seccomp_release (filter);
  if (program != NULL)
    return ruche_box_memory_new ("filter", g_bytes_get_data (program, NULL),
                                 g_bytes_get_size (program), FALSE, error);
  g_set_error_literal (error, RUCHE_ERROR, RUCHE_ERROR_UNAVAILABLE,
                       _ ("The filter of system calls could not be built by libseccomp."));
  return -1;
}
