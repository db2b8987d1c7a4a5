"""WebSocket (RFC 6455) with permessage-deflate (RFC 7692): handshake, frames, messages."""

from __future__ import annotations

from inspector.wire.websocket.decoder import WebSocketDecoder, WebSocketTables
from inspector.wire.websocket.inflate import Deflate, Limits

__all__ = ["Deflate", "Limits", "WebSocketDecoder", "WebSocketTables"]
