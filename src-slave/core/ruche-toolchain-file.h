/* ruche-toolchain-file.h: how a slave compiles and runs a language, read from a file
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * docs/toolchains.md says what stands in such a file. Command lines are lists of arguments, never
 * a shell's: nothing that a submitter writes is ever taken apart again.
 */
#pragma once

#include "ruche-diagnostics.h"
#include "ruche-job.h"
#include "ruche-server.h"

G_BEGIN_DECLS

/**
 * RucheToolchainFile:
 * @file_name: where it was read from, for errors
 * @language: the word that jobs use
 * @name: for people
 * @suffixes: of sources, without the dot
 * @main_names: (nullable): file names that are main by convention
 * @main_pattern: (nullable): finds where a program begins
 * @class_pattern: (nullable): its first group is a class's name
 * @package_pattern: (nullable): its first group is the package's name
 * @comments: (nullable): "c" where comments and literals look as in C
 * @requires: absolute paths of programs that must exist for the language to be offered
 * @version: the command that prints the version; run inside a box
 * @version_pattern: (nullable): its first group, or all of it, is the version
 * @package: (nullable): the command whose first line names the system's package; run outside
 * @compile: (nullable): the compile step's command, with tokens; %NULL for interpreters
 * @run: the run step's command, with tokens
 * @compile_env: (nullable): NAME=value of the compile step, and of asking for the version
 * @run_env: (nullable): NAME=value of the run step
 * @etc: (nullable): absolute paths under /etc that the box needs
 * @compile_diagnostics: how to read what the compiler prints
 * @run_diagnostics: how to read the standard error of a program that failed
 * @memory_percent: of the memory limit less @memory_reserve_mib, for {memory_mib}
 * @memory_reserve_mib: MiB left to the runtime itself
 * @memory_status: how the runtime ends when {memory_mib} was not enough: an exit status, or 128 and
 *   the number of a signal; 0 where it has no such end
 *
 * A toolchain as its file describes it.
 */
typedef struct
{
  char *file_name;
  char *language;
  char *name;
  char **suffixes;
  char **main_names;
  char *main_pattern;
  char *class_pattern;
  char *package_pattern;
  char *comments;
  char **requires;
  char **version;
  char *version_pattern;
  char **package;
  char **compile;
  char **run;
  char **compile_env;
  char **run_env;
  char **etc;
  RucheDiagnosticsKind compile_diagnostics;
  RucheDiagnosticsKind run_diagnostics;
  gint64 memory_percent;
  gint64 memory_reserve_mib;
  gint64 memory_status;
} RucheToolchainFile;

RucheToolchainFile *
ruche_toolchain_file_parse (const char *text, gssize length, const char *file_name, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
void
ruche_toolchain_file_free (RucheToolchainFile *self);

RucheToolchain *
ruche_toolchain_file_offer (const RucheToolchainFile *self,
                            const char *version_output,
                            const char *package_output,
                            const char *architecture,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;

char **
ruche_toolchain_file_compile_argv (const RucheToolchainFile *self,
                                   const RucheJobSpec *job,
                                   const RucheLimits *limits);
char **
ruche_toolchain_file_run_argv (const RucheToolchainFile *self,
                               const RucheJobSpec *job,
                               const RucheTaskSpec *task,
                               const RucheLimits *limits);
char **
ruche_command_argv (const RucheTaskSpec *task);

char *
ruche_toolchain_file_output_name (const RucheJobSpec *job);
gint64
ruche_toolchain_file_memory_mib (const RucheToolchainFile *self, gint64 limit_kib);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RucheToolchainFile, ruche_toolchain_file_free)

G_END_DECLS
