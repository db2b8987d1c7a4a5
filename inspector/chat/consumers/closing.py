"""How sockets end: close codes, reasons, and sending to somebody who has just left."""

from __future__ import annotations

__all__ = ["CLOSED", "FLOOD", "NOT_FOUND", "close_reason", "peer_left"]

# Close codes: 4000-4999 are the application's own (RFC 6455 section 7.4.2); the rest echoes HTTP.
CLOSED = 4000
NOT_FOUND = 4404
FLOOD = 4429


def close_reason(reason: str) -> str:
    """The reason cut to what a Close frame holds: 125 bytes less the code (RFC 6455 section 5.5)."""
    return reason.encode()[:123].decode(errors="ignore")


def peer_left(error: Exception) -> bool:
    """Whether sending failed because the socket is already gone.

    A group event may arrive between the peer's Close and our disconnect(). Letting this exception out would end the
    consumer without disconnect(): its presence and its place in the groups would stay behind.
    """
    # ASGI asks for an OSError (uvicorn does so); Daphne lets autobahn.exception.Disconnected through.
    return isinstance(error, OSError) or type(error).__name__ == "Disconnected"
