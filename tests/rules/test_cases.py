"""Every rule fires where it must and stays silent where it must."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from inspector.rules import RULES
from tests.rules import (
    application_cases,
    channels_crash_cases,
    channels_cut_cases,
    channels_handshake_cases,
    channels_load_cases,
    channels_page_cases,
    channels_room_cases,
    channels_trace_cases,
    leg_cases,
    network_cases,
    notes_cases,
    socket_cases,
    trust_cases,
    websocket_cases,
    websocket_end_cases,
)
from tests.rules.cases import CASES, Case, check

_TABLES = (
    application_cases,
    channels_crash_cases,
    channels_cut_cases,
    channels_handshake_cases,
    channels_load_cases,
    channels_page_cases,
    channels_room_cases,
    channels_trace_cases,
    leg_cases,
    network_cases,
    notes_cases,
    socket_cases,
    websocket_cases,
    websocket_end_cases,
    trust_cases,
)
"""Importing a table puts its cases into ``CASES``."""


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
