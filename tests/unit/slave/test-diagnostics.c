/* test-diagnostics.c: what real tools print, and what nobody should
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "ruche-bounds.h"
#include "ruche-diagnostics.h"

#include <string.h>

#define ROUNDS 10000

static const char *const files[]
    = { "a.c", "dir/b.c", "A.java", "p/C.java", "q/C.java", "x.py", "helper.py", "bad.go", NULL };

static RucheJobSpec *
make_job (void)
{
  RucheJobSpec *job = ruche_job_spec_new ();

  for (guint i = 0; files[i] != NULL; i++)
    {
      RucheFile *file = ruche_file_new ();
      file->name = g_strdup (files[i]);
      g_ptr_array_add (job->files, file);
    }
  return job;
}

/* One line a diagnostic, as a test can compare them. */
static char *
read_all (RucheDiagnosticsKind kind, const char *text, gssize length)
{
  g_autoptr (RucheJobSpec) job = make_job ();
  g_autoptr (GString) all = g_string_new (NULL);
  gsize size = length < 0 ? strlen (text) : (gsize)length;
  g_autoptr (GPtrArray) list = ruche_diagnostics_parse (kind, text, size, job);

  g_assert_cmpuint (list->len, <=, RUCHE_MAX_DIAGNOSTICS);
  for (guint i = 0; i < list->len; i++)
    {
      const RucheDiagnostic *d = g_ptr_array_index (list, i);
      g_autoptr (GError) error = NULL;
      g_assert_true (ruche_struct_check (&ruche_diagnostic_schema, d, &error));
      g_assert_no_error (error);
      g_string_append_printf (all, "%s:%d:%d %s %s\n", d->file != NULL ? d->file : "-",
                              (int)d->line, (int)d->column,
                              ruche_enum_to_nick (&ruche_severity_type, d->severity), d->message);
    }
  return g_string_free (g_steal_pointer (&all), FALSE);
}

typedef struct
{
  const char *name;
  RucheDiagnosticsKind kind;
  const char *text;
  const char *expected;
} Case;

static const Case cases[] = {
  { "gcc", RUCHE_DIAGNOSTICS_GCC_JSON,
    "[{\"kind\": \"warning\", \"locations\": [{\"finish\": {\"byte-column\": 29, \"line\": 2, "
    "\"file\": \"a.c\"}, \"caret\": {\"byte-column\": 26, \"display-column\": 25, \"line\": 2, "
    "\"file\": \"a.c\", \"column\": 25}}], \"column-origin\": 1, \"option\": \"-Wint-conversion\", "
    "\"children\": [], \"message\": \"from ‘char *’\"}, {\"kind\": \"error\", \"children\": "
    "[{\"kind\": \"note\", \"locations\": [{\"caret\": {\"byte-column\": 60, \"line\": 3, "
    "\"file\": \"./dir/b.c\"}}], \"message\": \"only once\"}], \"locations\": [], "
    "\"message\": \"‘y’ undeclared\"}]\n[]\n[{\"kind\": \"fatal error\", \"locations\": "
    "[{\"caret\": {\"byte-column\": 10, \"line\": 1, \"file\": \"/usr/include/x.h\"}}], "
    "\"message\": \"no.h: No such file\"}]\ncompilation terminated.\n",
    "a.c:2:26 warning from ‘char *’ [-Wint-conversion]\n-:0:0 error ‘y’ undeclared\n"
    "dir/b.c:3:60 note only once\n-:0:0 error /usr/include/x.h:1: no.h: No such file\n" },
  { "linker", RUCHE_DIAGNOSTICS_GCC_JSON,
    "[]\n[]\n/usr/bin/ld: /tmp/cc1.o: in function `main':\n"
    "/work/dir/b.c:7: undefined reference to `foo'\n"
    "a.c:(.text+0x0): multiple definition of `main'; /tmp/cc2.o:b.c:(.text+0x0): first defined\n"
    "/usr/bin/ld: /work/a.c:1: multiple definition of `x'; /tmp/cc2.o:/work/b.c:1: first\n"
    "collect2: error: ld returned 1 exit status\n",
    "dir/b.c:7:0 error undefined reference to `foo'\n"
    "a.c:0:0 error multiple definition of `main'; /tmp/cc2.o:b.c:(.text+0x0): first defined\n"
    "a.c:1:0 error multiple definition of `x'; /tmp/cc2.o:/work/b.c:1: first\n" },
  { "no-library", RUCHE_DIAGNOSTICS_GCC_JSON,
    "[]\n/usr/bin/ld: cannot find -lfoo: No such file or directory\n"
    "collect2: error: ld returned 1 exit status\n",
    "-:0:0 error cannot find -lfoo: No such file or directory\n"
    "-:0:0 error ld returned 1 exit status\n" },
  { "driver", RUCHE_DIAGNOSTICS_GCC_JSON, "gcc: error: unrecognized command-line option ‘-foo’\n",
    "-:0:0 error unrecognized command-line option ‘-foo’\n" },
  { "text", RUCHE_DIAGNOSTICS_TEXT,
    "# command-line-arguments\n./bad.go:2:8: imported and not used: \"os\"\n"
    "bad.go:3:1: error[E0425]: cannot find `foo`\nbad.go:4:2: Warning: hm\nbad.go:5: Error: x\n"
    "12:30:10: not a file\nerror: aborting due to 2 previous errors\n",
    "bad.go:2:8 error imported and not used: \"os\"\nbad.go:3:1 error cannot find `foo`\n"
    "bad.go:4:2 warning hm\nbad.go:5:0 error x\n" },
  { "javac", RUCHE_DIAGNOSTICS_JAVAC,
    "A.java:6: error: ';' expected\n        foo()\n             ^\n"
    "A.java:7: error: cannot find symbol\n\tint é = 𝄞 + y;\n\t             ^\n"
    "  symbol:   variable y\n  location: class A\nNote: A.java uses unchecked operations.\n"
    "A.java:8: warning: [unchecked] odd\n1 error\n",
    "A.java:6:14 error ';' expected\n"
    "A.java:7:18 error cannot find symbol\n  symbol:   variable y\n  location: class A\n"
    "A.java:8:0 warning [unchecked] odd\n" },
  { "javac-options", RUCHE_DIAGNOSTICS_JAVAC,
    "error: invalid flag: -zork\nUsage: javac <options> <source files>\n",
    "-:0:0 error invalid flag: -zork\n" },
  { "java", RUCHE_DIAGNOSTICS_JAVA,
    "noise\nException in thread \"main\" java.lang.IllegalStateException: é: bad\nsecond\n"
    "\tat java.base/java.util.ArrayList.get(ArrayList.java:427)\n"
    "\tat q.C$In.f(C.java:4)\n\tat p.C.main(C.java:9)\n"
    "Caused by: java.lang.ArithmeticException\n\tat A.<init>(A.java:2)\n\t... 1 more\n",
    "q/C.java:4:0 error java.lang.IllegalStateException: é: bad\n"
    "A.java:2:0 note java.lang.ArithmeticException\n" },
  { "java-forged", RUCHE_DIAGNOSTICS_JAVA, "Caused by: nothing\n\tat A.f(A.java:2)\n", "" },
  { "python", RUCHE_DIAGNOSTICS_PYTHON,
    "hello\nTraceback (most recent call last):\n  File \"/work/x.py\", line 5, in <module>\n"
    "    f(0)\n  File \"/work/helper.py\", line 2, in g\n    return 1 / n\n           ~~^~~\n"
    "ZeroDivisionError: division by zero\n\n"
    "The above exception was the direct cause of the following exception:\n\n"
    "Traceback (most recent call last):\n  File \"/work/x.py\", line 7, in <module>\n"
    "    raise ValueError(\"bad\") from e\n"
    "  File \"/usr/lib/python3.11/x.py\", line 99, in decode\n    whatever\nValueError: bad\n",
    "x.py:7:0 error ValueError: bad\nhelper.py:2:0 note ZeroDivisionError: division by zero\n" },
  { "python-syntax", RUCHE_DIAGNOSTICS_PYTHON,
    "  File \"/work/x.py\", line 2\n    x = (1,\n        ^\nSyntaxError: '(' was never closed\n",
    "x.py:2:0 error SyntaxError: '(' was never closed\n" },
  { "python-bare", RUCHE_DIAGNOSTICS_PYTHON,
    "Traceback (most recent call last):\r\n  File \"/work/x.py\", line 1, in <module>\r\n"
    "    input()\r\nKeyboardInterrupt\r\n",
    "x.py:1:0 error KeyboardInterrupt\n" },
  { "none", RUCHE_DIAGNOSTICS_NONE, "a.c:1:1: error: x\n", "" },
};

static void
test_case (gconstpointer data)
{
  const Case *c = data;
  g_autofree char *all = read_all (c->kind, c->text, -1);

  g_assert_cmpstr (all, ==, c->expected);
}

static void
test_to_text (void)
{
  g_autoptr (GBytes) gcc = g_bytes_new_static (cases[0].text, strlen (cases[0].text));
  g_autoptr (GBytes) text = ruche_diagnostics_to_text (RUCHE_DIAGNOSTICS_GCC_JSON, gcc);
  g_autoptr (GBytes) same = ruche_diagnostics_to_text (RUCHE_DIAGNOSTICS_TEXT, gcc);
  const char *expected = "a.c:2:26: warning: from ‘char *’ [-Wint-conversion]\n"
                         "error: ‘y’ undeclared\n./dir/b.c:3:60: note: only once\n"
                         "/usr/include/x.h:1:10: error: no.h: No such file\n"
                         "compilation terminated.\n";

  g_assert_cmpmem (g_bytes_get_data (text, NULL), g_bytes_get_size (text), expected,
                   strlen (expected));
  g_assert_true (g_bytes_equal (same, gcc));
}

/* JSON that is none of gcc's, or cut off, stays text. */
static void
test_odd_json (void)
{
  static const char *const odd[] = {
    "[{\"kind\":",
    "[{}",
    "[{]}",
    "[1]",
    "[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]",
    "[{'kind': 'error'}]x",
    "[{\"a\":[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]}]",
  };
  static const char *const shapes[]
      = { "[{}]",
          "[{\"message\":1}]",
          "[{\"message\":null,\"children\":{}}]",
          "[{\"message\":\"m\",\"locations\":[null]}]",
          "[{\"message\":\"m\",\"locations\":[{\"caret\":[]}],\"children\":[1,null,[]]}]",
          "[{\"message\":\"m\",\"kind\":7,\"locations\":[{\"caret\":{\"line\":-5,\"file\":2,"
          "\"byte-column\":99999999999999999999}}]}]" };

  for (guint i = 0; i < G_N_ELEMENTS (odd); i++)
    {
      g_autoptr (GBytes) bytes = g_bytes_new_static (odd[i], strlen (odd[i]));
      g_autoptr (GBytes) text = ruche_diagnostics_to_text (RUCHE_DIAGNOSTICS_GCC_JSON, bytes);
      if (!g_str_has_suffix (odd[i], "x"))
        g_assert_true (g_bytes_equal (bytes, text));
    }
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    g_free (read_all (RUCHE_DIAGNOSTICS_GCC_JSON, shapes[i], -1));
}

static void
test_bounded (void)
{
  g_autoptr (GString) many = g_string_new (NULL);
  g_autoptr (GString) traces = g_string_new (NULL);
  g_autofree char *message = g_strnfill (RUCHE_MAX_DIAGNOSTIC_TEXT, 'm');

  for (guint i = 0; i <= RUCHE_MAX_DIAGNOSTICS; i++)
    {
      g_string_append_printf (many, "a.c:1:1: error: %sé\n", message);
      g_string_append_printf (traces, "  File \"/work/x.py\", line %u\nE: %u\n", i + 1, i);
    }
  for (RucheDiagnosticsKind kind = 0; kind < RUCHE_N_DIAGNOSTICS_KINDS; kind++)
    g_free (read_all (kind, many->str, many->len));
  /* Of too many tracebacks the last one, which ended the program, is kept. */
  g_autofree char *python = read_all (RUCHE_DIAGNOSTICS_PYTHON, traces->str, traces->len);
  g_assert_true (g_str_has_prefix (python, "x.py:201:0 error E: 200\n"));
}

/* Random bytes, and pieces of real output in random order with random bytes between them. */
static void
test_random (gconstpointer data)
{
  RucheDiagnosticsKind kind = GPOINTER_TO_UINT (data);
  g_autoptr (GRand) rand = g_rand_new_with_seed (7117 + kind);

  for (guint round = 0; round < ROUNDS; round++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      guint pieces = g_rand_int_range (rand, 1, 12);
      for (guint i = 0; i < pieces; i++)
        {
          const char *real = cases[g_rand_int_range (rand, 0, G_N_ELEMENTS (cases))].text;
          gsize from = g_rand_int_range (rand, 0, strlen (real));
          gsize n = g_rand_int_range (rand, 0, 60);
          if (g_rand_boolean (rand))
            g_string_append_len (text, real + from, MIN (n, strlen (real + from)));
          else
            for (; n > 0; n--)
              g_string_append_c (text, (char)g_rand_int_range (rand, 0, 256));
          if (g_rand_boolean (rand))
            g_string_append_c (text, '\n');
        }
      g_autoptr (GBytes) bytes = g_bytes_new (text->str, text->len);
      g_bytes_unref (ruche_diagnostics_to_text (kind, bytes));
      g_free (read_all (kind, text->str, text->len));
    }
}

/* Texts made to take long: what is counted is that it ends. */
static void
test_hostile (void)
{
  static const char *const lines[] = {
    "[{\n", "[{\"\n",   "[{}\n", "a:1:", "A.java:1: error: x\n", "  File \"/work/x.py\", line 1\n",
    "\n",   "\tat a.b("
  };

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      while (text->len < RUCHE_MAX_COMPILER_OUTPUT)
        g_string_append (text, lines[i]);
      for (RucheDiagnosticsKind kind = 0; kind < RUCHE_N_DIAGNOSTICS_KINDS; kind++)
        g_free (read_all (kind, text->str, text->len));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/diagnostics/", cases[i].name, NULL);
      g_test_add_data_func (path, &cases[i], test_case);
    }
  g_test_add_func ("/diagnostics/to-text", test_to_text);
  g_test_add_func ("/diagnostics/odd-json", test_odd_json);
  g_test_add_func ("/diagnostics/bounded", test_bounded);
  g_test_add_func ("/diagnostics/hostile", test_hostile);
  for (guint kind = 1; kind < RUCHE_N_DIAGNOSTICS_KINDS; kind++)
    {
      g_autofree char *path = g_strconcat (
          "/diagnostics/random/", ruche_enum_to_nick (&ruche_diagnostics_kind_type, kind), NULL);
      g_test_add_data_func (path, GUINT_TO_POINTER (kind), test_random);
    }
  return g_test_run ();
}
