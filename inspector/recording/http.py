"""The HTTP/1.x exchanges of a capture, with their times and packets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from inspector.model.http import Exchange, HttpMessage
from inspector.recording.exchanges import read_http
from inspector.recording.streams import Stream
from inspector.wire.content import LARGEST_BODY, Decoded, codings_of, decode_content
from inspector.wire.http1.grammar import SYNC_REQUEST, SYNC_RESPONSE

if TYPE_CHECKING:
    from inspector.recording.capture import Capture

__all__ = ["HttpExchange", "http_exchanges"]

_BEGINS_REQUEST = re.compile(rb"[A-Z]{3,20} [^\s]")
_BEGINS_RESPONSE = re.compile(rb"HTTP/1\.[01] [1-5]")
_SEARCHED = 1 << 16
"""Bytes of a stream searched for the first message when the connection's beginning was not captured."""


@dataclass(frozen=True, slots=True)
class HttpExchange:
    """An exchange, and where and when it was seen.

    Args:
        connection: Number of its connection.
        number: Counts the exchanges of the capture from 1.
        exchange: Request and response.
        client, server: The streams they came from.
        request_packets, response_packets: First and last packet number, or None when unseen.
        request_ns, response_ns: Times of these packets, nanoseconds since the epoch.
    """

    connection: int
    number: int
    exchange: Exchange
    client: Stream
    server: Stream
    request_packets: tuple[int, int] | None
    response_packets: tuple[int, int] | None
    request_ns: tuple[int, int] | None
    response_ns: tuple[int, int] | None

    @property
    def wait_ns(self) -> int | None:
        """From the last byte of the request to the first byte of the response, at the capture point.

        None when either was not seen, or when the response began before the request ended.
        """
        if self.request_ns is None or self.response_ns is None:
            return None
        wait = self.response_ns[0] - self.request_ns[1]
        return wait if wait >= 0 else None

    @property
    def transfer_ns(self) -> int | None:
        """From the first to the last byte of the response; None when it was not seen."""
        return None if self.response_ns is None else self.response_ns[1] - self.response_ns[0]

    def body(self, message: HttpMessage, most: int = LARGEST_BODY) -> bytes:
        """The body of the request or response as transferred, transfer coding removed, at most ``most`` bytes."""
        stream = self.client if message is self.exchange.request else self.server
        parts = []
        for start, end in message.body_spans:
            parts.append(stream.read(start, min(end, start + most)))
            most -= len(parts[-1])
            if most <= 0:
                break
        return b"".join(parts)

    def content(self, message: HttpMessage) -> Decoded:
        """The body with its content codings removed, too."""
        return decode_content(self.body(message), codings_of(message.values("content-encoding")))


def http_exchanges(capture: Capture, connections: Iterable[int] | None = None) -> Iterator[HttpExchange]:
    """Decode HTTP/1.x wherever it is spoken, recognised by its first bytes and not by ports.

    Args:
        capture: Where to look.
        connections: Numbers of connections; all by default.

    Yields:
        Exchanges by connection, in the order of their requests.
    """
    number = 0
    for connection in range(len(capture.connections)) if connections is None else connections:
        client_side = _client_side(capture, connection)
        if client_side is None:
            continue
        said = read_http(capture, connection, client_side)
        for exchange in said.http.exchanges:
            number += 1
            request = _places(capture, said.client, exchange.request)
            response = _places(capture, said.server, exchange.response)
            yield HttpExchange(
                connection,
                number,
                exchange,
                said.client,
                said.server,
                *(place[0] if place else None for place in (request, response)),
                *(place[1] if place else None for place in (request, response)),
            )


def _client_side(capture: Capture, connection: int) -> int | None:
    """The endpoint that sends HTTP requests, or None when no HTTP is found."""
    streams = capture.stream(connection, 0), capture.stream(connection, 1)
    starts = [stream.read(0, 64) for stream in streams]
    for side in (0, 1):
        if _BEGINS_RESPONSE.match(starts[1 - side]) or (
            _BEGINS_REQUEST.match(starts[side]) and SYNC_REQUEST.search(streams[side].read(0, _SEARCHED))
        ):
            return side
    if capture.connections.syn_packet[connection] >= 0:
        return None
    for side in (0, 1):
        if SYNC_REQUEST.search(streams[side].read(0, _SEARCHED)) or SYNC_RESPONSE.search(
            streams[1 - side].read(0, _SEARCHED)
        ):
            return side
    return None


Places = tuple[tuple[int, int], tuple[int, int]]


def _places(capture: Capture, stream: Stream, message: HttpMessage | None) -> Places | None:
    """Packet numbers and times of a message's first and last byte."""
    if message is None:
        return None
    first = stream.packet_at(message.start)
    last = stream.packet_at(message.end - 1) or first
    if first is None or last is None:
        return None
    times = capture.packets.time_ns
    return (first, last), (int(times[first - 1]), int(times[last - 1]))
