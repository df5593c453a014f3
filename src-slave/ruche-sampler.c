/* ruche-sampler.c: how busy this machine is
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the kernel says in /proc is read by pure functions; only ruche_sampler_read() opens files.
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-sampler.h"

#include <string.h>

struct _RucheSampler
{
  RucheCpuTimes last;
};

/* The columns of /proc/stat; later ones are parts of earlier ones. */
enum
{
  STAT_USER,
  STAT_NICE,
  STAT_SYSTEM,
  STAT_IDLE,
  STAT_IOWAIT,
  STAT_IRQ,
  STAT_SOFTIRQ,
  STAT_STEAL,
  N_STAT
};

/**
 * ruche_sampler_parse_stat:
 * @text: the text of /proc/stat
 * @times: (out): what all cores together did, in clock ticks
 *
 * Reads the line "cpu". Time stolen by other virtual machines counts as busy, since nobody here
 * can have it; waiting for a disk counts as idle.
 *
 * Returns: whether that line was there and complete
 */
gboolean
ruche_sampler_parse_stat (const char *text, RucheCpuTimes *times)
{
  guint64 ticks[N_STAT] = { 0 };
  const char *at = g_str_has_prefix (text, "cpu ") ? text + 4 : strstr (text, "\ncpu ");

  if (at == NULL)
    return FALSE;
  if (*at == '\n')
    at += 5;
  for (guint i = 0; i < N_STAT; i++)
    {
      char *end = NULL;
      at += strspn (at, " ");
      if (!g_ascii_isdigit (*at))
        return FALSE;
      ticks[i] = g_ascii_strtoull (at, &end, 10);
      at = end;
    }
  times->busy = ticks[STAT_USER] + ticks[STAT_NICE] + ticks[STAT_SYSTEM] + ticks[STAT_IRQ]
                + ticks[STAT_SOFTIRQ] + ticks[STAT_STEAL];
  times->total = times->busy + ticks[STAT_IDLE] + ticks[STAT_IOWAIT];
  return TRUE;
}

static gboolean
find_kib (const char *text, const char *key, gint64 *value)
{
  gsize length = strlen (key);

  for (const char *line = text; line != NULL && *line != '\0';)
    {
      if (strncmp (line, key, length) == 0 && line[length] == ':')
        {
          const char *digits = line + length + 1;
          digits += strspn (digits, " \t");
          if (!g_ascii_isdigit (*digits))
            return FALSE;
          *value = g_ascii_strtoll (digits, NULL, 10);
          return TRUE;
        }
      line = strchr (line, '\n');
      if (line != NULL)
        line++;
    }
  return FALSE;
}

/**
 * ruche_sampler_parse_meminfo:
 * @text: the text of /proc/meminfo
 * @total_kib: (out): memory installed, in KiB
 * @available_kib: (out): what programs could still have without swapping, in KiB
 *
 * Reads MemTotal and MemAvailable.
 *
 * Returns: whether both were there
 */
gboolean
ruche_sampler_parse_meminfo (const char *text, gint64 *total_kib, gint64 *available_kib)
{
  return find_kib (text, "MemTotal", total_kib) && find_kib (text, "MemAvailable", available_kib)
         && *available_kib <= *total_kib;
}

/**
 * ruche_sampler_parse_loadavg:
 * @text: the text of /proc/loadavg
 * @load1: (out): the load average of one minute
 *
 * Reads the first number.
 *
 * Returns: whether it was there
 */
gboolean
ruche_sampler_parse_loadavg (const char *text, double *load1)
{
  if (!g_ascii_isdigit (*text))
    return FALSE;
  *load1 = g_ascii_strtod (text, NULL);
  return TRUE;
}

/**
 * ruche_sampler_share:
 * @before: an earlier reading
 * @after: a later one
 *
 * Computes the share of all cores that was busy between two readings.
 *
 * Returns: from 0 to 1; 0 where no time went by or the counters went backwards
 */
double
ruche_sampler_share (const RucheCpuTimes *before, const RucheCpuTimes *after)
{
  if (after->total <= before->total || after->busy < before->busy)
    return 0;
  return CLAMP ((double)(after->busy - before->busy) / (double)(after->total - before->total), 0,
                1);
}

static char *
read_proc (const char *path)
{
  g_autoptr (GError) error = NULL;
  char *text = NULL;

  if (!g_file_get_contents (path, &text, NULL, &error))
    g_debug ("%s", error->message);
  return text != NULL ? text : g_strdup ("");
}

/**
 * ruche_sampler_new:
 *
 * Makes a sampler; its first reading tells the load since now.
 *
 * Returns: (transfer full): the sampler
 */
RucheSampler *
ruche_sampler_new (void)
{
  RucheSampler *self = g_new0 (RucheSampler, 1);
  g_autofree char *stat = read_proc ("/proc/stat");

  ruche_sampler_parse_stat (stat, &self->last);
  return self;
}

/**
 * ruche_sampler_free:
 * @self: (nullable) (transfer full): a sampler
 *
 * Frees @self.
 */
void
ruche_sampler_free (RucheSampler *self)
{
  g_free (self);
}

/**
 * ruche_sampler_read:
 * @self: a sampler
 *
 * Reads how busy the machine was since the last call. What can't be read is 0; the number of
 * running attempts is the caller's to fill in.
 *
 * Returns: (transfer full): the load
 */
RucheLoad *
ruche_sampler_read (RucheSampler *self)
{
  RucheLoad *load = ruche_load_new ();
  RucheCpuTimes now = self->last;
  gint64 available = 0;
  g_autofree char *stat = read_proc ("/proc/stat");
  g_autofree char *meminfo = read_proc ("/proc/meminfo");
  g_autofree char *loadavg = read_proc ("/proc/loadavg");

  if (ruche_sampler_parse_stat (stat, &now))
    load->cpu = ruche_sampler_share (&self->last, &now);
  self->last = now;
  if (ruche_sampler_parse_meminfo (meminfo, &load->memory_total_kib, &available))
    load->memory_used_kib = load->memory_total_kib - available;
  ruche_sampler_parse_loadavg (loadavg, &load->load1);
  return load;
}
