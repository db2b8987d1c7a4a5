"""Reads the same file with Inspector and with tshark."""

from __future__ import annotations

from pathlib import Path

import inspector
from inspector.recording.capture import Capture
from tests.tshark import require_tshark, tshark_rows

__all__ = ["Row", "agrees_with_tshark", "read_by_tshark", "rows_of"]

Row = tuple[int, int, int, int | None, int | None]
"""frame.number, frame.len, frame.cap_len, time in nanoseconds, frame.interface_id."""

_FIELDS = ("frame.number", "frame.len", "frame.cap_len", "frame.time_epoch", "frame.interface_id")


def rows_of(capture: Capture) -> list[Row]:
    """What Inspector reads."""
    untimed = set(capture.untimed.tolist())
    packets = capture.packets
    return [
        (
            row + 1,
            int(packets.length[row]),
            int(packets.captured[row]),
            None if row in untimed else int(packets.time_ns[row]),
            capture.interfaces[packets.interface[row]].number,
        )
        for row in range(len(packets))
    ]


def read_by_tshark(path: Path) -> list[Row]:
    """What tshark reads; of a damaged file the packets before the damage."""
    require_tshark()
    rows: list[Row] = []
    for number, length, captured, time, interface in tshark_rows(path, _FIELDS):
        rows.append(
            (int(number), int(length), int(captured), _nanoseconds(time), int(interface) if interface else None)
        )
    return rows


def _nanoseconds(time: str) -> int | None:
    if not time:
        return None
    seconds, fraction = time.split(".")
    # tshark prints (-1 s, +0.5 s) as -1.500000000.
    return int(seconds) * 10**9 + int(fraction)


def agrees_with_tshark(path: Path) -> None:
    """Both read the same packets with the same lengths, times and interfaces."""
    assert rows_of(inspector.open(path)) == read_by_tshark(path)
