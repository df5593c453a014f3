/* ruche-problem.c: one row of the list of problems
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-problem.h"

#include <glib/gi18n-lib.h>

struct _RucheProblem
{
  GObject parent_instance;

  RucheDiagnostic *diagnostic;
};

G_DEFINE_FINAL_TYPE (RucheProblem, ruche_problem, G_TYPE_OBJECT)

static void
ruche_problem_finalize (GObject *object)
{
  ruche_diagnostic_free (RUCHE_PROBLEM (object)->diagnostic);
  G_OBJECT_CLASS (ruche_problem_parent_class)->finalize (object);
}

static void
ruche_problem_class_init (RucheProblemClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ruche_problem_finalize;
}

static void
ruche_problem_init (RucheProblem *self)
{
}

/**
 * ruche_problem_new:
 * @diagnostic: what a compiler or an interpreter said; copied
 *
 * Makes a row.
 *
 * Returns: (transfer full): the row
 */
RucheProblem *
ruche_problem_new (const RucheDiagnostic *diagnostic)
{
  RucheProblem *self = g_object_new (RUCHE_TYPE_PROBLEM, NULL);

  self->diagnostic = ruche_diagnostic_copy (diagnostic);
  return self;
}

/**
 * ruche_problem_get_diagnostic:
 * @self: a row
 *
 * Gives what was said.
 *
 * Returns: (transfer none): the diagnostic
 */
const RucheDiagnostic *
ruche_problem_get_diagnostic (RucheProblem *self)
{
  return self->diagnostic;
}

/**
 * ruche_problem_get_place:
 * @self: a row
 *
 * Writes the place as compilers do.
 *
 * Returns: (transfer full): such as "main.cpp:3:12", "" where it is not known
 */
char *
ruche_problem_get_place (RucheProblem *self)
{
  const RucheDiagnostic *d = self->diagnostic;

  if (d->file == NULL)
    return g_strdup ("");
  if (d->line == 0)
    return g_strdup (d->file);
  if (d->column == 0)
    return g_strdup_printf ("%s:%d", d->file, (int)d->line);
  return g_strdup_printf ("%s:%d:%d", d->file, (int)d->line, (int)d->column);
}

/**
 * ruche_problem_get_icon:
 * @self: a row
 *
 * Chooses the icon of its severity.
 *
 * Returns: (transfer none): an icon's name
 */
const char *
ruche_problem_get_icon (RucheProblem *self)
{
  switch (self->diagnostic->severity)
    {
    case RUCHE_SEVERITY_ERROR:
      return "dialog-error-symbolic";
    case RUCHE_SEVERITY_WARNING:
      return "dialog-warning-symbolic";
    default:
      return "dialog-information-symbolic";
    }
}

/**
 * ruche_problem_get_severity:
 * @self: a row
 *
 * Says its severity in the reader's language.
 *
 * Returns: (transfer none): a word
 */
const char *
ruche_problem_get_severity (RucheProblem *self)
{
  switch (self->diagnostic->severity)
    {
    case RUCHE_SEVERITY_ERROR:
      return _ ("Error");
    case RUCHE_SEVERITY_WARNING:
      return _ ("Warning");
    default:
      return _ ("Note");
    }
}
