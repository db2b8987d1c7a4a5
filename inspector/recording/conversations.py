"""Runs the wire decoders over a connection's two streams: exchanges, then WebSocket frames after an upgrade."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from inspector.model.http import Exchange
from inspector.model.websocket import Frame
from inspector.recording.exchanges import read_http
from inspector.recording.streams import Stream
from inspector.wire.websocket import WebSocketDecoder

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
        client_frames, server_frames: WebSocket frames by sender; empty without an upgrade.
    """

    connection: int
    client: Stream
    server: Stream
    exchanges: list[Exchange] = field(default_factory=list)
    client_frames: list[Frame] = field(default_factory=list)
    server_frames: list[Frame] = field(default_factory=list)

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
    talk = Conversation(connection, said.client, said.server, said.http.exchanges)
    if talk.upgraded:
        talk.client_frames = _frames(said.client, True, said.http.client.messages[-1].end)
        talk.server_frames = _frames(said.server, False, said.http.server.messages[-1].end)
    return talk


def _frames(stream: Stream, is_client: bool, position: int) -> list[Frame]:
    decoder = WebSocketDecoder(is_client, position)
    expected = position
    for start, block in stream.blocks():
        if start + len(block) <= position:
            continue
        skip = max(position - start, 0)
        if start + skip != expected:
            break
        decoder.feed(block[skip:])
        expected = start + len(block)
    return decoder.frames
