"""The grade of truth is told by a comment that people read in Wireshark, too."""

from __future__ import annotations

import pytest

from inspector.model.grade import Grade, grade_comment, grade_of_comments


@pytest.mark.parametrize(
    ("comments", "grade"),
    [
        ((), Grade.CAPTURED),
        (("captured in the lab",), Grade.CAPTURED),
        (("grade: tapped",), Grade.TAPPED),
        (("of last week", "grade: reconstructed. From a HAR."), Grade.RECONSTRUCTED),
        (("grade: golden. Nobody knows this one",), Grade.CAPTURED),
    ],
)
def test_the_comment_tells_it(comments: tuple[str, ...], grade: Grade) -> None:
    assert grade_of_comments(comments) == grade


def test_what_is_written_is_read() -> None:
    assert grade_comment(Grade.TAPPED, "TLS as sent.") == "grade: tapped. TLS as sent."
    assert [grade_of_comments([grade_comment(grade, "Why.")]) for grade in Grade] == list(Grade)
