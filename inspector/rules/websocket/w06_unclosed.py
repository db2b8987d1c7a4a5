"""W6: a WebSocket ended without a Close frame from one or both sides (1006 to the application)."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.analysis.facts import Facts
from inspector.i18n import N_
from inspector.model.finding import Confidence, Evidence, Finding, Severity, Side, Text, told
from inspector.recording.websocket_control import closing
from inspector.refs import Ref
from inspector.rules.needs import Need
from inspector.rules.rule import Rule

__all__ = ["RULE"]

_SIDES = {"client": Side.CLIENT, "server": Side.SERVER}


def _judge(facts: Facts) -> Iterator[Finding]:
    for websocket in facts.websockets.connections:
        end = closing(facts.websockets, websocket)
        if end.end_packet is None or end.tcp_by is None or end.client or end.server:
            continue
        if websocket.connection in facts.behind:
            continue  # told of the leg in front of the proxy
        yield RULE.fail(
            Evidence(end.end_packet, note=Text("FIN/RST")),
            connections=facts.with_upstream(websocket.connection),
            time_ns=end.end_ns,
            side=_SIDES[end.tcp_by],
            confidence=Confidence.UNCLEAR,
            fact=told(
                N_("TCP ended in packet {packet}, by the {side}, and nobody had sent a Close frame"),
                side=_SIDES[end.tcp_by].word,
                packet=end.end_packet,
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
    needs=(Need.WEBSOCKET, Need.AS_SENT),
    judge=_judge,
)
