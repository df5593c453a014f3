/* ruche-connect-dialog.c: asks for the address of a cluster
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "ruche"
#include "config.h"

#include "ruche-connect-dialog.h"

#include <glib/gi18n-lib.h>

static void
on_response (AdwMessageDialog *dialog, const char *response, RucheCluster *cluster)
{
  GtkWindow *parent = gtk_window_get_transient_for (GTK_WINDOW (dialog));
  GtkWidget *entry = adw_message_dialog_get_extra_child (dialog);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  GtkWidget *again;

  if (!g_str_equal (response, "connect"))
    return;
  text = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (entry))));
  if (ruche_cluster_set_address (cluster, text, &error))
    return;
  again = adw_message_dialog_new (parent, _ ("This is not an address"), error->message);
  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (again), "close", _ ("_Close"));
  gtk_window_present (GTK_WINDOW (again));
}

static void
on_text_changed (GtkEditable *entry, AdwMessageDialog *dialog)
{
  g_autofree char *text = g_strstrip (g_strdup (gtk_editable_get_text (entry)));

  adw_message_dialog_set_response_enabled (dialog, "connect", *text != '\0');
}

/**
 * ruche_connect_dialog_present:
 * @parent: (nullable): the window that asks
 * @cluster: what to connect
 *
 * Asks the person for an address and turns @cluster to it.
 */
void
ruche_connect_dialog_present (GtkWindow *parent, RucheCluster *cluster)
{
  GtkWidget *dialog = adw_message_dialog_new (
      parent, _ ("Connect to a Cluster"),
      _ ("Give the path of a master’s socket on this machine, or a join code."));
  GtkWidget *entry = gtk_entry_new ();

  gtk_entry_set_placeholder_text (GTK_ENTRY (entry), "/run/ruche/master.sock");
  gtk_entry_set_activates_default (GTK_ENTRY (entry), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (entry), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Address"), -1);
  adw_message_dialog_set_extra_child (ADW_MESSAGE_DIALOG (dialog), entry);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"), "connect",
                                    _ ("C_onnect"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "connect",
                                              ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "connect");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  adw_message_dialog_set_response_enabled (ADW_MESSAGE_DIALOG (dialog), "connect", FALSE);
  g_signal_connect_object (entry, "changed", G_CALLBACK (on_text_changed), dialog, 0);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_response), cluster, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}
