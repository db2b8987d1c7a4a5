"""What was seen after sockets ended: who was refused, which handshakes failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inspector.model.ending import Ending

if TYPE_CHECKING:
    from inspector.analysis.endings.gone import Gone
    from inspector.analysis.facts import Facts
    from inspector.recording.connection import Connection

__all__ = ["failing_after", "redis_refused", "refused_after"]

_RESTART_NS = 15 * 10**9
"""How long after its end a restarted server may refuse connections."""
_REDIS_PORT = 6379
_AROUND_NS = 2_100_000_000
"""Two ticks of Daphne: sockets crash when their next command to Redis fails, before or after a new connection is tried."""


def refused_after(facts: Facts, item: Gone) -> list[tuple[int, int]]:
    """Later connections to the same server (or the one behind a proxy) that were refused: number and deciding packet."""
    servers = {facts.server_name(number) for number in facts.with_upstream(item.socket.connection)}
    refused = [(row.start_ns, row.number, row.last_packet) for row in _refused(facts)]
    refused += [(answer.asked_ns, answer.connection, answer.packet) for answer in facts.answered(502)]
    return [
        (number, packet)
        for time_ns, number, packet in refused
        if facts.server_name(number) in servers and 0 <= time_ns - item.time_ns <= _RESTART_NS
    ]


def _refused(facts: Facts) -> list[Connection]:
    return [facts.table[number] for number in facts.ended_as(Ending.REFUSED)]


def failing_after(facts: Facts, item: Gone) -> list[int]:
    """Later handshakes at the same server that fail with 500, by connection: it runs, but what it needs does not."""
    return [
        upgrade.connection
        for upgrade in facts.upgrades
        if upgrade.status == 500
        and facts.server_name(upgrade.connection) == item.socket.server_name
        and upgrade.asked_ns >= item.time_ns
    ]


def redis_refused(facts: Facts, time_ns: int) -> list[int]:
    """Numbers of the packets with which Redis refused connections around a time."""
    return [
        row.last_packet
        for row in _refused(facts)
        if row.server.port == _REDIS_PORT and abs(row.start_ns - time_ns) <= _AROUND_NS
    ]
