"""HAR 1.2: a capture's HTTP exchanges and WebSocket messages as browsers export them (W3C HAR draft)."""

from __future__ import annotations

import base64
import datetime
from collections.abc import Iterable
from typing import Any

import numpy as np

from inspector import __version__
from inspector.model.http import HttpMessage
from inspector.model.websocket import CLOSE
from inspector.recording.http import HttpExchange
from inspector.recording.websockets import Direction, WebSockets
from inspector.report.redact import Redactor
from inspector.wire.forms import cookies, decode_text, form_fields, query_parameters

__all__ = ["build_har"]

# Any: JSON.
Json = dict[str, Any]


def build_har(exchanges: Iterable[HttpExchange], websockets: WebSockets, redactor: Redactor | None = None) -> Json:
    """The HAR document.

    What the packets do not tell is -1 or left out, as the format has it: a request whose response was not captured has
    status 0. ``_webSocketMessages`` is Chromium's extension; control frames are among them with their opcodes.

    Args:
        exchanges: In the order they are to appear.
        websockets: Of the same capture.
        redactor: Knows the secrets to mask; None leaves them in.
    """
    builder = _Builder(redactor)
    messages = {(socket.connection, socket.stream): socket for socket in websockets.connections}
    entries = []
    for item in exchanges:
        if item.exchange.request is None:
            continue
        entry = builder.entry(item)
        response = item.exchange.response
        socket = messages.get((item.connection, item.stream.id if item.stream else None))
        if response is not None and (response.status == 101 or item.stream is not None) and socket is not None:
            entry["_resourceType"] = "websocket"
            entry["_webSocketMessages"] = sorted(
                [*builder.messages(websockets, socket.client), *builder.messages(websockets, socket.server)],
                key=lambda m: m["time"],
            )
        entries.append(entry)
    log: Json = {"version": "1.2", "creator": {"name": "inspector", "version": __version__}, "pages": []}
    if redactor is not None:
        counts = ", ".join(f"{kind}: {count}" for kind, count in sorted(redactor.counts.items())) or "none found"
        log["comment"] = f"Secrets are masked ({counts}); inspector export har --no-redact keeps them."
    return {"log": {**log, "entries": entries}}


class _Builder:
    def __init__(self, redactor: Redactor | None) -> None:
        self._redactor = redactor

    def _masked(self, text: str) -> str:
        return text if self._redactor is None else self._redactor.text(text)

    def _octets(self, data: bytes) -> str:
        return base64.b64encode(data if self._redactor is None else self._redactor.octets(data)).decode("ascii")

    def _headers(self, message: HttpMessage) -> list[tuple[bytes, bytes]]:
        headers = message.pseudo + message.headers
        return headers if self._redactor is None else self._redactor.headers(headers)

    def entry(self, item: HttpExchange) -> Json:
        request, response = item.exchange.request, item.exchange.response
        assert request is not None  # the caller leaves the others out
        send = _ms(item.request_ns[1] - item.request_ns[0]) if item.request_ns else -1
        wait = _ms(item.wait_ns) if item.wait_ns is not None else -1
        receive = _ms(item.transfer_ns) if item.transfer_ns is not None else -1
        timings = {"blocked": -1, "dns": -1, "connect": -1, "ssl": -1, "send": send, "wait": wait, "receive": receive}
        return {
            "startedDateTime": _iso(item.request_ns[0]) if item.request_ns else _iso(0),
            "time": sum(part for part in (send, wait, receive) if part > 0),
            "request": self._request(item, request),
            "response": self._response(item, response),
            "cache": {},
            "timings": timings,
            "connection": str(item.connection),
            "_packets": [list(item.request_packets or ()), list(item.response_packets or ())],
        }

    def _request(self, item: HttpExchange, request: HttpMessage) -> Json:
        target, host = self._masked(_text(request.target or b"")), _text(request.header("host") or b"")
        scheme = "https" if item.application.tls is not None else "http"
        url = (
            target
            if "://" in target
            else f"{scheme}://{host}{target}"
            if target.startswith("/")
            else f"{scheme}://{target}"
        )
        headers = self._headers(request)
        cookie_headers = [value for name, value in headers if name.lower() == b"cookie"]
        result: Json = {
            "method": _text(request.method or b""),
            "url": url,
            "httpVersion": _text(request.version),
            "cookies": [_pair(*pair) for value in cookie_headers for pair in cookies(value)],
            "headers": [_pair(_text(name), _text(value)) for name, value in headers],
            "queryString": [_pair(*pair) for pair in query_parameters(target.encode("utf-8", "surrogateescape"))],
            "headersSize": request.head_end - request.start,
            "bodySize": request.body_length,
        }
        if request.body_length and item.protocol is None:
            kind = request.header("content-type")
            data = item.content(request).data
            decoded = decode_text(data, kind)
            text = self._masked(decoded[0]) if decoded else self._octets(data)
            result["postData"] = {"mimeType": _text(kind or b""), "text": text}
            if decoded is None:
                result["postData"]["encoding"] = "base64"
            elif (kind or b"").startswith(b"application/x-www-form-urlencoded"):
                result["postData"]["params"] = [_pair(*pair) for pair in form_fields(text.encode("utf-8", "replace"))]
        return result

    def _response(self, item: HttpExchange, response: HttpMessage | None) -> Json:
        if response is None:
            empty = {"size": 0, "mimeType": "x-unknown"}
            return {
                "status": 0, "statusText": "", "httpVersion": "", "cookies": [], "headers": [], "content": empty,
                "redirectURL": "", "headersSize": -1, "bodySize": -1,
            }  # fmt: skip
        data = item.content(response).data if item.protocol is None else b""
        kind = response.header("content-type")
        content: Json = {
            "size": len(data),
            "compression": len(data) - response.body_length if item.protocol is None else 0,
            "mimeType": _text(kind or b"x-unknown"),
        }
        decoded = decode_text(data, kind)
        if decoded is None:
            content["text"], content["encoding"] = self._octets(data), "base64"
        else:
            content["text"] = self._masked(decoded[0])
        headers = self._headers(response)
        cookie_headers = [value for name, value in headers if name.lower() == b"set-cookie"]
        return {
            "status": response.status or 0,
            "statusText": self._masked(_text(response.first_line.partition(b" ")[2].partition(b" ")[2])),
            "httpVersion": _text(response.version),
            "cookies": [_pair(*pair) for value in cookie_headers for pair in cookies(value)[:1]],
            "headers": [_pair(_text(name), _text(value)) for name, value in headers],
            "content": content,
            "redirectURL": next((_text(value) for name, value in headers if name.lower() == b"location"), ""),
            "headersSize": response.head_end - response.start,
            "bodySize": response.body_length,
        }

    def messages(self, websockets: WebSockets, direction: Direction) -> list[Json]:
        """One side's messages and control frames, at the time of their last byte."""
        kind = "send" if direction.is_client else "receive"
        times = websockets.frame_times[1]
        rows = []
        for number in direction.messages:
            message = websockets.message(number)
            text = message.text
            rows.append({
                "type": kind,
                "time": _seconds(int(times[websockets.messages.last_frame[number]])),
                "opcode": message.opcode,
                "data": self._masked(text) if text is not None else self._octets(message.content or b""),
            })  # fmt: skip
        frames = slice(direction.frames.start, direction.frames.stop)
        for number in (np.flatnonzero(websockets.frames.opcode[frames] >= CLOSE) + direction.frames.start).tolist():
            rows.append({
                "type": kind,
                "time": _seconds(int(times[number])),
                "opcode": int(websockets.frames.opcode[number]),
                "data": self._octets(websockets.control_payload(number)),
            })  # fmt: skip
        return rows


def _pair(name: str, value: str) -> Json:
    return {"name": name, "value": value}


def _text(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _ms(nanoseconds: int) -> float:
    return round(nanoseconds / 1e6, 6)


def _seconds(time_ns: int) -> float:
    return round(time_ns / 1e9, 6)


def _iso(time_ns: int) -> str:
    seconds, rest = divmod(time_ns, 1_000_000_000)
    stamp = datetime.datetime.fromtimestamp(min(max(seconds, 0), 253402300799), datetime.UTC)
    return stamp.strftime("%Y-%m-%dT%H:%M:%S") + f".{rest // 1000:06}Z"
