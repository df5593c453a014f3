#!/usr/bin/python3
# catalogue.py: the translation catalogues and the sources, kept in step
# SPDX-License-Identifier: GPL-3.0-or-later
"""catalogue.py update: lists the translatable files and merges their texts into every catalogue."""

import re
import subprocess
import sys
from pathlib import Path

from conftest import TOP, tracked

PO = TOP / "po"
TRANSLATABLE = re.compile(r'\b(?:_|N_|C_|NC_|g_dngettext|ngettext) \(|translatable="(?:yes|true)"')
DATA = (".desktop.in", ".metainfo.xml.in", ".gschema.xml")
KEYWORDS = ["_", "N_", "C_:1c,2", "NC_:1c,2", "ngettext:1,2", "g_dngettext:2,3",
            "g_dpgettext2:2c,3"]


def translatable_files():
    """All files with text for people, as names from the top."""
    files = [path for path in tracked("src-*/*.c", "src-*/*.ui", "src-*/*.blp")
             if TRANSLATABLE.search(path.read_text())]
    files += [path for path in tracked("data/*") if path.name.endswith(DATA)]
    return sorted(path.relative_to(TOP).as_posix() for path in files)


def listed_files():
    lines = (PO / "POTFILES.in").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def languages():
    return (PO / "LINGUAS").read_text().split()


def extract(template):
    """Writes the texts of all listed files to `template`."""
    subprocess.run(
        ["xgettext", "--from-code=UTF-8", "--add-comments=TRANSLATORS:", "--add-location=file",
         "--package-name=ruche", "--sort-by-file", f"--output={template}",
         *(f"--keyword={word}" for word in KEYWORDS),
         "--flag=_:1:pass-c-format", "--flag=N_:1:pass-c-format",
         "--flag=ngettext:1:pass-c-format", "--flag=ngettext:2:pass-c-format",
         "--flag=g_set_error:4:c-format", "--flag=g_strdup_printf:1:c-format",
         f"--directory={TOP}", "--files-from=" + str(PO / "POTFILES.in")],
        check=True, stderr=subprocess.PIPE)


def update(template):
    (PO / "POTFILES.in").write_text("".join(f"{name}\n" for name in translatable_files()))
    extract(template)
    for language in languages():
        subprocess.run(["msgmerge", "--update", "--backup=none", "--quiet", "--no-fuzzy-matching",
                        "--add-location=file", "--previous", "--no-wrap",
                        PO / f"{language}.po", template], check=True)
        # Texts that are gone from the sources leave the catalogue, too.
        subprocess.run(["msgattrib", "--no-obsolete", "--add-location=file", "--no-wrap",
                        "--output-file", PO / f"{language}.po", PO / f"{language}.po"], check=True)
        subprocess.run(["msgfmt", "--check", "--statistics", "--output-file=/dev/null",
                        PO / f"{language}.po"], check=True)


if __name__ == "__main__":
    if sys.argv[1:] != ["update"]:
        sys.exit(__doc__)
    import tempfile
    with tempfile.TemporaryDirectory() as folder:
        update(Path(folder) / "ruche.pot")
