"""Which sockets share a process, by the phase of their pings."""

from __future__ import annotations

from pathlib import Path

import inspector
from inspector.analysis.facts import Facts
from inspector.analysis.processes import phase_classes
from inspector.analysis.servers import Program, ping_clock
from tests.rules.film import START_NS, Film

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


def test_daphnes_ping_carries_its_clock_and_others_do_not() -> None:
    payload = START_NS.to_bytes(8, "big") + (3).to_bytes(4, "big")
    assert ping_clock(payload, START_NS + 1000) == (START_NS, 3)
    assert ping_clock(b"\x01\x02\x03\x04", START_NS) is None
    assert ping_clock(bytes(12), START_NS) is None


def test_a_server_is_known_by_what_a_proxy_leaves_of_it(tmp_path: Path) -> None:
    film = Film()
    nginx = "Server: nginx/1.22.1\r\n"
    film.tcp(8001).open(0.0).ask(0.02).switch(0.04, nginx)  # Upgrade: WebSocket, as Daphne writes it
    film.tcp(8002).open(0.0).ask(0.02).switch(0.04, "server: uvicorn\r\n", upgrade="websocket")
    film.tcp(8003).open(0.0).get(0.02).answer(0.04, "404 Not Found", "Server: WSGIServer/0.2 CPython/3.11\r\n")
    film.tcp(8004).open(0.0).get(0.02).answer(0.04, "200 OK", "Server: Apache\r\n")
    found = Facts(inspector.open(film.write(tmp_path / "a.pcap"))).servers
    told = {address.rpartition(":")[2]: (known.program, known.proxied) for address, known in found.items()}
    assert told == {
        "8001": (Program.DAPHNE, True),
        "8002": (Program.UVICORN, False),
        "8003": (Program.WSGI, False),
        "8004": (Program.UNKNOWN, False),
    }
