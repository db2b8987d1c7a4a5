"""Headers inside a connection's streams that begin or go on in one packet: TLS records and WebSocket frames."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from inspector.model.tables import ASSEMBLED, SEGMENT_FROM_B
from inspector.proto import Header, Span
from inspector.proto.tls_record import TLS_RECORD
from inspector.proto.websocket import WEBSOCKET
from inspector.recording.derived import ByteStream, DerivedStream

if TYPE_CHECKING:
    from inspector.recording.capture import Capture
    from inspector.recording.websockets import WebSockets

__all__ = ["Piece", "pieces_of"]

_MOST_RECORDS = 100_000
"""TLS records walked from a stream's start to find those of one packet: more than a gigabyte of full ones."""
_MOST_DECODED = 64 << 20
"""Payload bytes of a connection that is decoded to find the WebSocket frames of one packet; takes seconds."""
_TLS_TYPES = range(20, 25)


@dataclass(frozen=True, slots=True)
class Piece:
    """A record or frame, or the part of one, that lies in a packet.

    Args:
        header: Its declaration.
        offset: First byte in the packet.
        size: Bytes of it in this packet, header included.
        spans: Fields of its header, bits counted from ``offset``; empty when it began in an earlier packet.
        began: Number of the packet in which it began, when that is an earlier one.
        total: Bytes of the whole record or frame.
        unmasked: Payload bytes of a masked WebSocket frame in this packet, unmasked; empty otherwise.
        decrypted: It lies in the plain bytes that this packet carried encrypted; ``offset`` counts there.
    """

    header: Header
    offset: int
    size: int
    spans: tuple[Span, ...]
    began: int | None
    total: int
    unmasked: bytes = b""
    decrypted: bool = False


@dataclass(frozen=True, slots=True)
class _Extent:
    """Where a record or frame lies in its stream."""

    start: int
    end: int
    header_end: int


def pieces_of(capture: Capture, row: int, segment: int) -> tuple[list[Piece], bytes]:
    """TLS records or WebSocket frames in the payload of a TCP segment, and WebSocket frames in what the records protect.

    Args:
        capture: The capture.
        row: Row of the packet.
        segment: Row of ``Segments``.

    Returns:
        The pieces, and the plain bytes that the packet carried encrypted (empty where they are not known).
    """
    connection = int(capture.segment_connection[segment])
    side = 1 if int(capture.segments.marks[segment]) & SEGMENT_FROM_B else 0
    if int(capture.segments.offset[segment]) & ASSEMBLED:
        return [], b""
    stream = capture.stream(connection, side)
    rows = np.flatnonzero(stream.packet == row)
    if not len(rows):
        return [], b""
    first, end = int(stream.start[rows[0]]), int(stream.start[rows[-1]]) + int(stream.size[rows[-1]])
    shift = int(stream.place[rows[0]]) - int(capture.packets.position[row]) - first
    begin = stream.read(0, 3)
    if len(begin) == 3 and begin[0] in _TLS_TYPES and begin[1] == 3 and begin[2] <= 4:
        records = _cut(stream, TLS_RECORD, _records(stream, end), (first, end), shift)
        frames, plain = _decrypted(capture, connection, side, (first, end))
        return records + frames, plain
    if _is_large(capture, connection):
        return [], b""
    return _cut(stream, WEBSOCKET, _frames(capture, connection, side), (first, end), shift), b""


def _is_large(capture: Capture, connection: int) -> bool:
    table = capture.connections
    return int(table.payload_a[connection]) + int(table.payload_b[connection]) > _MOST_DECODED


def _decrypted(capture: Capture, connection: int, side: int, here: tuple[int, int]) -> tuple[list[Piece], bytes]:
    """WebSocket frames in the plain bytes that one side's stream range carried encrypted, and these bytes."""
    from inspector.recording.application import Applications
    from inspector.recording.secrets import secrets_inside

    if not capture.metadata.secrets or _is_large(capture, connection):
        return [], b""
    application = Applications(capture, secrets_inside(capture)).of(connection)
    stream = application.client if side == application.client_side else application.server
    if application.tls is None or not isinstance(stream, DerivedStream):
        return [], b""
    first, end = here
    # Runs that this packet carried part of: byte i of a run lies in byte ``place + i`` of the TLS stream.
    begins = stream.start + np.maximum(first - stream.place, 0)
    ends = stream.start + np.minimum(end - stream.place, stream.size)
    inside = np.flatnonzero(begins < ends)
    if not len(inside):
        return [], b""
    begin, stop = int(begins[inside[0]]), int(ends[inside[-1]])
    pieces = _cut(stream, WEBSOCKET, _frames(capture, connection, side), (begin, stop), -begin)
    return [replace(piece, decrypted=True) for piece in pieces], stream.read(begin, stop)


def _records(stream: ByteStream, end: int) -> list[_Extent]:
    """TLS records from the stream's start to ``end``; stops where a header is missing or is none."""
    found: list[_Extent] = []
    position = 0
    while position < end and len(found) < _MOST_RECORDS:
        header = stream.read(position, position + 5)
        if len(header) < 5 or header[0] not in _TLS_TYPES or header[1] != 3:
            break
        after = position + 5 + int.from_bytes(header[3:5], "big")
        found.append(_Extent(position, after, position + 5))
        position = after
    return found


def _frames(capture: Capture, connection: int, side: int) -> list[_Extent]:
    """WebSocket frames of an endpoint; none when the connection did not become a WebSocket."""
    from inspector.recording.websockets import read_websockets

    # Where all of them were decoded already, as for a report, this one is not decoded again.
    decoded: WebSockets | None = vars(capture).get("websockets")
    found = read_websockets(capture, only=[connection]) if decoded is None else decoded
    # Over HTTP/2 frames lie in streams of their own, and not one after the other in this one.
    sockets = (socket for socket in found.connections if socket.connection == connection and socket.stream is None)
    socket = next(sockets, None)
    if socket is None:
        return []
    frames, sender = found.frames, socket.client if side == socket.client_side else socket.server
    return [
        _Extent(
            int(frames.start[index]),
            int(frames.start[index]) + int(frames.header[index]) + int(frames.length[index]),
            int(frames.start[index]) + int(frames.header[index]),
        )
        for index in sender.frames
    ]


def _cut(stream: ByteStream, header: Header, extents: list[_Extent], here: tuple[int, int], shift: int) -> list[Piece]:
    """The parts of records or frames in the stream range of this packet; ``shift`` leads to offsets in the packet."""
    first, end = here
    pieces: list[Piece] = []
    for extent in extents:
        if extent.end <= first or extent.start >= end:
            continue
        start, stop = max(extent.start, first), min(extent.end, end)
        whole = stream.read(extent.start, extent.header_end)
        spans = tuple(header.decode(whole)) if start == extent.start else ()
        spans = tuple(span for span in spans if span.end <= (stop - start) * 8)
        unmasked = _unmask(stream, extent, whole, (start, stop)) if header is WEBSOCKET else b""
        began = stream.packet_at(extent.start) if start > extent.start else None
        pieces.append(Piece(header, start + shift, stop - start, spans, began, extent.end - extent.start, unmasked))
    return pieces


def _unmask(stream: ByteStream, extent: _Extent, header: bytes, here: tuple[int, int]) -> bytes:
    """The payload bytes in this packet, exclusive-or'ed with the key (RFC 6455 section 5.3); empty when not masked."""
    if len(header) < 6 or not header[1] & 0x80:
        return b""
    key = header[-4:]
    start = max(extent.header_end, here[0])
    data = stream.read(start, here[1])
    return bytes(byte ^ key[(start - extent.header_end + index) % 4] for index, byte in enumerate(data))
