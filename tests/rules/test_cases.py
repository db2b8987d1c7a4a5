"""Every rule fires where it must and stays silent where it must."""

from __future__ import annotations

from pathlib import Path

import pytest

from inspector.rules import RULES
from tests.rules import network_cases, websocket_cases
from tests.rules.cases import CASES, Case, check

_TABLES = (network_cases, websocket_cases)
"""Importing a table puts its cases into ``CASES``."""


@pytest.mark.parametrize("case", CASES, ids=str)
def test_case(case: Case, tmp_path: Path) -> None:
    check(case, tmp_path / "case.pcap")


def test_every_rule_with_cases_has_one_that_fires_and_a_near_miss() -> None:
    for rule in RULES:
        mine = [case.count > 0 for case in CASES if case.rule == rule.id]
        assert set(mine) in (set(), {True, False}), rule.id
