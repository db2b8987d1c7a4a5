"""HTTP/2 on a connection: drives the decoder over the two streams."""

from __future__ import annotations

from inspector.recording.application import Application
from inspector.wire.http2 import PREFACE, Http2Connection

__all__ = ["read_http2"]


def read_http2(application: Application, client_position: int = 0, server_position: int = 0) -> Http2Connection:
    """Decode a connection as HTTP/2.

    Args:
        application: Its streams.
        client_position, server_position: Where HTTP/2 begins in them (after an upgrade).
    """
    http2 = Http2Connection(client_position, server_position)
    start = application.client.read(client_position, client_position + len(PREFACE))
    if not PREFACE.startswith(start) and not client_position:
        http2.begin_mid_stream()
    for from_client, stream, position in (
        (True, application.client, client_position),
        (False, application.server, server_position),
    ):
        for begin, block in stream.blocks():
            end = begin + len(block)
            if end <= position:
                continue
            if begin > position:
                http2.gap(from_client, begin - position)
                position = begin
            http2.feed(from_client, block[position - begin :])
            position = end
        if stream.end > position:
            http2.gap(from_client, stream.end - position)
    return http2
