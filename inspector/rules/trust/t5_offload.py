"""T5: sizes and checksums that the network card finishes later."""

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
            "{larger_than_mss} segments are larger than the other side can take, {wrong_checksums} checksums "
            "are unfinished"
        ),
    )


RULE = Rule(
    id="T5",
    title_fail=N_("Sizes and checksums are not those of the wire"),
    title_pass=N_("Sizes and checksums are those of the wire"),
    why=N_("The network card cuts and sums packets later (offload): sizes and checksums say nothing here."),
    next_step=N_(
        "Nothing, as long as sizes and checksums do not matter; else switch offload off, or capture elsewhere."
    ),
    refute=REFUTE,
    severity=Severity.INFO,  # narrows what can be said; nothing is wrong with the traffic or the file
    side=Side.NOBODY,
    refs=(),
    judge=_judge,
)
