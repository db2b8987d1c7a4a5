"""HTTP/1.x out of bytes (RFC 9112): no I/O, any portions, gaps welcome."""

from __future__ import annotations

from inspector.wire.http1.connection import Http1Connection
from inspector.wire.http1.decoder import Http1Decoder

__all__ = ["Http1Connection", "Http1Decoder"]
