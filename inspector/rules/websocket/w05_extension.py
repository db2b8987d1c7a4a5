"""W5: an extension is used or answered that was not agreed on."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.analysis.facts import Facts
from inspector.i18n import N_
from inspector.model.finding import Finding, Severity, Side, Text, told
from inspector.model.websocket import Fault
from inspector.refs import Ref
from inspector.rules.needs import Need
from inspector.rules.places import place
from inspector.rules.rule import Rule
from inspector.rules.websocket._faults import faulty_frames
from inspector.rules.websocket._handshakes import wrong_handshakes

__all__ = ["RULE"]


def _judge(facts: Facts) -> Iterator[Finding]:
    for wrong in wrong_handshakes(facts):
        code = wrong.anomaly.code
        if not code.startswith("ws.extension_"):
            continue
        yield RULE.fail(
            *place(wrong.packet, Text("Sec-WebSocket-Extensions")),
            connections=(wrong.connection,),
            time_ns=wrong.time_ns,
            side=wrong.side,
            reason=code.removeprefix("ws."),
            refs=(wrong.anomaly.ref,),
            fact=told(N_("Extension, {code}: {detail}"), code=code, detail=wrong.anomaly.detail),
        )
    yield from faulty_frames(
        RULE,
        facts,
        Fault.RSV1_NOT_AGREED,
        N_("{count} frames are marked as compressed though no compression was agreed on, sent by the {side}"),
    )


RULE = Rule(
    id="W5",
    title_fail=N_("An extension is used that was not agreed on"),
    title_pass=N_("Only agreed extensions are used"),
    why=N_("The receiver must fail the connection: it cannot know what the bits mean."),
    next_step=N_("Look for a proxy that changes the Sec-WebSocket-Extensions header; else switch the extension off."),
    refute=N_("Another handshake on this connection that the capture lost."),
    severity=Severity.ERROR,
    side=Side.SERVER,
    refs=(Ref("RFC 6455", "9.1"), Ref("RFC 7692", "5")),
    needs=(Need.UPGRADE,),
    judge=_judge,
)
