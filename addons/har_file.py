"""Reads HAR 1.2 with ``_webSocketMessages``, as browsers and proxies export it; the file may say anything."""

from __future__ import annotations

import base64
import binascii
import datetime
import ipaddress
import json
import math
from collections.abc import Iterator
from typing import Any
from urllib.parse import SplitResult, quote_plus, urlsplit

from addons.imported import Headers, ImportedExchange, ImportedFrame
from inspector.errors import CaptureError
from inspector.i18n import _

__all__ = ["looks_like_har", "read_har"]

_LARGEST = 1 << 30
"""Bytes of a HAR that is read: it is held in memory several times."""
_LATEST_S = 9_223_372_000
_PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443}
_MILLISECONDS_FROM = 1e11
"""Chromium tells times of messages in seconds, Playwright in milliseconds; as seconds this is the year 5138."""
_LONGEST_WAIT_MS = 7 * 86_400_000
"""Milliseconds that one part of an exchange may last; more is taken for a mistake."""

# Any: JSON.
Json = dict[str, Any]


def looks_like_har(start: bytes) -> bool:
    """Whether a file's first bytes are those of a JSON object."""
    return start.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{"


def read_har(data: bytes | memoryview, name: str) -> tuple[list[ImportedExchange], int]:
    """The exchanges of a HAR.

    Args:
        data: Of the file.
        name: What to call it in errors.

    Returns:
        Them, and how many entries were left out since they say no URL.

    Raises:
        CaptureError: If it is none.
    """
    if len(data) > _LARGEST:
        raise CaptureError(_("{name} is larger than 1 GiB: export fewer requests").format(name=name))
    try:
        document = json.loads(str(data, "utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise CaptureError(_("{name} is not a HAR: {why}").format(name=name, why=error)) from error
    entries = _dict(_dict(document).get("log")).get("entries")
    if not isinstance(entries, list):
        raise CaptureError(_("{name} is not a HAR: it has no log with entries").format(name=name))
    exchanges, left_out = [], 0
    for number, entry in enumerate(entries):
        exchange = _exchange(_dict(entry), number)
        if exchange is None:
            left_out += 1
        else:
            exchanges.append(exchange)
    return exchanges, left_out


def _exchange(entry: Json, number: int) -> ImportedExchange | None:
    request, response = _dict(entry.get("request")), _dict(entry.get("response"))
    try:
        url = urlsplit(_text(request, "url"))
        host, port = url.hostname, url.port or _PORTS.get(url.scheme)
    except ValueError:
        return None
    if not host or port is None or len(host) > 255:
        return None
    websocket = "_webSocketMessages" in entry or _text(entry, "_resourceType") == "websocket"
    body, size = _post_data(request)
    content, content_size = _content(response)
    status = response.get("status")
    times = _times(entry)
    return ImportedExchange(
        connection=str(entry.get("connection") or f"entry {number}"),
        host=host,
        port=port,
        server=_server(entry, port),
        times_ns=times,
        method=_octets(_text(request, "method") or "GET"),
        target=_target(url),
        request=_headers(request),
        response=_decoded(_headers(response)) if content is not None else _headers(response),
        request_body=body,
        request_size=size,
        response_body=content,
        response_size=content_size,
        status=status if isinstance(status, int) and 100 <= status <= 999 else None,
        reason=_octets(_text(response, "statusText")),
        websocket=websocket,
        frames=list(_messages(entry, times[3])) if websocket else [],
        comment=_text(entry, "comment")[:1000] or None,
    )


def _target(url: SplitResult) -> bytes:
    target = (url.path or "/") + (f"?{url.query}" if url.query else "")
    return _octets(target)


def _server(entry: Json, port: int) -> tuple[str, int] | None:
    try:
        address = ipaddress.ip_address(_text(entry, "serverIPAddress").strip("[]").partition("%")[0])
    except ValueError:
        return None
    return str(address), port


def _headers(message: Json) -> Headers:
    pairs = []
    for item in _list(message.get("headers")):
        header = _dict(item)
        # Chromium joins several fields of one name by line feeds.
        for value in _text(header, "value").split("\n"):
            pairs.append((_octets(_text(header, "name")), _octets(value)))
    return pairs


def _decoded(headers: Headers) -> Headers:
    """Without the codings that the body no longer has in a HAR."""
    return [pair for pair in headers if pair[0].lower() != b"content-encoding"]


def _post_data(request: Json) -> tuple[bytes | None, int]:
    """The request's body, and its size where it was not kept."""
    data = request.get("postData")
    if not isinstance(data, dict):
        size = _number(request.get("bodySize"))
        return (None, int(size)) if size > 0 else (b"", 0)
    text = _text(data, "text")
    if text:
        # What we export ourselves; HAR 1.2 knows no coding here.
        return (_base64(text) if data.get("encoding") == "base64" else text.encode("utf-8", "replace")), 0
    pairs = [_dict(item) for item in _list(data.get("params"))]
    return "&".join(f"{quote_plus(_text(p, 'name'))}={quote_plus(_text(p, 'value'))}" for p in pairs).encode(), 0


def _content(response: Json) -> tuple[bytes | None, int]:
    """The response's body, decoded, and its size where it was not kept."""
    content = _dict(response.get("content"))
    text = content.get("text")
    if isinstance(text, str) and (text or _number(content.get("size")) <= 0):
        return (_base64(text) if content.get("encoding") == "base64" else text.encode("utf-8", "replace")), 0
    size = _number(response.get("bodySize"))
    if size <= 0:
        size = _number(content.get("size"))
    return (None, int(size)) if size > 0 else (b"", 0)


def _messages(entry: Json, latest_ns: int) -> Iterator[ImportedFrame]:
    """Messages as Chromium exports them; we write control frames among them."""
    for item in _list(entry.get("_webSocketMessages")):
        message = _dict(item)
        opcode, data = message.get("opcode"), _text(message, "data")
        known = opcode if isinstance(opcode, int) and 0 <= opcode <= 15 else 1
        seconds = _number(message.get("time"))
        if seconds > _MILLISECONDS_FROM:
            seconds /= 1000
        time_ns = int(min(seconds, _LATEST_S) * 1e6) * 1000 if seconds > 0 else latest_ns
        payload = data.encode("utf-8", "replace") if known == 1 else _base64(data)
        yield ImportedFrame(_text(message, "type") == "send", time_ns, known, payload)


def _times(entry: Json) -> tuple[int, int, int, int]:
    """Begin and end of request and response: sent after connecting, received after waiting."""
    begin = _epoch_ns(_text(entry, "startedDateTime"))
    timings = _dict(entry.get("timings"))
    steps = [min(max(_number(timings.get(name)), 0.0), _LONGEST_WAIT_MS) for name in
             ("blocked", "dns", "connect", "send", "wait", "receive")]  # fmt: skip
    sent = begin + int(sum(steps[:3]) * 1e6)
    end = sent + int(steps[3] * 1e6)
    answer = end + int(steps[4] * 1e6)
    return sent, end, answer, answer + int(steps[5] * 1e6)


def _epoch_ns(text: str) -> int:
    try:
        moment = datetime.datetime.fromisoformat(text)
    except ValueError:
        return 0
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=datetime.UTC)
    delta = moment - datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
    microseconds = (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds
    return min(max(microseconds, 0), _LATEST_S * 1_000_000) * 1000


# --- values of a file that may say anything ---------------------------------------------------------------------------


def _dict(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _text(value: Json, name: str) -> str:
    text = value.get(name)
    return text if isinstance(text, str) else ""


def _number(value: object) -> float:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            number = float(value)
        except OverflowError:
            return 0.0
        return number if math.isfinite(number) else 0.0
    return 0.0


def _octets(text: str) -> bytes:
    """Text of a head as bytes."""
    return text.encode("utf-8", "replace")


def _base64(text: str) -> bytes:
    """What base64 stands for; text that is none as it is."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return text.encode("utf-8", "replace")
