"""The two legs of proxied sessions: which connections of a recording belong together."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field

from inspector.errors import NotObservable
from inspector.i18n import _
from inspector.model.proxy_note import NoteKind, ProxyNote
from inspector.recording.capture import Capture
from inspector.recording.proxy_notes import proxy_notes
from inspector.recording.websockets import WebSocket, WebSockets

__all__ = ["ConnectionFinder", "Session", "read_sessions", "socket_pairs"]

Ends = tuple[str, int, str, int]


@dataclass(slots=True)
class Session:
    """A connection of the client leg, and what the proxy opened for it.

    Args:
        client_leg: Number of the connection between client and proxy; None where it was not recorded.
        server_legs: Numbers of those between proxy and servers, in the order in which they were opened.
        notes: What the proxy says of them, in order.
    """

    client_leg: int | None
    server_legs: list[int] = field(default_factory=list)
    notes: list[ProxyNote] = field(default_factory=list)


def read_sessions(capture: Capture, websockets: WebSockets) -> list[Session]:
    """Join the legs by the proxy's notes; where these were lost, by the keys of WebSocket handshakes, which pass unchanged.

    Args:
        capture: A recording of ``inspector proxy``.
        websockets: Of the same capture.

    Returns:
        Sessions in the order of their first connections.

    Raises:
        NotObservable: If the capture has no legs.
    """
    notes = proxy_notes(capture)
    linked = any(note.kind is NoteKind.OPENED for note in notes)
    sessions = _by_notes(capture, notes) if linked else _by_keys(websockets)
    if not sessions:
        raise NotObservable(
            _("this capture has no two legs to compare: record a session with inspector proxy --record FILE.pcapng")
        )
    return sessions


def _by_notes(capture: Capture, notes: list[ProxyNote]) -> list[Session]:
    connections = ConnectionFinder(capture)
    of: dict[int, Session] = {}
    for number in connections.of_client_leg():
        of[number] = Session(number)
    found = list(of.values())
    for note in notes:
        here = connections.find(note.client, note.server, note.time_ns)
        other = connections.find(note.other_client, note.other_server, note.time_ns)
        session = of.get(here if here is not None else -1) or of.get(other if other is not None else -1)
        if note.kind is NoteKind.OPENED and here is not None:
            if session is None:
                session = Session(other)
                found.append(session)
            session.server_legs.append(here)
            of[here] = session
        if session is not None:
            session.notes.append(note)
    return found


class ConnectionFinder:
    """Finds connections by their ends and by when they were open."""

    def __init__(self, capture: Capture) -> None:
        self._capture = capture
        self._by_ends: dict[Ends, list[tuple[int, int]]] = {}
        for connection in capture.connections:
            client, server = connection.client, connection.server
            ends = (client.address, client.port, server.address, server.port)
            self._by_ends.setdefault(ends, []).append((connection.start_ns, connection.number))

    def of_client_leg(self) -> list[int]:
        """The connections on an interface that is called so."""
        names = [interface.name or "" for interface in self._capture.interfaces]
        legs = [number for number, name in enumerate(names) if name.startswith("client leg")]
        table = self._capture.connections
        if not len(table):
            return []
        interfaces = self._capture.packets.interface[table.first_packet].tolist()
        return [number for number, interface in enumerate(interfaces) if interface in legs]

    def find(self, client: tuple[str, int] | None, server: tuple[str, int] | None, time_ns: int) -> int | None:
        """The connection with these ends that was opened last before a time."""
        if client is None or server is None:
            return None
        known = self._by_ends.get((_plain(client[0]), client[1], _plain(server[0]), server[1]), [])
        before = [number for start_ns, number in known if start_ns <= time_ns]
        return before[-1] if before else known[0][1] if known else None


def _plain(address: str) -> str:
    """An address as it is in the packets: without zone, IPv4 where it is mapped into IPv6."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    return str(getattr(parsed, "ipv4_mapped", None) or parsed)


def _by_keys(websockets: WebSockets) -> list[Session]:
    first: dict[bytes, WebSocket] = {}
    found = []
    for socket in websockets.connections:
        key = _key(socket)
        if not key:
            continue
        if key in first and first[key].connection != socket.connection:
            found.append(Session(first[key].connection, [socket.connection]))
        first[key] = socket
    return found


def _key(socket: WebSocket) -> bytes:
    return (socket.handshake.request.header("sec-websocket-key") or b"") if socket.handshake is not None else b""


def socket_pairs(websockets: WebSockets, session: Session) -> list[tuple[WebSocket | None, WebSocket | None]]:
    """The WebSockets of a session as ``(client leg, server leg)``: by the keys of their handshakes, else in order."""
    ours = [socket for socket in websockets.connections if socket.connection == session.client_leg]
    theirs = [socket for socket in websockets.connections if socket.connection in session.server_legs]
    pairs: list[tuple[WebSocket | None, WebSocket | None]] = []
    for socket in ours:
        key = _key(socket)
        twin = next((other for other in theirs if key and _key(other) == key), theirs[0] if theirs else None)
        if twin is not None:
            theirs.remove(twin)
        pairs.append((socket, twin))
    return pairs + [(None, socket) for socket in theirs]
