"""What relative TCP sequence numbers count from, per segment and direction."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inspector.model.tables import SEGMENT_BAD_HEADER, SEGMENT_FROM_B, SEGMENT_QUOTED, SEGMENT_SHORT
from inspector.recording.capture import Capture

__all__ = ["Bases", "bases", "last_change"]

_SYN, _ACK = 2, 16
_NEVER = np.int64(1 << 62)
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
    own_base = np.where(flags & _SYN, rows.seq, rows.seq.astype(np.int64) - 1) % _MODULO
    # Moments: each segment has two, first for its own direction, then for the opposite one.
    own = np.flatnonzero(counts)
    acks = np.flatnonzero(counts & (flags & _ACK != 0))
    first = _Firsts(2 * len(capture.connections))
    first.note(direction[own], own * 2, own_base[own])
    first.note(direction[acks] ^ 1, acks * 2 + 1, (rows.ack[acks].astype(np.int64) - 1) % _MODULO)
    answers = np.flatnonzero((flags & (_SYN | _ACK)) == (_SYN | _ACK))
    answers = answers[direction[answers] >= 0]
    key = direction[answers]
    answers, key = (column[answers * 2 > first.moment[key]] for column in (answers, key))
    changing = np.unique(key[own_base[answers] != first.base[key]])
    anew = answers[np.isin(key, changing)]
    later = _Later(direction[anew], anew * 2, own_base[anew])
    asked = np.arange(len(direction)) * 2
    return Bases(later.after(first, direction, asked), later.after(first, direction ^ 1, asked + 1))


class _Firsts:
    """When the base of each direction was first set, and to what.

    Args:
        directions: How many; negative directions (of segments that belong to no connection) have no base.
    """

    def __init__(self, directions: int) -> None:
        self.moment = np.full(directions + 2, _NEVER)
        self.base = np.zeros(directions + 2, np.int64)

    def note(self, direction: NDArray[np.int64], moment: NDArray[np.int64], base: NDArray[np.int64]) -> None:
        """Take what may set bases, in order of moments."""
        moments, bases = np.full(len(self.moment), _NEVER), np.zeros(len(self.base), np.int64)
        # Of an index that comes several times the last assignment counts: backwards that is the first moment.
        moments[direction[::-1]] = moment[::-1]
        bases[direction[::-1]] = base[::-1]
        earlier = moments < self.moment
        self.moment[earlier], self.base[earlier] = moments[earlier], bases[earlier]
        self.moment[-2:] = _NEVER


@dataclass(frozen=True, slots=True, eq=False)
class _Later:
    """Bases set anew, by direction and moment; few, if any."""

    direction: NDArray[np.int64]
    moment: NDArray[np.int64]
    base: NDArray[np.int64]

    def after(self, first: _Firsts, direction: NDArray[np.int64], moment: NDArray[np.int64]) -> NDArray[np.int64]:
        """The base of each direction at each moment; 0 where not yet known."""
        found = np.where(moment >= first.moment[direction], first.base[direction], 0)
        concerned = np.flatnonzero(np.isin(direction, np.unique(self.direction)))
        if len(concerned):
            order = np.lexsort((self.moment, self.direction))
            changes = self.direction[order], self.moment[order], self.base[order]
            found[concerned] = last_change(*changes, direction[concerned], moment[concerned], found[concerned])
        return found


def last_change(
    key: NDArray[np.int64],
    moment: NDArray[np.int64],
    value: NDArray[np.int64],
    asked_key: NDArray[np.int64],
    asked_moment: NDArray[np.int64],
    missing: NDArray[np.int64] | int,
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
