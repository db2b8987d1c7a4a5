"""What each lab's capture must show, as measured on real servers; checked on raw packets, not by the analyser."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from inspector.chat.labs.truth import Truth

from .wire import Connection

__all__ = ["SIGNATURES", "Signature"]

# Daphne reaps dead applications once a second; a loaded machine is late.
TICK_S = 1.05
# Frames of one tick leave together.
SAME_TICK_S = 0.06
LATE_S = 1.5

Signature = Callable[[dict[str, Connection], Truth], None]


def _only(connections: dict[str, Connection], truth: Truth) -> Connection:
    """The connection of the lab's one fault."""
    (fault,) = truth.faults
    return connections[fault.connections[0].client]


def _refused(connection: Connection, truth: Truth, code: int, daphne: bytes) -> None:
    assert connection.status == code and not connection.frames("server")
    if truth.server == "daphne":
        if truth.via == "direct":
            assert connection.stream("server") == daphne
            assert connection.first_end[1:] == ("server", "fin")
        else:
            # nginx keeps the reason phrase: Daphne stays recognisable.
            assert connection.response.split("\r\n")[0].encode() == daphne.split(b"\r\n")[0]
            assert (connection.header("Server") or "").startswith("nginx")


def _crashed(connection: Connection, truth: Truth, trigger: float) -> float:
    """How an exception after accept() looks; returns when."""
    if truth.server == "daphne":
        (closed,) = connection.closes("server")
        assert (closed.code, len(closed.payload)) == (1011, 2)
        assert -0.01 <= closed.time - trigger <= TICK_S + LATE_S
        return closed.time
    assert not connection.closes("server")
    when, sender, how = connection.first_end
    assert (sender, how) == ("server", "fin")
    return when


def origin_refused(connections: dict[str, Connection], truth: Truth) -> None:
    connection = _only(connections, truth)
    _refused(connection, truth, 403, b"HTTP/1.1 403 Access denied\r\n\r\n")
    origin = connection.header("Origin", response=False)
    assert urlsplit(origin or "").netloc != connection.header("Host", response=False)
    assert "sessionid=" in (connection.header("Cookie", response=False) or "")


def not_logged_in(connections: dict[str, Connection], truth: Truth) -> None:
    connection = _only(connections, truth)
    _refused(connection, truth, 403, b"HTTP/1.1 403 Access denied\r\n\r\n")
    assert urlsplit(connection.header("Origin", response=False) or "").netloc == connection.server
    assert ("sessionid=" in (connection.header("Cookie", response=False) or "")) == (
        truth.faults[0].reason == "stale_cookie"
    )


def exception_in_receive(connections: dict[str, Connection], truth: Truth) -> None:
    connection = _only(connections, truth)
    data = [frame for frame in connection.frames("client") if frame.opcode in (1, 2)]
    assert len(data) == 3 and len(connection.texts("server")) == 2
    _crashed(connection, truth, data[2].time)


def no_handler(connections: dict[str, Connection], truth: Truth) -> None:
    (fault,) = truth.faults
    members = [connections[pair.client] for pair in fault.connections]
    assert len(members) == 3
    trigger = [frame for frame in members[0].frames("client") if frame.opcode == 1][1].time
    times = [_crashed(member, truth, trigger) for member in members]
    assert max(times) - min(times) < SAME_TICK_S


def healthy_chat(connections: dict[str, Connection], truth: Truth) -> None:
    assert not truth.faults and not truth.decoys
    sockets = [c for c in connections.values() if c.status == 101 and c.server == truth.settings["fronts"]["main"]]
    assert len(sockets) == 3
    for connection in sockets:
        assert connection.closes("client")[0].code == 1000 and connection.closes("server")
        assert len([text for _, text in connection.texts("server") if '"chat.message"' in text]) == 6


SIGNATURES: dict[str, Signature] = {
    "healthy-chat": healthy_chat,
    "origin-refused": origin_refused,
    "not-logged-in": not_logged_in,
    "exception-in-receive": exception_in_receive,
    "no-handler": no_handler,
}
