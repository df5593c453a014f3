# test_offline.py: the windows where no cluster runs
# SPDX-License-Identifier: GPL-3.0-or-later

import os
import subprocess

import pytest
from cluster import BUILD
from gi.repository import Atspi


@pytest.mark.parametrize("language", ["en", "fr"])
def test_widgets(language):
    """Every widget is made, shown and destroyed in both languages."""
    done = subprocess.run([BUILD / "tests" / "unit" / "gui" / "test-gui-widgets"],
                          env={**os.environ, "LANGUAGE": language, "LC_ALL": "C.UTF-8",
                               "GTK_A11Y": "none", "GSETTINGS_BACKEND": "memory",
                               "G_DEBUG": "fatal-criticals"},
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("\nok ") >= 13, done.stdout


@pytest.mark.parametrize("language, run, start_button, offline", [
    ("en", "Run", "Start a local cluster", "No cluster is connected"),
    ("fr", "Exécuter", "Démarrer une grappe locale", "Aucune grappe n’est connectée"),
])
def test_languages(no_cluster, start, language, run, start_button, offline):
    window = start(no_cluster, language=language)
    window.button(run)
    window.button(start_button)
    window.says(offline)


def test_open_shows_the_text(no_cluster, start):
    path = no_cluster.program("wörds è.py", "print('été')\n")
    window = start(no_cluster, path)
    window.find("frame", "wörds è.py")
    assert window.find("text", "Program text").text == "print('été')"


def test_save(no_cluster, start):
    path = no_cluster.program("a.py", "print(1)\n")
    window = start(no_cluster, path)
    window.find("frame", "a.py")
    window.find("text", "Program text").text = "print(2)"
    window.find("frame", "• a.py")
    window.choose("Save")
    window.find("frame", "a.py")
    assert path.read_text() == "print(2)\n"


@pytest.mark.parametrize("name, data, sentence", [
    ("gone.c", None, "There is no file “gone.c”"),
    ("picture.png", b"\x89PNG\r\n\0\0\0", "“picture.png” is not a text file"),
    ("huge.py", b"#" * (8 * 1024 * 1024 + 1), "“huge.py” is too large"),
], ids=["gone", "binary", "huge"])
def test_bad_files(no_cluster, start, name, data, sentence):
    path = no_cluster.top / name
    if data is not None:
        path.write_bytes(data)
    window = start(no_cluster, path)
    window.says(sentence)


def test_folder(no_cluster, start):
    (no_cluster.top / "programs").mkdir()
    window = start(no_cluster, no_cluster.top / "programs")
    window.says("“programs” is a folder")


def test_unsaved_changes_are_asked_about(no_cluster, start):
    path = no_cluster.program("a.py", "print(1)\n")
    window = start(no_cluster, path)
    window.find("frame", "a.py")
    window.find("text", "Program text").text = "print(2)\n"
    window.choose("Close Tab")
    window.says("“a.py” has changes that are not saved")
    window.answer("Cancel")
    window.find("frame", "• a.py")
    assert path.read_text() == "print(1)\n"


def edit_two(no_cluster, start):
    paths = [no_cluster.program(name, "print(1)\n") for name in ("a.py", "b.py")]
    window = start(no_cluster, *paths)
    window.wait(lambda: len(window.all("text", "Program text")) == 2, "both texts")
    for text in window.all("text", "Program text"):
        text.text = "print(2)"
    window.wait(lambda: [node for node in window.all("frame") if node.name.startswith("• ")],
                "the mark of a change")
    window.press("w", "Control", "Shift")
    window.says("These have changes that are not saved")
    window.says("“a.py”")
    window.says("“b.py”")
    return window, paths


@pytest.mark.parametrize("answer, kept", [("Save All", "print(2)\n"), ("Discard", "print(1)\n")])
def test_closing_the_window_asks_about_all_changes(no_cluster, start, answer, kept):
    window, paths = edit_two(no_cluster, start)
    window.find("push button", answer, inside=window.find("dialog")).click()
    window.wait_end()
    assert [path.read_text() for path in paths] == [kept, kept]


def test_closing_the_window_can_be_cancelled(no_cluster, start):
    window, paths = edit_two(no_cluster, start)
    window.answer("Cancel")
    assert len(window.all("text", "Program text")) == 2
    assert [path.read_text() for path in paths] == ["print(1)\n", "print(1)\n"]


def test_what_was_not_saved_keeps_the_window_open(no_cluster, start):
    path = no_cluster.program("a.py", "print(1)\n")
    window = start(no_cluster, path)
    window.find("frame", "a.py")
    window.find("text", "Program text").text = "print(2)\n"
    window.find("frame", "• a.py")
    os.utime(path, (1, 1))
    path.write_text("print(3)\n")
    window.press("q", "Control")
    window.says("These have changes that are not saved: “a.py”.")
    window.find("push button", "_Save Save", inside=window.find("dialog")).click()
    window.says("another program changed it meanwhile")
    assert path.read_text() == "print(3)\n"


def test_run_settings_are_remembered(no_cluster, start):
    path = no_cluster.program("a.py", "print(1)\n")
    for seen, typed in (("", "one two"), ("one two", "three")):
        window = start(no_cluster, path)
        window.find("frame", "a.py")
        window.button("Run settings").click()
        arguments = window.find("text", "Arguments")
        assert arguments.text == seen
        arguments.text = typed
        window.press("q", "Control")
        window.wait_end()


def test_run_without_a_cluster_leads_to_one(no_cluster, start):
    window = start(no_cluster, no_cluster.program("a.py", "print(1)\n"))
    window.find("frame", "a.py")
    window.button("Run").click()
    button = window.button("Start a local cluster")
    window.wait(lambda: button.has(Atspi.StateType.FOCUSED), "the button to have the focus")


def change_behind(no_cluster, start, data):
    """Another program writes `data` into the file that the window shows."""
    path = no_cluster.program("a.py", "print(1)\n")
    window = start(no_cluster, path)
    window.find("frame", "a.py")
    os.utime(path, (1, 1))
    path.write_bytes(data)
    window.button("New program").click()
    window.find("frame", "New program")
    window.choose("Close Tab")
    window.says("Another program changed this file.")
    return window, path


def test_another_program_changed_the_file(no_cluster, start):
    window, _ = change_behind(no_cluster, start, b"print(3)\n")
    window.button("Reload").click()
    text = window.find("text", "Program text")
    window.wait(lambda: text.text == "print(3)", "the new text")


def test_the_text_of_the_window_is_kept(no_cluster, start):
    window, path = change_behind(no_cluster, start, b"print(3)\n")
    window.button("Keep mine").click()
    window.find("frame", "• a.py")
    window.choose("Save")
    window.wait(lambda: path.read_text() == "print(1)\n", "the window’s text in the file")
    window.wait(lambda: not window.all("frame", "• a.py"), "the mark of a change to be gone")


def test_reload_that_fails_is_told(no_cluster, start):
    window, _ = change_behind(no_cluster, start, b"\0\0")
    window.button("Reload").click()
    window.says("“a.py” is not a text file")
    assert window.find("text", "Program text").text == "print(1)"


def unnamed(node, inside_tabs=False):
    """What takes the focus and has no name but that of its class.

    The tab bar is libadwaita's, the rows of lists are GTK's, and GTK 4.8 gives neither a name of
    ours: what is in them has one.
    """
    found = []
    inside_tabs = inside_tabs or node.name == "AdwTabBar"
    own = node.name.strip()
    if not inside_tabs and node.has(Atspi.StateType.FOCUSABLE) and node.role != "scroll pane" \
            and not node.role.startswith(("list", "table")) and own != "GtkPaned" \
            and (not own or own.startswith(("Gtk", "Adw", "Ruche"))):
        found.append(node)
    for child in node.children():
        found += unnamed(child, inside_tabs)
    return found


@pytest.mark.parametrize("words", [[], ["--monitor"]], ids=["editor", "monitor"])
def test_whatever_takes_the_focus_has_a_name(no_cluster, start, words):
    window = start(no_cluster, *words)
    window.find("frame", "Ruche")
    window.button("Connect…")
    if not words:
        window.button("Run settings").click()
        window.find("text", "Standard input")
    assert unnamed(window.application) == [], window.tree()
