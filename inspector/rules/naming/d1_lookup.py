"""D1: a name was not resolved, or slowly."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.analysis.facts import Facts
from inspector.i18n import N_
from inspector.model.dns import RCODES
from inspector.model.finding import Evidence, Finding, Outcome, Severity, Side, Text, told
from inspector.recording.dns import Lookup
from inspector.refs import Ref
from inspector.rules.needs import Need
from inspector.rules.places import place
from inspector.rules.rule import Rule, Threshold

__all__ = ["RULE"]

_SLOW_NS = 500_000_000
_LEAST_QUERIES = 2
_FAILED = (2, 3, 5)
_MULTICAST = (5353, 5355)
_SEARCHED = (".local", ".localdomain", ".lan", ".home", ".internal")
"""Suffixes that hosts try of their own accord; that these do not exist is no failure."""


def _judge(facts: Facts) -> Iterator[Finding]:
    answered = {
        (lookup.name.lower(), lookup.type) for lookup in facts.lookups if lookup.answer and lookup.answer.answers
    }
    last_ns = int(facts.time_ns.max())
    for lookup in facts.lookups:
        ports = int(facts.capture.flows.a_port[lookup.flow]), int(facts.capture.flows.b_port[lookup.flow])
        if lookup.query_ns is None or any(port in _MULTICAST for port in ports):
            continue
        found = _wrong(lookup, last_ns, (lookup.name.lower(), lookup.type) in answered)
        if found is None:
            continue
        severity, reason, fact = found
        yield RULE.fail(
            *(Evidence(packet, note=Text(N_("question"))) for packet in lookup.queries[:4]),
            *place(lookup.answer_packet, Text(N_("answer"))),
            outcome=Outcome.FAIL if severity is Severity.ERROR else Outcome.WARN,
            severity=severity,
            time_ns=lookup.query_ns,
            reason=reason,
            side=Side.NETWORK if reason == "unanswered" else Side.SERVER,
            fact=fact,
        )


def _wrong(lookup: Lookup, last_ns: int, answered_elsewhere: bool) -> tuple[Severity, str, Text] | None:
    """Severity, reason and sentence of what is wrong with a lookup; None when nothing is."""
    assert lookup.query_ns is not None  # _judge has looked
    if lookup.answer is None:
        waited = last_ns - lookup.query_ns
        if len(lookup.queries) < _LEAST_QUERIES or answered_elsewhere:
            return None
        fact = N_("{name} was asked for {count} times and nobody answered within {seconds} s")
        return Severity.ERROR, "unanswered", told(
            fact, name=lookup.name or ".", count=len(lookup.queries), seconds=round(waited / 1e9, 1)
        )  # fmt: skip
    rcode, latency = lookup.answer.rcode, lookup.latency_ns or 0
    if rcode in _FAILED and not answered_elsewhere:
        if rcode == 3 and lookup.name.lower().endswith(_SEARCHED):
            return None
        word = RCODES.get(rcode, str(rcode))
        severity = Severity.WARNING if rcode == 3 else Severity.ERROR
        return severity, word.lower(), told(N_("{name} was answered with {rcode}"), name=lookup.name or ".", rcode=word)
    if latency > _SLOW_NS:
        fact = N_("{name} was answered after {latency_ms} ms, asked {count} times")
        return Severity.WARNING, "slow", told(
            fact, name=lookup.name or ".", latency_ms=round(latency / 1e6), count=len(lookup.queries)
        )  # fmt: skip
    return None


RULE = Rule(
    id="D1",
    title_fail=N_("A name was not resolved, or slowly"),
    title_pass=N_("Names were resolved quickly"),
    why=N_(
        "Before every new connection the name is looked up: no answer, no connection; a late answer delays everything."
    ),
    next_step=N_("Check the resolver and the name; ask another resolver for it."),
    refute=N_("An answer on another path (TCP, DNS over HTTPS, a cache)."),
    severity=Severity.ERROR,
    side=Side.SERVER,
    refs=(Ref("RFC 1035", "4.1.1"), Ref("RFC 8499", "3")),
    needs=(Need.DNS,),
    thresholds=(
        Threshold("SLOW", _SLOW_NS / 1e6, "ms", N_("Resolvers that know the answer need a few milliseconds.")),
        Threshold("LEAST_QUERIES", _LEAST_QUERIES, "queries", N_("One question may be the capture's last packet.")),
    ),
    judge=_judge,
)
