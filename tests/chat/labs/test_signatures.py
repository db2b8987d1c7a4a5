"""Labs are played for real, and their packets looked at.

One quick way through the servers here; ``INSPECTOR_LABS=3`` plays every lab on every server and way it has, three times
(`make labs`).
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from inspector.chat.labs import LABS
from inspector.chat.labs.run import Player, find_lab, run_lab
from inspector.chat.labs.truth import Pair, Truth, load
from inspector.errors import MissingPart

from ...tshark import require_tshark
from .signatures import SIGNATURES
from .wire import read

_QUICK = [
    ("origin-refused", "direct", "daphne", 1),
    ("exception-in-receive", "direct", "daphne", 1),
    ("no-handler", "direct", "daphne", 1),
    ("healthy-chat", "direct", "daphne", 1),
    ("no-handler", "direct", "uvicorn", 1),
    ("not-logged-in", "nginx", "daphne", 1),
    ("exception-in-receive", "nginx", "daphne", 2),
]
_TIMES = int(os.environ.get("INSPECTOR_LABS", "0"))


def _all() -> list[tuple[str, str, str, int]]:
    cases = [
        (lab.name, via, server, seed)
        for lab in LABS
        for via in lab.via
        for server in lab.servers
        for seed in range(1, _TIMES + 1)
    ]

    def stage(case: tuple[str, str, str, int]) -> tuple[object, ...]:
        """Labs of one stage one after the other."""
        needs = find_lab(case[0]).needs
        return case[2], case[1], sorted(needs.extras), repr(dataclasses.replace(needs, extras=frozenset())), case[0]

    return sorted(cases, key=stage)


@pytest.fixture(scope="module")
def player() -> Iterator[Player]:
    """Servers that are kept from one lab to the next."""
    pytest.importorskip("daphne", reason="the chat server's packages are not installed")
    with Player() as player:
        yield player


@pytest.mark.parametrize(("name", "via", "server", "seed"), _all() if _TIMES else _QUICK)
def test_a_lab_shows_its_signature(name: str, via: str, server: str, seed: int, player: Player, tmp_path: Path) -> None:
    require_tshark()
    try:
        result = run_lab(name, tmp_path, via=via, server=server, seed=seed, player=player)
    except MissingPart as missing:
        pytest.skip(str(missing))
    if result.capture is None:
        assert not _TIMES, result.not_captured
        pytest.skip(f"no packets: {result.not_captured}")
    truth = load(tmp_path / "truth.json")
    assert truth == result.truth and not truth.packets_dropped
    if not name.startswith("mix"):
        assert {fault.rule for fault in truth.faults} == set(find_lab(name).rules)
    connections = read(result.capture)
    _every_connection_has_its_place(truth, {Pair(c.client, c.server) for c in connections.values()})
    SIGNATURES[name](connections, truth)


def _every_connection_has_its_place(truth: Truth, seen: set[Pair]) -> None:
    fronts = set(truth.settings["fronts"].values())
    named = {pair for fault in truth.faults for pair in fault.connections} | set(truth.healthy)
    named |= {Pair(decoy.client, decoy.server) for decoy in truth.decoys}
    assert {pair for pair in seen if pair.server in fronts} == named
    behind = {pair for fault in truth.faults for pair in fault.upstream if pair is not None}
    assert behind <= {pair for pair in seen if pair.server not in fronts}


def test_every_lab_has_a_signature() -> None:
    assert set(SIGNATURES) == {lab.name for lab in LABS}
