"""Stands in for mitmproxy's class that reads and writes WebSockets: its bytes without TLS, bounds, no slow copying, and
messages that are compressed, fragmented and have a ping inside.

mitmproxy's layer keeps one ``WebsocketConnection`` per leg, through which all bytes go. That class is not public, so that
its shape is checked before; a tap that fails never harms the traffic.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Iterator
from typing import Any, Protocol

import wsproto.connection
import wsproto.events
import wsproto.extensions
from mitmproxy import connection
from mitmproxy.proxy.layers import websocket

__all__ = ["MOST_MESSAGE", "Observer", "remove_tap", "set_tap"]

_logger = logging.getLogger(__name__)
_ORIGINAL: type = websocket.WebsocketConnection
_FRAGMENT_BYTES: int = websocket.Fragmentizer.FRAGMENT_SIZE
_DEFLATE = wsproto.extensions.PerMessageDeflate

MOST_MESSAGE = 64 << 20
"""Bytes of one message, decompressed: mitmproxy keeps it whole, and a bomb would fill the memory. The peers get a Close
1009 (message too big) above it; servers allow far less (``websockets`` 1 MiB)."""


_PORTION = 16 << 10
"""Bytes that are decompressed at a time: 16 MiB of a bomb."""
_RECEIVING = (wsproto.connection.ConnectionState.OPEN, wsproto.connection.ConnectionState.LOCAL_CLOSING)


class Observer(Protocol):
    """Who is told. Methods must not raise; what they raise is logged."""

    def began(self, conn: connection.Connection) -> None:
        """A WebSocket begins on this leg; all its bytes will be told."""
        ...

    def came(self, conn: connection.Connection, data: bytes) -> None:
        """Bytes came from the peer."""
        ...

    def goes(self, conn: connection.Connection, data: bytes) -> None:
        """Bytes are about to be sent to the peer."""
        ...


_observers: list[Observer] = []


class _Fragments(list[Any]):
    """The fragments of a message: what is added to one is not a copy of all before it."""

    def __init__(self, fragments: list[bytes]) -> None:
        super().__init__(map(bytearray, fragments))

    def append(self, fragment: bytes) -> None:
        super().append(bytearray(fragment))


class _Deflate(wsproto.extensions.PerMessageDeflate):
    """Knows after a control frame that the message around it is compressed, which wsproto forgets."""

    def frame_inbound_complete(self, proto: Any, fin: bool) -> Any:
        compressed = self._inbound_compressed
        result = super().frame_inbound_complete(proto, fin)
        if compressed and not self._inbound_is_compressible:
            self._inbound_compressed = compressed
        return result


class _Tapped(websocket.WebsocketConnection):
    def __init__(self, *args: Any, conn: connection.Connection, **kwargs: Any) -> None:
        self.conn = conn  # before: the constructor already receives
        self._size = 0
        self._portions: list[bytes] = []
        _tell("began", conn)
        super().__init__(*args, conn=conn, **kwargs)

    @property
    def frame_buf(self) -> list[Any]:
        """What has come of a message, by fragment."""
        return self._fragments

    @frame_buf.setter
    def frame_buf(self, fragments: list[bytes]) -> None:
        self._fragments = _Fragments(fragments)

    def receive_data(self, data: bytes | None) -> None:
        if not data:
            super().receive_data(data)
            return
        if _observers:
            _tell("came", self.conn, data)
        self._portions = [data[start : start + _PORTION] for start in range(0, len(data), _PORTION)]

    def events(self) -> Iterator[Any]:
        yield from self._bounded()
        while self._portions and self.state in _RECEIVING:
            super().receive_data(self._portions.pop(0))
            yield from self._bounded()

    def _bounded(self) -> Iterator[Any]:
        for event in super().events():
            if isinstance(event, wsproto.events.Message):
                self._size += len(event.data)
                if self._size > MOST_MESSAGE:
                    self._portions = []
                    yield wsproto.events.CloseConnection(code=1009, reason=f"more than {MOST_MESSAGE} bytes")
                    return
                if event.message_finished:
                    self._size = 0
            yield event

    def send2(self, event: Any) -> Any:
        command = super().send2(event)
        if _observers:
            _tell("goes", self.conn, command.data)
        return command


def _tell(what: str, *arguments: object) -> None:
    for observer in _observers:
        try:
            getattr(observer, what)(*arguments)
        except Exception:
            # In mitmproxy's layers an exception would end the connection.
            _logger.exception("an observer failed")


def set_tap(observer: Observer | None = None) -> bool:
    """Use the bounded class for all WebSockets that begin from now on, and tell an observer of their bytes.

    Returns:
        Whether this mitmproxy has the shape that the tap needs; when not, nothing is changed.
    """
    shape = (
        callable(getattr(_ORIGINAL, "send2", None))
        and callable(getattr(_ORIGINAL, "receive_data", None))
        and callable(getattr(_ORIGINAL, "events", None))
        and "conn" in inspect.signature(_ORIGINAL).parameters
    )
    if not shape:
        return False
    if observer is not None:
        _observers.append(observer)
    websocket.WebsocketConnection = _Tapped
    # It would cut what a rule changed after every 4,000 bytes, within characters, which it then replaces.
    websocket.Fragmentizer.FRAGMENT_SIZE = MOST_MESSAGE
    wsproto.extensions.PerMessageDeflate = _Deflate  # type: ignore[misc]
    return True


def remove_tap(observer: Observer | None = None) -> None:
    """Tell an observer no more; with the last one mitmproxy is as it was."""
    if observer in _observers:
        _observers.remove(observer)
    if not _observers:
        websocket.WebsocketConnection = _ORIGINAL
        websocket.Fragmentizer.FRAGMENT_SIZE = _FRAGMENT_BYTES
        wsproto.extensions.PerMessageDeflate = _DEFLATE  # type: ignore[misc]
