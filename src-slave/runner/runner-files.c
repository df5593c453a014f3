/* runner-files.c: the files of a job, written into the work folder
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A program may have planted anything in the work folder before the next file arrives, so every
 * folder on the way is opened by itself, never through a link, and the file must be new.
 */
#include "runner.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

void
runner_close (int *fd)
{
  if (*fd >= 0)
    close (*fd);
  *fd = -1;
}

void
runner_descriptors_clear (struct runner_descriptors *descriptors)
{
  for (unsigned int i = 0; i < descriptors->n; i++)
    runner_close (&descriptors->fd[i]);
  descriptors->n = 0;
}

/* Opens a folder inside another, made where it is not there. */
static int
enter_folder (int parent, const char *name)
{
  if (mkdirat (parent, name, 0755) != 0 && errno != EEXIST)
    return -1;
  return openat (parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static int
copy_content (int from, int to)
{
  off_t offset = 0;
  ssize_t n;

  do
    n = sendfile (to, from, &offset, 1 << 20);
  while (n > 0 || (n < 0 && errno == EINTR));
  return n == 0 ? 0 : errno;
}

/**
 * runner_file_write:
 * @work_dir: the work folder
 * @file: a checked record
 * @from: the content, from its beginning: a file or memory
 *
 * Writes one file, with the folders it lies in.
 *
 * Returns: 0, or the errno
 */
int
runner_file_write (int work_dir, const struct runner_file *file, int from)
{
  char name[RUNNER_NAME_SIZE];
  char *part = name;
  CLEANUP (runner_close) int folder = dup (work_dir);
  CLEANUP (runner_close) int to = -1;
  mode_t mode = file->executable ? 0755 : 0644;
  struct stat st;

  memcpy (name, file->name, sizeof name);
  if (folder < 0 || fstat (from, &st) != 0)
    return errno;
  if (!S_ISREG (st.st_mode))
    return EINVAL;
  for (char *slash; (slash = strchr (part, '/')) != NULL; part = slash + 1)
    {
      int next;

      *slash = '\0';
      next = enter_folder (folder, part);
      if (next < 0)
        return errno;
      close (folder);
      folder = next;
    }
  to = openat (folder, part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
  return to < 0 ? errno : copy_content (from, to);
}
