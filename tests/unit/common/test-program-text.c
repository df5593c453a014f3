/* test-program-text.c: languages, main files and main classes, by the shipped toolchains' patterns
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "ruche-error.h"
#include "ruche-program-text.h"

#include <string.h>

static void
toolchain_free (gpointer toolchain)
{
  ruche_toolchain_free (toolchain);
}

static GPtrArray *
load_toolchains (void)
{
  static const char *const names[]
      = { "c", "cpp", "python", "java", "go", "rust", "pascal", "fortran", "bash" };
  GPtrArray *toolchains = g_ptr_array_new_with_free_func (toolchain_free);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *base = g_strconcat (names[i], ".toolchain", NULL);
      g_autofree char *path
          = g_build_filename (g_getenv ("RUCHE_SOURCE_DIR"), "data", "toolchains", base, NULL);
      g_autoptr (GKeyFile) file = g_key_file_new ();
      g_autoptr (GError) error = NULL;
      RucheToolchain *t = ruche_toolchain_new ();
      g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, &error);
      g_assert_no_error (error);
      t->language = g_key_file_get_string (file, "Toolchain", "language", NULL);
      t->name = g_key_file_get_string (file, "Toolchain", "name", NULL);
      t->comments = g_key_file_get_string (file, "Toolchain", "comments", NULL);
      t->suffixes = g_key_file_get_string_list (file, "Toolchain", "suffixes", NULL, NULL);
      t->main_names = g_key_file_get_string_list (file, "Toolchain", "main-names", NULL, NULL);
      t->main_pattern = g_key_file_get_value (file, "Toolchain", "main-pattern", NULL);
      t->class_pattern = g_key_file_get_value (file, "Toolchain", "class-pattern", NULL);
      t->package_pattern = g_key_file_get_value (file, "Toolchain", "package-pattern", NULL);
      g_ptr_array_add (toolchains, t);
    }
  return toolchains;
}

static const RucheToolchain *
find (GPtrArray *toolchains, const char *language)
{
  const RucheToolchain *toolchain = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (ruche_program_text_find_language (toolchains, language, &toolchain, &error));
  return toolchain;
}

static void
test_languages (void)
{
  static const struct
  {
    const char *file;
    const char *language;
  } cases[] = {
    { "a.c", "c" },     { "a.C", "cpp" },       { "x/y.cpp", "cpp" }, { "A.JAVA", "java" },
    { "m.é.py", "py" }, { "a b\n.py", "py" },   { "a.tar.go", "go" }, { "a", NULL },
    { ".c", NULL },     { "dir.c/file", NULL }, { "a.", NULL },       { "a.docx", NULL },
    { "", NULL },
  };
  g_autoptr (GPtrArray) toolchains = load_toolchains ();
  g_autoptr (GPtrArray) none = g_ptr_array_new ();
  const RucheToolchain *toolchain = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      gboolean found
          = ruche_program_text_detect_language (toolchains, cases[i].file, &toolchain, &error);
      g_assert_cmpint (found, ==, cases[i].language != NULL);
      if (found)
        g_assert_true (g_str_has_prefix (toolchain->language, cases[i].language));
      else
        {
          g_assert_error (error, RUCHE_ERROR, RUCHE_ERROR_NOT_FOUND);
          g_assert_nonnull (strstr (error->message, ".py"));
          g_assert_nonnull (strstr (error->message, "--language"));
        }
    }
  g_assert_false (ruche_program_text_detect_language (none, "a.c", &toolchain, NULL));
  g_assert_cmpstr (find (toolchains, "C++")->language, ==, "cpp");
  g_assert_cmpstr (find (toolchains, "CPP")->language, ==, "cpp");
  g_assert_false (ruche_program_text_find_language (toolchains, "cobol", &toolchain, NULL));
}

typedef struct
{
  const char *name;
  const char *language;
  const char *names[4];
  const char *texts[4];
  const char *wanted;
  const char *main; /* NULL: an error that holds @main_class */
  const char *main_class;
} Case;

#define JAVA_MAIN "public static void main(String[] args) {}"

static const Case cases[] = {
  { "c/one", "c", { "a.c" }, { "int main(void) {}" }, NULL, "a.c", NULL },
  { "c/second",
    "c",
    { "a.c", "b.c", "a.h" },
    { "int f(void);", "int\nmain (int c,\nchar **v)\n{" },
    NULL,
    "b.c",
    NULL },
  { "c/two", "c", { "a.c", "b.c" }, { "int main(){}", "int main(){}" }, NULL, NULL, "--main" },
  { "c/two-wanted", "c", { "a.c", "b.c" }, { "int main(){}", "int main(){}" }, "b.c", "b.c", NULL },
  { "c/comment",
    "c",
    { "a.c", "b.c" },
    { "/* int main(){} */ // int main(){}\nchar *s = \"int main(){}\"; char c = '\"';\n",
      "int main(){}" },
    NULL,
    "b.c",
    NULL },
  { "c/declared",
    "c",
    { "a.c", "b.c" },
    { "int main(void);\nint domain(int x) {}", "int main(){}" },
    NULL,
    "b.c",
    NULL },
  { "c/macro", "c", { "a.c", "b.c" }, { "MAIN_BY_MACRO", "" }, NULL, "a.c", NULL },
  { "c/wrong-wanted", "c", { "a.c", "b.c" }, { "", "" }, "z.c", NULL, "“b.c”" },
  { "c/binary",
    "c",
    { "a.c" },
    { "\x7f"
      "ELF\xff\xfe" },
    NULL,
    NULL,
    "UTF-8" },
  { "c/empty", "c", { "a.c" }, { "" }, NULL, NULL, "empty" },
  { "c/data-is-free", "c", { "a.c", "x.bin" }, { "int main(){}", "\xff\xfe" }, NULL, "a.c", NULL },
  { "c/forced", "c", { "a.foo", "b.foo" }, { "int f();", "int main(){}" }, NULL, "b.foo", NULL },
  { "cpp/arrow",
    "cpp",
    { "a.cpp", "b.cpp" },
    { "auto x = R\"(int main(){)\"; int d = 1'000'000;", "auto main() -> int {}" },
    NULL,
    "b.cpp",
    NULL },
  { "python/first", "python", { "app.py", "lib.py" }, { "import lib", "" }, NULL, "app.py", NULL },
  { "python/main",
    "python",
    { "lib.py", "dir/main.py" },
    { "", "import lib" },
    NULL,
    "dir/main.py",
    NULL },
  { "python/empty-module",
    "python",
    { "main.py", "__init__.py" },
    { "print()", "" },
    NULL,
    "main.py",
    NULL },
  { "java/plain",
    "java",
    { "A.java" },
    { "public class A { " JAVA_MAIN " }" },
    NULL,
    "A.java",
    "A" },
  { "java/package",
    "java",
    { "B.java", "A.java" },
    { "class B {}",
      "// package no;\npackage a.b ;\nclass X {}\n"
      "public class A<T extends X> implements I { static class In { int x() {} }\n" JAVA_MAIN "}" },
    NULL,
    "A.java",
    "a.b.A" },
  { "java/nested",
    "java",
    { "A.java" },
    { "class A { static class In { " JAVA_MAIN " } }" },
    NULL,
    "A.java",
    "A$In" },
  { "java/later-class",
    "java",
    { "A.java" },
    { "class Other { void f() { class L {} } } class A { " JAVA_MAIN " } class C {}" },
    NULL,
    "A.java",
    "A" },
  { "java/none",
    "java",
    { "A.java" },
    { "class A { /* " JAVA_MAIN " */ }" },
    NULL,
    NULL,
    "main class" },
  { "java/none-of-two",
    "java",
    { "A.java", "B.java" },
    { "class A {}", "class B {}" },
    NULL,
    NULL,
    "main class" },
  { "java/two",
    "java",
    { "A.java", "B.java" },
    { "class A { " JAVA_MAIN " }", "class B { " JAVA_MAIN " }" },
    NULL,
    NULL,
    "“B.java”" },
  { "java/two-by-name",
    "java",
    { "A.java", "Main.java" },
    { "class A { " JAVA_MAIN " }", "class Main { " JAVA_MAIN " }" },
    NULL,
    "Main.java",
    "Main" },
  { "java/wanted-class",
    "java",
    { "A.java", "B.java" },
    { "class A { " JAVA_MAIN " }", "package p; class B { " JAVA_MAIN " }" },
    "B",
    "B.java",
    "p.B" },
  { "java/varargs",
    "java",
    { "A.java" },
    { "class É { static public void main(final String... a) throws Exception {} }" },
    NULL,
    "A.java",
    "É" },
  { "java/text-block",
    "java",
    { "A.java" },
    { "class A { String s = \"\"\"\n class B { \" { \"\"\"; " JAVA_MAIN " }" },
    NULL,
    "A.java",
    "A" },
  { "rust/lifetime",
    "rust",
    { "lib.rs", "x.rs" },
    { "fn f<'a>(x: &'a str) { '\\'' }", "fn f<'a>() {}\npub fn main() {" },
    NULL,
    "x.rs",
    NULL },
  { "pascal/unit",
    "pascal",
    { "u.pas", "p.pas" },
    { "unit U;", "PROGRAM P;" },
    NULL,
    "p.pas",
    NULL },
  { "fortran/module",
    "fortran",
    { "m.f90", "p.f90" },
    { "module m", "  Program p" },
    NULL,
    "p.f90",
    NULL },
  { "nothing", "c", { NULL }, { NULL }, NULL, NULL, "at least one" },
};

static void
test_main (gconstpointer data)
{
  const Case *c = data;
  g_autoptr (GPtrArray) toolchains = load_toolchains ();
  g_autoptr (GError) error = NULL;
  g_autofree char *main_file = NULL;
  g_autofree char *main_class = NULL;
  GBytes *contents[4] = { NULL };
  guint n = 0;

  for (; n < 4 && c->names[n] != NULL; n++)
    contents[n] = g_bytes_new (c->texts[n], c->texts[n] != NULL ? strlen (c->texts[n]) : 0);
  gboolean found = ruche_program_text_find_main (find (toolchains, c->language), c->names, contents,
                                                 n, c->wanted, &main_file, &main_class, &error);
  if (c->main != NULL)
    {
      g_assert_no_error (error);
      g_assert_cmpstr (main_file, ==, c->main);
      g_assert_cmpstr (main_class, ==, c->main_class);
    }
  else
    {
      g_assert_false (found);
      g_assert_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID);
      g_assert_nonnull (strstr (error->message, c->main_class));
      g_assert_null (main_file);
    }
  for (guint i = 0; i < n; i++)
    g_bytes_unref (contents[i]);
}

static void
test_nul (void)
{
  g_autoptr (GBytes) nul = g_bytes_new ("int\0main", 8);
  g_autoptr (GBytes) empty = g_bytes_new (NULL, 0);
  g_autoptr (GError) error = NULL;

  g_assert_false (ruche_program_text_check ("a.c", nul, &error));
  g_assert_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID);
  g_assert_nonnull (strstr (error->message, "binary"));
  g_assert_true (ruche_program_text_check ("a.c", empty, NULL));
}

/* Servers send patterns: one that can't be read, or takes for ever, is an error or no match. */
static void
test_bad_patterns (void)
{
  g_autoptr (RucheToolchain) toolchain = ruche_toolchain_new ();
  g_autofree char *many = g_strnfill (4000, 'a');
  GBytes *contents[] = { g_bytes_new (many, strlen (many)) };
  const char *const names[] = { "a.x" };
  g_autofree char *main_file = NULL;
  g_autofree char *main_class = NULL;
  g_autoptr (GError) error = NULL;

  toolchain->language = g_strdup ("x");
  toolchain->name = g_strdup ("X");
  toolchain->main_pattern = g_strdup ("(a+)+b");
  g_assert_true (ruche_program_text_find_main (toolchain, names, contents, 1, NULL, &main_file,
                                               &main_class, &error));
  g_assert_no_error (error);
  g_free (toolchain->main_pattern);
  toolchain->main_pattern = g_strdup ("(");
  g_clear_pointer (&main_file, g_free);
  g_assert_false (ruche_program_text_find_main (toolchain, names, contents, 1, NULL, &main_file,
                                                &main_class, &error));
  g_assert_error (error, RUCHE_ERROR, RUCHE_ERROR_INVALID);
  g_bytes_unref (contents[0]);
}

static void
test_blank_random (void)
{
  static const char alphabet[] = "\"'\\/*\nR()a{} ";
  g_autoptr (GRand) rand = g_rand_new_with_seed (7117);

  for (guint round = 0; round < 10000; round++)
    {
      gsize length = g_rand_int_range (rand, 0, 40);
      g_autofree char *text = g_malloc (length + 1);
      for (gsize i = 0; i < length; i++)
        text[i] = alphabet[g_rand_int_range (rand, 0, sizeof alphabet - 1)];
      text[length] = '\0';
      g_autofree char *blank = ruche_program_text_blank (text, length);
      g_assert_cmpuint (strlen (blank), ==, length);
      for (gsize i = 0; i < length; i++)
        g_assert_true (blank[i] == text[i] || (blank[i] == ' ' && text[i] != '\n'));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/program-text/languages", test_languages);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/program-text/main/", cases[i].name, NULL);
      g_test_add_data_func (path, &cases[i], test_main);
    }
  g_test_add_func ("/program-text/nul", test_nul);
  g_test_add_func ("/program-text/bad-patterns", test_bad_patterns);
  g_test_add_func ("/program-text/blank-random", test_blank_random);
  return g_test_run ();
}
