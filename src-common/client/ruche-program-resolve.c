/* ruche-program-resolve.c: what language a program is in and where it starts
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-program.h"

#include "ruche-error.h"
#include "ruche-program-text.h"

#include <glib/gi18n-lib.h>

/* The language that was asked for, else that of the wanted main file, else of the first source. */
static const RucheToolchain *
find_toolchain (const RucheJobSpec *spec, GPtrArray *toolchains, GError **error)
{
  const RucheToolchain *toolchain = NULL;
  g_autoptr (GError) first = NULL;

  if (spec->language != NULL && *spec->language != '\0')
    {
      if (!ruche_program_text_find_language (toolchains, spec->language, &toolchain, error))
        return NULL;
      return toolchain;
    }
  if (spec->main != NULL
      && ruche_program_text_detect_language (toolchains, spec->main, &toolchain, NULL))
    return toolchain;
  for (guint i = 0; i < spec->files->len; i++)
    {
      const RucheFile *file = g_ptr_array_index (spec->files, i);
      if (ruche_program_text_detect_language (toolchains, file->name, &toolchain,
                                              first == NULL ? &first : NULL))
        return toolchain;
    }
  g_propagate_error (error, g_steal_pointer (&first));
  return NULL;
}

/* Sources must be text. One without a byte is fine (__init__.py) unless it is the main one. */
static gboolean
check_texts (const RucheSubmission *submission, const RucheToolchain *toolchain, GError **error)
{
  const RucheJobSpec *spec = submission->spec;

  for (guint i = 0; i < spec->files->len; i++)
    {
      const RucheFile *file = g_ptr_array_index (spec->files, i);
      GBytes *content = g_hash_table_lookup (submission->blobs, file->blob);
      gboolean source = ruche_program_text_is_source (toolchain, file->name);
      if (spec->files->len > 1 && (!source || file->size == 0))
        continue;
      if (!ruche_program_text_check (file->name, content, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
find_main (RucheSubmission *submission, const RucheToolchain *toolchain, GError **error)
{
  RucheJobSpec *spec = submission->spec;
  guint n = spec->files->len;
  g_autofree const char **names = g_new0 (const char *, n + 1);
  g_autofree GBytes **contents = g_new0 (GBytes *, n + 1);
  g_autofree char *wanted = g_steal_pointer (&spec->main);

  for (guint i = 0; i < n; i++)
    {
      const RucheFile *file = g_ptr_array_index (spec->files, i);
      names[i] = file->name;
      contents[i] = g_hash_table_lookup (submission->blobs, file->blob);
    }
  g_clear_pointer (&spec->main_class, g_free);
  if (!ruche_program_text_find_main (toolchain, names, contents, n, wanted, &spec->main,
                                     &spec->main_class, error))
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (g_strcmp0 (names[i], spec->main) == 0)
      return ruche_program_text_check (names[i], contents[i], error);
  return TRUE;
}

/**
 * ruche_program_resolve:
 * @submission: a program with its files; its language and main file where a person named them
 * @toolchains: (element-type RucheToolchain): what the cluster offers
 * @error: %RUCHE_ERROR with what to do
 *
 * Finds the language, the main file and the main class of a program, and checks its sources.
 *
 * Returns: whether all that the job needs is known
 */
gboolean
ruche_program_resolve (RucheSubmission *submission, GPtrArray *toolchains, GError **error)
{
  const RucheToolchain *toolchain;

  if (toolchains->len == 0)
    {
      g_set_error_literal (error, RUCHE_ERROR, RUCHE_ERROR_UNAVAILABLE,
                           _ ("no server of the cluster offers a language: look at “ruchectl "
                              "servers”, or try again once one is connected"));
      return FALSE;
    }
  toolchain = find_toolchain (submission->spec, toolchains, error);
  if (toolchain == NULL)
    return FALSE;
  g_free (submission->spec->language);
  submission->spec->language = g_strdup (toolchain->language);
  return check_texts (submission, toolchain, error) && find_main (submission, toolchain, error);
}
