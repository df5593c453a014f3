/* ruche-server.c: servers and what they offer
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-server.h"

#include "ruche-bounds.h"

RUCHE_DEFINE_STRUCT (
    RucheToolchain,
    ruche_toolchain,
    RUCHE_FIELD_STRING_REQ (RucheToolchain, language, "language", RUCHE_MAX_NAME),
    RUCHE_FIELD_STRING_REQ (RucheToolchain, name, "name", RUCHE_MAX_NAME),
    RUCHE_FIELD_STRING (RucheToolchain, version, "version", RUCHE_MAX_NAME),
    RUCHE_FIELD_STRING (RucheToolchain, package, "package", RUCHE_MAX_NAME),
    RUCHE_FIELD_STRING (RucheToolchain, architecture, "architecture", RUCHE_MAX_NAME),
    RUCHE_FIELD_STRV (RucheToolchain, suffixes, "suffixes", RUCHE_MAX_SUFFIXES, RUCHE_MAX_NAME),
    RUCHE_FIELD_STRING (RucheToolchain, main_pattern, "main_pattern", RUCHE_MAX_TEXT),
    RUCHE_FIELD_STRING (RucheToolchain, class_pattern, "class_pattern", RUCHE_MAX_TEXT),
    RUCHE_FIELD_STRING (RucheToolchain, package_pattern, "package_pattern", RUCHE_MAX_TEXT),
    RUCHE_FIELD_STRV (RucheToolchain, main_names, "main_names", RUCHE_MAX_SUFFIXES, RUCHE_MAX_PATH),
    RUCHE_FIELD_STRING (RucheToolchain, comments, "comments", RUCHE_MAX_NAME))

RUCHE_DEFINE_STRUCT (
    RucheLoad,
    ruche_load,
    RUCHE_FIELD_REAL (RucheLoad, cpu, "cpu", 0, 1),
    RUCHE_FIELD_INT (RucheLoad, memory_used_kib, "memory_used_kib", 0, G_MAXINT64, 0),
    RUCHE_FIELD_INT (RucheLoad, memory_total_kib, "memory_total_kib", 0, G_MAXINT64, 0),
    RUCHE_FIELD_INT (RucheLoad, running, "running", 0, RUCHE_MAX_SLOTS, 0),
    RUCHE_FIELD_REAL (RucheLoad, load1, "load1", 0, 1e6))

RUCHE_DEFINE_STRUCT (
    RucheServerInfo,
    ruche_server_info,
    RUCHE_FIELD_STRING_REQ (RucheServerInfo, name, "name", RUCHE_MAX_NAME),
    RUCHE_FIELD_ENUM_REQ (RucheServerInfo, state, "state", &ruche_server_state_type),
    RUCHE_FIELD_INT (RucheServerInfo, since_ms, "since_ms", 0, G_MAXINT64, 0),
    RUCHE_FIELD_INT (RucheServerInfo, slots, "slots", 0, RUCHE_MAX_SLOTS, 0),
    RUCHE_FIELD_INT (RucheServerInfo, busy, "busy", 0, G_MAXINT32, 0),
    RUCHE_FIELD_INT (RucheServerInfo, cores, "cores", 0, RUCHE_MAX_SLOTS, 0),
    RUCHE_FIELD_ENUM (
        RucheServerInfo, isolation, "isolation", &ruche_isolation_type, RUCHE_ISOLATION_RLIMIT),
    RUCHE_FIELD_STRING (RucheServerInfo, version, "version", RUCHE_MAX_NAME),
    RUCHE_FIELD_OBJECT (RucheServerInfo, load, "load", &ruche_load_schema),
    RUCHE_FIELD_INT (RucheServerInfo, load_age_ms, "load_age_ms", 0, G_MAXINT64, 0),
    RUCHE_FIELD_LIST (
        RucheServerInfo, toolchains, "toolchains", &ruche_toolchain_schema, RUCHE_MAX_TOOLCHAINS))
