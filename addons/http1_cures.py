"""Cures two faults of mitmproxy's HTTP/1.1, with which a page fails behind the proxy only.

Trailers end the connection ("HTTP trailers are not implemented yet"), those of HTTP/2 too that are to go on in HTTP/1.1; here
they pass. An interim answer, as 103 Early Hints, is taken for the answer, which never comes then; here it goes on to the
client, and the answer follows (RFC 9110 section 15.2). These classes are not public, so that their shape is checked before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import h11
from mitmproxy import http
from mitmproxy.proxy import commands, events
from mitmproxy.proxy.layers.http import _events, _http1
from mitmproxy.proxy.layers.http._base import ReceiveHttp

__all__ = ["cure_http1", "leave_http1"]

_INTERIM = re.compile(rb"HTTP/1\.\d 1(?!01)\d\d[ \r]")
"""101 is the last answer in HTTP/1.1."""
_LAST_CHUNK = b"0\r\n\r\n"
_NAMES = (
    ("Http1Connection", "read_body"),
    ("Http1Server", "send"),
    ("Http1Client", "send"),
    ("Http1Client", "read_headers"),
)
_ORIGINAL: dict[tuple[str, str], Any] = {
    (owner, name): getattr(getattr(_http1, owner, None), name, None) for owner, name in _NAMES
}
_make_body_reader: Any = getattr(_http1, "make_body_reader", None)


class _Reader:
    """Reads a chunked body, and keeps its trailers, at which mitmproxy would stumble."""

    def __init__(self, reader: Any) -> None:
        self._reader = reader
        self.read_eof = reader.read_eof
        self.trailers: http.Headers | None = None

    def __call__(self, buffer: Any) -> Any:
        event = self._reader(buffer)
        if isinstance(event, h11.EndOfMessage) and event.headers:
            self.trailers = http.Headers(event.headers.raw_items())
            return h11.EndOfMessage()
        return event


def _body_reader(expected_size: int | None) -> Any:
    reader = _make_body_reader(expected_size)
    return _Reader(reader) if expected_size is None else reader


def _read_body(self: Any, event: Any) -> Iterator[Any]:
    reader = self.body_reader
    for command in _ORIGINAL["Http1Connection", "read_body"](self, event):
        if isinstance(command, ReceiveHttp) and isinstance(command.event, self.ReceiveEndOfMessage):
            trailers, reader.trailers = getattr(reader, "trailers", None), None
            if trailers:
                of_request = isinstance(self, _http1.Http1Server)
                kind = _events.RequestTrailers if of_request else _events.ResponseTrailers
                yield ReceiveHttp(kind(self.stream_id, trailers))
        yield command


def _send(self: Any, event: Any, original: Any) -> Iterator[Any]:
    if isinstance(event, (_events.RequestTrailers, _events.ResponseTrailers)):
        self.trailers_to_send = bytes(event.trailers)
        return
    for command in original(self, event):
        if isinstance(command, commands.SendData) and command.data == _LAST_CHUNK:
            # Where the length is told otherwise there is no place for trailers (RFC 9112 section 7.1.2).
            command.data = b"0\r\n" + getattr(self, "trailers_to_send", b"") + b"\r\n"
            self.trailers_to_send = b""
        yield command


def _server_send(self: Any, event: Any) -> Iterator[Any]:
    yield from _send(self, event, _ORIGINAL["Http1Server", "send"])


def _client_send(self: Any, event: Any) -> Iterator[Any]:
    yield from _send(self, event, _ORIGINAL["Http1Client", "send"])


def _read_headers(self: Any, event: Any) -> Iterator[Any]:
    if isinstance(event, events.DataReceived) and self.request:
        while _INTERIM.match(bytes(self.buf)[:16]):
            end = bytes(self.buf).find(b"\r\n\r\n") + 4
            if end < 4:
                return  # the rest of it is still to come
            head = bytes(self.buf.maybe_extract_at_most(end))
            # In HTTP/2 it would have to be written anew, and HTTP/1.0 does not know it.
            if self.request.http_version == "HTTP/1.1":
                yield commands.SendData(self.context.client, head)
    yield from _ORIGINAL["Http1Client", "read_headers"](self, event)


def cure_http1() -> bool:
    """Use the cures for all connections from now on.

    Returns:
        Whether this mitmproxy has the shape that they need; when not, nothing is changed.
    """
    if not (callable(_make_body_reader) and all(map(callable, _ORIGINAL.values()))):
        return False
    _http1.make_body_reader = _body_reader
    _http1.Http1Connection.read_body = _read_body
    _http1.Http1Server.send = _server_send
    _http1.Http1Client.send = _client_send
    _http1.Http1Client.read_headers = _read_headers
    return True


def leave_http1() -> None:
    """Leave mitmproxy as it was."""
    if callable(_make_body_reader) and all(map(callable, _ORIGINAL.values())):
        _http1.make_body_reader = _make_body_reader
        for (owner, name), original in _ORIGINAL.items():
            setattr(getattr(_http1, owner), name, original)
