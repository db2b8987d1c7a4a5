"""W4: client and server do not agree on a subprotocol."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.analysis.facts import Facts
from inspector.i18n import N_
from inspector.model.finding import Finding, Outcome, Severity, Side, Text, told
from inspector.refs import Ref
from inspector.rules.needs import Need
from inspector.rules.places import place
from inspector.rules.rule import Rule
from inspector.rules.websocket._handshakes import wrong_handshakes

__all__ = ["RULE"]

_SENTENCES = {
    "ws.subprotocol_not_offered": N_("The server chose {detail}, which the client had not offered"),
    "ws.subprotocol_none_chosen": N_(
        "The client offered {detail} and the server chose none: browsers close the connection"
    ),
    "ws.subprotocol_repeated": N_("The client offered the same subprotocol twice: {detail}"),
}


def _judge(facts: Facts) -> Iterator[Finding]:
    for wrong in wrong_handshakes(facts):
        code = wrong.anomaly.code
        if code not in _SENTENCES:
            continue
        against = code == "ws.subprotocol_not_offered"
        yield RULE.fail(
            *place(wrong.packet, Text("Sec-WebSocket-Protocol")),
            outcome=Outcome.FAIL if against else Outcome.WARN,
            severity=Severity.ERROR if against else Severity.WARNING,
            connections=(wrong.connection,),
            time_ns=wrong.time_ns,
            side=wrong.side,
            reason=code.removeprefix("ws.subprotocol_"),
            refs=(wrong.anomaly.ref,),
            fact=told(_SENTENCES[code], detail=wrong.anomaly.detail),
        )


RULE = Rule(
    id="W4",
    title_fail=N_("Client and server do not agree on a subprotocol"),
    title_pass=N_("Subprotocols were agreed on where they were offered"),
    why=N_(
        "A client must fail the connection when the server's choice was not offered; browsers also when none "
        "was chosen."
    ),
    next_step=N_("Choose one of those offered, in the server's accept call."),
    refute=N_("The client goes on all the same: then it does not mind."),
    severity=Severity.ERROR,
    side=Side.SERVER,
    refs=(Ref("RFC 6455", "4.1"), Ref("RFC 6455", "11.3.4")),
    needs=(Need.UPGRADE,),
    judge=_judge,
)
