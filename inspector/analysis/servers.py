"""Which program answered: servers told apart by what they send, whatever their headers are rewritten to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from inspector.model.http import HttpMessage

if TYPE_CHECKING:
    from inspector.analysis.facts import Facts

__all__ = ["Program", "ServerFacts", "ping_clock", "server_facts"]


class Program(StrEnum):
    """Programs that can be told from the wire."""

    DAPHNE = "daphne"
    UVICORN = "uvicorn"
    HYPERCORN = "hypercorn"
    WSGI = "wsgi"
    """Anything that speaks WSGI: no WebSocket can come of it."""
    UNKNOWN = "unknown"


@dataclass(slots=True)
class ServerFacts:
    """What answers at an address.

    Args:
        program: Who made the answers.
        proxied: A proxy's name stands on them (``nginx``), so its timeouts and its way of closing count.
    """

    program: Program = Program.UNKNOWN
    proxied: bool = False


_DAY_NS = 86_400 * 10**9
_WSGI = ("wsgiserver", "gunicorn", "uwsgi", "waitress", "mod_wsgi")


def ping_clock(payload: bytes, time_ns: int) -> tuple[int, int] | None:
    """Daphne's ping: 8 bytes of its wall clock in ns, 4 of a count (big endian); None when it is no such ping."""
    if len(payload) != 12:
        return None
    clock, count = int.from_bytes(payload[:8], "big"), int.from_bytes(payload[8:], "big")
    return (clock, count) if abs(clock - time_ns) < _DAY_NS else None


def server_facts(facts: Facts) -> dict[str, ServerFacts]:
    """By server address and port, what answers there."""
    found: dict[str, ServerFacts] = {}
    for item in facts.exchanges:
        response = item.exchange.response
        if response is None:
            continue
        known = found.setdefault(facts.server_name(item.connection), ServerFacts())
        name = (response.header("server") or b"").lower().decode("latin-1")
        if name.startswith("nginx"):
            known.proxied = True
        program = _program(name, response)
        if known.program in (Program.UNKNOWN, Program.WSGI) and program is not Program.UNKNOWN:
            known.program = program
    for socket in facts.sockets:
        known = found.setdefault(socket.server_name, ServerFacts())
        if known.program is Program.UNKNOWN:
            known.program = _by_pings(socket.server_pings)
    return found


def _program(name: str, response: HttpMessage) -> Program:
    """Told by one response; notes of versions: Daphne 4.2, uvicorn 0.54, hypercorn 0.18."""
    for program in (Program.DAPHNE, Program.UVICORN, Program.HYPERCORN):
        if name.startswith(program.value):
            return program
    if name.startswith(_WSGI):
        return Program.WSGI
    reason = response.first_line.split(b" ", 2)[2:]
    if response.status == 101 and response.header("upgrade") == b"WebSocket":
        return Program.DAPHNE
    if (response.status, reason) in ((403, [b"Access denied"]), (500, [b"Internal server error"])):
        return Program.DAPHNE
    return Program.UNKNOWN


def _by_pings(pings: list[tuple[int, int, bytes]]) -> Program:
    if any(ping_clock(payload, time_ns) for _, time_ns, payload in pings):
        return Program.DAPHNE
    if pings and all(len(payload) == 4 for _, _, payload in pings):
        return Program.UVICORN
    return Program.UNKNOWN
