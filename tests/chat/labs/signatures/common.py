"""What several signatures share."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from inspector.chat.labs.truth import Truth

from ..wire import Connection

__all__ = [
    "LATE_S",
    "SAME_TICK_S",
    "TICK_S",
    "Signature",
    "affected",
    "asked",
    "crashed",
    "data_frames",
    "only",
    "refused",
    "reset",
    "spread",
    "upstream",
]

# Daphne reaps dead applications once a second.
TICK_S = 1.05
# Frames of one tick leave together.
SAME_TICK_S = 0.06
# How late a loaded machine may be.
LATE_S = 1.5

Connections = dict[str, Connection]
Signature = Callable[[Connections, Truth], None]


def affected(connections: Connections, truth: Truth) -> list[Connection]:
    """The connections of the lab's first fault."""
    return [connections[pair.client] for pair in truth.faults[0].connections]


def only(connections: Connections, truth: Truth) -> Connection:
    """The connection of the lab's one fault."""
    (fault,) = truth.faults
    (connection,) = affected(connections, truth)
    assert fault.time_ns / 1e9 <= connection.packets[-1].time + 0.001
    return connection


def upstream(connections: Connections, truth: Truth) -> Connection:
    """What stands behind it at the server."""
    (pair,) = truth.faults[0].upstream
    assert pair is not None
    return connections[pair.client]


def asked(connection: Connection) -> float:
    """When the request was sent."""
    return next(p.time for p in connection.packets if p.sender == "client" and p.payload)


def data_frames(connection: Connection, sender: str) -> list[float]:
    """Times of the data frames of one side."""
    return [frame.time for frame in connection.frames(sender) if frame.opcode in (1, 2)]


def spread(times: Sequence[float]) -> float:
    """From the first to the last."""
    return max(times) - min(times)


def refused(connection: Connection, truth: Truth, code: int, daphne: bytes, within: float = LATE_S) -> None:
    """A handshake that is answered with a status; from Daphne exactly these bytes, then FIN."""
    assert connection.status == code and not connection.frames("server")
    assert connection.header("Upgrade", response=False)
    first = next(p.time for p in connection.packets if p.sender == "server" and p.payload)
    assert first - asked(connection) <= within
    if truth.server == "daphne" and truth.via == "direct":
        assert connection.stream("server") == daphne
        assert connection.first_end[1:] == ("server", "fin")
    elif truth.server == "daphne":
        # nginx keeps the reason phrase: Daphne stays recognisable.
        assert connection.response.split("\r\n")[0].encode() == daphne.split(b"\r\n")[0]
        assert (connection.header("Server") or "").startswith("nginx")


def crashed(connection: Connection, truth: Truth, trigger: float | None = None) -> float:
    """How an exception after accept() looks; returns when."""
    if truth.server == "daphne":
        (closed,) = connection.closes("server")
        assert (closed.code, len(closed.payload)) == (1011, 2)
        when = closed.time
        if truth.via == "direct":
            # Daphne ends with a RST once the client has answered (K7).
            assert connection.ends()[0][1:] == ("server", "rst") and connection.closes("client")
    else:
        assert not connection.closes("server")
        when, sender, how = connection.first_end
        assert (sender, how) == ("server", "fin")
    if trigger is not None:
        assert -0.01 <= when - trigger <= TICK_S + LATE_S
    return when


def reset(connection: Connection, truth: Truth) -> float:
    """A RST of the server without a Close frame, which nginx turns into a FIN; returns when."""
    assert not connection.closes("server")
    when, sender, how = connection.first_end
    assert sender == "server" and how in ({"rst"} if truth.via == "direct" else {"rst", "fin"})
    return when
