"""W2: behind a proxy the request has lost its upgrade."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.analysis.facts import Facts
from inspector.i18n import N_
from inspector.model.finding import Confidence, Finding, Severity, Side, Text, told
from inspector.refs import Ref
from inspector.rules.needs import Need
from inspector.rules.places import first, place
from inspector.rules.rule import Rule

__all__ = ["RULE"]


def _judge(facts: Facts) -> Iterator[Finding]:
    fronts = {back: front for front, back in facts.upstream.items()}
    for item in facts.exchanges:
        request = item.exchange.request
        if request is None or item.stream is not None or not request.values("sec-websocket-key"):
            continue
        if request.lists("upgrade", "websocket") and request.lists("connection", "upgrade"):
            continue
        front = fronts.get(item.connection)
        yield RULE.fail(
            *place(first(item.request_packets), Text(N_("no upgrade"))),
            connections=(item.connection,) if front is None else (front, item.connection),
            time_ns=first(item.request_ns),
            confidence=Confidence.CERTAIN if front is not None else Confidence.LIKELY,
            fact=told(
                N_(
                    "The request for {target} carries Sec-WebSocket-Key but Upgrade: {upgrade}, Connection: "
                    "{connection}, {version}"
                ),
                target=request.target_text,
                upgrade=(request.header("upgrade") or b"-").decode("latin-1"),
                connection=(request.header("connection") or b"-").decode("latin-1"),
                version=request.version.decode("latin-1"),
            ),
        )


RULE = Rule(
    id="W2",
    title_fail=N_("The upgrade was taken out of a handshake on the way"),
    title_pass=N_("Every handshake kept its upgrade"),
    why=N_(
        "Upgrade and Connection are hop-by-hop: a proxy that does not know WebSocket drops them and passes the rest on."
    ),
    next_step=N_("nginx: proxy_http_version 1.1, proxy_set_header Upgrade and Connection."),
    refute=N_("A client that never sent them."),
    severity=Severity.ERROR,
    side=Side.PROXY,
    refs=(Ref("RFC 9110", "7.6.1"), Ref("RFC 6455", "4.1")),
    needs=(Need.HTTP,),
    judge=_judge,
)
