"""T8: connections of which only one direction was captured."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.analysis.facts import Facts
from inspector.analysis.trust import LEAST_ONE_SIDED
from inspector.i18n import N_
from inspector.model.finding import Finding, Severity, Side
from inspector.rules.rule import Rule, Threshold
from inspector.rules.trust._checks import REFUTE, findings

__all__ = ["RULE"]


def _judge(facts: Facts) -> Iterator[Finding]:
    return findings(facts, RULE, N_("Of {connections} of {of} connections only one direction was captured"))


RULE = Rule(
    id="T8",
    title_fail=N_("Only one direction was captured"),
    title_pass=N_("Both directions were captured"),
    why=N_("Half of the conversation is missing: waits, losses and answers cannot be judged."),
    next_step=N_("Capture where both directions pass, or mirror both."),
    refute=REFUTE,
    severity=Severity.WARNING,
    side=Side.NOBODY,
    refs=(),
    thresholds=(Threshold("LEAST_ONE_SIDED", LEAST_ONE_SIDED, "packets", N_("By then an answer should have come.")),),
    judge=_judge,
)
