/* ruche-spool.c: what programs print, kept on the master
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One file a job, to which the pieces of all its streams are appended as they come; each stream
 * knows where its pieces are. A hundred thousand tasks that print one line each thus cost one file
 * and one write a line, and a piece is some KiB at least while a stream goes on, so that a program
 * that prints byte by byte costs no more than another. Few files are open at once.
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-spool.h"

#include "ruche-bounds.h"
#include "ruche-error.h"
#include "ruche-files.h"

#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <unistd.h>

#define TAIL_SIZE 4096 /* a stream's last bytes, kept in memory until there are more */
#define MAX_OPEN  64   /* files */

typedef struct
{
  gint64 offset; /* in the stream */
  gint64 place;  /* in the file */
  gint64 size;
} Piece;

typedef struct
{
  gint64 key;
  GArray *pieces;   /* (element-type Piece) */
  GByteArray *tail; /* (nullable) bytes that come after the pieces */
  gint64 received;  /* bytes that the slave sent */
  gint64 kept;      /* of them, in pieces and tail */
  gboolean ended;
  const char *trouble; /* (nullable) why less was kept than received */
} Stream;

typedef struct
{
  gint64 number;
  char *path;
  int fd;              /* -1 while it is closed */
  GList open;          /* in the spool's queue while it is open; data is this */
  gint64 size;         /* of the file */
  gint64 kept;         /* of all streams */
  GHashTable *streams; /* key, inside the stream, to Stream, owned */
} Job;

struct _RucheSpool
{
  char *dir;
  RucheSpoolBounds bounds;
  gint64 kept;      /* of all jobs */
  GHashTable *jobs; /* number, inside the job, to Job, owned */
  GQueue open;      /* (element-type Job) used least recently first */
};

static void
stream_free (gpointer data)
{
  Stream *stream = data;

  g_array_unref (stream->pieces);
  g_clear_pointer (&stream->tail, g_byte_array_unref);
  g_free (stream);
}

static void
job_free (gpointer data)
{
  Job *job = data;

  if (job->fd >= 0)
    close (job->fd);
  g_hash_table_unref (job->streams);
  g_free (job->path);
  g_free (job);
}

/**
 * ruche_spool_new:
 * @dir: its folder, made where it is missing and emptied: no job outlives the master
 * @bounds: how much is kept
 * @error: %RUCHE_ERROR_NO_SPACE or %RUCHE_ERROR_FAILED
 *
 * Makes an empty spool.
 *
 * Returns: (transfer full): the spool, or %NULL
 */
RucheSpool *
ruche_spool_new (const char *dir, const RucheSpoolBounds *bounds, GError **error)
{
  RucheSpool *spool;

  if (!ruche_files_make_empty_dir (dir, error))
    return NULL;
  spool = g_new0 (RucheSpool, 1);
  spool->dir = g_strdup (dir);
  spool->bounds = *bounds;
  spool->jobs = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, job_free);
  return spool;
}

/**
 * ruche_spool_free:
 * @spool: (transfer full): a spool
 *
 * Frees the spool; files stay where they are.
 */
void
ruche_spool_free (RucheSpool *spool)
{
  g_hash_table_unref (spool->jobs);
  g_free (spool->dir);
  g_free (spool);
}

static Job *
ensure_job (RucheSpool *spool, gint64 number)
{
  Job *job = g_hash_table_lookup (spool->jobs, &number);

  if (job != NULL)
    return job;
  job = g_new0 (Job, 1);
  job->number = number;
  job->path = g_strdup_printf ("%s/%" G_GINT64_FORMAT, spool->dir, number);
  job->fd = -1;
  job->open.data = job;
  job->streams = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, stream_free);
  g_hash_table_insert (spool->jobs, &job->number, job);
  return job;
}

static Stream *
find_stream (RucheSpool *spool, const RucheAttemptId *id, RucheStream which, Job **job)
{
  gint64 key = (id->task * (RUCHE_MAX_ATTEMPTS + 1) + id->attempt) * RUCHE_N_STREAMS + which;
  Job *found = g_hash_table_lookup (spool->jobs, &id->job);

  if (job != NULL)
    *job = found;
  return found != NULL ? g_hash_table_lookup (found->streams, &key) : NULL;
}

static Stream *
ensure_stream (RucheSpool *spool, const RucheAttemptId *id, RucheStream which, Job **job)
{
  Stream *stream;

  *job = ensure_job (spool, id->job);
  stream = find_stream (spool, id, which, NULL);
  if (stream != NULL)
    return stream;
  stream = g_new0 (Stream, 1);
  stream->key = (id->task * (RUCHE_MAX_ATTEMPTS + 1) + id->attempt) * RUCHE_N_STREAMS + which;
  stream->pieces = g_array_new (FALSE, FALSE, sizeof (Piece));
  g_hash_table_insert ((*job)->streams, &stream->key, stream);
  return stream;
}

static void
close_job (RucheSpool *spool, Job *job)
{
  if (job->fd < 0)
    return;
  close (job->fd);
  job->fd = -1;
  g_queue_unlink (&spool->open, &job->open);
}

static gboolean
open_job (RucheSpool *spool, Job *job, GError **error)
{
  if (job->fd >= 0)
    {
      g_queue_unlink (&spool->open, &job->open);
      g_queue_push_tail_link (&spool->open, &job->open);
      return TRUE;
    }
  while (g_queue_get_length (&spool->open) >= MAX_OPEN)
    close_job (spool, g_queue_peek_head (&spool->open));
  job->fd = open (job->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (job->fd < 0)
    return ruche_files_fail (error, job->path);
  g_queue_push_tail_link (&spool->open, &job->open);
  return TRUE;
}

/* Moves a stream's tail to the file. What can't be written is cut off, and the stream with it, so
 * that it has no hole. */
static void
write_tail (RucheSpool *spool, Job *job, Stream *stream)
{
  g_autoptr (GByteArray) tail = g_steal_pointer (&stream->tail);
  g_autoptr (GError) error = NULL;
  Piece piece = { stream->kept - tail->len, job->size, tail->len };
  Piece *last = NULL;

  if (!open_job (spool, job, &error)
      || !ruche_files_append (job->fd, job->path, tail->data, tail->len, &error))
    {
      g_warning ("%s", error->message);
      stream->kept -= tail->len;
      job->kept -= tail->len;
      spool->kept -= tail->len;
      stream->trouble = g_error_matches (error, RUCHE_ERROR, RUCHE_ERROR_NO_SPACE)
                            ? _ ("the master’s disk is full: the output was cut off")
                            : _ ("the master could not store the output: it was cut off");
      /* A part may have been written: go on behind it. */
      if (job->fd >= 0)
        job->size = MAX (lseek (job->fd, 0, SEEK_END), job->size);
      return;
    }
  job->size += piece.size;
  if (stream->pieces->len > 0)
    last = &g_array_index (stream->pieces, Piece, stream->pieces->len - 1);
  if (last != NULL && last->place + last->size == piece.place)
    last->size += piece.size;
  else
    g_array_append_val (stream->pieces, piece);
}

/* How much more of a stream may be kept. */
static gint64
room_for (RucheSpool *spool, const RucheAttemptId *id, RucheStream which, const Job *job)
{
  gint64 room = MIN (spool->bounds.job - job->kept, spool->bounds.all - spool->kept);

  if (which == RUCHE_STREAM_COMPILER)
    room = MIN (room, spool->bounds.compiler - ruche_spool_get_size (spool, id, which, NULL));
  else
    room = MIN (room, spool->bounds.task
                          - ruche_spool_get_size (spool, id, RUCHE_STREAM_STDOUT, NULL)
                          - ruche_spool_get_size (spool, id, RUCHE_STREAM_STDERR, NULL));
  return MAX (room, 0);
}

/* Which bound it was that @size more bytes of a job did not fit. */
static const char *
name_bound (const RucheSpool *spool, const Job *job, gint64 size)
{
  if (spool->kept + size > spool->bounds.all)
    return _ ("the master keeps as much output as it may: the rest was cut off");
  if (job->kept + size > spool->bounds.job)
    return _ ("the job’s output reached its bound: the rest was cut off");
  return _ ("the task’s output reached its bound: the rest was cut off");
}

static void
keep (RucheSpool *spool, Job *job, Stream *stream, const guint8 *bytes, gsize size)
{
  if (stream->tail == NULL)
    stream->tail = g_byte_array_new ();
  g_byte_array_append (stream->tail, bytes, (guint)size);
  stream->kept += (gint64)size;
  job->kept += (gint64)size;
  spool->kept += (gint64)size;
  if (stream->tail->len >= TAIL_SIZE)
    write_tail (spool, job, stream);
}

/**
 * ruche_spool_add:
 * @spool: a spool
 * @id: an attempt
 * @stream: one of its streams
 * @offset: of @bytes in the stream
 * @bytes: (nullable): what was printed
 * @end: whether nothing follows
 * @error: %RUCHE_ERROR_PROTOCOL where bytes before @offset are missing
 *
 * Adds to a stream. What came before is skipped; what is past the bounds, or does not fit on the
 * disk, is dropped, which ruche_spool_get_trouble() tells.
 *
 * Returns: whether the bytes were taken
 */
gboolean
ruche_spool_add (RucheSpool *spool,
                 const RucheAttemptId *id,
                 RucheStream stream,
                 gint64 offset,
                 GBytes *bytes,
                 gboolean end,
                 GError **error)
{
  Job *job;
  Stream *to = find_stream (spool, id, stream, NULL);
  gsize size = 0;
  const guint8 *data = bytes != NULL ? g_bytes_get_data (bytes, &size) : NULL;
  gint64 received = to != NULL ? to->received : 0;
  gint64 skip = received - offset, room;

  if (skip < 0)
    {
      g_set_error_literal (error, RUCHE_ERROR, RUCHE_ERROR_PROTOCOL,
                           "“output” left bytes out of a stream");
      return FALSE;
    }
  if (to == NULL && size == 0)
    return TRUE; /* a stream without bytes costs nothing */
  to = ensure_stream (spool, id, stream, &job);
  if (skip < (gint64)size && !to->ended)
    {
      data += skip;
      size -= (gsize)skip;
      to->received += (gint64)size;
      room = to->trouble == NULL ? room_for (spool, id, stream, job) : 0;
      if ((gint64)size > room && to->trouble == NULL)
        to->trouble = name_bound (spool, job, (gint64)size);
      if (room > 0)
        keep (spool, job, to, data, MIN (size, (gsize)room));
    }
  if (end && !to->ended)
    {
      if (to->tail != NULL)
        write_tail (spool, job, to);
      to->ended = TRUE;
    }
  return TRUE;
}

/**
 * ruche_spool_end:
 * @spool: a spool
 * @id: an attempt
 *
 * Ends all streams of an attempt.
 */
void
ruche_spool_end (RucheSpool *spool, const RucheAttemptId *id)
{
  for (RucheStream which = 0; which < RUCHE_N_STREAMS; which++)
    {
      Job *job;
      Stream *stream = find_stream (spool, id, which, &job);

      if (stream == NULL || stream->ended)
        continue;
      if (stream->tail != NULL)
        write_tail (spool, job, stream);
      stream->ended = TRUE;
    }
}

/**
 * ruche_spool_get_size:
 * @spool: a spool
 * @id: an attempt
 * @stream: one of its streams
 * @ended: (out) (optional): whether nothing follows
 *
 * Says how much of a stream there is.
 *
 * Returns: bytes, 0 for a stream that is not known
 */
gint64
ruche_spool_get_size (RucheSpool *spool,
                      const RucheAttemptId *id,
                      RucheStream stream,
                      gboolean *ended)
{
  const Stream *found = find_stream (spool, id, stream, NULL);

  if (ended != NULL)
    *ended = found != NULL && found->ended;
  return found != NULL ? found->kept : 0;
}

/**
 * ruche_spool_get_trouble:
 * @spool: a spool
 * @id: an attempt
 *
 * Says why less was kept of an attempt's output than was printed.
 *
 * Returns: (transfer none) (nullable): a sentence, %NULL where all was kept
 */
const char *
ruche_spool_get_trouble (RucheSpool *spool, const RucheAttemptId *id)
{
  for (RucheStream which = 0; which < RUCHE_N_STREAMS; which++)
    {
      const Stream *stream = find_stream (spool, id, which, NULL);
      if (stream != NULL && stream->trouble != NULL)
        return stream->trouble;
    }
  return NULL;
}

static int
compare_offset (const Piece *piece, gint64 offset)
{
  if (offset < piece->offset)
    return 1;
  return offset >= piece->offset + piece->size ? -1 : 0;
}

static const Piece *
find_piece (const Stream *stream, gint64 offset)
{
  guint low = 0, high = stream->pieces->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      const Piece *piece = &g_array_index (stream->pieces, Piece, middle);
      int order = compare_offset (piece, offset);
      if (order == 0)
        return piece;
      if (order > 0)
        high = middle;
      else
        low = middle + 1;
    }
  return NULL;
}

/**
 * ruche_spool_read:
 * @spool: a spool
 * @id: an attempt
 * @stream: one of its streams
 * @offset: where to begin
 * @max: bytes at most
 * @error: %RUCHE_ERROR_FAILED where the file can't be read
 *
 * Reads a part of a stream; there may be more behind what one call gives.
 *
 * Returns: (transfer full): at least one byte where there is one at @offset, else none; or %NULL
 */
GBytes *
ruche_spool_read (RucheSpool *spool,
                  const RucheAttemptId *id,
                  RucheStream stream,
                  gint64 offset,
                  gsize max,
                  GError **error)
{
  Job *job;
  const Stream *from = find_stream (spool, id, stream, &job);
  const Piece *piece;
  gint64 skip;

  if (from == NULL || offset < 0 || offset >= from->kept)
    return g_bytes_new (NULL, 0);
  piece = find_piece (from, offset);
  if (piece == NULL)
    {
      skip = offset - (from->kept - from->tail->len);
      return g_bytes_new (from->tail->data + skip, MIN (max, from->tail->len - (gsize)skip));
    }
  skip = offset - piece->offset;
  if (!open_job (spool, job, error))
    return NULL;
  return ruche_files_read (job->fd, job->path, piece->place + skip,
                           MIN (max, (gsize)(piece->size - skip)), error);
}

/**
 * ruche_spool_get_kept:
 * @spool: a spool
 *
 * Adds up what is kept of all jobs.
 *
 * Returns: bytes
 */
gint64
ruche_spool_get_kept (RucheSpool *spool)
{
  return spool->kept;
}

/**
 * ruche_spool_forget:
 * @spool: a spool
 * @job: number of a job
 *
 * Erases all output of a job.
 */
void
ruche_spool_forget (RucheSpool *spool, gint64 job)
{
  Job *found = g_hash_table_lookup (spool->jobs, &job);

  if (found == NULL)
    return;
  close_job (spool, found);
  spool->kept -= found->kept;
  g_unlink (found->path);
  g_hash_table_remove (spool->jobs, &job);
}
