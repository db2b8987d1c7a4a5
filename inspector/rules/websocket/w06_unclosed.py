"""W6: a WebSocket ended and neither side had sent a Close frame (1006 to the application)."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.analysis.facts import Facts
from inspector.i18n import N_
from inspector.model.finding import Confidence, Evidence, Finding, Outcome, Severity, Side, Text, told
from inspector.refs import Ref
from inspector.rules.needs import Need
from inspector.rules.rule import Rule

__all__ = ["RULE"]


def _judge(facts: Facts) -> Iterator[Finding]:
    for socket in facts.front_sockets:
        end = socket.end
        if end is None or socket.close(False) or socket.close(True):
            continue
        side = Side.SERVER if end.by_server else Side.CLIENT
        yield RULE.fail(
            Evidence(end.packet, note=Text("FIN/RST")),
            connections=facts.with_upstream(socket.connection),
            time_ns=end.time_ns,
            # Who closes the browser or loses the network goes without a word: nothing need be broken.
            outcome=Outcome.FAIL if end.by_server else Outcome.WARN,
            severity=Severity.ERROR if end.by_server else Severity.WARNING,
            side=side,
            confidence=Confidence.UNCLEAR,
            fact=told(
                N_("TCP ended in packet {packet}, by the {side}, and nobody had sent a Close frame"),
                side=side.word,
                packet=end.packet,
            ),
        )


RULE = Rule(
    id="W6",
    title_fail=N_("The WebSocket ended without a Close frame"),
    title_pass=N_("Every WebSocket that ended was closed with a Close frame"),
    why=N_("The application sees close code 1006 and cannot know why; something below WebSocket ended the connection."),
    next_step=N_("See which side sent FIN or RST first, and what came just before it."),
    refute=N_("A Close frame among bytes that the capture does not hold."),
    severity=Severity.ERROR,
    side=Side.UNKNOWN,
    refs=(Ref("RFC 6455", "7.1.5"),),
    needs=(Need.WEBSOCKET, Need.AS_SENT, Need.BOTH_DIRECTIONS),
    judge=_judge,
)
