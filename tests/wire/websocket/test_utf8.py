"""The UTF-8 check against Python's own decoder."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.wire.websocket.utf8 import not_utf8

_EDGES = [0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC]
_EDGES += [0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF]
"""Bytes on both sides of every limit in RFC 3629 section 4."""


def _python_refuses(text: bytes) -> bool:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return True
    return False


def _check(texts: list[bytes]) -> None:
    ends = np.cumsum([len(text) for text in texts], dtype=np.int64)
    starts = np.concatenate([np.zeros(1, np.int64), ends[:-1]])
    expected = [row for row, text in enumerate(texts) if _python_refuses(text)]
    assert not_utf8(memoryview(b"".join(texts)), starts, ends) == expected


@pytest.mark.parametrize("before", [b"", b"seven b", b"fifteen bytes !"])
def test_every_limit_of_the_standard_in_up_to_three_bytes(before: bytes) -> None:
    for length in (0, 1, 2, 3):
        _check([before + bytes(octets) for octets in itertools.product(_EDGES, repeat=length)])


def test_every_limit_of_the_standard_in_four_bytes() -> None:
    seconds = [0x7F, 0x80, 0x8F, 0x90, 0xBF, 0xC0]
    _check([bytes(octets) for octets in itertools.product([0xF0, 0xF1, 0xF3, 0xF4, 0xF5], seconds, seconds, seconds)])


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(st.text().map(str.encode), st.binary(max_size=20)), min_size=1, max_size=8))
def test_each_text_by_itself(texts: list[bytes]) -> None:
    _check(texts)


def test_a_text_beyond_its_buffer_is_misuse() -> None:
    with pytest.raises(IndexError):
        not_utf8(memoryview(b"abc"), np.array([0], np.int64), np.array([4], np.int64))
