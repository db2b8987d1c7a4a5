"""Typed netstrings (https://tnetstrings.info): the format of mitmproxy's flow files; ``;`` for Unicode is its addition."""

from __future__ import annotations

from collections.abc import Iterator

__all__ = ["TnetstringError", "read_tnetstrings"]

_LONGEST_LENGTH = 12
"""Digits of a length; mitmproxy reads no more either."""
_DEEPEST = 40
"""Lists and dictionaries inside each other; flows need eight."""


class TnetstringError(ValueError):
    """The bytes are not typed netstrings."""


def read_tnetstrings(data: memoryview) -> Iterator[tuple[int, object]]:
    """The values that stand one after the other.

    Args:
        data: Of a file.

    Yields:
        (position behind it, value) of each; bytes, str, int, float, bool, None, list and dict.

    Raises:
        TnetstringError: Where the bytes are not, or end inside of a value.
    """
    at = 0
    while at < len(data):
        at, value = _value(data, at, len(data), 0)
        yield at, value


def _value(data: memoryview, at: int, limit: int, depth: int) -> tuple[int, object]:
    digits = bytes(data[at : min(at + _LONGEST_LENGTH + 1, limit)]).partition(b":")
    if not digits[1] or not digits[0].isdigit():
        raise TnetstringError(f"no length at byte {at}")
    start = at + len(digits[0]) + 1
    end = start + int(digits[0])
    if end >= limit:
        raise TnetstringError(f"the value at byte {at} is longer than what is left")
    if depth > _DEEPEST:
        raise TnetstringError(f"more than {_DEEPEST} values inside each other at byte {at}")
    kind = bytes(data[end : end + 1])
    if kind in (b"]", b"}"):
        return end + 1, _container(data, start, end, depth, is_list=kind == b"]")
    return end + 1, _scalar(kind, bytes(data[start:end]), at)


def _container(data: memoryview, at: int, end: int, depth: int, *, is_list: bool) -> object:
    values = []
    while at < end:
        at, value = _value(data, at, end, depth + 1)
        values.append(value)
    if is_list:
        return values
    if len(values) % 2:
        raise TnetstringError(f"a key without a value before byte {end}")
    return {key: value for key, value in zip(values[::2], values[1::2], strict=True) if isinstance(key, (str, bytes))}


def _scalar(kind: bytes, text: bytes, at: int) -> object:
    try:
        if kind == b",":
            return text
        if kind == b";":
            return text.decode("utf-8")
        if kind == b"#" and len(text) <= 40:
            return int(text)
        if kind == b"^":
            return float(text)
        if kind == b"!" and text in (b"true", b"false"):
            return text == b"true"
        if kind == b"~" and not text:
            return None
    except ValueError as error:
        raise TnetstringError(f"the value at byte {at}: {error}") from error
    raise TnetstringError(f"the value at byte {at} is of no known type")
