"""Sees every byte of each WebSocket inside mitmproxy, on both legs, without changing how it passes.

mitmproxy's hooks tell whole messages only: no frames, masks, fragments, compression, pings. Its layer keeps one
``WebsocketConnection`` per leg, through which all bytes go; here it is replaced by one that tells an observer. That
class is not public, so that its shape is checked before; a tap that fails never harms the traffic.
"""

from __future__ import annotations

import inspect
import logging
from typing import Any, Protocol

from mitmproxy import connection
from mitmproxy.proxy.layers import websocket

__all__ = ["Observer", "remove_tap", "set_tap"]

_logger = logging.getLogger(__name__)
_ORIGINAL: type = websocket.WebsocketConnection


class Observer(Protocol):
    """Who is told. Methods must not raise; what they raise is logged."""

    def began(self, conn: connection.Connection) -> None:
        """A WebSocket begins on this leg; all its bytes will be told."""
        ...

    def received(self, conn: connection.Connection, data: bytes | None) -> None:
        """Bytes came from the peer; None: it ended."""
        ...

    def sent(self, conn: connection.Connection, data: bytes) -> None:
        """Bytes are about to be sent to the peer."""
        ...


_observers: list[Observer] = []


class _Tapped(websocket.WebsocketConnection):
    def __init__(self, *args: Any, conn: connection.Connection, **kwargs: Any) -> None:
        self.conn = conn  # before: the constructor already receives
        _tell("began", conn)
        super().__init__(*args, conn=conn, **kwargs)

    def receive_data(self, data: bytes | None) -> None:
        if data is None or data:
            _tell("received", self.conn, data)
        super().receive_data(data)

    def send2(self, event: Any) -> Any:
        command = super().send2(event)
        _tell("sent", self.conn, command.data)
        return command


def _tell(what: str, *arguments: object) -> None:
    for observer in _observers:
        try:
            getattr(observer, what)(*arguments)
        except Exception:
            # In mitmproxy's layers an exception would end the connection.
            _logger.exception("the recorder failed")


def set_tap(observer: Observer) -> bool:
    """Tell an observer of all WebSockets that begin from now on.

    Returns:
        Whether this mitmproxy has the shape that the tap needs; when not, nothing is changed.
    """
    shape = (
        callable(getattr(_ORIGINAL, "send2", None))
        and callable(getattr(_ORIGINAL, "receive_data", None))
        and "conn" in inspect.signature(_ORIGINAL).parameters
    )
    if not shape:
        return False
    _observers.append(observer)
    websocket.WebsocketConnection = _Tapped
    return True


def remove_tap(observer: Observer) -> None:
    """Tell an observer no more; with the last one mitmproxy is as it was."""
    if observer in _observers:
        _observers.remove(observer)
    if not _observers:
        websocket.WebsocketConnection = _ORIGINAL
