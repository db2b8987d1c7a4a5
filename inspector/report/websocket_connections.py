"""A WebSocket connection as a whole: handshake, what was agreed on, traffic, pings, closing."""

from __future__ import annotations

import ipaddress
import json
from typing import Any

from inspector.i18n import _
from inspector.model.anomaly import Anomaly
from inspector.model.http2 import ERROR_CODES
from inspector.model.websocket import CLOSE_CODES, Close
from inspector.recording.http2 import StreamEnd
from inspector.recording.websocket_control import Closing, Ping, closing, pings
from inspector.recording.websockets import Direction, WebSocket, WebSockets
from inspector.report.clean import clean
from inspector.report.messages import harmless
from inspector.wire.websocket.inflate import Deflate

__all__ = ["connection_json", "connection_text", "connection_title"]

# Any: JSON.
Json = dict[str, Any]


def connection_json(websockets: WebSockets, websocket: WebSocket) -> str:
    """A connection as JSON on one line; docs/websocket.md describes every key."""
    shake = websocket.handshake
    row: Json = {
        "connection": websocket.connection,
        "stream": websocket.stream,
        "client": _endpoint(websockets, websocket, True),
        "server": _endpoint(websockets, websocket, False),
        "handshake_seen": shake is not None,
        "confidence": round(websocket.confidence, 6),
        "target": _text(shake.request.target) if shake else None,
        "origin": _text(shake.request.header("origin")) if shake else None,
        "subprotocol": shake.subprotocol if shake else None,
        "extensions": [str(extension) for extension in shake.extensions] if shake else None,
        "sent": {d.sender: _traffic(websockets, d) for d in (websocket.client, websocket.server)},
        "pings": [_ping(websockets, ping) for ping in pings(websockets, websocket)],
        "closing": _closing(closing(websockets, websocket)),
        "anomalies": [
            {"direction": side, **_anomaly(anomaly)} for side, anomaly in _all_anomalies(websockets, websocket)
        ],
    }
    return harmless(json.dumps(row, ensure_ascii=False))


def _traffic(websockets: WebSockets, direction: Direction) -> Json:
    rows = slice(direction.messages.start, direction.messages.stop)
    lengths = websockets.messages.length[rows]
    return {
        "frames": len(direction.frames),
        "messages": len(direction.messages),
        "length": int(lengths[lengths >= 0].sum()),
        "wire_length": int(websockets.messages.wire_length[rows].sum()),
        "undecodable": int((lengths < 0).sum()),
        "deflate": _deflate(direction.agreed),
    }


def _deflate(agreed: Deflate | None) -> Json | None:
    return None if agreed is None else {"window_bits": agreed.window_bits, "context_takeover": agreed.takeover}


def _ping(websockets: WebSockets, ping: Ping) -> Json:
    packets = websockets.frames.first_packet
    return {
        "direction": ping.sender,
        "packet": int(packets[ping.frame]) or None,
        "answered_in": None if ping.pong is None else int(packets[ping.pong]) or None,
        "rtt_ns": ping.rtt_ns,
        "skipped": ping.skipped,
    }


def _closing(end: Closing) -> Json:
    return {
        "first": end.first,
        "client": _close(end.client),
        "server": _close(end.server),
        "tcp": end.ending.code,
        "tcp_by": end.tcp_by,
        "tcp_packet": end.end_packet,
        "tcp_time_ns": end.end_ns,
        "tcp_after_close_ns": end.after_close_ns,
        "stream": _stream_end(end.stream),
    }


def _stream_end(end: StreamEnd | None) -> Json | None:
    if end is None:
        return None
    return {
        "ending": end.ending,
        "by": end.by,
        "packet": end.packet,
        "error_code": end.error_code,
        "error": None if end.error_code is None else ERROR_CODES.get(end.error_code),
    }


def _close(close: Close | None) -> Json | None:
    return None if close is None else {"code": close.code, "reason": close.reason.decode("utf-8", "backslashreplace")}


def _anomaly(anomaly: Anomaly) -> Json:
    return {
        "code": anomaly.code,
        "bytes": [anomaly.start, anomaly.end],
        "ref": str(anomaly.ref),
        "detail": anomaly.detail,
    }


def _all_anomalies(websockets: WebSockets, websocket: WebSocket) -> list[tuple[str | None, Anomaly]]:
    """What was wrong with the connection apart from single frames and messages, and in whose stream."""
    found: list[tuple[str | None, Anomaly]] = []
    if websocket.handshake is not None:
        found += [("client", anomaly) for anomaly in websocket.handshake.request_anomalies]
        found += [("server", anomaly) for anomaly in websocket.handshake.response_anomalies]
    for direction in (websocket.client, websocket.server):
        found += [(direction.sender, anomaly) for anomaly in direction.anomalies]
    return found + closing(websockets, websocket).anomalies


def connection_title(websockets: WebSockets, websocket: WebSocket) -> str:
    """A connection on one line, and what was wrong with its handshake on further ones."""
    ends = f"{_endpoint(websockets, websocket, True)} > {_endpoint(websockets, websocket, False)}"
    place = f"#{websocket.connection}" if websocket.stream is None else f"#{websocket.connection}/{websocket.stream}"
    parts = [f"{place}  {ends}"]
    shake = websocket.handshake
    if shake is None:
        told = _("handshake not captured, told to be a WebSocket by its frames with confidence {confidence}")
        parts.append(told.format(confidence=f"{websocket.confidence:.4f}"))
    else:
        parts.append(clean(_text(shake.request.target) or ""))
        if websocket.stream is not None:
            parts.append(_("HTTP/2 stream {number}").format(number=websocket.stream))
        parts += [clean(str(extension)) for extension in shake.extensions]
        if shake.subprotocol is not None:
            parts.append(_("subprotocol {name}").format(name=clean(shake.subprotocol)))
    lines = ["  ".join(parts)]
    if shake is not None:
        for anomaly in shake.request_anomalies + shake.response_anomalies:
            lines.append(_anomaly_line(anomaly))
    return "\n".join(lines)


def connection_text(websockets: WebSockets, websocket: WebSocket) -> str:
    """A connection in some lines for people."""
    lines = [connection_title(websockets, websocket)]
    for direction in (websocket.client, websocket.server):
        sent = _traffic(websockets, direction)
        told = _("messages {messages}, frames {frames}, content {length} B, on the wire {wire} B").format(
            messages=f"{sent['messages']:,}",
            frames=f"{sent['frames']:,}",
            length=f"{sent['length']:,}",
            wire=f"{sent['wire_length']:,}",
        )
        lines.append(f"   {_(direction.sender)}: {told}")
    known = [ping.rtt_ns for ping in pings(websockets, websocket) if ping.rtt_ns is not None]
    if known:
        told = _("pings answered {count}, round trip {least} to {most} ms")
        lines.append(
            "   " + told.format(count=len(known), least=f"{min(known) / 1e6:.3f}", most=f"{max(known) / 1e6:.3f}")
        )
    end = closing(websockets, websocket)
    lines.append("   " + _closing_text(end))
    seen = websocket.handshake
    shown = [] if seen is None else seen.request_anomalies + seen.response_anomalies
    for side, anomaly in _all_anomalies(websockets, websocket):
        if anomaly not in shown:
            lines.append(_anomaly_line(anomaly, side))
    return "\n".join(lines)


def _closing_text(end: Closing) -> str:
    parts = []
    for side, close in sorted((("client", end.client), ("server", end.server)), key=lambda item: item[0] != end.first):
        if close is not None:
            reason = clean(close.reason.decode("utf-8", "backslashreplace"))
            code = _("no code") if close.code is None else f"{close.code} {_(CLOSE_CODES.get(close.code, ''))}".strip()
            parts.append(_("{side} closed: {code} {reason}").format(side=_(side), code=code, reason=reason).strip())
    if not parts:
        parts.append(_("no Close frame"))
    if end.stream is not None:
        parts.append(_stream_text(end.stream))
    tcp = _("TCP {ending}").format(ending=end.ending.word)
    if end.tcp_by is not None and end.end_packet is not None:
        tcp = _("TCP {ending}, by the {side} in packet {packet}").format(
            ending=end.ending.word, side=_(end.tcp_by), packet=end.end_packet
        )
    return "; ".join([*parts, tcp])


def _stream_text(end: StreamEnd) -> str:
    if end.by is None:
        return _("stream still open")
    if end.error_code is not None:
        return _("stream reset by the {side} in packet {packet}: {error}").format(
            side=_(end.by), packet=end.packet or "?", error=ERROR_CODES.get(end.error_code, end.error_code)
        )
    return _("stream ended by the {side} in packet {packet}").format(side=_(end.by), packet=end.packet or "?")


def _anomaly_line(anomaly: Anomaly, side: str | None = None) -> str:
    where = f" {_(side)}" if side else ""
    return f"   !{where} {anomaly.code} {clean(anomaly.detail)}".rstrip() + f" ({anomaly.ref})"


def _endpoint(websockets: WebSockets, websocket: WebSocket, client: bool) -> str:
    """Address and port of a side."""
    capture = websockets.capture
    flow = int(capture.connections.flow[websocket.connection])
    end = "ab"[websocket.client_side if client else 1 - websocket.client_side]
    flows = capture.flows
    high, low = int(getattr(flows, f"{end}_high")[flow]), int(getattr(flows, f"{end}_low")[flow])
    port = int(getattr(flows, f"{end}_port")[flow])
    if flows.version[flow] == 6:
        return f"[{ipaddress.IPv6Address(high << 64 | low)}]:{port}"
    return f"{ipaddress.IPv4Address(low)}:{port}"


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode("utf-8", "backslashreplace")
