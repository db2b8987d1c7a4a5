"""WebSockets: the connections, every message as columns, and the frames of those a reader will open."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inspector.model.websocket import CLOSE, OPCODES, TEXT
from inspector.recording.websockets import WebSockets
from inspector.report.columns import pack_column, pack_texts
from inspector.report.sections.subject import Json, Subject
from inspector.report.websocket_connections import connection_json

__all__ = ["websockets_json"]

_MOST_CONNECTIONS = 2_000
_MOST_PINGS = 100
_MOST_MESSAGES = 1_000_000
_PREVIEW = 4_096
"""Characters of a message kept for reading and searching."""
_PREVIEW_BYTES = 256
"""Bytes of a binary message kept."""
_TEXT_BUDGET = 48 << 20
"""Characters of previews over all messages: about 8 MiB of a report, compressed."""
_MOST_DETAILS = 400
"""Messages with their frames taken apart."""
_EDGE_DETAILS = 12
_SHOWN_BYTES = 512
"""Bytes of a frame shown in each step."""
_MOST_FRAMES = 16
"""Frames of one message taken apart."""

_Integers = NDArray[np.int64]


def websockets_json(subject: Subject) -> Json:
    """The section of one source."""
    websockets = subject.capture.websockets
    items = [json.loads(connection_json(websockets, found)) for found in websockets.connections[:_MOST_CONNECTIONS]]
    for item in items:
        _finish_connection(subject, item)
    rows = _Rows(websockets)
    return {
        "total": len(websockets.connections),
        "connections": items,
        "messages": _messages(subject, rows),
        "details": [_detail(subject, rows, place) for place in _chosen(subject, rows)],
    }


def _finish_connection(subject: Subject, item: Json) -> None:
    """Ids of the report, secrets masked, long lists cut."""
    item["id"] = subject.socket_key(item["connection"], item["stream"])
    item["connection"] = subject.key(item["connection"])
    item["source"] = subject.index
    for name in ("target", "origin", "subprotocol"):
        item[name] = subject.text(item[name])
    item["extensions"] = [subject.text(extension) for extension in item["extensions"] or ()]
    item["pings_total"] = len(item["pings"])
    item["pings"] = item["pings"][:_MOST_PINGS]
    for side in ("client", "server"):
        close = item["closing"][side]
        if close is not None:
            close["reason"] = subject.text(close["reason"])
    for anomaly in item["anomalies"]:
        anomaly["detail"] = subject.text(anomaly["detail"])


class _Rows:
    """Messages and control frames in the order in which their first bytes came.

    Attributes:
        message: Row of the message, -1 for a control frame.
        frame: Row of the first frame.
    """

    def __init__(self, websockets: WebSockets) -> None:
        self.websockets = websockets
        frames, messages = websockets.frames, websockets.messages
        control = np.flatnonzero(frames.opcode >= CLOSE)
        frame = np.concatenate([messages.first_frame.astype(np.int64), control])
        message = np.concatenate([np.arange(len(messages)), np.full(len(control), -1)])
        # Within a direction the order of the stream holds, also where segments came out of order.
        arrival = frames.first_packet.astype(np.int64)
        edges = np.searchsorted(frames.direction, np.arange(len(websockets.directions) + 1))
        for start, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
            np.maximum.accumulate(arrival[start:end], out=arrival[start:end])
        order = np.lexsort((frame, arrival[frame]))[:_MOST_MESSAGES]
        self.total = len(frame)
        self.message, self.frame = message[order], frame[order]

    def __len__(self) -> int:
        return len(self.frame)

    def id(self, subject: Subject, place: int) -> str:
        """The id of a row in the report."""
        direction = self.websockets.directions[int(self.websockets.frames.direction[self.frame[place]])]
        message, frame = int(self.message[place]), int(self.frame[place])
        name = (
            f"{message - direction.messages.start + 1}"
            if message >= 0
            else f"frame{frame - direction.frames.start + 1}"
        )
        return f"{subject.socket_of_direction[int(self.websockets.frames.direction[self.frame[place]])]}-{direction.sender}-{name}"


def _messages(subject: Subject, rows: _Rows) -> Json:
    websockets = subject.capture.websockets
    frames, messages = websockets.frames, websockets.messages
    message, frame = rows.message, rows.frame
    is_data = message >= 0
    known = np.maximum(message, 0)

    def of(data: NDArray[Any], control: NDArray[Any]) -> _Integers:
        chosen: _Integers = (np.where(is_data, data[known], control[frame]) if len(data) else control[frame]).astype(
            np.int64
        )
        return chosen

    starts = np.array([[d.messages.start, d.frames.start] for d in websockets.directions], np.int64).reshape(-1, 2)
    direction = frames.direction[frame]
    number = np.where(is_data, message - starts[direction, 0], frame - starts[direction, 1]) + 1
    times = websockets.frame_times[0][frame]
    one = np.ones(len(frames), np.int64)
    marks = (
        of(messages.compressed, 0 * one)
        | of(messages.complete, one) << 1
        | ((of(messages.faults, frames.faults) != 0) | (frames.faults[frame] != 0)).astype(np.int64) << 2
        | is_data.astype(np.int64) << 3
    )
    texts = _texts(subject, rows)
    return {
        "total": rows.total,
        "rows": len(rows),
        "with_text": sum(text is not None for text in texts),
        "start_ns": str(subject.start_ns),
        "directions": [
            [subject.key(d.connection), d.sender, key]
            for d, key in zip(websockets.directions, subject.socket_of_direction, strict=True)
        ],
        "columns": {
            "after_ns": pack_column(np.where(times >= 0, times - subject.start_ns, 0), "i8", delta=True),
            "direction": pack_column(direction, "u4"),
            "number": pack_column(number, "u4"),
            "opcode": pack_column(frames.opcode[frame], "u1"),
            "length": pack_column(np.minimum(of(messages.length, frames.length), 2**31 - 1), "i4"),
            "wire_length": pack_column(np.minimum(of(messages.wire_length, frames.length), 2**31 - 1), "i4"),
            "frames": pack_column(of(messages.frames, one), "u4"),
            "marks": pack_column(marks, "u1"),
            "packet": pack_column(frames.first_packet[frame], "u4"),
            "text": pack_texts(texts),
        },
    }


def _texts(subject: Subject, rows: _Rows) -> list[str | None]:
    """The beginning of each content, as text or hexadecimal; null where the budget is spent or nothing is known."""
    left = min(_TEXT_BUDGET, 3 * subject.options.most_bytes)
    texts: list[str | None] = []
    for message, frame in zip(rows.message.tolist(), rows.frame.tolist(), strict=True):
        text = _content_text(subject, message, frame) if left > 0 else None
        left -= len(text) if text is not None else 0
        texts.append(text)
    return texts


def _content_text(subject: Subject, message: int, frame: int) -> str | None:
    websockets = subject.capture.websockets
    if message >= 0:
        content = websockets.content(message)
        if content is None:
            return None
        is_text = int(websockets.messages.opcode[message]) == TEXT
    else:
        close = websockets.close(frame)
        if close is not None:
            code = "" if close.code is None else str(close.code)
            return f"{code} {subject.text(close.reason) or ''}".strip()
        content = websockets.control_payload(frame)
        is_text = content.isascii() and content.decode("ascii").isprintable()
    if is_text:
        # Secrets are masked before the text is cut: a part of one is not recognised.
        return subject.masking.text(content.decode("utf-8", "replace"))[:_PREVIEW]
    return subject.masking.octets(content)[:_PREVIEW_BYTES].hex(" ")


def _chosen(subject: Subject, rows: _Rows) -> list[int]:
    """Places of the messages that are taken apart: evidence and faults first, then the edges of each connection."""
    websockets = subject.capture.websockets
    frames = websockets.frames
    if not len(rows):
        return []
    packets = frames.first_packet[rows.frame]
    wanted = dict.fromkeys(np.flatnonzero(np.isin(packets, subject.evidence)).tolist())
    faults = frames.faults[rows.frame] != 0
    if len(websockets.messages):
        faults |= (rows.message >= 0) & (websockets.messages.faults[np.maximum(rows.message, 0)] != 0)
    wanted |= dict.fromkeys(np.flatnonzero(faults)[: _MOST_DETAILS // 4].tolist())
    wanted |= dict.fromkeys(np.flatnonzero(frames.opcode[rows.frame] == CLOSE)[: _MOST_DETAILS // 4].tolist())
    connection = np.array([d.connection for d in websockets.directions])[frames.direction[rows.frame]]
    for number in _order(subject)[: _MOST_DETAILS // (2 * _EDGE_DETAILS)]:
        places = np.flatnonzero(connection == number)
        wanted |= dict.fromkeys([*places[: 2 * _EDGE_DETAILS].tolist(), *places[-_EDGE_DETAILS:].tolist()])
    return sorted(list(wanted)[:_MOST_DETAILS])


def _order(subject: Subject) -> list[int]:
    """Numbers of the connections with a WebSocket, those with findings first."""
    return sorted(subject.websockets_of, key=lambda number: (number not in subject.remarkable, number))


def _detail(subject: Subject, rows: _Rows, place: int) -> Json:
    """One message with its frames: header, key, masked and unmasked bytes, and what inflating made of them."""
    websockets = subject.capture.websockets
    message, frame = int(rows.message[place]), int(rows.frame[place])
    if message < 0:
        content = websockets.control_payload(frame)
        numbers = [frame]
        compressed, anomalies = False, websockets.frame_anomalies(frame)
    else:
        found = websockets.message(message)
        content = found.content if found.content is not None else b""
        last = int(websockets.messages.last_frame[message])
        numbers = [n for n in range(frame, last + 1) if int(websockets.frames.message[n]) == message]
        compressed = found.compressed
        anomalies = found.anomalies + [a for n in numbers for a in websockets.frame_anomalies(n)]
    secret = subject.masking.octets(content) != content
    return {
        "id": rows.id(subject, place),
        "place": place,
        "compressed": compressed,
        "secret": secret,
        "content_hex": None if not compressed or secret else content[:_SHOWN_BYTES].hex(),
        "content_bytes": len(content),
        "frames_total": len(numbers),
        "frames": [_frame(subject, number, secret) for number in numbers[:_MOST_FRAMES]],
        "anomalies": [{"code": a.code, "ref": str(a.ref), "detail": subject.text(a.detail)} for a in anomalies],
    }


def _frame(subject: Subject, row: int, secret: bool) -> Json:
    """A frame as on the wire and unmasked; where its message holds a secret, the payload is not told at all."""
    websockets = subject.capture.websockets
    frames = websockets.frames
    found = websockets.frame(row)
    direction = websockets.directions[int(frames.direction[row])]
    start, header = found.start, int(frames.header[row])
    masked = direction.stream.read(start + header, min(start + header + _SHOWN_BYTES, found.end))
    return {
        "number": row - direction.frames.start + 1,
        "opcode": found.opcode,
        "type": OPCODES.get(found.opcode, "reserved"),
        "fin": found.fin,
        "rsv": found.rsv,
        "length": found.length,
        "header_hex": direction.stream.read(start, start + header).hex(),
        "key_hex": None if found.masking_key is None else found.masking_key.hex(),
        "wire_hex": None if secret else masked.hex(),
        "unmasked_hex": None if secret else found.payload[:_SHOWN_BYTES].hex(),
        "packets": [subject.key(n) for n in direction.stream.packets_of(start, found.end)[:8]],
        "bytes": [start, found.end],
    }
