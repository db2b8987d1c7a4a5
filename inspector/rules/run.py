"""Runs the rules: narrows what each may judge, survives the failure of one, folds consequences, orders, caps."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inspector.analysis.facts import Facts
from inspector.model.finding import NOTHING, Confidence, Finding, Outcome, Severity, Text
from inspector.rules.needs import eligible, missing
from inspector.rules.rule import Rule

__all__ = ["MOST_EVIDENCE", "MOST_FINDINGS", "RuleResult", "Run", "run"]

MOST_EVIDENCE = 8
"""Places per finding: what one person looks at; the rest says the same."""
MOST_FINDINGS = 100
"""Findings per rule and outcome; what fails more often than this fails for one reason, and the rest is counted."""

_TOLD = (Outcome.FAIL, Outcome.WARN, Outcome.UNDECIDABLE)
_OUTCOMES = list(Outcome)
_SEVERITIES = list(Severity)
_CONFIDENCES = list(Confidence)


@dataclass(frozen=True, slots=True)
class RuleResult:
    """How one rule ended.

    Args:
        rule: Which.
        outcome: The worst of its findings; pass when there is none.
        why: For not applicable: the reason; for an error: what broke.
        findings: How many it made.
    """

    rule: Rule
    outcome: Outcome
    why: Text = NOTHING
    findings: int = 0


@dataclass(frozen=True, slots=True)
class Run:
    """What all rules said.

    Args:
        results: One per rule, in the order of the rules.
        findings: Failures, warnings and what could not be decided; the worst first, consequences inside their cause.
    """

    results: tuple[RuleResult, ...]
    findings: tuple[Finding, ...]


def run(facts: Facts, rules: Sequence[Rule]) -> Run:
    """Judge a capture by the rules; the same capture gives the same result."""
    results, findings = [], []
    for rule in rules:
        result, found = _judge(facts, rule)
        results.append(result)
        findings.extend(found)
    return Run(tuple(results), tuple(_ordered(_fold(findings, rules), rules)))


def _judge(facts: Facts, rule: Rule) -> tuple[RuleResult, list[Finding]]:
    try:
        why = missing(facts, rule.needs)
        if why is not None:
            return RuleResult(rule, Outcome.NOT_APPLICABLE, why), []
        found = _narrowed(rule.judge(facts), eligible(facts, rule.needs))
    except Exception as error:  # one broken rule must not take the others with it; it is told in the report
        return RuleResult(rule, Outcome.ERROR, Text("{error}", {"error": f"{type(error).__name__}: {error}"})), []
    told = [finding for finding in found if finding.outcome in _TOLD]
    if not told:
        if found:  # the rule itself says that it does not apply
            return RuleResult(rule, Outcome.NOT_APPLICABLE, found[0].why), []
        return RuleResult(rule, Outcome.PASS), []
    worst = min((finding.outcome for finding in told), key=_OUTCOMES.index)
    return RuleResult(rule, worst, findings=len(told)), _capped(told)


def _narrowed(found: Iterable[Finding], mask: NDArray[np.bool_]) -> list[Finding]:
    """Findings about connections that the rule may judge, or about none."""
    return [f for f in found if not f.connections or any(mask[number] for number in f.connections)]


def _capped(found: list[Finding]) -> list[Finding]:
    """At most so many findings of each outcome, the last of them knowing how many were left out."""
    kept: list[Finding] = []
    for outcome in _TOLD:
        same = [_fewer_places(finding) for finding in found if finding.outcome is outcome]
        if len(same) > MOST_FINDINGS:
            last = dataclasses.replace(same[MOST_FINDINGS - 1], more=len(same) - MOST_FINDINGS)
            same = [*same[: MOST_FINDINGS - 1], last]
        kept += same
    return kept


def _fewer_places(finding: Finding) -> Finding:
    places = tuple(dict.fromkeys(finding.evidence))[:MOST_EVIDENCE]
    return dataclasses.replace(finding, evidence=places)


# --- folding -----------------------------------------------------------------------------------------------------------


def _fold(findings: list[Finding], rules: Sequence[Rule]) -> list[Finding]:
    """Put each finding into the one that explains it: its rule says so and all of its connections are concerned."""
    explains = {rule.id: set(rule.explains) for rule in rules}
    of_connection: dict[int, list[int]] = {}
    for index, finding in enumerate(findings):
        for number in finding.connections:
            of_connection.setdefault(number, []).append(index)
    causes: dict[int, int] = {}
    for index, finding in enumerate(findings):
        if not finding.connections:
            continue
        near = of_connection.get(finding.connections[0], ())
        candidates = [
            other
            for other in near
            if finding.rule in explains[findings[other].rule]
            and set(finding.connections) <= set(findings[other].connections)
        ]
        if candidates:
            causes[index] = min(candidates, key=lambda other: (_rank(findings[other]), other))
    inside: dict[int, list[Finding]] = {}
    for index in causes:
        root = causes[index]
        while root in causes:  # ends: no rule explains itself, directly or through others (tested)
            root = causes[root]
        inside.setdefault(root, []).append(findings[index])
    return [
        dataclasses.replace(finding, consequences=tuple(inside[index])) if index in inside else finding
        for index, finding in enumerate(findings)
        if index not in causes
    ]


def _rank(finding: Finding) -> tuple[int, int, int]:
    return (
        _OUTCOMES.index(finding.outcome),
        _SEVERITIES.index(finding.severity),
        _CONFIDENCES.index(finding.confidence),
    )


def _ordered(findings: list[Finding], rules: Sequence[Rule]) -> list[Finding]:
    """The worst first, then the surest, then in the order of rules and time."""
    place = {rule.id: index for index, rule in enumerate(rules)}
    return sorted(
        findings, key=lambda f: (_rank(f), place[f.rule], f.time_ns if f.time_ns is not None else -1, f.connections)
    )
