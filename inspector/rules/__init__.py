"""The rules, one per file."""

from __future__ import annotations

from inspector.model.finding import Finding, Outcome
from inspector.recording.capture import Capture
from inspector.rules import connection_refused, websocket_unclosed
from inspector.rules.rule import Rule

__all__ = ["RULES", "Rule", "run_rules"]

RULES: tuple[Rule, ...] = (connection_refused.RULE, websocket_unclosed.RULE)
"""Every rule; a test compares this list with the folder."""


def run_rules(capture: Capture) -> list[Finding]:
    """Judge a capture by every rule; a rule that finds nothing passes."""
    findings = []
    for rule in RULES:
        found = list(rule.judge(rule, capture))
        findings.extend(found or [Finding(rule.id, Outcome.PASS, rule.severity, rule.title_pass, refs=rule.refs)])
    return findings
