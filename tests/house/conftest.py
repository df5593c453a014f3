# conftest.py: the tree under test
# SPDX-License-Identifier: GPL-3.0-or-later

import subprocess
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]


def tracked(*patterns):
    """The project's own files: those git knows or would add."""
    names = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others",
         "--exclude-standard", "--", *patterns],
        cwd=TOP, check=True, capture_output=True, text=True).stdout.split("\0")
    return sorted(TOP / name for name in names if name and (TOP / name).is_file())
