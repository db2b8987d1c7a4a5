"""Options of pcapng blocks (draft-ietf-opsawg-pcapng section 3.5)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from struct import unpack_from

__all__ = ["COMMENT", "END", "BadOption", "comments_of", "iterate_options", "text_of"]

END = 0
"""Code of the option that ends the others."""
COMMENT = 1
"""Code of a comment, in every kind of block."""
_CUSTOM = {2988, 2989, 19372, 19373}


class BadOption(ValueError):
    """An option is longer than its block."""


def iterate_options(data: bytes, big: bool) -> Iterator[tuple[int, bytes]]:
    """(code, value) of each option up to the option that ends them.

    Raises:
        BadOption: If one is longer than the data, or a custom option too short for its enterprise number.
    """
    at = 0
    while len(data) - at >= 4:
        code, size = unpack_from(">HH" if big else "<HH", data, at)
        if size > len(data) - at - 4 or (code in _CUSTOM and size < 4):
            raise BadOption
        if code == END:
            return
        yield code, data[at + 4 : at + 4 + size]
        at += 4 + (size + 3 & ~3)


def text_of(value: bytes) -> str:
    """A text option: UTF-8 up to a NUL that some writers add."""
    return value.partition(b"\0")[0].decode("utf-8", "backslashreplace")


def comments_of(options: Iterable[tuple[int, bytes]]) -> tuple[str, ...]:
    """The comments among options."""
    return tuple(text_of(value) for code, value in options if code == COMMENT)
