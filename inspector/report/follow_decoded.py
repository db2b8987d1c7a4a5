"""What was said on a connection, decoded: HTTP messages or WebSocket messages in the order of time."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from inspector.i18n import _, ngettext
from inspector.model.http import HttpMessage
from inspector.model.websocket import CLOSE, OPCODES, TEXT
from inspector.recording.http import HttpExchange, http_exchanges
from inspector.recording.turns import Turn
from inspector.report.clean import clean, clean_block
from inspector.report.follow import heading
from inspector.report.messages import frame_lines, harmless, message_lines
from inspector.report.websocket_text import content_text, frame_content
from inspector.wire.forms import decode_text, media_type

if TYPE_CHECKING:
    from inspector.recording.capture import Capture
    from inspector.recording.connection import Connection
    from inspector.recording.websockets import WebSockets

__all__ = ["HttpTurn", "http_json", "http_text", "http_turns", "websocket_json", "websocket_rows", "websocket_text"]

# Any: JSON.
Json = dict[str, Any]
_SHOWN_BINARY = 256
"""Bytes shown of a body that is no text; --json has all of it."""
_BYTES_PER_ROW = 16


# --- HTTP --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HttpTurn:
    """One HTTP message on its way.

    Args:
        item: The exchange it belongs to.
        message: The request, the response, or an interim response.
        role: ``"client"`` or ``"server"``: who sent it.
        packets: Numbers of the packets that brought its first and last byte; None in a gap.
        time_ns: When the first byte was captured, None in a gap.
    """

    item: HttpExchange
    message: HttpMessage
    role: str
    packets: tuple[int | None, int | None]
    time_ns: int | None


def http_turns(capture: Capture, connection: int, roles: Iterable[str]) -> list[HttpTurn]:
    """The HTTP messages of a connection, out of TLS and HTTP/2 where it is in them, in the order of time.

    Args:
        capture, connection: Which.
        roles: ``"client"``, ``"server"`` or both.

    Raises:
        UsageError: If there is no such connection.
    """
    turns = []
    for item in http_exchanges(capture, [connection]):
        exchange = item.exchange
        for role, message in (
            ("client", exchange.request),
            *(("server", interim) for interim in exchange.interim),
            ("server", exchange.response),
        ):
            if message is not None and role in roles:
                stream = item.application.client if role == "client" else item.application.server
                first, last = stream.packet_at(message.start), stream.packet_at(message.end - 1)
                time_ns = int(capture.packets.time_ns[first - 1]) if first else None
                turns.append(HttpTurn(item, message, role, (first, last), time_ns))
    turns.sort(key=lambda turn: (turn.packets[0] or turn.packets[1] or 0, turn.item.number, turn.role))
    return turns


def http_text(turns: Iterable[HttpTurn], connection: Connection) -> Iterator[str]:
    """HTTP messages as text: heads as sent, bodies with transfer and content coding removed.

    Args:
        turns: From ``http_turns``.
        connection: Whose they are.
    """
    for turn in turns:
        yield (
            _heading(connection, turn.item.application.client_side, turn.role, turn.packets[0], turn.time_ns)
            + (
                ""
                if turn.item.stream is None
                else "  " + _("HTTP/2 stream {number}").format(number=turn.item.stream.id)
            )
            + "\n"
        )
        message = turn.message
        for line in (message.first_line, *(name + b": " + value for name, value in message.pseudo + message.headers)):
            yield clean(_text(line)) + "\n"
        yield "\n"
        yield _http_body(turn)
        for name, value in message.trailers:
            yield clean(_text(name + b": " + value)) + "\n"
        if message.missing:
            count = message.missing
            text = ngettext("[{count} byte missing]", "[{count} bytes missing]", count)
            yield text.format(count=f"{count:,}") + "\n"
        for anomaly in message.anomalies:
            yield f"! {anomaly.code} {clean(anomaly.detail)}".rstrip() + f" ({anomaly.ref})\n"


def _http_body(turn: HttpTurn) -> str:
    message, item = turn.message, turn.item
    if not message.body_length:
        return ""
    if item.protocol is not None:
        told = _("[{size} bytes of {protocol}; --as websocket shows WebSockets]")
        return told.format(size=f"{message.body_length:,}", protocol=clean(item.protocol)) + "\n"
    content = item.content(message)
    decoded = decode_text(content.data, message.header("content-type"))
    if decoded is not None:
        body = clean_block(decoded[0].replace("\r\n", "\n"))
        body += "" if body.endswith("\n") else "\n"
    else:
        kind = media_type(message.header("content-type"))[0] or "?"
        rows = range(0, min(len(content.data), _SHOWN_BINARY), _BYTES_PER_ROW)
        body = "".join(content.data[at : at + _BYTES_PER_ROW].hex(" ") + "\n" for at in rows)
        body += _("[{size} bytes of {kind} in all]").format(size=f"{len(content.data):,}", kind=clean(kind)) + "\n"
    return body + "".join(f"! {a.code} {clean(a.detail)} ({a.ref})\n" for a in content.anomalies)


def http_json(turns: Iterable[HttpTurn]) -> Iterator[str]:
    """HTTP messages as JSON, one line each, with their decoded bodies."""
    for turn in turns:
        message, item = turn.message, turn.item
        row: Json = {
            "side": turn.role,
            "exchange": item.number,
            "stream": item.stream.id if item.stream else None,
            "packets": list(turn.packets),
            "time_ns": turn.time_ns,
            "first_line": _text(message.first_line),
            "status": message.status,
            "headers": [[_text(name), _text(value)] for name, value in message.pseudo + message.headers],
            "trailers": [[_text(name), _text(value)] for name, value in message.trailers],
            "body_length": message.body_length,
            "missing": message.missing,
            "complete": message.complete,
            "anomalies": [anomaly.code for anomaly in message.anomalies],
        }
        if item.protocol is None:
            content = item.content(message)
            row["anomalies"] += [anomaly.code for anomaly in content.anomalies]
            decoded = decode_text(content.data, message.header("content-type"))
            if decoded is not None:
                row["text"] = decoded[0]
            else:
                row["body_base64"] = base64.b64encode(content.data).decode("ascii")
        yield harmless(json.dumps(row, ensure_ascii=False))


# --- WebSocket ---------------------------------------------------------------------------------------------------------


def websocket_rows(websockets: WebSockets, roles: Iterable[str]) -> list[tuple[bool, int]]:
    """Messages and control frames in the order in which they came: (is a message, its row).

    Args:
        websockets: Of one connection.
        roles: ``"client"``, ``"server"`` or both.
    """
    frames, wanted = websockets.frames, set(roles)
    keyed: list[tuple[int, int, int, bool, int]] = []
    for number, direction in enumerate(websockets.directions):
        if direction.sender not in wanted:
            continue
        rows = slice(direction.frames.start, direction.frames.stop)
        # Within a direction the order of the stream holds, also where segments came out of order.
        arrival: NDArray[np.uint32] = np.maximum.accumulate(frames.first_packet[rows])
        for row in direction.messages:
            first = int(websockets.messages.first_frame[row])
            keyed.append((int(arrival[first - rows.start]), number, first, True, row))
        for at in np.flatnonzero(frames.opcode[rows] >= CLOSE).tolist():
            keyed.append((int(arrival[at]), number, rows.start + at, False, rows.start + at))
    return [(is_message, row) for *_where, is_message, row in sorted(keyed)]


def websocket_text(websockets: WebSockets, rows: Iterable[tuple[bool, int]], connection: Connection) -> Iterator[str]:
    """WebSocket messages and control frames as text; texts whole, all else in hex and cut.

    Args:
        websockets: Of one connection.
        rows: From ``websocket_rows``.
        connection: Whose they are.
    """
    frames, messages = websockets.frames, websockets.messages
    for is_message, row in rows:
        frame = int(messages.first_frame[row]) if is_message else row
        number = int(frames.direction[frame])
        direction, socket = websockets.directions[number], websockets.connections[number // 2]
        time_ns = int(websockets.frame_times[0][frame])
        place = _heading(
            connection,
            socket.client_side,
            direction.sender,
            int(frames.first_packet[frame]) or None,
            time_ns if time_ns >= 0 else None,
        )
        if socket.stream is not None:
            place += "  " + _("HTTP/2 stream {number}").format(number=socket.stream)
        opcode = int(messages.opcode[row] if is_message else frames.opcode[row])
        anomalies = websockets.message_anomalies(row) if is_message else websockets.frame_anomalies(row)
        yield f"{place}  {OPCODES.get(opcode, opcode)}\n"
        content = websockets.content(row) if is_message else None
        if opcode == TEXT and content is not None:
            yield clean_block(content.decode("utf-8", "backslashreplace")) + "\n"
        else:
            yield (content_text(content, opcode) if is_message else frame_content(websockets, row, opcode)) + "\n"
        for anomaly in anomalies:
            yield f"! {anomaly.code} {clean(anomaly.detail)}".rstrip() + f" ({anomaly.ref})\n"


def websocket_json(websockets: WebSockets, rows: Iterable[tuple[bool, int]]) -> Iterator[str]:
    """Messages and control frames as JSON, one line each, with the keys of ``inspector messages`` and ``frames``."""
    rows = list(rows)
    messages = message_lines(websockets, np.array([row for is_message, row in rows if is_message], np.intp))
    frames = frame_lines(websockets, np.array([row for is_message, row in rows if not is_message], np.intp))
    for is_message, _row in rows:
        yield next(messages if is_message else frames)


# --- both --------------------------------------------------------------------------------------------------------------


def _heading(connection: Connection, client_side: int, role: str, packet: int | None, time_ns: int | None) -> str:
    """As ``inspector follow`` has it; who is the client is told by what was said."""
    if client_side != connection.client_side:
        connection = replace(connection, client=connection.server, server=connection.client)
    return heading(Turn(0, 0, 0, b"", packet, time_ns), role, connection)


def _text(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")
