"""TLS out of bytes (RFC 8446, RFC 5246): records, hellos, alerts, and decryption with logged secrets."""

from __future__ import annotations

from inspector.wire.tls.connection import TlsConnection
from inspector.wire.tls.keys import KeyLog

__all__ = ["KeyLog", "TlsConnection"]
