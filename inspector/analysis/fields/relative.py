"""What relative TCP sequence numbers count from, per segment and direction."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inspector.model.tables import SEGMENT_BAD_HEADER, SEGMENT_FROM_B, SEGMENT_QUOTED, SEGMENT_SHORT
from inspector.recording.capture import Capture

__all__ = ["Bases", "bases", "last_change"]

_SYN, _ACK = 2, 16
_MODULO = np.int64(1 << 32)


@dataclass(frozen=True, slots=True, eq=False)
class Bases:
    """The first sequence number of each direction as known at a segment; 0 where not yet known.

    Args:
        own: int64, per row of segments: of the direction that the segment goes.
        other: int64: of the opposite direction.
    """

    own: NDArray[np.int64]
    other: NDArray[np.int64]


def bases(capture: Capture) -> Bases:
    """Find the bases of every segment of a capture.

    A direction's base is set by its first segment (its sequence number when a SYN, else one below) or by the first
    acknowledgment from the other side (one below it), whichever comes first; a SYN with ACK sets it anew. What is
    quoted in an ICMP error, or shorter than its data offset says, only sets anew what was set before.
    """
    rows = capture.segments
    direction = capture.segment_connection.astype(np.int64) * 2 + (rows.marks & SEGMENT_FROM_B)
    flags = rows.flags
    counts = (rows.marks & (SEGMENT_QUOTED | SEGMENT_SHORT) == 0) | (rows.marks & SEGMENT_BAD_HEADER != 0)
    anew = (flags & (_SYN | _ACK)) == (_SYN | _ACK)
    own = np.flatnonzero(counts | anew)
    acks = np.flatnonzero(counts & (flags & _ACK != 0))
    first_number = np.where(flags[own] & _SYN, rows.seq[own], rows.seq[own].astype(np.int64) - 1) % _MODULO
    # Moments: each segment has two, first for its own direction, then for the opposite one.
    key = np.concatenate([direction[own], direction[acks] ^ 1])
    moment = np.concatenate([own * 2, acks * 2 + 1])
    base = np.concatenate([first_number, (rows.ack[acks].astype(np.int64) - 1) % _MODULO])
    order = np.lexsort((moment, key))
    sets = np.concatenate([counts[own], np.ones(len(acks), bool)])[order]
    sets_anew = np.concatenate([anew[own], np.zeros(len(acks), bool)])[order]
    index = np.arange(len(order))
    group = np.maximum.accumulate(np.where(np.diff(key[order], prepend=-1) != 0, index, 0))
    last_set = np.maximum.accumulate(np.where(sets, index, -1))
    known = np.roll(last_set, 1) >= group
    known[group == index] = False
    setting = order[np.where(known, sets_anew, sets)]
    changes = key[setting], moment[setting], base[setting]
    asked = np.arange(len(direction)) * 2
    return Bases(last_change(*changes, direction, asked, 0), last_change(*changes, direction ^ 1, asked + 1, 0))


def last_change(
    key: NDArray[np.int64],
    moment: NDArray[np.int64],
    value: NDArray[np.int64],
    asked_key: NDArray[np.int64],
    asked_moment: NDArray[np.int64],
    missing: int,
) -> NDArray[np.int64]:
    """The value that a key last had at some moment.

    Args:
        key, moment, value: Changes, sorted by key, then moment.
        asked_key, asked_moment: What is asked for; a change at the very moment counts.
        missing: The answer before the first change.
    """
    if not len(key):
        return np.full(len(asked_key), missing, np.int64)
    span = np.int64(max(int(moment.max()), int(asked_moment.max(initial=0))) + 1)
    index = np.searchsorted(key * span + moment, asked_key * span + asked_moment, side="right") - 1
    return np.where((index >= 0) & (key[index] == asked_key), value[index], missing)
