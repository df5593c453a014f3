/* main.c: ruche, the desktop application
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-application.h"
#include "ruche-i18n.h"

int
main (int argc, char **argv)
{
  g_autoptr (RucheApplication) application = NULL;

  ruche_i18n_init ();
  application = ruche_application_new ();
  return g_application_run (G_APPLICATION (application), argc, argv);
}
