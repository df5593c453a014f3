/* ruche-program-blank.c: comments and literals of C and its kin, blanked out
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-program-text.h"

#include <string.h>

#define MAX_RAW_DELIMITER 16 /* the standard's bound on R"delimiter(…)delimiter" */

/* All of these take the text and where a thing begins, and answer where it ends. */

static gsize
end_of_line (const char *text, gsize length, gsize at)
{
  const char *end = memchr (text + at, '\n', length - at);

  return end != NULL ? (gsize)(end - text) : length;
}

static gsize
after (const char *text, gsize length, gsize at, const char *mark, gsize mark_length)
{
  const char *found = memmem (text + at, length - at, mark, mark_length);

  return found != NULL ? (gsize)(found - text) + mark_length : length;
}

/* "…" ends at its line's end at the latest: what is unterminated must not eat the file. */
static gsize
end_of_string (const char *text, gsize length, gsize at)
{
  for (gsize i = at + 1; i < length; i++)
    {
      if (text[i] == '\\')
        i++;
      else if (text[i] == '"')
        return i + 1;
      else if (text[i] == '\n')
        return i;
    }
  return length;
}

/* R"x(…)x" of C++; @at is that of the quote. */
static gsize
end_of_raw_string (const char *text, gsize length, gsize at)
{
  char mark[MAX_RAW_DELIMITER + 2] = ")";
  const char *open = memchr (text + at, '(', MIN (length - at, MAX_RAW_DELIMITER + 2));

  if (open == NULL)
    return end_of_string (text, length, at);
  gsize n = open - (text + at) - 1;
  memcpy (mark + 1, text + at + 1, n);
  mark[n + 1] = '"';
  return after (text, length, at, mark, n + 2);
}

/* One character in quotes. Anything else with a quote (a lifetime of Rust, 1'000 of C++) is not a
 * literal. */
static gsize
end_of_character (const char *text, gsize length, gsize at)
{
  gsize i = at + 1;

  if (i < length && text[i] == '\\')
    {
      for (i += 2; i < length && i < at + 16 && text[i] != '\n'; i++)
        if (text[i] == '\'')
          return i + 1;
      return at + 1;
    }
  if (i < length && text[i] != '\'' && text[i] != '\n')
    for (i++; i < length && ((guchar)text[i] & 0xc0) == 0x80; i++)
      ;
  return i < length && i > at + 1 && text[i] == '\'' ? i + 1 : at + 1;
}

static gsize
end_of_quoted (const char *text, gsize length, gsize at)
{
  if (at + 2 < length && text[at + 1] == '"' && text[at + 2] == '"')
    return after (text, length, at + 3, "\"\"\"", 3);
  if (at > 0 && text[at - 1] == 'R')
    return end_of_raw_string (text, length, at);
  return end_of_string (text, length, at);
}

/* Where the comment or literal that begins at @at ends; @at itself where there is code. */
static gsize
end_of_blank (const char *text, gsize length, gsize at)
{
  char next = at + 1 < length ? text[at + 1] : '\0';

  if (text[at] == '"')
    return end_of_quoted (text, length, at);
  if (text[at] == '\'')
    return end_of_character (text, length, at);
  if (text[at] == '/' && next == '/')
    return end_of_line (text, length, at);
  if (text[at] == '/' && next == '*')
    return after (text, length, at + 2, "*/", 2);
  return at;
}

/**
 * ruche_program_text_blank:
 * @text: a source in C or a language with its comments and literals
 * @length: bytes of it
 *
 * Copies a source with a blank for every byte of a comment, a string or a character literal, so
 * that patterns find only code. Lines and places stay as they were.
 *
 * Returns: (transfer full): the copy, as long as @text and ended by NUL
 */
char *
ruche_program_text_blank (const char *text, gsize length)
{
  char *copy = g_malloc (length + 1);
  gsize at = 0;

  while (at < length)
    {
      gsize end = end_of_blank (text, length, at);
      if (end == at)
        {
          copy[at] = text[at];
          at++;
        }
      for (; at < end; at++)
        copy[at] = text[at] == '\n' ? '\n' : ' ';
    }
  copy[length] = '\0';
  return copy;
}
