# test_data.py: the files that go with the programs are sound
# SPDX-License-Identifier: GPL-3.0-or-later

import configparser
import re
import subprocess

import pytest
from conftest import TOP, tracked


def run(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def built(suffix):
    return [path for path in tracked(f"data/*{suffix}*")]


@pytest.mark.parametrize("path", built(".desktop"), ids=lambda path: path.name)
def test_desktop_entries(path, tmp_path):
    entry = tmp_path / path.name.removesuffix(".in").removesuffix(".in")
    entry.write_text(path.read_text())
    run("desktop-file-validate", entry)


@pytest.mark.parametrize("path", built(".metainfo.xml"), ids=lambda path: path.name)
def test_metainfo(path, tmp_path):
    info = tmp_path / path.name.removesuffix(".in")
    info.write_text(path.read_text())
    run("appstreamcli", "validate", "--no-net", info)


@pytest.mark.parametrize("path", tracked("data/systemd/*.service.in"), ids=lambda path: path.name)
def test_units(path):
    unit = configparser.RawConfigParser(strict=False, interpolation=None)
    unit.optionxform = str
    unit.read_string(path.read_text())
    assert unit["Unit"]["Description"]
    assert unit["Service"]["ExecStart"].startswith("@bindir@/ruche-")
    assert "ProtectKernelTunables" not in unit["Service"] or "slave" not in path.name


@pytest.mark.parametrize("path", tracked("*.sh", "dev", ".ci/run"), ids=lambda path: path.name)
def test_shell_syntax(path):
    shell = re.match(r"#!.*\b(\w+)", path.read_text()).group(1)
    run(shell, "-n", path)


def test_documents_name_files_that_exist():
    """A relative link in a document leads somewhere."""
    wrong = []
    for path in tracked("*.md"):
        for target in re.findall(r"\]\((?!https?:|mailto:|#)([^)#]+)", path.read_text()):
            if not (path.parent / target).exists():
                wrong.append(f"{path.relative_to(TOP)}: {target}")
    assert wrong == []
