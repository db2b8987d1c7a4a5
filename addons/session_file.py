"""The recording of a proxied session: connections of two legs become packets of one pcapng, as they happen."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from addons.wire_packets import Address, SyntheticTcp
from inspector import __version__
from inspector.model.grade import Grade, grade_comment
from inspector.model.proxy_note import ProxyNote
from inspector.recording.metadata import SecretKind
from inspector.recording.proxy_notes import ENTERPRISE, note_data
from inspector.recording.reader import Interface
from inspector.recording.writer import PcapngWriter

__all__ = ["CLIENT_LEG", "MOST_MTU", "SERVER_LEG", "SessionFile"]

_LINKTYPE_RAW = 101
CLIENT_LEG, SERVER_LEG = 0, 1
"""The two connections of a proxied session."""
MOST_MTU = 0xFFFF
"""Longest IP packet: bytes that came together are then one segment."""

_LEGS = (("client leg", "between the client and the proxy"), ("server leg", "between the proxy and the server"))
_WHY = {
    Grade.TAPPED: (
        "Bytes, addresses and times are real, TLS as it was sent; TCP and IP headers are made by the recorder, and who "
        "ended a connection with FIN or RST is as the proxy saw it."
    ),
    Grade.RECONSTRUCTED: (
        "HTTP is written as HTTP/1.1 from messages that somebody parsed, WebSocket messages as one frame each; TCP and "
        "IP headers are made by the recorder. Addresses and times are real where they were known."
    ),
}
_MOST_HELD = 16 << 20
"""Bytes of one connection that are kept until it is known whether they are wanted: a page with its pictures."""
_MOST_HELD_IN_ALL = 128 << 20
"""The same for all connections together, so that a filter that matches nothing does not fill the memory."""


class SessionFile:
    """Writes what happens on both legs.

    Args:
        path: File to write; emptied where it exists, and readable by its owner only: it holds cookies and passwords.
        mtu: Longest packet in bytes.
    """

    def __init__(self, path: str | os.PathLike[str], mtu: int = MOST_MTU) -> None:
        descriptor = os.open(Path(path), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.fchmod(descriptor, 0o600)
        self._file = os.fdopen(descriptor, "wb", buffering=0)
        self._mtu = mtu
        self._open: dict[str, _Connection] = {}
        self._interfaces: dict[tuple[int, Grade], int] = {}
        self._held = 0
        self.packets = 0
        self._writer = PcapngWriter(self._file, application=f"Inspector {__version__} proxy")

    def connect(
        self,
        key: str,
        leg: int,
        client: Address,
        server: Address,
        times_ns: tuple[int, int],
        *,
        grade: Grade = Grade.TAPPED,
        hold: bool = False,
    ) -> None:
        """A connection was established.

        Args:
            key: Its name for the other methods; one that is known already is left as it is.
            leg: ``CLIENT_LEG`` or ``SERVER_LEG``.
            client: Who opened it.
            server: Who was connected to.
            times_ns: When it was opened, and when it was established.
            grade: What its bytes are.
            hold: Keep what happens on it in memory until ``keep`` says that it is wanted.
        """
        if key in self._open:
            return
        tcp = SyntheticTcp(client, server, times_ns[0], self._mtu)
        self._open[key] = connection = _Connection(tcp, self._interface(leg, grade), hold)
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
        """One side of a connection ended it; nothing where it already has."""
        connection = self._open.get(key)
        if connection is not None:
            self._write(connection, time_ns, connection.tcp.finish(from_client), comment)

    def reset(self, key: str, from_client: bool, time_ns: int, comment: str | None = None) -> None:
        """One side of a connection aborted it; nothing where both sides have ended."""
        connection = self._open.get(key)
        if connection is not None:
            self._write(connection, time_ns, connection.tcp.reset(from_client), comment)

    def remark(self, key: str, from_client: bool, time_ns: int, comment: str) -> None:
        """Say something of what one side has sent last, where its receiver has an acknowledgment to put it on."""
        connection = self._open.get(key)
        if connection is not None:
            self._write(connection, time_ns, connection.tcp.acknowledge(not from_client), comment)

    def note(self, key: str, note: ProxyNote) -> None:
        """Write what the proxy did on a connection into a custom block."""
        connection = self._open.get(key)
        if connection is not None and connection.held is not None:
            connection.held.append(note)
        else:
            self._writer.write_custom(ENTERPRISE, note_data(note))

    def keep(self, key: str) -> None:
        """A connection that was held is wanted: from its beginning, and from now on as it happens."""
        connection = self._open.get(key)
        if connection is None or connection.held is None:
            return
        held, connection.held = connection.held, None
        self._held -= connection.held_bytes
        for item in held:
            if isinstance(item, ProxyNote):
                self._writer.write_custom(ENTERPRISE, note_data(item))
            else:
                self._put(connection, *item)

    def forget(self, key: str) -> None:
        """Nothing more will come on a connection."""
        connection = self._open.pop(key, None)
        if connection is not None and connection.held is not None:
            self._held -= connection.held_bytes

    def knows(self, key: str) -> bool:
        """Whether a connection is open."""
        return key in self._open

    def secret(self, line: bytes) -> None:
        """A line of a TLS key log."""
        self._writer.write_secret(SecretKind.TLS_KEY_LOG, line + b"\n")

    def close(self) -> None:
        """End the file."""
        self._file.close()

    def _interface(self, leg: int, grade: Grade) -> int:
        number = self._interfaces.get((leg, grade))
        if number is None:
            name, description = _LEGS[leg]
            if grade == Grade.RECONSTRUCTED:
                name += " (reconstructed)"
            comment = grade_comment(grade, _WHY[grade])
            number = self._writer.add_interface(
                Interface(link_type=_LINKTYPE_RAW, snaplen=0, name=name, description=description, comments=(comment,))
            )
            self._interfaces[leg, grade] = number
        return number

    def _write(
        self, connection: _Connection, time_ns: int, packets: Iterable[bytes], comment: str | None = None
    ) -> None:
        # Times of hooks and of the tap are not taken at one place; within a connection they never go back.
        connection.time_ns = time_ns = max(time_ns, connection.time_ns)
        for packet in packets:
            if connection.held is None:
                self._put(connection, time_ns, packet, comment)
            else:
                self._hold(connection, time_ns, packet, comment)
            comment = None

    def _put(self, connection: _Connection, time_ns: int, packet: bytes, comment: str | None) -> None:
        self._writer.write_packet(connection.interface, time_ns, packet, comments=(comment,) if comment else ())
        self.packets += 1

    def _hold(self, connection: _Connection, time_ns: int, packet: bytes, comment: str | None) -> None:
        size = len(packet)
        if connection.held_bytes + size > _MOST_HELD or self._held + size > _MOST_HELD_IN_ALL:
            return  # its beginning is kept; readers see that the rest is missing
        connection.held_bytes += size
        self._held += size
        assert connection.held is not None  # only held ones come here
        connection.held.append((time_ns, packet, comment))


class _Connection:
    __slots__ = ("held", "held_bytes", "interface", "tcp", "time_ns")

    def __init__(self, tcp: SyntheticTcp, interface: int, hold: bool) -> None:
        self.tcp = tcp
        self.interface = interface
        self.time_ns = 0
        self.held: list[tuple[int, bytes, str | None] | ProxyNote] | None = [] if hold else None
        self.held_bytes = 0
