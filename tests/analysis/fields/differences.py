"""Where ``inspector fields`` and tshark may differ: each place with its reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import inspector
from inspector.analysis.fields import FIELDS
from inspector.analysis.fields.text import column_of_text
from inspector.analysis.fields.window import windows
from tests.tshark import tshark_rows

__all__ = ["Deviation", "Difference", "differences"]


@dataclass(frozen=True, slots=True)
class Deviation:
    """Packets of a file in which some fields need not equal tshark's.

    Args:
        file: Name of the capture.
        prefix: Of the field names.
        number: Which packets, by number.
        reason: Why tshark is not followed.
    """

    file: str
    prefix: str
    number: Callable[[int], bool]
    reason: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that is not tshark's."""

    number: int
    field: str
    tshark: str
    ours: str


def differences(path: Path) -> list[Difference]:
    """Compare every supported field of every packet; also when the numbers of packets differ."""
    names = list(FIELDS)
    rows = tshark_rows(path, names)
    capture = inspector.open(path)
    found = []
    if len(rows) != len(capture.packets):
        found.append(Difference(0, "packets", str(len(rows)), str(len(capture.packets))))
    for window in windows(capture):
        expected = rows[window.first : window.end]
        for index, (name, field) in enumerate(FIELDS.items()):
            ours = column_of_text(field.kind, field.extract(window), len(window))
            found += [
                Difference(window.first + number, name, row[index], text)
                for number, (row, text) in enumerate(zip(expected, ours, strict=False), 1)
                if row[index] != text
            ]
    return found
