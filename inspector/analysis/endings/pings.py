"""F17: the pong that the server waited for did not come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inspector.analysis.causes import Cause
from inspector.analysis.endings.gone import Gone

if TYPE_CHECKING:
    from inspector.analysis.facts import Facts

__all__ = ["cut_by_ping"]

_PING_EARLY_NS, _PING_LATE_NS = 1_100_000_000, 2_600_000_000
"""A ping timeout strikes up to a second early, since the timer counts whole seconds, or a tick of two seconds late."""


def cut_by_ping(facts: Facts, item: Gone) -> Cause | None:
    """The cause of an end that comes a ping's timeout after a ping without a pong."""
    socket, close = item.socket, item.socket.close(True)
    # uvicorn and others that use the websockets library say so in a Close frame.
    if close is not None and b"ping timeout" not in close.close.reason:
        return None
    timeout_ns = round(facts.settings.ping_timeout * 1e9)
    pongs = [pong for pong in socket.client_pongs if pong[1] <= item.time_ns]
    answered = {payload for _, _, payload in pongs}
    for row, time_ns, payload in socket.server_pings:
        wait = item.time_ns - time_ns
        if payload in answered or not timeout_ns - _PING_EARLY_NS <= wait <= timeout_ns + _PING_LATE_NS:
            continue
        later = [(socket.frame_packet(pong), "pong") for pong, pong_ns, _ in pongs if pong_ns > time_ns][:1]
        return Cause(
            "F17", (socket.connection,), time_ns, item.time_ns, ((socket.frame_packet(row), "ping"), *later, item.mark),
            "overlapping_timer" if later else "no_pong",
            numbers={"wait_ms": round(wait / 1e6), "timeout_s": facts.settings.ping_timeout},
        )  # fmt: skip
    return None
