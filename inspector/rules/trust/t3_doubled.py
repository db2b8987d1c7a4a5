"""T3: packets that were recorded twice."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.analysis.facts import Facts
from inspector.analysis.trust import COPY_NS, LEAST_COPIES
from inspector.i18n import N_
from inspector.model.finding import Finding, Severity, Side
from inspector.rules.rule import Rule, Threshold
from inspector.rules.trust._checks import REFUTE, findings

__all__ = ["RULE"]


def _judge(facts: Facts) -> Iterator[Finding]:
    return findings(facts, RULE, N_("{copies} of {segments} segments are copies of another one"))


RULE = Rule(
    id="T3",
    title_fail=N_("Packets were recorded twice"),
    title_pass=N_("No packet was recorded twice"),
    why=N_("Copies of a mirror port look like retransmissions."),
    next_step=N_("Capture one direction of the mirror, or one interface; remove copies before counting."),
    refute=REFUTE,
    severity=Severity.WARNING,
    side=Side.NOBODY,
    refs=(),
    thresholds=(
        Threshold("COPY", COPY_NS / 1e6, "ms", N_("A mirror port delivers its copy within this time.")),
        Threshold("LEAST_COPIES", LEAST_COPIES, "copies", N_("Single packets are doubled by networks, too.")),
    ),
    judge=_judge,
)
