"""TLS connections of a capture: what the hellos say, and the plain streams where secrets allow it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from inspector.recording.derived import ByteStream, StreamWriter
from inspector.wire.tls import KeyLog, TlsConnection
from inspector.wire.tls.connection import Plain

__all__ = ["Decrypted", "decrypt", "looks_like_tls"]


@dataclass(frozen=True, slots=True)
class Decrypted:
    """A TLS connection.

    Args:
        tls: Hellos, alerts, certificates and what became of the protected records.
        client, server: The plain application bytes, each knowing its packet; empty where nothing could be decrypted.
    """

    tls: TlsConnection
    client: ByteStream
    server: ByteStream


def looks_like_tls(client: ByteStream, server: ByteStream) -> bool:
    """Whether either side begins with a TLS handshake or alert record (RFC 8446 section 5.1)."""
    return any(len(start) == 5 and start[0] in (21, 22) and start[1] == 3 and start[2] <= 4 and start[3] < 0x48 for start in (
        client.read(0, 5), server.read(0, 5)
    ))  # fmt: skip


def decrypt(client: ByteStream, server: ByteStream, keys: KeyLog) -> Decrypted:
    """Decode both directions, decrypting what ``keys`` fit."""
    writers = {True: StreamWriter(client), False: StreamWriter(server)}

    def take(from_client: bool, plain: Plain) -> None:
        if plain.lost_before:
            writers[from_client].skip(plain.lost_before)
        writers[from_client].add(plain.data, plain.place)

    tls = TlsConnection(keys, take)
    feeders = {True: _feed(tls, client, True), False: _feed(tls, server, False)}
    ended = {True: False, False: False}
    while not all(ended.values()):
        # The client first, until its records cannot be read before the server's hello.
        from_client = not ended[True] and not (tls.waiting_for_server and not ended[False])
        ended[from_client] = next(feeders[from_client], None) is None
    return Decrypted(tls, writers[True].finish(), writers[False].finish())


def _feed(tls: TlsConnection, stream: ByteStream, from_client: bool) -> Iterator[int]:
    """Hand over block after block, gaps between them; yields after each."""
    position = 0
    for start, block in stream.blocks():
        if start > position:
            tls.gap(from_client, start - position)
        tls.feed(from_client, block)
        position = start + len(block)
        yield position
    if stream.end > position:
        tls.gap(from_client, stream.end - position)
    tls.finish(from_client)
