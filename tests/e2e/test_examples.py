# test_examples.py: every example does what its author meant it to
# SPDX-License-Identifier: GPL-3.0-or-later

import signal

import pytest
from cluster import TOP
from examples import FOLDER, read_examples

EXAMPLES = read_examples()
REQUIRED = {"c", "cpp", "python", "java"}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_example(cluster, example):
    done = cluster.ctl("run", *example.words())
    assert done.stdout == example.stdout, done.stderr
    result = cluster.run(*example.words())
    assert result["verdict"] == example.verdict, result
    assert result["stdout"].encode() == example.stdout
    assert result["server"] in {server["name"] for server in cluster.servers()}
    assert result["toolchain"]
    if example.signal is None:
        assert (result["exit_code"], result["signal"]) == (example.exit_code, None)
    else:
        assert (result["exit_code"], result["signal"]) == (
            None, signal.Signals[example.signal].value)
    if example.diagnostic is not None:
        assert example.diagnostic in {(seen["file"], seen["line"])
                                      for seen in result["diagnostics"]}
    if result["step"] == "run":
        assert result["wall_ms"] > 0 and result["memory_kib"] > 100
    else:
        assert result["compile"]["wall_ms"] > 0


def test_what_the_examples_show():
    """Each required language has a program of several files, errors, a crash and one that reads."""
    for language in REQUIRED:
        mine = [example for example in EXAMPLES if example.language == language]
        assert any(len(example.files) > 1 for example in mine), language
        assert any(example.input for example in mine), language
        assert any(example.diagnostic for example in mine), language
        assert any(example.verdict in ("signaled", "runtime-error") for example in mine), language


def test_every_toolchain_has_an_example_and_is_offered(cluster):
    described = {path.stem for path in (TOP / "data" / "toolchains").glob("*.toolchain")}
    assert {example.language for example in EXAMPLES} == described
    for server in cluster.servers():
        assert {toolchain["language"] for toolchain in server["toolchains"]} == described


def test_every_source_is_in_the_list():
    listed = {path for example in EXAMPLES for path in example.files}
    sources = {path for path in FOLDER.rglob("*")
               if path.is_file() and path.suffix not in (".stdout", ".input", ".list", ".build")}
    assert sources == listed
