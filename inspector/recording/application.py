"""What the application said on a connection: its two streams, out of TLS where that can be removed."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from inspector.recording.derived import ByteStream
from inspector.recording.tls import decrypt, looks_like_tls
from inspector.wire.http1.grammar import SYNC_REQUEST, SYNC_RESPONSE
from inspector.wire.http2 import PREFACE, begins_http2
from inspector.wire.tls import KeyLog, TlsConnection

if TYPE_CHECKING:
    from inspector.recording.capture import Capture

__all__ = ["Application", "Applications", "speaks_http1", "speaks_http2"]

_KEPT = 16
"""Decrypted connections kept at hand: HTTP and WebSocket decoders ask for the same one after each other."""
_SEARCHED = 1 << 16
"""Bytes of a stream searched for HTTP when the connection's beginning was not captured."""


@dataclass(frozen=True, slots=True)
class Application:
    """The two directions of what was said.

    Args:
        connection: Its number.
        client, server: The bytes; plain where TLS was decrypted.
        tls: The TLS connection they came out of, or None.
        client_side: The endpoint of the flow that is the client (0 = A, 1 = B).
    """

    connection: int
    client: ByteStream
    server: ByteStream
    tls: TlsConnection | None
    client_side: int


class Applications:
    """Finds the application streams of a capture's connections.

    Args:
        capture: The capture.
        keys: Secrets for TLS.
    """

    def __init__(self, capture: Capture, keys: KeyLog) -> None:
        self._capture = capture
        self._keys = keys
        self._kept: OrderedDict[int, Application] = OrderedDict()

    def of(self, connection: int) -> Application:
        """The application streams of a connection; who is the client is told by the handshake, else by what was said.

        Raises:
            UsageError: If there is no such connection.
        """
        found = self._kept.pop(connection, None) or self._find(connection)
        self._kept[connection] = found
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return found

    def _find(self, connection: int) -> Application:
        ends = self._capture.stream(connection, 0), self._capture.stream(connection, 1)
        side = _client_side(ends)
        if side is None:
            side = max(int(self._capture.connections.client[connection]), 0)
        return self.unwrap(Application(connection, ends[side], ends[1 - side], None, side))

    def unwrap(self, inner: Application) -> Application:
        """The same without TLS, where there is TLS."""
        if not looks_like_tls(inner.client, inner.server):
            return inner
        found = decrypt(inner.client, inner.server, self._keys)
        return Application(inner.connection, found.client, found.server, found.tls, inner.client_side)


def _client_side(ends: tuple[ByteStream, ByteStream]) -> int | None:
    """The end that speaks as a client (0 or 1), by its first bytes; None where they do not tell."""
    for side in (0, 1):
        client, server = ends[side], ends[1 - side]
        start = client.read(0, len(PREFACE))
        if start == PREFACE or (len(start) > 5 and start[0] == 22 and start[1] == 3 and start[5] == 1):
            return side
        if server.read(0, 7) == b"HTTP/1.":
            return side
    for side in (0, 1):
        if SYNC_REQUEST.search(ends[side].read(0, _SEARCHED)) or SYNC_RESPONSE.search(
            ends[1 - side].read(0, _SEARCHED)
        ):
            return side
    return None


def speaks_http2(application: Application) -> bool:
    """Whether the connection begins with HTTP/2, or goes on with it where the beginning was not captured."""
    start = application.client.read(0, len(PREFACE))
    if start == PREFACE:
        return True
    if not start and application.tls is not None and application.tls.alpn == "h2":
        return True  # agreed on (RFC 9113 section 3.2); so far only the server has spoken
    if application.client.from_start and start:
        return False
    return begins_http2(application.client.read(0, _SEARCHED)) and begins_http2(application.server.read(0, _SEARCHED))


def speaks_http1(application: Application) -> bool:
    """Whether HTTP/1.x requests or responses are found."""
    client, server = application.client.read(0, 4096), application.server.read(0, 4096)
    if SYNC_REQUEST.match(client) or SYNC_RESPONSE.match(server):
        return True
    if application.client.from_start and application.client.end and not client[:1].isalpha():
        return False
    return bool(
        SYNC_REQUEST.search(application.client.read(0, _SEARCHED))
        or SYNC_RESPONSE.search(application.server.read(0, _SEARCHED))
    )
