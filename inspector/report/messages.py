"""WebSocket messages and frames as JSON lines; docs/websocket.md describes every key."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from json import dumps
from json.encoder import encode_basestring

import numpy as np
from numpy.typing import NDArray

from inspector.model.anomaly import Anomaly
from inspector.model.websocket import BINARY, CLOSE, OPCODES, TEXT
from inspector.recording.websockets import WebSockets

__all__ = ["frame_lines", "harmless", "message_lines"]

_CHUNK = 1 << 14
"""Rows rendered at a time: enough that columns pay off, few enough to need no memory."""

_RISKY = re.compile(
    "[\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u08e2\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000110bd\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001-\U000e007f]"
)
"""What JSON allows as it is, but terminals act on: DEL, C1, and characters that are invisible or turn the direction."""


def _quoted(text: str) -> str:
    """Text as a JSON string that is safe in a terminal; letters of every language stay as they are."""
    string: str = encode_basestring(text)
    return string if string.isprintable() else harmless(string)


def harmless(json: str) -> str:
    """JSON with escapes in place of what a terminal acts on."""
    return _RISKY.sub(lambda match: dumps(match[0])[1:-1], json)


def message_lines(websockets: WebSockets, rows: NDArray[np.intp], *, payload: bool = True) -> Iterator[str]:
    """Messages as JSON, one line each.

    Args:
        websockets: Where they are.
        rows: Of the messages.
        payload: With their content.
    """
    table, frames = websockets.messages, websockets.frames
    first_ns, last_ns = websockets.frame_times
    heads = [_head(websockets, number) for number in range(len(websockets.directions))]
    starts = [(d.messages.start, d.frames.start) for d in websockets.directions]
    told, kept = _with_frame_anomalies(websockets), websockets.kept
    for at in range(0, len(rows), _CHUNK):
        chunk = rows[at : at + _CHUNK]
        first, last = table.first_frame[chunk], table.last_frame[chunk]
        columns = (
            chunk,
            table.direction[chunk],
            table.opcode[chunk],
            table.length[chunk],
            table.wire_length[chunk],
            table.compressed[chunk],
            table.complete[chunk],
            table.frames[chunk],
            first,
            frames.first_packet[first],
            frames.last_packet[last],
            first_ns[first],
            last_ns[last],
            frames.start[first],
            frames.end[last],
            table.faults[chunk],
            table.content[chunk],
        )
        for row, d, opcode, length, wire, comp, whole, count, frame, p1, p2, t1, t2, start, end, faults, kept_at in zip(
            *(column.tolist() for column in columns), strict=True
        ):
            packets = f"{p1}" if p1 == p2 else _packets(websockets, d, start, end)
            anomalies = ""
            if faults or row in told:
                found = websockets.message_anomalies(row)
                found += [a for number in told.get(row, ()) for a in websockets.frame_anomalies(number)]
                anomalies = _anomalies(found)
            first_message, first_frame = starts[d]
            content = ""
            if payload and length >= 0:
                data = kept[kept_at : kept_at + length] if kept_at >= 0 else websockets.content(row)
                content = _content(data, opcode)
            yield (
                f'{heads[d]}"message":{row - first_message + 1},"opcode":{opcode},"type":"{OPCODES[opcode]}",'
                f'"length":{length if length >= 0 else "null"},"wire_length":{wire},'
                f'"compressed":{_TRUTH[comp]},"complete":{_TRUTH[whole]},"frames":{count},'
                f'"first_frame":{frame - first_frame + 1},"packets":[{packets}],"bytes":[{start},{end}],'
                f'"time_ns":{t1 if t1 >= 0 else "null"},"last_time_ns":{t2 if t2 >= 0 else "null"},"anomalies":[{anomalies}]{content}}}'
            )


def frame_lines(websockets: WebSockets, rows: NDArray[np.intp], *, payload: bool = True) -> Iterator[str]:
    """Frames as JSON, one line each; arguments as ``message_lines``."""
    table, messages = websockets.frames, websockets.messages
    first_ns, last_ns = websockets.frame_times
    heads = [_head(websockets, number) for number in range(len(websockets.directions))]
    starts = [(d.frames.start, d.messages.start) for d in websockets.directions]
    whole_message = np.append((messages.frames == 1) & (messages.complete == 1), False)
    compressed = np.append(messages.compressed, np.uint8(0))
    kinds = np.append(messages.opcode, np.uint8(0))
    lengths = np.append(messages.length, np.int64(-1))
    for at in range(0, len(rows), _CHUNK):
        chunk = rows[at : at + _CHUNK]
        message = table.message[chunk]
        columns = (
            chunk,
            table.direction[chunk],
            table.first_byte[chunk],
            table.header[chunk],
            table.mask_key[chunk],
            table.length[chunk],
            message,
            compressed[message],
            whole_message[message],
            lengths[message],
            kinds[message],
            table.first_packet[chunk],
            table.last_packet[chunk],
            first_ns[chunk],
            last_ns[chunk],
            table.start[chunk],
            table.end[chunk],
            table.faults[chunk],
        )
        for (
            row,
            d,
            first,
            header,
            key,
            wire,
            owner,
            comp,
            whole,
            length,
            kind,
            p1,
            p2,
            t1,
            t2,
            start,
            end,
            faults,
        ) in zip(*(column.tolist() for column in columns), strict=True):
            opcode, masked = first & 15, header in _MASKED_HEADERS
            packets = f"{p1}" if p1 == p2 else _packets(websockets, d, start, end)
            first_frame, first_message = starts[d]
            inflated = length if comp and whole else wire
            content = ""
            if payload:
                data = websockets.content(owner) if whole else websockets.payload(row)
                content = _content(data, BINARY if comp and not whole else kind)
            yield (
                f'{heads[d]}"frame":{row - first_frame + 1},'
                f'"message":{owner - first_message + 1 if owner >= 0 else "null"},'
                f'"opcode":{opcode},"type":"{OPCODES.get(opcode, "reserved")}",'
                f'"fin":{_TRUTH[first >> 7]},"rsv1":{_TRUTH[first >> 6 & 1]},'
                f'"rsv2":{_TRUTH[first >> 5 & 1]},"rsv3":{_TRUTH[first >> 4 & 1]},'
                f'"masked":{_TRUTH[masked]},"mask_key":{_key(key) if masked else "null"},'
                f'"header_length":{header},"length":{inflated if inflated >= 0 else "null"},"wire_length":{wire},'
                f'"compressed":{_TRUTH[comp]},"packets":[{packets}],"bytes":[{start},{end}],'
                f'"time_ns":{t1 if t1 >= 0 else "null"},"last_time_ns":{t2 if t2 >= 0 else "null"},'
                f'"anomalies":[{_anomalies(websockets.frame_anomalies(row)) if faults else ""}]'
                f"{_close(websockets, row) if opcode == CLOSE else ''}{content}}}"
            )


_TRUTH = ("false", "true")
_MASKED_HEADERS = frozenset({6, 8, 14})


def _key(key: int) -> str:
    """A masking key as a JSON string of eight hexadecimal digits."""
    return f'"{key:08x}"'


def _head(websockets: WebSockets, number: int) -> str:
    direction = websockets.directions[number]
    stream = websockets.connections[number // 2].stream
    place = f'"connection":{direction.connection},"stream":{"null" if stream is None else stream}'
    return f'{{{place},"direction":"{direction.sender}",'


def _packets(websockets: WebSockets, direction: int, start: int, end: int) -> str:
    return ",".join(map(str, websockets.packets(direction, start, end)))


def _with_frame_anomalies(websockets: WebSockets) -> dict[int, list[int]]:
    """Frames with anomalies, by the message they belong to."""
    found: dict[int, list[int]] = {}
    for frame in np.flatnonzero(websockets.frames.faults).tolist():
        found.setdefault(int(websockets.frames.message[frame]), []).append(frame)
    found.pop(-1, None)
    return found


def _anomalies(anomalies: list[Anomaly]) -> str:
    return ",".join(
        f'{{"code":"{a.code}","bytes":[{a.start},{a.end}],"ref":"{a.ref}","detail":{_quoted(a.detail)}}}'
        for a in anomalies
    )


def _content(data: bytes | memoryview | None, opcode: int) -> str:
    """Content of a message or frame: as text when it is that, else in base64; nothing when it is not known."""
    if data is None:
        return ""
    if opcode == TEXT:
        try:
            return f',"text":{_quoted(str(data, "utf-8"))}'
        except UnicodeDecodeError:
            pass
    return f',"payload_base64":"{b64encode(data).decode("ascii")}"'


def _close(websockets: WebSockets, row: int) -> str:
    close = websockets.close(row)
    if close is None:
        return ""
    code = "null" if close.code is None else str(close.code)
    return f',"close_code":{code},"close_reason":{_quoted(close.reason.decode("utf-8", "backslashreplace"))}'
