"""Sees every byte that mitmproxy receives and sends on TCP, as it is on the wire, without changing how it passes.

mitmproxy keeps one object of layers per connection of a client: events of the network go in, commands come out. Here it
is replaced by one that tells an observer what passes and hands everything on. That place is not part of mitmproxy's
public interface, so that its shape is looked at before; a tap that fails never harms the traffic.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any, Protocol

from mitmproxy import connection
from mitmproxy.proxy import commands, events

__all__ = ["Ending", "WireObserver", "close_rest", "tap"]

_logger = logging.getLogger(__name__)


class Ending:
    """How one side of a connection ended."""

    CLOSED = "closed"
    """The peer ended it with FIN."""
    RESET = "reset"
    """The peer ended it with RST."""
    BY_PROXY = "by_proxy"
    """The proxy ended it."""
    HALF_BY_PROXY = "half_by_proxy"
    """The proxy will send no more, and goes on reading."""


class WireObserver(Protocol):
    """Who is told; what its methods raise is logged."""

    def opened(self, server: connection.Server, client: connection.Client) -> None:
        """A connection to a server was established."""
        ...

    def received(self, conn: connection.Connection, data: bytes) -> None:
        """Bytes came from the peer; told before anything that follows from them."""
        ...

    def sent(self, conn: connection.Connection, data: bytes) -> None:
        """Bytes are about to be sent to the peer."""
        ...

    def ended(self, conn: connection.Connection, how: str) -> None:
        """One side ended: one of ``Ending``."""
        ...

    def buffered(self, handler: Any, conn: connection.Connection, size: int) -> None:
        """Bytes came from which nothing followed: mitmproxy keeps them until there are more. 0: something followed."""
        ...


def tap(handler: Any, observer: WireObserver) -> bool:
    """Tell an observer of all bytes of a client's connection, and of those to servers that are made for it.

    Args:
        handler: mitmproxy's handler of the connection, before it has begun.
        observer: Who is told.

    Returns:
        Whether this mitmproxy has the shape that the tap needs; when not, nothing is changed.
    """
    layer, transports = getattr(handler, "layer", None), getattr(handler, "transports", None)
    if not callable(getattr(layer, "handle_event", None)) or not hasattr(transports, "get"):
        return False
    handler.layer = _Tapped(layer, handler, observer)
    return True


def close_rest(handler: Any, conn: connection.Connection) -> None:
    """Close the socket of a connection that mitmproxy says has ended; nothing where it has done so itself.

    A task that closes its own connection is cancelled where it waits next. From Python 3.12 on, where hooks run at once
    (eager tasks), that may be the lock of the next event instead of the reading, and mitmproxy then leaves the socket open:
    so it does when a peer still sends after a Close.
    """
    writer = getattr(getattr(handler, "transports", {}).get(conn), "writer", None)
    if writer is not None and not writer.is_closing():
        writer.close()


class _Tapped:
    """Stands where mitmproxy keeps the outermost layer."""

    def __init__(self, layer: Any, handler: Any, observer: WireObserver) -> None:
        self._layer = layer
        self._handler = handler
        self._transports = handler.transports
        self._observer = observer
        self._silent: set[connection.Connection] = set()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._layer, name)

    def handle_event(self, event: Any) -> Iterator[Any]:
        """Hand an event on; what it tells is told when the first thing follows from it.

        Not before: what was received may make keys of TLS known, and those must precede it in a recording.
        """
        came = isinstance(event, events.DataReceived)
        waiting = came or isinstance(event, events.ConnectionClosed)
        if isinstance(event, events.OpenConnectionCompleted) and event.reply is None:
            self._tell("opened", event.command.connection, self._handler.client)
        try:
            for command in self._layer.handle_event(event):
                if waiting:
                    waiting = False
                    self._came(event)
                    if self._silent and event.connection in self._silent:
                        self._silent.discard(event.connection)
                        self._tell("buffered", self._handler, event.connection, 0)
                if isinstance(command, commands.SendData):
                    if self._passes(command.connection):
                        self._tell("sent", command.connection, command.data)
                elif isinstance(command, commands.CloseConnection) and command.connection in self._transports:
                    half = getattr(command, "half_close", False)
                    self._tell("ended", command.connection, Ending.HALF_BY_PROXY if half else Ending.BY_PROXY)
                yield command
        finally:
            # At the latest now: mitmproxy may have stumbled over these very bytes.
            if waiting:
                self._came(event)
        if waiting and came:
            self._silent.add(event.connection)
            self._tell("buffered", self._handler, event.connection, len(event.data))

    def _came(self, event: Any) -> None:
        if isinstance(event, events.DataReceived):
            self._tell("received", event.connection, event.data)
        else:
            self._tell("ended", event.connection, self._how(event.connection))

    def _passes(self, conn: connection.Connection) -> bool:
        """Whether mitmproxy will send it: it leaves out what is for connections that are closed already."""
        io = self._transports.get(conn)
        return io is not None and io.writer is not None and not io.writer.is_closing()

    def _how(self, conn: connection.Connection) -> str:
        reader: Any = getattr(self._transports.get(conn), "reader", None)
        try:
            if isinstance(reader.exception(), ConnectionError):
                return Ending.RESET
            return Ending.CLOSED if reader.at_eof() else Ending.BY_PROXY
        except AttributeError:
            return Ending.CLOSED  # not a stream of asyncio's

    def _tell(self, what: str, *arguments: object) -> None:
        try:
            getattr(self._observer, what)(*arguments)
        except Exception:
            # In mitmproxy's layers an exception would end the connection.
            _logger.exception("the recorder failed")
