"""Options of pcapng blocks from literal bytes."""

from __future__ import annotations

import pytest

from inspector.recording.options import BadOption, comments_of, iterate_options, text_of


def test_options_end_at_their_end_and_are_padded() -> None:
    data = bytes.fromhex("0100 0300 616263 00 0200 0000 0000 0000 0100 0100 78 000000")

    assert list(iterate_options(data, big=False)) == [(1, b"abc"), (2, b"")]


def test_big_endian_and_no_end() -> None:
    assert list(iterate_options(bytes.fromhex("0001 0001 78 000000"), big=True)) == [(1, b"x")]


@pytest.mark.parametrize("data", ["0100 0500 61626364", "ac0b 0200 6162 0000", "0100 ffff", "0000 0003"])
def test_lengths_that_cannot_be(data: str) -> None:
    with pytest.raises(BadOption):
        list(iterate_options(bytes.fromhex(data), big=False))


def test_texts_end_at_a_nul_and_bad_utf8_is_shown() -> None:
    assert text_of(b"a\0b") == "a"
    assert text_of("둘\xff".encode("latin-1", "ignore") + b"\xff") == "\\xff\\xff"
    assert comments_of([(1, b"one"), (2, b"no"), (1, "둘".encode())]) == ("one", "둘")
