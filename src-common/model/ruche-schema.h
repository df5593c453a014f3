/* ruche-schema.h: plain structs described by tables, and their JSON both ways
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Every struct that crosses the wire has one table that names its members, their types and their
 * bounds. Reading, writing, copying, comparing and freeing all follow that table, so a member is
 * described once and no reader can forget a check. A peer is never trusted: whatever does not fit
 * the table is a GError, never a critical.
 */
#pragma once

#include <glib.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * RucheKind:
 * @RUCHE_KIND_BOOL: a gboolean; true or false
 * @RUCHE_KIND_INT: a gint64 from min to max
 * @RUCHE_KIND_REAL: a finite double from min to max
 * @RUCHE_KIND_STRING: a char*, owned; at most max bytes of UTF-8 without NUL
 * @RUCHE_KIND_DIGEST: a char*, owned; 64 lower-case hexadecimal digits
 * @RUCHE_KIND_ENUM: an int, written as its nick in the RucheEnum that sub points to
 * @RUCHE_KIND_STRV: a char**, owned; at most max strings of at most item_max bytes
 * @RUCHE_KIND_OBJECT: a pointer to a struct of the schema that sub points to, owned
 * @RUCHE_KIND_LIST: a GPtrArray of such structs, at most max; never %NULL once made by
 *   ruche_struct_new()
 *
 * The types of members.
 */
typedef enum
{
  RUCHE_KIND_BOOL,
  RUCHE_KIND_INT,
  RUCHE_KIND_REAL,
  RUCHE_KIND_STRING,
  RUCHE_KIND_DIGEST,
  RUCHE_KIND_ENUM,
  RUCHE_KIND_STRV,
  RUCHE_KIND_OBJECT,
  RUCHE_KIND_LIST,
} RucheKind;

/**
 * RucheEnum:
 * @name: what the values are, for errors: "verdict"
 * @nicks: their spellings, in order from value 0
 * @n_nicks: how many
 *
 * The spellings of an enumeration.
 */
typedef struct
{
  const char *name;
  const char *const *nicks;
  guint n_nicks;
} RucheEnum;

/**
 * RucheField:
 * @name: the member in JSON; %NULL ends a table
 * @kind: its type
 * @required: whether JSON without it is refused
 * @offset: its place in the struct
 * @min: of numbers
 * @max: of numbers, or of bytes of a string, or of entries of a list
 * @item_max: bytes of each string of a STRV
 * @fallback: the value of an absent BOOL, INT or ENUM
 * @sub: the RucheSchema of OBJECT and LIST, the RucheEnum of ENUM
 *
 * One member of a struct.
 */
typedef struct
{
  const char *name;
  RucheKind kind;
  gboolean required;
  gsize offset;
  gint64 min;
  gint64 max;
  gint64 item_max;
  gint64 fallback;
  gconstpointer sub;
} RucheField;

/**
 * RucheSchema:
 * @name: the struct's name in errors and in docs/protocol.md
 * @size: sizeof the struct
 * @fields: its members, ended by one without a name
 *
 * A struct.
 */
typedef struct
{
  const char *name;
  gsize size;
  const RucheField *fields;
} RucheSchema;

/* One line a member. REQ in a name: JSON without it is refused. */
#define RUCHE_FIELD_BOOL(T, member, json, dflt)                                                    \
  {                                                                                                \
    json, RUCHE_KIND_BOOL, FALSE, G_STRUCT_OFFSET (T, member), 0, 1, 0, dflt, NULL                 \
  }
#define RUCHE_FIELD_INT(T, member, json, lo, hi, dflt)                                             \
  {                                                                                                \
    json, RUCHE_KIND_INT, FALSE, G_STRUCT_OFFSET (T, member), lo, hi, 0, dflt, NULL                \
  }
#define RUCHE_FIELD_INT_REQ(T, member, json, lo, hi)                                               \
  {                                                                                                \
    json, RUCHE_KIND_INT, TRUE, G_STRUCT_OFFSET (T, member), lo, hi, 0, 0, NULL                    \
  }
#define RUCHE_FIELD_REAL(T, member, json, lo, hi)                                                  \
  {                                                                                                \
    json, RUCHE_KIND_REAL, FALSE, G_STRUCT_OFFSET (T, member), lo, hi, 0, 0, NULL                  \
  }
#define RUCHE_FIELD_STRING(T, member, json, bytes)                                                 \
  {                                                                                                \
    json, RUCHE_KIND_STRING, FALSE, G_STRUCT_OFFSET (T, member), 0, bytes, 0, 0, NULL              \
  }
#define RUCHE_FIELD_STRING_REQ(T, member, json, bytes)                                             \
  {                                                                                                \
    json, RUCHE_KIND_STRING, TRUE, G_STRUCT_OFFSET (T, member), 0, bytes, 0, 0, NULL               \
  }
#define RUCHE_FIELD_DIGEST(T, member, json)                                                        \
  {                                                                                                \
    json, RUCHE_KIND_DIGEST, FALSE, G_STRUCT_OFFSET (T, member), 0, 64, 0, 0, NULL                 \
  }
#define RUCHE_FIELD_DIGEST_REQ(T, member, json)                                                    \
  {                                                                                                \
    json, RUCHE_KIND_DIGEST, TRUE, G_STRUCT_OFFSET (T, member), 0, 64, 0, 0, NULL                  \
  }
#define RUCHE_FIELD_ENUM(T, member, json, type, dflt)                                              \
  {                                                                                                \
    json, RUCHE_KIND_ENUM, FALSE, G_STRUCT_OFFSET (T, member), 0, 0, 0, dflt, type                 \
  }
#define RUCHE_FIELD_ENUM_REQ(T, member, json, type)                                                \
  {                                                                                                \
    json, RUCHE_KIND_ENUM, TRUE, G_STRUCT_OFFSET (T, member), 0, 0, 0, 0, type                     \
  }
#define RUCHE_FIELD_STRV(T, member, json, count, bytes)                                            \
  {                                                                                                \
    json, RUCHE_KIND_STRV, FALSE, G_STRUCT_OFFSET (T, member), 0, count, bytes, 0, NULL            \
  }
#define RUCHE_FIELD_OBJECT(T, member, json, schema)                                                \
  {                                                                                                \
    json, RUCHE_KIND_OBJECT, FALSE, G_STRUCT_OFFSET (T, member), 0, 0, 0, 0, schema                \
  }
#define RUCHE_FIELD_OBJECT_REQ(T, member, json, schema)                                            \
  {                                                                                                \
    json, RUCHE_KIND_OBJECT, TRUE, G_STRUCT_OFFSET (T, member), 0, 0, 0, 0, schema                 \
  }
#define RUCHE_FIELD_LIST(T, member, json, schema, count)                                           \
  {                                                                                                \
    json, RUCHE_KIND_LIST, FALSE, G_STRUCT_OFFSET (T, member), 0, count, 0, 0, schema              \
  }
#define RUCHE_FIELD_END                                                                            \
  {                                                                                                \
    NULL                                                                                           \
  }

/* Declares T's schema and its typed calls; the .c file says RUCHE_DEFINE_STRUCT with the table. */
#define RUCHE_DECLARE_STRUCT(T, prefix)                                                            \
  extern const RucheSchema prefix##_schema;                                                        \
  T *prefix##_new (void);                                                                          \
  T *prefix##_copy (const T *self);                                                                \
  void prefix##_free (T *self);                                                                    \
  G_DEFINE_AUTOPTR_CLEANUP_FUNC (T, prefix##_free)

#define RUCHE_DEFINE_STRUCT(T, prefix, ...)                                                        \
  static const RucheField prefix##_fields[] = { __VA_ARGS__, RUCHE_FIELD_END };                    \
  const RucheSchema prefix##_schema = { #T, sizeof (T), prefix##_fields };                         \
  T *prefix##_new (void)                                                                           \
  {                                                                                                \
    return ruche_struct_new (&prefix##_schema);                                                    \
  }                                                                                                \
  T *prefix##_copy (const T *self)                                                                 \
  {                                                                                                \
    return ruche_struct_copy (&prefix##_schema, self);                                             \
  }                                                                                                \
  void prefix##_free (T *self)                                                                     \
  {                                                                                                \
    ruche_struct_free (&prefix##_schema, self);                                                    \
  }

gpointer
ruche_struct_new (const RucheSchema *schema);
void
ruche_struct_free (const RucheSchema *schema, gpointer self);
gpointer
ruche_struct_copy (const RucheSchema *schema, gconstpointer self);
gboolean
ruche_struct_equal (const RucheSchema *schema, gconstpointer a, gconstpointer b);
gboolean
ruche_struct_check (const RucheSchema *schema,
                    gconstpointer self,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

void
ruche_struct_write (const RucheSchema *schema, gconstpointer self, JsonObject *object);
JsonObject *
ruche_struct_to_json (const RucheSchema *schema, gconstpointer self);
gpointer
ruche_struct_from_json (const RucheSchema *schema,
                        JsonObject *object,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;
char *
ruche_json_to_text (JsonNode *node);
char *
ruche_struct_to_text (const RucheSchema *schema, gconstpointer self);

const char *
ruche_enum_to_nick (const RucheEnum *type, int value);
gboolean
ruche_enum_from_nick (const RucheEnum *type, const char *nick, int *value, GError **error);

G_END_DECLS
