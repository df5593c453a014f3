/* ruche-program-text.c: what the text of a program says about it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-program-text.h"

#include "ruche-bounds.h"
#include "ruche-error.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* How much of a source is searched for its main function: patterns come from servers, and a
 * regular expression may take long over a long text. */
#define MAX_SEARCHED (1 * RUCHE_MIB)

/* Where a program begins in a source, as far as the patterns tell. */
typedef struct
{
  gboolean has_main;
  char *class_name; /* (nullable): Package.Outer$Inner */
} Start;

static void
start_clear (gpointer data)
{
  g_free (((Start *)data)->class_name);
}

static const char *
base_name (const char *file_name)
{
  const char *slash = strrchr (file_name, '/');

  return slash != NULL ? slash + 1 : file_name;
}

static const char *
suffix_of (const char *file_name)
{
  const char *base = base_name (file_name);
  const char *dot = strrchr (base, '.');

  return dot != NULL && dot != base && dot[1] != '\0' ? dot + 1 : NULL;
}

static gboolean
has_suffix (const RucheToolchain *toolchain, const char *suffix, gboolean any_case)
{
  for (guint i = 0; toolchain->suffixes != NULL && toolchain->suffixes[i] != NULL; i++)
    if (strcmp (toolchain->suffixes[i], suffix) == 0
        || (any_case && g_ascii_strcasecmp (toolchain->suffixes[i], suffix) == 0))
      return TRUE;
  return FALSE;
}

/**
 * ruche_program_text_is_source:
 * @toolchain: a toolchain
 * @file_name: a file of a program
 *
 * Tells sources from headers and data by their suffix. “.C” counts as “.c” only where no language
 * claims “.C” itself, so the caller asks ruche_program_text_detect_language() first.
 *
 * Returns: whether @toolchain compiles or runs such files
 */
gboolean
ruche_program_text_is_source (const RucheToolchain *toolchain, const char *file_name)
{
  const char *suffix = suffix_of (file_name);

  return suffix != NULL && has_suffix (toolchain, suffix, TRUE);
}

/**
 * ruche_program_text_find_language:
 * @toolchains: (element-type RucheToolchain): what the servers offer
 * @language: what a person wrote: the word or the name of a language
 * @toolchain: (out) (transfer none): the toolchain
 * @error: %RUCHE_ERROR_NOT_FOUND with the languages that there are
 *
 * Looks up a language that a person named.
 *
 * Returns: whether there is such a language
 */
gboolean
ruche_program_text_find_language (GPtrArray *toolchains,
                                  const char *language,
                                  const RucheToolchain **toolchain,
                                  GError **error)
{
  g_autoptr (GString) known = g_string_new (NULL);

  for (guint i = 0; i < toolchains->len; i++)
    {
      const RucheToolchain *t = g_ptr_array_index (toolchains, i);
      if (g_ascii_strcasecmp (t->language, language) == 0
          || g_ascii_strcasecmp (t->name, language) == 0)
        {
          *toolchain = t;
          return TRUE;
        }
      g_string_append_printf (known, "%s%s", known->len > 0 ? ", " : "", t->language);
    }
  if (known->len == 0)
    g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_NOT_FOUND,
                 _ ("No server offers the language “%s”, nor any other language"), language);
  else
    g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_NOT_FOUND,
                 _ ("No server offers the language “%s”; there are: %s"), language, known->str);
  return FALSE;
}

static char *
describe_suffixes (GPtrArray *toolchains)
{
  g_autoptr (GString) known = g_string_new (NULL);

  for (guint i = 0; i < toolchains->len; i++)
    {
      const RucheToolchain *t = g_ptr_array_index (toolchains, i);
      for (guint j = 0; t->suffixes != NULL && t->suffixes[j] != NULL; j++)
        g_string_append_printf (known, "%s.%s", known->len > 0 ? ", " : "", t->suffixes[j]);
    }
  return g_string_free (g_steal_pointer (&known), FALSE);
}

/**
 * ruche_program_text_detect_language:
 * @toolchains: (element-type RucheToolchain): what the servers offer
 * @file_name: a file that a person wants to run
 * @toolchain: (out) (transfer none): the toolchain for it
 * @error: %RUCHE_ERROR_NOT_FOUND with the known suffixes and how to force a language
 *
 * Finds a file's language by its suffix.
 *
 * Returns: whether one was found
 */
gboolean
ruche_program_text_detect_language (GPtrArray *toolchains,
                                    const char *file_name,
                                    const RucheToolchain **toolchain,
                                    GError **error)
{
  const char *suffix = suffix_of (file_name);

  for (int any_case = 0; suffix != NULL && any_case <= 1; any_case++)
    for (guint i = 0; i < toolchains->len; i++)
      {
        const RucheToolchain *t = g_ptr_array_index (toolchains, i);
        if (has_suffix (t, suffix, any_case))
          {
            *toolchain = t;
            return TRUE;
          }
      }

  g_autofree char *known = describe_suffixes (toolchains);
  if (*known == '\0')
    g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_NOT_FOUND,
                 _ ("No server offers a language for “%s”"), file_name);
  else if (suffix == NULL)
    g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_NOT_FOUND,
                 _ ("“%s” has no suffix that tells its language; known are %s. "
                    "Say which language it is in with --language"),
                 file_name, known);
  else
    g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_NOT_FOUND,
                 _ ("The suffix of “%s” belongs to no known language; known are %s. "
                    "Say which language it is in with --language"),
                 file_name, known);
  return FALSE;
}

/**
 * ruche_program_text_check:
 * @file_name: a source
 * @content: its bytes
 * @error: %RUCHE_ERROR_INVALID with what is wrong and what to do
 *
 * Checks that a source is one: text in UTF-8, without NUL.
 *
 * Returns: whether a compiler could make something of it
 */
gboolean
ruche_program_text_check (const char *file_name, GBytes *content, GError **error)
{
  gsize length = 0;
  const char *text = g_bytes_get_data (content, &length);

  if (length > 0 && memchr (text, '\0', length) != NULL)
    {
      g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID,
                   _ ("“%s” is a binary file; give the program’s source instead"), file_name);
      return FALSE;
    }
  if (length > 0 && !g_utf8_validate (text, length, NULL))
    {
      g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID,
                   _ ("“%s” is not text in UTF-8; save it in that encoding and try again"),
                   file_name);
      return FALSE;
    }
  return TRUE;
}

/* %NULL, without an error, where there is no pattern. */
static GRegex *
compile_pattern (const RucheToolchain *toolchain, const char *pattern, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GRegex) regex = NULL;

  if (pattern == NULL)
    return NULL;
  regex = g_regex_new (pattern, G_REGEX_MULTILINE | G_REGEX_OPTIMIZE, 0, &local);
  if (regex == NULL)
    g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID,
                 _ ("The toolchain for %s has a pattern that can’t be read: %s"), toolchain->name,
                 local->message);
  return g_steal_pointer (&regex);
}

static char *
first_group (GRegex *regex, const char *text)
{
  g_autoptr (GMatchInfo) match = NULL;

  if (regex == NULL || !g_regex_match (regex, text, 0, &match))
    return NULL;
  return g_match_info_fetch (match, 1);
}

/* Whether a block that opens after @from is still open at @to. */
static gboolean
still_open (const char *text, int from, int to)
{
  int depth = 0;

  for (int i = from; i < to; i++)
    {
      if (text[i] == '{')
        depth++;
      else if (text[i] == '}' && --depth <= 0)
        return FALSE;
    }
  return depth > 0;
}

/* The classes whose blocks stand around @at, outermost first, joined by “$” as Java does. */
static char *
class_around (GRegex *class_regex, const char *text, int at)
{
  g_autoptr (GMatchInfo) match = NULL;
  g_autoptr (GString) name = g_string_new (NULL);

  g_regex_match (class_regex, text, 0, &match);
  for (; g_match_info_matches (match); g_match_info_next (match, NULL))
    {
      g_autofree char *class_name = g_match_info_fetch (match, 1);
      int from = 0, end = 0;
      if (!g_match_info_fetch_pos (match, 0, &from, &end) || from >= at)
        break;
      if (class_name != NULL && still_open (text, end, at))
        g_string_append_printf (name, "%s%s", name->len > 0 ? "$" : "", class_name);
    }
  if (name->len == 0)
    return NULL;
  return g_string_free (g_steal_pointer (&name), FALSE);
}

/* Finds where a program begins in one source. */
static gboolean
find_start (const RucheToolchain *toolchain, GBytes *content, Start *start, GError **error)
{
  gsize length = 0;
  const char *bytes = g_bytes_get_data (content, &length);
  g_autofree char *text = NULL;
  g_autoptr (GMatchInfo) match = NULL;
  g_autoptr (GError) local = NULL;
  int at = 0;

  if (toolchain->main_pattern == NULL || length == 0)
    return TRUE;

  g_autoptr (GRegex) main_regex = compile_pattern (toolchain, toolchain->main_pattern, &local);
  g_autoptr (GRegex) class_regex = NULL;
  g_autoptr (GRegex) package_regex = NULL;
  if (local == NULL)
    class_regex = compile_pattern (toolchain, toolchain->class_pattern, &local);
  if (local == NULL)
    package_regex = compile_pattern (toolchain, toolchain->package_pattern, &local);
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }

  g_autofree char *valid = g_utf8_make_valid (bytes, MIN (length, MAX_SEARCHED));
  text = g_strcmp0 (toolchain->comments, "c") == 0
             ? ruche_program_text_blank (valid, strlen (valid))
             : g_steal_pointer (&valid);
  if (!g_regex_match (main_regex, text, 0, &match) || !g_match_info_fetch_pos (match, 0, &at, NULL))
    return TRUE;
  start->has_main = TRUE;
  if (class_regex != NULL)
    {
      g_autofree char *class_name = class_around (class_regex, text, at);
      g_autofree char *package = first_group (package_regex, text);
      if (class_name != NULL && package != NULL && *package != '\0')
        start->class_name = g_strconcat (package, ".", class_name, NULL);
      else
        start->class_name = g_steal_pointer (&class_name);
    }
  return TRUE;
}

static gboolean
is_main_name (const RucheToolchain *toolchain, const char *file_name)
{
  return toolchain->main_names != NULL
         && g_strv_contains ((const char *const *)toolchain->main_names, base_name (file_name));
}

/* The first file that is main by convention, or the first at all, or %NULL. */
static const char *
by_convention (const RucheToolchain *toolchain, GPtrArray *files, gboolean or_first)
{
  for (guint i = 0; i < files->len; i++)
    if (is_main_name (toolchain, g_ptr_array_index (files, i)))
      return g_ptr_array_index (files, i);
  return or_first && files->len > 0 ? g_ptr_array_index (files, 0) : NULL;
}

static char *
join_names (GPtrArray *files)
{
  g_autoptr (GString) all = g_string_new (NULL);

  for (guint i = 0; i < files->len; i++)
    g_string_append_printf (all, "%s“%s”", i > 0 ? ", " : "",
                            (const char *)g_ptr_array_index (files, i));
  return g_string_free (g_steal_pointer (&all), FALSE);
}

/* Chooses among the sources; @starting are those of them in which a program begins. */
static const char *
choose_main (const RucheToolchain *toolchain,
             GPtrArray *sources,
             GPtrArray *starting,
             GError **error)
{
  const char *chosen = NULL;

  if (starting->len == 1)
    return g_ptr_array_index (starting, 0);
  if (starting->len > 1)
    chosen = by_convention (toolchain, starting, FALSE);
  else if (toolchain->class_pattern == NULL)
    chosen = by_convention (toolchain, sources, TRUE);
  if (chosen != NULL)
    return chosen;
  if (starting->len > 1)
    {
      g_autofree char *all = join_names (starting);
      g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID,
                   _ ("More than one file has a main function: %s. "
                      "Say which one to start with --main, or leave the others out"),
                   all);
    }
  else
    g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID,
                 _ ("None of the files has a main class: a class with a main method, "
                    "in which a program in %s begins"),
                 toolchain->name);
  return NULL;
}

/* The sources among the files; all of them where no suffix fits: a person who forces a language
 * means the files as they are. */
static GPtrArray *
select_sources (const RucheToolchain *toolchain, const char *const *names, guint n)
{
  g_autoptr (GPtrArray) sources = g_ptr_array_new ();

  for (guint i = 0; i < n; i++)
    if (ruche_program_text_is_source (toolchain, names[i]))
      g_ptr_array_add (sources, (gpointer)names[i]);
  gboolean all = sources->len == 0;
  for (guint i = 0; all && i < n; i++)
    g_ptr_array_add (sources, (gpointer)names[i]);
  return g_steal_pointer (&sources);
}

static guint
index_of (const char *const *names, guint n, const char *name)
{
  for (guint i = 0; i < n; i++)
    if (strcmp (names[i], name) == 0)
      return i;
  return n;
}

/* What @wanted names: a file, or a class, with or without its package. */
static const char *
find_wanted (const char *wanted, GPtrArray *sources, const Start *starts, GError **error)
{
  for (guint i = 0; i < sources->len; i++)
    {
      const char *name = g_ptr_array_index (sources, i);
      const char *class_name = starts[i].class_name;
      const char *dot = class_name != NULL ? strrchr (class_name, '.') : NULL;
      if (strcmp (name, wanted) == 0 || strcmp (base_name (name), wanted) == 0
          || g_strcmp0 (class_name, wanted) == 0 || (dot != NULL && strcmp (dot + 1, wanted) == 0))
        return name;
    }

  g_autofree char *all = join_names (sources);
  g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID,
               _ ("“%s” is none of the program’s files; they are: %s"), wanted, all);
  return NULL;
}

static const char *
decide (const RucheToolchain *toolchain,
        GPtrArray *sources,
        const Start *starts,
        const char *wanted,
        GError **error)
{
  g_autoptr (GPtrArray) starting = g_ptr_array_new ();

  if (wanted != NULL)
    return find_wanted (wanted, sources, starts, error);
  for (guint i = 0; i < sources->len; i++)
    if (starts[i].has_main)
      g_ptr_array_add (starting, g_ptr_array_index (sources, i));
  return choose_main (toolchain, sources, starting, error);
}

/**
 * ruche_program_text_find_main:
 * @toolchain: the program's toolchain
 * @names: (array length=n): the program's files, in the order in which a person gave them
 * @contents: (array length=n): their bytes
 * @n: how many
 * @wanted: (nullable): the file, or the class, that a person wants to start
 * @main: (out) (transfer full): the file to start with
 * @main_class: (out) (transfer full) (nullable): the class to start, for languages that start one
 * @error: %RUCHE_ERROR_INVALID with what is wrong and what to do
 *
 * Finds the file, and the class, in which a program begins. Where a language's files tell nothing
 * by themselves the first file given is the main one, unless another is it by its name.
 *
 * Returns: whether the program has one beginning
 */
gboolean
ruche_program_text_find_main (const RucheToolchain *toolchain,
                              const char *const *names,
                              GBytes *const *contents,
                              guint n,
                              const char *wanted,
                              char **main,
                              char **main_class,
                              GError **error)
{
  g_autoptr (GPtrArray) sources = select_sources (toolchain, names, n);
  g_autoptr (GArray) starts = g_array_new (FALSE, TRUE, sizeof (Start));
  const char *chosen;
  guint at = 0;

  if (n == 0)
    {
      g_set_error_literal (error, RUCHE_ERROR, RUCHE_ERROR_INVALID,
                           _ ("A program needs at least one file"));
      return FALSE;
    }
  g_array_set_clear_func (starts, start_clear);
  g_array_set_size (starts, sources->len);
  for (guint i = 0; i < sources->len; i++)
    {
      GBytes *content = contents[index_of (names, n, g_ptr_array_index (sources, i))];
      if (!ruche_program_text_check (g_ptr_array_index (sources, i), content, error)
          || !find_start (toolchain, content, &g_array_index (starts, Start, i), error))
        return FALSE;
    }
  chosen = sources->len == 1 ? g_ptr_array_index (sources, 0) : NULL;
  if (chosen == NULL || wanted != NULL)
    chosen = decide (toolchain, sources, (const Start *)(gconstpointer)starts->data, wanted, error);
  if (chosen == NULL)
    return FALSE;
  if (g_bytes_get_size (contents[index_of (names, n, chosen)]) == 0)
    {
      g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID,
                   _ ("“%s” is empty; there is nothing to run"), chosen);
      return FALSE;
    }
  g_ptr_array_find (sources, chosen, &at);
  if (toolchain->class_pattern != NULL && g_array_index (starts, Start, at).class_name == NULL)
    {
      g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID,
                   _ ("“%s” has no main class: a class with a main method, "
                      "in which a program in %s begins"),
                   chosen, toolchain->name);
      return FALSE;
    }
  *main = g_strdup (chosen);
  *main_class = g_strdup (g_array_index (starts, Start, at).class_name);
  return TRUE;
}
