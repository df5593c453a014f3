/* ruche-program-text.h: what the text of a program says about it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which language a file is in, which file of a program is the main one and which class starts it.
 * All of it follows from what the servers say of their toolchains, so that a client knows nothing
 * about any language by itself.
 */
#pragma once

#include "ruche-server.h"

G_BEGIN_DECLS

gboolean
ruche_program_text_find_language (GPtrArray *toolchains,
                                  const char *language,
                                  const RucheToolchain **toolchain,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
ruche_program_text_detect_language (GPtrArray *toolchains,
                                    const char *file_name,
                                    const RucheToolchain **toolchain,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
ruche_program_text_is_source (const RucheToolchain *toolchain, const char *file_name);
gboolean
ruche_program_text_check (const char *file_name,
                          GBytes *content,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
ruche_program_text_find_main (const RucheToolchain *toolchain,
                              const char *const *names,
                              GBytes *const *contents,
                              guint n,
                              const char *wanted,
                              char **main,
                              char **main_class,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
char *
ruche_program_text_blank (const char *text, gsize length);

G_END_DECLS
