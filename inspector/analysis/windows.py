"""How long receivers kept their windows closed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from inspector.analysis.tcp_rows import FIN, RST, SYN, numbers_of, sent_rows, side_of

if TYPE_CHECKING:
    from inspector.analysis.facts import Facts

__all__ = ["Blocked", "blocked_times"]


@dataclass(frozen=True, slots=True)
class Blocked:
    """One side of a connection that closed its receive window.

    Args:
        connection: Its number.
        side: The endpoint whose window it is (0 = A, 1 = B).
        blocked_ns: In all.
        times: How often it was closed.
        start_ns: When first.
        packets: Numbers of packets that closed and opened it.
    """

    connection: int
    side: int
    blocked_ns: int
    times: int
    start_ns: int
    packets: tuple[int, ...]


def blocked_times(facts: Facts) -> list[Blocked]:
    """Sides that announced a window of zero, by connection."""
    table, segments = facts.table, facts.capture.segments
    found = []
    for number in np.flatnonzero((table.zero_windows_a + table.zero_windows_b) > 0).tolist():
        rows = sent_rows(facts, number)
        rows = rows[segments.flags[rows] & (SYN | FIN | RST) == 0]
        for side in (0, 1):
            mine = rows[side_of(facts, rows) == side]
            closed = segments.window[mine] == 0
            if not closed.any():
                continue
            edges = np.flatnonzero(np.diff(np.concatenate([[0], closed.astype(np.int8), [0]])))
            starts, ends = edges[::2], edges[1::2]
            time_ns = facts.time_ns[segments.packet[mine]]
            # What is never opened again lasts until the connection's last packet.
            until = np.where(
                ends < len(mine), time_ns[np.minimum(ends, len(mine) - 1)], int(table.last_time_ns[number])
            )
            places = np.concatenate([starts[:3], ends[:3][ends[:3] < len(mine)]])
            found.append(
                Blocked(
                    number,
                    side,
                    int((until - time_ns[starts]).sum()),
                    len(starts),
                    int(time_ns[starts[0]]),
                    tuple(numbers_of(facts, np.sort(mine[places]))),
                )
            )
    return found
