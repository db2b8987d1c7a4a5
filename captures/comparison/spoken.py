"""Which protocol is spoken on which port, and of which Wireshark has to be told: it goes by the port's usual protocol."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from captures.programs import environment, need_program
from inspector.recording.application import Applications, speaks_http1, speaks_http2
from inspector.recording.secrets import secrets_inside

if TYPE_CHECKING:
    from inspector.recording.capture import Capture

__all__ = ["Spoken", "spoken_protocols"]

_SECONDS = 30.0
"""For the list of ports; it takes a quarter of a second."""
_USUAL = {"HTTP": 80, "TLS": 443}
_UNKNOWN = ("HTTP2", "WebSocket")
"""What Wireshark takes for nothing on any port: HTTP/2 in the clear, the rest of a WebSocket."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """What Wireshark is told.

    Args:
        decode_as: For all of the capture: ports on which one protocol is spoken.
        apart: Connections for which it is told in a run of their own, by protocol: their port has others as well.
        ports: The server's port by connection, of those.
    """

    decode_as: dict[tuple[str, int], str]
    apart: dict[str, set[int]] = field(default_factory=dict)
    ports: dict[int, int] = field(default_factory=dict)


def spoken_protocols(capture: Capture) -> Spoken:
    """Recognise the protocols of all connections by their bytes, and find what Wireshark would take for another one."""
    by_port: dict[int, dict[int, str | None]] = {}
    for number, port, name in _connections(capture):
        by_port.setdefault(port, {})[number] = name
    found = Spoken({})
    for port, connections in by_port.items():
        names = set(connections.values())
        for name in sorted(filter(None, names)):
            if not _must_be_told(name, port):
                continue
            if len(names) == 1:
                found.decode_as["tcp.port", port] = name
                continue
            if name == "WebSocket":
                continue  # there is a reason for these
            numbers = {number for number, other in connections.items() if other == name}
            found.apart.setdefault(name, set()).update(numbers)
            found.ports.update(dict.fromkeys(numbers, port))
    return found


def _connections(capture: Capture) -> list[tuple[int, int, str | None]]:
    """Number, server's port and protocol of every connection that carried something."""
    applications = Applications(capture, secrets_inside(capture))
    sockets = {socket.connection for socket in capture.websockets.connections if socket.client.searched}
    found: list[tuple[int, int, str | None]] = []
    for number in range(len(capture.connections)):
        application = applications.of(number)
        if not application.client.end and not application.server.end:
            continue
        if application.tls is not None:
            name: str | None = "TLS"
        elif speaks_http2(application):
            name = "HTTP2"
        elif number in sockets:
            name = "WebSocket"
        else:
            name = "HTTP" if speaks_http1(application) else None
        flow = int(capture.connections.flow[number])
        table = capture.flows
        found.append((number, int((table.b_port if application.client_side == 0 else table.a_port)[flow]), name))
    return found


def _must_be_told(name: str, port: int) -> bool:
    """Whether Wireshark would not find the protocol on this port by itself."""
    if name in _UNKNOWN:
        return True
    if port == _USUAL[name]:
        return False
    usual = _usual_protocols(need_program("tshark").path).get(port)
    return usual is not None and usual != name.lower()


@lru_cache(maxsize=4)
def _usual_protocols(path: str) -> dict[int, str]:
    """Wireshark's protocol of each TCP port, as tshark lists them; empty where it does not."""
    try:
        done = subprocess.run(
            [path, "-G", "decodes"],
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=_SECONDS,
            check=False,
            env=environment(Path(os.devnull)),
        )
    except subprocess.TimeoutExpired:
        return {}
    rows = (line.split(b"\t") for line in done.stdout.splitlines() if line.startswith(b"tcp.port\t"))
    return {int(row[1]): row[2].decode() for row in rows if len(row) == 3 and row[1].isdigit()}
