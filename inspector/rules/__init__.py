"""The rules, one per file, and judging a capture by them.

For a caller: ``diagnose(Facts(capture))`` gives a ``Diagnosis``: the verdict, the findings (the worst first, consequences
inside their cause), how every rule ended, and what was not examined. Texts in it are ``Text`` objects, said by ``str()`` in
the language that is chosen at that moment.
"""

from __future__ import annotations

from dataclasses import dataclass

from inspector.analysis.facts import Facts
from inspector.model.finding import Finding
from inspector.rules.registry import RULES
from inspector.rules.rule import Rule
from inspector.rules.run import RuleResult, run
from inspector.rules.verdict import NotExamined, Verdict, not_examined, reach_verdict

__all__ = ["RULES", "Diagnosis", "NotExamined", "Rule", "RuleResult", "Verdict", "diagnose"]


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Everything that the rules say about a capture.

    Args:
        verdict: The answer in one sentence.
        findings: Failures, warnings and what could not be decided; the worst first.
        results: How every rule ended, in the order of ``RULES``.
        not_examined: What no rule could look at.
    """

    verdict: Verdict
    findings: tuple[Finding, ...]
    results: tuple[RuleResult, ...]
    not_examined: tuple[NotExamined, ...]


def diagnose(facts: Facts) -> Diagnosis:
    """Judge a capture by every rule; the same capture gives the same diagnosis."""
    outcome = run(facts, RULES)
    return Diagnosis(reach_verdict(facts, outcome), outcome.findings, outcome.results, tuple(not_examined(facts)))
