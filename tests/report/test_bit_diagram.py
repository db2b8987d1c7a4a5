"""Bit diagrams: the shape that RFCs draw, with live values."""

from __future__ import annotations

from pathlib import Path

from inspector.report.bit_diagram import bit_diagrams
from inspector.report.packet import build_packet
from tests.report.sample_packets import open_capture

IPV4 = """\
        0                   1                   2                   3
        0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
       +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    14 |Version|Header |   DSCP    |ECN|         Total length          |
       |       |length |           |   |                               |
       |   4   |   5   |  0 (CS0)  | 0 |           60 bytes            |
       +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    18 |        Identification         |/|D|M|     Fragment offset     |
       |                               |/|F|F|                         |
       |            0x0001             |0|1|0|     0 × 8 = 0 bytes     |
       +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
"""


def _diagram(tmp_path: Path, number: int, layer: int, width: int = 80) -> list[str]:
    packet = build_packet(open_capture(tmp_path), number)
    return [line.plain for line in bit_diagrams(packet["layers"][layer], width)]


def test_first_rows_of_ipv4(tmp_path: Path) -> None:
    assert "\n".join(_diagram(tmp_path, 1, 1)[:11]) + "\n" == IPV4


def test_every_cell_is_two_columns_a_bit(tmp_path: Path) -> None:
    for layer in range(3):
        for line in _diagram(tmp_path, 1, layer)[2:]:
            assert len(line) == 72 or line.endswith(("|", "+"))
            edges = [column for column, sign in enumerate(line) if sign == "|" and column >= 7]
            assert all((column - 7) % 2 == 0 for column in edges)


def test_options_are_drawn_at_true_length(tmp_path: Path) -> None:
    lines = _diagram(tmp_path, 1, 2)
    offsets = [line[:7].strip() for line in lines if line[:7].strip()]
    assert offsets == [str(offset) for offset in range(34, 74, 4)]


def test_a_field_over_two_rows_has_no_line_inside(tmp_path: Path) -> None:
    lines = _diagram(tmp_path, 1, 0)
    assert lines[5] == "       +                               +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+"


def test_too_narrow_terminals_are_told(tmp_path: Path) -> None:
    assert _diagram(tmp_path, 1, 0, 60) == ["a bit diagram needs 72 columns"]
