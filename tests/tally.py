#!/usr/bin/python3
# tally.py: adds up the results of the parts of `./dev test`
# SPDX-License-Identifier: GPL-3.0-or-later
"""
tally.py close FOLDER PART STATUS SECONDS   note how a part went, from its JUnit files PART*.xml and,
                                            for meson, its log PART*.log
tally.py sum FOLDER                         print all parts and, last, the one line with the sum

A part that ends badly without a failed test in its files (it crashed, or never wrote them) counts
as one failure; a part that writes no files at all counts as one test. A skipped test is a failure:
what is not run is not known to work.
"""

import json
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path


def read_junit(path):
    """Returns how many tests passed, and the names of those that did not, in one file."""
    passed, failed = 0, []
    for case in ElementTree.parse(path).getroot().iter("testcase"):
        if any(case.find(bad) is not None for bad in ("failure", "error", "skipped")):
            failed.append(f"{case.get('classname', '')}: {case.get('name')}")
        else:
            passed += 1
    return passed, failed


def read_meson(path):
    """Returns the test programs of meson's log that did not end well, a crash included."""
    found = []
    for line in path.read_text().splitlines():
        run = json.loads(line)
        if run["result"] not in ("OK", "EXPECTEDFAIL"):
            found.append(f"{run['name']}: the program ended badly ({run['result']})")
    return found


def tally_part(folder, name, status):
    """Returns the same for all files of a part that ended with the exit status `status`."""
    files = sorted({*folder.glob(f"{name}.xml"), *folder.glob(f"{name}-*.xml")})
    passed, failed = 0, []
    for path in files:
        try:
            more_passed, more_failed = read_junit(path)
        except ElementTree.ParseError as error:
            more_passed, more_failed = 0, [f"{path.name}: {error}"]
        passed += more_passed
        failed += more_failed
    # A program that crashes leaves the tests it had passed in the JUnit file and nothing else.
    logs = [line for path in folder.glob(f"{name}*.log") for line in read_meson(path)]
    failed += logs[min(len(failed), len(logs)):]
    if not files and status == 0:
        passed = 1
    if status != 0 and not failed:
        failed.append(f"{name}: ended with status {status}")
    if files and passed + len(failed) == 0:
        failed.append(f"{name}: no test was run")
    return passed, failed


def close(folder, name, status, seconds):
    passed, failed = tally_part(folder, name, int(status))
    result = {"name": name, "passed": passed, "failed": failed, "seconds": int(seconds)}
    (folder / f"{name}.json").write_text(json.dumps(result))
    print(f"{name}: {passed} passed, {len(failed)} failed, {seconds} s", flush=True)


def add_up(folder):
    parts = [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))]
    failed = [name for part in parts for name in part["failed"]]
    print()
    for part in parts:
        print(f"{part['name']:8} {part['passed']:6} passed {len(part['failed']):5} failed"
              f" {part['seconds']:6} s")
    for name in failed:
        print(f"FAILED {name}")
    print(f"\n{sum(part['passed'] for part in parts)} passed, {len(failed)} failed")
    return 1 if failed or not parts else 0


def main():
    command, folder, *rest = sys.argv[1:]
    if command == "close":
        close(Path(folder), *rest)
        return 0
    return add_up(Path(folder))


if __name__ == "__main__":
    sys.exit(main())
