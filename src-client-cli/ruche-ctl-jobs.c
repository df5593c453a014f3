/* ruche-ctl-jobs.c: jobs, wait, cancel and delete
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-ctl-commands.h"

#include "ruche-bounds.h"
#include "ruche-ctl-job-options.h"
#include "ruche-ctl-session.h"
#include "ruche-ctl-table.h"
#include "ruche-ctl-text.h"
#include "ruche-error.h"
#include "ruche-report.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

/* How many jobs people see unless they ask for more. */
#define DEFAULT_ROWS 50

/**
 * ruche_ctl_parse_job:
 * @ctl: the call
 * @rest: the words that are no options: one job's number
 * @job: (out): that number
 * @status: (out): the exit status where @rest is something else
 *
 * Reads the number of a job.
 *
 * Returns: whether there is one
 */
gboolean
ruche_ctl_parse_job (RucheCtl *ctl, char **rest, gint64 *job, int *status)
{
  g_autofree char *shown = NULL;
  guint64 number;

  if (rest[0] == NULL)
    *status = ruche_ctl_wrong (ctl, _ ("name a job by its number; “ruchectl jobs” lists them"));
  else if (rest[1] != NULL)
    *status = ruche_ctl_wrong (ctl, _ ("name one job at a time"));
  else if (g_ascii_string_to_unsigned (rest[0], 10, 1, G_MAXINT64, &number, NULL))
    {
      *job = (gint64)number;
      return TRUE;
    }
  else
    {
      shown = g_utf8_make_valid (rest[0], -1);
      *status
          = ruche_ctl_wrong (ctl, _ ("“%s” is no job’s number; “ruchectl jobs” lists them"), shown);
    }
  return FALSE;
}

static char *
state_text (const RucheJobInfo *info)
{
  switch ((RucheJobState)info->state)
    {
    case RUCHE_JOB_QUEUED:
      return g_strdup (_ ("waiting"));
    case RUCHE_JOB_RUNNING:
      if (info->tasks > 1)
        return g_strdup_printf (_ ("running, %d of %d done"), (int)info->finished,
                                (int)info->tasks);
      return g_strdup (_ ("running"));
    case RUCHE_JOB_FINISHED:
      break;
    }
  return g_strdup (ruche_verdict_label (info->verdict));
}

static char *
jobs_table (GPtrArray *jobs)
{
  const char *const titles[] = { _ ("JOB"),   _ ("STATE"),     _ ("NAME"),   _ ("LANGUAGE"),
                                 _ ("OWNER"), _ ("SUBMITTED"), _ ("SERVER"), NULL };
  g_autoptr (RucheCtlTable) table = ruche_ctl_table_new (titles);

  for (guint i = 0; i < jobs->len; i++)
    {
      const RucheJobInfo *info = g_ptr_array_index (jobs, i);
      ruche_ctl_table_take (table, g_strdup_printf ("%" PRId64, info->job));
      ruche_ctl_table_take (table, state_text (info));
      ruche_ctl_table_add (table, info->name);
      ruche_ctl_table_add (table, info->language);
      ruche_ctl_table_add (table, info->owner);
      ruche_ctl_table_take (table, ruche_ctl_time (info->submitted_ms));
      ruche_ctl_table_add (table, info->server);
    }
  return ruche_ctl_table_to_text (table);
}

/* Asks for jobs, page after page, until there are @limit or no more. */
static GPtrArray *
list_jobs (RucheCtl *ctl, gint64 limit, GError **error)
{
  g_autoptr (GPtrArray) jobs = g_ptr_array_new_with_free_func ((GDestroyNotify)ruche_job_info_free);
  gint64 before = 0;
  gboolean more = TRUE;

  while (more && jobs->len < limit)
    {
      g_autoptr (RucheMessage) request = ruche_message_new (RUCHE_MESSAGE_LIST_JOBS);
      g_autoptr (RucheMessage) answer = NULL;
      RucheListJobs *list = request->body;
      const RucheJobs *page;
      list->before = before;
      list->limit = MIN (limit - jobs->len, RUCHE_MAX_ROWS);
      answer = ruche_ctl_request (ctl, request, RUCHE_MESSAGE_JOBS, error);
      if (answer == NULL)
        return NULL;
      page = answer->body;
      for (guint i = 0; i < page->jobs->len; i++)
        g_ptr_array_add (jobs, ruche_job_info_copy (g_ptr_array_index (page->jobs, i)));
      more = page->more && page->jobs->len > 0;
      if (more)
        before = ((const RucheJobInfo *)g_ptr_array_index (jobs, jobs->len - 1))->job;
    }
  return g_steal_pointer (&jobs);
}

/**
 * ruche_ctl_jobs:
 * @ctl: the call
 * @words: its words
 *
 * Carries out `ruchectl jobs`.
 *
 * Returns: the exit status
 */
int
ruche_ctl_jobs (RucheCtl *ctl, char ***words)
{
  g_autofree char *limit_text = NULL;
  gboolean all = FALSE;
  const GOptionEntry entries[] = {
    { "limit", 'n', 0, G_OPTION_ARG_FILENAME, &limit_text, N_ ("How many at most (50)"),
      N_ ("NUMBER") },
    { "all", 0, 0, G_OPTION_ARG_NONE, &all, N_ ("All that the master still knows"), NULL },
    { NULL },
  };
  g_auto (GStrv) rest = NULL;
  g_autoptr (GPtrArray) jobs = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  g_autofree char *line = NULL;
  gint64 limit = DEFAULT_ROWS;
  int status;

  if (!ruche_ctl_parse (ctl, entries, words, &rest, &status))
    return status;
  if (rest[0] != NULL)
    return ruche_ctl_wrong (ctl, _ ("“jobs” takes no words; “ruchectl show” shows one job"));
  if (!ruche_ctl_parse_amount ("limit", limit_text, 1, RUCHE_MAX_KEPT_JOBS, &limit, &error))
    return ruche_ctl_fail (error);
  if (ruche_ctl_connect (ctl, &error))
    jobs = list_jobs (ctl, all ? G_MAXINT32 : limit, &error);
  if (jobs == NULL)
    return ruche_ctl_fail (error);
  text = ctl->json ? ruche_report_list (&ruche_job_info_schema, jobs) : jobs_table (jobs);
  line = g_strconcat (text, ctl->json ? "\n" : "", NULL);
  return ruche_ctl_print (line) ? 0 : RUCHE_CTL_FAILED;
}

/**
 * ruche_ctl_wait:
 * @ctl: the call
 * @words: its words
 *
 * Carries out `ruchectl wait`.
 *
 * Returns: the exit status that `run` would have ended with
 */
int
ruche_ctl_wait (RucheCtl *ctl, char ***words)
{
  g_auto (GStrv) rest = NULL;
  g_autoptr (RucheCtlSession) session = NULL;
  g_autoptr (GError) error = NULL;
  gint64 job;
  int status;

  if (!ruche_ctl_parse (ctl, NULL, words, &rest, &status)
      || !ruche_ctl_parse_job (ctl, rest, &job, &status))
    return status;
  if (!ruche_ctl_connect (ctl, &error))
    return ruche_ctl_fail (error);
  session = ruche_ctl_session_new (ctl, 0);
  return ruche_ctl_session_follow (session, job);
}

static int
request_done (RucheCtl *ctl, RucheMessage *request)
{
  g_autoptr (RucheMessage) answer = NULL;
  g_autoptr (GError) error = NULL;

  if (ruche_ctl_connect (ctl, &error))
    answer = ruche_ctl_request (ctl, request, RUCHE_MESSAGE_DONE, &error);
  return answer != NULL ? 0 : ruche_ctl_fail (error);
}

/**
 * ruche_ctl_cancel:
 * @ctl: the call
 * @words: its words
 *
 * Carries out `ruchectl cancel`. A job that has ended is left as it is.
 *
 * Returns: the exit status
 */
int
ruche_ctl_cancel (RucheCtl *ctl, char ***words)
{
  g_autoptr (RucheMessage) request = ruche_message_new (RUCHE_MESSAGE_CANCEL);
  g_auto (GStrv) rest = NULL;
  int status;

  if (!ruche_ctl_parse (ctl, NULL, words, &rest, &status)
      || !ruche_ctl_parse_job (ctl, rest, &((RucheCancel *)request->body)->job, &status))
    return status;
  return request_done (ctl, request);
}

/**
 * ruche_ctl_delete:
 * @ctl: the call
 * @words: its words
 *
 * Carries out `ruchectl delete`.
 *
 * Returns: the exit status
 */
int
ruche_ctl_delete (RucheCtl *ctl, char ***words)
{
  g_autoptr (RucheMessage) request = ruche_message_new (RUCHE_MESSAGE_DELETE);
  g_auto (GStrv) rest = NULL;
  int status;

  if (!ruche_ctl_parse (ctl, NULL, words, &rest, &status)
      || !ruche_ctl_parse_job (ctl, rest, &((RucheDelete *)request->body)->job, &status))
    return status;
  return request_done (ctl, request);
}
