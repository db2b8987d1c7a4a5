"""The HTTP exchanges of a capture, HTTP/1.x and HTTP/2, with their times and packets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from inspector.model.http import Exchange, HttpMessage
from inspector.model.http2 import H2Stream
from inspector.recording.application import Application, Applications, speaks_http1, speaks_http2
from inspector.recording.derived import ByteStream, Tail
from inspector.recording.exchanges import decode_http1
from inspector.recording.http2 import read_http2
from inspector.recording.http2_windows import Stall, flow_control_stalls
from inspector.recording.secrets import secrets_inside
from inspector.wire.content import LARGEST_BODY, Decoded, codings_of, decode_content
from inspector.wire.forms import media_type
from inspector.wire.http2 import Http2Connection
from inspector.wire.sse import ServerSentEvent, SseDecoder

if TYPE_CHECKING:
    from inspector.recording.capture import Capture

__all__ = ["HttpExchange", "http_exchanges"]

Pair = tuple[int, int]

_MOST_TUNNELS = 4
"""CONNECT tunnels inside each other that are followed; two are seen in practice."""


@dataclass(frozen=True, slots=True)
class HttpExchange:
    """An exchange, and where and when it was seen.

    Args:
        connection: Number of its connection.
        number: Counts the exchanges of the capture from 1.
        exchange: Request and response.
        application: The streams they came from.
        stream: The HTTP/2 stream, None in HTTP/1.x.
        request_packets, response_packets: First and last packet number, or None when unseen.
        request_ns, response_ns: Times of these packets, nanoseconds since the epoch.
        stalls: When a side had more to send on the HTTP/2 stream and no window; None where that is not known, as in HTTP/1.x.
    """

    connection: int
    number: int
    exchange: Exchange
    application: Application
    stream: H2Stream | None
    request_packets: Pair | None
    response_packets: Pair | None
    request_ns: Pair | None
    response_ns: Pair | None
    stalls: tuple[Stall, ...] | None = None

    @property
    def protocol(self) -> str | None:
        """What an extended CONNECT carries instead of HTTP (RFC 8441), e.g. ``"websocket"``; None in every other case."""
        named = self.stream.protocol if self.stream is not None else None
        return None if named is None else named.decode("utf-8", "backslashreplace")

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
        stream = self.application.client if message is self.exchange.request else self.application.server
        parts = []
        for start, end in message.body_spans:
            parts.append(stream.read(start, min(end, start + most)))
            most -= len(parts[-1])
            if most <= 0:
                break
        return b"".join(parts)

    def events(self) -> list[tuple[ServerSentEvent, int | None]]:
        """Server-sent events of the response with the packet that completed each, also of one that is not finished.

        Empty when the response is no event stream. Events in a compressed stream have no packet of their own.
        """
        response = self.exchange.response
        if response is None or media_type(response.header("content-type"))[0] != "text/event-stream":
            return []
        encoded = bool(codings_of(response.values("content-encoding")))
        body = self.content(response).data if encoded else self.body(response)
        server = self.application.server
        events = SseDecoder().feed(body)
        if encoded:
            return [(event, None) for event in events]
        return [(event, server.packet_at(_stream_position(response, event.end - 1))) for event in events]

    def content(self, message: HttpMessage) -> Decoded:
        """The body with its content codings removed, too."""
        return decode_content(self.body(message), codings_of(message.values("content-encoding")))


def _stream_position(message: HttpMessage, offset: int) -> int:
    """Where byte ``offset`` of a body lies in its stream."""
    for start, end in message.body_spans:
        if offset < end - start:
            return start + offset
        offset -= end - start
    return message.end


def http_exchanges(
    capture: Capture, connections: Iterable[int] | None = None, applications: Applications | None = None
) -> Iterator[HttpExchange]:
    """Decode HTTP wherever it is spoken, recognised by its bytes and not by ports.

    Args:
        capture: Where to look; TLS is removed where its secrets fit.
        connections: Numbers of connections; all by default.
        applications: The streams of this capture's connections, where the caller has them at hand.

    Yields:
        Exchanges by connection, in the order of their requests.
    """
    applications = applications or Applications(capture, secrets_inside(capture))
    number = 0
    for connection in capture.talking if connections is None else connections:
        for application, exchange, stream, stalls in _exchanges(
            capture, applications, applications.of(connection), _MOST_TUNNELS
        ):
            number += 1
            request = _seen(capture, application.client, exchange.request)
            response = _seen(capture, application.server, exchange.response)
            yield HttpExchange(
                connection,
                number,
                exchange,
                application,
                stream,
                request[0] if request else None,
                response[0] if response else None,
                request[1] if request else None,
                response[1] if response else None,
                stalls,
            )


Found = tuple[Application, Exchange, H2Stream | None, tuple[Stall, ...] | None]


def _exchanges(capture: Capture, applications: Applications, application: Application, tunnels: int) -> Iterator[Found]:
    """Exchanges of a connection, and of what it becomes: HTTP/2 after an upgrade, anything in a CONNECT tunnel."""
    if speaks_http2(application):
        yield from _of_streams(capture, application, read_http2(application))
    elif speaks_http1(application):
        http = decode_http1(application.client, application.server)
        for exchange in http.exchanges:
            yield application, exchange, None, None
        response = http.switched
        if response is None or not http.client.messages:
            return  # without the request it is not known where the client's side of the other protocol begins
        client_end, server_end = http.client.messages[-1].end, response.end
        if response.status == 101 and response.lists("upgrade", "h2c"):
            later = read_http2(application, client_end, server_end)
            # Stream 1 answers the request that asked for the upgrade (RFC 7540 section 3.2).
            yield from _of_streams(capture, application, later)
        elif response.status != 101 and tunnels:
            tails = Tail(application.client, client_end), Tail(application.server, server_end)
            inner = applications.unwrap(
                Application(application.connection, *tails, application.tls, application.client_side)
            )
            yield from _exchanges(capture, applications, inner, tunnels - 1)


def _of_streams(capture: Capture, application: Application, http2: Http2Connection) -> Iterator[Found]:
    stalls, known = flow_control_stalls(capture, application, http2)
    for stream in http2.streams.values():
        if stream.request is not None or stream.response is not None:
            exchange = Exchange(stream.request, stream.response, stream.interim)
            yield application, exchange, stream, stalls.get(stream.id, ()) if known else None


def _seen(capture: Capture, stream: ByteStream, message: HttpMessage | None) -> tuple[Pair, Pair] | None:
    """Packet numbers and times of a message's first and last byte."""
    if message is None:
        return None
    first = stream.packet_at(message.start)
    last = stream.packet_at(message.end - 1) or first
    if first is None or last is None:
        return None
    times = capture.packets.time_ns
    return (first, last), (int(times[first - 1]), int(times[last - 1]))
