"""Round trips."""

from __future__ import annotations

from pathlib import Path

import inspector
from inspector.analysis.facts import Facts
from tests.rules.film import Film


def _facts(path: Path, film: Film) -> Facts:
    return Facts(inspector.open(film.write(path)))


def test_the_handshake_tells_the_round_trip(tmp_path: Path) -> None:
    film = Film()
    film.tcp(rtt=0.03).open(0.0).get(0.1)
    assert _facts(tmp_path / "a.pcap", film).round_trip_ns.tolist() == [30_100_000]


def test_without_a_handshake_both_directions_are_added(tmp_path: Path) -> None:
    film = Film()
    film.tcp(rtt=0.03).get(0.1).answer(0.2)  # 30 ms there, 0.1 ms back: captured at the client
    assert _facts(tmp_path / "a.pcap", film).round_trip_ns.tolist() == [30_100_000]


def test_one_direction_tells_nothing(tmp_path: Path) -> None:
    film = Film()
    film.tcp().say(0.1, True, b"x", acked=False)
    assert _facts(tmp_path / "a.pcap", film).round_trip_ns.tolist() == [-1]
