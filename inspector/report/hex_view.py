"""Bytes in hexadecimal with the extent and number of every field marked below them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from rich.text import Text

from inspector.i18n import _

__all__ = ["FieldMark", "hex_lines"]

_ROW = 16
_HALVES = ((0, 8), (8, 16))
_MOST_PAYLOAD_ROWS = 32
"""Rows of payload shown behind the last header; the JSON has every byte."""


@dataclass(frozen=True, slots=True)
class FieldMark:
    """A field to mark.

    Args:
        number: Its number in the field tables.
        space: The byte space it lies in.
        start, bits: First bit and length.
        style: Its colour.
    """

    number: int
    space: str
    start: int
    bits: int
    style: str

    @property
    def first(self) -> int:
        """First byte."""
        return self.start // 8

    @property
    def end(self) -> int:
        """Byte behind the last."""
        return (self.start + self.bits + 7) // 8


def hex_lines(data: bytes, marks: list[FieldMark], headers_end: int) -> list[Text]:
    """Rows of 16 bytes, each with a line of field numbers below where fields are.

    A number stands below the first byte of its field, a line as long as the field; ``+`` says that more fields begin
    in the same byte.

    Args:
        data: The bytes.
        marks: Fields in them, in order.
        headers_end: Where the payload begins: rows behind are cut after some.
    """
    last_mark = max((mark.end for mark in marks), default=0)
    shown = max(headers_end, last_mark) + _MOST_PAYLOAD_ROWS * _ROW
    lines: list[Text] = []
    for start in range(0, min(len(data), shown), _ROW):
        row = data[start : start + _ROW]
        here = [mark for mark in marks if mark.first < start + len(row) and mark.end > start]
        lines.append(_bytes_line(row, start, here))
        if here:
            lines.append(_marks_line(row, start, here))
    if len(data) > shown:
        lines.append(Text(_("      … {count} more bytes (--json has all)").format(count=len(data) - shown), "dim"))
    return lines


def _column(index: int) -> int:
    """Where byte ``index`` of a row stands."""
    return 3 * index + (1 if index >= 8 else 0)


def _bytes_line(row: bytes, start: int, here: list[FieldMark]) -> Text:
    line = Text.assemble((f"{start:04x}  ", "dim"))
    runs = _runs(row, start, here)
    width = 0
    for first, end, style in runs:
        line.append(" " * (_column(first) - width))
        gap = " " * (_column(8) - _column(7) - 2)
        text = gap.join(
            row[max(first, low) : min(end, high)].hex(" ") for low, high in _HALVES if first < high and end > low
        )
        line.append(text, style)
        width = _column(end - 1) + 2
    line.append(" " * (_column(_ROW) - width) + "  ")
    for first, end, style in runs:
        line.append("".join(chr(byte) if 32 <= byte < 127 else "." for byte in row[first:end]), style)
    return line


def _runs(row: bytes, start: int, here: list[FieldMark]) -> list[tuple[int, int, str]]:
    """Parts [first, end) of a row that have one colour."""
    styles = [_style_of(start + index, here) for index in range(len(row))]
    edges = [index for index in range(len(row)) if index == 0 or styles[index] != styles[index - 1]]
    return [(first, end, styles[first]) for first, end in pairwise([*edges, len(row)])]


def _style_of(position: int, here: list[FieldMark]) -> str:
    return next((mark.style for mark in here if mark.first <= position < mark.end), "")


def _marks_line(row: bytes, start: int, here: list[FieldMark]) -> Text:
    line = Text(" " * 6)
    at = 0
    for position, mark in enumerate(here):
        if position and here[position - 1].first == mark.first and mark.first >= start:
            continue
        # A field that shares its first byte with the end of the one before is told by that byte's "+".
        if position and mark.first < here[position - 1].end and mark.first >= start:
            continue
        begin, end = max(mark.first, start) - start, min(_group_end(here, position), start + len(row)) - start
        label = str(mark.number) + ("+" if _more_in_byte(here, position) else "") if mark.first >= start else ""
        column, stop = max(_column(begin), at), _column(end - 1) + 2
        line.append(" " * (column - at))
        line.append(label + "─" * max(stop - column - len(label), 0), mark.style)
        at = max(column + len(label), stop)
    line.rstrip()
    return line


def _group_end(here: list[FieldMark], position: int) -> int:
    """The end of a field, or of those that begin in bytes it shares."""
    end = here[position].end
    for mark in here[position + 1 :]:
        if mark.first >= end:
            break
        end = max(end, mark.end)
    return end


def _more_in_byte(here: list[FieldMark], position: int) -> bool:
    return position + 1 < len(here) and here[position + 1].first < here[position].end
