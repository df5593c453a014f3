/* ruche-application.c: the desktop application
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-application.h"

#include "ruche-cluster.h"
#include "ruche-editor-window.h"
#include "ruche-gui-settings.h"
#include "ruche-monitor-window.h"

#include <glib/gi18n-lib.h>
#include <gtksourceview/gtksource.h>

struct _RucheApplication
{
  AdwApplication parent_instance;

  RucheCluster *cluster;
  GSettings *settings;
};

G_DEFINE_FINAL_TYPE (RucheApplication, ruche_application, ADW_TYPE_APPLICATION)

typedef struct
{
  const char *action;
  const char *keys[3];
} Shortcut;

static const Shortcut shortcuts[] = {
  { "app.quit", { "<Control>q" } },
  { "app.monitor", { "<Control>m" } },
  { "win.open", { "<Control>o" } },
  { "win.new", { "<Control>n", "<Control>t" } },
  { "win.save", { "<Control>s" } },
  { "win.save-as", { "<Control><Shift>s" } },
  { "win.close-tab", { "<Control>w" } },
  { "win.run", { "F5" } },
  { "win.stop", { "<Shift>F5" } },
  { "win.next-problem", { "F8" } },
  { "win.run-settings", { "F9" } },
  { "win.show-output", { "<Control><Alt>o" } },
  { "win.show-problems", { "<Control><Alt>p" } },
  { "window.close", { "<Control><Shift>w" } },
};

/* The last editor window that was used, or a new one. */
static RucheEditorWindow *
get_editor (RucheApplication *self)
{
  for (GList *l = gtk_application_get_windows (GTK_APPLICATION (self)); l != NULL; l = l->next)
    if (RUCHE_IS_EDITOR_WINDOW (l->data))
      return l->data;
  return ruche_editor_window_new (GTK_APPLICATION (self), self->cluster, self->settings);
}

static void
show_monitor (RucheApplication *self)
{
  for (GList *l = gtk_application_get_windows (GTK_APPLICATION (self)); l != NULL; l = l->next)
    if (RUCHE_IS_MONITOR_WINDOW (l->data))
      {
        gtk_window_present (l->data);
        return;
      }
  gtk_window_present (GTK_WINDOW (
      ruche_monitor_window_new (GTK_APPLICATION (self), self->cluster, self->settings)));
}

static void
monitor_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  show_monitor (user_data);
}

static void
quit_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  g_autoptr (GList) windows = g_list_copy (gtk_application_get_windows (user_data));

  /* Each window asks about its changes; the application ends with the last of them. */
  for (GList *l = windows; l != NULL; l = l->next)
    gtk_window_close (l->data);
}

static void
about_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  adw_show_about_window (gtk_application_get_active_window (user_data), "application-name",
                         _ ("Ruche"), "application-icon", "org.ruche.Ruche", "version",
                         RUCHE_VERSION, "developer-name", _ ("The Ruche developers"), "comments",
                         _ ("Makes several machines answer as one: write a program, press Run, and "
                            "the least loaded server runs it."),
                         "license-type", GTK_LICENSE_GPL_3_0, NULL);
}

static const GActionEntry actions[] = {
  { .name = "monitor", .activate = monitor_action },
  { .name = "quit", .activate = quit_action },
  { .name = "about", .activate = about_action },
};

static void
apply_style (RucheApplication *self)
{
  g_autofree char *variant = g_settings_get_string (self->settings, "style-variant");
  AdwColorScheme scheme = ADW_COLOR_SCHEME_DEFAULT;

  if (g_str_equal (variant, "light"))
    scheme = ADW_COLOR_SCHEME_FORCE_LIGHT;
  else if (g_str_equal (variant, "dark"))
    scheme = ADW_COLOR_SCHEME_FORCE_DARK;
  adw_style_manager_set_color_scheme (adw_style_manager_get_default (), scheme);
}

static void
ruche_application_startup (GApplication *application)
{
  RucheApplication *self = RUCHE_APPLICATION (application);
  g_autoptr (GAction) style = NULL;

  G_APPLICATION_CLASS (ruche_application_parent_class)->startup (application);
  gtk_source_init ();
  gtk_window_set_default_icon_name ("org.ruche.Ruche");
  self->settings = ruche_gui_settings_new ();
  self->cluster = ruche_cluster_new (g_getenv ("RUCHE_MASTER"));
  g_action_map_add_action_entries (G_ACTION_MAP (self), actions, G_N_ELEMENTS (actions), self);
  style = g_settings_create_action (self->settings, "style-variant");
  g_action_map_add_action (G_ACTION_MAP (self), style);
  g_signal_connect_object (self->settings, "changed::style-variant", G_CALLBACK (apply_style), self,
                           G_CONNECT_SWAPPED);
  apply_style (self);
  for (guint i = 0; i < G_N_ELEMENTS (shortcuts); i++)
    gtk_application_set_accels_for_action (GTK_APPLICATION (self), shortcuts[i].action,
                                           shortcuts[i].keys);
}

static void
ruche_application_shutdown (GApplication *application)
{
  RucheApplication *self = RUCHE_APPLICATION (application);

  g_clear_object (&self->cluster);
  g_clear_object (&self->settings);
  G_APPLICATION_CLASS (ruche_application_parent_class)->shutdown (application);
}

static void
ruche_application_activate (GApplication *application)
{
  gtk_window_present (GTK_WINDOW (get_editor (RUCHE_APPLICATION (application))));
}

static void
ruche_application_open (GApplication *application, GFile **files, int n_files, const char *hint)
{
  RucheEditorWindow *window = get_editor (RUCHE_APPLICATION (application));

  for (int i = 0; i < n_files; i++)
    ruche_editor_window_open (window, files[i]);
  gtk_window_present (GTK_WINDOW (window));
}

static int
ruche_application_command_line (GApplication *application, GApplicationCommandLine *line)
{
  GVariantDict *options = g_application_command_line_get_options_dict (line);
  g_autofree char **names = NULL;
  gboolean monitor = g_variant_dict_contains (options, "monitor");

  g_variant_dict_lookup (options, G_OPTION_REMAINING, "^a&ay", &names);
  if (names != NULL && names[0] != NULL)
    {
      g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_object_unref);
      for (char **name = names; *name != NULL; name++)
        g_ptr_array_add (files, g_application_command_line_create_file_for_arg (line, *name));
      g_application_open (application, (GFile **)files->pdata, (int)files->len, "");
    }
  else if (!monitor)
    g_application_activate (application);
  if (monitor)
    show_monitor (RUCHE_APPLICATION (application));
  return 0;
}

static void
ruche_application_class_init (RucheApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  application_class->startup = ruche_application_startup;
  application_class->shutdown = ruche_application_shutdown;
  application_class->activate = ruche_application_activate;
  application_class->open = ruche_application_open;
  application_class->command_line = ruche_application_command_line;
}

static int
on_local_options (GApplication *application, GVariantDict *options, gpointer user_data)
{
  if (!g_variant_dict_contains (options, "version"))
    return -1;
  g_print ("ruche %s\n", RUCHE_VERSION);
  return 0;
}

static void
ruche_application_init (RucheApplication *self)
{
  const GOptionEntry options[] = {
    { "monitor", 'm', 0, G_OPTION_ARG_NONE, NULL, N_ ("Show the cluster’s servers and jobs"),
      NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, NULL, N_ ("Print the version and exit"), NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, NULL, NULL, N_ ("FILE…") },
    { NULL },
  };

  g_application_add_main_option_entries (G_APPLICATION (self), options);
  g_signal_connect (self, "handle-local-options", G_CALLBACK (on_local_options), NULL);
}

/**
 * ruche_application_new:
 *
 * Makes the application; there is one a session of the desktop.
 *
 * Returns: (transfer full): the application
 */
RucheApplication *
ruche_application_new (void)
{
  return g_object_new (RUCHE_TYPE_APPLICATION, "application-id", "org.ruche.Ruche", "flags",
                       G_APPLICATION_HANDLES_OPEN | G_APPLICATION_HANDLES_COMMAND_LINE,
                       "resource-base-path", "/org/ruche/Ruche", NULL);
}
