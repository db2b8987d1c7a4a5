"""S1: the server took long to answer."""

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
        wait, request = item.wait_ns, item.exchange.request
        if wait is None:
            continue
        assert request is not None and item.request_ns and item.response_ns  # their distance is the wait
        round_trip = max(int(facts.round_trip_ns[item.connection]), 0)
        if wait < max(facts.settings.slow * 1e9, _LEAST_ROUND_TRIPS * round_trip):
            continue
        if not undisturbed(facts, item.connection, (item.request_ns[1], item.response_ns[0])):
            continue
        assert item.request_packets and item.response_packets  # as the times
        near = facts.trust["T1"].params.get("place") == "client"
        yield RULE.fail(
            Evidence(item.request_packets[1], note=Text(N_("request ends"))),
            Evidence(item.response_packets[0], note=Text(N_("response begins"))),
            connections=(item.connection,),
            time_ns=item.request_ns[1],
            confidence=Confidence.CERTAIN if near and facts.table.rtt_plausible[item.connection] else Confidence.LIKELY,
            fact=told(
                N_(
                    "{target}: {wait_s} s from the end of the request to the first byte of the response; a "
                    "round trip takes {rtt_ms} ms"
                ),
                target=(request.first_line[:200]).decode("utf-8", "backslashreplace"),
                wait_s=round((wait - (round_trip if near else 0)) / 1e9, 2),
                rtt_ms=round(round_trip / 1e6, 1),
            ),
        )


RULE = Rule(
    id="S1",
    title_fail=N_("The server took long to answer"),
    title_pass=N_("The server answered quickly"),
    why=N_("The request arrived and nothing was sent again: the time passed in the server and what it asks in turn."),
    next_step=N_("Look at the server: queries, other services, a queue of requests."),
    refute=N_("A capture at the server that shows a quick answer."),
    severity=Severity.WARNING,
    side=Side.SERVER,
    refs=(Ref("RFC 9110", "3.4"),),
    needs=(Need.HTTP, Need.BOTH_DIRECTIONS),
    thresholds=(
        Threshold("SLOW", 1.0, "s", N_("From here on people lose patience; --set slow=…")),
        Threshold("LEAST_ROUND_TRIPS", _LEAST_ROUND_TRIPS, "round trips", N_("Less can be the path's doing.")),
    ),
    judge=_judge,
)
