/* test-ctl.c: what ruchectl says, reads from its command line and ends with
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "ruche-bounds.h"
#include "ruche-ctl-commands.h"
#include "ruche-ctl-job-options.h"
#include "ruche-ctl-table.h"
#include "ruche-ctl-text.h"
#include "ruche-error.h"

#include <string.h>

static RucheResult *
new_result (int verdict, int step)
{
  RucheResult *result = ruche_result_new ();

  result->job = 7;
  result->attempt = 1;
  result->verdict = verdict;
  result->step = step;
  return result;
}

static void
test_exit_status (void)
{
  static const struct
  {
    RucheVerdict verdict;
    int exit_code;
    int signal;
    int status;
  } cases[] = {
    { RUCHE_VERDICT_OK, 0, 0, 0 },
    { RUCHE_VERDICT_RUNTIME_ERROR, 1, 0, 1 },
    { RUCHE_VERDICT_RUNTIME_ERROR, 255, 0, 255 },
    { RUCHE_VERDICT_RUNTIME_ERROR, 124, 0, 124 },
    { RUCHE_VERDICT_SIGNALED, 0, 11, 139 },
    { RUCHE_VERDICT_SIGNALED, 0, 9, 137 },
    { RUCHE_VERDICT_TIME_LIMIT, 0, 9, 124 },
    { RUCHE_VERDICT_WALL_LIMIT, 0, 0, 124 },
    { RUCHE_VERDICT_OUTPUT_LIMIT, 3, 0, 124 },
    { RUCHE_VERDICT_LOST, 0, 0, 125 },
    { RUCHE_VERDICT_INTERNAL_ERROR, 0, 0, 125 },
    { RUCHE_VERDICT_NONE, 0, 0, 125 },
    { RUCHE_VERDICT_COMPILE_ERROR, 1, 0, 126 },
    { RUCHE_VERDICT_CANCELLED, 0, 0, 130 },
    { RUCHE_VERDICT_MEMORY_LIMIT, 0, 9, 137 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (RucheResult) result = new_result (cases[i].verdict, RUCHE_STEP_RUN);
      result->exit_code = cases[i].exit_code;
      result->signal = cases[i].signal;
      g_assert_cmpint (ruche_ctl_exit_status (result), ==, cases[i].status);
    }
}

static void
test_error_status (void)
{
  static const int person[]
      = { RUCHE_ERROR_INVALID,     RUCHE_ERROR_TOO_LARGE, RUCHE_ERROR_VERSION,
          RUCHE_ERROR_DENIED,      RUCHE_ERROR_NOT_FOUND, RUCHE_ERROR_UNAVAILABLE,
          RUCHE_ERROR_UNSUPPORTED, RUCHE_ERROR_NO_SPACE };
  static const int ruche[]
      = { RUCHE_ERROR_FAILED, RUCHE_ERROR_PROTOCOL, RUCHE_ERROR_BUSY, RUCHE_ERROR_CLOSED };

  for (guint i = 0; i < G_N_ELEMENTS (person); i++)
    {
      g_autoptr (GError) error = g_error_new_literal (RUCHE_ERROR, person[i], "x");
      g_assert_cmpint (ruche_ctl_error_status (error), ==, 2);
    }
  for (guint i = 0; i < G_N_ELEMENTS (ruche); i++)
    {
      g_autoptr (GError) error = g_error_new_literal (RUCHE_ERROR, ruche[i], "x");
      g_assert_cmpint (ruche_ctl_error_status (error), ==, 125);
    }
}

static void
test_figures (void)
{
  static const struct
  {
    gint64 value;
    const char *duration;
    const char *memory;
  } cases[] = {
    { 0, "0 ms", "0 KiB" },
    { 999, "999 ms", "999 KiB" },
    { 1250, "1.25 s", "1.2 MiB" },
    { 125000, "2 min 5 s", "122.1 MiB" },
    { 60000, "1 min 0 s", "58.6 MiB" },
    { 3 << 20, "52 min 25 s", "3.0 GiB" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *duration = ruche_ctl_duration (cases[i].value);
      g_autofree char *memory = ruche_ctl_memory (cases[i].value);
      g_assert_cmpstr (duration, ==, cases[i].duration);
      g_assert_cmpstr (memory, ==, cases[i].memory);
    }
}

static void
test_verdicts (void)
{
  g_autoptr (RucheResult) ok = new_result (RUCHE_VERDICT_OK, RUCHE_STEP_RUN);
  g_autoptr (RucheResult) crash = new_result (RUCHE_VERDICT_SIGNALED, RUCHE_STEP_RUN);
  g_autoptr (RucheResult) slow = new_result (RUCHE_VERDICT_TIME_LIMIT, RUCHE_STEP_COMPILE);
  g_autofree char *ok_text = ruche_ctl_verdict (ok);
  g_autofree char *crash_text = NULL;
  g_autofree char *slow_text = ruche_ctl_verdict (slow);
  g_autofree char *none = ruche_ctl_figures (ok);
  g_autofree char *some = NULL;

  crash->signal = 11;
  crash->reason = g_strdup ("stack\noverflow\033[31m");
  crash_text = ruche_ctl_verdict (crash);
  g_assert_cmpstr (ok_text, ==, "Finished, exit status 0");
  g_assert_cmpstr (crash_text, ==, "Crashed (SIGSEGV, Segmentation fault): stack overflow [31m");
  g_assert_nonnull (strstr (slow_text, "while compiling"));
  g_assert_cmpstr (none, ==, "");

  ok->run = ruche_usage_new ();
  ok->run->cpu_ms = 12;
  ok->run->wall_ms = 14;
  ok->run->memory_kib = 3482;
  ok->server = g_strdup ("atelier-2");
  ok->attempt = 2;
  ok->cached = TRUE;
  some = ruche_ctl_figures (ok);
  g_assert_cmpstr (some, ==, "12 ms CPU, 14 ms, 3.4 MiB, on atelier-2, attempt 2, compiled before");
}

static void
test_diagnostics (void)
{
  static const struct
  {
    RucheDiagnostic diagnostic;
    const char *text;
  } cases[] = {
    { { (char *)"a.c", 3, 5, RUCHE_SEVERITY_ERROR, (char *)"boom" }, "a.c:3:5: error: boom" },
    { { (char *)"a.c", 3, 0, RUCHE_SEVERITY_WARNING, (char *)"hm" }, "a.c:3: warning: hm" },
    { { (char *)"a.c", 0, 7, RUCHE_SEVERITY_NOTE, (char *)"so" }, "a.c: note: so" },
    { { NULL, 4, 2, RUCHE_SEVERITY_ERROR, (char *)"ld" }, "error: ld" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = ruche_ctl_diagnostic (&cases[i].diagnostic);
      g_assert_cmpstr (text, ==, cases[i].text);
    }
}

static void
test_table (void)
{
  const char *const titles[] = { "NAME", "STATE", NULL };
  g_autoptr (RucheCtlTable) table = ruche_ctl_table_new (titles);
  g_autofree char *text = NULL;

  ruche_ctl_table_add (table, "é.py");
  ruche_ctl_table_add (table, "fini");
  ruche_ctl_table_add (table, "日本.py");
  ruche_ctl_table_add (table, "");
  ruche_ctl_table_add (table, "e\xcc\x81.c"); /* an accent that stands by itself */
  ruche_ctl_table_add (table, "x");
  ruche_ctl_table_add (table, "\033[2J");
  ruche_ctl_table_add (table, NULL);
  text = ruche_ctl_table_to_text (table);
  g_assert_cmpstr (text, ==,
                   "NAME     STATE\n"
                   "é.py     fini\n"
                   "日本.py\n"
                   "e\xcc\x81.c      x\n"
                   " [2J\n");
}

static void
test_amounts (void)
{
  static const struct
  {
    const char *text;
    gint64 scale;
    gint64 max;
    gint64 value; /* -1: refused */
  } cases[] = {
    { "2", 1000, 3600000, 2000 },
    { "0.5", 1000, 3600000, 500 },
    { "3600", 1000, 3600000, 3600000 },
    { "3601", 1000, 3600000, -1 },
    { "0", 1000, 3600000, -1 },
    { "0.0001", 1000, 3600000, -1 },
    { "-1", 1000, 3600000, -1 },
    { "", 1000, 3600000, -1 },
    { "1e3", 1000, 3600000, -1 },
    { "nan", 1000, 3600000, -1 },
    { "inf", 1000, 3600000, -1 },
    { "0x10", 1000, 3600000, -1 },
    { "1.2.3", 1000, 3600000, -1 },
    { ".", 1000, 3600000, -1 },
    { " 1", 1000, 3600000, -1 },
    { "1 ", 1000, 3600000, -1 },
    { "3", 1, 10, 3 },
    { "2.5", 1, 10, -1 },
    { "99999999999999999999", 1, G_MAXINT64, -1 },
    { "\xff", 1, 10, -1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      gint64 value = -1;
      gboolean fine = ruche_ctl_parse_amount ("cpu", cases[i].text, cases[i].scale, cases[i].max,
                                              &value, &error);
      g_assert_cmpint (fine, ==, cases[i].value >= 0);
      g_assert_cmpint (value, ==, cases[i].value);
      if (!fine)
        {
          g_assert_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID);
          g_assert_true (g_utf8_validate (error->message, -1, NULL));
        }
    }
}

static RucheSubmission *
apply (RucheCtlJobOptions *options, GError **error)
{
  g_autoptr (RucheSubmission) submission = ruche_submission_new (RUCHE_JOB_PROGRAM, "x");

  ruche_submission_add_task (submission);
  if (!ruche_ctl_job_options_apply (options, submission, error))
    return NULL;
  return g_steal_pointer (&submission);
}

static void
test_options (void)
{
  const char *args[] = { "a b", "-x", "é", "", NULL };
  RucheCtlJobOptions options = {
    .language = (char *)"c",
    .args = (char **)args,
    .flags = (char *)"-O2 -DX='a b' \"$(touch x)\"",
    .priority = (char *)"high",
    .server = (char *)"atelier-1",
    .attempts = (char *)"3",
    .cpu = (char *)"0.25",
    .memory = (char *)"64",
    .output = (char *)"0.5",
  };
  const char *const flags[] = { "-O2", "-DX=a b", "$(touch x)", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (RucheSubmission) submission = apply (&options, &error);
  const RucheTaskSpec *task;

  g_assert_no_error (error);
  task = g_ptr_array_index (submission->tasks, 0);
  g_assert_true (g_strv_equal ((const char *const *)submission->spec->flags, flags));
  g_assert_true (g_strv_equal ((const char *const *)task->args, args));
  g_assert_cmpint (submission->spec->priority, ==, RUCHE_PRIORITY_HIGH);
  g_assert_cmpint (submission->spec->attempts, ==, 3);
  g_assert_cmpint (submission->spec->limits->cpu_ms, ==, 250);
  g_assert_cmpint (submission->spec->limits->wall_ms, ==, 0);
  g_assert_cmpint (submission->spec->limits->memory_kib, ==, 64 * 1024);
  g_assert_cmpint (submission->spec->limits->output_bytes, ==, RUCHE_MIB / 2);
  g_assert_cmpstr (submission->spec->server, ==, "atelier-1");
}

static void
test_wrong_options (void)
{
  const char *bytes[] = { "\xff", NULL };
  RucheCtlJobOptions wrong[] = {
    { .cpu = (char *)"soon" },        { .memory = (char *)"17000" },
    { .priority = (char *)"urgent" }, { .attempts = (char *)"11" },
    { .flags = (char *)"'a" },        { .output = (char *)"5" },
    { .args = (char **)bytes },       { .server = bytes[0] != NULL ? (char *)bytes[0] : NULL },
    { .processes = (char *)"4097" },
  };
  RucheCtlJobOptions empty = { .flags = (char *)"" };
  g_autoptr (RucheSubmission) fine = apply (&empty, NULL);

  g_assert_nonnull (fine);
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_null (apply (&wrong[i], &error));
      g_assert_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID);
      g_assert_nonnull (strstr (error->message, "--"));
    }
}

static void
test_commands (void)
{
  static const char *const names[] = { "up",   "down",   "run",    "submit", "jobs",   "show",
                                       "wait", "output", "cancel", "delete", "servers" };
  g_autofree char *help = ruche_ctl_help ();

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_assert_nonnull (ruche_ctl_find_command (names[i]));
      g_assert_nonnull (strstr (help, names[i]));
      g_assert_cmpstr (ruche_ctl_summary (names[i]), !=, "");
    }
  g_assert_null (ruche_ctl_find_command ("batch"));
  g_assert_null (ruche_ctl_find_command (NULL));
}

static void
test_job_numbers (void)
{
  const char *fine[] = { "12", NULL };
  gint64 job = 0;
  int status = 0;
  RucheCtl ctl = { .command = "show" };

  g_assert_true (ruche_ctl_parse_job (&ctl, (char **)fine, &job, &status));
  g_assert_cmpint (job, ==, 12);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ctl/exit-status", test_exit_status);
  g_test_add_func ("/ctl/error-status", test_error_status);
  g_test_add_func ("/ctl/figures", test_figures);
  g_test_add_func ("/ctl/verdicts", test_verdicts);
  g_test_add_func ("/ctl/diagnostics", test_diagnostics);
  g_test_add_func ("/ctl/table", test_table);
  g_test_add_func ("/ctl/amounts", test_amounts);
  g_test_add_func ("/ctl/options", test_options);
  g_test_add_func ("/ctl/wrong-options", test_wrong_options);
  g_test_add_func ("/ctl/commands", test_commands);
  g_test_add_func ("/ctl/job-numbers", test_job_numbers);
  return g_test_run ();
}
