"""F14: a close code that the server refuses to send."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from inspector.analysis.endings.gone import AT_ONCE_NS
from inspector.analysis.facts import Facts
from inspector.analysis.servers import Program
from inspector.analysis.sockets import Closed, Socket
from inspector.analysis.trace_events import TraceEvents
from inspector.analysis.traced_journeys import traced_sockets
from inspector.i18n import N_
from inspector.model.finding import Evidence, Finding, Severity, Side, Text, told
from inspector.refs import Ref
from inspector.rules.channels._causes import findings
from inspector.rules.channels._consequences import OF_AN_ENDED_SOCKET
from inspector.rules.needs import Need
from inspector.rules.rule import Rule

__all__ = ["RULE"]

_OWN_CODES = range(3000, 5000)
"""Close codes for the application's own use (RFC 6455 section 7.4.2)."""
_SENTENCES = {
    "": N_("A message that asks to leave, and {wait_ms} ms later Close 1011 on this socket only"),
}


def _judge(facts: Facts) -> Iterator[Finding]:
    yield from findings(facts, RULE, facts.endings.get("F14", []), _SENTENCES)
    yield from _unknown_reasons(facts) if facts.trace is None else _dropped_reasons(facts, facts.trace)


def _dropped_reasons(facts: Facts, trace: TraceEvents) -> Iterator[Finding]:
    """The application gave a reason, as only the trace tells, and the Close frame carries none: Daphne's doing."""
    sockets = traced_sockets(facts)
    for event in trace.of("close"):
        socket = sockets.get(str(event.get("conn")))
        if socket is None:
            continue
        closed = socket.close(True)
        if closed is None or closed.close.reason:
            continue
        if closed.code == event.get("code") and event.get("has_reason") is True:
            yield RULE.warn(
                *_place(closed),
                **_shared(facts, socket, closed),
                title=Text(N_("The reason for closing was lost on the way")),
                fact=told(
                    N_("The application closed with {code} and a reason; the Close frame carries the code only"),
                    code=closed.code or 0,
                ),
            )


def _unknown_reasons(facts: Facts) -> Iterator[Finding]:
    """Daphne drops the reason of every Close: whether the application gave one, the wire does not show."""
    for socket in facts.front_sockets:
        closed = socket.close(True)
        if closed is None or closed.close.reason or closed.code not in _OWN_CODES:
            continue
        if facts.server(socket.connection).program is not Program.DAPHNE or _told_before(socket, closed):
            continue
        yield RULE.undecidable(
            *_place(closed),
            **_shared(facts, socket, closed),
            title=Text(N_("A socket was closed without a reason")),
            fact=told(
                N_("The application closed with {code}; the Close frame carries no reason"), code=closed.code or 0
            ),
            why=Text(
                N_("Whether the application gave a reason, which Daphne drops, the server's trace tells (--trace).")
            ),
        )


def _told_before(socket: Socket, closed: Closed) -> bool:
    """Whether the server said something of itself right before its Close: the reason, as it should be given."""
    said, asked = socket.last_message(True, closed.time_ns), socket.last_message(False, closed.time_ns)
    if said is None or closed.time_ns - said[1] > AT_ONCE_NS:
        return False
    return asked is None or asked[1] < said[1]


def _place(closed: Closed) -> list[Evidence]:
    return [Evidence(closed.packet, note=Text(N_("Close without a reason")))]


# Any: the fields of Finding, checked by it.
def _shared(facts: Facts, socket: Socket, closed: Closed) -> dict[str, Any]:
    return {
        "connections": facts.with_upstream(socket.connection),
        # A note: the code tells the application's own clients what they need.
        "severity": Severity.INFO,
        "time_ns": closed.time_ns,
        "side": Side.SERVER,
        "reason": "reason_dropped",
        "refute": Text(N_("The application's close() gives no reason.")),
    }


RULE = Rule(
    id="F14",
    title_fail=N_("Leaving crashed the consumer: its close code is not allowed"),
    title_pass=N_("No consumer crashed while closing"),
    why=N_(
        "Daphne sends 1000 and 3000 to 4999 only; close(1001), close(1008) or close(403) raises, and the "
        "client sees 1011."
    ),
    next_step=N_(
        "Close with a code from 4000 to 4999; say the reason in a last JSON message, since Daphne does not send it."
    ),
    refute=N_("The log names another exception at that second."),
    severity=Severity.ERROR,
    side=Side.APPLICATION,
    refs=(Ref("RFC 6455", "7.4"),),
    needs=(Need.WEBSOCKET,),
    explains=OF_AN_ENDED_SOCKET,
    judge=_judge,
)
