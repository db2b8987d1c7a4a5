"""The manual's pages of the rules are those that the rules give."""

from __future__ import annotations

from tools.rule_pages import FOLDER, pages


def test_pages_are_up_to_date() -> None:
    written = {path.name: path.read_text("utf-8") for path in FOLDER.glob("*.md")}
    assert written == pages(), "run: python -m tools.rule_pages"
