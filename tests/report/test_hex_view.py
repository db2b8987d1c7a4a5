"""Bytes with the extent of every field marked."""

from __future__ import annotations

from inspector.report.hex_view import FieldMark, hex_lines


def _lines(data: bytes, marks: list[FieldMark], headers_end: int = 0) -> list[str]:
    return [line.plain for line in hex_lines(data, marks, headers_end)]


def _mark(number: int, start: int, bits: int) -> FieldMark:
    return FieldMark(number, "packet", start, bits, "")


def test_each_number_stands_below_its_first_byte() -> None:
    lines = _lines(b"ABCDEFGHIJKLMNOPQR", [_mark(1, 0, 16), _mark(2, 16, 8), _mark(12, 24, 8 * 14)])
    assert lines == [
        "0000  41 42 43 44 45 46 47 48  49 4a 4b 4c 4d 4e 4f 50   ABCDEFGHIJKLMNOP",
        "      1──── 2─ 12─────────────────────────────────────",
        "0010  51 52                                              QR",
        "      ──",
    ]


def test_fields_that_share_a_byte_are_counted_with_a_plus() -> None:
    lines = _lines(b"\x45\x00", [_mark(4, 0, 4), _mark(5, 4, 4), _mark(6, 8, 8)])
    assert lines[1] == "      4+ 6─"


def test_long_payload_is_cut_with_its_number_of_bytes() -> None:
    lines = _lines(bytes(2000), [], 100)
    assert len(lines) == 1 + (100 + 512 + 15) // 16
    assert lines[-1].strip() == f"… {2000 - 612} more bytes (--json has all)"
