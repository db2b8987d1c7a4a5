"""Real TLS conversations between two ends of OpenSSL, every byte kept."""

from __future__ import annotations

import contextlib
import ssl
from dataclasses import dataclass, field
from pathlib import Path

from tests.certificates import make_certificate

__all__ = ["Session", "talk"]


@dataclass
class Session:
    """Everything two real endpoints sent, and their key log."""

    crossed: list[tuple[bool, bytes]] = field(default_factory=list)
    keys: bytes = b""

    def stream(self, from_client: bool) -> bytes:
        return b"".join(data for side, data in self.crossed if side is from_client)


def talk(
    folder: Path,
    version: ssl.TLSVersion,
    ciphers: str | None,
    said: list[tuple[bool, bytes]],
    *,
    resumed: bool = False,
    server_curve: str | None = None,
    alpn: str = "http/1.1",
) -> Session:
    """Shake hands, then send what ``said`` lists: (from client, bytes).

    With ``resumed`` this is the second connection, which goes on with the session of a first one that is not given.
    A ``server_curve`` that is not the client's first choice makes the server ask for a second hello. The server
    chooses the application protocol ``alpn``.
    """
    log = folder / "keys.log"
    log.unlink(missing_ok=True)
    server_side, client_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    server_side.load_cert_chain(make_certificate(folder))
    client_side.check_hostname, client_side.verify_mode = False, ssl.CERT_NONE
    client_side.minimum_version = client_side.maximum_version = version
    client_side.set_alpn_protocols(["h2", "http/1.1"])
    server_side.set_alpn_protocols([alpn])
    if ciphers:
        client_side.set_ciphers(ciphers)
        server_side.set_ciphers(ciphers)
    if server_curve:
        server_side.set_ecdh_curve(server_curve)
    client_side.keylog_filename = str(log)
    before = _converse(client_side, server_side, said, None)[1] if resumed else None
    log.unlink(missing_ok=True)
    client_side.keylog_filename = str(log)
    session, end = _converse(client_side, server_side, said, before.session if before else None)
    assert bool(end.session_reused) is resumed
    session.keys = log.read_bytes()
    return session


def _converse(
    client_side: ssl.SSLContext,
    server_side: ssl.SSLContext,
    said: list[tuple[bool, bytes]],
    earlier: ssl.SSLSession | None,
) -> tuple[Session, ssl.SSLObject]:
    """One connection, and the client's end of it."""
    pipes = {True: (ssl.MemoryBIO(), ssl.MemoryBIO()), False: (ssl.MemoryBIO(), ssl.MemoryBIO())}
    ends = {
        True: client_side.wrap_bio(*pipes[True], server_hostname="chat.example", session=earlier),
        False: server_side.wrap_bio(*pipes[False], server_side=True),
    }
    session = Session()

    def cross() -> None:
        while True:
            moved = False
            for side in (True, False):
                data = pipes[side][1].read()
                if data:
                    session.crossed.append((side, data))
                    pipes[not side][0].write(data)
                    moved = True
            if not moved:
                return

    for _ in range(4):
        for side in (True, False):
            with contextlib.suppress(ssl.SSLWantReadError):
                ends[side].do_handshake()
            cross()
    for side, data in said:
        ends[side].write(data)
        cross()
        received = b""
        while len(received) < len(data):
            received += ends[not side].read(1 << 16)
    return session, ends[True]
