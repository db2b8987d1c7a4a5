"""Which sockets are served by the same process: Daphne pings all of a process on one tick of two seconds (measured)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from inspector.analysis.servers import ping_clock

if TYPE_CHECKING:
    from inspector.analysis.facts import Facts
    from inspector.analysis.sockets import Socket

__all__ = ["CLASS_GAP_NS", "TICK_NS", "phase_classes", "process_classes"]

TICK_NS = 2 * 10**9
"""Daphne looks for idle sockets every two seconds, so pings keep their phase modulo this."""
CLASS_GAP_NS = 100_000_000
"""Phases that lie nearer together cannot be told apart: within a process they spread by 20 ms and drift slowly."""


def process_classes(facts: Facts) -> dict[int, int]:
    """Class of each socket's process, by connection number; sockets that cannot be placed are left out.

    Told by the address behind a proxy where both legs were captured, else by the phase of pings.
    """
    found: dict[int, int] = {}
    names: dict[object, int] = {}
    for socket in facts.front_sockets:
        behind = facts.upstream.get(socket.connection)
        if behind is not None:
            found[socket.connection] = names.setdefault(facts.server_name(behind), len(names))
    by_server: dict[str, list[Socket]] = {}
    for socket in facts.front_sockets:
        if socket.connection not in found:
            by_server.setdefault(socket.server_name, []).append(socket)
    for server, sockets in sorted(by_server.items()):
        phases = {s.connection: phase for s in sockets if (phase := _phase(s)) is not None}
        for number, index in phase_classes(phases).items():
            found[number] = names.setdefault((server, index), len(names))
    return found


def _phase(socket: Socket) -> int | None:
    """Phase of the socket's last ping on the server's own clock."""
    clocks = [clock for _, time_ns, payload in socket.server_pings if (clock := ping_clock(payload, time_ns))]
    return clocks[-1][0] % TICK_NS if clocks else None


def phase_classes(phases: dict[int, int]) -> dict[int, int]:
    """Cluster phases on the circle of one tick: a gap of ``CLASS_GAP_NS`` begins another class.

    Args:
        phases: Phase in ns (0 to ``TICK_NS``) by anything.

    Returns:
        Class by the same keys, numbered from 0.
    """
    order = sorted(phases, key=lambda key: (phases[key], key))
    if not order:
        return {}
    gaps = [(phases[order[(i + 1) % len(order)]] - phases[order[i]]) % TICK_NS for i in range(len(order))]
    start = _first_after_gap(gaps)
    found, index = {}, 0
    for step in range(len(order)):
        place = (start + step) % len(order)
        found[order[place]] = index
        if gaps[place] >= CLASS_GAP_NS:
            index += 1
    return found


def _first_after_gap(gaps: Sequence[int]) -> int:
    return (max(range(len(gaps)), key=lambda i: gaps[i]) + 1) % len(gaps)
