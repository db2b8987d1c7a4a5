"""W3: the handshake breaks the standard: accept value, headers, version."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.analysis.facts import Facts, Upgrade
from inspector.i18n import N_
from inspector.model.anomaly import Anomaly
from inspector.model.finding import Evidence, Finding, Severity, Side, Text, told
from inspector.refs import Ref
from inspector.rules.needs import Need
from inspector.rules.rule import Rule

__all__ = ["RULE"]

_CODES = (
    "ws.accept_mismatch", "ws.header_repeated", "ws.header_missing", "ws.version", "ws.key_malformed",
    "ws.connection_header", "ws.upgrade_header", "ws.handshake_method", "ws.handshake_http_version",
)  # fmt: skip


def _judge(facts: Facts) -> Iterator[Finding]:
    for upgrade in facts.upgrades:
        if upgrade.item.stream is not None:
            continue
        for client, anomalies in (
            (True, upgrade.handshake.request_anomalies),
            (False, upgrade.handshake.response_anomalies),
        ):
            for anomaly in anomalies:
                if anomaly.code in _CODES:
                    yield _finding(upgrade, client, anomaly)


def _finding(upgrade: Upgrade, client: bool, anomaly: Anomaly) -> Finding:
    item = upgrade.item
    packets = item.request_packets if client else item.response_packets
    times = item.request_ns if client else item.response_ns
    return RULE.fail(
        *([Evidence(packets[0], note=Text(anomaly.code))] if packets else []),
        connections=(upgrade.connection,),
        time_ns=times[0] if times else None,
        side=Side.CLIENT if client else Side.SERVER,
        reason=anomaly.code.removeprefix("ws."),
        refs=(anomaly.ref,),
        fact=told(
            N_("Handshake, {code}: {detail}, sent by the {side}"),
            code=anomaly.code,
            detail=anomaly.detail or "-",
            side=(Side.CLIENT if client else Side.SERVER).word,
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
    judge=_judge,
)
