"""Text under its escapes: the bytes that percent, JSON and HTML escapes stand for, each knowing where it is written."""

from __future__ import annotations

import html
import itertools
import json
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Layer", "layers"]

_DEPTH = 2
"""Escapes inside of escapes that are undone: a URL in a parameter of a URL, JSON in a string of JSON."""
_SMALL = 1 << 16
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


@lru_cache(maxsize=4096)
def _percent(escape: bytes) -> bytes:
    return bytes((int(escape[1:], 16),))


@lru_cache(maxsize=4096)
def _json(escape: bytes) -> bytes:
    text: str = json.loads(b'"' + escape + b'"')
    return text.encode("utf-8", "replace")


@lru_cache(maxsize=4096)
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


def layers(data: bytes) -> Iterator[Layer]:
    """The text as it is, then under each kind of escape that it has, and escapes inside of these.

    Large data with zeros in it is no text: in pictures escapes are by chance.
    """
    is_text = len(data) <= _SMALL or b"\0" not in data
    yield from _under(Layer(data, None, None), _DEPTH if is_text else 0)


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
    starts: list[int] = []
    stops: list[int] = []
    sizes: list[int] = []
    at = 0
    for match in itertools.islice(pattern.finditer(layer.data), _MOST_ESCAPES):
        start, stop = match.span()
        meant = decode(match[0])
        parts += (layer.data[at:start], meant)
        starts.append(start)
        stops.append(stop)
        sizes.append(len(meant))
        at = stop
    if not parts:
        return None
    parts.append(layer.data[at:])
    begin, end = _written(len(layer.data), np.array(starts), np.array(stops), np.array(sizes))
    if layer.begin is not None and layer.end is not None:
        begin, end = layer.begin[begin], layer.end[end - 1]
    return Layer(b"".join(parts), begin, end)


def _written(
    length: int, starts: NDArray[np.int64], stops: NDArray[np.int64], sizes: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where each byte is written: plain ones at their own place, every byte that an escape means by the whole escape."""
    edges = np.zeros(length + 1, np.int8)
    edges[starts] += 1
    edges[stops] -= 1
    plain = np.flatnonzero(np.cumsum(edges[:-1], dtype=np.int8) == 0)
    begin = np.concatenate([plain, np.repeat(starts, sizes)])
    end = np.concatenate([plain + 1, np.repeat(stops, sizes)])
    order = np.argsort(begin, kind="stable")
    return begin[order], end[order]
