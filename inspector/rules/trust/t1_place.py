"""T1: where the capture was made."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.analysis.facts import Facts
from inspector.analysis.trust import NEARER
from inspector.i18n import N_
from inspector.model.finding import Finding, Severity, Side
from inspector.rules.rule import Rule, Threshold
from inspector.rules.trust._checks import REFUTE, findings

__all__ = ["RULE"]


def _judge(facts: Facts) -> Iterator[Finding]:
    return findings(
        facts,
        RULE,
        N_(
            "{handshakes} handshakes, and no place fits them: SYN to answer {answer_ns} ns, answer to ACK {reply_ns} ns"
        ),
    )


RULE = Rule(
    id="T1",
    title_fail=N_("It cannot be told where the capture was made"),
    title_pass=N_("The place of the capture is known"),
    why=N_("Waiting times are split between client, network and server by the place of the capture."),
    next_step=N_("Say where it was captured, or capture at one end."),
    refute=REFUTE,
    severity=Severity.INFO,  # narrows what can be said; nothing is wrong with the traffic or the file
    side=Side.NOBODY,
    refs=(),
    thresholds=(
        Threshold("NEARER", NEARER, "times", N_("One half of the handshake this much longer tells the place.")),
    ),
    judge=_judge,
)
