"""W3: the handshake breaks the standard: accept value, headers, version."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.analysis.facts import Facts
from inspector.i18n import N_
from inspector.model.finding import Finding, Severity, Side, Text, told
from inspector.refs import Ref
from inspector.rules.needs import Need
from inspector.rules.places import place
from inspector.rules.rule import Rule
from inspector.rules.websocket._handshakes import wrong_handshakes

__all__ = ["RULE"]

_CODES = (
    "ws.accept_mismatch", "ws.header_repeated", "ws.header_missing", "ws.version", "ws.key_malformed",
    "ws.connection_header", "ws.upgrade_header", "ws.handshake_method", "ws.handshake_http_version",
)  # fmt: skip


def _judge(facts: Facts) -> Iterator[Finding]:
    for wrong in wrong_handshakes(facts):
        if wrong.anomaly.code not in _CODES:
            continue
        yield RULE.fail(
            *place(wrong.packet, Text(wrong.anomaly.code)),
            connections=(wrong.connection,),
            time_ns=wrong.time_ns,
            side=wrong.side,
            reason=wrong.anomaly.code.removeprefix("ws."),
            refs=(wrong.anomaly.ref,),
            fact=told(
                N_("Handshake, {code}: {detail}, sent by the {side}"),
                code=wrong.anomaly.code,
                detail=wrong.anomaly.detail or "-",
                side=wrong.side.word,
            ),
        )


RULE = Rule(
    id="W3",
    title_fail=N_("The WebSocket handshake breaks the standard"),
    title_pass=N_("WebSocket handshakes are as they must be"),
    why=N_(
        "Clients must fail the connection when the answer is not proven right; servers refuse requests that "
        "lack what they need."
    ),
    next_step=N_(
        "Look for a proxy that rewrites headers or answers out of a cache; else correct the program that sends it."
    ),
    refute=N_("The same client and server agree past the proxy."),
    severity=Severity.ERROR,
    side=Side.SERVER,
    refs=(Ref("RFC 6455", "4.1"), Ref("RFC 6455", "4.2.2")),
    needs=(Need.UPGRADE,),
    explains=("W6", "W15", "R1"),
    judge=_judge,
)
