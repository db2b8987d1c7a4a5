"""W1: a WebSocket was asked for and not granted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from inspector.analysis.facts import Facts, Upgrade
from inspector.i18n import N_
from inspector.model.finding import Confidence, Evidence, Finding, Severity, Side, Text, told
from inspector.model.http import HttpMessage
from inspector.recording.http import HttpExchange
from inspector.refs import Ref
from inspector.rules.needs import Need
from inspector.rules.places import first, place
from inspector.rules.rule import Rule

__all__ = ["RULE"]


_ASK_FOR_HEADERS = (400, 426)
"""What servers answer to a handshake whose headers do not ask for one."""


def _judge(facts: Facts) -> Iterator[Finding]:
    for upgrade in facts.upgrades:
        if upgrade.connection in facts.behind or upgrade.status == 101:
            continue  # a proxy's own leg tells the same again
        if upgrade.status is None:
            yield from _unanswered(facts, upgrade)
        elif (
            upgrade.status in _ASK_FOR_HEADERS
            and not upgrade.handshake.request_anomalies
            and upgrade.connection not in facts.upstream
        ):
            yield RULE.undecidable(
                *_places(upgrade.item),
                **_told(facts, upgrade.item, upgrade.handshake.request, upgrade.status),
                side=Side.UNKNOWN,
                why=Text(
                    N_(
                        "The handshake as it was captured lacks nothing: a capture between a proxy and the server "
                        "would show whether it arrived so."
                    )
                ),
            )
        else:
            yield _refused(facts, upgrade.item, upgrade.handshake.request, upgrade.status)
    for item in facts.connects:
        request, response = item.exchange.request, item.exchange.response
        assert request is not None  # it has packets
        status = response.status if response is not None else None
        if status is not None and status // 100 != 2:
            yield _refused(facts, item, request, status)


def _refused(facts: Facts, item: HttpExchange, request: HttpMessage, status: int) -> Finding:
    by_client = 400 <= status < 500
    return RULE.fail(
        *_places(item),
        **_told(facts, item, request, status),
        side=Side.CLIENT if by_client else Side.SERVER,
        confidence=Confidence.LIKELY if by_client else Confidence.CERTAIN,
    )


def _places(item: HttpExchange) -> tuple[Evidence, ...]:
    return (
        *place(first(item.request_packets), Text(N_("request"))),
        *place(first(item.response_packets), Text(N_("answer"))),
    )


# Any: the fields of Finding, checked by it.
def _told(facts: Facts, item: HttpExchange, request: HttpMessage, status: int) -> dict[str, Any]:
    return {
        "connections": facts.with_upstream(item.connection),
        "time_ns": first(item.request_ns),
        "reason": str(status),
        "fact": told(
            N_("The request for {target} was answered with {status}; Origin {origin}, Host {host}"),
            target=request.target_text,
            status=status,
            origin=(request.header("origin") or b"-").decode("latin-1"),
            host=(request.header("host") or b"-").decode("latin-1"),
        ),
    }


def _unanswered(facts: Facts, upgrade: Upgrade) -> Iterator[Finding]:
    """The server ended the connection instead of an answer."""
    row = facts.table[upgrade.connection]
    if row.ended_by != "server" or row.missing.server or row.unseen.server:
        return
    assert row.end_packet is not None  # somebody ended it
    yield RULE.fail(
        *place(first(upgrade.item.request_packets), Text(N_("request"))),
        *place(row.end_packet, Text("FIN/RST")),
        connections=facts.with_upstream(upgrade.connection),
        time_ns=upgrade.asked_ns,
        side=Side.SERVER,
        confidence=Confidence.LIKELY,
        reason="unanswered",
        fact=told(
            N_("A WebSocket was asked for, and {server} ended the connection without an answer after {wait_ms} ms"),
            server=str(row.server),
            wait_ms=round((int(facts.time_ns[row.end_packet - 1]) - upgrade.asked_until_ns) / 1e6, 1),
        ),
    )


RULE = Rule(
    id="W1",
    title_fail=N_("A WebSocket was asked for and not granted"),
    title_pass=N_("Every WebSocket that was asked for was granted"),
    why=N_("The answer to the handshake is an ordinary response: the browser reports 1006 and cannot see the status."),
    next_step=N_(
        "Read the status and who answered: 401 and 403 login or Origin, 404 path, 426 and 400 lost headers, 5xx server."
    ),
    refute=N_("A later 101 on the same connection."),
    severity=Severity.ERROR,
    side=Side.SERVER,
    refs=(Ref("RFC 6455", "4.2.2"), Ref("RFC 6455", "4.1")),
    needs=(Need.UPGRADE,),
    explains=("H1", "R1"),
    judge=_judge,
)
