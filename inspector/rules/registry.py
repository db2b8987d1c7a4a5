"""All rules in one place."""

from __future__ import annotations

from inspector.rules.network import n2_refused
from inspector.rules.rule import Rule
from inspector.rules.websocket import w06_unclosed

__all__ = ["RULES", "rule_by_id"]

RULES: tuple[Rule, ...] = (
    n2_refused.RULE,
    w06_unclosed.RULE,
)
"""Every rule, in the order in which equal findings are told; a test compares this list with the folders."""


def rule_by_id(id_: str) -> Rule | None:
    """The rule with this id, letters in any case; None when there is none."""
    return next((rule for rule in RULES if rule.id.lower() == id_.lower()), None)
