"""W1: a WebSocket was asked for and not granted."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.analysis.facts import Facts
from inspector.i18n import N_
from inspector.model.finding import Finding, Severity, Side, Text, told
from inspector.refs import Ref
from inspector.rules.needs import Need
from inspector.rules.places import first, place
from inspector.rules.rule import Rule

__all__ = ["RULE"]


def _judge(facts: Facts) -> Iterator[Finding]:
    for upgrade in facts.upgrades:
        item, status = upgrade.item, upgrade.status
        if status is None or status == 101 or upgrade.connection in facts.behind:
            continue  # a proxy's own leg tells the same again
        request = upgrade.handshake.request
        yield RULE.fail(
            *place(first(item.request_packets), Text(N_("request"))),
            *place(first(item.response_packets), Text(N_("answer"))),
            connections=facts.with_upstream(upgrade.connection),
            time_ns=first(item.request_ns),
            side=Side.CLIENT if 400 <= status < 500 else Side.SERVER,
            reason=str(status),
            fact=told(
                N_("The request for {target} was answered with {status}; Origin {origin}, Host {host}"),
                target=request.target_text,
                status=status,
                origin=(request.header("origin") or b"-").decode("latin-1"),
                host=(request.header("host") or b"-").decode("latin-1"),
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
    explains=("H1",),
    judge=_judge,
)
