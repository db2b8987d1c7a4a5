"""W4: client and server do not agree on a subprotocol."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.analysis.facts import Facts
from inspector.i18n import N_
from inspector.model.finding import Evidence, Finding, Outcome, Severity, Side, Text, told
from inspector.refs import Ref
from inspector.rules.needs import Need
from inspector.rules.rule import Rule

__all__ = ["RULE"]

_SENTENCES = {
    "ws.subprotocol_not_offered": N_("The server chose {detail}, which the client had not offered"),
    "ws.subprotocol_none_chosen": N_(
        "The client offered {detail} and the server chose none: browsers close the connection"
    ),
    "ws.subprotocol_repeated": N_("The client offered the same subprotocol twice: {detail}"),
}
_SIDES = {"ws.subprotocol_not_offered": Side.SERVER, "ws.subprotocol_none_chosen": Side.SERVER}


def _judge(facts: Facts) -> Iterator[Finding]:
    for upgrade in facts.upgrades:
        for anomaly in (*upgrade.handshake.request_anomalies, *upgrade.handshake.response_anomalies):
            if anomaly.code not in _SENTENCES:
                continue
            packets = upgrade.item.response_packets or upgrade.item.request_packets
            wrong = anomaly.code == "ws.subprotocol_not_offered"
            yield RULE.fail(
                *([Evidence(packets[0], note=Text("Sec-WebSocket-Protocol"))] if packets else []),
                outcome=Outcome.FAIL if wrong else Outcome.WARN,
                severity=Severity.ERROR if wrong else Severity.WARNING,
                connections=(upgrade.connection,),
                time_ns=upgrade.item.request_ns[0] if upgrade.item.request_ns else None,
                side=_SIDES.get(anomaly.code, Side.CLIENT),
                reason=anomaly.code.removeprefix("ws.subprotocol_"),
                refs=(anomaly.ref,),
                fact=told(_SENTENCES[anomaly.code], detail=anomaly.detail),
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
