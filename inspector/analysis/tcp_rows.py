"""Segments of one connection or of all, as rules ask for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from inspector.analysis.tcp_flags import tcp_flags
from inspector.model.tables import SEGMENT_FRAGMENT, SEGMENT_FROM_B, SEGMENT_QUOTED, SEGMENT_SHORT

if TYPE_CHECKING:
    from inspector.analysis.facts import Facts

__all__ = ["ACK", "FIN", "NOT_SENT", "RST", "SYN", "numbers_of", "round_trips", "sent_rows", "side_of"]

FIN, SYN, RST, ACK = 1, 2, 4, 16
NOT_SENT = SEGMENT_QUOTED | SEGMENT_FRAGMENT | SEGMENT_SHORT


def sent_rows(facts: Facts, connection: int) -> NDArray[np.int64]:
    """Rows of ``Segments`` that were really sent on a connection, in capture order."""
    rows = facts.capture.rows_of_connection(connection)
    sent: NDArray[np.int64] = rows[facts.capture.segments.marks[rows] & NOT_SENT == 0]
    return sent


def side_of(facts: Facts, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """The endpoint that sent each row: 0 = A, 1 = B."""
    side: NDArray[np.int64] = ((facts.capture.segments.marks[rows] & SEGMENT_FROM_B) != 0).astype(np.int64)
    return side


def numbers_of(facts: Facts, rows: NDArray[np.int64], most: int = 8) -> list[int]:
    """Packet numbers of the first rows."""
    found: list[int] = (facts.capture.segments.packet[rows[:most]].astype(np.int64) + 1).tolist()
    return found


def round_trips(facts: Facts) -> NDArray[np.int64]:
    """The shortest round trip of each connection in ns, -1 where it cannot be told.

    The handshake's where it can be believed; else the shortest time from data to its acknowledgment, both directions
    added, since the capture lies somewhere between the ends.
    """
    table, capture = facts.table, facts.capture
    found: NDArray[np.int64] = np.where(table.rtt_plausible == 1, table.rtt_ns, np.int64(-1))
    open_ = found < 0
    if not open_.any():
        return found
    times = tcp_flags(capture).ack_rtt_ns
    numbers = capture.segment_connection
    rows = np.flatnonzero((times > 0) & (numbers >= 0))
    shortest = np.full((len(table), 2), np.iinfo(np.int64).max)
    np.minimum.at(shortest, (numbers[rows], side_of(facts, rows)), times[rows])
    both = (shortest < np.iinfo(np.int64).max).all(axis=1)
    found[open_ & both] = shortest[open_ & both].sum(axis=1)
    return found
