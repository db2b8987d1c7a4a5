"""Text under its escapes: the bytes that percent, JSON and HTML escapes stand for, each knowing where it is written."""

from __future__ import annotations

import html
import itertools
import json
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Layer", "layers"]

_DEPTH = 2
"""Escapes inside of escapes that are undone: a URL in a parameter of a URL, JSON in a string of JSON."""
_MOST_ESCAPES = 1_000_000
"""Escapes undone in one text, for its time; what follows is looked at as written."""


class Layer(NamedTuple):
    """A text with its escapes undone.

    Args:
        data: The text.
        begin, end: Where each byte of it is written in the original [begin, end); None: the original itself.
    """

    data: bytes
    begin: NDArray[np.int64] | None
    end: NDArray[np.int64] | None

    def place(self, start: int, stop: int) -> tuple[int, int]:
        """Where the bytes [start, stop), at least one, are written in the original."""
        if self.begin is None or self.end is None:
            return start, stop
        return int(self.begin[start]), int(self.end[stop - 1])


def _percent(escape: bytes) -> bytes:
    return bytes((int(escape[1:], 16),))


def _json(escape: bytes) -> bytes:
    text: str = json.loads(b'"' + escape + b'"')
    return text.encode("utf-8", "replace")


def _html(escape: bytes) -> bytes:
    return html.unescape(escape.decode("ascii")).encode("utf-8", "replace")


# The byte without which there is none, the escape, and what it stands for.
_ESCAPES: tuple[tuple[bytes, re.Pattern[bytes], Callable[[bytes], bytes]], ...] = (
    (b"%", re.compile(rb"%[0-9A-Fa-f]{2}"), _percent),
    (
        b"\\",
        re.compile(rb'\\u[dD][89abAB][0-9A-Fa-f]{2}\\u[dD][c-fC-F][0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\\["\\/bfnrt]'),
        _json,
    ),
    (b"&", re.compile(rb"&(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6});"), _html),
)


def layers(data: bytes, depth: int = _DEPTH) -> Iterator[Layer]:
    """The text as it is, then under each kind of escape that it has, and escapes inside of these."""
    yield from _under(Layer(data, None, None), depth)


def _under(layer: Layer, depth: int) -> Iterator[Layer]:
    yield layer
    if depth == 0:
        return
    for mark, pattern, decode in _ESCAPES:
        if mark in layer.data:
            inner = _undone(layer, pattern, decode)
            if inner is not None:
                yield from _under(inner, depth - 1)


def _undone(layer: Layer, pattern: re.Pattern[bytes], decode: Callable[[bytes], bytes]) -> Layer | None:
    parts: list[bytes] = []
    begins: list[NDArray[np.int64]] = []
    ends: list[NDArray[np.int64]] = []

    def keep(data: bytes, begin: NDArray[np.int64], end: NDArray[np.int64]) -> None:
        parts.append(data)
        begins.append(begin)
        ends.append(end)

    at = 0
    for match in itertools.islice(pattern.finditer(layer.data), _MOST_ESCAPES):
        start, stop = match.span()
        if start > at:
            run = np.arange(at, start)
            keep(layer.data[at:start], run, run + 1)
        meant = decode(match[0])
        # Every byte of what is meant is written by the whole escape.
        keep(meant, np.full(len(meant), start), np.full(len(meant), stop))
        at = stop
    if not parts:
        return None
    run = np.arange(at, len(layer.data))
    keep(layer.data[at:], run, run + 1)
    begin, end = np.concatenate(begins), np.concatenate(ends)
    if layer.begin is not None and layer.end is not None:
        begin, end = layer.begin[begin], layer.end[end - 1]
    return Layer(b"".join(parts), begin, end)
