/* test-toolchain.c: toolchain files, those that are shipped included, and their command lines
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "ruche-bounds.h"
#include "ruche-error.h"
#include "ruche-toolchain-file.h"

#include <string.h>

#define MINIMAL                                                                                    \
  "[Toolchain]\nlanguage=x\nname=X\nsuffixes=x;y\nrequires=/usr/bin/x\nversion=/usr/bin/x;-v\n"

static RucheToolchainFile *
load_shipped (const char *name)
{
  g_autofree char *path
      = g_build_filename (g_getenv ("RUCHE_SOURCE_DIR"), "data", "toolchains", name, NULL);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  gsize length = 0;

  g_file_get_contents (path, &text, &length, &error);
  g_assert_no_error (error);
  RucheToolchainFile *file = ruche_toolchain_file_parse (text, length, name, &error);
  g_assert_no_error (error);
  return file;
}

static RucheJobSpec *
make_job (const char *language, const char *const *files)
{
  RucheJobSpec *job = ruche_job_spec_new ();

  job->language = g_strdup (language);
  job->main = g_strdup (files[0]);
  for (guint i = 0; files[i] != NULL; i++)
    {
      RucheFile *file = ruche_file_new ();
      file->name = g_strdup (files[i]);
      file->blob = ruche_blob_digest ("", 0);
      g_ptr_array_add (job->files, file);
    }
  return job;
}

static void
assert_argv (char **argv, const char *expected)
{
  g_autofree char *joined = g_strjoinv ("|", argv);

  g_assert_cmpstr (joined, ==, expected);
  g_strfreev (argv);
}

/* Every shipped file is read, and offers what its command for the version really prints. */
static void
test_shipped (void)
{
  static const struct
  {
    const char *file;
    const char *prints;
    const char *version;
  } cases[] = {
    { "bash.toolchain", "GNU bash, version 5.2.15(1)-release (x86_64-pc-linux-gnu)\n", "5.2.15" },
    { "c.toolchain", "12.2.0\n", "12.2.0" },
    { "cpp.toolchain", "12.2.0\n", "12.2.0" },
    { "fortran.toolchain", "12.2.0\n", "12.2.0" },
    { "go.toolchain", "go version go1.19.8 linux/amd64\n", "1.19.8" },
    { "java.toolchain", "javac 17.0.15\n", "17.0.15" },
    { "javascript.toolchain", "v18.19.0\n", "18.19.0" },
    { "pascal.toolchain", "3.2.2\n", "3.2.2" },
    { "perl.toolchain", "v5.36.0", "5.36.0" },
    { "python.toolchain", "Python 3.11.2\n", "3.11.2" },
    { "rust.toolchain", "rustc 1.63.0\n", "1.63.0" },
  };
  g_autofree char *folder
      = g_build_filename (g_getenv ("RUCHE_SOURCE_DIR"), "data", "toolchains", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  guint n_files = 0;

  while ((name = g_dir_read_name (dir)) != NULL)
    n_files += g_str_has_suffix (name, ".toolchain");
  g_assert_cmpuint (n_files, ==, G_N_ELEMENTS (cases));
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (RucheToolchainFile) file = load_shipped (cases[i].file);
      g_autoptr (GError) error = NULL;
      g_autoptr (RucheToolchain) offer = ruche_toolchain_file_offer (
          file, cases[i].prints, "package 1.0-1\nmore\n", "x86_64", &error);
      g_assert_no_error (error);
      g_assert_cmpstr (offer->version, ==, cases[i].version);
      g_assert_cmpstr (offer->package, ==, "package 1.0-1");
      g_assert_cmpstr (offer->architecture, ==, "x86_64");
      g_assert_nonnull (offer->suffixes[0]);
    }
}

static void
test_bad_files (void)
{
  static const struct
  {
    const char *text;
    const char *says;
  } cases[] = {
    { "", "[Toolchain]" },
    { "[Other]\n", "[Toolchain]" },
    { "nonsense", "bad.toolchain" },
    { "[Toolchain]\nlanguage=x\n", "missing" },
    { MINIMAL, "run" },
    { MINIMAL "run=/usr/bin/x\nrnu=/usr/bin/x\n", "rnu" },
    { MINIMAL "run=\n", "run" },
    { MINIMAL "run=x;{main}\n", "whole path" },
    { MINIMAL "run=/usr/bin/x;{mian}\n", "{mian}" },
    { MINIMAL "run=/usr/bin/x;-f{args}\n", "{args}" },
    { MINIMAL "run=/usr/bin/x;{main_class}\n", "class-pattern" },
    { MINIMAL "run=./{output}\n", "compile" },
    { MINIMAL "run=./{output}\ncompile=/usr/bin/x;{args}\n", "{args}" },
    { MINIMAL "run=/usr/bin/x\nmain-pattern=(\n", "main-pattern" },
    { MINIMAL "run=/usr/bin/x\nclass-pattern=x\n", "main-pattern" },
    { MINIMAL "run=/usr/bin/x\ncomments=lisp\n", "comments" },
    { MINIMAL "run=/usr/bin/x\netc=/root/.ssh\n", "/etc/" },
    { MINIMAL "run=/usr/bin/x\netc=/etc/../root\n", "etc" },
    { MINIMAL "run=/usr/bin/x\netc=relative\n", "etc" },
    { MINIMAL "run=/usr/bin/x\nmemory-percent=0\n", "memory-percent" },
    { MINIMAL "run=/usr/bin/x\nmemory-percent=101\n", "memory-percent" },
    { MINIMAL "run=/usr/bin/x\nmemory-reserve-mib=-1\n", "memory-reserve-mib" },
    { MINIMAL "run=/usr/bin/x\ncompile-diagnostics=xml\n", "compile-diagnostics" },
    { MINIMAL "run=/usr/bin/x\nname=\xff\n", "name" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_null (ruche_toolchain_file_parse (cases[i].text, -1, "bad.toolchain", &error));
      g_assert_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID);
      g_assert_nonnull (strstr (error->message, cases[i].says));
      g_assert_true (g_str_has_prefix (error->message, "bad.toolchain: "));
    }
}

static void
test_no_version (void)
{
  g_autoptr (RucheToolchainFile) file = load_shipped ("c.toolchain");
  g_autoptr (GError) error = NULL;

  g_assert_null (ruche_toolchain_file_offer (file, "not a number\xff", NULL, "x86_64", &error));
  g_assert_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID);
}

static void
test_long_version (void)
{
  g_autoptr (RucheToolchainFile) file = load_shipped ("c.toolchain");
  g_autofree char *digits = g_strnfill (RUCHE_MAX_NAME + 1, '1');
  g_autoptr (GString) package = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < RUCHE_MAX_NAME; i++)
    g_string_append (package, "é");
  g_autoptr (RucheToolchain) offer
      = ruche_toolchain_file_offer (file, digits, package->str, "x86_64", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (strlen (offer->version), ==, RUCHE_MAX_NAME);
  g_assert_true (g_utf8_validate (offer->package, -1, NULL));
  g_assert_cmpuint (strlen (offer->package), <=, RUCHE_MAX_NAME);
}

/* Whatever a submitter writes stays one argument, and braces in it are just braces. */
static void
test_argv (void)
{
  static const char *const files[]
      = { "mon programme é.x", "dir/b.y", "@file.x", "data.txt", "program", NULL };
  static const char *const flags[] = { "-DX={main} ; rm", "$(id)", NULL };
  static const char *const args[] = { "", "a b", "{main}", "\n", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (RucheToolchainFile) file = ruche_toolchain_file_parse (
      MINIMAL "compile=/usr/bin/x;-o;{output};-m{memory_mib}M;{flags};{sources};{files};{}\n"
              "run=./{output};--main={main},{output};{args};{files}\n"
              "memory-reserve-mib=24\nmemory-percent=50\n",
      -1, "x.toolchain", &error);
  g_autoptr (RucheJobSpec) job = make_job ("x", files);
  g_autoptr (RucheTaskSpec) task = ruche_task_spec_new ();
  RucheLimits limits;

  g_assert_no_error (error);
  ruche_limits_default_compile (&limits);
  job->flags = g_strdupv ((char **)flags);
  task->args = g_strdupv ((char **)args);
  assert_argv (ruche_toolchain_file_compile_argv (file, job, &limits),
               "/usr/bin/x|-o|program-1|-m500M|-DX={main} ; rm|$(id)"
               "|mon programme é.x|dir/b.y|./@file.x"
               "|mon programme é.x|dir/b.y|./@file.x|data.txt|program|{}");
  assert_argv (ruche_toolchain_file_run_argv (file, job, task, &limits),
               "./program-1|--main=mon programme é.x,program-1||a b|{main}|\n"
               "|mon programme é.x|dir/b.y|./@file.x|data.txt|program");
}

static void
test_shipped_argv (void)
{
  static const char *const c_files[] = { "a.c", "b.c", "a.h", NULL };
  static const char *const forced[] = { "a.txt", NULL };
  g_autoptr (RucheToolchainFile) c = load_shipped ("c.toolchain");
  g_autoptr (RucheToolchainFile) java = load_shipped ("java.toolchain");
  g_autoptr (RucheToolchainFile) python = load_shipped ("python.toolchain");
  g_autoptr (RucheJobSpec) job = make_job ("c", c_files);
  g_autoptr (RucheJobSpec) other = make_job ("c", forced);
  g_autoptr (RucheTaskSpec) task = ruche_task_spec_new ();
  RucheLimits limits;

  ruche_limits_default_run (&limits);
  assert_argv (ruche_toolchain_file_compile_argv (c, job, &limits),
               "/usr/bin/gcc|-std=gnu17|-O2|-g|-Wall|-fdiagnostics-format=json|-fmax-errors=100|-o"
               "|program|-x|c|a.c|b.c|-x|none|-lm");
  assert_argv (ruche_toolchain_file_compile_argv (c, other, &limits),
               "/usr/bin/gcc|-std=gnu17|-O2|-g|-Wall|-fdiagnostics-format=json|-fmax-errors=100|-o"
               "|program|-x|c|a.txt|-x|none|-lm");
  assert_argv (ruche_toolchain_file_run_argv (c, job, task, &limits), "./program");
  g_assert_null (ruche_toolchain_file_compile_argv (python, job, &limits));
  job->main_class = g_strdup ("p.Main$In");
  assert_argv (ruche_toolchain_file_run_argv (java, job, task, &limits),
               "/usr/bin/"
               "java|-Xmx416m|-XX:+ExitOnOutOfMemoryError|-XX:+DisplayVMOutputToStderr|-XX:+"
               "UseSerialGC|-XX:TieredStopAtLevel=1|-Xshare:auto"
               "|-XX:-UsePerfData|-cp|.|p.Main$In");
}

static void
test_output_name (void)
{
  static const char *const plain[] = { "a.c", "programs", NULL };
  static const char *const folder[] = { "program/a.c", "program-1", NULL };
  g_autoptr (RucheJobSpec) first = make_job ("c", plain);
  g_autoptr (RucheJobSpec) second = make_job ("c", folder);
  g_autofree char *a = ruche_toolchain_file_output_name (first);
  g_autofree char *b = ruche_toolchain_file_output_name (second);

  g_assert_cmpstr (a, ==, "program");
  g_assert_cmpstr (b, ==, "program-2");
}

static void
test_command (void)
{
  g_autoptr (RucheTaskSpec) task = ruche_task_spec_new ();

  task->command = g_strdup ("echo \"$HOME\"; false");
  assert_argv (ruche_command_argv (task), "/usr/bin/bash|-c|--|echo \"$HOME\"; false");
}

static void
test_memory (void)
{
  g_autoptr (RucheToolchainFile) java = load_shipped ("java.toolchain");
  g_autoptr (RucheToolchainFile) c = load_shipped ("c.toolchain");

  g_assert_cmpint (ruche_toolchain_file_memory_mib (java, 512 * 1024), ==, 416);
  g_assert_cmpint (ruche_toolchain_file_memory_mib (java, 112 * 1024), ==, 16);
  g_assert_cmpint (ruche_toolchain_file_memory_mib (java, 1), ==, 16);
  g_assert_cmpint (ruche_toolchain_file_memory_mib (c, 512 * 1024), ==, 512);
  g_assert_cmpint (java->memory_status, ==, 3);
  g_assert_cmpint (c->memory_status, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/toolchain/shipped", test_shipped);
  g_test_add_func ("/toolchain/bad-files", test_bad_files);
  g_test_add_func ("/toolchain/no-version", test_no_version);
  g_test_add_func ("/toolchain/long-version", test_long_version);
  g_test_add_func ("/toolchain/argv", test_argv);
  g_test_add_func ("/toolchain/shipped-argv", test_shipped_argv);
  g_test_add_func ("/toolchain/output-name", test_output_name);
  g_test_add_func ("/toolchain/command", test_command);
  g_test_add_func ("/toolchain/memory", test_memory);
  return g_test_run ();
}
