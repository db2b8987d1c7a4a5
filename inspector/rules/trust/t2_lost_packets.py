"""T2: packets that the capture itself lost."""

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
        facts,
        RULE,
        N_(
            "{unseen_bytes} bytes were acknowledged and never captured, beside {payload_bytes} that were, in "
            "{connections} connections"
        ),
    )


RULE = Rule(
    id="T2",
    title_fail=N_("The capture itself lost packets"),
    title_pass=N_("The capture lost nothing that was acknowledged"),
    why=N_("What the capture lost looks like loss on the network, and messages are missing."),
    next_step=N_("Capture with a larger buffer or a filter, to a faster disk."),
    refute=REFUTE,
    severity=Severity.WARNING,
    side=Side.NOBODY,
    refs=(),
    judge=_judge,
)
