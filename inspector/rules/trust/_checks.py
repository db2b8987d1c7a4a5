"""Telling a check of the capture (``analysis/trust`` works them out) as a finding of its rule."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.analysis.facts import Facts
from inspector.i18n import N_
from inspector.model.finding import Evidence, Finding, Outcome, Text, told
from inspector.rules.needs import Need
from inspector.rules.rule import Rule

__all__ = ["REFUTE", "findings"]

REFUTE = N_("Another capture of the same traffic that does not show it.")
_NOTHING = N_("The capture holds nothing by which this can be told.")


def findings(facts: Facts, rule: Rule, fact: str) -> Iterator[Finding]:
    """The finding of ``rule`` from the check with its id, none when the check holds.

    Args:
        facts: The capture's facts.
        rule: Which.
        fact: What was seen (translatable), with the check's numbers as placeholders.
    """
    check = facts.trust[rule.id]
    mixed = check.params.get("place") == "mixed"
    if check.holds is None and not mixed:
        yield Finding(
            rule=rule.id, outcome=Outcome.NOT_APPLICABLE, severity=rule.severity, title=Text(rule.title_fail),
            why=Text(Need.CAPTURED.value if "made_packets" in check.params else _NOTHING),
        )  # fmt: skip
    elif mixed or check.holds is False:
        places = (Evidence(packet) for packet in check.packets)
        params = {name: Text(value) if isinstance(value, str) else value for name, value in check.params.items()}
        yield rule.fail(*places, fact=told(fact, **params))
