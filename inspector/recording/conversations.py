"""What was said in HTTP on one connection, and whether it became a WebSocket (see ``websockets``)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from inspector.model.http import Exchange
from inspector.recording.exchanges import read_http
from inspector.recording.streams import Stream

if TYPE_CHECKING:
    from inspector.recording.capture import Capture

__all__ = ["Conversation", "converse"]


@dataclass(slots=True)
class Conversation:
    """What the application said on one connection.

    Args:
        connection: Its number.
        client, server: The two streams.
        exchanges: HTTP, in order of requests.
    """

    connection: int
    client: Stream
    server: Stream
    exchanges: list[Exchange] = field(default_factory=list)

    @property
    def upgraded(self) -> bool:
        """Whether the connection became a WebSocket."""
        last = self.exchanges[-1].response if self.exchanges else None
        return last is not None and last.status == 101 and (last.header("upgrade") or b"").lower() == b"websocket"


def converse(capture: Capture, connection: int) -> Conversation | None:
    """Decode a connection; None when it is not known who the client is.

    Raises:
        UsageError: If there is no such connection.
    """
    client_side = int(capture.connections.client[connection])
    if client_side < 0:
        return None
    said = read_http(capture, connection, client_side)
    return Conversation(connection, said.client, said.server, said.http.exchanges)
