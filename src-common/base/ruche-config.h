/* ruche-config.h: configuration files of the daemons
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _RucheConfig RucheConfig;

/**
 * RucheConfigKey:
 * @name: the key, in the one group of the file
 * @check: (nullable): says whether @value will do; its error says what to write instead
 *
 * One key that a daemon knows. A file with any other key is refused: a misspelt limit must not
 * silently be no limit.
 */
typedef struct
{
  const char *name;
  gboolean (*check) (const char *value, GError **error);
} RucheConfigKey;

RucheConfig *
ruche_config_parse (const char *text,
                    gssize length,
                    const char *file_name,
                    const char *group,
                    const RucheConfigKey *keys,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
RucheConfig *
ruche_config_new_empty (const char *group, const RucheConfigKey *keys);
void
ruche_config_free (RucheConfig *config);
gboolean
ruche_config_set (RucheConfig *config, const char *key, const char *value, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
const char *
ruche_config_get_string (RucheConfig *config, const char *key);
gint64
ruche_config_get_int (RucheConfig *config, const char *key, gint64 fallback);

gboolean
ruche_parse_int (const char *text, gint64 min, gint64 max, gint64 *value, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RucheConfig, ruche_config_free)

G_END_DECLS
