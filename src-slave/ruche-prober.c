/* ruche-prober.c: which languages work on this machine
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Every toolchain is asked for its version inside a box, so that what is offered is what works
 * there. What was found is kept, together with the state of the programs that it was found with:
 * where neither they nor the toolchain's file have changed, the next start need not ask again.
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-prober.h"

#include "ruche-bounds.h"
#include "ruche-capture.h"
#include "ruche-error.h"

#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#define ETC                "/etc/"
#define SUFFIX             ".toolchain"
#define MAX_PRINTED        (64 * RUCHE_KIB)
#define PACKAGE_TIMEOUT_MS 10000

/* A toolchain's file, read before anything is known of the machine. */
typedef struct
{
  RucheToolchainFile *file;
  char *digest; /* of its text */
} Candidate;

/* All probes together; the data of the task. */
typedef struct
{
  RucheBoxFactory *factory;
  GPtrArray *candidates;
  guint next; /* of @candidates, the first not begun */
  guint active;
  guint at_once;
  char *cache_path;
  GKeyFile *known;   /* from an earlier start */
  GKeyFile *found;   /* now */
  GPtrArray *offers; /* (element-type RucheOffered) */
  char *architecture;
} Survey;

/* One probe. */
typedef struct
{
  GTask *task;
  const Candidate *candidate;
  char *key; /* of the cache */
  RucheBox *box;
  RucheCapture *capture;
  char *version;
  char *package;
  guint package_timeout;
} Probe;

static void
candidate_free (gpointer data)
{
  Candidate *candidate = data;

  g_clear_pointer (&candidate->file, ruche_toolchain_file_free);
  g_free (candidate->digest);
  g_free (candidate);
}

static void
offered_free (gpointer data)
{
  RucheOffered *offered = data;

  ruche_toolchain_file_free (offered->file);
  ruche_toolchain_free (offered->toolchain);
  g_free (offered);
}

/**
 * ruche_prober_list_etc:
 * @file: a toolchain
 *
 * Lists what its boxes need of /etc, as a box wants it: without /etc/ in front.
 *
 * Returns: (transfer full) (nullable): the names
 */
char **
ruche_prober_list_etc (const RucheToolchainFile *file)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  if (file->etc == NULL)
    return NULL;
  for (char **path = file->etc; *path != NULL; path++)
    g_strv_builder_add (names, g_str_has_prefix (*path, ETC) ? *path + strlen (ETC) : *path);
  return g_strv_builder_end (names);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

static Candidate *
read_candidate (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  Candidate *candidate = NULL;
  RucheToolchainFile *file = NULL;
  gsize length = 0;

  if (g_file_get_contents (path, &text, &length, &error))
    file = ruche_toolchain_file_parse (text, (gssize)length, path, &error);
  if (file == NULL)
    {
      g_warning (_ ("a toolchain is not offered: %s"), error->message);
      return NULL;
    }
  candidate = g_new0 (Candidate, 1);
  candidate->file = file;
  candidate->digest = ruche_blob_digest (text, length);
  return candidate;
}

/**
 * ruche_prober_read_folder:
 * @folder: where the toolchain files are
 * @error: where the folder can't be read
 *
 * Reads all toolchain files, to be probed later: a daemon does this before it stops being root.
 * A file that is wrong is left out with a warning.
 *
 * Returns: (transfer full): the candidates for ruche_prober_run_async(), or %NULL
 */
GPtrArray *
ruche_prober_read_folder (const char *folder, GError **error)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, error);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  GPtrArray *candidates = NULL;

  if (dir == NULL)
    return NULL;
  for (const char *name = g_dir_read_name (dir); name != NULL; name = g_dir_read_name (dir))
    if (g_str_has_suffix (name, SUFFIX) && name[0] != '.')
      g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  candidates = g_ptr_array_new_with_free_func (candidate_free);
  for (guint i = 0; i < names->len && candidates->len < RUCHE_MAX_TOOLCHAINS; i++)
    {
      Candidate *candidate = read_candidate (folder, g_ptr_array_index (names, i));
      if (candidate != NULL)
        g_ptr_array_add (candidates, candidate);
    }
  return candidates;
}

static void
survey_free (gpointer data)
{
  Survey *survey = data;

  g_object_unref (survey->factory);
  g_ptr_array_unref (survey->candidates);
  g_ptr_array_unref (survey->offers);
  g_key_file_unref (survey->known);
  g_key_file_unref (survey->found);
  g_free (survey->architecture);
  g_free (survey->cache_path);
  g_free (survey);
}

static void
probe_free (Probe *probe)
{
  g_clear_handle_id (&probe->package_timeout, g_source_remove);
  g_clear_object (&probe->task);
  g_clear_object (&probe->box);
  g_clear_pointer (&probe->capture, ruche_capture_free);
  g_free (probe->key);
  g_free (probe->version);
  g_free (probe->package);
  g_free (probe);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Probe, probe_free)

static void
begin_probes (GTask *task);

/* What was found must be found again while this stays the same; %NULL with @missing where a
 * program is not there at all. */
static char *
make_key (const Candidate *candidate, const char **missing)
{
  g_autoptr (GString) state = g_string_new (RUCHE_VERSION " ");

  g_string_append (state, candidate->digest);
  for (char **path = candidate->file->requires; *path != NULL; path++)
    {
      struct stat st;
      if (stat (*path, &st) != 0)
        {
          *missing = *path;
          return NULL;
        }
      g_string_append_printf (state, " %s %" G_GINT64_FORMAT " %" G_GINT64_FORMAT ".%ld", *path,
                              (gint64)st.st_size, (gint64)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
    }
  return ruche_blob_digest (state->str, state->len);
}

static void
not_offered (const Candidate *candidate, const char *why)
{
  g_info (_ ("%s is not offered: %s"), candidate->file->name, why);
}

/* Takes over the candidate's file. */
static void
add_offer (Survey *survey,
           const Candidate *candidate,
           const char *key,
           const char *version,
           const char *package)
{
  g_autoptr (GError) error = NULL;
  RucheToolchain *toolchain = ruche_toolchain_file_offer (candidate->file, version, package,
                                                          survey->architecture, &error);
  RucheOffered *offered;

  if (toolchain == NULL)
    {
      not_offered (candidate, error->message);
      return;
    }
  g_key_file_set_string (survey->found, key, "version", version);
  if (package != NULL)
    g_key_file_set_string (survey->found, key, "package", package);
  offered = g_new0 (RucheOffered, 1);
  offered->file = g_steal_pointer (&((Candidate *)candidate)->file);
  offered->toolchain = toolchain;
  g_ptr_array_add (survey->offers, offered);
  g_debug ("%s %s is offered", toolchain->name, toolchain->version);
}

static void
end_probe (Probe *probe, const char *trouble)
{
  g_autoptr (Probe) ended = probe;
  g_autoptr (GTask) task = g_object_ref (probe->task);
  Survey *survey = g_task_get_task_data (task);

  if (trouble != NULL)
    not_offered (probe->candidate, trouble);
  else
    add_offer (survey, probe->candidate, probe->key, probe->version, probe->package);
  survey->active--;
  begin_probes (task);
}

static gboolean
on_package_timeout (gpointer user_data)
{
  g_subprocess_force_exit (user_data);
  return G_SOURCE_REMOVE;
}

static void
on_package (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GSubprocess *process = G_SUBPROCESS (source);
  Probe *probe = user_data;
  g_autoptr (GBytes) printed = NULL;

  g_clear_handle_id (&probe->package_timeout, g_source_remove);
  if (g_subprocess_communicate_finish (process, result, &printed, NULL, NULL)
      && g_subprocess_get_successful (process) && printed != NULL)
    probe->package = g_utf8_make_valid (g_bytes_get_data (printed, NULL),
                                        (gssize)MIN (g_bytes_get_size (printed), MAX_PRINTED));
  end_probe (probe, NULL);
}

/* The package is only told to people: without it the language is offered all the same. */
static void
ask_package (Probe *probe)
{
  const char *const *argv = (const char *const *)probe->candidate->file->package;
  g_autoptr (GSubprocess) process = NULL;

  if (argv != NULL)
    process = g_subprocess_newv (
        argv, G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, NULL);
  if (process == NULL)
    {
      end_probe (probe, NULL);
      return;
    }
  probe->package_timeout
      = g_timeout_add_full (G_PRIORITY_DEFAULT, PACKAGE_TIMEOUT_MS, on_package_timeout,
                            g_object_ref (process), g_object_unref);
  g_subprocess_communicate_async (process, NULL, g_task_get_cancellable (probe->task), on_package,
                                  probe);
}

static char *
describe_end (const RucheBoxReport *report)
{
  if (report->end == RUCHE_BOX_NOT_STARTED)
    return g_strdup (g_strerror (report->exec_errno));
  if (report->end != RUCHE_BOX_ENDED)
    return g_strdup (_ ("it took too long or used too much to tell its version"));
  if (WIFSIGNALED (report->status))
    return g_strdup_printf (_ ("asked for its version, it was killed by signal %d"),
                            WTERMSIG (report->status));
  return g_strdup_printf (_ ("asked for its version, it ended with status %d"),
                          WEXITSTATUS (report->status));
}

static void
on_box_closed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (!ruche_box_close_finish (RUCHE_BOX (source), result, &error))
    g_warning ("%s", error->message);
}

static void
on_version (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Probe *probe = user_data;
  RucheBoxReport report = { 0 };
  g_autoptr (GError) error = NULL;
  gboolean fine = ruche_box_run_finish (RUCHE_BOX (source), result, &report, &error);
  g_autoptr (GBytes) printed = ruche_capture_finish (probe->capture);

  ruche_box_close_async (RUCHE_BOX (source), NULL, on_box_closed, NULL);
  if (!fine)
    {
      end_probe (probe, error->message);
      return;
    }
  if (report.end != RUCHE_BOX_ENDED || !WIFEXITED (report.status)
      || WEXITSTATUS (report.status) != 0)
    {
      g_autofree char *why = describe_end (&report);
      end_probe (probe, why);
      return;
    }
  probe->version
      = g_utf8_make_valid (g_bytes_get_data (printed, NULL), (gssize)g_bytes_get_size (printed));
  ask_package (probe);
}

static void
on_box (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Probe *probe = user_data;
  const RucheToolchainFile *file = probe->candidate->file;
  g_autoptr (GError) error = NULL;
  RucheBoxStep step = { .argv = (const char *const *)file->version,
                        .env = (const char *const *)file->compile_env,
                        .stdin_fd = -1 };

  probe->box = ruche_box_open_finish (RUCHE_BOX_FACTORY (source), result, &error);
  if (probe->box == NULL)
    {
      end_probe (probe, error->message);
      return;
    }
  ruche_limits_default_compile (&step.limits);
  probe->capture = ruche_capture_new (MAX_PRINTED, NULL, NULL);
  if (!ruche_capture_open (probe->capture, &step.stdout_fd, &step.stderr_fd, &error))
    {
      end_probe (probe, error->message);
      return;
    }
  ruche_box_run_async (probe->box, &step, g_task_get_cancellable (probe->task), on_version, probe);
}

static void
begin_probe (GTask *task, const Candidate *candidate)
{
  Survey *survey = g_task_get_task_data (task);
  const char *missing = NULL;
  g_autofree char *key = make_key (candidate, &missing);
  g_autofree char *version = NULL;
  g_auto (GStrv) etc = ruche_prober_list_etc (candidate->file);
  RucheBoxProfile profile = { RUCHE_DEFAULT_DISK_KIB, etc };
  Probe *probe;

  if (key == NULL)
    {
      g_autofree char *why = g_strdup_printf (_ ("there is no %s"), missing);
      not_offered (candidate, why);
      return;
    }
  version = g_key_file_get_string (survey->known, key, "version", NULL);
  if (version != NULL)
    {
      g_autofree char *package = g_key_file_get_string (survey->known, key, "package", NULL);
      add_offer (survey, candidate, key, version, package);
      return;
    }
  probe = g_new0 (Probe, 1);
  probe->task = g_object_ref (task);
  probe->candidate = candidate;
  probe->key = g_steal_pointer (&key);
  survey->active++;
  ruche_box_open_async (survey->factory, &profile, g_task_get_cancellable (task), on_box, probe);
}

static int
compare_offers (gconstpointer a, gconstpointer b)
{
  const RucheOffered *first = *(const RucheOffered *const *)a;
  const RucheOffered *second = *(const RucheOffered *const *)b;

  return strcmp (first->toolchain->language, second->toolchain->language);
}

static void
begin_probes (GTask *task)
{
  Survey *survey = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  while (survey->active < survey->at_once && survey->next < survey->candidates->len)
    begin_probe (task, g_ptr_array_index (survey->candidates, survey->next++));
  if (survey->active > 0 || g_task_get_completed (task))
    return;
  g_ptr_array_sort (survey->offers, compare_offers);
  if (!g_key_file_save_to_file (survey->found, survey->cache_path, &error))
    g_warning (_ ("what works here can’t be remembered for the next start: %s"), error->message);
  g_task_return_pointer (task, g_ptr_array_ref (survey->offers), (GDestroyNotify)g_ptr_array_unref);
}

/**
 * ruche_prober_run_async:
 * @candidates: what ruche_prober_read_folder() found; used up
 * @factory: makes the boxes
 * @at_once: how many to probe at the same time
 * @cache_path: where to keep what was found
 * @cancellable: (nullable): to stop
 * @callback: called when all have been probed
 * @user_data: for @callback
 *
 * Finds out which of the toolchains work inside a box; says in the log which don't, and why.
 */
void
ruche_prober_run_async (GPtrArray *candidates,
                        RucheBoxFactory *factory,
                        guint at_once,
                        const char *cache_path,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (factory, cancellable, callback, user_data);
  Survey *survey = g_new0 (Survey, 1);
  struct utsname system;

  g_task_set_source_tag (task, ruche_prober_run_async);
  survey->factory = g_object_ref (factory);
  survey->candidates = g_ptr_array_ref (candidates);
  survey->at_once = at_once;
  survey->cache_path = g_strdup (cache_path);
  survey->known = g_key_file_new ();
  survey->found = g_key_file_new ();
  survey->offers = g_ptr_array_new_with_free_func (offered_free);
  survey->architecture = g_strdup (uname (&system) == 0 ? system.machine : "");
  g_key_file_load_from_file (survey->known, cache_path, G_KEY_FILE_NONE, NULL);
  g_task_set_task_data (task, survey, survey_free);
  begin_probes (task);
}

/**
 * ruche_prober_run_finish:
 * @result: what the callback was given
 * @error: where it was stopped
 *
 * Finishes ruche_prober_run_async().
 *
 * Returns: (transfer full) (element-type RucheOffered): what works, in the order of the languages'
 *   names, or %NULL
 */
GPtrArray *
ruche_prober_run_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
