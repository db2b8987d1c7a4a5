"""What a rule is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from inspector.analysis.facts import Facts
from inspector.model.finding import Confidence, Evidence, Finding, Outcome, Severity, Side, Text
from inspector.refs import Ref
from inspector.rules.needs import Need

__all__ = ["Rule", "Threshold"]


@dataclass(frozen=True, slots=True)
class Threshold:
    """A number that a rule compares with.

    Args:
        name: What it is called.
        value: The number.
        unit: Of it, e.g. ``"ns"``.
        reason: Why this number (translatable).
    """

    name: str
    value: float
    unit: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One thing that can be wrong with a capture.

    Args:
        id: Short stable name, e.g. ``"N2"``.
        title_fail, title_pass: One sentence for either outcome (translatable).
        why: Why it matters (translatable).
        next_step: What to do next (translatable).
        refute: What would show that a finding of this rule is wrong (translatable).
        severity: Of a failure.
        side: Whose fault a failure is, where the finding does not say otherwise.
        refs: Sections of standards, or the documents that state it.
        needs: What a connection must offer to be judged; findings on others are dropped.
        explains: Ids of rules whose findings on the same connections are consequences of this one's.
        thresholds: Numbers that it compares with.
        judge: Yields a finding for whatever fails or cannot be decided; nothing when all is well.
    """

    id: str
    title_fail: str
    title_pass: str
    why: str
    next_step: str
    refute: str
    severity: Severity
    side: Side
    refs: tuple[Ref, ...]
    judge: Callable[[Facts], Iterable[Finding]]
    needs: tuple[Need, ...] = ()
    explains: tuple[str, ...] = ()
    thresholds: tuple[Threshold, ...] = ()

    # Any: the fields of Finding, checked by it.
    def fail(self, *evidence: Evidence, **fields: Any) -> Finding:
        """A failure of this rule: a warning when its severity is one, else a fault."""
        outcome = Outcome.FAIL if self.severity is Severity.ERROR else Outcome.WARN
        return self._finding(evidence, {"outcome": outcome} | fields)

    def warn(self, *evidence: Evidence, **fields: Any) -> Finding:
        """Something that deserves a look and broke nothing."""
        return self._finding(evidence, {"outcome": Outcome.WARN, "severity": Severity.WARNING} | fields)

    def undecidable(self, *evidence: Evidence, why: Text, **fields: Any) -> Finding:
        """The capture shows that something is wrong but cannot tell whether it is this; ``why`` says what would."""
        start = {"outcome": Outcome.UNDECIDABLE, "why": why, "confidence": Confidence.UNCLEAR}
        return self._finding(evidence, start | fields)

    def _finding(self, evidence: tuple[Evidence, ...], fields: dict[str, Any]) -> Finding:
        start: dict[str, Any] = {
            "severity": self.severity,
            "title": Text(self.title_fail),
            "side": self.side,
            "refs": self.refs,
            "refute": Text(self.refute),
        }
        return Finding(rule=self.id, evidence=evidence, **(start | fields))
