"""Which program answers, whatever a proxy makes of its headers."""

from __future__ import annotations

from pathlib import Path

import inspector
from inspector.analysis.facts import Facts
from inspector.analysis.servers import Program, ping_clock
from tests.rules.channels_film import DENIED, FAILED, NGINX, UVICORN, ping
from tests.rules.film import START_NS, Film
from tests.rules.websocket_cases import over_http2


def _told(path: Path, film: Film) -> dict[str, tuple[Program, bool]]:
    """Program and whether a proxy's name stands on its answers, by port."""
    found = Facts(inspector.open(film.write(path))).servers
    return {address.rpartition(":")[2]: (known.program, known.proxied) for address, known in found.items()}


def test_daphnes_ping_carries_its_clock_and_others_do_not() -> None:
    clock = START_NS.to_bytes(8, "big")
    assert ping_clock(clock + (3).to_bytes(4, "big"), START_NS + 1000) == (START_NS, 3)
    assert ping_clock(b"\x01\x02\x03\x04", START_NS) is None
    assert ping_clock(clock, START_NS) is None
    assert ping_clock(bytes(12), START_NS) is None


def test_a_server_is_known_by_what_it_answers_and_a_proxy_leaves_of_it(tmp_path: Path) -> None:
    film = Film()
    film.tcp(8001).open(0.0).ask(0.02).switch(0.04, NGINX)  # Upgrade: WebSocket, as Daphne writes it
    film.tcp(8002).open(0.0).ask(0.02).switch(0.04, UVICORN, upgrade="websocket")
    wsgi = film.tcp(8003).open(0.0).get(0.02).answer(0.04, "404 Not Found", "Server: WSGIServer/0.2 CPython/3.11\r\n")
    wsgi.get(0.1).answer(0.2)
    film.tcp(8004).open(0.0).get(0.02).answer(0.04, "200 OK", "Server: Apache\r\n")
    for port, answer in ((8005, DENIED), (8006, FAILED)):
        film.tcp(port).open(0.0).ask(0.02).say(0.04, False, answer).fin(0.05, False)
    film.tcp(8007).open(0.0).ask(0.02).answer(0.04, "403 Forbidden", NGINX)
    film.tcp(8008).open(0.0).get(0.02).answer(0.04, "426 Upgrade Required", "Upgrade: WebSocket\r\n")
    film.tcp(8009).open(0.0).get(0.02)
    assert _told(tmp_path / "a.pcap", film) == {
        "8001": (Program.DAPHNE, True),
        "8002": (Program.UVICORN, False),
        "8003": (Program.WSGI, False),
        "8004": (Program.UNKNOWN, False),
        "8005": (Program.DAPHNE, False),
        "8006": (Program.DAPHNE, False),
        "8007": (Program.UNKNOWN, True),
        "8008": (Program.UNKNOWN, False),
    }


def test_a_server_whose_answers_say_nothing_is_known_by_its_pings(tmp_path: Path) -> None:
    film = Film()
    sockets = [film.tcp(8001 + number).open(0.0).ask(0.02).switch(0.04, "", upgrade="websocket") for number in range(5)]
    ping(sockets[0], 1.0, 1)
    for socket, payloads in zip(sockets[1:], ([b"abcd", b"efgh"], [b"abcd", b"efghi"], [], [b""]), strict=True):
        for payload in payloads:
            socket.frame(2.0, False, 9, payload)
    ping(film.tcp(8006).socket(0.0, server=UVICORN), 1.0, 1)
    assert {port: program for port, (program, _) in _told(tmp_path / "a.pcap", film).items()} == {
        "8001": Program.DAPHNE,
        "8002": Program.UVICORN,
        "8003": Program.UNKNOWN,
        "8004": Program.UNKNOWN,
        "8005": Program.UNKNOWN,
        "8006": Program.UVICORN,
    }


def test_a_proxy_is_known_by_its_answers_over_http2(tmp_path: Path) -> None:
    film = Film()
    over_http2(film, (":method", "GET"), server="nginx")
    assert _told(tmp_path / "a.pcap", film) == {"80": (Program.UNKNOWN, True)}
