"""The pictures of README and manual: made by one command, small, and all of them shown."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tools.browser import chromium_program
from tools.pictures import FOLDER, MOST_BYTES, PICTURES, make_pictures

_ROOT = Path(__file__).parents[2]
_SHOWN = re.compile(r"!\[([^\]]+)\]\((\S+)\)")


def test_all_can_be_made_and_are_small(tmp_path: Path) -> None:
    pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if chromium_program() is None:
        pytest.skip("chromium is not installed")
    made = make_pictures(tmp_path)
    assert [path.stem for path in made] == [one.name for one in PICTURES]
    for path, one in zip(made, PICTURES, strict=True):
        head = path.read_bytes()[:33]
        assert head.startswith(b"\x89PNG\r\n\x1a\n")
        assert int.from_bytes(head[20:24], "big") == one.height
        assert head[25] == 3, "a palette"
        # An empty page would be far smaller.
        assert 10_000 < path.stat().st_size < MOST_BYTES


@pytest.mark.parametrize("page", ["README.md", "docs/index.md"])
def test_each_is_shown_with_words_for_those_who_do_not_see_it(page: str) -> None:
    path = _ROOT / page
    shown = _SHOWN.findall(path.read_text("utf-8"))
    assert {(path.parent / target).resolve() for _words, target in shown} == {
        FOLDER / f"{one.name}.png" for one in PICTURES
    }
    assert all(len(words) > 15 for words, _target in shown)
    assert all((path.parent / target).stat().st_size < MOST_BYTES for _words, target in shown)
