/* ruche-toolchain-argv.c: the command lines of a job, made from its toolchain's
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-toolchain-file.h"

#include "ruche-bounds.h"
#include "ruche-program-text.h"

#include <string.h>

#define OUTPUT            "program"
#define SMALLEST_HEAP_MIB 16

/* What the tokens of one command line stand for. */
typedef struct
{
  const RucheToolchainFile *toolchain;
  const RucheJobSpec *job;
  const RucheTaskSpec *task; /* (nullable) */
  char *main;
  char *output;
  char *memory_mib;
} Values;

/* To a compiler a name that begins with “@” or “+” may mean more than a file. */
static char *
plain_name (const char *name)
{
  if (g_ascii_isalnum (*name) || *name == '_' || *name == '.' || ((guchar)*name & 0x80) != 0)
    return g_strdup (name);
  return g_strconcat ("./", name, NULL);
}

static gboolean
is_source (const RucheToolchainFile *self, const char *name)
{
  const RucheToolchain suffixes_only = { .suffixes = self->suffixes };

  return ruche_program_text_is_source (&suffixes_only, name);
}

/* As ruche_program_text_find_main() sees it: where no suffix fits, the language was forced and all
 * files are sources. */
static void
add_files (const Values *values, gboolean sources_only, GPtrArray *argv)
{
  gboolean any = FALSE;

  for (guint i = 0; sources_only && !any && i < values->job->files->len; i++)
    any = is_source (values->toolchain,
                     ((const RucheFile *)g_ptr_array_index (values->job->files, i))->name);
  for (guint i = 0; i < values->job->files->len; i++)
    {
      const RucheFile *file = g_ptr_array_index (values->job->files, i);
      if (!any || is_source (values->toolchain, file->name))
        g_ptr_array_add (argv, plain_name (file->name));
    }
}

static void
add_strv (char *const *strings, GPtrArray *argv)
{
  for (guint i = 0; strings != NULL && strings[i] != NULL; i++)
    g_ptr_array_add (argv, g_strdup (strings[i]));
}

/* Tokens within an argument; what they stand for is not looked at again. */
static char *
expand_words (const Values *values, const char *text)
{
  const struct
  {
    const char *token;
    const char *value;
  } words[] = {
    { "{main}", values->main },
    { "{main_class}", values->job->main_class },
    { "{output}", values->output },
    { "{memory_mib}", values->memory_mib },
  };
  g_autoptr (GString) result = g_string_new (NULL);

  while (*text != '\0')
    {
      gboolean found = FALSE;
      for (guint i = 0; !found && i < G_N_ELEMENTS (words); i++)
        if (g_str_has_prefix (text, words[i].token))
          {
            g_string_append (result, words[i].value != NULL ? words[i].value : "");
            text += strlen (words[i].token);
            found = TRUE;
          }
      if (!found)
        g_string_append_c (result, *text++);
    }
  return g_string_free (g_steal_pointer (&result), FALSE);
}

static char **
expand (const RucheToolchainFile *self,
        char *const *template,
        const RucheJobSpec *job,
        const RucheTaskSpec *task,
        const RucheLimits *limits)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *main = plain_name (job->main != NULL ? job->main : "");
  g_autofree char *output = ruche_toolchain_file_output_name (job);
  g_autofree char *memory = g_strdup_printf (
      "%" G_GINT64_FORMAT, ruche_toolchain_file_memory_mib (self, limits->memory_kib));
  const Values values = { self, job, task, main, output, memory };

  for (guint i = 0; template[i] != NULL; i++)
    if (strcmp (template[i], "{sources}") == 0)
      add_files (&values, TRUE, argv);
    else if (strcmp (template[i], "{files}") == 0)
      add_files (&values, FALSE, argv);
    else if (strcmp (template[i], "{flags}") == 0)
      add_strv (job->flags, argv);
    else if (strcmp (template[i], "{args}") == 0)
      add_strv (task != NULL ? task->args : NULL, argv);
    else
      g_ptr_array_add (argv, expand_words (&values, template[i]));
  g_ptr_array_add (argv, NULL);
  return (char **)g_ptr_array_free (g_steal_pointer (&argv), FALSE);
}

/**
 * ruche_toolchain_file_compile_argv:
 * @self: a toolchain
 * @job: a program in its language
 * @limits: of the compile step, none of them 0
 *
 * Makes the compile step's command line.
 *
 * Returns: (transfer full) (nullable): it, or %NULL where the language has no compile step
 */
char **
ruche_toolchain_file_compile_argv (const RucheToolchainFile *self,
                                   const RucheJobSpec *job,
                                   const RucheLimits *limits)
{
  return self->compile != NULL ? expand (self, self->compile, job, NULL, limits) : NULL;
}

/**
 * ruche_toolchain_file_run_argv:
 * @self: a toolchain
 * @job: a program in its language
 * @task: the task to run
 * @limits: of the run, none of them 0
 *
 * Makes the run step's command line.
 *
 * Returns: (transfer full): it
 */
char **
ruche_toolchain_file_run_argv (const RucheToolchainFile *self,
                               const RucheJobSpec *job,
                               const RucheTaskSpec *task,
                               const RucheLimits *limits)
{
  return expand (self, self->run, job, task, limits);
}

/**
 * ruche_command_argv:
 * @task: a task of a job of commands
 *
 * Makes the command line of a shell command; the shell is Bash, as in a person's terminal.
 *
 * Returns: (transfer full): it
 */
char **
ruche_command_argv (const RucheTaskSpec *task)
{
  const char *const argv[]
      = { "/usr/bin/bash", "-c", "--", task->command != NULL ? task->command : "", NULL };

  return g_strdupv ((char **)argv);
}

/**
 * ruche_toolchain_file_output_name:
 * @job: a program
 *
 * Chooses the name of the compiled program, so that it is none of the job's own files and folders.
 *
 * Returns: (transfer full): the name, without a folder
 */
char *
ruche_toolchain_file_output_name (const RucheJobSpec *job)
{
  g_autofree char *name = g_strdup (OUTPUT);

  for (guint n = 1; n <= RUCHE_MAX_FILES + 1; n++)
    {
      gboolean taken = FALSE;
      for (guint i = 0; !taken && i < job->files->len; i++)
        {
          const char *file = ((const RucheFile *)g_ptr_array_index (job->files, i))->name;
          gsize first = strcspn (file, "/");
          taken = strlen (name) == first && strncmp (name, file, first) == 0;
        }
      if (!taken)
        break;
      g_free (name);
      name = g_strdup_printf (OUTPUT "-%u", n);
    }
  return g_steal_pointer (&name);
}

/**
 * ruche_toolchain_file_memory_mib:
 * @self: a toolchain
 * @limit_kib: the memory limit of the step, KiB
 *
 * Works out {memory_mib}: what a runtime may give to the program itself.
 *
 * Returns: MiB, at least 16
 */
gint64
ruche_toolchain_file_memory_mib (const RucheToolchainFile *self, gint64 limit_kib)
{
  gint64 mib = (limit_kib / RUCHE_KIB - self->memory_reserve_mib) * self->memory_percent / 100;

  return MAX (mib, SMALLEST_HEAP_MIB);
}
