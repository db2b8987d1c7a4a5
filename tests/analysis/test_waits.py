"""Whether the network had a part in a wait: only what happened on the same connection meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import inspector
from inspector.analysis.facts import Facts
from inspector.analysis.waits import undisturbed
from tests.packets import ACK, PSH
from tests.rules.film import START_NS, Film, Tcp


def _again(tcp: Tcp, at: float, apart: float = 0.3, **fields: int) -> None:
    """The same data twice."""
    for time in (at, at + apart):
        tcp.packet(time, True, PSH | ACK, b"abc", **fields)  # type: ignore[arg-type]  # numbers only
    tcp.seq[True] += 3


def _closed(tcp: Tcp, at: float) -> None:
    tcp.packet(at, False, ACK, window=0)
    tcp.packet(at + 0.1, False, ACK)


@pytest.mark.parametrize(
    ("script", "calm"),
    [
        (lambda one, other: None, True),
        (lambda one, other: _again(one, 2.2), False),
        (lambda one, other: _again(one, 1.0), True),
        (lambda one, other: _again(one, 4.0), True),
        (lambda one, other: _again(other, 2.2), True),
        (lambda one, other: _again(one, 2.2, 0.001, identification=7), True),  # recorded twice
        (lambda one, other: _closed(one, 2.2), False),
        (lambda one, other: _closed(one, 1.0), True),
        (lambda one, other: _closed(one, 4.0), True),
        (lambda one, other: _closed(other, 2.2), True),
    ],
)
def test_only_what_happened_meanwhile_on_the_connection_counts(
    tmp_path: Path, script: Callable[[Tcp, Tcp], None], calm: bool
) -> None:
    film = Film()
    one, other = (film.tcp().open(number * 0.1).get(0.5) for number in range(2))
    script(one, other)
    facts = Facts(inspector.open(film.write(tmp_path / "a.pcap")))
    assert undisturbed(facts, 0, (START_NS + 2 * 10**9, START_NS + 3 * 10**9)) is calm
