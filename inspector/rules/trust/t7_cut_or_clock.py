"""T7: a file that is cut off, a clock that steps back."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.analysis.facts import Facts
from inspector.analysis.trust import STEP_NS
from inspector.i18n import N_
from inspector.model.finding import Finding, Severity, Side
from inspector.rules.rule import Rule, Threshold
from inspector.rules.trust._checks import REFUTE, findings

__all__ = ["RULE"]


def _judge(facts: Facts) -> Iterator[Finding]:
    return findings(
        facts, RULE, N_("Cut off: {cut_off}; the clock steps back {steps_back} times, by at most {largest_step_ns} ns")
    )


RULE = Rule(
    id="T7",
    title_fail=N_("The file is cut off, or its clock steps back"),
    title_pass=N_("The file is whole and its clock goes forward"),
    why=N_("Times and orders around a step cannot be believed, and what is behind the cut is unknown."),
    next_step=N_("End captures properly; keep the clock steady while capturing."),
    refute=REFUTE,
    severity=Severity.WARNING,
    side=Side.NOBODY,
    refs=(),
    thresholds=(Threshold("STEP", STEP_NS / 1e6, "ms", N_("Capture queues are out of step by less than this.")),),
    judge=_judge,
)
