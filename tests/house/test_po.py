# test_po.py: every text that a person may see is translated, and nothing else is in the catalogues
# SPDX-License-Identifier: GPL-3.0-or-later

import re
import subprocess

import catalogue
import pytest

NARROW, WIDE = "\u202f", "\u00a0"


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    path = tmp_path_factory.mktemp("po") / "ruche.pot"
    catalogue.extract(path)
    return path


def entries(path):
    """The (msgid, msgstr…) texts of a catalogue, in order."""
    text = subprocess.run(["msgcat", "--no-wrap", path], check=True, capture_output=True,
                          text=True).stdout
    found = []
    for block in text.split("\n\n"):
        lines = re.sub(r'"\n"', "", "\n".join(
            line for line in block.splitlines() if not line.startswith("#")))
        values = re.findall(r'^(msgctxt|msgid|msgid_plural|msgstr(?:\[\d\])?) "(.*)"$', lines,
                            re.MULTILINE)
        if values:
            found.append(values)
    return found


def keys(path):
    return {tuple(pair for pair in entry if pair[0] in ("msgctxt", "msgid"))
            for entry in entries(path)}


def test_every_source_with_text_is_listed():
    assert catalogue.listed_files() == catalogue.translatable_files()


@pytest.mark.parametrize("language", catalogue.languages())
def test_complete(language, template):
    po = catalogue.PO / f"{language}.po"
    done = subprocess.run(["msgcmp", po, template], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr + "\nrun ./dev po and translate what is new"


@pytest.mark.parametrize("language", catalogue.languages())
def test_nothing_stale(language, template):
    assert keys(catalogue.PO / f"{language}.po") - keys(template) == set()


@pytest.mark.parametrize("language", catalogue.languages())
def test_well_formed(language):
    done = subprocess.run(["msgfmt", "--check", "--output-file=/dev/null",
                           catalogue.PO / f"{language}.po"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_french_typography():
    """A no-break space before : ; ? ! and inside « »; no straight apostrophe."""
    wrong = []
    for entry in entries(catalogue.PO / "fr.po")[1:]:
        for kind, text in entry:
            # The keywords of a desktop entry are a list, not a sentence.
            if not kind.startswith("msgstr") or re.fullmatch(r"([^ ;]+;)+", text):
                continue
            plain = re.sub(r"https?://\S+|ruche://\S+|%[-\d.l]*[a-z%]", "x", text)
            if re.search(r"(?<=\w)'(?=\w)|«[^" + NARROW + WIDE + r"]|[^" + NARROW + WIDE
                         + r"]»| [;:?!»]|\w[;?!](?!\w)|[A-Za-zé”»]:(?: |$)", plain):
                wrong.append(text)
    assert wrong == []
