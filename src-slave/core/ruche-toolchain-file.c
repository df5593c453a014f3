/* ruche-toolchain-file.c: how a slave compiles and runs a language, read from a file
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-toolchain-file.h"

#include "ruche-bounds.h"
#include "ruche-config.h"
#include "ruche-error.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define GROUP           "Toolchain"
#define MAX_FILE_SIZE   (64 * RUCHE_KIB)
#define MAX_RESERVE_MIB 4096
#define MAX_STATUS      (128 + 64)
#define DEFAULT_VERSION "\\d+(?:\\.\\d+)*"

typedef enum
{
  KEY_STRING,
  KEY_PATTERN, /* taken as it stands: backslashes belong to the regular expression */
  KEY_LIST,
  KEY_ARGV,  /* a list whose first element is a program */
  KEY_PATHS, /* a list of absolute paths */
  KEY_DIAGNOSTICS,
  KEY_INT,
} KeyKind;

typedef struct
{
  const char *name;
  KeyKind kind;
  gboolean required;
  gsize offset;
  gint64 min;
  gint64 max;
} Key;

#define KEY(name, kind, required, member)                                                          \
  {                                                                                                \
    name, kind, required, G_STRUCT_OFFSET (RucheToolchainFile, member), 0, 0                       \
  }

static const Key keys[] = {
  KEY ("language", KEY_STRING, TRUE, language),
  KEY ("name", KEY_STRING, TRUE, name),
  KEY ("suffixes", KEY_LIST, TRUE, suffixes),
  KEY ("main-names", KEY_LIST, FALSE, main_names),
  KEY ("main-pattern", KEY_PATTERN, FALSE, main_pattern),
  KEY ("class-pattern", KEY_PATTERN, FALSE, class_pattern),
  KEY ("package-pattern", KEY_PATTERN, FALSE, package_pattern),
  KEY ("comments", KEY_STRING, FALSE, comments),
  KEY ("requires", KEY_PATHS, TRUE, requires),
  KEY ("version", KEY_ARGV, TRUE, version),
  KEY ("version-pattern", KEY_PATTERN, FALSE, version_pattern),
  KEY ("package", KEY_ARGV, FALSE, package),
  KEY ("compile", KEY_ARGV, FALSE, compile),
  KEY ("run", KEY_ARGV, TRUE, run),
  KEY ("compile-env", KEY_LIST, FALSE, compile_env),
  KEY ("run-env", KEY_LIST, FALSE, run_env),
  KEY ("etc", KEY_PATHS, FALSE, etc),
  KEY ("compile-diagnostics", KEY_DIAGNOSTICS, FALSE, compile_diagnostics),
  KEY ("run-diagnostics", KEY_DIAGNOSTICS, FALSE, run_diagnostics),
  { "memory-percent", KEY_INT, FALSE, G_STRUCT_OFFSET (RucheToolchainFile, memory_percent), 1,
    100 },
  { "memory-reserve-mib", KEY_INT, FALSE, G_STRUCT_OFFSET (RucheToolchainFile, memory_reserve_mib),
    0, MAX_RESERVE_MIB },
  { "memory-status", KEY_INT, FALSE, G_STRUCT_OFFSET (RucheToolchainFile, memory_status), 1,
    MAX_STATUS },
};

/* Tokens that stand for one string may be part of an argument, those that stand for many may not.
 */
static const char *const word_tokens[]
    = { "{main}", "{main_class}", "{output}", "{memory_mib}", NULL };
static const char *const list_tokens[] = { "{sources}", "{files}", "{flags}", "{args}", NULL };

#define MEMBER(self, key, type) (G_STRUCT_MEMBER (type, (self), (key)->offset))

static gboolean
wrong (GError **error, const Key *key, const char *what)
{
  g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID, "%s: %s", key->name, what);
  return FALSE;
}

/* Finds “{word}” at or after @from; braces around anything else are plain text. */
static char *
next_token (const char *from, const char **start)
{
  for (const char *open = strchr (from, '{'); open != NULL; open = strchr (open + 1, '{'))
    {
      gsize n = strspn (open + 1, "abcdefghijklmnopqrstuvwxyz_");
      if (n > 0 && open[n + 1] == '}')
        {
          *start = open;
          return g_strndup (open, n + 2);
        }
    }
  return NULL;
}

static gboolean
check_tokens (const Key *key, const char *const *argv, GError **error)
{
  for (guint i = 0; argv[i] != NULL; i++)
    {
      const char *at = argv[i];
      char *token;
      while ((token = next_token (at, &at)) != NULL)
        {
          g_autofree char *owned = token;
          gboolean alone = strcmp (argv[i], token) == 0;
          if (g_strv_contains (list_tokens, token) ? !alone : !g_strv_contains (word_tokens, token))
            {
              g_autofree char *words = g_strjoinv (" ", (char **)word_tokens);
              g_autofree char *lists = g_strjoinv (" ", (char **)list_tokens);
              g_autofree char *what = g_strdup_printf (
                  _ ("“%s” can’t stand in “%s”; there are %s and, as whole arguments, %s"), token,
                  argv[i], words, lists);
              return wrong (error, key, what);
            }
          at += strlen (token);
        }
    }
  return TRUE;
}

static gboolean
check_argv (const Key *key, const char *const *argv, GError **error)
{
  if (argv[0][0] != '/' && !g_str_has_prefix (argv[0], "./"))
    return wrong (error, key,
                  _ ("the first argument is a program; write its whole path, or ./{output}"));
  return check_tokens (key, argv, error);
}

static gboolean
check_paths (const Key *key, const char *const *paths, GError **error)
{
  for (guint i = 0; paths[i] != NULL; i++)
    {
      g_autofree char *canonical = g_canonicalize_filename (paths[i], "/");
      if (strcmp (canonical, paths[i]) != 0)
        return wrong (error, key, _ ("write whole paths, without “.”, “..” or a slash at the end"));
      if (strcmp (key->name, "etc") == 0 && !g_str_has_prefix (paths[i], "/etc/"))
        return wrong (error, key, _ ("only what is under /etc/ can be named here"));
    }
  return TRUE;
}

static gboolean
read_list (RucheToolchainFile *self, GKeyFile *file, const Key *key, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_auto (GStrv) list = g_key_file_get_string_list (file, GROUP, key->name, NULL, &local);

  if (list == NULL)
    return wrong (error, key, local->message);
  if (list[0] == NULL || *list[0] == '\0')
    return wrong (error, key, _ ("the list is empty; leave the key out or fill it"));
  if (key->kind == KEY_ARGV && !check_argv (key, (const char *const *)list, error))
    return FALSE;
  if (key->kind == KEY_PATHS && !check_paths (key, (const char *const *)list, error))
    return FALSE;
  MEMBER (self, key, char **) = g_steal_pointer (&list);
  return TRUE;
}

static gboolean
read_value (RucheToolchainFile *self, GKeyFile *file, const Key *key, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autofree char *value = key->kind == KEY_PATTERN
                               ? g_key_file_get_value (file, GROUP, key->name, &local)
                               : g_key_file_get_string (file, GROUP, key->name, &local);
  g_autoptr (GRegex) regex = NULL;
  int kind = 0;

  if (value == NULL)
    return wrong (error, key, local->message);
  if (*value == '\0')
    return wrong (error, key, _ ("the value is empty; leave the key out or fill it"));
  switch (key->kind)
    {
    case KEY_INT:
      if (!ruche_parse_int (value, key->min, key->max, &MEMBER (self, key, gint64), &local))
        return wrong (error, key, local->message);
      return TRUE;
    case KEY_DIAGNOSTICS:
      if (!ruche_enum_from_nick (&ruche_diagnostics_kind_type, value, &kind, &local))
        return wrong (error, key, local->message);
      MEMBER (self, key, RucheDiagnosticsKind) = kind;
      return TRUE;
    case KEY_PATTERN:
      regex = g_regex_new (value, G_REGEX_MULTILINE, 0, &local);
      if (regex == NULL)
        return wrong (error, key, local->message);
      break;
    default:
      break;
    }
  MEMBER (self, key, char *) = g_steal_pointer (&value);
  return TRUE;
}

static const Key *
find_key (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    if (strcmp (keys[i].name, name) == 0)
      return &keys[i];
  return NULL;
}

static gboolean
read_keys (RucheToolchainFile *self, GKeyFile *file, GError **error)
{
  g_auto (GStrv) names = g_key_file_get_keys (file, GROUP, NULL, NULL);

  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    {
      const Key *key = find_key (names[i]);
      if (key == NULL)
        {
          g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID,
                       _ ("%s: unknown key; docs/toolchains.md lists the known ones"), names[i]);
          return FALSE;
        }
      gboolean list = key->kind == KEY_LIST || key->kind == KEY_ARGV || key->kind == KEY_PATHS;
      if (!(list ? read_list : read_value) (self, file, key, error))
        return FALSE;
    }
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    if (keys[i].required && !g_key_file_has_key (file, GROUP, keys[i].name, NULL))
      return wrong (error, &keys[i], _ ("this key is missing; every toolchain needs it"));
  return TRUE;
}

static gboolean
argv_has (char **argv, const char *token)
{
  for (guint i = 0; argv != NULL && argv[i] != NULL; i++)
    if (strstr (argv[i], token) != NULL)
      return TRUE;
  return FALSE;
}

/* What no single key can say. */
static gboolean
check_whole (const RucheToolchainFile *self, GError **error)
{
  if (argv_has (self->run, "{main_class}") && self->class_pattern == NULL)
    return wrong (error, find_key ("run"), _ ("{main_class} needs the key class-pattern"));
  if (argv_has (self->run, "{output}") && self->compile == NULL)
    return wrong (error, find_key ("run"), _ ("{output} needs the key compile"));
  if (argv_has (self->compile, "{args}"))
    return wrong (error, find_key ("compile"), _ ("{args} belongs to the key run"));
  if (self->class_pattern != NULL && self->main_pattern == NULL)
    return wrong (error, find_key ("class-pattern"), _ ("it needs the key main-pattern"));
  if (self->comments != NULL && strcmp (self->comments, "c") != 0)
    return wrong (error, find_key ("comments"), _ ("the only known kind is “c”"));
  return TRUE;
}

/**
 * ruche_toolchain_file_parse:
 * @text: the file's bytes
 * @length: how many, or -1 where @text ends with NUL
 * @file_name: named in errors
 * @error: %RUCHE_ERROR_INVALID with the file, the key and what to do
 *
 * Reads a toolchain's file strictly: a misspelt key must not silently be none.
 *
 * Returns: (transfer full): the toolchain, or %NULL
 */
RucheToolchainFile *
ruche_toolchain_file_parse (const char *text, gssize length, const char *file_name, GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (RucheToolchainFile) self = g_new0 (RucheToolchainFile, 1);
  g_autoptr (GError) local = NULL;
  gsize size = length < 0 ? strlen (text) : (gsize)length;

  self->file_name = g_strdup (file_name);
  self->memory_percent = 100;
  if (size > MAX_FILE_SIZE)
    {
      g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID,
                   _ ("%s: larger than %d KiB; this is no toolchain file"), file_name,
                   MAX_FILE_SIZE / RUCHE_KIB);
      return NULL;
    }
  if (size == 0 || !g_key_file_load_from_data (file, text, size, G_KEY_FILE_NONE, &local)
      || !g_key_file_has_group (file, GROUP))
    {
      g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID, "%s: %s", file_name,
                   local != NULL ? local->message : _ ("the group [Toolchain] is missing"));
      return NULL;
    }
  if (!read_keys (self, file, &local) || !check_whole (self, &local))
    {
      g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID, "%s: %s", file_name, local->message);
      return NULL;
    }
  return g_steal_pointer (&self);
}

/**
 * ruche_toolchain_file_free:
 * @self: (nullable) (transfer full): a toolchain
 *
 * Frees a toolchain.
 */
void
ruche_toolchain_file_free (RucheToolchainFile *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    switch (keys[i].kind)
      {
      case KEY_STRING:
      case KEY_PATTERN:
        g_free (MEMBER (self, &keys[i], char *));
        break;
      case KEY_LIST:
      case KEY_ARGV:
      case KEY_PATHS:
        g_strfreev (MEMBER (self, &keys[i], char **));
        break;
      case KEY_DIAGNOSTICS:
      case KEY_INT:
        break;
      }
  g_free (self->file_name);
  g_free (self);
}

static char *
find_version (const RucheToolchainFile *self, const char *output)
{
  g_autoptr (GMatchInfo) match = NULL;
  g_autoptr (GRegex) regex
      = g_regex_new (self->version_pattern != NULL ? self->version_pattern : DEFAULT_VERSION,
                     G_REGEX_MULTILINE, 0, NULL);
  g_autofree char *valid = g_utf8_make_valid (output, -1);

  if (!g_regex_match (regex, valid, 0, &match))
    return NULL;
  return g_match_info_fetch (match, g_regex_get_capture_count (regex) > 0 ? 1 : 0);
}

/* Names for people come from tools: cut to what a message may carry. */
static char *
short_line (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, strcspn (text, "\n"));
  gsize n = strlen (valid);

  for (n = MIN (n, RUCHE_MAX_NAME); n > 0 && ((guchar)valid[n] & 0xc0) == 0x80; n--)
    ;
  valid[n] = '\0';
  g_strstrip (valid);
  return *valid != '\0' ? g_steal_pointer (&valid) : NULL;
}

/**
 * ruche_toolchain_file_offer:
 * @self: a toolchain
 * @version_output: all that its command for the version printed, on both streams
 * @package_output: (nullable): what its command for the package printed, if that succeeded
 * @architecture: of this machine: "x86_64"
 * @error: %RUCHE_ERROR_INVALID where no version is found
 *
 * Makes what a slave tells the master of a toolchain that works on it.
 *
 * Returns: (transfer full): the toolchain, or %NULL
 */
RucheToolchain *
ruche_toolchain_file_offer (const RucheToolchainFile *self,
                            const char *version_output,
                            const char *package_output,
                            const char *architecture,
                            GError **error)
{
  g_autoptr (RucheToolchain) offer = ruche_toolchain_new ();
  g_autofree char *version = find_version (self, version_output);

  if (version == NULL || *version == '\0')
    {
      g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID,
                   _ ("%s: version-pattern finds no version in what the command printed"),
                   self->file_name);
      return NULL;
    }
  offer->language = g_strdup (self->language);
  offer->name = g_strdup (self->name);
  offer->version = short_line (version);
  offer->package = package_output != NULL ? short_line (package_output) : NULL;
  offer->architecture = g_strdup (architecture);
  offer->suffixes = g_strdupv (self->suffixes);
  offer->main_names = g_strdupv (self->main_names);
  offer->main_pattern = g_strdup (self->main_pattern);
  offer->class_pattern = g_strdup (self->class_pattern);
  offer->package_pattern = g_strdup (self->package_pattern);
  offer->comments = g_strdup (self->comments);
  if (!ruche_struct_check (&ruche_toolchain_schema, offer, error))
    {
      g_prefix_error (error, "%s: ", self->file_name);
      return NULL;
    }
  return g_steal_pointer (&offer);
}
