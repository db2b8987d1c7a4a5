"""The manual's examples run and print what the manual says."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parents[1]
_PAGES = [
    page for page in (_ROOT / "README.md", *sorted((_ROOT / "docs").glob("*.md"))) if ">>> " in page.read_text("utf-8")
]


@pytest.mark.parametrize("page", _PAGES, ids=lambda page: page.name)
def test_examples(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(_ROOT)

    failed, tried = doctest.testfile(str(page), module_relative=False, encoding="utf-8")

    assert tried > 0
    assert failed == 0
