/* ruche-run-settings.c: how a person wants one program run
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-run-settings.h"

#include "ruche-bounds.h"
#include "ruche-error.h"

#include <glib/gi18n-lib.h>
#include <string.h>

enum
{
  PROP_LANGUAGE = 1,
  PROP_ARGUMENTS,
  PROP_FLAGS,
  PROP_INPUT,
  PROP_CPU,
  PROP_WALL,
  PROP_MEMORY,
  N_PROPS
};

#define N_TEXTS (PROP_INPUT - PROP_LANGUAGE + 1)

struct _RucheRunSettings
{
  GObject parent_instance;

  char *texts[N_TEXTS];
  double numbers[N_PROPS - PROP_CPU];
  GListStore *files; /* of GFile */
};

G_DEFINE_FINAL_TYPE (RucheRunSettings, ruche_run_settings, G_TYPE_OBJECT)

static void
ruche_run_settings_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  RucheRunSettings *self = RUCHE_RUN_SETTINGS (object);

  if (id <= PROP_INPUT)
    g_value_set_string (value, self->texts[id - PROP_LANGUAGE]);
  else
    g_value_set_double (value, self->numbers[id - PROP_CPU]);
}

static void
ruche_run_settings_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  RucheRunSettings *self = RUCHE_RUN_SETTINGS (object);

  if (id <= PROP_INPUT)
    {
      const char *text = g_value_get_string (value);
      if (g_strcmp0 (self->texts[id - PROP_LANGUAGE], text != NULL ? text : "") == 0)
        return;
      g_free (self->texts[id - PROP_LANGUAGE]);
      self->texts[id - PROP_LANGUAGE] = g_strdup (text != NULL ? text : "");
    }
  else
    {
      if (self->numbers[id - PROP_CPU] == g_value_get_double (value))
        return;
      self->numbers[id - PROP_CPU] = g_value_get_double (value);
    }
  g_object_notify_by_pspec (object, pspec);
}

static void
ruche_run_settings_finalize (GObject *object)
{
  RucheRunSettings *self = RUCHE_RUN_SETTINGS (object);

  for (guint i = 0; i < N_TEXTS; i++)
    g_free (self->texts[i]);
  g_clear_object (&self->files);
  G_OBJECT_CLASS (ruche_run_settings_parent_class)->finalize (object);
}

static void
ruche_run_settings_class_init (RucheRunSettingsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const char *const texts[] = { "language", "arguments", "flags", "input" };
  const char *const numbers[] = { "cpu", "wall", "memory" };
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->finalize = ruche_run_settings_finalize;
  object_class->get_property = ruche_run_settings_get_property;
  object_class->set_property = ruche_run_settings_set_property;
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    g_object_class_install_property (object_class, PROP_LANGUAGE + i,
                                     g_param_spec_string (texts[i], NULL, NULL, "", flags));
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    g_object_class_install_property (
        object_class, PROP_CPU + i,
        g_param_spec_double (numbers[i], NULL, NULL, 0, G_MAXINT32, 0, flags));
}

static void
ruche_run_settings_init (RucheRunSettings *self)
{
  for (guint i = 0; i < N_TEXTS; i++)
    self->texts[i] = g_strdup ("");
  self->files = g_list_store_new (G_TYPE_FILE);
}

/**
 * ruche_run_settings_new:
 *
 * Makes settings that leave everything to the cluster.
 *
 * Returns: (transfer full): the settings
 */
RucheRunSettings *
ruche_run_settings_new (void)
{
  return g_object_new (RUCHE_TYPE_RUN_SETTINGS, NULL);
}

/**
 * ruche_run_settings_get_language:
 * @self: settings
 *
 * Tells which language the person chose.
 *
 * Returns: (transfer none): a toolchain's language, or "" for automatic
 */
const char *
ruche_run_settings_get_language (RucheRunSettings *self)
{
  return self->texts[0];
}

/**
 * ruche_run_settings_get_files:
 * @self: settings
 *
 * Gives the list of the other files that go along with the program.
 *
 * Returns: (transfer none): a list of GFile
 */
GListStore *
ruche_run_settings_get_files (RucheRunSettings *self)
{
  return self->files;
}

static gboolean
split (const char *text, const char *what, char ***words, GError **error)
{
  g_autoptr (GError) why = NULL;

  if (g_shell_parse_argv (text, NULL, words, &why)
      || g_error_matches (why, G_SHELL_ERROR, G_SHELL_ERROR_EMPTY_STRING))
    return TRUE;
  g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID,
               _ ("%s can’t be read: a quotation mark is not closed, or the last character is a "
                  "lone backslash"),
               what);
  return FALSE;
}

static RucheLimits *
make_limits (RucheRunSettings *self)
{
  RucheLimits *limits;

  if (self->numbers[0] <= 0 && self->numbers[1] <= 0 && self->numbers[2] <= 0)
    return NULL;
  limits = ruche_limits_new ();
  limits->cpu_ms = (gint64)(self->numbers[0] * 1000);
  limits->wall_ms = (gint64)(self->numbers[1] * 1000);
  limits->memory_kib = (gint64)(self->numbers[2] * 1024);
  return limits;
}

/**
 * ruche_run_settings_apply:
 * @self: settings
 * @submission: a submission without tasks
 * @error: %RUCHE_ERROR_INVALID with what to mend
 *
 * Puts language, arguments, options, limits and standard input into @submission, which then has
 * one task. The other files are not added here.
 *
 * Returns: whether the settings could be read
 */
gboolean
ruche_run_settings_apply (RucheRunSettings *self, RucheSubmission *submission, GError **error)
{
  const char *input = self->texts[PROP_INPUT - PROP_LANGUAGE];
  RucheJobSpec *spec = submission->spec;
  g_auto (GStrv) args = NULL;
  g_auto (GStrv) flags = NULL;
  RucheTaskSpec *task;

  if (!split (self->texts[PROP_ARGUMENTS - PROP_LANGUAGE], _ ("The line of arguments"), &args,
              error)
      || !split (self->texts[PROP_FLAGS - PROP_LANGUAGE], _ ("The line of compiler options"),
                 &flags, error))
    return FALSE;
  task = ruche_submission_add_task (submission);
  task->args = g_steal_pointer (&args);
  if (*input != '\0')
    {
      g_autoptr (GBytes) bytes = g_bytes_new (input, strlen (input));
      task->input = RUCHE_INPUT_BLOB;
      task->input_blob = g_strdup (ruche_submission_add_blob (submission, bytes));
    }
  g_strfreev (spec->flags);
  spec->flags = g_steal_pointer (&flags);
  if (*self->texts[0] != '\0')
    {
      g_free (spec->language);
      spec->language = g_strdup (self->texts[0]);
    }
  g_clear_pointer (&spec->limits, ruche_limits_free);
  spec->limits = make_limits (self);
  return TRUE;
}
