"""The bytes of packets with secrets masked, also where a secret goes on in the next packet or is hidden by a coding."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from inspector.model.tables import SEGMENT_FROM_B
from inspector.recording.dissect import Dissection
from inspector.recording.streams import Stream
from inspector.recording.websockets import Direction
from inspector.report.redact import FILL
from inspector.report.sections.subject import Subject
from inspector.wire.content import codings_of

__all__ = ["is_secret_inside", "packet_bytes"]

_CONTEXT = 1 << 13
"""Bytes before and after a packet's payload that are looked at: the longest secret with its name."""


def packet_bytes(subject: Subject, found: Dissection) -> bytes:
    """The captured bytes of a packet, of the same length, ``*`` in place of secrets."""
    if not subject.masking.on:
        return found.data
    data = bytearray(subject.masking.octets(found.data))
    if found.tcp is not None and found.payload[1] and not found.payload_assembled and found.tcp.seq is not None:
        _mask_stream(subject, found, data)
    return bytes(data)


def is_secret_inside(subject: Subject, number: int, connection: int, decrypted: bytes) -> bool:
    """Whether what a packet carried encrypted may hold a secret, or a part of one: then none of it is told."""
    if not subject.masking.on:
        return False
    if subject.masking.octets(decrypted) != decrypted:
        return True
    for item in subject.exchanges_of.get(connection, ()):
        if item.stream is not None:
            return True  # header compression hides what it holds
        sides = (
            (item.exchange.request, item.request_packets, item.application.client),
            (item.exchange.response, item.response_packets, item.application.server),
        )
        for message, packets, stream in sides:
            if message is None or packets is None or not packets[0] <= number <= packets[1]:
                continue
            for data in (stream.read(message.start, message.end), item.content(message).data):
                if subject.masking.octets(data) != data:
                    return True
    return _is_secret_frame_inside(subject, number, connection)


def _is_secret_frame_inside(subject: Subject, number: int, connection: int) -> bool:
    websockets = subject.capture.websockets
    frames = websockets.frames
    for websocket in subject.websockets_of.get(connection, ()):
        for direction in (websocket.client, websocket.server):
            rows = np.arange(direction.frames.start, direction.frames.stop)
            here = (frames.first_packet[rows] <= number) & (frames.last_packet[rows] >= number)
            for row in rows[here].tolist():
                if _is_secret_frame(subject, row):
                    return True
    return False


def _is_secret_frame(subject: Subject, row: int) -> bool:
    websockets = subject.capture.websockets
    message = int(websockets.frames.message[row])
    content = websockets.content(message) if message >= 0 else websockets.control_payload(row)
    return content is None or subject.masking.octets(content) != content


def _mask_stream(subject: Subject, found: Dissection, data: bytearray) -> None:
    place = found.tcp
    assert place is not None and place.seq is not None  # the caller's condition
    if place.connection in subject.facts.tls:
        return  # encrypted: the report holds no key
    at, size = found.payload
    side = _side(subject, found.number)
    stream = _stream(subject, place.connection, side)
    start = place.seq - 1
    payload = found.data[at : at + size]
    masked = _in_context(subject, stream, start, payload)
    for index, octet in enumerate(masked):
        if octet != payload[index]:
            data[at + index] = octet
    for first, end in _hidden(subject, place.connection, side, start, start + size):
        low, high = max(first - start, 0), min(end - start, size)
        data[at + low : at + high] = FILL * max(high - low, 0)


def _side(subject: Subject, number: int) -> int:
    segments = subject.capture.segments
    end = int(np.searchsorted(segments.packet, segments.packet.dtype.type(number)))
    return 1 if int(segments.marks[end - 1]) & SEGMENT_FROM_B else 0


@lru_cache(maxsize=64)
def _stream(subject: Subject, connection: int, side: int) -> Stream:
    return subject.capture.stream(connection, side)


def _in_context(subject: Subject, stream: Stream, start: int, payload: bytes) -> bytes:
    """The payload with secrets masked that are known by what stands before or after it in the stream."""
    low, high = max(start - _CONTEXT, 0), start + len(payload) + _CONTEXT
    for gap_start, gap_end in stream.gaps:
        if gap_end <= start:
            low = max(low, gap_end)
        elif gap_start >= start + len(payload):
            high = min(high, gap_start)
    context = stream.read(low, high)
    own = slice(start - low, start - low + len(payload))
    if context[own] != payload:
        return payload  # sent twice with other bytes: it is looked at by itself
    return subject.masking.octets(context)[own]


def _hidden(subject: Subject, connection: int, side: int, start: int, end: int) -> list[tuple[int, int]]:
    """Ranges of a stream, near [start, end), whose bytes hold a secret that cannot be seen in them: masked or compressed."""
    found = []
    for websocket in subject.websockets_of.get(connection, ()):
        direction = websocket.client if websocket.client_side == side else websocket.server
        if isinstance(direction.stream, Stream):
            found += _secret_frames(subject, direction, start, end)
        else:
            found.append((start, end))  # inside of a tunnel or of HTTP/2: places in the packet are not told
    for item in subject.exchanges_of.get(connection, ()):
        if item.stream is not None:
            found.append((start, end))  # header compression hides what it holds
            break
        is_client = item.application.client_side == side
        message = item.exchange.request if is_client else item.exchange.response
        if message is None or not message.body_spans or message.end <= start or message.start >= end:
            continue
        if codings_of(message.values("content-encoding")):
            content = item.content(message).data
            if subject.masking.octets(content) != content:
                found += message.body_spans
    return found


def _secret_frames(subject: Subject, direction: Direction, start: int, end: int) -> list[tuple[int, int]]:
    websockets = subject.capture.websockets
    frames = websockets.frames
    rows = range(direction.frames.start, direction.frames.stop)
    starts, ends = frames.start[rows.start : rows.stop], frames.end[rows.start : rows.stop]
    near = np.flatnonzero((starts < end) & (ends > start)) + rows.start
    found = []
    for row in near.tolist():
        if _is_secret_frame(subject, row):
            found.append((int(frames.start[row]) + int(frames.header[row]), int(frames.end[row])))
    return found
