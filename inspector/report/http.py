"""HTTP exchanges for people and programs."""

from __future__ import annotations

import base64
import json
from typing import Any

from inspector.i18n import _, ngettext
from inspector.model.anomaly import Anomaly
from inspector.model.http import HttpMessage, Paired
from inspector.recording.http import HttpExchange
from inspector.recording.http2_windows import Stall
from inspector.report.clean import clean
from inspector.report.tls import agreed_text
from inspector.wire.forms import (
    cookies,
    decode_text,
    form_fields,
    media_type,
    multipart_parts,
    query_parameters,
)

__all__ = ["exchange_json", "exchange_line", "render_exchange"]

# Any: JSON.
Json = dict[str, Any]

_SHOWN_BODY = 16_384
"""Characters of a body shown in the terminal; the JSON holds all that is kept."""
_BYTES_PER_ROW = 16
_MOST_STALLS = 20
"""Waits for a flow-control window shown of one exchange."""


def exchange_json(item: HttpExchange, detail: bool = False) -> Json:
    """An exchange as JSON-ready values; with ``detail`` headers, parameters and bodies as well."""
    request, response = item.exchange.request, item.exchange.response
    row: Json = {
        "number": item.number,
        "connection": item.connection,
        "stream": item.stream.id if item.stream else None,
        "protocol": item.protocol,
        "tls": item.application.tls is not None,
        "method": _text(request.method) if request else None,
        "target": _text(request.target) if request else None,
        "host": _text(request.header("host")) if request else None,
        "status": response.status if response else None,
        "reason": _text(response.first_line.partition(b" ")[2].partition(b" ")[2]) if response else None,
        "interim": [message.status for message in item.exchange.interim],
        "paired": item.exchange.paired.value,
        "time_ns": item.request_ns[0] if item.request_ns else item.response_ns[0] if item.response_ns else None,
        "wait_ns": item.wait_ns,
        "transfer_ns": item.transfer_ns,
        "stalled_ns": None if item.stalls is None else sum(stall.duration_ns for stall in item.stalls),
        "stalls": None if item.stalls is None else [_stall_json(stall) for stall in item.stalls],
        "request": _message_json(item, request, item.request_packets, detail),
        "response": _message_json(item, response, item.response_packets, detail),
    }
    if detail and (events := item.events()):
        row["events"] = [
            {"type": e.type, "data": e.data, "last_event_id": e.last_event_id, "retry_ms": e.retry_ms, "packet": packet}
            for e, packet in events
        ]
    if detail and request and request.target is not None:
        row["query"] = query_parameters(request.target)
    return row


def _stall_json(stall: Stall) -> Json:
    return {
        "sender": "client" if stall.by_client else "server",
        "blocked_by": stall.blocked_by,
        "pending": stall.pending,
        "packets": [stall.first_packet, stall.last_packet],
        "start_ns": stall.start_ns,
        "duration_ns": stall.duration_ns,
    }


def _message_json(
    item: HttpExchange, message: HttpMessage | None, packets: tuple[int, int] | None, detail: bool
) -> Json | None:
    if message is None:
        return None
    result: Json = {
        "version": _text(message.version),
        "packets": list(packets) if packets else None,
        "bytes": [message.start, message.end],
        "content_type": _text(message.header("content-type")),
        "body_length": message.body_length,
        "framing": message.framing.value,
        "complete": message.complete,
        "missing": message.missing,
        "anomalies": [_anomaly_json(anomaly) for anomaly in message.anomalies],
    }
    if detail:
        result["first_line"] = _text(message.first_line)
        result["headers"] = [[_text(name), _text(value)] for name, value in message.pseudo + message.headers]
        result["trailers"] = [[_text(name), _text(value)] for name, value in message.trailers]
        if item.protocol is not None:
            return result  # its bytes are another protocol's, see messages
        content = item.content(message)
        result["anomalies"] += [_anomaly_json(anomaly) for anomaly in content.anomalies]
        decoded = decode_text(content.data, message.header("content-type"))
        if decoded is not None:
            result["text"], result["charset"] = decoded
        else:
            result["body_base64"] = base64.b64encode(content.data).decode("ascii")
    return result


def _anomaly_json(anomaly: Anomaly) -> Json:
    return {
        "code": anomaly.code,
        "bytes": [anomaly.start, anomaly.end],
        "ref": str(anomaly.ref),
        "detail": anomaly.detail,
    }


def exchange_line(item: HttpExchange) -> str:
    """An exchange on one line."""
    request, response = item.exchange.request, item.exchange.response
    asked = (
        f"{_text(request.method)} {_shorten(_text(request.target) or '')}" if request else _("(request not captured)")
    )
    if item.protocol is not None:
        asked += f" ({item.protocol})"
    answered = _text(response.first_line.partition(b" ")[2]) if response else _("(no response)")
    parts = [f"{item.number:>5}  #{item.connection:<4} {clean(asked)}", clean(answered or "")]
    if response and response.body_length and item.protocol is None:
        kind = media_type(response.header("content-type"))[0]
        parts.append(clean(f"{response.body_length:,} B {kind}".strip()))
    if item.wait_ns is not None:
        parts.append(_("wait {ms} ms").format(ms=f"{item.wait_ns / 1e6:.1f}"))
    if item.stalls:
        stalled = sum(stall.duration_ns for stall in item.stalls)
        parts.append(_("stalled {ms} ms").format(ms=f"{stalled / 1e6:.1f}"))
    if item.exchange.paired is Paired.INFERRED:
        parts.append(_("pairing inferred after missing bytes"))
    told = [anomaly.code for message in (request, response) if message for anomaly in message.anomalies]
    if told:
        parts.append("! " + ", ".join(dict.fromkeys(told)))
    return "  ".join(parts)


def _shorten(text: str) -> str:
    return text if len(text) <= 80 else text[:79] + "…"


def render_exchange(item: HttpExchange) -> str:
    """Everything about one exchange, as a web proxy's inspector shows it."""
    request, response = item.exchange.request, item.exchange.response
    lines = [exchange_line(item).strip()]
    if item.application.tls is not None:
        lines.append(agreed_text(item.application.tls))
    lines.append("")
    if request:
        lines += [_("Request (packets {first} to {last})").format(**_ends(item.request_packets))]
        lines += _head(request)
        lines += _named(_("Query"), query_parameters(request.target or b""))
        lines += _named(_("Cookies"), [pair for value in request.values("cookie") for pair in cookies(value)])
        lines += _body(item, request)
    if response:
        lines += ["", _("Response (packets {first} to {last})").format(**_ends(item.response_packets))]
        lines += _head(response)
        for value in response.values("set-cookie"):
            lines += _named(_("Cookie set"), cookies(value))
        lines += _body(item, response)
    if item.stalls:
        lines += ["", *_stall_lines(item.stalls)]
    return "\n".join(lines)


def _stall_lines(stalls: tuple[Stall, ...]) -> list[str]:
    """When and how long a side had to wait for a window, and how that is known."""
    total = sum(stall.duration_ns for stall in stalls)
    lines = [_("Flow control: {ms} ms without a window, as seen at the capture point").format(ms=f"{total / 1e6:.3f}")]
    windows = {
        "stream": _("the window of the stream"),
        "connection": _("the window of the connection"),
        "both": _("the windows of stream and connection"),
    }
    reasons = {
        "content_length": _("Content-Length announced more"),
        "resumed": _("it went on as soon as it could"),
    }
    for stall in stalls[:_MOST_STALLS]:
        side = _("client") if stall.by_client else _("server")
        told = _("  the {side} waited {ms} ms for {window}, packets {first} to {last}; {reason}")
        lines.append(
            told.format(
                side=side,
                ms=f"{stall.duration_ns / 1e6:.3f}",
                window=windows[stall.blocked_by],
                first=stall.first_packet,
                last=stall.last_packet or _("the end of the capture"),
                reason=reasons[stall.pending],
            )
        )
    if len(stalls) > _MOST_STALLS:
        lines.append(_("  … and {count} more; --json has all of them").format(count=len(stalls) - _MOST_STALLS))
    return lines


def _ends(packets: tuple[int, int] | None) -> dict[str, int | str]:
    return {"first": packets[0], "last": packets[1]} if packets else {"first": "?", "last": "?"}


def _head(message: HttpMessage) -> list[str]:
    lines = ["  " + clean(_text(message.first_line) or "")]
    fields = message.pseudo + message.headers
    lines += [f"  {clean(_text(name) or '')}: {clean(_text(value) or '')}" for name, value in fields]
    for anomaly in message.anomalies:
        lines.append("  ! " + clean(f"{anomaly.code} {anomaly.detail}".strip()) + f" ({anomaly.ref})")
    if message.missing:
        count = message.missing
        lines.append("  ! " + ngettext("{count} byte missing", "{count} bytes missing", count).format(count=count))
    return lines


def _named(title: str, pairs: list[tuple[str, str]]) -> list[str]:
    return [f"  {title}:", *(f"    {clean(name)} = {clean(value)}" for name, value in pairs)] if pairs else []


def _body(item: HttpExchange, message: HttpMessage) -> list[str]:
    if not message.body_length:
        return []
    if item.protocol is not None:
        told = _("Not HTTP but {protocol}: {size} bytes; inspector messages and frames show WebSockets")
        return ["  " + told.format(protocol=clean(item.protocol), size=message.body_length)]
    content = item.content(message)
    content_type = message.header("content-type")
    lines = [
        "  "
        + _("Body: {wire} bytes transferred, {size} after decoding").format(
            wire=message.body_length, size=len(content.data)
        )
    ]
    lines += [f"  ! {anomaly.code} {clean(anomaly.detail)} ({anomaly.ref})" for anomaly in content.anomalies]
    kind = media_type(content_type)[0]
    if kind == "text/event-stream" and message is item.exchange.response:
        return lines + [
            "  "
            + _("Event {type}, packet {packet}: {data}").format(
                type=clean(e.type), packet=packet or "?", data=clean(e.data)
            )
            for e, packet in item.events()
        ]
    if kind == "application/x-www-form-urlencoded":
        return lines + _named(_("Form"), form_fields(content.data))
    if kind.startswith("multipart/") and content_type:
        parts = multipart_parts(content.data, content_type)
        return lines + _named(_("Parts"), [(p.name, _part_text(p.filename, p.content_type, p.data)) for p in parts])
    decoded = decode_text(content.data, content_type)
    text = _pretty(decoded[0], kind) if decoded else _hex(content.data[: _SHOWN_BODY // 4])
    shown = text[:_SHOWN_BODY]
    lines += ["  " + clean(line.expandtabs(4)) for line in shown.splitlines()]
    if len(text) > len(shown) or (decoded is None and len(content.data) > _SHOWN_BODY // 4):
        lines.append("  " + _("… cut here; --json holds all of it"))
    return lines


def _part_text(filename: str | None, content_type: str | None, data: bytes) -> str:
    if filename is None:
        return data.decode("utf-8", "replace")
    return _("file {name}, {type}, {size} bytes").format(name=filename, type=content_type or "?", size=len(data))


def _pretty(text: str, kind: str) -> str:
    if kind.endswith("json"):
        try:
            return json.dumps(json.loads(text), ensure_ascii=False, indent=2)
        except (ValueError, RecursionError):
            pass
    return text


def _hex(data: bytes) -> str:
    rows = []
    for at in range(0, len(data), _BYTES_PER_ROW):
        row = data[at : at + _BYTES_PER_ROW]
        printable = "".join(chr(b) if 32 <= b < 127 else "." for b in row)
        rows.append(f"{at:08x}  {row.hex(' '):<47}  {printable}")
    return "\n".join(rows)


def _text(value: bytes | None) -> str | None:
    """Header bytes as text: UTF-8 where they are that, else byte by byte (Latin-1)."""
    if value is None:
        return None
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")
