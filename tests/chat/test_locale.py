"""The Korean catalogue holds every text, and its compiled form is up to date."""

from __future__ import annotations

import re
from pathlib import Path

from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

import inspector.chat

ROOT = Path(inspector.chat.__file__).parent
CATALOGUE = ROOT / "locale" / "ko" / "LC_MESSAGES" / "django"


def _marked() -> set[str]:
    found: set[str] = set()
    for page in ROOT.glob("templates/**/*.html"):
        text = page.read_text(encoding="utf-8")
        found |= set(re.findall(r'\{% translate "([^"]*)"', text))
        for block in re.findall(r"\{% blocktranslate %\}(.*?)\{% endblocktranslate", text):
            found.add(re.sub(r"\{\{ (\w+) \}\}", r"%(\1)s", block))
    for source in ROOT.glob("**/*.py"):
        text = source.read_text(encoding="utf-8")
        # What speaks through the program's own catalogue is none of Django's.
        if "from inspector.i18n import" not in text or "gettext" in text:
            found |= set(re.findall(r'\b_\(\s*"([^"]*)"', text))
    return found


def test_every_text_is_translated_and_none_is_left_over() -> None:
    with CATALOGUE.with_suffix(".po").open("rb") as file:
        catalogue = {str(message.id): str(message.string) for message in read_po(file) if message.id}
    assert set(catalogue) == _marked()
    assert all(catalogue.values())
    for source, translation in catalogue.items():
        assert set(re.findall(r"\{\w+\}|%\(\w+\)\w", source)) == set(re.findall(r"\{\w+\}|%\(\w+\)\w", translation))


def test_the_compiled_catalogue_is_up_to_date() -> None:
    with CATALOGUE.with_suffix(".po").open("rb") as source, CATALOGUE.with_suffix(".mo").open("rb") as compiled:
        expected = {message.id: message.string for message in read_po(source) if message.id}
        assert {message.id: message.string for message in read_mo(compiled) if message.id} == expected
