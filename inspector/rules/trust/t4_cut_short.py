"""T4: packets that were captured in part."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.analysis.facts import Facts
from inspector.i18n import N_
from inspector.model.finding import Finding, Severity, Side
from inspector.rules.rule import Rule
from inspector.rules.trust._checks import REFUTE, findings

__all__ = ["RULE"]


def _judge(facts: Facts) -> Iterator[Finding]:
    return findings(
        facts, RULE, N_("Of {packets} packets only the beginning was captured, at most {longest_captured_bytes} bytes")
    )


RULE = Rule(
    id="T4",
    title_fail=N_("Packets were cut short"),
    title_pass=N_("Packets were captured whole"),
    why=N_("What applications said is missing from the cut packets."),
    next_step=N_("Capture with a snap length of 0 (no limit)."),
    refute=REFUTE,
    severity=Severity.INFO,  # narrows what can be said; nothing is wrong with the traffic or the file
    side=Side.NOBODY,
    refs=(),
    judge=_judge,
)
