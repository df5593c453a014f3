/* test-address.c: where a master is, as people write it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "ruche-address.h"
#include "ruche-error.h"

#include <string.h>

#define FP    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define QUERY "/?fp=" FP "&token=a-B_9"

static void
test_paths (void)
{
  g_autofree char *here = g_get_current_dir ();
  g_autofree char *expected = g_build_filename (here, "a b", "é.sock", NULL);
  g_autoptr (RucheAddress) relative = ruche_address_parse ("./a b/x/../é.sock", NULL);
  g_autoptr (RucheAddress) absolute = ruche_address_parse ("/run/ruche:1/m.sock", NULL);
  g_autoptr (RucheAddress) bare = ruche_address_parse ("master.sock", NULL);
  g_autofree char *text = ruche_address_to_text (absolute);

  g_assert_cmpint (relative->kind, ==, RUCHE_ADDRESS_UNIX);
  g_assert_cmpstr (relative->path, ==, expected);
  g_assert_cmpstr (absolute->path, ==, "/run/ruche:1/m.sock");
  g_assert_cmpstr (text, ==, "/run/ruche:1/m.sock");
  g_assert_true (g_path_is_absolute (bare->path));
}

static void
test_long_path (void)
{
  g_autofree char *longest = g_strnfill (107, 'a');
  g_autofree char *longer = g_strnfill (108, 'a');
  g_autoptr (RucheAddress) fits = NULL;
  g_autoptr (RucheAddress) made = NULL;
  g_autoptr (GSocketConnectable) usable = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) use_error = NULL;

  longest[0] = longer[0] = '/';
  fits = ruche_address_parse (longest, &error);
  g_assert_no_error (error);
  usable = ruche_address_to_connectable (fits, &error);
  g_assert_no_error (error);
  g_assert_nonnull (usable);
  g_assert_null (ruche_address_parse (longer, &error));
  g_assert_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID);
  g_assert_nonnull (strstr (error->message, "107"));
  made = ruche_address_new_unix (longer);
  g_assert_null (ruche_address_to_connectable (made, &use_error));
  g_assert_error (use_error, RUCHE_ERROR, RUCHE_ERROR_INVALID);
}

static void
test_join_codes (void)
{
  static const struct
  {
    const char *text;
    const char *host;
    guint16 port;
  } cases[] = {
    { "ruche://master.example.org:7117" QUERY, "master.example.org", 7117 },
    { "ruche://10.0.0.7:1" QUERY, "10.0.0.7", 1 },
    { "ruche://[::1]:65535" QUERY, "::1", 65535 },
    { "ruche://[fe80::1]:7117" QUERY, "fe80::1", 7117 },
    { "ruche://localhost:7117" QUERY, "localhost", 7117 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GError) use_error = NULL;
      g_autoptr (RucheAddress) address = ruche_address_parse (cases[i].text, &error);
      g_autoptr (RucheAddress) copy = ruche_address_copy (address);
      g_assert_no_error (error);
      g_autofree char *text = ruche_address_to_text (copy);
      g_assert_cmpint (address->kind, ==, RUCHE_ADDRESS_TLS);
      g_assert_cmpstr (address->host, ==, cases[i].host);
      g_assert_cmpuint (address->port, ==, cases[i].port);
      g_assert_cmpstr (address->fingerprint, ==, FP);
      g_assert_cmpstr (address->token, ==, "a-B_9");
      g_assert_cmpstr (text, ==, cases[i].text);
      g_assert_null (ruche_address_to_connectable (address, &use_error));
      g_assert_error (use_error, RUCHE_ERROR, RUCHE_ERROR_UNSUPPORTED);
      g_assert_nonnull (strstr (use_error->message, cases[i].host));
      g_assert_null (strstr (use_error->message, "a-B_9"));
    }
}

static void
test_wrong (void)
{
  static const struct
  {
    const char *text;
    int code;
  } cases[] = {
    { "", RUCHE_ERROR_INVALID },
    { "http://x:1/", RUCHE_ERROR_INVALID },
    { "unix:///x", RUCHE_ERROR_INVALID },
    { "RUCHE://x:1" QUERY, RUCHE_ERROR_INVALID },
    { "ruche://", RUCHE_ERROR_INVALID },
    { "ruche://x:1", RUCHE_ERROR_INVALID },
    { "ruche://x:1/", RUCHE_ERROR_INVALID },
    { "ruche://x" QUERY, RUCHE_ERROR_INVALID },
    { "ruche://:1" QUERY, RUCHE_ERROR_INVALID },
    { "ruche://x:" QUERY, RUCHE_ERROR_INVALID },
    { "ruche://x:0" QUERY, RUCHE_ERROR_INVALID },
    { "ruche://x:65536" QUERY, RUCHE_ERROR_INVALID },
    { "ruche://x:-1" QUERY, RUCHE_ERROR_INVALID },
    { "ruche://x:1e3" QUERY, RUCHE_ERROR_INVALID },
    { "ruche://x: 1" QUERY, RUCHE_ERROR_INVALID },
    { "ruche://x y:1" QUERY, RUCHE_ERROR_INVALID },
    { "ruche://a@x:1" QUERY, RUCHE_ERROR_INVALID },
    { "ruche://é:1" QUERY, RUCHE_ERROR_INVALID },
    { "ruche://-x:1" QUERY, RUCHE_ERROR_INVALID },
    { "ruche://::1:1" QUERY, RUCHE_ERROR_INVALID },
    { "ruche://[x]:1" QUERY, RUCHE_ERROR_INVALID },
    { "ruche://[::1:1" QUERY, RUCHE_ERROR_INVALID },
    { "ruche://[]:1" QUERY, RUCHE_ERROR_INVALID },
    { "ruche://[::1]" QUERY, RUCHE_ERROR_INVALID },
    { "ruche://x:1/y?fp=" FP "&token=a", RUCHE_ERROR_INVALID },
    { "ruche://x:1/?fp=" FP, RUCHE_ERROR_INVALID },
    { "ruche://x:1/?token=a", RUCHE_ERROR_INVALID },
    { "ruche://x:1/?fp=" FP "&token=", RUCHE_ERROR_INVALID },
    { "ruche://x:1/?fp=" FP "&token=a&", RUCHE_ERROR_INVALID },
    { "ruche://x:1/?fp=" FP "&token=a&token=b", RUCHE_ERROR_INVALID },
    { "ruche://x:1/?fp=" FP "&fp=" FP "&token=b", RUCHE_ERROR_INVALID },
    { "ruche://x:1/?fp=" FP "0&token=a", RUCHE_ERROR_INVALID },
    { "ruche://x:1/?fp=0123&token=a", RUCHE_ERROR_INVALID },
    { "ruche://x:1/?fp=" FP "&token=a%20b", RUCHE_ERROR_INVALID },
    { "ruche://x:1/?fp=" FP "&token=a\n", RUCHE_ERROR_INVALID },
    { "ruche://x:1/?fp=" FP "&token=a&more=1", RUCHE_ERROR_INVALID },
    { "localhost:7117", RUCHE_ERROR_UNSUPPORTED },
    { "10.0.0.1:7117", RUCHE_ERROR_UNSUPPORTED },
    { "10.0.0.1", RUCHE_ERROR_UNSUPPORTED },
    { "[::1]:7117", RUCHE_ERROR_UNSUPPORTED },
    { "::1", RUCHE_ERROR_UNSUPPORTED },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (RucheAddress) address = ruche_address_parse (cases[i].text, &error);
      if (address != NULL || error->code != cases[i].code)
        g_error ("“%s”: %s", cases[i].text, error != NULL ? error->message : "taken");
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/address/paths", test_paths);
  g_test_add_func ("/address/long-path", test_long_path);
  g_test_add_func ("/address/join-codes", test_join_codes);
  g_test_add_func ("/address/wrong", test_wrong);
  return g_test_run ();
}
