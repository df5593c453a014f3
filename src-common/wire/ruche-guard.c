/* ruche-guard.c: what bytes must be before a JSON parser sees them
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * json-glib overflows the stack on deep nesting and takes single quotes, comments, missing commas,
 * trailing data, NaN, numbers that do not fit and strings cut at NUL. Here is the strict grammar of
 * RFC 8259, narrowed to one object, walked without recursion.
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-guard.h"

#include "ruche-bounds.h"
#include "ruche-error.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* Longer than any number that fits: 17 digits of a double, its sign, point and exponent. */
#define MAX_NUMBER 64

typedef enum
{
  EXPECT_VALUE,
  EXPECT_FIRST_NAME, /* or the end of the object */
  EXPECT_NAME,
  EXPECT_FIRST_ITEM, /* or the end of the array */
  EXPECT_REST,       /* a comma, or the end of what is open */
} Expect;

typedef struct
{
  const char *start;
  const char *at;
  const char *end;
  guint depth;
  char closers[RUCHE_MAX_JSON_DEPTH]; /* what ends each object and array that is open */
} Walk;

static gboolean
refuse (const Walk *walk, const char *what, GError **error)
{
  g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_PROTOCOL, "malformed JSON at byte %zu: %s",
               (gsize)(walk->at - walk->start), what);
  return FALSE;
}

static void
skip_space (Walk *walk)
{
  while (walk->at < walk->end
         && (*walk->at == ' ' || *walk->at == '\t' || *walk->at == '\n' || *walk->at == '\r'))
    walk->at++;
}

static gboolean
skip_char (Walk *walk, char c)
{
  if (walk->at == walk->end || *walk->at != c)
    return FALSE;
  walk->at++;
  return TRUE;
}

/* Reads the four digits of a \u escape. */
static gboolean
read_hex (Walk *walk, guint *value)
{
  *value = 0;
  if (walk->end - walk->at < 4)
    return FALSE;
  for (guint i = 0; i < 4; i++)
    {
      int digit = g_ascii_xdigit_value (*walk->at++);
      if (digit < 0)
        return FALSE;
      *value = *value * 16 + (guint)digit;
    }
  return TRUE;
}

/* After the backslash and the u. Halves of a pair must come together. */
static gboolean
skip_unicode_escape (Walk *walk, GError **error)
{
  guint first, second;

  if (!read_hex (walk, &first))
    return refuse (walk, "a \\u escape needs four hexadecimal digits", error);
  if (first == 0)
    return refuse (walk, "a string holds NUL", error);
  if (first >= 0xdc00 && first <= 0xdfff)
    return refuse (walk, "half of a surrogate pair", error);
  if (first < 0xd800 || first > 0xdbff)
    return TRUE;
  if (!skip_char (walk, '\\') || !skip_char (walk, 'u') || !read_hex (walk, &second)
      || second < 0xdc00 || second > 0xdfff)
    return refuse (walk, "half of a surrogate pair", error);
  return TRUE;
}

static gboolean
skip_string (Walk *walk, GError **error)
{
  if (!skip_char (walk, '"'))
    return refuse (walk, "a string in double quotes is missing", error);
  while (walk->at < walk->end)
    {
      guchar c = (guchar)*walk->at;
      if (c < 0x20)
        return refuse (walk, "a string holds a control character", error);
      walk->at++;
      if (c == '"')
        return TRUE;
      if (c != '\\')
        continue;
      if (walk->at == walk->end || strchr ("\"\\/bfnrtu", *walk->at) == NULL)
        return refuse (walk, "an escape that JSON does not know", error);
      if (*walk->at++ == 'u' && !skip_unicode_escape (walk, error))
        return FALSE;
    }
  return refuse (walk, "a string does not end", error);
}

static gboolean
skip_digits (Walk *walk)
{
  const char *first = walk->at;

  while (walk->at < walk->end && g_ascii_isdigit (*walk->at))
    walk->at++;
  return walk->at > first;
}

/* Whether a well-formed number can be kept in a gint64 or, with a point or exponent, a double. */
static gboolean
number_fits (const char *number, gsize size, gboolean whole)
{
  char text[MAX_NUMBER + 1];

  if (size > MAX_NUMBER)
    return FALSE;
  memcpy (text, number, size);
  text[size] = '\0';
  if (!whole)
    return isfinite (g_ascii_strtod (text, NULL));
  errno = 0;
  g_ascii_strtoll (text, NULL, 10);
  return errno == 0;
}

static gboolean
skip_number (Walk *walk, GError **error)
{
  const char *first = walk->at;
  gboolean whole = TRUE;

  skip_char (walk, '-');
  if (!skip_char (walk, '0') && !skip_digits (walk))
    return refuse (walk, "no value that JSON knows", error);
  if (skip_char (walk, '.'))
    {
      whole = FALSE;
      if (!skip_digits (walk))
        return refuse (walk, "a number ends with its point", error);
    }
  if (skip_char (walk, 'e') || skip_char (walk, 'E'))
    {
      whole = FALSE;
      if (!skip_char (walk, '+'))
        skip_char (walk, '-');
      if (!skip_digits (walk))
        return refuse (walk, "a number ends with its exponent", error);
    }
  if (!number_fits (first, (gsize)(walk->at - first), whole))
    return refuse (walk, "a number does not fit", error);
  return TRUE;
}

static gboolean
skip_word (Walk *walk, const char *word)
{
  gsize size = strlen (word);

  if ((gsize)(walk->end - walk->at) < size || memcmp (walk->at, word, size) != 0)
    return FALSE;
  walk->at += size;
  return TRUE;
}

static gboolean
open_level (Walk *walk, Expect *expect, GError **error)
{
  gboolean object = *walk->at == '{';

  if (walk->depth == RUCHE_MAX_JSON_DEPTH)
    return refuse (walk, "it is nested too deeply", error);
  walk->at++;
  walk->closers[walk->depth++] = object ? '}' : ']';
  *expect = object ? EXPECT_FIRST_NAME : EXPECT_FIRST_ITEM;
  return TRUE;
}

static gboolean
close_level (Walk *walk, Expect *expect)
{
  if (!skip_char (walk, walk->closers[walk->depth - 1]))
    return FALSE;
  walk->depth--;
  *expect = EXPECT_REST;
  return TRUE;
}

static gboolean
skip_value (Walk *walk, Expect *expect, GError **error)
{
  if (walk->at == walk->end)
    return refuse (walk, "a value is missing", error);
  if (*walk->at == '{' || *walk->at == '[')
    return open_level (walk, expect, error);
  *expect = EXPECT_REST;
  if (*walk->at == '"')
    return skip_string (walk, error);
  if (skip_word (walk, "true") || skip_word (walk, "false") || skip_word (walk, "null"))
    return TRUE;
  return skip_number (walk, error);
}

static gboolean
skip_name (Walk *walk, Expect *expect, GError **error)
{
  if (!skip_string (walk, error))
    return FALSE;
  skip_space (walk);
  if (!skip_char (walk, ':'))
    return refuse (walk, "a colon is missing", error);
  *expect = EXPECT_VALUE;
  return TRUE;
}

static gboolean
walk_on (Walk *walk, Expect *expect, GError **error)
{
  switch (*expect)
    {
    case EXPECT_FIRST_NAME:
      return close_level (walk, expect) || skip_name (walk, expect, error);
    case EXPECT_NAME:
      return skip_name (walk, expect, error);
    case EXPECT_FIRST_ITEM:
      return close_level (walk, expect) || skip_value (walk, expect, error);
    case EXPECT_REST:
      if (close_level (walk, expect))
        return TRUE;
      if (!skip_char (walk, ','))
        return refuse (walk, "a comma or an end is missing", error);
      *expect = walk->closers[walk->depth - 1] == '}' ? EXPECT_NAME : EXPECT_VALUE;
      return TRUE;
    case EXPECT_VALUE:
      break;
    }
  return skip_value (walk, expect, error);
}

/**
 * ruche_guard_check:
 * @text: bytes that should be JSON; need not end with NUL
 * @size: how many
 * @error: %RUCHE_ERROR_TOO_LARGE, or %RUCHE_ERROR_PROTOCOL with what is wrong and where
 *
 * Checks that bytes are exactly one JSON object, in UTF-8, without NUL in any spelling, not nested
 * deeper than %RUCHE_MAX_JSON_DEPTH, whose numbers fit a gint64 or a finite double.
 *
 * Returns: whether a JSON parser may see them
 */
gboolean
ruche_guard_check (const char *text, gsize size, GError **error)
{
  Walk walk = { .start = text, .at = text };
  Expect expect = EXPECT_VALUE;

  if (size > RUCHE_MAX_HEADER_SIZE)
    {
      g_set_error (error, RUCHE_ERROR, RUCHE_ERROR_TOO_LARGE,
                   "%zu bytes of JSON are more than the %d allowed", size, RUCHE_MAX_HEADER_SIZE);
      return FALSE;
    }
  if (size == 0)
    return refuse (&walk, "there is nothing", error);
  walk.end = text + size;
  if (!g_utf8_validate_len (text, size, &walk.at))
    return refuse (&walk, "not UTF-8, or NUL", error);
  walk.at = text;
  skip_space (&walk);
  if (walk.at == walk.end || *walk.at != '{')
    return refuse (&walk, "it is not an object", error);
  do
    {
      skip_space (&walk);
      if (!walk_on (&walk, &expect, error))
        return FALSE;
    }
  while (walk.depth > 0);
  skip_space (&walk);
  return walk.at == walk.end || refuse (&walk, "something follows the object", error);
}
