"""Bounds on what mitmproxy keeps in memory for peers that never come to an end."""

from __future__ import annotations

import logging
from typing import Any

from mitmproxy import connection

from addons.tap import MOST_MESSAGE

__all__ = ["STREAM_ABOVE", "Limits"]

_logger = logging.getLogger(__name__)

STREAM_ABOVE = "1m"
"""Bodies above this are passed on as they come, and not kept (mitmproxy's option ``stream_large_bodies``)."""
_MOST_BUFFERED = 4 << 20
"""Bytes of one connection from which nothing followed: with bodies above 1 MiB streamed, these are a head without an
end; browsers and servers allow 256 KiB."""
_MOST_OF_MESSAGE = MOST_MESSAGE + (16 << 20)
"""The same on a WebSocket, where mitmproxy waits for the whole message, compressed or not."""
_MOST_IN_ALL = 256 << 20
"""The same for all connections together."""


class Limits:
    """Ends connections whose peers send without end what mitmproxy can only keep."""

    def __init__(self) -> None:
        self._buffered: dict[str, int] = {}
        self._in_all = 0

    def buffered(self, handler: Any, conn: connection.Connection, size: int, *, websocket: bool) -> str | None:
        """Count bytes from which nothing followed; 0 when something did.

        Returns:
            Why the connection was ended, or None.
        """
        before = self._buffered.pop(conn.id, 0)
        self._in_all -= before
        if not size:
            return None
        total = before + size
        most = _MOST_OF_MESSAGE if websocket else _MOST_BUFFERED
        if total <= most and self._in_all + total <= _MOST_IN_ALL:
            self._buffered[conn.id] = total
            self._in_all += total
            return None
        handler.close_connection(conn)
        why = f"ended by the proxy: {total} bytes without an end of what they are"
        _logger.warning("%s: %s", conn.peername and conn.peername[0], why)
        return why

    def forget(self, conn: connection.Connection) -> None:
        """A connection has ended."""
        self._in_all -= self._buffered.pop(conn.id, 0)
