"""Every rule fires where it must and stays silent where it must."""

from __future__ import annotations

import dataclasses
import importlib
from pathlib import Path

import pytest

from inspector.rules import RULES
from tests.rules.cases import CASES, Case, check

# Importing a table puts its cases into ``CASES``.
for _table in sorted(Path(__file__).parent.glob("*_cases.py")):
    if _table.stem != "test_cases":
        importlib.import_module(f"tests.rules.{_table.stem}")


@pytest.mark.parametrize("case", CASES, ids=str)
def test_case(case: Case, tmp_path: Path) -> None:
    check(case, tmp_path / "case.pcap")


def test_every_rule_has_a_case_that_fires_and_a_near_miss() -> None:
    for rule in RULES:
        mine = [case.count > 0 for case in CASES if case.rule == rule.id]
        assert set(mine) == {True, False}, rule.id


def test_a_case_notices_when_its_rule_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mute = tuple(dataclasses.replace(rule, judge=lambda facts: ()) for rule in RULES)
    monkeypatch.setattr("inspector.rules.RULES", mute)
    first = next(case for case in CASES if case.count)
    with pytest.raises(AssertionError):
        check(first, tmp_path / "case.pcap")
