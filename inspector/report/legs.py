"""Both legs of proxied sessions, as text and JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.cells import cell_len, set_cell_size

from inspector.analysis.beside import Beside
from inspector.analysis.leg_exchanges import Difference, ExchangePair
from inspector.analysis.leg_frames import CloseStory, LedgerRow, Shape
from inspector.analysis.sessions import Session
from inspector.i18n import N_, _
from inspector.model.proxy_note import NoteKind, ProxyNote
from inspector.model.websocket import OPCODES, Close, close_note
from inspector.recording.capture import Capture
from inspector.recording.http import HttpExchange
from inspector.recording.websocket_control import Closing
from inspector.recording.websockets import WebSocket
from inspector.report.clean import clean
from inspector.report.duration import duration_text

__all__ = ["Compared", "session_json", "session_texts"]

# Any: JSON.
Json = dict[str, Any]

_WIDTHS = (12, 1, -20, -30, -30, 9, None)
"""Cells of a line; negative: to the left."""
_SHOWN_FRAMES = 4
_SHOWN_VALUE = 100
_WORDS = {
    "mask": N_("other mask"),
    "fragments": N_("other fragments"),
    "recompressed": N_("recompressed"),
    "compressed": N_("compressed"),
    "inflated": N_("decompressed"),
    "content": N_("CHANGED"),
    "moved": N_("no longer between fragments"),
}
_HTTP_WORDS = {
    "version": N_("version: {came} came, {went} went on"),
    "method": N_("method: {came} came, {went} went on"),
    "target": N_("target: {came} came, {went} went on"),
    "status": N_("status: {came} came, {went} went on"),
    "header_added": N_("header {name} added: {went}"),
    "header_removed": N_("header {name} removed: {came}"),
    "header_changed": N_("header {name} changed: {came} came, {went} went on"),
    "body_reencoded": N_("body encoded otherwise: {came} bytes came, {went} went on, the content is the same"),
    "body_changed": N_("body changed: {came} bytes came, {went} went on"),
    "only_here": N_("only on one leg: {came} came, {went} went on"),
}

Socket = tuple[WebSocket, WebSocket, list[LedgerRow], CloseStory]


class Compared:
    """A session with all that was compared.

    Args:
        capture: Where it is.
        session: Its connections.
        exchanges: Its exchanges on both legs.
        sockets: Its WebSockets: on the client leg, on the server leg, their ledger, their end.
        beside: Leads to the real packets, where these were captured, too.
    """

    def __init__(
        self,
        capture: Capture,
        session: Session,
        exchanges: list[ExchangePair],
        sockets: list[Socket],
        beside: Beside | None = None,
    ) -> None:
        self.beside = beside
        self.capture = capture
        self.session = session
        self.exchanges = exchanges
        self.sockets = sockets


# --- JSON -------------------------------------------------------------------------------------------------------------


def session_json(compared: Compared) -> Json:
    """A session as one JSON object; docs/proxy.md describes it."""
    session = compared.session
    return {
        "client_leg": _connection_json(compared.capture, session.client_leg),
        "server_legs": [_connection_json(compared.capture, number) for number in session.server_legs],
        "notes": [_note_json(note) for note in session.notes],
        "exchanges": [_exchange_json(pair) for pair in compared.exchanges],
        "websockets": [_socket_json(compared.beside, *socket) for socket in compared.sockets],
    }


def _connection_json(capture: Capture, number: int | None) -> Json | None:
    if number is None:
        return None
    row = capture.connections[number]
    return {"connection": number, "client": str(row.client), "server": str(row.server), "opened_ns": row.start_ns}


def _note_json(note: ProxyNote) -> Json:
    return {"kind": note.kind.value, "time_ns": note.time_ns, "leg": note.leg, "text": note.text}


def _exchange_json(pair: ExchangePair) -> Json:
    return {
        "client_leg": _number(pair.client),
        "server_leg": _number(pair.server),
        "request": _line(pair, "request"),
        "response": _line(pair, "response"),
        "request_delay_ns": pair.request_delay_ns,
        "response_delay_ns": pair.response_delay_ns,
        "differences": [
            {
                "message": d.message,
                "code": d.code,
                "name": d.name,
                "came": None if d.came is None else _text(d.came),
                "went": None if d.went is None else _text(d.went),
            }
            for d in pair.differences
        ],
    }


def _number(item: HttpExchange | None) -> Json | None:
    return None if item is None else {"connection": item.connection, "exchange": item.number}


def _line(pair: ExchangePair, which: str) -> str | None:
    """First line of a message, on the leg that it came from when it was seen there."""
    order = (pair.client, pair.server) if which == "request" else (pair.server, pair.client)
    for item in order:
        message = getattr(item.exchange, which) if item is not None else None
        if message is not None:
            return _text(message.first_line)
    return None


def _socket_json(
    beside: Beside | None, client_leg: WebSocket, server_leg: WebSocket, rows: list[LedgerRow], story: CloseStory
) -> Json:
    return {
        "client_leg": client_leg.connection,
        "server_leg": server_leg.connection,
        "rows": [_row_json(beside, row) for row in rows],
        "close": {
            "cause": story.cause,
            "how": story.how,
            "faults": [{"side": side, "code": code} for side, code in story.faults],
            "client_said": _close_json(story.said("client")),
            "server_said": _close_json(story.said("server")),
            "told_to_client": _close_json(story.told("client")),
            "told_to_server": _close_json(story.told("server")),
            "client_leg": _ending_json(story.client_leg),
            "server_leg": _ending_json(story.server_leg),
        },
    }


def _row_json(beside: Beside | None, row: LedgerRow) -> Json:
    return {
        "time_ns": row.time_ns,
        "direction": "client" if row.from_client else "server",
        "opcode": row.opcode,
        "type": OPCODES.get(row.opcode),
        "came": _shape_json(beside, row.came),
        "went": _shape_json(beside, row.went),
        "delay_ns": row.delay_ns,
        "differences": list(row.differences) if row.came and row.went else ["dropped" if row.came else "injected"],
    }


def _shape_json(beside: Beside | None, shape: Shape | None) -> Json | None:
    if shape is None:
        return None
    return {
        "packet": shape.packet or None,
        "real_packets": beside.packets_of(shape.frame) if beside is not None else None,
        "time_ns": shape.first_ns if shape.first_ns >= 0 else None,
        "last_time_ns": shape.last_ns if shape.last_ns >= 0 else None,
        "length": shape.length if shape.length >= 0 else None,
        "wire_length": shape.wire_length,
        "frames": list(shape.frames),
        "masking_keys": [None if key is None else f"{key:08x}" for key in shape.masking_keys],
        "compressed": shape.compressed,
        "between_fragments": shape.inside is not None,
    }


def _close_json(close: Close | None) -> Json | None:
    return None if close is None else {"code": close.code, "reason": close.reason.decode("utf-8", "backslashreplace")}


def _ending_json(end: Closing) -> Json:
    return {"tcp": end.ending.code, "by": end.tcp_by}


# --- text -------------------------------------------------------------------------------------------------------------


def session_texts(compared: Compared) -> Iterator[str]:
    """A session as lines."""
    capture, session = compared.capture, compared.session
    start_ns = int(capture.packets.time_ns[0]) if len(capture.packets) else 0
    legs = [_connection_text(capture, session.client_leg)]
    legs += [_connection_text(capture, number) for number in session.server_legs]
    yield "  |  ".join(legs)
    for note in session.notes:
        if note.kind not in (NoteKind.OPENED, NoteKind.ENDED):
            yield f"  {_seconds(note.time_ns, start_ns)}  {note.kind.value}: {clean(note.text)}"
    for pair in compared.exchanges:
        yield from _exchange_texts(pair)
    for _client, _server, rows, story in compared.sockets:
        yield from _socket_texts(compared.beside, rows, story, start_ns)


def _connection_text(capture: Capture, number: int | None) -> str:
    if number is None:
        return _("(client leg not recorded)")
    row = capture.connections[number]
    return f"#{number} {row.client} > {row.server}"


def _exchange_texts(pair: ExchangePair) -> Iterator[str]:
    line = f"  {clean(_line(pair, 'request') or '?')}  |  {clean(_line(pair, 'response') or '-')}"
    if pair.server is None:
        request = pair.client.exchange.request if pair.client is not None else None
        if request is not None and request.method == b"CONNECT":
            yield line + "  " + _("(a tunnel to the proxy)")
        else:
            yield line + "  " + _("(not passed on: the proxy answered)")
        return
    if pair.client is None:
        yield line + "  " + _("(the proxy asked by itself)")
        return
    delays = [
        duration_text(delay) if delay is not None else "?" for delay in (pair.request_delay_ns, pair.response_delay_ns)
    ]
    yield line + "  " + _("request +{request}, response +{response}").format(request=delays[0], response=delays[1])
    for difference in pair.differences:
        yield f"      {_message(difference)}: {_difference_text(difference)}"


def _message(difference: Difference) -> str:
    return _("request") if difference.message == "request" else _("response")


def _difference_text(difference: Difference) -> str:
    came, went = (_value(value) for value in (difference.came, difference.went))
    return _(_HTTP_WORDS[difference.code]).format(name=clean(difference.name), came=came, went=went)


def _value(value: bytes | None) -> str:
    if value is None:
        return "-"
    text = clean(_text(value))
    return text if len(text) <= _SHOWN_VALUE else text[:_SHOWN_VALUE] + "…"


def _socket_texts(beside: Beside | None, rows: list[LedgerRow], story: CloseStory, start_ns: int) -> Iterator[str]:
    yield f"  {_story_text(story)}"
    if rows:
        yield _table_line(_("time"), " ", _("message"), _("client leg"), _("server leg"), _("added"), _("differs"))
    for row in rows:
        left, right = (row.came, row.went) if row.from_client else (row.went, row.came)
        item = row.came or row.went
        size = f"{item.length:,} B" if item is not None and item.length >= 0 else "? B"
        name = f"{OPCODES.get(row.opcode, str(row.opcode)):<6} {size}"
        added = duration_text(row.delay_ns) if row.delay_ns is not None else ""
        if row.came is None:
            words = _("MADE BY THE PROXY")
        elif row.went is None:
            words = _("NOT PASSED ON")
        else:
            words = ", ".join(_(_WORDS[code]) for code in row.differences) or "="
        arrow = ">" if row.from_client else "<"
        yield _table_line(
            _seconds(row.time_ns, start_ns), arrow, name, _shape(beside, left), _shape(beside, right), added, words
        )


def _table_line(*cells: str) -> str:
    """Cells in columns, as wide as terminals show them."""
    padded = [
        cell if width is None else " " * (width - cell_len(cell)) + cell if width > 0 else set_cell_size(cell, -width)
        if cell_len(cell) < -width else cell
        for cell, width in zip(cells, _WIDTHS, strict=True)
    ]  # fmt: skip
    return "  " + " ".join(padded).rstrip()


def _shape(beside: Beside | None, shape: Shape | None) -> str:
    """Packet, of those captured beside it the first, bytes of each frame, masking key."""
    if shape is None:
        return "-"
    frames = "+".join(f"{size:,}" for size in shape.frames[:_SHOWN_FRAMES])
    more = f"+…({len(shape.frames)})" if len(shape.frames) > _SHOWN_FRAMES else ""
    key = next((f" {key:08x}" for key in shape.masking_keys if key is not None), "")
    real = beside.packets_of(shape.frame)[:1] if beside is not None else []
    number = f"{shape.packet or '?'}" + "".join(f"={packet}" for packet in real)
    return f"{number}: {frames}{more} B{' z' if shape.compressed else ''}{key}"


def _story_text(story: CloseStory) -> str:
    peer = story.cause if story.cause in ("client", "server") else None
    if story.cause is None:
        return _("WebSocket: still open")
    if peer is None:
        told = _("the proxy told the client {client}, the server {server}").format(
            client=_close_text(story.told("client")), server=_close_text(story.told("server"))
        )
        if story.faults:
            broken = ", ".join(f"{_(side)}: {code}" for side, code in story.faults)
            return _("WebSocket: ended by the proxy, since the protocol was broken ({faults}); {told}").format(
                faults=broken, told=told
            )
        return _("WebSocket: ended by the proxy; {told}").format(told=told)
    other = "server" if peer == "client" else "client"
    who = _("client") if peer == "client" else _("server")
    passed = _close_text(story.told(other))
    if story.how == "no_close":
        text = _("WebSocket: the {who}'s connection ended without a Close; the other side was told {passed}")
        return text.format(who=who, passed=passed)
    text = _("WebSocket: closed by the {who} with {said}; the other side was told {passed}")
    return text.format(who=who, said=_close_text(story.said(peer)), passed=passed)


def _close_text(close: Close | None) -> str:
    if close is None:
        return _("nothing")
    if close.code is None:
        return _("(no code)")
    reason = clean(close.reason.decode("utf-8", "backslashreplace"))
    return " ".join(part for part in (str(close.code), str(close_note(close.code)), reason) if part)


def _seconds(time_ns: int, start_ns: int) -> str:
    return f"{(time_ns - start_ns) / 1e9:.6f}" if time_ns >= 0 else "?"


def _text(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")
