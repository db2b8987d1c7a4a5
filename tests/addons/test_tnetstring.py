"""Typed netstrings; the examples are those of the format's description and of mitmproxy's files."""

from __future__ import annotations

import random

import pytest

from addons.tnetstring import TnetstringError, read_tnetstrings


def _read(data: bytes) -> list[object]:
    return [value for _end, value in read_tnetstrings(memoryview(data))]


def test_every_type() -> None:
    data = b"51:5:hello,39:11:12345678901#4:this,4:true!0:~4:\x00\x00\x00\x00,]}"
    assert _read(data) == [{b"hello": [12345678901, b"this", True, None, b"\0\0\0\0"]}]
    assert _read(b"0:}0:]0:,5:false!4:1.25^2:-3#6:\xec\x95\x88a b;") == [{}, [], b"", False, 1.25, -3, "안a b"]


@pytest.mark.parametrize(
    "data",
    [
        b"5:hell,", b"5:hello", b"x", b"5", b":,", b"-1:a,", b"3:abc?", b"2:ab#", b"1:x!", b"1:x~", b"3:\xff\xfe\xfd;",
        b"4:1:a,}", b"3:9:a]", b"99999999999999999999:a,", b"8:1:a,9:b,]",
    ],
)  # fmt: skip
def test_what_is_none_is_said(data: bytes) -> None:
    with pytest.raises(TnetstringError):
        _read(data)


def test_lists_inside_of_lists_without_end() -> None:
    data = b""
    for _depth in range(5000):
        data = b"%d:%b]" % (len(data), data)
    with pytest.raises(TnetstringError, match="more than 40"):
        _read(data)


def test_arbitrary_bytes_end_in_the_documented_error() -> None:
    rng = random.Random(9)
    for _round in range(3000):
        data = bytes(rng.choice(b"0123456789:,;#^!~]}true") for _ in range(rng.randrange(40)))
        try:
            _read(data)
        except TnetstringError:
            continue
