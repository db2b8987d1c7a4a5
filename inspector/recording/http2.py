"""HTTP/2 on a connection: drives the decoder over the two streams, and gives what a stream carries as bytes again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from inspector.model.http2 import H2Stream
from inspector.recording.application import Application
from inspector.recording.derived import ByteStream, DerivedStream, StreamWriter
from inspector.wire.http2 import PREFACE, Http2Connection
from inspector.wire.websocket.handshake import Handshake, check_extended_connect

__all__ = ["StreamEnd", "WebSocketChannel", "read_http2", "websocket_channels"]

_RST_STREAM = 3
_ENABLE_CONNECT_PROTOCOL = 8


def read_http2(application: Application, client_position: int = 0, server_position: int = 0) -> Http2Connection:
    """Decode a connection as HTTP/2.

    Args:
        application: Its streams.
        client_position, server_position: Where HTTP/2 begins in them (after an upgrade).
    """
    http2 = Http2Connection(client_position, server_position)
    start = application.client.read(client_position, client_position + len(PREFACE))
    if not PREFACE.startswith(start) and not client_position:
        http2.begin_mid_stream()
    for from_client, stream, position in (
        (True, application.client, client_position),
        (False, application.server, server_position),
    ):
        for begin, block in stream.blocks():
            end = begin + len(block)
            if end <= position:
                continue
            if begin > position:
                http2.gap(from_client, begin - position, stream.gaps_are_exact)
                position = begin
            http2.feed(from_client, block[position - begin :])
            position = end
        if stream.end > position:
            http2.gap(from_client, stream.end - position, stream.gaps_are_exact)
    return http2


@dataclass(frozen=True, slots=True)
class StreamEnd:
    """How a stream of HTTP/2 ended (RFC 9113 section 5.1).

    Args:
        ending: ``"open"``, ``"half_closed"`` (one side sent END_STREAM), ``"closed"`` (both did) or ``"reset"``.
        by: ``"client"`` or ``"server"``: who ended it first; None while open.
        packet: Number of the packet in which that side did; None while open or where it is not known.
        error_code: Of RST_STREAM, None without one.
    """

    ending: str
    by: str | None = None
    packet: int | None = None
    error_code: int | None = None


@dataclass(frozen=True, slots=True)
class WebSocketChannel:
    """A WebSocket inside HTTP/2 (RFC 8441): the content of one stream's DATA frames is what TCP carries otherwise.

    Args:
        id: Number of the stream.
        handshake: The extended CONNECT and its answer.
        client, server: The bytes of each side.
        end: How the stream ended.
    """

    id: int
    handshake: Handshake
    client: DerivedStream
    server: DerivedStream
    end: StreamEnd


def websocket_channels(application: Application, http2: Http2Connection) -> Iterator[WebSocketChannel]:
    """The WebSockets of an HTTP/2 connection, in the order of their requests.

    Args:
        application: The connection.
        http2: What ``read_http2`` gave for it.
    """
    resets = {(side, frame.stream_id): frame.end for side, frame in http2.frames if frame.type == _RST_STREAM}
    for stream in http2.streams.values():
        if stream.protocol != b"websocket" or stream.request is None:
            continue
        announced = http2.settings[False]
        enabled = announced.get(_ENABLE_CONNECT_PROTOCOL) == 1 if announced else None
        shake = check_extended_connect(stream.request, stream.response, enabled)
        if shake.accepted:
            client, server = (_content(application, http2, stream, from_client) for from_client in (True, False))
            yield WebSocketChannel(stream.id, shake, client, server, _end(application, resets, stream))


def _content(application: Application, http2: Http2Connection, stream: H2Stream, from_client: bool) -> DerivedStream:
    """What one side sent in a stream's DATA frames."""
    carrier = application.client if from_client else application.server
    message = stream.request if from_client else stream.response
    writer = StreamWriter(carrier)
    if message is None:
        return writer.finish()
    # Lost places where frames of this stream may have been; how much of them was DATA of this stream is not known.
    lost = [
        (anomaly.start, anomaly.end)
        for side, anomaly in http2.anomalies
        if side is from_client and anomaly.code == "h2.bytes_missing" and anomaly.start >= message.head_end
    ]
    gaps = carrier.gaps
    for start, end in message.body_spans:
        while lost and lost[0][0] < start:
            begin, stop = lost.pop(0)
            writer.skip(stop - begin)
        _copy(writer, carrier, gaps, start, end)
    if lost and not message.complete:
        writer.skip(sum(stop - begin for begin, stop in lost))
    return writer.finish()


def _copy(writer: StreamWriter, carrier: ByteStream, gaps: list[tuple[int, int]], start: int, end: int) -> None:
    """Append the carrier's bytes [start, end), and holes of the right size where it has gaps."""
    for gap_start, gap_end in gaps:
        if gap_end <= start or gap_start >= end:
            continue
        if gap_start > start:
            writer.add(carrier.read(start, gap_start), start)
        start = max(start, gap_start)
        writer.skip(min(gap_end, end) - start, exact=carrier.gaps_are_exact)
        start = min(gap_end, end)
    if end > start:
        writer.add(carrier.read(start, end), start)


def _end(application: Application, resets: dict[tuple[bool, int], int], stream: H2Stream) -> StreamEnd:
    """How a stream ended; ``resets`` has where each RST_STREAM ends, by sender and stream."""
    if stream.reset_by_client is not None:
        side = application.client if stream.reset_by_client else application.server
        end = resets.get((stream.reset_by_client, stream.id))
        packet = side.packet_at(end - 1) if end is not None else None
        return StreamEnd("reset", "client" if stream.reset_by_client else "server", packet, stream.error_code)
    ends = sorted(
        (carrier.packet_at(message.end - 1) or 0, who)
        for who, carrier, message in (
            ("client", application.client, stream.request),
            ("server", application.server, stream.response),
        )
        if message is not None and message.complete
    )
    if not ends:
        return StreamEnd("open")
    packet, by = ends[0]
    return StreamEnd("closed" if len(ends) == 2 else "half_closed", by, packet or None)
