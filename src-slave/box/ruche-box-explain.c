/* ruche-box-explain.c: why a box could not be made, and what to do about it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-box-private.h"

#include "ruche-error.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* Settings of the kernel that keep an unprivileged user from making a user namespace. */
static const struct
{
  const char *path;
  const char *forbids;
  const char *permit;
} settings[] = {
  { "/proc/sys/kernel/unprivileged_userns_clone", "0", "kernel.unprivileged_userns_clone=1" },
  { "/proc/sys/user/max_user_namespaces", "0", "user.max_user_namespaces=65536" },
  { "/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1",
    "kernel.apparmor_restrict_unprivileged_userns=0" },
};

static const char *
find_setting (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
    {
      g_autofree char *value = NULL;

      if (g_file_get_contents (settings[i].path, &value, NULL, NULL)
          && g_str_equal (g_strstrip (value), settings[i].forbids))
        return settings[i].permit;
    }
  return NULL;
}

/**
 * ruche_box_explain:
 * @complaint: what bubblewrap or the runner wrote on standard error, "" for nothing
 *
 * Turns a failure to make a box into a sentence that says what to do.
 *
 * Returns: (transfer full): %RUCHE_ERROR_UNAVAILABLE
 */
GError *
ruche_box_explain (const char *complaint)
{
  g_autofree char *text = g_utf8_make_valid (complaint, -1);
  const char *setting = find_setting ();

  g_strdelimit (g_strstrip (text), "\n\r\t", ' ');
  if (strstr (text, "namespace") != NULL || strstr (text, "uid map") != NULL)
    {
      if (setting != NULL)
        return g_error_new (RUCHE_ERROR, RUCHE_ERROR_UNAVAILABLE,
                            _ ("This machine does not let ordinary users make user namespaces, "
                               "which boxes need. As root, run “sysctl -w %s”."),
                            setting);
      return g_error_new (RUCHE_ERROR, RUCHE_ERROR_UNAVAILABLE,
                          _ ("User namespaces, which boxes need, are not permitted here (inside a "
                             "container, perhaps, or by user.max_user_namespaces): %s"),
                          text);
    }
  if (strstr (text, "mount proc") != NULL)
    return g_error_new (RUCHE_ERROR, RUCHE_ERROR_UNAVAILABLE,
                        _ ("A box cannot have its own /proc here: leave ProtectKernelTunables out "
                           "of the unit, or let the container see all of /proc (%s)."),
                        text);
  if (*text == '\0')
    return g_error_new_literal (RUCHE_ERROR, RUCHE_ERROR_UNAVAILABLE,
                                _ ("The box ended before it was ready."));
  return g_error_new (RUCHE_ERROR, RUCHE_ERROR_UNAVAILABLE, _ ("A box could not be made: %s"),
                      text);
}
