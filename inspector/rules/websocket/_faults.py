"""Findings about frames and messages with certain faults, one for each side of a WebSocket that sent any."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from inspector.analysis.facts import Facts
from inspector.model.finding import Evidence, Finding, Side, Text, told
from inspector.model.websocket import FAULTS, Fault
from inspector.rules.rule import Rule

__all__ = ["faulty_frames"]

_MOST_PLACES = 4
"""Frames that are shown of each side."""


# Any: the fields of Finding, checked by it.
def faulty_frames(rule: Rule, facts: Facts, faults: Fault, sentence: str, **fields: Any) -> Iterator[Finding]:
    """A finding for each side that sent frames, or messages (told by their first frame), with one of these faults.

    Args:
        rule: Whose finding it is.
        facts: The capture's facts.
        faults: Those that the rule is about; the lowest of the first frame is the reason.
        sentence: What was seen, with ``count`` and ``side``, and ``code`` where several faults are told.
        fields: More of ``Finding``.
    """
    found = facts.websockets
    bits = found.frames.faults.copy()
    wrong = np.flatnonzero(found.messages.faults & int(faults))
    bits[found.messages.first_frame[wrong]] |= found.messages.faults[wrong]
    rows = np.flatnonzero(bits & np.uint32(int(faults)))
    of_direction = found.frames.direction[rows]
    for number in np.unique(of_direction).tolist():
        mine, direction = rows[of_direction == number], found.directions[number]
        mask = int(bits[mine[0]]) & int(faults)
        code = FAULTS[Fault(mask & -mask)][0].removeprefix("ws.")
        side = Side.CLIENT if direction.is_client else Side.SERVER
        packets = found.frames.first_packet[mine[:_MOST_PLACES]].tolist()
        yield rule.fail(
            *(Evidence(packet, note=Text(code)) for packet in packets),
            connections=(direction.connection,),
            time_ns=int(found.frame_times[0][mine[0]]),
            side=side,
            reason=code,
            fact=told(sentence, count=len(mine), code=code, side=side.word),
            **fields,
        )
