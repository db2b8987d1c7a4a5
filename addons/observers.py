"""Who may follow a session while it is recorded, as the live view does."""

from __future__ import annotations

from typing import Any, Protocol

from addons.wire_packets import Address

__all__ = ["SessionObserver"]


class SessionObserver(Protocol):
    """Follows a session as it happens.

    Its methods are called in the proxy's loop, so that they must be quick; what they raise is logged. ``leg`` is
    ``addons.session_file.CLIENT_LEG`` or ``SERVER_LEG``, ``key`` names the connection, times are nanoseconds since the
    epoch.
    """

    def opened(self, leg: int, key: str, client: Address, server: Address, time_ns: int) -> None:
        """A connection was established; ``client`` opened it."""
        ...

    def closed(self, leg: int, key: str, time_ns: int) -> None:
        """A connection has ended."""
        ...

    def websocket(self, leg: int, key: str, from_client: bool, time_ns: int, data: bytes) -> None:
        """Bytes of a WebSocket, after its handshake, in order and without TLS; cut anywhere."""
        ...

    def flow(self, event: str, flow: Any, time_ns: int) -> None:
        """A hook of mitmproxy was called: ``request``, ``response``, ``error``, ``websocket_start``,
        ``websocket_message``, ``websocket_end``, ``tcp_start`` or ``tcp_end``; the flow is mitmproxy's."""
        ...

    def note(self, note: Any) -> None:
        """The proxy or a rule changed, dropped, injected or held something, or failed: a ``ProxyNote``."""
        ...
