/* test-box-command.c: the command line that makes a box, as a list; and what its failure means
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "ruche-bounds.h"
#include "ruche-box-command.h"
#include "ruche-box-private.h"
#include "ruche-error.h"

#include <string.h>

static const char default_command[]
    = "/usr/bin/bwrap --unshare-user --unshare-pid --unshare-net --unshare-ipc --unshare-uts "
      "--disable-userns --uid 1000 --gid 1000 --hostname box --as-pid-1 --new-session "
      "--die-with-parent --cap-drop ALL --clearenv "
      "--ro-bind /usr /usr --symlink usr/bin /bin --symlink usr/lib /lib "
      "--symlink usr/lib64 /lib64 --symlink usr/sbin /sbin --perms 0755 --dir /etc "
      "--ro-bind-try /etc/alternatives /etc/alternatives "
      "--ro-bind-try /etc/ld.so.cache /etc/ld.so.cache "
      "--ro-bind-try /etc/ld.so.conf /etc/ld.so.conf "
      "--ro-bind-try /etc/ld.so.conf.d /etc/ld.so.conf.d "
      "--perms 0444 --file 5 /etc/passwd --perms 0444 --file 6 /etc/group "
      "--proc /proc --dev /dev --size 41943040 --perms 0755 --tmpfs /work "
      "--size 16777216 --perms 0755 --tmpfs /tmp --size 8388608 --perms 0755 --tmpfs /dev/shm "
      "--remount-ro /dev --remount-ro / --chdir /work -- /proc/self/fd/4";

static void
test_default (void)
{
  RucheBoxProfile profile = { .disk_kib = RUCHE_DEFAULT_DISK_KIB };
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) argv = ruche_box_command ("/usr/bin/bwrap", &profile, &error);
  g_autofree char *line = NULL;

  g_assert_no_error (error);
  line = g_strjoinv (" ", argv);
  g_assert_cmpstr (line, ==, default_command);
}

/* What is writable sums up to the limit, whatever it is. */
static void
test_disk (void)
{
  static const gint64 sizes[] = { 32, 33, 39, 1000, RUCHE_DEFAULT_DISK_KIB, RUCHE_MAX_DISK_KIB };
  static const gint64 wrong[] = { -1, 0, 31, RUCHE_MAX_DISK_KIB + 1, G_MAXINT64, G_MININT64 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      RucheBoxProfile profile = { .disk_kib = sizes[i] };
      g_auto (GStrv) argv = ruche_box_command ("bwrap", &profile, NULL);
      gint64 sum = 0;
      for (char **word = argv; *word != NULL; word++)
        if (g_str_equal (*word, "--size"))
          sum += g_ascii_strtoll (word[1], NULL, 10);
      g_assert_cmpint (sum, ==, sizes[i] * RUCHE_KIB);
    }
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      RucheBoxProfile profile = { .disk_kib = wrong[i] };
      g_autoptr (GError) error = NULL;
      g_assert_null (ruche_box_command ("bwrap", &profile, &error));
      g_assert_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID);
    }
}

static void
test_etc (void)
{
  const char *fine[] = { "java-17-openjdk", "ssl/certs", NULL };
  static const char *const wrong[]
      = { "", ".", "..", "../root", "a/../..", "/shadow", "a//b", "a/" };
  RucheBoxProfile profile = { .disk_kib = 1024, .etc = (char **)fine };
  g_auto (GStrv) argv = ruche_box_command ("bwrap", &profile, NULL);
  g_autofree char *line = g_strjoinv (" ", argv);

  g_assert_nonnull (strstr (line, " --ro-bind-try /etc/java-17-openjdk /etc/java-17-openjdk "
                                  "--ro-bind-try /etc/ssl/certs /etc/ssl/certs "));
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      const char *etc[] = { "ssl", wrong[i], NULL };
      g_autoptr (GError) error = NULL;
      profile.etc = (char **)etc;
      g_assert_null (ruche_box_command ("bwrap", &profile, &error));
      g_assert_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID);
    }
}

static void
test_explain (void)
{
  static const struct
  {
    const char *complaint;
    const char *says;
  } cases[] = {
    { "bwrap: No permissions to create new namespace, likely because the kernel does not allow\n",
      "user namespaces" },
    { "bwrap: Creating new namespace failed: nesting depth or max_*_namespaces exceeded (ENOSPC)",
      "user namespaces" },
    { "bwrap: setting up uid map: Permission denied", "user namespaces" },
    { "bwrap: Can't mount proc on /newroot/proc: Operation not permitted",
      "ProtectKernelTunables" },
    { "bwrap: Can't find source path /usr: No such file", "source path /usr" },
    { "", "before it was ready" },
    { "\xff\xfe\n", "could not be made" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = ruche_box_explain (cases[i].complaint);
      g_autofree char *lower = g_utf8_strdown (error->message, -1);
      g_autofree char *wanted = g_utf8_strdown (cases[i].says, -1);
      g_assert_error (error, RUCHE_ERROR, RUCHE_ERROR_UNAVAILABLE);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      g_assert_null (strchr (error->message, '\n'));
      g_assert_nonnull (strstr (lower, wanted));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/box/command/default", test_default);
  g_test_add_func ("/box/command/disk", test_disk);
  g_test_add_func ("/box/command/etc", test_etc);
  g_test_add_func ("/box/explain", test_explain);
  return g_test_run ();
}
