"""Three grades of truth: what the packets of an interface were made from."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum

__all__ = ["Grade", "grade_comment", "grade_of_comments"]

_PREFIX = "grade: "


class Grade(IntEnum):
    """How much of what an interface shows is real, the most first."""

    CAPTURED = 0
    """Real packets."""
    TAPPED = 1
    """Payload bytes and times are real; TCP and IP headers were made by the program that recorded them."""
    RECONSTRUCTED = 2
    """Written anew from somebody's parsed view."""

    @property
    def code(self) -> str:
        """The stable name in JSON, e.g. ``"tapped"``."""
        return self.name.lower()


def grade_comment(grade: Grade, why: str) -> str:
    """The comment by which an interface of a recording tells its grade, to people and programs alike."""
    return f"{_PREFIX}{grade.code}. {why}"


def grade_of_comments(comments: Iterable[str]) -> Grade:
    """The grade that the comments of an interface tell; without a word of it packets are taken as captured."""
    for comment in comments:
        if comment.startswith(_PREFIX):
            word = comment.removeprefix(_PREFIX).split(".", 1)[0].strip()
            for grade in Grade:
                if grade.code == word:
                    return grade
    return Grade.CAPTURED
