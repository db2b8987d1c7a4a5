"""HTTP/1.x exchanges of a connection: drives the decoder over the two streams."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from inspector.recording.derived import ByteStream
from inspector.recording.streams import Stream
from inspector.wire.http1 import Http1Connection

if TYPE_CHECKING:
    from inspector.recording.capture import Capture

__all__ = ["HttpConversation", "decode_http1", "read_http"]

_FIRST_BYTES = 1 << 12
"""Bytes of each direction taken at first: a connection that becomes a WebSocket has no more HTTP than this."""


@dataclass(frozen=True, slots=True)
class HttpConversation:
    """What was said in HTTP/1.x on one connection.

    Args:
        connection: Its number.
        client, server: The two streams.
        http: The decoder with its exchanges; ``http.switched`` tells whether another protocol follows.
    """

    connection: int
    client: Stream
    server: Stream
    http: Http1Connection


class _Feeder:
    """Hands one stream's blocks and gaps to the decoder, one at a time."""

    def __init__(self, http: Http1Connection, stream: ByteStream, from_client: bool) -> None:
        self._http = http
        self._from_client = from_client
        self._blocks: Iterator[tuple[int, bytes]] = iter(stream.blocks(_FIRST_BYTES))
        self._position = 0
        self._end = stream.end
        self.ended = False

    def step(self) -> None:
        """Feed the next block (and the gap before it), or tell the end."""
        block = next(self._blocks, None)
        if block is None:
            self.ended = True
            if self._end > self._position:
                self._http.gap(self._from_client, self._end - self._position)
            self._http.finish(self._from_client)
            return
        start, data = block
        if start > self._position:
            self._http.gap(self._from_client, start - self._position)
        self._http.feed(self._from_client, bytes(data))
        self._position = start + len(data)


def decode_http1(client: ByteStream, server: ByteStream) -> Http1Connection:
    """Decode two streams as HTTP/1.x."""

    # With every byte of the client at hand no request can be missing: a capture may hold packets of the two directions
    # in the wrong order.
    complete = client.from_start and server.from_start and not client.gaps

    def earlier(response: int, request: int) -> bool:
        if complete:
            return False
        answered, asked = server.packet_at(response), client.packet_at(request)
        return answered is not None and asked is not None and answered < asked

    http = Http1Connection(earlier)
    feeders = _Feeder(http, client, True), _Feeder(http, server, False)
    while not all(feeder.ended for feeder in feeders) and http.switched is None:
        # The client first, until its bytes cannot be read before the server's answer.
        first = not feeders[0].ended and (feeders[1].ended or not http.waiting_for_server)
        feeders[0 if first else 1].step()
    http.settle()
    return http


def read_http(capture: Capture, connection: int, client_side: int) -> HttpConversation:
    """Decode a connection as HTTP/1.x.

    Args:
        capture, connection: Which.
        client_side: The endpoint that sends requests (0 = A, 1 = B).

    Raises:
        UsageError: If there is no such connection.
    """
    client, server = capture.stream(connection, client_side), capture.stream(connection, 1 - client_side)
    return HttpConversation(connection, client, server, decode_http1(client, server))
