"""Which sockets share a process, by the phase of their pings."""

from __future__ import annotations

import base64
from pathlib import Path

import inspector
from inspector.analysis.facts import Facts
from inspector.analysis.processes import phase_classes
from tests.rules.channels_film import NGINX, ping, room
from tests.rules.film import SERVER, Film

_MS = 1_000_000


def test_the_phases_measured_on_two_servers_are_two_classes() -> None:
    # Eight sockets through nginx on two Daphnes: phases 0.66 and 1.26 s of 2 (measured).
    measured = {number: (660 if number % 2 else 1260) * _MS + number * _MS for number in range(8)}
    assert phase_classes(measured) == {0: 1, 2: 1, 4: 1, 6: 1, 1: 0, 3: 0, 5: 0, 7: 0}


def test_phases_around_the_turn_of_the_tick_are_one_class() -> None:
    assert set(phase_classes({1: 1_995 * _MS, 2: 5 * _MS}).values()) == {0}


def test_phases_nearer_than_a_tenth_of_a_second_cannot_be_told_apart() -> None:
    assert set(phase_classes({1: 500 * _MS, 2: 599 * _MS}).values()) == {0}
    assert set(phase_classes({1: 500 * _MS, 2: 600 * _MS}).values()) == {0, 1}


def test_nothing_and_a_single_phase() -> None:
    assert phase_classes({}) == {}
    assert phase_classes({7: 123}) == {7: 0}


def _classes(path: Path, film: Film) -> dict[int, int]:
    return Facts(inspector.open(film.write(path))).processes


def test_sockets_of_one_phase_share_a_process_and_those_without_pings_are_left_out(tmp_path: Path) -> None:
    film = Film()
    members = room(film, 4)
    ping(members[0], 1.0, 1)
    ping(members[1], 1.05, 1)
    ping(members[2], 1.1, 1, phase=0.5)
    assert _classes(tmp_path / "a.pcap", film) == {0: 0, 1: 0, 2: 1}


def test_equal_phases_at_two_servers_are_two_processes(tmp_path: Path) -> None:
    film = Film()
    ping(film.tcp(8001).socket(0.0), 1.0, 1)
    other = film.tcp(8002)
    other.websocket_key = base64.b64encode(b"another handshake").decode()
    ping(other.socket(0.1), 1.0, 1)
    assert _classes(tmp_path / "a.pcap", film) == {0: 0, 1: 1}


def test_behind_a_proxy_the_address_tells_whatever_the_pings_say(tmp_path: Path) -> None:
    film = Film()
    for number, (port, phase) in enumerate(((8001, 0.0), (8002, 0.0), (8001, 1.0))):
        at = float(number)
        front = film.tcp()
        front.websocket_key = base64.b64encode(f"client {number:9}".encode()).decode()
        front.open(at).ask(at + 0.02)
        back = film.tcp(port, client=SERVER, server="10.0.0.3")
        back.websocket_key = front.websocket_key
        back.open(at + 0.03).ask(at + 0.05).switch(at + 0.07)
        front.switch(at + 0.09, NGINX)
        ping(front, 10.0 + number * 0.01, 1, phase=phase)
    assert _classes(tmp_path / "a.pcap", film) == {0: 0, 2: 1, 4: 0}
