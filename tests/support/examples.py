#!/usr/bin/python3
# examples.py: the programs of data/examples, for the tests and, as a program, for ./dev run
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs every example on the local cluster and prints what became of it."""

import configparser
import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "data" / "examples"


@dataclass
class Example:
    """One group of examples.list, which describes the keys."""
    name: str
    files: list
    verdict: str
    args: list = field(default_factory=list)
    input: Path | None = None
    exit_code: int = 0
    signal: str | None = None
    stdout: bytes = b""
    diagnostic: tuple | None = None

    @property
    def language(self):
        return self.name.split("/")[0]

    def words(self):
        """What follows `ruchectl run`."""
        words = [str(path) for path in self.files]
        if self.input is not None:
            words += ["--input", str(self.input)]
        for arg in self.args:
            words += ["--arg", arg]
        return words


def read_examples():
    listing = configparser.RawConfigParser(interpolation=None)
    listing.read_string((FOLDER / "examples.list").read_text())
    found = []
    for name in listing.sections():
        group = listing[name]
        example = Example(name, [FOLDER / path for path in group["files"].split(";")],
                          group["verdict"])
        example.args = group.get("args", "").split(";") if "args" in group else []
        example.input = FOLDER / group["input"] if "input" in group else None
        example.exit_code = int(group.get("exit-code", 0))
        example.signal = group.get("signal")
        example.stdout = (FOLDER / group["stdout"]).read_bytes() if "stdout" in group else b""
        if "diagnostic" in group:
            file, line = group["diagnostic"].rsplit(":", 1)
            example.diagnostic = (file, int(line))
        found.append(example)
    return found


def ruchectl(*words):
    done = subprocess.run(["ruchectl", *words, "--json"], capture_output=True,
                          stdin=subprocess.DEVNULL)
    try:
        return json.loads(done.stdout)
    except ValueError:
        sys.exit(done.stderr.decode(errors="replace"))


def offered_languages():
    return {toolchain["language"] for server in ruchectl("servers")
            for toolchain in server["toolchains"]}


def indented(text, lines=12):
    """The first lines of a program's output, set off from ours."""
    found = text.splitlines()
    shown = [f"    {line}" for line in found[:lines]]
    if len(found) > lines:
        shown.append(f"    … {len(found) - lines} more lines")
    return shown


def figures(usage):
    return (f"CPU {usage['cpu_ms']} ms, wall {usage['wall_ms']} ms,"
            f" peak memory {usage['memory_kib']} KiB")


def show(example, result):
    """Prints what became of one example."""
    print(f"\n{example.name}: {', '.join(path.name for path in example.files)}")
    for line in indented(result["stdout"]) + indented(result["stderr"]):
        print(line)
    for seen in result["diagnostics"][:3]:
        print(f"    {seen['file']}:{seen['line']}: {seen['severity']}: {seen['message']}")
    print(f"  {result['verdict']} on {result['server']}", end="")
    if result["cpu_ms"] is not None:
        print(f": {figures(result)}", end="")
    if result.get("compile"):
        print(f"; compiler: {figures(result['compile'])}", end="")
    print(flush=True)


def main():
    offered, surprises, absent = offered_languages(), [], set()
    examples = read_examples()
    for example in examples:
        if example.language not in offered:
            absent.add(example.language)
            continue
        result = ruchectl("run", *example.words())
        show(example, result)
        if result["verdict"] != example.verdict:
            surprises.append(f"{example.name} should have ended with {example.verdict}")
    print()
    if absent:
        print(f"Not run, as no server offers it: {', '.join(sorted(absent))}")
    print("\n".join(surprises) or "Every example ended as its author meant it to.")
    return 1 if surprises else 0


if __name__ == "__main__":
    sys.exit(main())
