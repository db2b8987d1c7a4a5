"""W9: a message was larger than the receiver takes."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.analysis.facts import Facts
from inspector.analysis.sockets import Socket
from inspector.i18n import N_
from inspector.model.finding import Confidence, Evidence, Finding, Severity, Side, Text, told
from inspector.refs import Ref
from inspector.rules.needs import Need
from inspector.rules.rule import Rule, Threshold

__all__ = ["RULE"]

_TOO_BIG = 1009
_SOON_NS = 500_000_000
_ABOVE = 1.25
_LIMITS = sorted([*(1 << k for k in range(12, 31)), *(10**k for k in range(4, 10))])
"""Sizes that people choose as limits, from 4 KiB on: powers of two and of ten."""


def _judge(facts: Facts) -> Iterator[Finding]:
    for socket in facts.front_sockets:
        for from_server in (False, True):
            found = _rejected(socket, from_server)
            if found is None:
                continue
            row, time_ns, packet, told_so = found
            websockets = facts.websockets
            rows = socket.messages(from_server)[0]
            size = int(websockets.messages.wire_length[row])
            accepted = max((int(websockets.messages.wire_length[r]) for r in rows.tolist() if r < row), default=0)
            limit = next((n for n in reversed(_LIMITS) if accepted <= n < size), None)
            if not told_so and (limit is None or size > _ABOVE * limit):
                continue
            yield RULE.fail(
                Evidence(socket.packet_of(row), note=Text(N_("the message"))),
                Evidence(packet, note=Text(N_("rejected"))),
                connections=facts.with_upstream(socket.connection),
                time_ns=time_ns,
                side=Side.SERVER if from_server else Side.CLIENT,
                confidence=Confidence.CERTAIN if told_so else Confidence.LIKELY,
                reason="told" if told_so else "cut",
                fact=told(
                    N_(
                        "A message of {size} bytes was rejected; the largest accepted had {accepted}, a "
                        "usual limit between them is {limit}"
                    ),
                    size=size,
                    accepted=accepted,
                    limit=limit or "-",
                ),
            )


def _rejected(socket: Socket, from_server: bool) -> tuple[int, int, int, bool] | None:
    """Row and time of the message, packet of the rejection, and whether a Close frame said so."""
    close, other = socket.close(not from_server), socket.close(from_server)
    if close is not None:
        if other is not None and other.code == close.code and other.time_ns < close.time_ns:
            return None  # an echo
        last = socket.last_message(from_server, close.time_ns) if close.code == _TOO_BIG else None
        return (*last, close.packet, True) if last is not None else None
    end = socket.end
    if end is None or end.by_server is from_server or socket.close(from_server):
        return None
    last = socket.last_message(from_server, end.time_ns)
    return (*last, end.packet, False) if last is not None and end.time_ns - last[1] <= _SOON_NS else None


RULE = Rule(
    id="W9",
    title_fail=N_("A message was larger than the receiver takes"),
    title_pass=N_("No message was too large"),
    why=N_("Every server has a limit; some say so with 1009, others just cut the connection."),
    next_step=N_("Raise the limit, or send large data in parts or over HTTP."),
    refute=N_("A larger message that was accepted on the same server."),
    severity=Severity.ERROR,
    side=Side.CLIENT,
    refs=(Ref("RFC 6455", "7.4.1"), Ref("RFC 6455", "10.4")),
    needs=(Need.WEBSOCKET,),
    explains=("W6", "W15", "R1"),
    thresholds=(
        Threshold("ABOVE", _ABOVE, "times the limit", N_("Without a 1009 the size must lie just above a usual limit.")),
        Threshold("SOON", _SOON_NS / 1e9, "s", N_("The rejection follows the message.")),
    ),
    judge=_judge,
)
