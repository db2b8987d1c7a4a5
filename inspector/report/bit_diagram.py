"""Bit diagrams as in RFCs, 32 bits a row, with the values of a real packet in their cells."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from inspector.i18n import _

__all__ = ["bit_diagrams"]

_BITS = 32
_MARGIN = 7
"""Columns left of the diagram: the offset of each row's first byte."""
_MOST_LABEL_LINES = 3
_MOST_ROWS_OF_FIELD = 6
"""Rows drawn of one long field; the hex dump has all its bytes."""
_HATCH = "/"

# Any: JSON.
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Cell:
    """The part of a field in one row.

    Args:
        field: The field.
        start: First bit in the row.
        bits: Length here.
        first: It begins here.
        key: Tells fields apart, to leave out the line between two rows of one field.
    """

    field: Json
    start: int
    bits: int
    first: bool
    key: int


def bit_diagrams(layer: Json, width: int) -> list[Text]:
    """The diagram of one layer; a note instead where the terminal is too narrow or nothing is decoded."""
    leaves = [leaf for field in layer["fields"] for leaf in _leaves(field)]
    if not leaves:
        return [Text("      " + _("no fields to draw"), "dim")]
    if width < _MARGIN + 2 * _BITS + 1:
        return [Text(_("a bit diagram needs {count} columns").format(count=_MARGIN + 2 * _BITS + 1), "dim")]
    origin = layer["range"][0] * 8
    rows = _rows(leaves, origin)
    lines = [
        Text(
            " " * _MARGIN
            + " "
            + "".join(f"{bit // 10 if bit % 10 == 0 else ' '!s:<2}" for bit in range(_BITS)).rstrip(),
            "dim",
        ),
        Text(" " * _MARGIN + " " + " ".join(str(bit % 10) for bit in range(_BITS)), "dim"),
    ]
    before: list[_Cell] = []
    for offset, cells in rows:
        lines.append(Text(" " * _MARGIN + _border(before, cells)))
        lines += _row_lines(layer["range"][0] + offset, cells)
        before = cells
    lines.append(Text(" " * _MARGIN + _border(before, [])))
    return lines


def _leaves(field: Json) -> list[Json]:
    """The innermost fields that together cover a field without overlap."""
    parts = [leaf for part in field["fields"] for leaf in _leaves(part)]
    covered = sum(part["bits"][1] for part in parts)
    return parts if parts and covered == field["bits"][1] else [field]


def _rows(leaves: list[Json], origin: int) -> list[tuple[int, list[_Cell]]]:
    """Cells by row; each row with the offset of its first byte. Long fields are cut to a few rows."""
    rows: dict[int, list[_Cell]] = {}
    for key, leaf in enumerate(leaves):
        start, size = leaf["bits"][0] - origin, leaf["bits"][1]
        at = start
        while at < start + size:
            row = at // _BITS
            end = min((row + 1) * _BITS, start + size)
            if row - start // _BITS < _MOST_ROWS_OF_FIELD:
                rows.setdefault(row, []).append(_Cell(leaf, at - row * _BITS, end - at, at == start, key))
            at = end
    return [(row * 4, sorted(cells, key=lambda cell: cell.start)) for row, cells in sorted(rows.items())]


def _border(above: list[_Cell], below: list[_Cell]) -> str:
    """The line between two rows: blank inside a field that goes on, as RFCs draw it."""
    upper, lower = _keys(above), _keys(below)
    signs = []
    for bit in range(_BITS):
        if upper[bit] is None and lower[bit] is None:
            signs.append(" ")
        else:
            signs.append(" " if upper[bit] == lower[bit] else "-")
    line = ""
    for bit in range(_BITS + 1):
        left = signs[bit - 1] if bit else " "
        right = signs[bit] if bit < _BITS else " "
        drawn = left == "-" or right == "-" or (bit in (0, _BITS) and (upper[min(bit, _BITS - 1)] is not None))
        line += ("+" if drawn else " ") + (signs[bit] if bit < _BITS else "")
    return line.rstrip()


def _keys(cells: list[_Cell]) -> list[int | None]:
    keys: list[int | None] = [None] * _BITS
    for cell in cells:
        keys[cell.start : cell.start + cell.bits] = [cell.key] * cell.bits
    return keys


def _row_lines(offset: int, cells: list[_Cell]) -> list[Text]:
    """The labels of a row's cells, then their values."""
    columns = [_cell_lines(cell) for cell in cells]
    height = max(len(lines) for lines in columns)
    result: list[Text] = []
    for index in range(height):
        line = Text(f"{offset:>{_MARGIN - 1}} " if index == 0 else " " * _MARGIN)
        at = 0
        for cell, lines in zip(cells, columns, strict=True):
            line.append(" " * (2 * cell.start - at))
            line.append("|")
            room = 2 * cell.bits - 1
            missing = height - len(lines)
            # The value stands in the last line of every cell; short labels leave blank lines above it.
            part = lines[index] if index < len(lines) - 1 else lines[-1] if index == height - 1 else ""
            if missing and len(lines) == 1:
                part = lines[0] if index == height - 1 else ""
            reserved = cell.field["reserved"] and index < height - 1
            line.append(
                _HATCH * room if reserved and not part else _center(part, room), _style(cell, index == height - 1)
            )
            at = 2 * cell.start + 1 + room
        line.append("|")
        result.append(line)
    return result


def _style(cell: _Cell, is_value: bool) -> str:
    if cell.field["anomaly"]:
        return "bold red"
    if cell.field["reserved"]:
        return "dim"
    return "bold cyan" if is_value else ""


def _cell_lines(cell: _Cell) -> list[str]:
    """Label lines and, last, the value; the later rows of a long field hold nothing but a sign that it goes on."""
    room = 2 * cell.bits - 1
    if not cell.first:
        return [""]
    value = _value(cell.field, room, cell.bits)
    if cell.field["reserved"]:
        return [_HATCH * room, value if cell.field["value"] else _HATCH * room if room > 1 else "0"]
    return [*_label(cell.field, room), value]


def _label(field: Json, room: int) -> list[str]:
    """The name in as few lines as it needs; one-bit flags are written downwards, as RFCs do."""
    if room == 1:
        letters = field["title"] if field["title"].isascii() and len(field["title"]) <= _MOST_LABEL_LINES else ""
        return list(letters or _initials(field)) or [""]
    lines = textwrap.wrap(field["title"], room, break_long_words=False) or [""]
    if len(lines) <= _MOST_LABEL_LINES and all(cell_len(line) <= room for line in lines):
        return lines
    words = field["name"].split("_")
    if len(words) > 1 and len(_initials(field)) <= room < max(len(word) for word in words):
        return [_initials(field)]
    return textwrap.wrap(" ".join(word[:room] for word in words), room)[:_MOST_LABEL_LINES]


def _initials(field: Json) -> str:
    """At most three letters for a name of several words: ``dont_fragment`` becomes DF."""
    words = field["name"].split("_")
    return "".join(word[0] for word in words)[:_MOST_LABEL_LINES].upper()


def _value(field: Json, room: int, bits: int) -> str:
    """The longest form of the value that fits its cell."""
    short, value = field["short"], field["value"]
    forms = [field["text"], short, str(value)]
    if isinstance(value, int):
        forms.append(f"{value:x}")
    return next((form for form in forms if cell_len(form) <= room), "…" if bits > 1 else "?")


def _center(text: str, room: int) -> str:
    width = cell_len(text)
    if width >= room:
        return set_cell_size(text, room)
    left = (room - width) // 2
    return " " * left + text + " " * (room - width - left)
