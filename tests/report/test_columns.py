"""Columns of a report are the same bytes whatever Python writes them."""

from __future__ import annotations

from inspector.report.columns import pack, unpack


def test_what_is_packed_is_the_same_on_every_python() -> None:
    assert pack(b"abc" * 50) == "H4sIAAAAAAAAA0tMSk4cfAgA0WVYfJYAAAA="  # as Python 3.11 packs it
    assert unpack(pack(b"abc" * 50)) == b"abc" * 50
