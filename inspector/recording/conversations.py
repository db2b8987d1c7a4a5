"""Runs the wire decoders over a connection's two streams: exchanges, then WebSocket frames after an upgrade."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from inspector.model.http import Exchange, HttpMessage
from inspector.model.websocket import Frame
from inspector.recording.streams import Stream
from inspector.wire.http1 import Http1Decoder
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
    client, server = capture.stream(connection, client_side), capture.stream(connection, 1 - client_side)
    requests, responses = _messages(client, True), _messages(server, False)
    talk = Conversation(connection, client, server, _pair(connection, requests.messages, responses.messages))
    if talk.upgraded:
        talk.client_frames = _frames(client, True, requests.messages[-1].end)
        talk.server_frames = _frames(server, False, responses.messages[-1].end)
    return talk


def _messages(stream: Stream, is_client: bool) -> Http1Decoder:
    decoder = Http1Decoder(is_client)
    for start, block in stream.blocks():
        if start != decoder.position + len(decoder.rest) or decoder.stopped:
            break
        decoder.feed(block)
    decoder.finish()
    return decoder


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


def _pair(connection: int, requests: list[HttpMessage], responses: list[HttpMessage]) -> list[Exchange]:
    """Responses answer requests in order; interim ones (1xx but 101) belong to the request still waiting."""
    final = [
        response
        for response in responses
        if response.status is None or response.status == 101 or response.status >= 200
    ]
    longest = max(len(requests), len(final))
    return [
        Exchange(
            connection,
            requests[i] if i < len(requests) else None,
            final[i] if i < len(final) else None,
        )
        for i in range(longest)
    ]
