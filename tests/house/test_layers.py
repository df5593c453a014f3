# test_layers.py: the lines between the rooms, as docs/architecture.md draws them
# SPDX-License-Identifier: GPL-3.0-or-later

import re
from pathlib import Path

import pytest
from conftest import TOP, tracked

COMMON = ["base", "model", "wire", "net"]

# What a folder may include from besides itself.
BELOW = {
    "src-common/base": [],
    "src-common/model": ["src-common/base"],
    "src-common/wire": ["src-common/base", "src-common/model"],
    "src-common/net": ["src-common/base", "src-common/model", "src-common/wire"],
    "src-common/daemon": [f"src-common/{name}" for name in COMMON],
    "src-common/client": [f"src-common/{name}" for name in COMMON],
    "src-master/core": ["src-common/base", "src-common/model", "src-common/wire"],
    "src-master/store": [f"src-common/{name}" for name in COMMON] + ["src-master/core"],
    "src-master": [f"src-common/{name}" for name in [*COMMON, "daemon"]]
                  + ["src-master/core", "src-master/store"],
    "src-slave/core": ["src-common/base", "src-common/model", "src-common/wire"],
    "src-slave/runner": ["src-common/base"],
    "src-slave/box": [f"src-common/{name}" for name in COMMON]
                     + ["src-slave/core", "src-slave/runner"],
    "src-slave": [f"src-common/{name}" for name in [*COMMON, "daemon"]]
                 + ["src-slave/core", "src-slave/box", "src-slave/runner"],
    "src-client-cli": [f"src-common/{name}" for name in [*COMMON, "client"]],
    "src-client-gui": [f"src-common/{name}" for name in [*COMMON, "client"]]
                      + ["src-client-gui/monitor"],
    "src-client-gui/monitor": [f"src-common/{name}" for name in [*COMMON, "client"]]
                              + ["src-client-gui"],
}

# Of the wire, the cores see the typed messages only: no frames, no links, no handshake.
WIRE_FOR_CORES = {"ruche-message.h", "ruche-messages.h"}

# Headers that only the folders named (or what is below them) may include.
ONLY_IN = [
    (r"(gtk/|gdk/|gsk/|adwaita\.h|gtksourceview/)", ["src-client-gui"]),
    (r"json-glib/", ["src-common/model", "src-common/wire"]),
    (r"sqlite3\.h", ["src-master/store"]),
    (r"seccomp\.h", ["src-slave/box"]),
]

# The pure rooms do no I/O and read no clock. base/ has the log, the clock, the folders' names and
# the choice of language, which are its whole point.
PURE = ["src-common/base", "src-common/model", "src-common/wire", "src-master/core",
        "src-slave/core"]
PURE_EXCEPT = {"ruche-log.c", "ruche-clock.c", "ruche-paths.c", "ruche-i18n.c"}
IMPURE = re.compile(r"""\b(
    g_get_(monotonic|real)_time | g_date_time_new_now\w* | ruche_clock_now\w* | ruche_clock_real\w*
  | clock_gettime | gettimeofday | time\s\(NULL\)
  | fopen | open | openat | creat | read | write | recv | recvmsg | send | sendmsg | socket | connect
  | accept | unlink | rename | mkdir | fork | execv\w* | posix_spawn\w* | system | popen
  | printf | g_print | g_printerr
  | g_file_(get|set|new|open|test|read)\w* | g_dir_open | g_spawn\w* | g_subprocess\w* | g_socket\w*
  | g_timeout_add\w* | g_idle_add\w* | g_main_context\w* | g_getenv | getenv | g_random\w*
  )\s?\(""", re.VERBOSE)

# The runner is libc alone.
RUNNER = "src-slave/runner"
RUNNER_MAY_INCLUDE = re.compile(r"(runner[a-z-]*\.h|config\.h|ruche-bounds\.h)$")

INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]', re.MULTILINE)
COMMENT = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', re.DOTALL)

SOURCES = tracked("src-*/*.c", "src-*/*.h")
HEADERS = {}
for source in SOURCES:
    if source.suffix == ".h":
        HEADERS.setdefault(source.name, []).append(source)


def folder_of(path):
    return path.parent.relative_to(TOP).as_posix()


def name_of(path):
    return path.relative_to(TOP).as_posix()


def is_in(folder, tops):
    return any(folder == top or folder.startswith(top + "/") for top in tops)


def own_header(source, name):
    """The project's header that `source` includes as `name`, or None for a foreign one."""
    near = (source.parent / name).resolve()
    if near in SOURCES:
        return near
    candidates = HEADERS.get(Path(name).name, [])
    return candidates[0] if candidates else None


def test_there_are_sources():
    assert len(SOURCES) > 50


def test_header_names_are_unique():
    assert [name for name, paths in HEADERS.items() if len(paths) > 1] == []


@pytest.mark.parametrize("source", SOURCES, ids=name_of)
def test_includes(source):
    folder = folder_of(source)
    assert folder in BELOW, f"{folder} has no place in the layers of this test"
    wrong = []
    for quote, name in INCLUDE.findall(source.read_text()):
        target = own_header(source, name) if quote == '"' else None
        if target is None:
            wrong += [f"{name} belongs to {' and '.join(where)}"
                      for pattern, where in ONLY_IN
                      if re.match(pattern, name) and not is_in(folder, where)]
            continue
        below = folder_of(target)
        if below != folder and below not in BELOW[folder]:
            wrong.append(f"{name} of {below} does not stand below {folder}")
        if folder.endswith("/core") and below == "src-common/wire" \
                and target.name not in WIRE_FOR_CORES:
            wrong.append(f"{name} is more of the wire than a core may see")
    assert wrong == []


@pytest.mark.parametrize(
    "source", [path for path in SOURCES if path.suffix == ".c" and is_in(folder_of(path), PURE)
               and path.name not in PURE_EXCEPT], ids=name_of)
def test_pure(source):
    code = COMMENT.sub(" ", source.read_text())
    assert [match.group(1) for match in IMPURE.finditer(code)] == []


def test_runner_is_libc_alone():
    runner = [path for path in SOURCES if is_in(folder_of(path), [RUNNER])]
    wrong = [f"{name_of(path)}: {name}" for path in runner
             for quote, name in INCLUDE.findall(path.read_text())
             if (quote == '"' and not RUNNER_MAY_INCLUDE.search(name))
             or re.match(r"(glib|gio|gobject|json-glib|seccomp|systemd)", name)]
    assert runner != []
    assert wrong == []
