"""Cases as data: captures on which a rule must fire, and near misses on which it must stay silent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import inspector
from inspector.analysis.facts import Facts
from inspector.analysis.settings import Settings
from inspector.analysis.trace_events import read_trace
from inspector.i18n import speaking
from inspector.model.finding import Finding, Text
from inspector.rules import Diagnosis, RuleResult, diagnose
from tests.rules.film import START_NS, Film

__all__ = ["CASES", "Case", "check", "compare", "declines", "facts_of", "findings_of", "fires", "judge", "silent"]

Script = Callable[[Film], None]


@dataclass(frozen=True)
class Case:
    """A capture and what a rule must say of it.

    Args:
        rule: Its id.
        script: Makes the capture.
        count: How many findings are expected; 0 for a near miss.
        outcome: Of the first finding; ``not_applicable`` where the rule must decline, and ``says`` is a part of why.
        expected: Attributes of the first finding; ``packets`` are those of its evidence, ``notes`` what is noted there,
            ``at`` is its time in seconds, ``says`` is a part of what it says
            (``says_ko``: in Korean).
        settings: What the server is set to.
    """

    rule: str
    script: Script
    count: int = 1
    outcome: str = "fail"
    expected: dict[str, Any] = field(default_factory=dict)  # Any: whatever the attribute holds
    settings: dict[str, float] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.rule}-{self.script.__name__.strip('_')}"


CASES: list[Case] = []
_WITHOUT_PACKETS = ("F24", "H7", "T7")
"""Rules that can find something without a packet to show: in the trace, and at the end of the file."""


def fires(
    rule: str, count: int = 1, outcome: str = "fail", settings: dict[str, float] | None = None, **expected: Any
) -> Callable[[Script], Script]:
    """Mark a capture on which ``rule`` must find something."""

    def mark(script: Script) -> Script:
        CASES.append(Case(rule, script, count, outcome, expected, settings or {}))
        return script

    return mark


def silent(*rules: str, settings: dict[str, float] | None = None) -> Callable[[Script], Script]:
    """Mark a near miss of these rules."""

    def mark(script: Script) -> Script:
        CASES.extend(Case(rule, script, 0, settings=settings or {}) for rule in rules)
        return script

    return mark


def declines(*rules: str, says: str) -> Callable[[Script], Script]:
    """Mark a capture of which these rules must say that they cannot judge it, and why."""

    def mark(script: Script) -> Script:
        CASES.extend(Case(rule, script, 0, "not_applicable", {"says": says}) for rule in rules)
        return script

    return mark


def facts_of(path: Path, script: Script, settings: dict[str, float] | None = None) -> Facts:
    """The facts of a script's capture, with its keys and the server's trace where it has them."""
    film = Film()
    script(film)
    keys = path.with_suffix(".keys") if film.keys else None
    if keys is not None:
        keys.write_bytes(film.keys)
    trace = path.with_suffix(".jsonl") if film.trace else None
    if trace is not None:
        trace.write_text("\n".join(film.trace) + "\n")
    return Facts(
        inspector.open(film.write(path), keys=keys),
        Settings(**(settings or {})),  # type: ignore[arg-type]
        read_trace(trace) if trace is not None else None,
    )


def judge(path: Path, script: Script, settings: dict[str, float] | None = None) -> Diagnosis:
    """What all rules say of a capture."""
    found = diagnose(facts_of(path, script, settings))
    broken = [f"{result.rule.id}: {result.why}" for result in found.results if result.outcome.value == "error"]
    assert not broken, broken
    return found


def findings_of(found: tuple[Finding, ...], rule: str) -> list[Finding]:
    """Findings of one rule, also those inside of others."""
    every = [*found, *(inner for finding in found for inner in finding.consequences)]
    return [finding for finding in every if finding.rule == rule]


def check(case: Case, path: Path) -> None:
    """Judge the case's capture and compare."""
    ran = judge(path, case.script, case.settings)
    compare(case, findings_of(ran.findings, case.rule), next(r for r in ran.results if r.rule.id == case.rule))


def compare(case: Case, found: list[Finding], result: RuleResult) -> None:
    """Compare what the rule found with what it must find."""
    if case.outcome == "not_applicable":
        assert result.outcome.value == case.outcome, result.outcome
        assert case.expected["says"] in str(result.why), str(result.why)
    assert len(found) == case.count, [str(f.fact) for f in found]
    if not found:
        return
    first = found[0]
    assert first.outcome.value == case.outcome
    if case.outcome != "undecidable":
        assert (case.outcome == "fail") == (first.severity.value == "error")
    assert first.evidence or first.rule in _WITHOUT_PACKETS
    assert all(item.packet > 0 for item in first.evidence)
    assert first.time_ns is not None or not first.connections
    assert str(first.title) and str(first.fact)
    for name, value in case.expected.items():
        if name == "says_ko":
            with speaking("ko"):
                assert value in str(first.fact), str(first.fact)
            continue
        if name == "says":
            assert value in str(first.fact), str(first.fact)
            continue
        assert _attribute(first, name) == value, name


def _attribute(finding: Finding, name: str) -> Any:
    if name == "packets":
        return [item.packet for item in finding.evidence]
    if name == "notes":
        return [str(item.note) for item in finding.evidence]
    if name == "count":
        return len(finding.connections)
    if name == "at":
        assert finding.time_ns is not None
        return round((finding.time_ns - START_NS) / 1e9, 3)
    value = getattr(finding, name)
    return str(value) if isinstance(value, Text) else getattr(value, "value", value)
