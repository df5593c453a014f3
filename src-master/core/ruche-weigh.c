/* ruche-weigh.c: how much room a struct takes in a message
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A message's header is bounded, and lists are cut into messages by this weight. It is never less
 * than the length of the JSON and cheaper than writing it.
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-weigh.h"

#include <string.h>

#define NUMBER  32 /* digits of any number or word */
#define FRAMING 8  /* quotes, colon, comma, brackets */

#define MEMBER(T, self, field)                                                                     \
  (*(T const *)(gconstpointer)((const guint8 *)(self) + (field)->offset))

static gsize
weigh_text (const char *text)
{
  gsize weight = FRAMING;

  for (const char *p = text; p != NULL && *p != '\0'; p++)
    if ((guchar)*p < 0x20 || *p == 0x7f)
      weight += 6;
    else
      weight += *p == '"' || *p == '\\' ? 2 : 1;
  return weight;
}

static gsize
weigh_member (const RucheField *field, gconstpointer self)
{
  gsize weight = 0;

  switch (field->kind)
    {
    case RUCHE_KIND_STRING:
    case RUCHE_KIND_DIGEST:
      return weigh_text (MEMBER (char *, self, field));
    case RUCHE_KIND_STRV:
      for (char **p = MEMBER (char **, self, field); p != NULL && *p != NULL; p++)
        weight += weigh_text (*p);
      return weight;
    case RUCHE_KIND_OBJECT:
      return MEMBER (gpointer, self, field) != NULL
                 ? ruche_weigh (field->sub, MEMBER (gpointer, self, field))
                 : 0;
    case RUCHE_KIND_LIST:
      {
        GPtrArray *list = MEMBER (GPtrArray *, self, field);
        for (guint i = 0; list != NULL && i < list->len; i++)
          weight += ruche_weigh (field->sub, g_ptr_array_index (list, i));
        return weight;
      }
    case RUCHE_KIND_BOOL:
    case RUCHE_KIND_INT:
    case RUCHE_KIND_REAL:
    case RUCHE_KIND_ENUM:
      return NUMBER;
    }
  return weight;
}

/**
 * ruche_weigh:
 * @schema: its table
 * @self: a struct
 *
 * Says how long a struct may be as JSON.
 *
 * Returns: bytes, at least those that are needed
 */
gsize
ruche_weigh (const RucheSchema *schema, gconstpointer self)
{
  gsize weight = FRAMING;

  for (const RucheField *f = schema->fields; f->name != NULL; f++)
    weight += strlen (f->name) + FRAMING + weigh_member (f, self);
  return weight;
}
