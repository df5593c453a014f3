/* ruche-messages.c: the tables of every message
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-messages.h"

#include "ruche-bounds.h"

#define MAX_FEATURE RUCHE_MAX_NAME
#define MAX_BLOBS   4096
#define MAX_SERIAL  G_MAXINT64

#define SERIAL(T)     RUCHE_FIELD_INT_REQ (T, serial, "serial", 1, MAX_SERIAL)
#define JOB(T)        RUCHE_FIELD_INT_REQ (T, job, "job", 1, G_MAXINT64)
#define TASK(T)       RUCHE_FIELD_INT_REQ (T, task, "task", 0, RUCHE_MAX_TASKS_PER_JOB - 1)
#define ATTEMPT(T)    RUCHE_FIELD_INT_REQ (T, attempt, "attempt", 1, RUCHE_MAX_ATTEMPTS)
#define OFFSET(T)     RUCHE_FIELD_INT_REQ (T, offset, "offset", 0, G_MAXINT64)
#define STREAM(T)     RUCHE_FIELD_ENUM_REQ (T, stream, "stream", &ruche_stream_type)
#define SUBMISSION(T) RUCHE_FIELD_STRING_REQ (T, submission, "submission", 32)

/* A message's struct and table; only the pointers below are seen outside. */
#define MESSAGE(T, prefix, ...)                                                                    \
  static const RucheField prefix##_fields[] = { __VA_ARGS__, RUCHE_FIELD_END };                    \
  static const RucheSchema prefix##_schema = { #T, sizeof (T), prefix##_fields };

RUCHE_DEFINE_STRUCT (RucheCursor,
                     ruche_cursor,
                     TASK (RucheCursor),
                     ATTEMPT (RucheCursor),
                     STREAM (RucheCursor),
                     OFFSET (RucheCursor))

RUCHE_DEFINE_STRUCT (
    RucheDispatchTask,
    ruche_dispatch_task,
    TASK (RucheDispatchTask),
    ATTEMPT (RucheDispatchTask),
    RUCHE_FIELD_OBJECT_REQ (RucheDispatchTask, spec, "spec", &ruche_task_spec_schema))

RUCHE_DEFINE_STRUCT (
    RucheDispatchJob,
    ruche_dispatch_job,
    JOB (RucheDispatchJob),
    RUCHE_FIELD_OBJECT_REQ (RucheDispatchJob, spec, "spec", &ruche_job_spec_schema),
    RUCHE_FIELD_LIST (
        RucheDispatchJob, tasks, "tasks", &ruche_dispatch_task_schema, RUCHE_MAX_TASKS_PER_MESSAGE))

MESSAGE (RucheHello,
         hello,
         RUCHE_FIELD_INT_REQ (RucheHello, protocol, "protocol", 1, G_MAXINT32),
         RUCHE_FIELD_INT_REQ (RucheHello, oldest, "oldest", 1, G_MAXINT32),
         RUCHE_FIELD_ENUM_REQ (RucheHello, role, "role", &ruche_role_type),
         RUCHE_FIELD_STRING_REQ (RucheHello, name, "name", RUCHE_MAX_NAME),
         RUCHE_FIELD_STRING (RucheHello, token, "token", RUCHE_MAX_NAME),
         RUCHE_FIELD_STRV (RucheHello, features, "features", RUCHE_MAX_FEATURES, MAX_FEATURE))
MESSAGE (RucheWelcome,
         welcome,
         RUCHE_FIELD_INT_REQ (RucheWelcome, protocol, "protocol", 1, G_MAXINT32),
         RUCHE_FIELD_STRING_REQ (RucheWelcome, cluster, "cluster", RUCHE_MAX_NAME),
         RUCHE_FIELD_INT_REQ (RucheWelcome, epoch, "epoch", 1, G_MAXINT64),
         RUCHE_FIELD_INT_REQ (RucheWelcome, session, "session", 1, G_MAXINT64),
         RUCHE_FIELD_STRING (RucheWelcome, person, "person", RUCHE_MAX_NAME),
         RUCHE_FIELD_STRING (RucheWelcome, version, "version", RUCHE_MAX_NAME),
         RUCHE_FIELD_STRV (RucheWelcome, features, "features", RUCHE_MAX_FEATURES, MAX_FEATURE))
MESSAGE (RucheRefused,
         refused,
         RUCHE_FIELD_STRING_REQ (RucheRefused, code, "code", RUCHE_MAX_NAME),
         RUCHE_FIELD_STRING_REQ (RucheRefused, message, "message", RUCHE_MAX_TEXT),
         RUCHE_FIELD_INT (RucheRefused, protocol, "protocol", 0, G_MAXINT32, 0),
         RUCHE_FIELD_INT (RucheRefused, oldest, "oldest", 0, G_MAXINT32, 0))
MESSAGE (RucheErrorMessage,
         error,
         RUCHE_FIELD_STRING_REQ (RucheErrorMessage, code, "code", RUCHE_MAX_NAME),
         RUCHE_FIELD_STRING_REQ (RucheErrorMessage, message, "message", RUCHE_MAX_TEXT))
MESSAGE (RuchePing, ping, RUCHE_FIELD_INT (RuchePing, reserved, "reserved", 0, 0, 0))
MESSAGE (RuchePut,
         put,
         RUCHE_FIELD_DIGEST_REQ (RuchePut, blob, "blob"),
         OFFSET (RuchePut),
         RUCHE_FIELD_INT_REQ (RuchePut, total, "total", 0, RUCHE_MAX_BATCH_SIZE))
MESSAGE (RucheOutput,
         output,
         JOB (RucheOutput),
         TASK (RucheOutput),
         ATTEMPT (RucheOutput),
         STREAM (RucheOutput),
         OFFSET (RucheOutput),
         RUCHE_FIELD_BOOL (RucheOutput, end, "end", FALSE))
MESSAGE (RucheOutputAck,
         output_ack,
         JOB (RucheOutputAck),
         TASK (RucheOutputAck),
         ATTEMPT (RucheOutputAck),
         STREAM (RucheOutputAck),
         OFFSET (RucheOutputAck))
MESSAGE (RucheInput,
         input,
         JOB (RucheInput),
         TASK (RucheInput),
         OFFSET (RucheInput),
         RUCHE_FIELD_BOOL (RucheInput, end, "end", FALSE))
MESSAGE (RucheInputAck,
         input_ack,
         JOB (RucheInputAck),
         TASK (RucheInputAck),
         OFFSET (RucheInputAck),
         RUCHE_FIELD_BOOL (RucheInputAck, closed, "closed", FALSE))

MESSAGE (RucheSubmitBegin,
         submit_begin,
         SERIAL (RucheSubmitBegin),
         SUBMISSION (RucheSubmitBegin),
         RUCHE_FIELD_OBJECT_REQ (RucheSubmitBegin, spec, "spec", &ruche_job_spec_schema),
         RUCHE_FIELD_LIST (RucheSubmitBegin, inputs, "inputs", &ruche_file_schema, RUCHE_MAX_FILES))
MESSAGE (RucheSubmitPart,
         submit_part,
         SUBMISSION (RucheSubmitPart),
         RUCHE_FIELD_INT_REQ (RucheSubmitPart, first, "first", 0, RUCHE_MAX_TASKS_PER_JOB),
         RUCHE_FIELD_LIST (
             RucheSubmitPart, tasks, "tasks", &ruche_task_spec_schema, RUCHE_MAX_TASKS_PER_MESSAGE))
MESSAGE (RucheSubmitCommit,
         submit_commit,
         SERIAL (RucheSubmitCommit),
         SUBMISSION (RucheSubmitCommit),
         RUCHE_FIELD_INT_REQ (RucheSubmitCommit, tasks, "tasks", 1, RUCHE_MAX_TASKS_PER_JOB))
MESSAGE (RucheFollow,
         follow,
         SERIAL (RucheFollow),
         JOB (RucheFollow),
         RUCHE_FIELD_BOOL (RucheFollow, output, "output", TRUE),
         RUCHE_FIELD_LIST (
             RucheFollow, cursors, "cursors", &ruche_cursor_schema, RUCHE_MAX_TASKS_PER_MESSAGE))
MESSAGE (RucheUnfollow, unfollow, JOB (RucheUnfollow))
MESSAGE (RucheCancel, cancel, SERIAL (RucheCancel), JOB (RucheCancel))
MESSAGE (RucheDelete, delete, SERIAL (RucheDelete), JOB (RucheDelete))
MESSAGE (RucheListJobs,
         list_jobs,
         SERIAL (RucheListJobs),
         RUCHE_FIELD_INT (RucheListJobs, before, "before", 0, G_MAXINT64, 0),
         RUCHE_FIELD_INT (RucheListJobs, limit, "limit", 0, RUCHE_MAX_ROWS, 0))
MESSAGE (RucheShowJob,
         show_job,
         SERIAL (RucheShowJob),
         JOB (RucheShowJob),
         RUCHE_FIELD_INT (RucheShowJob, first, "first", 0, RUCHE_MAX_TASKS_PER_JOB, 0))
MESSAGE (RucheReadOutput,
         read_output,
         SERIAL (RucheReadOutput),
         JOB (RucheReadOutput),
         TASK (RucheReadOutput),
         RUCHE_FIELD_INT (RucheReadOutput, attempt, "attempt", 0, RUCHE_MAX_ATTEMPTS, 0),
         STREAM (RucheReadOutput),
         OFFSET (RucheReadOutput),
         RUCHE_FIELD_INT_REQ (RucheReadOutput, length, "length", 1, RUCHE_MAX_PAYLOAD_SIZE))
MESSAGE (RucheListServers, list_servers, SERIAL (RucheListServers))
MESSAGE (RucheSubscribe,
         subscribe,
         SERIAL (RucheSubscribe),
         RUCHE_FIELD_BOOL (RucheSubscribe, servers, "servers", FALSE),
         RUCHE_FIELD_BOOL (RucheSubscribe, jobs, "jobs", FALSE))

MESSAGE (RucheNeed,
         need,
         SERIAL (RucheNeed),
         RUCHE_FIELD_STRV (RucheNeed, blobs, "blobs", MAX_BLOBS, 64))
MESSAGE (RucheSubmitted, submitted, SERIAL (RucheSubmitted), JOB (RucheSubmitted))
MESSAGE (RucheDone, done, SERIAL (RucheDone))
MESSAGE (RucheFailed,
         failed,
         SERIAL (RucheFailed),
         RUCHE_FIELD_STRING_REQ (RucheFailed, code, "code", RUCHE_MAX_NAME),
         RUCHE_FIELD_STRING_REQ (RucheFailed, message, "message", RUCHE_MAX_TEXT))
MESSAGE (RucheJobs,
         jobs,
         SERIAL (RucheJobs),
         RUCHE_FIELD_LIST (RucheJobs, jobs, "jobs", &ruche_job_info_schema, RUCHE_MAX_ROWS),
         RUCHE_FIELD_BOOL (RucheJobs, more, "more", FALSE))
MESSAGE (RucheJob,
         job,
         SERIAL (RucheJob),
         RUCHE_FIELD_OBJECT_REQ (RucheJob, info, "info", &ruche_job_info_schema),
         RUCHE_FIELD_OBJECT (RucheJob, spec, "spec", &ruche_job_spec_schema),
         RUCHE_FIELD_LIST (RucheJob, tasks, "tasks", &ruche_task_status_schema, RUCHE_MAX_ROWS),
         RUCHE_FIELD_LIST (RucheJob, results, "results", &ruche_result_schema, RUCHE_MAX_ROWS),
         RUCHE_FIELD_INT (RucheJob, next, "next", 0, RUCHE_MAX_TASKS_PER_JOB, 0))
MESSAGE (RucheOutputPart,
         output_part,
         SERIAL (RucheOutputPart),
         RUCHE_FIELD_INT (RucheOutputPart, attempt, "attempt", 0, RUCHE_MAX_ATTEMPTS, 0),
         OFFSET (RucheOutputPart),
         RUCHE_FIELD_INT_REQ (RucheOutputPart, total, "total", 0, G_MAXINT64),
         RUCHE_FIELD_BOOL (RucheOutputPart, end, "end", FALSE))
MESSAGE (RucheServers,
         servers,
         SERIAL (RucheServers),
         RUCHE_FIELD_LIST (
             RucheServers, servers, "servers", &ruche_server_info_schema, RUCHE_MAX_SLAVES))
MESSAGE (RucheStatus,
         status,
         RUCHE_FIELD_LIST (
             RucheStatus, tasks, "tasks", &ruche_task_status_schema, RUCHE_MAX_TASKS_PER_MESSAGE),
         RUCHE_FIELD_STRING (RucheStatus, waiting, "waiting", RUCHE_MAX_TEXT))
MESSAGE (RucheResults,
         results,
         RUCHE_FIELD_LIST (
             RucheResults, results, "results", &ruche_result_schema, RUCHE_MAX_TASKS_PER_MESSAGE))
MESSAGE (RucheJobFinished,
         job_finished,
         RUCHE_FIELD_OBJECT_REQ (RucheJobFinished, info, "info", &ruche_job_info_schema))
MESSAGE (
    RucheFeed,
    feed,
    RUCHE_FIELD_LIST (RucheFeed, servers, "servers", &ruche_server_info_schema, RUCHE_MAX_SLAVES),
    RUCHE_FIELD_STRV (RucheFeed, gone, "gone", RUCHE_MAX_SLAVES, RUCHE_MAX_NAME),
    RUCHE_FIELD_LIST (RucheFeed, jobs, "jobs", &ruche_job_info_schema, RUCHE_MAX_ROWS),
    RUCHE_FIELD_INT (RucheFeed, queued, "queued", 0, G_MAXINT64, 0),
    RUCHE_FIELD_INT (RucheFeed, running, "running", 0, G_MAXINT64, 0),
    RUCHE_FIELD_INT (RucheFeed, slots, "slots", 0, G_MAXINT64, 0))

MESSAGE (RucheOffer,
         offer,
         RUCHE_FIELD_INT_REQ (RucheOffer, slots, "slots", 1, RUCHE_MAX_SLOTS),
         RUCHE_FIELD_INT_REQ (RucheOffer, cores, "cores", 1, RUCHE_MAX_SLOTS),
         RUCHE_FIELD_INT (RucheOffer, memory_kib, "memory_kib", 0, G_MAXINT64, 0),
         RUCHE_FIELD_ENUM_REQ (RucheOffer, isolation, "isolation", &ruche_isolation_type),
         RUCHE_FIELD_STRING (RucheOffer, version, "version", RUCHE_MAX_NAME),
         RUCHE_FIELD_LIST (
             RucheOffer, toolchains, "toolchains", &ruche_toolchain_schema, RUCHE_MAX_TOOLCHAINS),
         RUCHE_FIELD_LIST (
             RucheOffer, held, "held", &ruche_attempt_id_schema, RUCHE_MAX_TASKS_PER_MESSAGE))
MESSAGE (RucheLoadMessage,
         load,
         RUCHE_FIELD_OBJECT_REQ (RucheLoadMessage, load, "load", &ruche_load_schema))
MESSAGE (RucheGet, get, RUCHE_FIELD_STRV (RucheGet, blobs, "blobs", MAX_BLOBS, 64))
MESSAGE (RucheStarted,
         started,
         RUCHE_FIELD_LIST (
             RucheStarted, tasks, "tasks", &ruche_task_status_schema, RUCHE_MAX_TASKS_PER_MESSAGE))
MESSAGE (RucheFinished,
         finished,
         RUCHE_FIELD_LIST (
             RucheFinished, results, "results", &ruche_result_schema, RUCHE_MAX_TASKS_PER_MESSAGE))
MESSAGE (RucheLeaving, leaving, RUCHE_FIELD_STRING (RucheLeaving, reason, "reason", RUCHE_MAX_TEXT))

MESSAGE (RucheDispatch,
         dispatch,
         RUCHE_FIELD_INT_REQ (RucheDispatch, epoch, "epoch", 1, G_MAXINT64),
         RUCHE_FIELD_LIST (
             RucheDispatch, jobs, "jobs", &ruche_dispatch_job_schema, RUCHE_MAX_TASKS_PER_MESSAGE))
MESSAGE (RucheStop,
         stop,
         RUCHE_FIELD_LIST (RucheStop,
                           attempts,
                           "attempts",
                           &ruche_attempt_id_schema,
                           RUCHE_MAX_TASKS_PER_MESSAGE))
MESSAGE (RucheMissing, missing, RUCHE_FIELD_STRV (RucheMissing, blobs, "blobs", MAX_BLOBS, 64))
MESSAGE (RucheAck, ack, RUCHE_FIELD_INT (RucheAck, reserved, "reserved", 0, 0, 0))

/* name in C, constant, word on the wire */
#define ALL_MESSAGES(X)                                                                            \
  X (hello, HELLO, "hello")                                                                        \
  X (welcome, WELCOME, "welcome")                                                                  \
  X (refused, REFUSED, "refused")                                                                  \
  X (error, ERROR, "error")                                                                        \
  X (ping, PING, "ping")                                                                           \
  X (put, PUT, "put")                                                                              \
  X (output, OUTPUT, "output")                                                                     \
  X (output_ack, OUTPUT_ACK, "output-ack")                                                         \
  X (input, INPUT, "input")                                                                        \
  X (input_ack, INPUT_ACK, "input-ack")                                                            \
  X (submit_begin, SUBMIT_BEGIN, "submit-begin")                                                   \
  X (submit_part, SUBMIT_PART, "submit-part")                                                      \
  X (submit_commit, SUBMIT_COMMIT, "submit-commit")                                                \
  X (follow, FOLLOW, "follow")                                                                     \
  X (unfollow, UNFOLLOW, "unfollow")                                                               \
  X (cancel, CANCEL, "cancel")                                                                     \
  X (delete, DELETE, "delete")                                                                     \
  X (list_jobs, LIST_JOBS, "list-jobs")                                                            \
  X (show_job, SHOW_JOB, "show-job")                                                               \
  X (read_output, READ_OUTPUT, "read-output")                                                      \
  X (list_servers, LIST_SERVERS, "list-servers")                                                   \
  X (subscribe, SUBSCRIBE, "subscribe")                                                            \
  X (need, NEED, "need")                                                                           \
  X (submitted, SUBMITTED, "submitted")                                                            \
  X (done, DONE, "done")                                                                           \
  X (failed, FAILED, "failed")                                                                     \
  X (jobs, JOBS, "jobs")                                                                           \
  X (job, JOB, "job")                                                                              \
  X (output_part, OUTPUT_PART, "output-part")                                                      \
  X (servers, SERVERS, "servers")                                                                  \
  X (status, STATUS, "status")                                                                     \
  X (results, RESULTS, "results")                                                                  \
  X (job_finished, JOB_FINISHED, "job-finished")                                                   \
  X (feed, FEED, "feed")                                                                           \
  X (offer, OFFER, "offer")                                                                        \
  X (load, LOAD, "load")                                                                           \
  X (get, GET, "get")                                                                              \
  X (started, STARTED, "started")                                                                  \
  X (finished, FINISHED, "finished")                                                               \
  X (leaving, LEAVING, "leaving")                                                                  \
  X (dispatch, DISPATCH, "dispatch")                                                               \
  X (stop, STOP, "stop")                                                                           \
  X (missing, MISSING, "missing")                                                                  \
  X (ack, ACK, "ack")

#define SCHEMA(name, constant, word) [RUCHE_MESSAGE_##constant] = &name##_schema,
const RucheSchema *const ruche_message_schemas[RUCHE_N_MESSAGE_TYPES] = { ALL_MESSAGES (SCHEMA) };

#define WORD(name, constant, word) [RUCHE_MESSAGE_##constant] = word,
static const char *const words[RUCHE_N_MESSAGE_TYPES] = { ALL_MESSAGES (WORD) };

const RucheEnum ruche_message_type = { "message type", words, RUCHE_N_MESSAGE_TYPES };

/**
 * ruche_message_type_numbered:
 * @type: a message
 *
 * Says whether a message between master and slave is numbered, acknowledged and sent again after a
 * reconnection. Blobs are asked for anew, output and input have acknowledgements of their own, and
 * a load that is lost is followed by the next.
 *
 * Returns: whether it is
 */
gboolean
ruche_message_type_numbered (RucheMessageType type)
{
  switch (type)
    {
    case RUCHE_MESSAGE_DISPATCH:
    case RUCHE_MESSAGE_STOP:
    case RUCHE_MESSAGE_STARTED:
    case RUCHE_MESSAGE_FINISHED:
      return TRUE;
    default:
      return FALSE;
    }
}
