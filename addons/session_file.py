"""The recording of a proxied session: connections of two legs become packets of one pcapng, as they happen."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from addons.wire_packets import Address, SyntheticTcp
from inspector import __version__
from inspector.recording.metadata import SecretKind
from inspector.recording.reader import Interface
from inspector.recording.writer import PcapngWriter

__all__ = ["CLIENT_LEG", "SERVER_LEG", "SessionFile"]

_LINKTYPE_RAW = 101
CLIENT_LEG, SERVER_LEG = 0, 1
"""Interfaces of the recording."""

_LEGS = (
    ("client leg", "between the client and the proxy"),
    ("server leg", "between the proxy and the server"),
)
_GRADE = (
    "grade: tapped. Bytes of WebSockets, addresses and times are real, TLS is removed; TCP and IP headers are made by "
    "the writer. Packets of other grade say so in their comment."
)


class SessionFile:
    """Writes what happens on both legs.

    Args:
        path: File to write; emptied where it exists, and readable by its owner only: it holds cookies and passwords.
        mtu: Longest packet in bytes.
    """

    def __init__(self, path: str | os.PathLike[str], mtu: int = 0xFFFF) -> None:
        descriptor = os.open(Path(path), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.fchmod(descriptor, 0o600)
        self._file = os.fdopen(descriptor, "wb", buffering=0)
        self._mtu = mtu
        self._open: dict[str, _Connection] = {}
        self.packets = 0
        self._writer = PcapngWriter(self._file, application=f"Inspector {__version__} proxy")
        for name, description in _LEGS:
            self._writer.add_interface(
                Interface(link_type=_LINKTYPE_RAW, snaplen=0, name=name, description=description, comments=(_GRADE,))
            )

    def connect(self, key: str, leg: int, client: Address, server: Address, times_ns: tuple[int, int]) -> None:
        """A connection was established.

        Args:
            key: Its name for the other methods; one that is known already is left as it is.
            leg: ``CLIENT_LEG`` or ``SERVER_LEG``.
            client: Who opened it.
            server: Who was connected to.
            times_ns: When it was opened, and when it was established.
        """
        if key in self._open:
            return
        tcp = SyntheticTcp(client, server, times_ns[0], self._mtu)
        self._open[key] = connection = _Connection(tcp, leg)
        first, *rest = tcp.open()
        self._write(connection, times_ns[0], [first])
        self._write(connection, times_ns[1], rest)

    def data(self, key: str, from_client: bool, time_ns: int, data: bytes, comment: str | None = None) -> None:
        """One side of a connection sent bytes; the comment is on the packet that begins with them."""
        connection = self._open.get(key)
        if connection is not None:
            self._write(connection, time_ns, connection.tcp.data(from_client, data), comment)

    def skip(self, key: str, from_client: bool, size: int) -> None:
        """One side of a connection sent bytes that were not kept."""
        if key in self._open:
            self._open[key].tcp.skip(from_client, size)

    def finish(self, key: str, from_client: bool, time_ns: int, comment: str | None = None) -> None:
        """One side of a connection ended it."""
        connection = self._open.get(key)
        if connection is not None:
            self._write(connection, time_ns, connection.tcp.finish(from_client), comment)

    def forget(self, key: str) -> None:
        """Nothing more will come on a connection."""
        self._open.pop(key, None)

    def knows(self, key: str) -> bool:
        """Whether a connection is open."""
        return key in self._open

    def secret(self, line: bytes) -> None:
        """A line of a TLS key log."""
        self._writer.write_secret(SecretKind.TLS_KEY_LOG, line + b"\n")

    def close(self) -> None:
        """End the file."""
        self._file.close()

    def _write(
        self, connection: _Connection, time_ns: int, packets: Iterable[bytes], comment: str | None = None
    ) -> None:
        # Times of hooks and of the tap are not taken at one place; within a connection they never go back.
        connection.time_ns = time_ns = max(time_ns, connection.time_ns)
        comments = (comment,) if comment else ()
        for packet in packets:
            self._writer.write_packet(connection.leg, time_ns, packet, comments=comments)
            self.packets += 1
            comments = ()


class _Connection:
    __slots__ = ("leg", "tcp", "time_ns")

    def __init__(self, tcp: SyntheticTcp, leg: int) -> None:
        self.tcp = tcp
        self.leg = leg
        self.time_ns = 0
