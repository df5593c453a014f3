/* ruche-ctl.h: what all commands of ruchectl share
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ruche-client.h"

G_BEGIN_DECLS

/* Exit statuses beside a program's own; design section 10. */
typedef enum
{
  RUCHE_CTL_USAGE = 2,
  RUCHE_CTL_LIMIT = 124,
  RUCHE_CTL_FAILED = 125,
  RUCHE_CTL_COMPILE = 126,
  RUCHE_CTL_CANCELLED = 130,
  RUCHE_CTL_MEMORY = 137,
} RucheCtlStatus;

/**
 * RucheCtl:
 * @command: the word of the command that runs
 * @master: (nullable): what --master or RUCHE_MASTER says
 * @json: whether scripts read the output
 * @client: (nullable): once connected
 *
 * One call of ruchectl.
 */
typedef struct
{
  const char *command;
  char *master;
  gboolean json;
  RucheClient *client;
} RucheCtl;

void
ruche_ctl_clear (RucheCtl *ctl);
gboolean
ruche_ctl_parse (
    RucheCtl *ctl, const GOptionEntry *entries, char ***words, char ***rest, int *status);
void
ruche_ctl_say (const char *format, ...) G_GNUC_PRINTF (1, 2);
int
ruche_ctl_wrong (RucheCtl *ctl, const char *format, ...) G_GNUC_PRINTF (2, 3);
int
ruche_ctl_fail (const GError *error);
gboolean
ruche_ctl_connect (RucheCtl *ctl, GError **error) G_GNUC_WARN_UNUSED_RESULT;
RucheMessage *
ruche_ctl_request (RucheCtl *ctl, RucheMessage *request, RucheMessageType answer, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
GPtrArray *
ruche_ctl_toolchains (RucheCtl *ctl, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gint64
ruche_ctl_submit (RucheCtl *ctl, RucheSubmission *submission, GError **error);
gboolean
ruche_ctl_print (const char *text);

/* For asynchronous calls of which a command waits: pass ruche_ctl_got as the callback and the
 * address of a NULL GAsyncResult as its data. */
void
ruche_ctl_got (GObject *source, GAsyncResult *result, gpointer user_data);
void
ruche_ctl_await (GAsyncResult **result);

G_END_DECLS
