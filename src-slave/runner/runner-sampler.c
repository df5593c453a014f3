/* runner-sampler.c: what the processes of the box use, as /proc tells it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * For machines without a delegated cgroup. Resident sizes count shared pages once for each process,
 * so only where their sum is past the limit are the proportional sizes read, which cost more.
 */
#include "runner.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statfs.h>
#include <unistd.h>

/* Reads a small file of /proc; a process may be gone at any moment. */
static bool
read_text (int proc, const char *pid, const char *name, char *text, size_t size)
{
  char path[64];
  CLEANUP (runner_close) int fd = -1;
  ssize_t n;

  if (snprintf (path, sizeof path, "%s/%s", pid, name) >= (int)sizeof path)
    return false;
  fd = openat (proc, path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return false;
  n = read (fd, text, size - 1);
  if (n <= 0)
    return false;
  text[n] = '\0';
  return true;
}

/* Adds what one line of /proc/PID/stat says. A program chooses its own name there, so the figures
 * are looked for behind the last bracket: utime is the 12th of them, rss the 22nd. */
static void
add_stat (const char *text, struct runner_sample *sample, uint64_t *rss_kib)
{
  const char *at = strrchr (text, ')');
  unsigned long long utime, stime, rss;
  long long cutime, cstime;
  uint64_t tick_us = 1000000 / sysconf (_SC_CLK_TCK);

  if (at == NULL
      || sscanf (at + 1,
                 " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu %lld %lld"
                 " %*d %*d %*d %*d %*u %*u %llu",
                 &utime, &stime, &cutime, &cstime, &rss)
             != 5)
    return;
  sample->cpu_us += (utime + stime + cutime + cstime) * tick_us;
  *rss_kib = rss * (sysconf (_SC_PAGESIZE) / 1024);
}

/* The proportional size; where a process hides it, its resident size stands. */
static uint64_t
proportional_kib (int proc, const char *pid, uint64_t rss_kib)
{
  char text[2048];
  const char *at;
  unsigned long long kib;

  if (!read_text (proc, pid, "smaps_rollup", text, sizeof text))
    return rss_kib;
  at = strstr (text, "\nPss:");
  return at != NULL && sscanf (at + 5, "%llu", &kib) == 1 ? kib : rss_kib;
}

static uint64_t
sum_memory (DIR *proc, bool proportional, struct runner_sample *sample)
{
  uint64_t sum = 0;

  rewinddir (proc);
  for (struct dirent *entry; (entry = readdir (proc)) != NULL;)
    {
      char text[1024];
      uint64_t kib = 0;
      const char *pid = entry->d_name;

      /* Process 1 is the runner. */
      if (pid[strspn (pid, "0123456789")] != '\0' || strcmp (pid, "1") == 0)
        continue;
      if (!read_text (dirfd (proc), pid, "stat", text, sizeof text))
        continue;
      add_stat (text, sample, &kib);
      sum += proportional ? proportional_kib (dirfd (proc), pid, kib) : kib;
    }
  return sum;
}

/**
 * runner_sampler_look:
 * @proc: the box's /proc
 * @memory_limit_kib: below this, a rougher figure will do
 * @sample: (out): what is in use
 *
 * Sums up all processes but the runner.
 *
 * Returns: whether the memory stands within the limit
 */
bool
runner_sampler_look (DIR *proc, uint64_t memory_limit_kib, struct runner_sample *sample)
{
  memset (sample, 0, sizeof *sample);
  sample->memory_kib = sum_memory (proc, false, sample);
  if (sample->memory_kib <= memory_limit_kib)
    return true;
  memset (sample, 0, sizeof *sample);
  sample->memory_kib = sum_memory (proc, true, sample);
  return sample->memory_kib <= memory_limit_kib;
}

/**
 * runner_sampler_inodes:
 * @folders: descriptors of the writable places, each a file system of its own
 * @n: how many
 *
 * Counts the files in the box, each of which costs the kernel memory however small it is.
 *
 * Returns: the number of inodes in use
 */
uint64_t
runner_sampler_inodes (const int *folders, unsigned int n)
{
  uint64_t sum = 0;

  for (unsigned int i = 0; i < n; i++)
    {
      struct statfs st;

      if (fstatfs (folders[i], &st) == 0 && st.f_files >= st.f_ffree)
        sum += st.f_files - st.f_ffree;
    }
  return sum;
}
