"""T6: connections that began before the capture."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.analysis.facts import Facts
from inspector.i18n import N_
from inspector.model.finding import Finding, Severity, Side
from inspector.rules.rule import Rule
from inspector.rules.trust._checks import REFUTE, findings

__all__ = ["RULE"]


def _judge(facts: Facts) -> Iterator[Finding]:
    return findings(facts, RULE, N_("{connections} of {with_data} connections with data lack their handshake"))


RULE = Rule(
    id="T6",
    title_fail=N_("Connections whose beginning was not captured"),
    title_pass=N_("The beginning of every connection was captured"),
    why=N_("Window scales, the client's side and WebSocket handshakes are unknown there."),
    next_step=N_("Start the capture before the connections."),
    refute=REFUTE,
    severity=Severity.INFO,  # narrows what can be said; nothing is wrong with the traffic or the file
    side=Side.NOBODY,
    refs=(),
    judge=_judge,
)
