/* ruche-bounds.h: every numeric bound of Ruche
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sizes are in bytes and times in milliseconds unless a name says otherwise. Where a figure comes
 * from the design it is one of the promises made to people; docs/protocol.md repeats those that a
 * peer can meet.
 */
#pragma once

#define RUCHE_KIB 1024
#define RUCHE_MIB (1024 * 1024)

/* The wire. */
#define RUCHE_PROTOCOL_VERSION  1
#define RUCHE_PROTOCOL_OLDEST   1
#define RUCHE_DEFAULT_PORT      7117
#define RUCHE_FRAME_PREFIX_SIZE 8
#define RUCHE_MAX_HEADER_SIZE   (1 * RUCHE_MIB)
#define RUCHE_MAX_PAYLOAD_SIZE  (4 * RUCHE_MIB)
#define RUCHE_MAX_JSON_DEPTH    16
#define RUCHE_PAYLOAD_PART      (256 * RUCHE_KIB) /* how blobs are cut: small enough to interleave */

/* Connections. */
#define RUCHE_HANDSHAKE_TIMEOUT_MS 5000
#define RUCHE_HEARTBEAT_MS         1000  /* a byte at least this often */
#define RUCHE_SUSPECT_MS           3000  /* silent that long: suspect */
#define RUCHE_LOST_MS              10000 /* silent that long: lost */
#define RUCHE_MAX_SEND_QUEUE       (64 * RUCHE_MIB)
#define RUCHE_MAX_CONNECTIONS      4096
#define RUCHE_MAX_HANDSHAKES       256             /* connections that have not said hello yet */
#define RUCHE_OUTPUT_WINDOW        (1 * RUCHE_MIB) /* output sent and not yet acknowledged, a stream */
#define RUCHE_OUTPUT_PART          (64 * RUCHE_KIB) /* output bytes in one message */
#define RUCHE_INPUT_WINDOW         (256 * RUCHE_KIB)
#define RUCHE_RECONNECT_MIN_MS     200
#define RUCHE_RECONNECT_MAX_MS     10000

/* Strings and lists in messages. */
#define RUCHE_MAX_NAME              128  /* of a server, a cluster, a language, a person */
#define RUCHE_MAX_TEXT              4096 /* a sentence for a person */
#define RUCHE_MAX_PATH              255  /* a file's name in a job, folders included */
#define RUCHE_MAX_COMMAND           (64 * RUCHE_KIB)
#define RUCHE_MAX_ARG               (64 * RUCHE_KIB)
#define RUCHE_MAX_ARGS              1024
#define RUCHE_MAX_FLAGS             128
#define RUCHE_MAX_FILES             256
#define RUCHE_MAX_FEATURES          64
#define RUCHE_MAX_TASKS_PER_MESSAGE 4096
#define RUCHE_MAX_TASKS_PER_JOB     1000000
#define RUCHE_MAX_ATTEMPTS          10
#define RUCHE_MAX_SLOTS             4096
#define RUCHE_MAX_SLAVES            4096
#define RUCHE_MAX_TOOLCHAINS        128
#define RUCHE_MAX_SUFFIXES          32
#define RUCHE_MAX_DIAGNOSTICS       200
#define RUCHE_MAX_DIAGNOSTIC_TEXT   2048
#define RUCHE_MAX_ROWS              1000 /* of a listing in one message */

/* Jobs. */
#define RUCHE_MAX_PROGRAM_SIZE     (8 * RUCHE_MIB)
#define RUCHE_MAX_INPUT_SIZE       (64 * RUCHE_MIB)
#define RUCHE_MAX_BATCH_SIZE       (256 * RUCHE_MIB)
#define RUCHE_MAX_TASK_OUTPUT      (4 * RUCHE_MIB)
#define RUCHE_MAX_JOB_OUTPUT       (1024LL * RUCHE_MIB)
#define RUCHE_MAX_COMPILER_OUTPUT  (1 * RUCHE_MIB)
#define RUCHE_MAX_BLOBS_ON_DISK    (2048LL * RUCHE_MIB)
#define RUCHE_MAX_SPOOL            (16LL * 1024 * RUCHE_MIB) /* outputs of all jobs on the master */
#define RUCHE_KEPT_SPOOL           (RUCHE_MAX_SPOOL / 2) /* past that ended jobs are forgotten */
#define RUCHE_MAX_KEPT_JOBS        10000
#define RUCHE_MAX_KEPT_TASKS       2000000              /* of jobs that have ended */
#define RUCHE_MAX_OPEN_WORK        (2048LL * RUCHE_MIB) /* weight of what is submitted or waits */
#define RUCHE_MAX_OPEN_SUBMISSIONS 64                   /* begun and not committed, a connection */

/* Limits of a run: defaults, and how far a submitter may raise them unless the cluster says less.
 */
#define RUCHE_DEFAULT_CPU_MS             10000
#define RUCHE_DEFAULT_WALL_MS            30000
#define RUCHE_DEFAULT_MEMORY_KIB         (512 * 1024)
#define RUCHE_DEFAULT_PROCESSES          64
#define RUCHE_DEFAULT_OUTPUT_BYTES       (4 * RUCHE_MIB)
#define RUCHE_DEFAULT_DISK_KIB           (64 * 1024)
#define RUCHE_DEFAULT_OPEN_FILES         256
#define RUCHE_DEFAULT_COMPILE_CPU_MS     30000
#define RUCHE_DEFAULT_COMPILE_WALL_MS    60000
#define RUCHE_DEFAULT_COMPILE_MEMORY_KIB (1024 * 1024)

#define RUCHE_MAX_CPU_MS       3600000
#define RUCHE_MAX_WALL_MS      7200000
#define RUCHE_MAX_MEMORY_KIB   (16 * 1024 * 1024)
#define RUCHE_MAX_PROCESSES    4096
#define RUCHE_MAX_OUTPUT_BYTES RUCHE_MAX_TASK_OUTPUT
#define RUCHE_MAX_DISK_KIB     (4 * 1024 * 1024)
#define RUCHE_MAX_OPEN_FILES   4096

/* The box. */
#define RUCHE_MAX_BOX_INODES   20000
#define RUCHE_MEMORY_SAMPLE_MS 10
#define RUCHE_BOX_START_MS     20000
#define RUCHE_MAX_STACK_KIB    (64 * 1024) /* and no more than half of the memory limit */
#define RUCHE_KILL_GRACE_MS    2000 /* the slave's own clock runs this much behind the runner's */

/* Attempts of a task before it is `lost`, unless the job says otherwise. */
#define RUCHE_DEFAULT_ATTEMPTS 1
