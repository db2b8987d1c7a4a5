"""The report as text."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from inspector.i18n import speaking
from inspector.report.text import render_text
from tests.report.samples import SAMPLES, report_of_file


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("language", ["en", "ko"])
def test_lines_break_between_words_within_the_width(language: str, width: int) -> None:
    report = report_of_file(SAMPLES / "close-1006.pcapng", level="learn")
    with speaking(language):
        whole, broken = render_text(report, language), render_text(report, language, width)
    assert max(map(cell_len, whole.splitlines())) > width
    assert max(map(cell_len, broken.splitlines())) <= width
    assert broken.split() == whole.split()


def test_learners_are_told_how_wireshark_shows_it() -> None:
    path = SAMPLES / "close-1006.pcapng"
    steps = [step["filter"] for step in report_of_file(path)["findings"][0]["wireshark"]]
    normal, learn = (render_text(report_of_file(path, level=level)) for level in ("normal", "learn"))
    assert all(step in learn for step in steps)
    assert not any(step in normal for step in steps)
    assert "inspector explain F16" in learn
