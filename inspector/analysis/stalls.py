"""Moments in which a server answers nobody: replies of several sockets wait together and come together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from inspector.analysis.facts import Answer, Facts
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
        server: Address and port of the server.
        waits: (socket, row of its unanswered message, row of the late answer), the one that waited first comes first.
        start_ns, end_ns: From the first unanswered message to the last answer.
        stuck_pages, quick_pages: Requests that were answered only after the pause, and during it.
    """

    server: str
    waits: tuple[tuple[Socket, int, int], ...]
    start_ns: int
    end_ns: int
    stuck_pages: tuple[Answer, ...]
    quick_pages: tuple[Answer, ...]


class _Wait(NamedTuple):
    """A long wait of a socket: message and late answer with their times; ``quick`` when it is usually answered soon."""

    answered_ns: int
    asked_ns: int
    socket: Socket
    asked: int
    answered: int
    quick: bool


def stalls(facts: Facts) -> list[Stall]:
    """Pauses in which at least two sockets of one server waited and were answered together."""
    several = len(set(facts.processes.values())) > 1
    waits: dict[tuple[str, int], list[_Wait]] = {}
    for socket in facts.front_sockets:
        process = facts.processes.get(socket.connection, -1) if several else 0
        waits.setdefault((socket.server_name, process), []).extend(_waits(socket))
    return [
        stall
        for (server, _), items in sorted(waits.items())
        for group in _together(items)
        if (stall := _stall(facts, server, group)) is not None
    ]


def _together(waits: list[_Wait]) -> list[list[_Wait]]:
    """Waits that ended together."""
    groups: list[list[_Wait]] = []
    last_ns = -RELEASE_NS
    for wait in sorted(waits, key=lambda wait: wait[:2]):
        if wait.answered_ns - last_ns > RELEASE_NS:
            groups.append([])
        groups[-1].append(wait)
        last_ns = wait.answered_ns
    return groups


def _waits(socket: Socket) -> list[_Wait]:
    asked_rows, asked = socket.messages(False)
    rows, answered = socket.messages(True)
    index = np.searchsorted(answered, asked, "left")
    inside = index < len(answered)
    asked_rows, asked, index = asked_rows[inside], asked[inside], index[inside]
    lag = answered[index] - asked
    quick = int((lag < _QUICK_NS).sum()) >= _LEAST_QUICK
    slow = np.flatnonzero(lag >= LEAST_STALL_NS)
    first = {int(index[place]): int(place) for place in slow[::-1].tolist()}
    return [
        _Wait(int(answered[at]), int(asked[place]), socket, int(asked_rows[place]), int(rows[at]), quick)
        for at, place in first.items()
    ]


def _stall(facts: Facts, server: str, group: list[_Wait]) -> Stall | None:
    if len({wait.socket.connection for wait in group}) < 2 or not any(wait.quick for wait in group):
        return None
    order = sorted(group, key=lambda wait: wait.asked_ns)
    start, last_asked = order[0].asked_ns, order[-1].asked_ns
    released, end = min(wait.answered_ns for wait in order), max(wait.answered_ns for wait in order)
    if released - last_asked < LEAST_STALL_NS // 2:
        return None
    asked = [a for a in facts.answers if facts.server_name(a.connection) == server and start <= a.asked_ns <= released]
    quick = [a for a in asked if a.answered_ns < released - RELEASE_NS]
    # What was asked for shortly before the end says nothing.
    stuck = [a for a in asked if a.answered_ns - a.asked_ns >= LEAST_STALL_NS // 2 and a not in quick]
    waits = tuple((wait.socket, wait.asked, wait.answered) for wait in order)
    return Stall(server, waits, start, end, tuple(stuck), tuple(quick))
