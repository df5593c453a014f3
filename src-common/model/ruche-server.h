/* ruche-server.h: servers and what they offer
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-types.h"

G_BEGIN_DECLS

/**
 * RucheToolchain:
 * @language: the word that jobs use: "cpp"
 * @name: for people: "C++"
 * @version: "12.2.0"
 * @package: (nullable): the system's package and its version: "g++-12 12.2.0-14"
 * @architecture: "x86_64"
 * @suffixes: (nullable): of its sources, without the dot, the preferred one first
 * @main_pattern: (nullable): a regular expression (PCRE) that finds the start of a program in a
 *   source; the file where it matches is the main one
 * @class_pattern: (nullable): for languages that start a class: the first group is its name; the
 *   classes around the match of @main_pattern count
 * @package_pattern: (nullable): the first group is what stands before the class, with a dot
 * @main_names: (nullable): file names that are main by convention
 * @comments: (nullable): "c" where comments and literals look as in C, so that patterns skip them
 *
 * A way to compile and run a language, as a slave offers it. The command lines stay on the slave.
 */
typedef struct
{
  char *language;
  char *name;
  char *version;
  char *package;
  char *architecture;
  char **suffixes;
  char *main_pattern;
  char *class_pattern;
  char *package_pattern;
  char **main_names;
  char *comments;
} RucheToolchain;

RUCHE_DECLARE_STRUCT (RucheToolchain, ruche_toolchain)

/**
 * RucheLoad:
 * @cpu: share of all cores in use over the last second, 0 to 1
 * @memory_used_kib: in use, without caches
 * @memory_total_kib: installed
 * @running: attempts running now
 * @load1: the system's load average of one minute
 *
 * How busy a server is.
 */
typedef struct
{
  double cpu;
  gint64 memory_used_kib;
  gint64 memory_total_kib;
  gint64 running;
  double load1;
} RucheLoad;

RUCHE_DECLARE_STRUCT (RucheLoad, ruche_load)

/**
 * RucheServerInfo:
 * @name: its name, unique in the cluster
 * @state: ready, suspect or lost
 * @since_ms: time of day at which that state began
 * @slots: attempts that it runs at once
 * @busy: attempts that it holds now
 * @cores: processors
 * @isolation: what enforces limits there
 * @version: of Ruche there
 * @load: (nullable): as last reported
 * @load_age_ms: how old that is
 * @toolchains: (element-type RucheToolchain): what it offers
 *
 * A server as people see it.
 */
typedef struct
{
  char *name;
  int state; /* RucheServerState */
  gint64 since_ms;
  gint64 slots;
  gint64 busy;
  gint64 cores;
  int isolation; /* RucheIsolation */
  char *version;
  RucheLoad *load;
  gint64 load_age_ms;
  GPtrArray *toolchains;
} RucheServerInfo;

RUCHE_DECLARE_STRUCT (RucheServerInfo, ruche_server_info)

G_END_DECLS
