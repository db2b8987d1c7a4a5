"""C1: the client takes its time to send its own request."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.analysis.facts import Facts
from inspector.analysis.waits import undisturbed
from inspector.i18n import N_
from inspector.model.finding import Confidence, Evidence, Finding, Severity, Side, Text, told
from inspector.refs import Ref
from inspector.rules.needs import Need
from inspector.rules.rule import Rule, Threshold

__all__ = ["RULE"]

_LEAST_ROUND_TRIPS = 5


def _judge(facts: Facts) -> Iterator[Finding]:
    for item in facts.exchanges:
        request, seen = item.exchange.request, item.request_ns
        if seen is None:
            continue
        assert request is not None and item.request_packets is not None  # seen
        if not request.complete:
            continue
        took = seen[1] - seen[0]
        if took < max(facts.settings.slow * 1e9, _LEAST_ROUND_TRIPS * int(facts.round_trip_ns[item.connection])):
            continue
        if request.end - request.start > took / 1e9 * _LEAST_RATE or not undisturbed(facts, item.connection, seen):
            continue
        yield RULE.fail(
            Evidence(item.request_packets[0], note=Text(N_("request begins"))),
            Evidence(item.request_packets[1], note=Text(N_("request ends"))),
            connections=(item.connection,),
            time_ns=seen[0],
            confidence=Confidence.LIKELY,
            fact=told(
                N_("The client took {seconds} s to send a request of {size} bytes"),
                seconds=round(took / 1e9, 2),
                size=request.end - request.start,
            ),
        )


_LEAST_RATE = 10_000
"""Bytes per second: who sends faster is busy sending, not waiting."""

RULE = Rule(
    id="C1",
    title_fail=N_("The client was slow to send its request"),
    title_pass=N_("Clients sent their requests at once"),
    why=N_("The server waits for the rest of the request; what looks like a slow server is a slow client."),
    next_step=N_("Look at the client: what does it wait for while it sends?"),
    refute=N_("Lost or late packets of the client in that time."),
    severity=Severity.WARNING,
    side=Side.CLIENT,
    refs=(Ref("RFC 9112", "9.5"),),
    needs=(Need.HTTP, Need.CAPTURED),
    thresholds=(
        Threshold("SLOW", 1.0, "s", N_("From here on people lose patience; --set slow=…")),
        Threshold("LEAST_ROUND_TRIPS", _LEAST_ROUND_TRIPS, "round trips", N_("A long request takes some round trips.")),
        Threshold("LEAST_RATE", _LEAST_RATE, "bytes per second", N_("Who sends faster is busy sending.")),
    ),
    judge=_judge,
)
