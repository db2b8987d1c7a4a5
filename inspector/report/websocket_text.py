"""WebSocket messages and frames for people: one line each, below a line for each connection."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from inspector.i18n import _
from inspector.model.anomaly import Anomaly
from inspector.model.websocket import BINARY, OPCODES, PING, PONG, TEXT, Close, close_note
from inspector.recording.websockets import WebSockets
from inspector.report.clean import clean
from inspector.report.websocket_connections import connection_title

__all__ = ["content_text", "frame_content", "frame_texts", "message_texts"]

_SHOWN_CHARACTERS = 160
"""Of a content; --json has all of it."""
_SHOWN_BYTES = 24
"""Of a binary content."""


def message_texts(websockets: WebSockets, rows: NDArray[np.intp], *, payload: bool = True) -> Iterator[str]:
    """Messages as lines; a connection is named before its first one.

    Args:
        websockets: Where they are.
        rows: Of the messages.
        payload: With their content.
    """
    table = websockets.messages
    titles = _Titles(websockets)
    for row in rows.tolist():
        yield from titles.before(int(table.direction[row]))
        first, length = int(table.first_frame[row]), int(table.length[row])
        size = f"{length:,} B" if length >= 0 else "? B"
        if table.compressed[row]:
            size += _(" from {wire}").format(wire=f"{int(table.wire_length[row]):,}")
        if table.frames[row] > 1:
            size += _(" in {count} frames").format(count=int(table.frames[row]))
        content = content_text(websockets.content(row), int(table.opcode[row])) if payload else ""
        anomalies = websockets.message_anomalies(row)
        yield f"{titles.place(first)}  {OPCODES[int(table.opcode[row])]:<6} {size:<24} {content}{_told(anomalies)}".rstrip()


def frame_texts(websockets: WebSockets, rows: NDArray[np.intp], *, payload: bool = True) -> Iterator[str]:
    """Frames as lines; arguments as ``message_texts``."""
    table, messages = websockets.frames, websockets.messages
    titles = _Titles(websockets)
    for row in rows.tolist():
        yield from titles.before(int(table.direction[row]))
        first, opcode, owner = int(table.first_byte[row]), int(table.first_byte[row]) & 15, int(table.message[row])
        flags = "".join(name if first & bit else "-" for name, bit in (("F", 128), ("1", 64), ("2", 32), ("3", 16)))
        header = int(table.header[row])
        key = f"{int(table.mask_key[row]):08x}" if header in (6, 8, 14) else "-" * 8
        content = ""
        if payload:
            content = frame_content(websockets, row, opcode)
        name = OPCODES.get(opcode, f"{opcode}?")
        size = f"{header}+{int(table.length[row]):,} B"
        if owner >= 0 and messages.compressed[owner]:
            size += " z"
        told = _told(websockets.frame_anomalies(row))
        yield f"{titles.place(row)}  {flags} {name:<12} {key} {size:<14} {content}{told}".rstrip()


class _Titles:
    """Names each connection once, and says where and when a frame was."""

    def __init__(self, websockets: WebSockets) -> None:
        self._websockets = websockets
        self._named: set[int] = set()
        times = websockets.capture.packets.time_ns
        self._start_ns = int(times[0]) if len(times) else 0

    def before(self, direction: int) -> Iterator[str]:
        """The connection's line, when it was not yet shown."""
        index = direction // 2
        if index not in self._named:
            self._named.add(index)
            yield connection_title(self._websockets, self._websockets.connections[index])

    def place(self, row: int) -> str:
        """Packet, time, connection and sender of a frame."""
        table = self._websockets.frames
        packet, time_ns = int(table.first_packet[row]), int(self._websockets.frame_times[0][row])
        direction = self._websockets.directions[int(table.direction[row])]
        seconds = f"{(time_ns - self._start_ns) / 1e9:.6f}" if time_ns >= 0 else "?"
        arrow = ">" if direction.is_client else "<"
        stream = self._websockets.connections[int(table.direction[row]) // 2].stream
        where = f"{direction.connection}" if stream is None else f"{direction.connection}/{stream}"
        return f"{packet or '?':>7} {seconds:>12}  #{where:<3} {arrow}"


def frame_content(websockets: WebSockets, row: int, opcode: int) -> str:
    """What a frame carries, on one line: the code and reason of a Close, else as ``content_text``."""
    close = websockets.close(row)
    if close is not None:
        return _close(close)
    owner = int(websockets.frames.message[row])
    if owner < 0:
        return content_text(websockets.payload(row), opcode)
    kind = int(websockets.messages.opcode[owner])
    if websockets.messages.frames[owner] == 1 and websockets.messages.complete[owner]:
        return content_text(websockets.content(owner), kind)
    return content_text(websockets.payload(row), BINARY if websockets.messages.compressed[owner] else kind)


def _close(close: Close) -> str:
    if close.code is None:
        return _("(no code)")
    parts = [str(close.code), str(close_note(close.code)), clean(close.reason.decode("utf-8", "backslashreplace"))]
    return " ".join(part for part in parts if part)


def content_text(content: bytes | None, opcode: int) -> str:
    """A content on one line, cut: text as text, all else in hex; None when it cannot be known."""
    if content is None:
        return _("(content not known)")
    if opcode == TEXT or (opcode in (PING, PONG) and content.isascii() and content.decode().isprintable()):
        text = content[: 4 * _SHOWN_CHARACTERS].decode("utf-8", "replace")
        shown = clean(text[:_SHOWN_CHARACTERS])
        return shown + ("…" if len(text) > _SHOWN_CHARACTERS else "")
    shown = content[:_SHOWN_BYTES].hex(" ")
    return shown + (" …" if len(content) > _SHOWN_BYTES else "")


def _told(anomalies: list[Anomaly]) -> str:
    return "".join(f"  ! {anomaly.code}{_detail(anomaly)}" for anomaly in anomalies)


def _detail(anomaly: Anomaly) -> str:
    return f" ({clean(anomaly.detail)})" if anomaly.detail else ""
