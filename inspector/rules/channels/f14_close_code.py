"""F14: a close code that the server refuses to send."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.analysis.facts import Facts
from inspector.analysis.traced_journeys import traced_sockets
from inspector.i18n import N_
from inspector.model.finding import Evidence, Finding, Severity, Side, Text, told
from inspector.refs import Ref
from inspector.rules.channels._causes import findings
from inspector.rules.needs import Need
from inspector.rules.rule import Rule

__all__ = ["RULE"]

_SENTENCES = {
    "": N_("A message that asks to leave, and {wait_ms} ms later Close 1011 on this socket only"),
}


def _judge(facts: Facts) -> Iterator[Finding]:
    yield from findings(facts, RULE, facts.endings.get("F14", []), _SENTENCES)
    yield from _dropped_reasons(facts)


def _dropped_reasons(facts: Facts) -> Iterator[Finding]:
    """The application gave a reason, as only the trace tells, and the Close frame carries none: Daphne's doing."""
    if facts.trace is None:
        return
    sockets = traced_sockets(facts)
    for event in facts.trace.of("close"):
        socket = sockets.get(str(event.get("conn")))
        closed = socket.close(True) if socket is not None and event.get("has_reason") is True else None
        if socket is None or closed is None or closed.close.reason or closed.code != event.get("code"):
            continue
        yield RULE.warn(
            Evidence(closed.packet, note=Text(N_("Close without a reason"))),
            connections=facts.with_upstream(socket.connection),
            # A note: the application may have said the reason in a message before.
            severity=Severity.INFO,
            title=Text(N_("The reason for closing was lost on the way")),
            time_ns=closed.time_ns,
            side=Side.SERVER,
            reason="reason_dropped",
            fact=told(
                N_("The application closed with {code} and a reason; the Close frame carries the code only"),
                code=closed.code or 0,
            ),
        )


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
    explains=(
        "W6",
        "W7",
        "W8",
        "W9",
        "W10",
        "W11",
        "W12",
        "W13",
        "W14",
        "W15",
        "R1",
        "R2",
        "R4",
        "N2",
        "S1",
        "H1",
    ),
    judge=_judge,
)
