"""All WebSocket connections of a capture: frames and messages as tables, their packets and times, their content."""

from __future__ import annotations

import gc
import itertools
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from inspector.model.anomaly import Anomaly
from inspector.model.http import HttpMessage
from inspector.model.tables import room_for
from inspector.model.websocket import CLOSE, FAULTS, Close, Fault, Frame, Frames, Message, Messages
from inspector.recording.application import Application, Applications, speaks_http1, speaks_http2
from inspector.recording.derived import ByteStream, Tail
from inspector.recording.exchanges import decode_http1
from inspector.recording.http2 import StreamEnd, read_http2, websocket_channels
from inspector.recording.secrets import secrets_inside
from inspector.wire.http1 import Http1Connection
from inspector.wire.http2 import Http2Connection
from inspector.wire.tls import KeyLog
from inspector.wire.websocket import Deflate, Limits, WebSocketDecoder, WebSocketTables
from inspector.wire.websocket.framing import FrameReader
from inspector.wire.websocket.handshake import Handshake, check_handshake, chosen_deflate, is_upgrade_request
from inspector.wire.websocket.kept import Kept
from inspector.wire.websocket.synchronise import recognise

if TYPE_CHECKING:
    from inspector.recording.capture import Capture

__all__ = ["Direction", "WebSocket", "WebSockets", "read_websockets"]

_KEEP_BYTES = 256 << 20
"""Content of messages kept in memory for the whole capture; what is beyond is read again when asked for."""
_RECOGNISE_BYTES = 1 << 16
"""Bytes of each direction that are looked at when the handshake was not seen."""
_SMALL_FRAME = 64
"""Bytes of a frame and its header: the mean of most traffic is above that."""
_USUAL_INFLATION = 4
"""Bytes that a byte of compressed messages becomes in most traffic, at most."""
_MOST_EXPECTED = 1 << 24
"""Frames for which room is made in advance: a gigabyte of addresses, of which only what is used becomes memory."""
_MOST_TUNNELS = 4
"""Tunnels inside tunnels that are followed; proxies are chained two deep."""


@dataclass(slots=True, eq=False)
class Direction:
    """What one side of a WebSocket sent.

    Args:
        connection: Number of the connection.
        is_client: The client sent it.
        stream: Its bytes; over HTTP/2 those of the stream's DATA frames.
        start: Position of the first byte after the handshake.
        agreed: How its messages may be compressed, None when not agreed on.
        searched: The start of a frame had to be searched for: the handshake was not seen.
        frames, messages: Its rows in the tables.
        anomalies: What belongs to no frame: bytes in which frames were lost, a header that was cut.
    """

    connection: int
    is_client: bool
    stream: ByteStream
    start: int
    agreed: Deflate | None
    searched: bool
    frames: range = range(0)
    messages: range = range(0)
    anomalies: list[Anomaly] = field(default_factory=list)

    @property
    def sender(self) -> str:
        """``"client"`` or ``"server"``."""
        return "client" if self.is_client else "server"


@dataclass(frozen=True, slots=True, eq=False)
class WebSocket:
    """One WebSocket connection.

    Args:
        connection: Number of the TCP connection.
        handshake: The opening handshake; None when it was not seen.
        confidence: That it is a WebSocket: 1 with a handshake, less when it was told by its frames.
        client_side: The endpoint of the flow that is the client (0 = A, 1 = B).
        client, server: What each side sent.
        stream: Number of the HTTP/2 stream that carries it (RFC 8441), None over HTTP/1.1.
        stream_end: How that stream ended.
    """

    connection: int
    handshake: Handshake | None
    confidence: float
    client_side: int
    client: Direction
    server: Direction
    stream: int | None = None
    stream_end: StreamEnd | None = None


class WebSockets:
    """The WebSocket connections of a capture.

    Attributes:
        connections: In order of connection number, those of one HTTP/2 connection in the order of their requests.
        directions: Indexed by the tables' ``direction``: client, then server of each connection.
        frames, messages: All of them, direction after direction.
        kept: Content of messages, at their ``content``.
    """

    def __init__(
        self, capture: Capture, connections: list[WebSocket], directions: list[Direction], tables: WebSocketTables
    ) -> None:
        self.capture = capture
        self.connections = connections
        self.directions = directions
        self.kept = tables.kept[:]
        self._tables = tables
        self._replays: dict[int, Iterator[tuple[int, bytes | None]]] = {}
        self.frames = self._frames()
        self.messages = self._messages()

    def _frames(self) -> Frames:
        reader, count = self._tables.reader, self._tables.reader.frames
        columns = {name: column[:count] for name, column in reader.frame_columns.items()}
        columns["direction"] = np.repeat(
            np.arange(len(self.directions), dtype=np.int32), [len(d.frames) for d in self.directions]
        )
        columns |= room_for({"first_packet": np.dtype(np.uint32), "last_packet": np.dtype(np.uint32)}, count)
        for direction in self.directions:
            rows = slice(direction.frames.start, direction.frames.stop)
            columns["first_packet"][rows] = direction.stream.packets_at(columns["start"][rows])
            columns["last_packet"][rows] = direction.stream.packets_at(columns["end"][rows] - 1)
        return Frames.of(columns)

    def _messages(self) -> Messages:
        reader, count = self._tables.reader, self._tables.reader.messages
        columns = {name: column[:count] for name, column in reader.message_columns.items()}
        columns["direction"] = np.repeat(
            np.arange(len(self.directions), dtype=np.int32), [len(d.messages) for d in self.directions]
        )
        return Messages.of(columns)

    # --- single rows -----------------------------------------------------------------------------------------------

    def frame(self, row: int) -> Frame:
        """A frame with its payload."""
        table = self.frames
        header, first = int(table.header[row]), int(table.first_byte[row])
        masked = header in (6, 8, 14)
        return Frame(
            row,
            int(table.start[row]),
            int(table.end[row]),
            bool(first & 0x80),
            first >> 4 & 7,
            first & 15,
            int(table.mask_key[row]).to_bytes(4, "big") if masked else None,
            int(table.length[row]),
            self.payload(row),
            self.frame_anomalies(row),
        )

    def payload(self, row: int) -> bytes:
        """A frame's payload, unmasked; bytes that are missing are left out."""
        table = self.frames
        stream = self.directions[int(table.direction[row])].stream
        start, end = int(table.start[row]) + int(table.header[row]), int(table.end[row])
        data = stream.read(start, end)
        key = int(table.mask_key[row])
        if not key or not data:
            return data
        if len(data) == end - start:
            return _unmask(data, key, 0)
        # Each run of bytes by itself: the key goes by the place in the payload.
        edges = [start, *(edge for gap in stream.gaps for edge in gap if start < edge < end), end]
        runs = ((at, stream.read(at, to)) for at, to in itertools.pairwise(edges))  # in a gap nothing is read
        return b"".join(_unmask(run, key, at - start) for at, run in runs)

    def control_payload(self, row: int) -> bytes:
        """The payload of a control frame, no more than 125 bytes of it."""
        start, end = self._control_edges[row : row + 2].tolist()
        return bytes(self._tables.reader.control[start:end])

    @cached_property
    def _control_edges(self) -> NDArray[np.int64]:
        size = np.where(self.frames.opcode >= CLOSE, np.minimum(self.frames.length, 125), 0)
        return np.append(np.int64(0), np.cumsum(size))

    def message(self, row: int) -> Message:
        """A message with its content."""
        table, frames = self.messages, self.frames
        return Message(
            row,
            int(table.opcode[row]),
            bool(table.compressed[row]),
            bool(table.complete[row]),
            int(frames.start[table.first_frame[row]]),
            int(frames.end[table.last_frame[row]]),
            self.content(row),
            self.message_anomalies(row),
        )

    def content(self, row: int) -> bytes | None:
        """A message's payload, unmasked and inflated; None when it cannot be known.

        What is no longer kept is decoded again, from the last place asked for in this direction or from its start.
        """
        length, at = int(self.messages.length[row]), int(self.messages.content[row])
        if length < 0:
            return None
        if at >= 0:
            return bytes(self.kept[at : at + length])
        number = int(self.messages.direction[row])
        replay = self._replays.get(number)
        for attempt in (replay, None):
            replay = attempt if attempt is not None else self._replay(self.directions[number])
            for other, content in replay:
                if other == row:
                    self._replays[number] = replay
                    return content
                if other > row:
                    break
        return None

    def _replay(self, direction: Direction) -> Iterator[tuple[int, bytes | None]]:
        """Decode a direction once more, with its messages' content."""
        tables = WebSocketTables(keep_bytes=1 << 62)
        decoder, first = _decoder(direction, tables), direction.messages.start
        told = 0
        for fed in _feed(decoder, direction):
            self.capture.source.touched(fed)
            columns = tables.reader.message_columns
            ready = decoder.settled
            for row in range(told, ready):
                length, at = int(columns["length"][row]), int(columns["content"][row])
                yield first + row, bytes(tables.kept[at : at + length]) if length >= 0 else None
            told = ready
            decoder.forget()

    def close(self, row: int) -> Close | None:
        """The Close frame in a row of frames, None when it is another frame or was cut."""
        return self._tables.closes.get(row)

    def closes(self, direction: Direction) -> list[Close]:
        """The Close frames of one direction."""
        rows = slice(direction.frames.start, direction.frames.stop)
        found = np.flatnonzero(self.frames.opcode[rows] == CLOSE) + direction.frames.start
        return [close for row in found.tolist() if (close := self.close(row)) is not None]

    def frame_anomalies(self, row: int) -> list[Anomaly]:
        """What was wrong with a frame."""
        faults = int(self.frames.faults[row])
        if not faults:
            return []
        start, header = int(self.frames.start[row]), int(self.frames.header[row])
        notes = self._tables.notes.get(("frame", row), {})
        return _anomalies(faults, notes, start, start + header, int(self.frames.end[row]))

    def message_anomalies(self, row: int) -> list[Anomaly]:
        """What was wrong with a message as a whole."""
        faults = int(self.messages.faults[row])
        if not faults:
            return []
        first, last = self.messages.first_frame[row], self.messages.last_frame[row]
        start, end = int(self.frames.start[first]), int(self.frames.end[last])
        return _anomalies(faults, self._tables.notes.get(("message", row), {}), start, end, end)

    # --- packets and times -----------------------------------------------------------------------------------------

    @cached_property
    def frame_times(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Times of each frame's first and last byte; -1 where that byte was not captured."""
        return self._times(self.frames.first_packet), self._times(self.frames.last_packet)

    def _times(self, packets: NDArray[np.uint32]) -> NDArray[np.int64]:
        if not len(packets):
            return np.empty(0, np.int64)
        times = self.capture.packets.time_ns[np.maximum(packets, 1) - np.uint32(1)]
        return np.where(packets > 0, times, np.int64(-1))

    def packets(self, direction: int, start: int, end: int) -> list[int]:
        """Numbers of the packets that brought the bytes [start, end) of a direction, in stream order."""
        return self.directions[direction].stream.packets_of(start, end)


_OF_PAYLOAD = (
    Fault.CONTROL_TOO_LONG | Fault.CLOSE_ONE_BYTE | Fault.CLOSE_CODE_ILLEGAL | Fault.CLOSE_REASON_NOT_UTF8
) | (Fault.BYTES_MISSING | Fault.CUT)


def _anomalies(faults: int, notes: dict[Fault, str], start: int, header_end: int, end: int) -> list[Anomaly]:
    found = []
    for fault, (code, ref) in FAULTS.items():
        if faults & fault:
            found.append(Anomaly(code, start, end if fault & _OF_PAYLOAD else header_end, ref, notes.get(fault, "")))
    return found


def _unmask(data: bytes, key: int, phase: int) -> bytes:
    """XOR with the key repeated (RFC 6455 section 5.3), from place ``phase`` of the payload on."""
    rotated = key.to_bytes(4, "big") * 2
    pattern = np.frombuffer(rotated[phase % 4 : phase % 4 + 4], np.uint8)
    octets = np.frombuffer(data, np.uint8)
    unmasked: NDArray[np.uint8] = octets ^ np.resize(pattern, len(octets))
    return unmasked.tobytes()


# --- reading -----------------------------------------------------------------------------------------------------------


def read_websockets(
    capture: Capture,
    *,
    only: Iterable[int] | None = None,
    keys: KeyLog | None = None,
    keep_bytes: int = _KEEP_BYTES,
    limits: Limits | None = None,
) -> WebSockets:
    """Find and decode every WebSocket connection of a capture, also in TLS, CONNECT tunnels and streams of HTTP/2.

    Args:
        capture: Where.
        only: Numbers of the connections to look at; None for all.
        keys: Secrets for TLS; by default those inside the capture.
        keep_bytes: Most content of messages to keep in memory; the rest is decoded again when asked for.
        limits: Bounds of inflation.
    """
    with _without_collector():
        return _read(capture, only, keys, keep_bytes, limits)


@contextmanager
def _without_collector() -> Iterator[None]:
    """Reading makes objects by the ten thousand and no cycles: looking for some costs a tenth of the time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _read(
    capture: Capture, only: Iterable[int] | None, keys: KeyLog | None, keep_bytes: int, limits: Limits | None
) -> WebSockets:
    rows, content = _room_expected(capture)
    tables = WebSocketTables(keep_bytes, FrameReader(rows), Kept(min(content, keep_bytes)))
    applications = Applications(capture, secrets_inside(capture) if keys is None else keys)
    connections: list[WebSocket] = []
    directions: list[Direction] = []
    for number in capture.talking if only is None else only:
        for found in _find(applications, applications.of(number), _MOST_TUNNELS):
            connections.append(found)
            for direction in (found.client, found.server):
                decoder = _decoder(direction, tables, limits)
                for fed in _feed(decoder, direction):
                    capture.source.touched(fed)
                direction.frames = range(decoder.first_frame, tables.reader.frames)
                direction.messages = range(decoder.first_message, tables.reader.messages)
                direction.anomalies = decoder.anomalies
                directions.append(direction)
    return WebSockets(capture, connections, directions, tables)


def _room_expected(capture: Capture) -> tuple[int, int]:
    """Frames and bytes of content to make room for in advance, so that large tables are seldom moved.

    What is not written to costs no memory.
    """
    table = capture.connections
    payload = int(table.payload_a.sum() + table.payload_b.sum())
    return max(min(payload // _SMALL_FRAME, _MOST_EXPECTED), 1024), _USUAL_INFLATION * payload


def _decoder(direction: Direction, tables: WebSocketTables, limits: Limits | None = None) -> WebSocketDecoder:
    decoder = WebSocketDecoder(direction.is_client, direction.agreed, direction.start, tables=tables, limits=limits)
    if direction.searched:
        decoder.search()
    return decoder


def _feed(decoder: WebSocketDecoder, direction: Direction) -> Iterator[int]:
    """Hand a direction's bytes and gaps to its decoder, block by block; yields the size of each."""
    expected = direction.start
    for start, block in direction.stream.blocks():
        end = start + len(block)
        if end <= expected:
            continue
        if start > expected:
            decoder.gap(start - expected, direction.stream.gaps_are_exact)
            expected = start
        decoder.feed(memoryview(block)[expected - start :])
        expected = end
        yield len(block)
    if direction.stream.end > expected:
        decoder.gap(direction.stream.end - expected, direction.stream.gaps_are_exact)
    decoder.finish()
    yield 0


def _find(applications: Applications, inner: Application, tunnels: int) -> Iterator[WebSocket]:
    """The WebSockets on a connection, or in a tunnel on it: one, or over HTTP/2 any number."""
    if speaks_http2(inner):
        yield from _over_http2(inner, read_http2(inner))
        return
    if not speaks_http1(inner):
        if not inner.client.from_start:
            yield from _recognised(inner)
        return
    http = decode_http1(inner.client, inner.server)
    response = http.switched
    exchange = next((e for e in http.exchanges if response is not None and e.response is response), None)
    if exchange is None or response is None or exchange.request is None:
        one_side = _one_side(inner, http)
        if one_side is not None:
            yield one_side
        elif not inner.client.from_start:
            # What looks like HTTP may be the end of a handshake, or text in a message.
            yield from _recognised(inner)
        return
    if response.status == 101:
        yield from _upgraded(inner, exchange.request, response)
        return
    if not tunnels:
        return
    tails = Tail(inner.client, exchange.request.end), Tail(inner.server, response.end)
    tunnel = applications.unwrap(Application(inner.connection, *tails, inner.tls, inner.client_side))
    yield from _find(applications, tunnel, tunnels - 1)


def _over_http2(application: Application, http2: Http2Connection) -> Iterator[WebSocket]:
    for channel in websocket_channels(application, http2):
        number, shake = application.connection, channel.handshake
        client = Direction(number, True, channel.client, 0, shake.client_deflate, False)
        server = Direction(number, False, channel.server, 0, shake.server_deflate, False)
        yield WebSocket(
            number, shake, 1.0, application.client_side, client, server, stream=channel.id, stream_end=channel.end
        )


def _upgraded(application: Application, request: HttpMessage, response: HttpMessage) -> Iterator[WebSocket]:
    if response.lists("upgrade", "h2c"):
        yield from _over_http2(application, read_http2(application, request.end, response.end))
        return
    if not (is_upgrade_request(request) or response.lists("upgrade", "websocket")):
        return
    shake, number = check_handshake(request, response), application.connection
    client = Direction(number, True, application.client, request.end, shake.client_deflate, False)
    server = Direction(number, False, application.server, response.end, shake.server_deflate, False)
    yield WebSocket(number, shake, 1.0, application.client_side, client, server)


def _one_side(application: Application, http: Http1Connection) -> WebSocket | None:
    """The side of a WebSocket that was captured, with its half of the handshake, where nothing of the other one was."""
    number, side = application.connection, application.client_side
    ends = application.client, application.server
    response, last = http.switched, http.exchanges[-1] if http.exchanges else None
    if response is not None and not ends[0].end and response.lists("upgrade", "websocket"):
        deflates = chosen_deflate(response)
        client = Direction(number, True, ends[0], 0, deflates[0], False)
        server = Direction(number, False, ends[1], response.end, deflates[1], False)
        return WebSocket(number, None, 1.0, side, client, server)
    request = last.request if last is not None else None
    if request is None or ends[1].end or not is_upgrade_request(request):
        return None
    first = _first_run(Tail(ends[0], request.end))
    known = recognise(first, b"", len(first) < _RECOGNISE_BYTES)
    if known is None or not known.first_is_client:
        return None
    client = Direction(number, True, ends[0], request.end, Deflate(), False)
    return WebSocket(number, None, known.confidence, side, client, Direction(number, False, ends[1], 0, None, False))


def _recognised(application: Application) -> Iterator[WebSocket]:
    """A WebSocket whose handshake was not captured, told by its frames."""
    streams = application.client, application.server
    first, second = _first_run(streams[0]), _first_run(streams[1])
    known = recognise(first, second, max(len(first), len(second)) < _RECOGNISE_BYTES)
    if known is None:
        return
    number, side = application.connection, application.client_side
    if not known.first_is_client:
        streams, side = streams[::-1], 1 - side
    client = Direction(number, True, streams[0], 0, Deflate(), True)
    server = Direction(number, False, streams[1], 0, Deflate(), True)
    yield WebSocket(number, None, known.confidence, side, client, server)


def _first_run(stream: ByteStream) -> bytes:
    """Contiguous bytes from the start of a stream."""
    _, block = next(stream.blocks(_RECOGNISE_BYTES), (0, b""))
    return bytes(block[:_RECOGNISE_BYTES])
