"""Reads flow files of mitmproxy (formats 12 to 21, the latter of mitmproxy 11 and 12): HTTP, WebSocket and TCP."""

from __future__ import annotations

import ipaddress
import math
from typing import Any

from addons.imported import Headers, ImportedExchange, ImportedFrame
from addons.tnetstring import TnetstringError, read_tnetstrings
from addons.wire_packets import Address
from inspector.errors import CaptureError
from inspector.i18n import _

__all__ = ["looks_like_flows", "read_flows"]

_LARGEST = 4 << 30
_OLDEST = 12
"""The first with WebSockets inside of HTTP flows."""
_NEWEST = 21
_LATEST_S = 9_223_372_000
_NOT_SENT = (1005, 1006, 1015)
"""Close codes that no frame carries (RFC 6455 section 7.4.1)."""

# Any: what the file says.
State = dict[str, Any]


def looks_like_flows(start: bytes) -> bool:
    """Whether a file's first bytes are those of a dictionary as a typed netstring."""
    digits, colon, rest = start[:64].partition(b":")
    inner, second, _rest = rest.partition(b":")
    return bool(colon) and digits.isdigit() and bool(second) and inner.isdigit()


def read_flows(data: bytes | memoryview, name: str) -> tuple[list[ImportedExchange], int]:
    """The exchanges of a flow file.

    Args:
        data: Of the file.
        name: What to call it in errors.

    Returns:
        Them, and how many flows were left out: DNS, UDP, and what has no request.

    Raises:
        CaptureError: If it is none, or of a version that is not known; where it is cut the flows before are returned.
    """
    if len(data) > _LARGEST:
        raise CaptureError(_("{name} is larger than 4 GiB: save fewer flows").format(name=name))
    exchanges: list[ImportedExchange] = []
    left_out = 0
    try:
        for _end, value in read_tnetstrings(memoryview(data)):
            state = _dict(value)
            version = state.get("version")
            if not isinstance(version, int) or not _OLDEST <= version <= _NEWEST:
                raise CaptureError(
                    _(
                        "{name} has flows of format {version}; {oldest} to {newest} are read. mitmdump -nr OLD -w NEW writes "
                        "them anew"
                    ).format(name=name, version=version, oldest=_OLDEST, newest=_NEWEST)
                )
            exchange = _exchange(state)
            if exchange is None:
                left_out += 1
            else:
                exchanges.append(exchange)
    except TnetstringError as error:
        if not exchanges:
            raise CaptureError(_("{name} is not a flow file: {why}").format(name=name, why=error)) from error
        left_out += 1
    return exchanges, left_out


def _exchange(state: State) -> ImportedExchange | None:
    client, server = _dict(state.get("client_conn")), _dict(state.get("server_conn"))
    connection = f"{client.get('id')} {server.get('id')}"
    # Before format 19 addresses had other names.
    peer = _address(client.get("peername")) or _address(client.get("address"))
    target = _address(server.get("peername")) or _address(server.get("ip_address"))
    kind = state.get("type")
    if kind == "tcp" and target is not None:
        return _passed(state, connection, peer, target)
    request, response = _dict(state.get("request")), _dict(state.get("response"))
    host, port = _text(request.get("host")), request.get("port")
    if kind != "http" or not host or type(port) is not int or not 0 < port < 65536:
        return None
    websocket = state.get("websocket")
    times = _times(request, response)
    status = response.get("status_code")
    body, answer = request.get("content"), response.get("content")
    return ImportedExchange(
        connection,
        host,
        port,
        times,
        client=peer,
        server=target,
        method=_bytes(request.get("method")),
        target=_bytes(request.get("path")),
        request=_authority(_headers(request), _bytes(request.get("authority"))),
        response=_headers(response),
        request_body=body if isinstance(body, bytes) else None,
        request_size=_length(request),
        response_body=answer if isinstance(answer, bytes) else None,
        response_size=_length(response),
        status=status if type(status) is int and 100 <= status <= 999 else None,
        reason=_bytes(response.get("reason")),
        websocket=isinstance(websocket, dict),
        frames=_frames(_dict(websocket), times[3]),
        comment=_comment(state),
    )


def _passed(state: State, connection: str, peer: Address | None, target: Address) -> ImportedExchange:
    """A TCP connection that mitmproxy did not look into."""
    raw = [
        (message[0], _ns(message[2], 0), message[1])
        for message in _list(state.get("messages"))
        if isinstance(message, list)
        and len(message) >= 3
        and isinstance(message[0], bool)
        and isinstance(message[1], bytes)
    ]
    began = _ns(_dict(state.get("client_conn")).get("timestamp_start"), raw[0][1] if raw else 0)
    last = raw[-1][1] if raw else began
    return ImportedExchange(
        connection, *target, (began, began, last, last), client=peer, server=target, raw=raw, comment=_comment(state)
    )


def _frames(websocket: State, latest_ns: int) -> list[ImportedFrame]:
    frames = []
    for message in _list(websocket.get("messages")):
        if not (isinstance(message, list) and len(message) >= 4 and isinstance(message[2], bytes)):
            continue
        if type(message[0]) is not int or message[0] not in (1, 2):
            continue
        marks = [*message[4:6], False, False]
        comment = (
            "mitmproxy dropped it: it never arrived" if marks[0] else "mitmproxy injected it" if marks[1] else None
        )
        latest_ns = _ns(message[3], latest_ns)
        frames.append(ImportedFrame(bool(message[1]), latest_ns, message[0], message[2], comment))
    code = websocket.get("close_code")
    if type(code) is int and code != 1006 and isinstance(websocket.get("closed_by_client"), bool):
        reason = websocket.get("close_reason")
        text = reason.encode("utf-8", "replace")[:123] if isinstance(reason, str) else b""
        payload = b"" if code in _NOT_SENT or not 0 <= code < 65536 else code.to_bytes(2, "big") + text
        ended = _ns(websocket.get("timestamp_end"), latest_ns)
        frames.append(ImportedFrame(websocket["closed_by_client"], max(ended, latest_ns), 8, payload))
    return frames


def _comment(state: State) -> str | None:
    error = _dict(state.get("error")).get("msg")
    parts = [state.get("comment"), f"mitmproxy's error: {error}" if isinstance(error, str) else None]
    return "; ".join(part for part in parts if isinstance(part, str) and part)[:1000] or None


def _headers(message: State) -> Headers:
    return [
        (pair[0], pair[1])
        for pair in _list(message.get("headers"))
        if isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], bytes) and isinstance(pair[1], bytes)
    ]


def _authority(headers: Headers, authority: bytes) -> Headers:
    """HTTP/2 says the host in a pseudo-header."""
    if authority and all(name.lower() != b"host" for name, _value in headers):
        return [(b"Host", authority), *headers]
    return headers


def _length(message: State) -> int:
    """Bytes of a body that was not kept, as the head told them."""
    value = next((value for name, value in _headers(message) if name.lower() == b"content-length"), b"")
    return int(value) if value.isdigit() and len(value) < 19 else 0


def _times(request: State, response: State) -> tuple[int, int, int, int]:
    begin = _ns(request.get("timestamp_start"), 0)
    end = max(_ns(request.get("timestamp_end"), begin), begin)
    answer = max(_ns(response.get("timestamp_start"), end), end)
    return begin, end, answer, max(_ns(response.get("timestamp_end"), answer), answer)


def _ns(seconds: object, otherwise: int) -> int:
    if isinstance(seconds, (int, float)) and math.isfinite(seconds) and 0 < seconds < _LATEST_S:
        return int(seconds * 1e6) * 1000
    return otherwise


def _address(value: object) -> Address | None:
    if not (isinstance(value, list) and len(value) >= 2 and type(value[1]) is int and 0 <= value[1] < 65536):
        return None
    host = _text(value[0])
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None
    return host, value[1]


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value if isinstance(value, str) else ""


def _dict(value: object) -> State:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else b""
