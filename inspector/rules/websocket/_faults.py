"""Frames and messages with certain faults, by WebSocket and sender."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from inspector.analysis.facts import Facts
from inspector.model.finding import Evidence, Side, Text
from inspector.model.websocket import FAULTS, Fault
from inspector.recording.websockets import WebSocket

__all__ = ["Faulty", "faulty_frames"]


@dataclass(frozen=True, slots=True)
class Faulty:
    """What one side of a WebSocket sent that breaks a rule.

    Args:
        websocket: Which.
        side: Who sent it.
        count: How many frames or messages.
        first: Row of the first of them in ``Frames``.
        code: Stable name of its (lowest) fault.
        evidence: Packets of the first ones.
        time_ns: Of the first; None where it was not captured.
    """

    websocket: WebSocket
    side: Side
    count: int
    first: int
    code: str
    evidence: tuple[Evidence, ...]
    time_ns: int | None


def faulty_frames(facts: Facts, faults: Fault) -> Iterator[Faulty]:
    """Frames, and messages by their first frame, that have one of these faults; one item per side that sent any."""
    found = facts.websockets
    bits = found.frames.faults.copy()
    wrong = np.flatnonzero(found.messages.faults & int(faults))
    bits[found.messages.first_frame[wrong]] |= found.messages.faults[wrong]
    rows = np.flatnonzero(bits & np.uint32(int(faults)))
    if not len(rows):
        return
    of_direction = found.frames.direction[rows]
    for websocket in found.connections:
        for direction, side in ((websocket.client, Side.CLIENT), (websocket.server, Side.SERVER)):
            if not len(direction.frames):
                continue
            mine = rows[of_direction == found.frames.direction[direction.frames.start]]
            if not len(mine):
                continue
            first = int(mine[0])
            mask = int(bits[first]) & int(faults)
            code = FAULTS[Fault(mask & -mask)][0].removeprefix("ws.")
            packets = [int(found.frames.first_packet[row]) for row in mine[:4].tolist()]
            time_ns = int(found.frame_times[0][first])
            yield Faulty(
                websocket,
                side,
                len(mine),
                first,
                code,
                tuple(Evidence(packet, note=Text(code)) for packet in packets if packet),
                time_ns if time_ns >= 0 else None,
            )
