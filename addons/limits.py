"""Bounds on what mitmproxy keeps in memory for peers that never come to an end."""

from __future__ import annotations

import logging
from enum import IntEnum
from typing import Any

from mitmproxy import connection

from addons.tap import MOST_MESSAGE

__all__ = ["STREAM_ABOVE", "Limits", "Phase"]

_logger = logging.getLogger(__name__)

STREAM_ABOVE = "512k"
"""Bodies above this are passed on as they come, and not kept (mitmproxy's option ``stream_large_bodies``)."""
_MOST_IN_ALL = 256 << 20
"""Bytes of all connections together from which nothing followed, as of uploads while a server is not reached yet."""


class Phase(IntEnum):
    """What a connection is in the middle of; the value is how many bytes of it may come to nothing."""

    HEAD = 1 << 20
    """The head of a request or response: browsers and servers allow 256 KiB."""
    MESSAGE = MOST_MESSAGE + (16 << 20)
    """A message of a WebSocket, of which mitmproxy waits for the whole, compressed or not."""
    BODY = _MOST_IN_ALL
    """A body, or HTTP/2, which has bounds of its own."""


class Limits:
    """Ends connections whose peers send without end what mitmproxy can only keep."""

    def __init__(self) -> None:
        self._buffered: dict[str, int] = {}
        self._in_all = 0

    def buffered(self, handler: Any, conn: connection.Connection, size: int, phase: Phase) -> str | None:
        """Count bytes from which nothing followed; 0 when something did.

        Returns:
            Why the connection was ended, or None.
        """
        before = self._buffered.pop(conn.id, 0)
        self._in_all -= before
        if not size:
            return None
        total = before + size
        if total <= phase and self._in_all + total <= _MOST_IN_ALL:
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
