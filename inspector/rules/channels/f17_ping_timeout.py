"""F17: the server waited for a pong in vain."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from inspector.analysis.facts import Facts
from inspector.i18n import N_
from inspector.model.finding import Finding, Outcome, Severity, Side
from inspector.refs import Ref
from inspector.rules.channels._causes import findings
from inspector.rules.needs import Need
from inspector.rules.rule import Rule, Threshold

__all__ = ["RULE"]

_SENTENCES = {
    "overlapping_timer": N_("A ping got no pong, a later one did, and {wait_ms} ms after the first the server hung up"),
    "": N_("A ping got no pong for {wait_ms} ms, nor did anything later, and the server hung up"),
}
_SIDES = {"overlapping_timer": Side.SERVER}


def _judge(facts: Facts) -> Iterator[Finding]:
    for finding in findings(facts, RULE, facts.endings.get("F17", []), _SENTENCES, _SIDES):
        if finding.reason == "no_pong":
            # The server did right: the client's machine slept, or its path died.
            finding = dataclasses.replace(finding, outcome=Outcome.WARN, severity=Severity.WARNING)
        yield finding


RULE = Rule(
    id="F17",
    title_fail=N_("The server gave up waiting for a pong"),
    title_pass=N_("Every ping of a server was answered in time"),
    why=N_(
        "Daphne resets the connection when a pong does not come. With a timeout above the interval its "
        "timer also strikes when only one pong was lost: that is its bug, not a dead client."
    ),
    next_step=N_(
        "Keep --ping-timeout below --ping-interval; if nothing at all came from the client, look for a "
        "sleeping machine or a dead path."
    ),
    refute=N_("A pong among bytes that the capture does not hold."),
    severity=Severity.ERROR,
    side=Side.CLIENT,
    refs=(Ref("RFC 6455", "5.5.2"),),
    needs=(Need.WEBSOCKET,),
    explains=(
        "W6",
        "W7",
        "W8",
        "W9",
        "W10",
        "W11",
        "W12",
        "W13",
        "W14",
        "W15",
        "R1",
        "R2",
        "R4",
        "N2",
        "S1",
        "H1",
    ),
    thresholds=(
        Threshold("PING_EARLY", 1.1, "s", N_("The timer counts whole seconds and may strike early.")),
        Threshold("PING_LATE", 2.6, "s", N_("Daphne looks every two seconds.")),
    ),
    judge=_judge,
)
