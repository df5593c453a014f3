# test_style.py: habits of the code that a machine can check
# SPDX-License-Identifier: GPL-3.0-or-later

import re
import shutil
import subprocess

import pytest
from conftest import TOP, tracked

SOURCES = tracked("src-*/*.c", "src-*/*.h")
ALL_C = tracked("*.c", "*.h")
OURS = [path for path in ALL_C if "data" != path.relative_to(TOP).parts[0]]
SPDX = "SPDX-License-Identifier: GPL-3.0-or-later"

FILE_LINES = 700
MAIN_LINES = 120
FUNCTION_LINES = 100

# A function as the formatter lays it out: its name starts a line, its braces stand alone.
FUNCTION = re.compile(r"^(\w+) \([^;{}]*?\)\n\{\n(.*?)^\}\n", re.DOTALL | re.MULTILINE)
DECLARED = re.compile(r"^(ruche_\w+) \([^;{}]*?\)[^;{}]*;", re.MULTILINE)


def name_of(path):
    return path.relative_to(TOP).as_posix()


@pytest.mark.parametrize("source", SOURCES, ids=name_of)
def test_file_length(source):
    assert len(source.read_text().splitlines()) <= FILE_LINES


@pytest.mark.parametrize("source", [path for path in SOURCES if path.suffix == ".c"], ids=name_of)
def test_function_length(source):
    long = {name: body.count("\n") for name, body in FUNCTION.findall(source.read_text())
            if body.count("\n") > (MAIN_LINES if name == "main" else FUNCTION_LINES)}
    assert long == {}


def test_licence_in_every_source():
    wrong = [name_of(path) for path in OURS + tracked("tests/*.py", "dev")
             if SPDX not in path.read_text()[:600]]
    assert wrong == []


def test_formatting():
    tool = shutil.which("clang-format-14")
    assert tool is not None
    bad = subprocess.run([tool, "--dry-run", "-Werror", *OURS], capture_output=True, text=True)
    assert bad.returncode == 0, bad.stderr


@pytest.mark.parametrize("header", [path for path in tracked("src-common/*.h")], ids=name_of)
def test_public_functions_are_described(header):
    implementations = "".join(path.read_text() for path in header.parent.glob("*.c"))
    declared = DECLARED.findall(re.sub(r"/\*.*?\*/", "", header.read_text(), flags=re.DOTALL))
    lacking = [name for name in declared
               if not name.endswith(("_get_type", "_quark")) and f"\n/**\n * {name}:\n" not in implementations]
    assert lacking == []


def test_no_goto_and_no_unfinished_work():
    words = re.compile(r"\b(goto|TODO|FIXME|XXX|HACK)\b")
    found = [f"{name_of(path)}: {line.strip()}" for path in SOURCES
             for line in path.read_text().splitlines() if words.search(line)]
    assert found == []


def test_nothing_names_a_machine():
    """No path of somebody's machine, and no package registry's address."""
    pattern = re.compile(r"/(?:root|home/\w+|workspace|builds)/\w|/work/(?:wt|main|shared)\b|/tmp/b-"
                         r"|(?:deb\.debian|pypi|npmjs|proxy\.golang)\.org")
    found = []
    for path in tracked("*"):
        if path == TOP / "tests/house/test_style.py" or path.suffix in (".png", ".mo"):
            continue
        try:
            lines = path.read_text().splitlines()
        except UnicodeDecodeError:
            continue
        found += [f"{name_of(path)}:{number}: {line.strip()}"
                  for number, line in enumerate(lines, 1) if pattern.search(line)]
    assert found == []


def test_typography():
    """Sentences for people use typographic quotes and apostrophes."""
    text = re.compile(r'\b(?:C_|N_|ngettext|_) \(((?:\s*"(?:\\.|[^"\\])*"\s*)+)')
    found = [f"{name_of(path)}: {match.group(1)}" for path in SOURCES if path.suffix == ".c"
             for match in text.finditer(path.read_text())
             if re.search(r"\w'\w|\\\"", match.group(1))]
    assert found == []


def test_texts_are_whole_for_the_catalogues():
    """xgettext stops at G_GINT64_FORMAT; PRId64 it understands."""
    cut = re.compile(r'\b(?:C_|N_|ngettext|_) \((?:\s*"(?:\\.|[^"\\])*")*\s*G_\w+_(?:FORMAT|MODIFIER)')
    found = [name_of(path) for path in SOURCES if cut.search(path.read_text())]
    assert found == []
