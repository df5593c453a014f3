/* ruche-settings-panel.c: how the program in sight is to be run
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-settings-panel.h"

#include <glib/gi18n-lib.h>

struct _RucheSettingsPanel
{
  AdwBin parent_instance;

  AdwComboRow *language;
  AdwEntryRow *arguments;
  AdwEntryRow *flags;
  GtkTextBuffer *input;
  GtkListBox *files;
  GtkAdjustment *cpu;
  GtkAdjustment *wall;
  GtkAdjustment *memory;

  RucheRunSettings *settings;
  GBindingGroup *bindings;
  GPtrArray *languages; /* of char*, "" first: the words behind the rows */
  GtkFileChooserNative *chooser;
  gboolean filling;
};

G_DEFINE_FINAL_TYPE (RucheSettingsPanel, ruche_settings_panel, ADW_TYPE_BIN)

static void
select_language (RucheSettingsPanel *self)
{
  const char *wanted
      = self->settings != NULL ? ruche_run_settings_get_language (self->settings) : "";
  guint at = 0;

  for (guint i = 0; i < self->languages->len; i++)
    if (g_str_equal (g_ptr_array_index (self->languages, i), wanted))
      at = i;
  self->filling = TRUE;
  adw_combo_row_set_selected (self->language, at);
  self->filling = FALSE;
}

static void
on_language_selected (RucheSettingsPanel *self)
{
  guint at = adw_combo_row_get_selected (self->language);

  if (self->filling || self->settings == NULL || at >= self->languages->len)
    return;
  g_object_set (self->settings, "language", g_ptr_array_index (self->languages, at), NULL);
}

static void
on_remove_file (GtkButton *button, RucheSettingsPanel *self)
{
  GListStore *files = ruche_run_settings_get_files (self->settings);
  guint position;

  if (g_list_store_find (files, g_object_get_data (G_OBJECT (button), "file"), &position))
    g_list_store_remove (files, position);
}

static GtkWidget *
make_file_row (gpointer item, gpointer user_data)
{
  RucheSettingsPanel *self = user_data;
  g_autofree char *base = g_file_get_basename (item);
  g_autofree char *name = g_filename_display_name (base);
  g_autofree char *escaped = g_markup_escape_text (name, -1);
  g_autofree char *path = g_file_get_parse_name (item);
  g_autofree char *spoken = g_strdup_printf (_ ("Remove %s"), name);
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *button = gtk_button_new_from_icon_name ("list-remove-symbolic");

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), escaped);
  gtk_widget_set_tooltip_text (row, path);
  gtk_widget_set_tooltip_text (button, spoken);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken,
                                  -1);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "flat");
  g_object_set_data_full (G_OBJECT (button), "file", g_object_ref (item), g_object_unref);
  g_signal_connect_object (button, "clicked", G_CALLBACK (on_remove_file), self, 0);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
  return row;
}

static void
on_files_changed (
    GListModel *files, guint position, guint removed, guint added, RucheSettingsPanel *self)
{
  gtk_widget_set_visible (GTK_WIDGET (self->files), g_list_model_get_n_items (files) > 0);
}

static void
on_chosen (GtkNativeDialog *dialog, int response, RucheSettingsPanel *self)
{
  g_autoptr (GListModel) chosen = NULL;

  if (response == GTK_RESPONSE_ACCEPT && self->settings != NULL)
    {
      GListStore *files = ruche_run_settings_get_files (self->settings);
      chosen = gtk_file_chooser_get_files (GTK_FILE_CHOOSER (dialog));
      for (guint i = 0; i < g_list_model_get_n_items (chosen); i++)
        {
          g_autoptr (GFile) file = g_list_model_get_item (chosen, i);
          if (!g_list_store_find_with_equal_func (files, file, (GEqualFunc)g_file_equal, NULL))
            g_list_store_append (files, file);
        }
    }
  g_clear_object (&self->chooser);
}

static void
on_add_file (RucheSettingsPanel *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  g_clear_object (&self->chooser);
  self->chooser = gtk_file_chooser_native_new (_ ("Add Files"), GTK_WINDOW (root),
                                               GTK_FILE_CHOOSER_ACTION_OPEN, _ ("_Add"), NULL);
  gtk_file_chooser_set_select_multiple (GTK_FILE_CHOOSER (self->chooser), TRUE);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  g_signal_connect_object (self->chooser, "response", G_CALLBACK (on_chosen), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

static void
drop_settings (RucheSettingsPanel *self)
{
  if (self->settings == NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->settings, self);
  g_signal_handlers_disconnect_by_data (ruche_run_settings_get_files (self->settings), self);
  g_clear_object (&self->settings);
}

static void
ruche_settings_panel_dispose (GObject *object)
{
  RucheSettingsPanel *self = RUCHE_SETTINGS_PANEL (object);

  drop_settings (self);
  g_clear_object (&self->bindings);
  g_clear_object (&self->chooser);
  g_clear_pointer (&self->languages, g_ptr_array_unref);
  G_OBJECT_CLASS (ruche_settings_panel_parent_class)->dispose (object);
}

static void
ruche_settings_panel_class_init (RucheSettingsPanelClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ruche_settings_panel_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/ruche/Ruche/ruche-settings-panel.ui");
  gtk_widget_class_bind_template_child (widget_class, RucheSettingsPanel, language);
  gtk_widget_class_bind_template_child (widget_class, RucheSettingsPanel, arguments);
  gtk_widget_class_bind_template_child (widget_class, RucheSettingsPanel, flags);
  gtk_widget_class_bind_template_child (widget_class, RucheSettingsPanel, input);
  gtk_widget_class_bind_template_child (widget_class, RucheSettingsPanel, files);
  gtk_widget_class_bind_template_child (widget_class, RucheSettingsPanel, cpu);
  gtk_widget_class_bind_template_child (widget_class, RucheSettingsPanel, wall);
  gtk_widget_class_bind_template_child (widget_class, RucheSettingsPanel, memory);
  gtk_widget_class_bind_template_callback (widget_class, on_language_selected);
  gtk_widget_class_bind_template_callback (widget_class, on_add_file);
}

static void
ruche_settings_panel_init (RucheSettingsPanel *self)
{
  const GBindingFlags both = G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE;

  self->languages = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (self->languages, g_strdup (""));
  gtk_widget_init_template (GTK_WIDGET (self));
  self->bindings = g_binding_group_new ();
  g_binding_group_bind (self->bindings, "arguments", self->arguments, "text", both);
  g_binding_group_bind (self->bindings, "flags", self->flags, "text", both);
  g_binding_group_bind (self->bindings, "input", self->input, "text", both);
  g_binding_group_bind (self->bindings, "cpu", self->cpu, "value", both);
  g_binding_group_bind (self->bindings, "wall", self->wall, "value", both);
  g_binding_group_bind (self->bindings, "memory", self->memory, "value", both);
  ruche_settings_panel_set_toolchains (self, NULL);
}

/**
 * ruche_settings_panel_set_settings:
 * @self: a panel
 * @settings: (nullable): what to show and change
 *
 * Turns to the settings of another program.
 */
void
ruche_settings_panel_set_settings (RucheSettingsPanel *self, RucheRunSettings *settings)
{
  if (self->settings == settings)
    return;
  drop_settings (self);
  g_binding_group_set_source (self->bindings, settings);
  gtk_list_box_bind_model (self->files, NULL, NULL, NULL, NULL);
  gtk_widget_set_sensitive (GTK_WIDGET (self), settings != NULL);
  if (settings != NULL)
    {
      GListModel *files = G_LIST_MODEL (ruche_run_settings_get_files (settings));
      self->settings = g_object_ref (settings);
      gtk_list_box_bind_model (self->files, files, make_file_row, self, NULL);
      g_signal_connect_object (files, "items-changed", G_CALLBACK (on_files_changed), self, 0);
      g_signal_connect_object (settings, "notify::language", G_CALLBACK (select_language), self,
                               G_CONNECT_SWAPPED);
      on_files_changed (files, 0, 0, 0, self);
    }
  select_language (self);
}

/**
 * ruche_settings_panel_set_toolchains:
 * @self: a panel
 * @toolchains: (nullable) (element-type RucheToolchain): what the cluster offers
 *
 * Fills the list of languages. What was chosen stays, offered or not.
 */
void
ruche_settings_panel_set_toolchains (RucheSettingsPanel *self, GPtrArray *toolchains)
{
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);

  g_ptr_array_set_size (self->languages, 0);
  g_ptr_array_add (self->languages, g_strdup (""));
  gtk_string_list_append (names, _ ("Automatic"));
  for (guint i = 0; toolchains != NULL && i < toolchains->len; i++)
    {
      const RucheToolchain *toolchain = g_ptr_array_index (toolchains, i);
      g_ptr_array_add (self->languages, g_strdup (toolchain->language));
      gtk_string_list_append (names, toolchain->name);
    }
  self->filling = TRUE;
  adw_combo_row_set_model (self->language, G_LIST_MODEL (names));
  self->filling = FALSE;
  select_language (self);
}

/**
 * ruche_settings_panel_focus_language:
 * @self: a panel
 *
 * Leads the person to the choice of a language.
 */
void
ruche_settings_panel_focus_language (RucheSettingsPanel *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self->language));
}
