# desktop.py: the application as a screen reader sees and works it
# SPDX-License-Identifier: GPL-3.0-or-later

import os
import subprocess
import time

import gi
gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # noqa: E402

from cluster import BUILD, PATIENCE, TOP  # noqa: E402

RUCHE = BUILD / "src-client-gui" / "ruche"
GIVE_UP = 60 * PATIENCE


class Node:
    """One accessible object."""

    def __init__(self, accessible):
        self.accessible = accessible

    def __repr__(self):
        return f"<{self.role} “{self.name}”>"

    @property
    def name(self):
        return self.accessible.get_name() or ""

    @property
    def role(self):
        return self.accessible.get_role_name()

    def states(self):
        return self.accessible.get_state_set()

    def has(self, *states):
        found = self.states()
        return all(found.contains(state) for state in states)

    @property
    def visible(self):
        return self.has(Atspi.StateType.VISIBLE)

    def is_called(self, name):
        """GTK 4.8 names a button by its label with the underscore, then without."""
        return self.name == name or self.name.startswith(name) or self.name.endswith(name)

    @property
    def sensitive(self):
        return self.has(Atspi.StateType.SENSITIVE)

    def children(self):
        count = self.accessible.get_child_count()
        found = [self.accessible.get_child_at_index(i) for i in range(count)]
        return [Node(child) for child in found if child is not None]

    def walk(self):
        """This object and all below it that is not hidden, top first."""
        yield self
        for child in self.children():
            try:
                if child.visible or child.role == "frame":
                    yield from child.walk()
            except GLib.Error:
                continue  # gone while we looked

    # What one does with it.

    def click(self):
        action = self.accessible.get_action_iface()
        assert action is not None, f"{self} has no action"
        for i in range(action.get_n_actions()):
            if action.get_action_name(i) in ("click", "clicked", "activate", "toggle", ""):
                assert action.do_action(i)
                return
        raise AssertionError(f"{self} can’t be clicked")

    @property
    def text(self):
        text = self.accessible.get_text_iface()
        return text.get_text(0, text.get_character_count())

    @text.setter
    def text(self, value):
        editable = self.accessible.get_editable_text_iface()
        assert editable is not None, f"{self} can’t be edited"
        # As a person does: GTK takes a text set as a whole for one that was loaded.
        editable.delete_text(0, self.accessible.get_text_iface().get_character_count())
        assert editable.insert_text(0, value, len(value.encode()))

    @property
    def caret(self):
        """Line and column of the cursor, from 1, in characters."""
        text = self.accessible.get_text_iface()
        before = text.get_text(0, text.get_caret_offset())
        return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


class Desktop:
    """The application, started for one test."""

    def __init__(self, cluster, *words, language="en", **more):
        environment = {
            **cluster.environment, "GSETTINGS_BACKEND": "memory", "G_DEBUG": "fatal-criticals",
            "GSK_RENDERER": "cairo", "GTK_A11Y": "atspi", "GTK_ENABLE_ANIMATIONS": "0",
            "LANGUAGE": language, "HOME": str(cluster.top),
            "XDG_CONFIG_HOME": str(cluster.top / "config"),
            "XDG_STATE_HOME": str(cluster.top / "remembered"), **more,
        }
        os.makedirs(cluster.top / "config" / "gtk-4.0", exist_ok=True)
        (cluster.top / "config" / "gtk-4.0" / "settings.ini").write_text(
            "[Settings]\ngtk-enable-animations=false\n")
        self.log = open(cluster.top / "ruche.log", "wb")
        self.process = subprocess.Popen([str(RUCHE), *map(str, words)], env=environment,
                                        stdout=self.log, stderr=self.log, cwd=cluster.top)
        self.log_path = cluster.top / "ruche.log"
        self.application = self.wait(self._find_application, "the application to appear")

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def _find_application(self):
        desktop = Atspi.get_desktop(0)
        for i in range(desktop.get_child_count()):
            child = desktop.get_child_at_index(i)
            if child is not None and child.get_process_id() == self.process.pid:
                # No main loop runs here that would keep a cache up to date.
                child.set_cache_mask(Atspi.Cache.NONE)
                return Node(child)
        return None

    def wait(self, condition, what):
        """Waits until condition() is true and returns its value."""
        end = time.monotonic() + GIVE_UP
        while time.monotonic() < end:
            assert self.process.poll() is None, f"ruche ended while we waited for {what}:\n" \
                + self.log_path.read_text(errors="replace")
            try:
                value = condition()
            except GLib.Error:
                value = None
            if value:
                return value
            time.sleep(0.05)
        raise AssertionError(f"waited {GIVE_UP} s for {what}; there is:\n" + self.tree())

    def tree(self):
        def show(node, depth):
            lines = [f"{'  ' * depth}{node}"]
            for child in node.children():
                if child.visible:
                    lines += show(child, depth + 1)
            return lines
        return "\n".join(show(self.application, 0))

    def all(self, role=None, name=None, inside=None):
        """Objects of a role that are called `name`, see Node.is_called()."""
        return [node for node in (inside or self.application).walk()
                if (role is None or node.role == role) and (name is None or node.is_called(name))]

    def find(self, role=None, name=None, inside=None):
        """The first such object, once it is there."""
        return self.wait(lambda: next(iter(self.all(role, name, inside)), None),
                         f"{role or 'anything'} called “{name}”")

    def button(self, name):
        return self.find("push button", name)

    def answer(self, name):
        """Presses a button of the question in sight, and waits until that is gone."""
        dialog = self.find("dialog")
        self.find("push button", name, inside=dialog).click()
        self.wait(lambda: dialog.accessible not in
                  [node.accessible for node in self.all("dialog")], "the question to be gone")

    def choose(self, item):
        """Takes an item of the main menu."""
        self.button("Main menu").children()[0].click()
        self.find("menu item", item).click()

    def press(self, key, *modifiers):
        """Presses a key, named as Gdk does, as on a keyboard: whatever has the focus gets it."""
        def send(name, how):
            Atspi.generate_keyboard_event(self.keymap[name], None, how)
        for name in modifiers:
            send(name, Atspi.KeySynthType.PRESS)
        send(key, Atspi.KeySynthType.PRESSRELEASE)
        for name in reversed(modifiers):
            send(name, Atspi.KeySynthType.RELEASE)

    # The X server's own keyboard.
    keymap = {"Control": 37, "Alt": 64, "Shift": 50, "Return": 36, "Tab": 23, "p": 33, "q": 24,
              "w": 25, "F5": 71}

    def says(self, words):
        """Waits for a label that contains `words` and returns what it says."""
        def look():
            for node in self.application.walk():
                if node.role == "label" and words in node.name:
                    return node.name
            return None
        return self.wait(look, f"a label with “{words}”")

    def wait_end(self):
        """Waits until the application ends by itself, in good order."""
        assert self.process.wait(GIVE_UP) == 0

    def close(self):
        """Ends the application, which must not have complained."""
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait(GIVE_UP)
        self.log.close()
        log = self.log_path.read_text(errors="replace")
        assert "CRITICAL" not in log and "WARNING" not in log, log
