/* ruche-messages.h: every message of the protocol
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One struct a message; docs/protocol.md says who sends it, when, and what its members mean.
 * `serial` is a number that the asker chooses, more than 0; the answer repeats it.
 */
#pragma once

#include "ruche-job.h"
#include "ruche-server.h"

G_BEGIN_DECLS

typedef enum
{
  /* Both ways. */
  RUCHE_MESSAGE_HELLO,
  RUCHE_MESSAGE_WELCOME,
  RUCHE_MESSAGE_REFUSED,
  RUCHE_MESSAGE_ERROR,
  RUCHE_MESSAGE_PING,
  RUCHE_MESSAGE_PUT,        /* a part of a blob: client to master, master to slave */
  RUCHE_MESSAGE_OUTPUT,     /* slave to master, master to client */
  RUCHE_MESSAGE_OUTPUT_ACK, /* client to master, master to slave */
  RUCHE_MESSAGE_INPUT,      /* client to master, master to slave */
  RUCHE_MESSAGE_INPUT_ACK,  /* slave to master, master to client */

  /* Client to master. */
  RUCHE_MESSAGE_SUBMIT_BEGIN,
  RUCHE_MESSAGE_SUBMIT_PART,
  RUCHE_MESSAGE_SUBMIT_COMMIT,
  RUCHE_MESSAGE_FOLLOW,
  RUCHE_MESSAGE_UNFOLLOW,
  RUCHE_MESSAGE_CANCEL,
  RUCHE_MESSAGE_DELETE,
  RUCHE_MESSAGE_LIST_JOBS,
  RUCHE_MESSAGE_SHOW_JOB,
  RUCHE_MESSAGE_READ_OUTPUT,
  RUCHE_MESSAGE_LIST_SERVERS,
  RUCHE_MESSAGE_SUBSCRIBE,

  /* Master to client. */
  RUCHE_MESSAGE_NEED,
  RUCHE_MESSAGE_SUBMITTED,
  RUCHE_MESSAGE_DONE,
  RUCHE_MESSAGE_FAILED,
  RUCHE_MESSAGE_JOBS,
  RUCHE_MESSAGE_JOB,
  RUCHE_MESSAGE_OUTPUT_PART,
  RUCHE_MESSAGE_SERVERS,
  RUCHE_MESSAGE_STATUS,
  RUCHE_MESSAGE_RESULTS,
  RUCHE_MESSAGE_JOB_FINISHED,
  RUCHE_MESSAGE_FEED,

  /* Slave to master. */
  RUCHE_MESSAGE_OFFER,
  RUCHE_MESSAGE_LOAD,
  RUCHE_MESSAGE_GET,
  RUCHE_MESSAGE_STARTED,
  RUCHE_MESSAGE_FINISHED,
  RUCHE_MESSAGE_LEAVING,

  /* Master to slave. */
  RUCHE_MESSAGE_DISPATCH,
  RUCHE_MESSAGE_STOP,
  RUCHE_MESSAGE_MISSING,

  /* Between master and slave. */
  RUCHE_MESSAGE_ACK,

  RUCHE_N_MESSAGE_TYPES
} RucheMessageType;

/* First on a connection, by whoever opened it. */
typedef struct
{
  gint64 protocol; /* the newest version that the sender speaks */
  gint64 oldest;   /* the oldest */
  int role;        /* RucheRole */
  char *name;      /* of the program for clients, of the server for slaves */
  char *token;     /* (nullable) */
  char **features; /* (nullable) */
} RucheHello;

typedef struct
{
  gint64 protocol; /* the version that both will speak */
  char *cluster;
  gint64 epoch;   /* grows with every start of the master */
  gint64 session; /* this connection's number, for logs */
  char *person;   /* (nullable) who the master takes the client for */
  char *version;  /* of Ruche on the master */
  char **features;
} RucheWelcome;

/* Instead of welcome; the connection ends. */
typedef struct
{
  char *code; /* nick of a RucheErrorCode */
  char *message;
  gint64 protocol;
  gint64 oldest;
} RucheRefused;

/* The peer broke the rules; the connection ends. */
typedef struct
{
  char *code;
  char *message;
} RucheErrorMessage;

typedef struct
{
  gint64 reserved; /* always 0: C wants a member */
} RuchePing;

/* Payload: a part of a blob. The parts of one blob follow each other from offset 0. */
typedef struct
{
  char *blob;
  gint64 offset;
  gint64 total;
} RuchePut;

/* Payload: bytes of a stream. `end`: nothing follows; the payload may then be empty. */
typedef struct
{
  gint64 job;
  gint64 task;
  gint64 attempt;
  int stream; /* RucheStream */
  gint64 offset;
  gboolean end;
} RucheOutput;

/* All bytes before `offset` have been taken. */
typedef struct
{
  gint64 job;
  gint64 task;
  gint64 attempt;
  int stream;
  gint64 offset;
} RucheOutputAck;

/* Payload: bytes for the standard input of a task whose input is live. */
typedef struct
{
  gint64 job;
  gint64 task;
  gint64 offset;
  gboolean end;
} RucheInput;

typedef struct
{
  gint64 job;
  gint64 task;
  gint64 offset;
  gboolean closed; /* the program reads no more: send nothing further */
} RucheInputAck;

/* Answered by need, by submitted where this submission was committed before, or by failed. */
typedef struct
{
  gint64 serial;
  char *submission; /* 32 lower-case hexadecimal digits, made by the client */
  RucheJobSpec *spec;
  GPtrArray *inputs; /* (element-type RucheFile) blobs that tasks take as input */
} RucheSubmitBegin;

typedef struct
{
  char *submission;
  gint64 first;     /* place of the first of these tasks in the job */
  GPtrArray *tasks; /* (element-type RucheTaskSpec) */
} RucheSubmitPart;

/* Answered by submitted or failed. */
typedef struct
{
  gint64 serial;
  char *submission;
  gint64 tasks; /* how many there were in all parts */
} RucheSubmitCommit;

/* How far a follower has read a stream already. */
typedef struct
{
  gint64 task;
  gint64 attempt;
  int stream;
  gint64 offset;
} RucheCursor;

RUCHE_DECLARE_STRUCT (RucheCursor, ruche_cursor)

/* Answered by job, then status, output, results and job-finished as they come. */
typedef struct
{
  gint64 serial;
  gint64 job;
  gboolean output;    /* whether output is wanted, or states and results only */
  GPtrArray *cursors; /* (element-type RucheCursor) where to go on; else from the start */
} RucheFollow;

typedef struct
{
  gint64 job;
} RucheUnfollow;

/* Answered by done or failed. A job that has ended already: done. */
typedef struct
{
  gint64 serial;
  gint64 job;
} RucheCancel;

typedef struct
{
  gint64 serial;
  gint64 job;
} RucheDelete;

/* Answered by jobs, newest first. */
typedef struct
{
  gint64 serial;
  gint64 before; /* only jobs with a smaller number; 0 for all */
  gint64 limit;  /* 0 for as many as fit */
} RucheListJobs;

/* Answered by job. */
typedef struct
{
  gint64 serial;
  gint64 job;
  gint64 first; /* results from this task on */
} RucheShowJob;

/* Answered by output-part or failed. Attempt 0: the last one. */
typedef struct
{
  gint64 serial;
  gint64 job;
  gint64 task;
  gint64 attempt;
  int stream;
  gint64 offset;
  gint64 length;
} RucheReadOutput;

typedef struct
{
  gint64 serial;
} RucheListServers;

/* Answered by done, then feed as things change, beginning with all there is. */
typedef struct
{
  gint64 serial;
  gboolean servers;
  gboolean jobs;
} RucheSubscribe;

/* The master lacks these blobs of a submission. */
typedef struct
{
  gint64 serial;
  char **blobs;
} RucheNeed;

typedef struct
{
  gint64 serial;
  gint64 job;
} RucheSubmitted;

typedef struct
{
  gint64 serial;
} RucheDone;

/* A request can't be met; the connection goes on. */
typedef struct
{
  gint64 serial;
  char *code;
  char *message;
} RucheFailed;

typedef struct
{
  gint64 serial;
  GPtrArray *jobs; /* (element-type RucheJobInfo) */
  gboolean more;
} RucheJobs;

typedef struct
{
  gint64 serial;
  RucheJobInfo *info;
  RucheJobSpec *spec; /* (nullable) absent once deleted */
  GPtrArray *tasks;   /* (element-type RucheTaskStatus) those not finished, from `first` on */
  GPtrArray *results; /* (element-type RucheResult) of those finished */
  gint64 next;        /* where to go on asking; 0 where this was all */
} RucheJob;

/* Payload: the bytes. */
typedef struct
{
  gint64 serial;
  gint64 attempt;
  gint64 offset;
  gint64 total; /* bytes of the stream so far */
  gboolean end; /* the stream has ended and these bytes reach its end */
} RucheOutputPart;

typedef struct
{
  gint64 serial;
  GPtrArray *servers; /* (element-type RucheServerInfo) */
} RucheServers;

/* Tasks of followed jobs moved on; `waiting` says why the first of them waits. */
typedef struct
{
  GPtrArray *tasks; /* (element-type RucheTaskStatus) */
  char *waiting;    /* (nullable) */
} RucheStatus;

/* Tasks of followed jobs ended. All their output was sent before. */
typedef struct
{
  GPtrArray *results; /* (element-type RucheResult) */
} RucheResults;

/* The last message about a followed job. */
typedef struct
{
  RucheJobInfo *info;
} RucheJobFinished;

typedef struct
{
  GPtrArray *servers; /* (element-type RucheServerInfo) changed or new */
  char **gone;        /* names of servers that are no more */
  GPtrArray *jobs;    /* (element-type RucheJobInfo) changed or new */
  gint64 queued;      /* tasks waiting in the whole cluster */
  gint64 running;
  gint64 slots;
} RucheFeed;

/* After welcome, before anything else. */
typedef struct
{
  gint64 slots;
  gint64 cores;
  gint64 memory_kib;
  int isolation; /* RucheIsolation */
  char *version;
  GPtrArray *toolchains; /* (element-type RucheToolchain) */
  GPtrArray *held;       /* (element-type RucheAttemptId) taken before a reconnection */
} RucheOffer;

/* RucheLoad, once a second. */
typedef struct
{
  RucheLoad *load;
} RucheLoadMessage;

/* The slave lacks these blobs: answered by put for each, or missing. */
typedef struct
{
  char **blobs;
} RucheGet;

typedef struct
{
  char **blobs;
} RucheMissing;

/* Attempts became ready or running, or moved from one step to the next. `server` is not read. */
typedef struct
{
  GPtrArray *tasks; /* (element-type RucheTaskStatus) */
} RucheStarted;

/* Attempts ended. All their output was sent before. */
typedef struct
{
  GPtrArray *results; /* (element-type RucheResult) */
} RucheFinished;

/* The slave ends in good order: what it held is given back. */
typedef struct
{
  char *reason;
} RucheLeaving;

typedef struct
{
  gint64 task;
  gint64 attempt;
  RucheTaskSpec *spec;
} RucheDispatchTask;

RUCHE_DECLARE_STRUCT (RucheDispatchTask, ruche_dispatch_task)

typedef struct
{
  gint64 job;
  RucheJobSpec *spec; /* limits filled in */
  GPtrArray *tasks;   /* (element-type RucheDispatchTask) */
} RucheDispatchJob;

RUCHE_DECLARE_STRUCT (RucheDispatchJob, ruche_dispatch_job)

typedef struct
{
  gint64 epoch;
  GPtrArray *jobs; /* (element-type RucheDispatchJob) */
} RucheDispatch;

/* Stop these attempts; each still ends with a result. */
typedef struct
{
  GPtrArray *attempts; /* (element-type RucheAttemptId) */
} RucheStop;

/* Carries the cumulative acknowledgement where nothing else goes that way. */
typedef struct
{
  gint64 reserved;
} RucheAck;

extern const RucheSchema *const ruche_message_schemas[RUCHE_N_MESSAGE_TYPES];
extern const RucheEnum ruche_message_type;

gboolean
ruche_message_type_numbered (RucheMessageType type);

G_END_DECLS
