"""Moments in which a server answers nobody: replies of several sockets wait together and come together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from inspector.analysis.facts import Facts
    from inspector.analysis.sockets import Socket

__all__ = ["LEAST_STALL_NS", "RELEASE_NS", "Stall", "stalls"]

LEAST_STALL_NS = 500_000_000
"""Shorter pauses are ordinary load."""
RELEASE_NS = 150_000_000
"""When a thread or loop is free again, what waited for it is answered within this."""
_QUICK_NS = 200_000_000
_LEAST_QUICK = 3
"""Answers that a socket got quickly before: it is one whose messages are answered."""


@dataclass(frozen=True, slots=True)
class Stall:
    """A pause of one server.

    Args:
        waits: (socket, row of its unanswered message, row of the late answer), the one that waited first comes first.
        start_ns, end_ns: From the first unanswered message to the last answer.
        stuck_pages, quick_pages: Numbers of exchanges that were answered only after the pause, and during it.
    """

    waits: tuple[tuple[Socket, int, int], ...]
    start_ns: int
    end_ns: int
    stuck_pages: tuple[int, ...]
    quick_pages: tuple[int, ...]


def stalls(facts: Facts) -> list[Stall]:
    """Pauses in which at least two sockets of one server waited, and nothing came from it."""
    waits: dict[tuple[str, int | None], list[tuple[int, int, Socket, int, int, bool]]] = {}
    for socket in facts.front_sockets:
        key = (
            socket.server_name,
            facts.processes.get(socket.connection) if len(set(facts.processes.values())) > 1 else None,
        )
        waits.setdefault(key, []).extend(_waits(socket))
    found = []
    for (server, _), items in sorted(waits.items(), key=lambda pair: str(pair[0])):
        items.sort(key=lambda item: (item[1], item[0]))
        group: list[tuple[int, int, Socket, int, int, bool]] = []
        for item in items:
            if group and item[1] - group[-1][1] > RELEASE_NS:
                found += _stall(facts, server, group)
                group = []
            group.append(item)
        found += _stall(facts, server, group)
    return found


def _waits(socket: Socket) -> list[tuple[int, int, Socket, int, int, bool]]:
    """(asked, answered, socket, row asked, row answered, others were quick) of each long wait of a socket."""
    asked_rows, asked = socket.messages(False)
    rows, answered = socket.messages(True)
    if not len(asked) or not len(answered):
        return []
    index = np.searchsorted(answered, asked, "left")
    inside = index < len(answered)
    asked_rows, asked, index = asked_rows[inside], asked[inside], index[inside]
    lag = answered[index] - asked
    quick = int((lag < _QUICK_NS).sum()) >= _LEAST_QUICK
    slow = np.flatnonzero((lag >= LEAST_STALL_NS) & (asked >= 0))
    first = {int(index[place]): int(place) for place in slow[::-1].tolist()}
    return [
        (int(asked[place]), int(answered[at]), socket, int(asked_rows[place]), int(rows[at]), quick)
        for at, place in first.items()
    ]


def _stall(facts: Facts, server: str, group: list[tuple[int, int, Socket, int, int, bool]]) -> list[Stall]:
    if len({item[2].connection for item in group}) < 2 or not any(item[5] for item in group):
        return []
    order = sorted(group, key=lambda item: item[0])
    last_asked = max(item[0] for item in order)
    start, released, end = order[0][0], min(item[1] for item in order), max(item[1] for item in order)
    if released - last_asked < LEAST_STALL_NS // 2:
        return []
    for socket in facts.front_sockets:
        if socket.server_name == server and any(socket.connection == item[2].connection for item in order):
            times = socket.messages(True)[1]
            if ((times > last_asked) & (times < released)).any():
                return []
    stuck, quick = [], []
    for item in facts.exchanges:
        if facts.server_name(item.connection) != server or not item.request_ns or not item.response_ns:
            continue
        if not start <= item.request_ns[1] <= released:
            continue
        if (
            item.response_ns[0] >= released - RELEASE_NS
            and item.response_ns[0] - item.request_ns[1] >= LEAST_STALL_NS // 2
        ):
            stuck.append(item.number)
        elif item.response_ns[0] < released - RELEASE_NS:
            quick.append(item.number)
    waits = tuple((item[2], item[3], item[4]) for item in order)
    return [Stall(waits, start, end, tuple(stuck), tuple(quick))]
