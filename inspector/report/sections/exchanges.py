"""HTTP exchanges: a row for each, and headers and bodies of those a reader will open."""

from __future__ import annotations

import base64
import json
from typing import Any

from inspector.model.http import HttpMessage
from inspector.recording.http import HttpExchange
from inspector.report.sections.subject import Json, Subject
from inspector.wire.forms import decode_text, media_type

__all__ = ["MOST_DETAILS", "MOST_ROWS", "exchanges_json"]

MOST_ROWS = 2_000
MOST_DETAILS = 300
"""Exchanges with headers and bodies; those that failed first."""
_SHOWN_BODY = 16_384
"""Characters of a body in the report."""
_SHOWN_BYTES = 2_048
"""Bytes of a body that is no text."""
_LONGEST_VALUE = 4_096
"""Characters of one header or URL."""


def exchanges_json(subject: Subject) -> Json:
    """The section: rows in the order of their requests, and how many were left out."""
    items = subject.exchanges
    rows = items[:MOST_ROWS]
    worth = sorted(range(len(rows)), key=lambda place: _worth(rows[place]), reverse=True)[:MOST_DETAILS]
    chosen = set(worth)
    return {
        "total": len(items),
        "detailed": len(chosen),
        "rows": [_exchange(subject, item, place in chosen) for place, item in enumerate(rows)],
    }


def _worth(item: HttpExchange) -> tuple[bool, bool, int]:
    response = item.exchange.response
    status = response.status if response else None
    failed = status is None or status >= 400
    return failed, status == 101, -item.number


def _exchange(subject: Subject, item: HttpExchange, detailed: bool) -> Json:
    request, response = item.exchange.request, item.exchange.response
    connect = _connect(subject, item)
    return {
        "id": subject.key(item.number),
        "source": subject.index,
        "connection": subject.key(item.connection),
        "stream": item.stream.id if item.stream else None,
        "tls": item.application.tls is not None,
        "method": _cut(subject.text(request.method)) if request else None,
        "host": _cut(subject.text(request.header("host"))) if request else None,
        "target": _cut(subject.text(request.target)) if request else None,
        "status": response.status if response else None,
        "reason": _cut(subject.text(response.first_line.partition(b" ")[2].partition(b" ")[2])) if response else None,
        "type": _cut(media_type(response.header("content-type"))[0]) if response else None,
        "body_bytes": response.body_length if response else None,
        "paired": item.exchange.paired.value,
        "request_packets": list(item.request_packets) if item.request_packets else None,
        "response_packets": list(item.response_packets) if item.response_packets else None,
        "start_ns": item.request_ns[0] if item.request_ns else item.response_ns[0] if item.response_ns else None,
        "phases": {
            "connect_ns": connect,
            "send_ns": item.request_ns[1] - item.request_ns[0] if item.request_ns else None,
            "wait_ns": item.wait_ns,
            "receive_ns": item.transfer_ns,
        },
        "anomalies": sorted(
            {anomaly.code for message in (request, response) if message for anomaly in message.anomalies}
        ),
        "request": _message(subject, item, request) if request and detailed else None,
        "response": _message(subject, item, response) if response and detailed else None,
    }


def _connect(subject: Subject, item: HttpExchange) -> int | None:
    """Time for opening the connection, where this is its first exchange and the handshake was seen."""
    first = subject.exchanges_of[item.connection][0]
    table = subject.capture.connections
    syn, ack = int(table.syn_packet[item.connection]), int(table.ack_packet[item.connection])
    if first is not item or syn < 0 or ack < 0:
        return None
    times = subject.capture.packets.time_ns
    return max(int(times[ack] - times[syn]), 0)


def _message(subject: Subject, item: HttpExchange, message: HttpMessage) -> Json:
    content = item.content(message)
    return {
        "first_line": _cut(subject.text(message.first_line)),
        "headers": [
            [_cut(subject.text(name)), _cut(_latin(value))]
            for name, value in subject.masking.headers([*message.pseudo, *message.headers])
        ],
        "body": _body(subject, content.data, message.header("content-type")) if message.body_length else None,
        "wire_bytes": message.body_length,
        "missing": message.missing,
        "complete": message.complete,
        "anomalies": [
            {"code": anomaly.code, "ref": str(anomaly.ref), "detail": _cut(subject.text(anomaly.detail))}
            for anomaly in [*message.anomalies, *content.anomalies]
        ],
    }


def _body(subject: Subject, data: bytes, content_type: bytes | None) -> Json:
    decoded = decode_text(data, content_type)
    if decoded is None:
        shown = subject.masking.octets(data)[:_SHOWN_BYTES]
        return {
            "size": len(data),
            "text": None,
            "base64": base64.b64encode(shown).decode("ascii"),
            "cut": len(data) > len(shown),
        }
    text = subject.masking.text(decoded[0])
    if media_type(content_type)[0].endswith("json"):
        text = _pretty(text)
    return {"size": len(data), "text": text[:_SHOWN_BODY], "base64": None, "cut": len(text) > _SHOWN_BODY}


def _pretty(text: str) -> str:
    try:
        value: Any = json.loads(text)  # Any: whatever the peer sent
    except (ValueError, RecursionError):
        return text
    return json.dumps(value, ensure_ascii=False, indent=2)


def _latin(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _cut(text: str | None) -> str | None:
    return text if text is None or len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"
