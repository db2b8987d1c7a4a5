"""Times as people say them."""

from __future__ import annotations

import pytest

from inspector.report.duration import duration_text, moment_text


@pytest.mark.parametrize(
    ("nanoseconds", "text"),
    [
        (0, "0.00 ms"),
        (420_000, "0.42 ms"),
        (9_994_999, "9.99 ms"),
        (25_600_000, "26 ms"),
        (999_600_000, "1.0 s"),
        (1_400_000_000, "1.4 s"),
        (59_940_000_000, "59.9 s"),
        (59_960_000_000, "1 min 0 s"),
        (725_000_000_000, "12 min 5 s"),
        (7_260_000_000_000, "2 h 1 min"),
    ],
)
def test_two_or_three_digits_that_matter(nanoseconds: int, text: str) -> None:
    assert duration_text(nanoseconds) == text


def test_a_moment_has_its_zone() -> None:
    # date -u -d @1795272109.641
    assert moment_text(1_795_272_109_641_999_999) == "2026-11-21 14:41:49.641 UTC"
