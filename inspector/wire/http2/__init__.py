"""HTTP/2 out of bytes (RFC 9113): no I/O, any portions, gaps welcome."""

from __future__ import annotations

from inspector.wire.http2.connection import PREFACE, Http2Connection, begins_http2

__all__ = ["PREFACE", "Http2Connection", "begins_http2"]
