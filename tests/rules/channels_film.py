"""What Channels, Daphne, uvicorn and nginx were seen to send, for the cases of their rules."""

from __future__ import annotations

import base64
import json as encoding
import struct

from tests.packets import ACK, RST, SYN
from tests.rules.film import SERVER, START_NS, Film, Tcp

__all__ = [
    "DENIED", "FAILED", "HERE", "NGINX", "SESSION", "UVICORN", "crash", "echoes", "json", "nobody_listens", "ping", "refused",
    "room", "uvicorn",
]  # fmt: skip

DENIED = b"HTTP/1.1 403 Access denied\r\n\r\n"
FAILED = b"HTTP/1.1 500 Internal server error\r\n\r\n"
HERE = "Origin: http://chat.example\r\n"
SESSION = "Cookie: sessionid=abc\r\n"
UVICORN = "date: now\r\nserver: uvicorn\r\n"
NGINX = "Server: nginx/1.22.1\r\n"


def refused(film: Film, headers: str, answer: bytes = DENIED, at: float = 0.0, path: str = "/ws/chat/a/") -> Tcp:
    return film.tcp().open(at).ask(at + 0.02, path, headers).say(at + 0.04, False, answer).fin(at + 0.05, False)


def json(tcp: Tcp, at: float, from_client: bool, **value: object) -> Tcp:
    return tcp.text(at, from_client, encoding.dumps(value))


def ping(tcp: Tcp, at: float, count: int, *, answered: bool = True, phase: float = 0.0) -> Tcp:
    payload = struct.pack(">QI", START_NS + round((at + phase) * 1e9), count)
    tcp.frame(at, False, 9, payload)
    return tcp.frame(at + 0.011, True, 10, payload) if answered else tcp


def room(film: Film, count: int, path: str = "/ws/chat/room/") -> list[Tcp]:
    return [film.tcp().socket(number * 0.1, path) for number in range(count)]


def uvicorn(film: Film, at: float, path: str = "/ws/chat/room/", *, server_port: int = 80) -> Tcp:
    tcp = film.tcp(server_port)
    tcp.websocket_key = base64.b64encode(f"server {server_port:9}".encode()).decode()
    return tcp.open(at).ask(at + 0.02, path).switch(at + 0.04, UVICORN, upgrade="websocket")


def crash(tcp: Tcp, at: float) -> Tcp:
    """Daphne's end of a socket whose application failed."""
    return tcp.close(at, False, 1011).close(at + 0.011, True, 1011).rst(at + 0.02, False)


def nobody_listens(film: Film, at: float, server_port: int = 80, server: str = SERVER) -> None:
    tcp = film.tcp(server_port, server=server)
    tcp.packet(at, True, SYN, ack=0)
    tcp.packet(at + 0.01, False, RST | ACK, seq=0, ack=1001)


def echoes(
    film: Film, pause: float, *, at: float = 0.0, page: float | None = None, second: float | None = None
) -> None:
    """Two echo sockets whose last messages, 2 s after ``at``, wait; ``second`` is the wait of the other, the same by default."""
    for number in range(2):
        tcp = film.tcp().socket(at + number * 0.1, "/ws/echo/")
        for step in range(5):
            asked = at + 1.0 + step * 0.1 + number * 0.03
            tcp.text(asked, True, f"a{step}").text(asked + 0.011, False, f"a{step}")
        wait = pause if number == 0 or second is None else second
        tcp.text(at + 2.0 + number * 0.03, True, "last").text(at + 2.0 + wait + number * 0.005, False, "last")
    if page is not None:
        film.tcp().open(at + 1.9).get(at + 2.1, "/healthz").answer(at + 2.1 + page)
