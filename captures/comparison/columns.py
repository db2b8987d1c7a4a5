"""Columns: every field of ``inspector fields`` for every packet, as tshark prints it."""

from __future__ import annotations

import tempfile
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

from captures.child import Child
from captures.comparison.unit import Comparison, Difference
from captures.excerpt import write_whole
from captures.profile import Profile
from captures.programs import need_program
from inspector.analysis.fields import FIELDS
from inspector.analysis.fields.table import columns_of_text

if TYPE_CHECKING:
    from inspector.recording.capture import Capture

__all__ = ["compare_columns"]

KIND = "field"


def compare_columns(capture: Capture, *, seconds: float) -> Comparison:
    """Compare each field of each packet as text, and the number of packets.

    Raises:
        MissingPart, ProgramError: If tshark is missing, fails or takes too long.
    """
    names = list(FIELDS)
    found = Comparison()
    program = need_program("tshark")
    with tempfile.TemporaryDirectory(prefix="inspector-") as name:
        folder = Path(name)
        command = [program.path, "-n", "-r", str(write_whole(capture, folder).path), "-T", "fields"]
        command += [part for field in names for part in ("-e", field)]
        with Child("tshark", command, Profile.plain(), seconds, folder) as child:
            child.end_input()
            number = 0
            for columns in columns_of_text(capture, list(FIELDS.values()), None):
                for ours in zip_longest(*columns, fillvalue=""):
                    number += 1
                    line = child.line()
                    if line is None:
                        found.differences.append(Difference(KIND, "packets", number, len(capture.packets), number - 1))
                        return found
                    theirs = line.decode("utf-8", "surrogateescape").split("\t")
                    _compare_row(number, names, ours, theirs, found)
            while child.line() is not None:
                number += 1
            if number != len(capture.packets):
                found.differences.append(Difference(KIND, "packets", number, len(capture.packets), number))
    found.units["packet"] = len(capture.packets)
    return found


def _compare_row(number: int, names: list[str], ours: tuple[str, ...], theirs: list[str], found: Comparison) -> None:
    if list(ours) == theirs:
        found.agreements[KIND, "*"] += len(names)
        return
    for name, mine, other in zip(names, ours, theirs, strict=False):
        if mine == other:
            found.agreements[KIND, "*"] += 1
        else:
            found.differences.append(Difference(KIND, name, number, mine, other))
