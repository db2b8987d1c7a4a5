"""What the live view says of each event: a line for people, an object for programs."""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from rich.cells import cell_len, set_cell_size

from addons.live_frames import SeenFrame
from inspector.i18n import _
from inspector.model.websocket import CLOSE, CONTINUATION, FAULTS, OPCODES, PONG, TEXT, close_note
from inspector.report.clean import clean
from inspector.report.duration import duration_text
from inspector.report.messages import harmless

__all__ = ["Line", "ended_line", "exchange_line", "frame_line", "json_type", "note_line", "skipped_line"]

# Any: JSON.
Json = dict[str, Any]

_SHOWN_CHARACTERS = 160
_SHOWN_BYTES = 16
_QUIET_CLOSES = (1000, 1001)
"""What peers say who leave in the usual way."""
_TYPE = re.compile(rb'"type"\s*:\s*"((?:[^"\\]|\\.){1,60})"')
"""A message's type as Channels and most protocols of JSON over WebSocket name it; searched, since JSON may be cut."""


@dataclass(frozen=True, slots=True)
class Line:
    """One event.

    Args:
        time_ns: When.
        connection: Its number in the recording; None where it is about none.
        text: Without time and connection.
        finding: Something is wrong.
        data: For programs.
    """

    time_ns: int
    connection: int | None
    text: str
    finding: bool
    data: Json

    def as_text(self, width: int | None) -> str:
        """One line of at most ``width`` cells."""
        clock = _clock(self.time_ns // 10**9)
        where = f"#{self.connection}" if self.connection is not None else ""
        line = f"{clock}.{self.time_ns // 10**6 % 1000:03} {where:<4} {'!' if self.finding else ' '} {self.text}"
        if width is None or (len(line) <= width and line.isascii()):
            return line
        line = line[: 2 * width]  # counting cells is slow
        return line if cell_len(line) <= width else set_cell_size(line, width - 1).rstrip() + "…"

    def as_json(self) -> str:
        """One line of JSON."""
        row = {"time_ns": self.time_ns, "connection": self.connection, **self.data, "finding": self.finding}
        return harmless(json.dumps(row, ensure_ascii=False, default=_decoded))


@lru_cache(maxsize=2)
def _clock(seconds: int) -> str:
    return time.strftime("%H:%M:%S", time.localtime(seconds))


def _decoded(start: object) -> str:
    """Text of a message: decoded only where somebody wants JSON."""
    return bytes(start).decode("utf-8", "replace") if isinstance(start, (bytes, bytearray)) else str(start)


def exchange_line(time_ns: int, connection: int | None, facts: Json) -> Line:
    """An exchange that is complete, or failed.

    Args:
        time_ns: When.
        connection: Of the client leg.
        facts: ``method``, ``url``, ``status``, ``reason``, ``type``, ``request_bytes``, ``response_bytes``,
            ``duration_ns``, ``error``.
    """
    status, error = facts["status"], facts["error"]
    parts = [f"{facts['method']} {facts['url']}"]
    if status is not None:
        parts.append(f"{status} {facts['reason']}".strip())
        if status != 101:
            parts.append(f"{facts['response_bytes']:,} B" if facts["response_bytes"] is not None else _("streamed"))
        parts.append(facts["type"])
    if error is not None:
        parts.append(_("failed: {why}").format(why=error))
    if facts["duration_ns"] is not None:
        parts.append(duration_text(facts["duration_ns"]))
    finding = error is not None or (status is not None and status >= 400)
    text = "  ".join(clean(part) for part in parts if part)
    return Line(time_ns, connection, text, finding, {"event": "exchange", **facts})


def frame_line(time_ns: int, connection: int | None, from_client: bool, frame: SeenFrame, rtt_ns: int | None) -> Line:
    """A frame of the client leg.

    Args:
        time_ns: When its last byte passed.
        connection: Its number.
        from_client: Who sent it.
        frame: What was seen.
        rtt_ns: Of a pong: since the ping that it answers.
    """
    data: Json = {
        "event": "frame",
        "direction": "client" if from_client else "server",
        "opcode": frame.opcode,
        "type": OPCODES.get(frame.opcode),
        "fin": frame.fin,
        "length": frame.length,
    }
    words = [OPCODES.get(frame.opcode) or _("opcode {number}").format(number=frame.opcode)]
    finding = bool(frame.faults)
    message = frame.message
    if message is None:
        words.append(f"{frame.length:,} B")
        if frame.opcode == CLOSE:
            code = int.from_bytes(frame.payload[:2], "big") if frame.length >= 2 else None
            finding = finding or (code is not None and code not in _QUIET_CLOSES)
            reason = frame.payload[2:].decode("utf-8", "backslashreplace")
            data |= {"code": code, "reason": reason}
            words.append(_close_words(code, reason))
        else:
            words.append(_shown(frame.payload, is_text=False))
        if rtt_ns is not None and frame.opcode == PONG:
            data["rtt_ns"] = rtt_ns
            words.append(_("after {time}").format(time=duration_text(rtt_ns)))
    else:
        words += _message_words(frame, data)
    if frame.faults:
        data["faults"] = [name for fault, (name, _ref) in FAULTS.items() if frame.faults & fault]
        words += [f"! {name}" for name in data["faults"]]
    text = f"{'>' if from_client else '<'} {words[0]:<6} " + "  ".join(word for word in words[1:] if word)
    return Line(time_ns, connection, text, finding, data)


def _message_words(frame: SeenFrame, data: Json) -> list[str]:
    message = frame.message
    assert message is not None  # the caller looked
    if not frame.fin:
        data["message"] = None
        return [f"{frame.length:,} B", _("fragment {number}").format(number=frame.number)]
    size = f"{message.length:,} B" if message.length is not None else "? B"
    if message.compressed and message.length:
        ratio = message.length / max(message.wire_length, 1)
        size += _(" from {wire} (x{ratio:.1f})").format(wire=f"{message.wire_length:,}", ratio=ratio)
    if message.frames > 1:
        size += _(" in {count} frames").format(count=message.frames)
    start = bytes(message.start)
    is_text = message.opcode == TEXT or (message.opcode == CONTINUATION and start.isascii())
    kind = json_type(start) if is_text else None
    data["message"] = {
        "type": OPCODES.get(message.opcode),
        "length": message.length,
        "wire_length": message.wire_length,
        "frames": message.frames,
        "compressed": message.compressed,
        "json_type": kind,
        "text": start if is_text else None,
        "cut": message.length is None or len(start) < message.length,
    }
    return [size, f"[{clean(kind)}]" if kind else "", _shown(start, is_text=is_text)]


def json_type(start: bytes) -> str | None:
    """What kind of JSON a text begins: the value of its ``type``, else ``object`` or ``array``; None when it is none."""
    stripped = start.lstrip()
    if stripped[:1] not in (b"{", b"["):
        return None
    found = _TYPE.search(stripped[:1024])
    if found is not None:
        return found[1].decode("utf-8", "replace")
    return "object" if stripped[:1] == b"{" else "array"


def _shown(data: bytes, *, is_text: bool) -> str:
    if is_text:
        text = data[: 4 * _SHOWN_CHARACTERS].decode("utf-8", "replace")[:_SHOWN_CHARACTERS]
        return text if text.isprintable() else clean(text)
    if data.isascii() and data.decode().isprintable():
        return data.decode()
    return data[:_SHOWN_BYTES].hex(" ") + (" …" if len(data) > _SHOWN_BYTES else "")


def _close_words(code: int | None, reason: str) -> str:
    if code is None:
        return _("(no code)")
    note = str(close_note(code))
    if 3000 <= code < 5000:
        name = _("registered by IANA for libraries") if code < 4000 else _("the application's own")
        note = f"({name})"
    return " ".join(part for part in (str(code), note, clean(reason)) if part)


def ended_line(time_ns: int, connection: int | None, by_client: bool, code: int | None, reason: str) -> Line:
    """A WebSocket has ended.

    Args:
        time_ns: When.
        connection: Of the client leg.
        by_client: The client caused it.
        code: That it gave; 1006: its connection ended without a Close.
        reason: That it gave.
    """
    data = {"event": "websocket_end", "by": "client" if by_client else "server", "code": code, "reason": reason}
    if code == 1006:
        sentence = (
            _("the client's connection ended without a Close; the server is told 1000")
            if by_client
            else _("the server's connection ended without a Close; the client is told 1000")
        )
        return Line(time_ns, connection, sentence, True, data)
    sentence = _("ended by the client: {how}") if by_client else _("ended by the server: {how}")
    text = sentence.format(how=_close_words(code if code != 1005 else None, reason))
    return Line(time_ns, connection, text, code not in (*_QUIET_CLOSES, 1005), data)


def note_line(time_ns: int, connection: int | None, kind: str, text: str) -> Line:
    """What the proxy or a rule did."""
    data = {"event": "note", "kind": kind, "text": text}
    return Line(time_ns, connection, f"{kind}: {clean(text)}", kind == "error", data)


def skipped_line(time_ns: int, count: int) -> Line:
    """Events that are not shown, since the terminal or this program was too slow; the recording has them."""
    text = _("… {count} events not shown; the recording has them").format(count=count)
    return Line(time_ns, None, text, False, {"event": "skipped", "count": count})
