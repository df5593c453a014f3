/* ruche-scheduler.c: which task goes to which server
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-scheduler.h"

/**
 * ruche_scheduler_plan:
 * @queue: what waits
 * @servers: who could do it
 * @assign: called for each decision, in order
 * @user_data: for @assign
 *
 * Gives out tasks until nothing waits that a server with a free slot can do. The same history
 * always leads to the same decisions. A group that finds no server is looked at once, as nothing
 * that happens while planning frees a slot.
 */
void
ruche_scheduler_plan (RucheQueue *queue,
                      RucheServerTable *servers,
                      RucheAssign assign,
                      gpointer user_data)
{
  RucheGroup *group;

  ruche_queue_begin (queue);
  while ((group = ruche_queue_peek (queue)) != NULL)
    {
      RucheServerEntry *server = ruche_server_table_find (servers, group->language, group->server);
      RucheJobEntry *job;
      guint task;

      if (server == NULL)
        {
          ruche_queue_skip (queue);
          continue;
        }
      job = ruche_queue_take (queue, &task);
      assign (server, job, task, user_data);
    }
  ruche_queue_end (queue);
}
