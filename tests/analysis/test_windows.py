"""Closed windows."""

from __future__ import annotations

from pathlib import Path

import inspector
from inspector.analysis.facts import Facts
from tests.packets import ACK, RST
from tests.rules.film import Film


def _facts(path: Path, film: Film) -> Facts:
    return Facts(inspector.open(film.write(path)))


def test_closed_windows_are_added_up_and_an_open_end_lasts_to_the_last_packet(tmp_path: Path) -> None:
    film = Film()
    tcp = film.tcp().open(0.0).get(0.1)
    for at, window in ((1.0, 0), (1.1, 0), (1.5, 100), (2.0, 0)):
        tcp.packet(at, True, ACK, window=window)
    tcp.packet(4.0, False, ACK)
    [blocked] = _facts(tmp_path / "a.pcap", film).blocked
    assert (blocked.times, blocked.blocked_ns, blocked.packets) == (2, 2_500_000_000, (6, 8, 9))


def test_a_window_that_opened_again_is_told_with_both_packets_and_a_reset_closes_none(tmp_path: Path) -> None:
    film = Film()
    tcp = film.tcp().open(0.0).get(0.1)
    for at, window in ((1.0, 0), (1.5, 100)):
        tcp.packet(at, True, ACK, window=window)
    tcp.packet(2.0, True, RST | ACK, window=0)
    [blocked] = _facts(tmp_path / "a.pcap", film).blocked
    assert (blocked.times, blocked.blocked_ns, blocked.packets) == (1, 500_000_000, (6, 7))
