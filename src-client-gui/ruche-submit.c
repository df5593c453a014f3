/* ruche-submit.c: from a document to a submission
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is in the window runs, saved or not: nothing is written to disk on the way.
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-submit.h"

#include "ruche-bounds.h"
#include "ruche-error.h"

#include <glib/gi18n-lib.h>

static const RucheToolchain *
find_toolchain (GPtrArray *toolchains, const char *language)
{
  for (guint i = 0; i < toolchains->len; i++)
    {
      const RucheToolchain *toolchain = g_ptr_array_index (toolchains, i);
      if (g_strcmp0 (toolchain->language, language) == 0)
        return toolchain;
    }
  return NULL;
}

static int
match_start (const char *pattern, const char *text)
{
  g_autoptr (GRegex) regex = g_regex_new (pattern, G_REGEX_MULTILINE, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  int start = -1;

  if (regex != NULL && g_regex_match (regex, text, 0, &match))
    g_match_info_fetch_pos (match, 0, &start, NULL);
  return start;
}

/* The last class before the start of the program is the one that the file is named after. */
static char *
find_class (const RucheToolchain *toolchain, const char *text)
{
  g_autoptr (GRegex) regex = g_regex_new (toolchain->class_pattern, G_REGEX_MULTILINE, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  int main_at = toolchain->main_pattern != NULL ? match_start (toolchain->main_pattern, text) : -1;
  char *name = NULL;

  if (regex == NULL)
    return NULL;
  g_regex_match (regex, text, 0, &match);
  while (g_match_info_matches (match))
    {
      int start = 0;
      g_match_info_fetch_pos (match, 0, &start, NULL);
      if (main_at >= 0 && start > main_at)
        break;
      g_free (name);
      name = g_match_info_fetch (match, 1);
      g_match_info_next (match, NULL);
    }
  return name;
}

/**
 * ruche_submit_choose_name:
 * @language: a toolchain's language, "" where the person chose none
 * @text: the program
 * @toolchains: (element-type RucheToolchain): what the cluster offers
 * @error: %RUCHE_ERROR_INVALID with what to choose
 *
 * Names a program that was never saved, by its language and, where the language wants it, by its
 * class.
 *
 * Returns: (transfer full): a file's name
 */
char *
ruche_submit_choose_name (const char *language, GBytes *text, GPtrArray *toolchains, GError **error)
{
  const RucheToolchain *toolchain = find_toolchain (toolchains, language);
  g_autofree char *copy = NULL;
  g_autofree char *class_name = NULL;
  const char *data;
  gsize size;

  if (toolchain == NULL || toolchain->suffixes == NULL || toolchain->suffixes[0] == NULL)
    {
      g_set_error_literal (error, RUCHE_ERROR, RUCHE_ERROR_INVALID,
                           _ ("choose the language in the run settings, or save the program under "
                              "a name that ends in one, such as “.py”"));
      return NULL;
    }
  data = g_bytes_get_data (text, &size);
  copy = g_strndup (data != NULL ? data : "", size);
  if (toolchain->class_pattern != NULL)
    class_name = find_class (toolchain, copy);
  return g_strdup_printf ("%s.%s", class_name != NULL ? class_name : "program",
                          toolchain->suffixes[0]);
}

/* Below the program's own folder a file keeps its path, else only its name. */
static char *
name_beside (GFile *main, GFile *file)
{
  g_autoptr (GFile) folder = main != NULL ? g_file_get_parent (main) : NULL;
  char *relative = folder != NULL ? g_file_get_relative_path (folder, file) : NULL;

  return relative != NULL ? relative : g_file_get_basename (file);
}

static gboolean
add_file (
    RucheSubmission *submission, RucheDocument *document, GFile *file, GBytes *text, GError **error)
{
  g_autofree char *name = name_beside (ruche_document_get_file (document), file);
  g_autoptr (GBytes) bytes = text != NULL ? g_bytes_ref (text) : NULL;
  g_autoptr (GError) why = NULL;

  if (bytes == NULL)
    {
      g_autoptr (GFileInfo) info = g_file_query_info (file, G_FILE_ATTRIBUTE_STANDARD_SIZE,
                                                      G_FILE_QUERY_INFO_NONE, NULL, &why);
      if (info != NULL && g_file_info_get_size (info) > RUCHE_MAX_PROGRAM_SIZE)
        g_set_error (&why, RUCHE_ERROR, RUCHE_ERROR_TOO_LARGE, _ ("a program may have %d MiB"),
                     RUCHE_MAX_PROGRAM_SIZE / RUCHE_MIB);
      else if (info != NULL)
        bytes = g_file_load_bytes (file, NULL, NULL, &why);
    }
  if (bytes == NULL)
    {
      g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID, _ ("“%s” can’t go along: %s"), name,
                   why->message);
      return FALSE;
    }
  ruche_submission_add_file (submission, name, bytes);
  return TRUE;
}

static gboolean
add_others (RucheSubmission *submission,
            RucheDocument *document,
            RucheOpenText open_text,
            gpointer user_data,
            GError **error)
{
  RucheRunSettings *settings = ruche_document_get_settings (document);
  GListModel *files = G_LIST_MODEL (ruche_run_settings_get_files (settings));

  for (guint i = 0; i < g_list_model_get_n_items (files); i++)
    {
      g_autoptr (GFile) file = g_list_model_get_item (files, i);
      g_autoptr (GBytes) text = open_text != NULL ? open_text (file, user_data) : NULL;
      if (!add_file (submission, document, file, text, error))
        return FALSE;
    }
  return TRUE;
}

/**
 * ruche_submit_make:
 * @document: the program
 * @toolchains: (element-type RucheToolchain): what the cluster offers
 * @open_text: (nullable): finds files that are open in the window
 * @user_data: for @open_text
 * @error: a sentence for the person
 *
 * Makes a submission of a program and the files that go along with it.
 *
 * Returns: (transfer full): the submission, or %NULL
 */
RucheSubmission *
ruche_submit_make (RucheDocument *document,
                   GPtrArray *toolchains,
                   RucheOpenText open_text,
                   gpointer user_data,
                   GError **error)
{
  RucheRunSettings *settings = ruche_document_get_settings (document);
  GFile *file = ruche_document_get_file (document);
  g_autoptr (GBytes) text = ruche_document_get_text (document);
  g_autoptr (RucheSubmission) submission = NULL;
  g_autofree char *name = NULL;

  if (file != NULL)
    name = g_file_get_basename (file);
  else
    name = ruche_submit_choose_name (ruche_run_settings_get_language (settings), text, toolchains,
                                     error);
  if (name == NULL)
    return NULL;
  submission = ruche_submission_new (RUCHE_JOB_PROGRAM, name);
  ruche_submission_add_file (submission, name, text);
  if (!add_others (submission, document, open_text, user_data, error)
      || !ruche_run_settings_apply (settings, submission, error)
      || !ruche_program_resolve (submission, toolchains, error)
      || !ruche_submission_check (submission, error))
    return NULL;
  return g_steal_pointer (&submission);
}
