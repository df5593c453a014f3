/* ruche-report.c: the JSON that scripts read
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-report.h"

#include <string.h>

static JsonObject *
write_full (const RucheSchema *schema, gconstpointer self);

static JsonNode *
list_node (const RucheSchema *schema, GPtrArray *list)
{
  JsonNode *node = json_node_new (JSON_NODE_ARRAY);
  JsonArray *array = json_array_new ();

  for (guint i = 0; list != NULL && i < list->len; i++)
    json_array_add_object_element (array, write_full (schema, g_ptr_array_index (list, i)));
  json_node_take_array (node, array);
  return node;
}

/* The value of a member that ruche_struct_write() leaves out, as it holds its fallback. */
static JsonNode *
fallback_node (const RucheField *f)
{
  JsonNode *node = json_node_new (JSON_NODE_VALUE);

  switch (f->kind)
    {
    case RUCHE_KIND_BOOL:
      json_node_set_boolean (node, f->fallback != 0);
      return node;
    case RUCHE_KIND_INT:
      json_node_set_int (node, f->fallback);
      return node;
    case RUCHE_KIND_REAL:
      json_node_set_double (node, 0);
      return node;
    case RUCHE_KIND_ENUM:
      json_node_set_string (node, ruche_enum_to_nick (f->sub, (int)f->fallback));
      return node;
    case RUCHE_KIND_STRV:
      json_node_init (node, JSON_NODE_ARRAY);
      json_node_take_array (node, json_array_new ());
      return node;
    case RUCHE_KIND_STRING:
    case RUCHE_KIND_DIGEST:
    case RUCHE_KIND_OBJECT:
    case RUCHE_KIND_LIST:
      break;
    }
  json_node_init_null (node);
  return node;
}

static JsonObject *
write_full (const RucheSchema *schema, gconstpointer self)
{
  g_autoptr (JsonObject) sparse = ruche_struct_to_json (schema, self);
  JsonObject *object = json_object_new ();

  for (const RucheField *f = schema->fields; f->name != NULL; f++)
    {
      gpointer member = NULL;
      if (f->kind == RUCHE_KIND_LIST || f->kind == RUCHE_KIND_OBJECT)
        member = G_STRUCT_MEMBER (gpointer, self, f->offset);
      if (f->kind == RUCHE_KIND_LIST)
        json_object_set_member (object, f->name, list_node (f->sub, member));
      else if (f->kind == RUCHE_KIND_OBJECT && member != NULL)
        json_object_set_object_member (object, f->name, write_full (f->sub, member));
      else if (json_object_has_member (sparse, f->name))
        json_object_set_member (object, f->name, json_object_dup_member (sparse, f->name));
      else
        json_object_set_member (object, f->name, fallback_node (f));
    }
  return object;
}

/* Takes over @object. */
static char *
to_text (JsonObject *object)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);

  json_node_take_object (node, object);
  return ruche_json_to_text (node);
}

/**
 * ruche_report_struct:
 * @schema: its table
 * @self: a struct
 *
 * Writes a struct as one line of JSON with all its members.
 *
 * Returns: (transfer full): the text
 */
char *
ruche_report_struct (const RucheSchema *schema, gconstpointer self)
{
  return to_text (write_full (schema, self));
}

/**
 * ruche_report_list:
 * @schema: the table of its entries
 * @list: structs
 *
 * Writes a listing as one line of JSON: an array of objects with all their members.
 *
 * Returns: (transfer full): the text
 */
char *
ruche_report_list (const RucheSchema *schema, GPtrArray *list)
{
  g_autoptr (JsonNode) node = list_node (schema, list);

  return ruche_json_to_text (node);
}

/* Bytes that no JSON string can hold get U+FFFD in their place, and are told in Base64 beside. */
static void
write_stream (JsonObject *object, const char *name, GBytes *bytes)
{
  gsize size = 0;
  const char *data = bytes != NULL ? g_bytes_get_data (bytes, &size) : NULL;
  g_autofree char *valid = NULL;
  g_autofree char *clean = NULL;
  g_autofree char *base64 = NULL;
  g_autofree char *member = NULL;

  if (size == 0 || g_utf8_validate (data, size, NULL))
    {
      clean = g_strndup (size > 0 ? data : "", size);
      json_object_set_string_member (object, name, clean);
      return;
    }
  /* Since GLib 2.70 a NUL is no valid character either. */
  clean = g_utf8_make_valid (data, size);
  base64 = g_base64_encode ((const guchar *)data, size);
  member = g_strconcat (name, "_base64", NULL);
  json_object_set_string_member (object, name, clean);
  json_object_set_string_member (object, member, base64);
}

static void
write_string (JsonObject *object, const char *name, const char *text)
{
  if (text != NULL)
    json_object_set_string_member (object, name, text);
  else
    json_object_set_null_member (object, name);
}

static void
write_number (JsonObject *object, const char *name, gboolean there, gint64 number)
{
  if (there)
    json_object_set_int_member (object, name, number);
  else
    json_object_set_null_member (object, name);
}

static void
write_usage (JsonObject *object, const RucheUsage *usage)
{
  write_number (object, "cpu_ms", usage != NULL, usage != NULL ? usage->cpu_ms : 0);
  write_number (object, "wall_ms", usage != NULL, usage != NULL ? usage->wall_ms : 0);
  write_number (object, "memory_kib", usage != NULL, usage != NULL ? usage->memory_kib : 0);
}

static gboolean
has_exited (const RucheResult *result)
{
  return result->verdict == RUCHE_VERDICT_OK || result->verdict == RUCHE_VERDICT_RUNTIME_ERROR
         || result->verdict == RUCHE_VERDICT_COMPILE_ERROR;
}

static JsonObject *
result_object (const RucheResult *result, int state, GBytes *out, GBytes *err)
{
  JsonObject *object = json_object_new ();
  gboolean ended = result->verdict != RUCHE_VERDICT_NONE;

  json_object_set_int_member (object, "job", result->job);
  json_object_set_int_member (object, "task", result->task);
  json_object_set_string_member (object, "state",
                                 ruche_enum_to_nick (&ruche_task_state_type, state));
  write_string (object, "verdict",
                ended ? ruche_enum_to_nick (&ruche_verdict_type, result->verdict) : NULL);
  write_string (
      object, "step",
      result->step != RUCHE_STEP_NONE ? ruche_enum_to_nick (&ruche_step_type, result->step) : NULL);
  write_number (object, "exit_code", has_exited (result), result->exit_code);
  write_number (object, "signal", result->signal != 0, result->signal);
  write_string (object, "reason", result->reason);
  write_stream (object, "stdout", out);
  write_stream (object, "stderr", err);
  json_object_set_member (object, "diagnostics",
                          list_node (&ruche_diagnostic_schema, result->diagnostics));
  write_usage (object, result->run);
  if (result->compile != NULL)
    json_object_set_object_member (object, "compile",
                                   write_full (&ruche_usage_schema, result->compile));
  else
    json_object_set_null_member (object, "compile");
  write_string (object, "server", result->server);
  write_number (object, "attempt", result->attempt > 0, result->attempt);
  write_string (object, "toolchain", result->toolchain);
  json_object_set_boolean_member (object, "cached", result->cached);
  return object;
}

/**
 * ruche_report_result:
 * @result: how a task ended
 * @out: (nullable): its standard output
 * @err: (nullable): its standard error
 *
 * Writes what `ruchectl run --json` prints.
 *
 * Returns: (transfer full): one line of JSON
 */
char *
ruche_report_result (const RucheResult *result, GBytes *out, GBytes *err)
{
  return to_text (result_object (result, RUCHE_TASK_FINISHED, out, err));
}

/**
 * ruche_report_status:
 * @status: where a task stands that has not ended
 * @out: (nullable): its standard output so far
 * @err: (nullable): its standard error so far
 *
 * Writes a task that has no result yet with the members of one that has; its verdict is null.
 *
 * Returns: (transfer full): one line of JSON
 */
char *
ruche_report_status (const RucheTaskStatus *status, GBytes *out, GBytes *err)
{
  g_autoptr (RucheResult) result = ruche_result_new ();

  result->job = status->job;
  result->task = status->task;
  result->attempt = status->attempt;
  result->verdict = RUCHE_VERDICT_NONE;
  result->step = status->step;
  result->server = g_strdup (status->server);
  return to_text (result_object (result, status->state, out, err));
}

/**
 * ruche_report_job:
 * @info: a job
 * @tasks: what ruche_report_result() and ruche_report_status() wrote of its tasks
 *
 * Writes what `ruchectl show --json` prints: the job, with its tasks in place of their number.
 *
 * Returns: (transfer full): one line of JSON
 */
char *
ruche_report_job (const RucheJobInfo *info, char *const *tasks)
{
  JsonObject *object = write_full (&ruche_job_info_schema, info);
  g_autofree char *head = NULL;
  g_autofree char *joined = g_strjoinv (",", (char **)tasks);

  json_object_remove_member (object, "tasks");
  if (info->verdict == RUCHE_VERDICT_NONE)
    json_object_set_null_member (object, "verdict");
  head = to_text (object);
  head[strlen (head) - 1] = '\0'; /* its closing brace */
  return g_strconcat (head, ",\"tasks\":[", joined, "]}", NULL);
}
