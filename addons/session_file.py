"""The recording of a proxied session: connections of two legs become packets of one pcapng, as they happen."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
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
_HELD_OBJECT = 100
"""What the objects around held bytes take, about."""
_REQUEST = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,64} \S")
"""How a request begins (RFC 9112 section 3)."""


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
        partner: str | None = None,
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
            partner: The connection of the client leg that it was made for: it is wanted where that is.
        """
        if key in self._open:
            return
        tcp = SyntheticTcp(client, server, times_ns[0], self._mtu)
        self._open[key] = connection = _Connection(tcp, self._interface(leg, grade), hold, partner)
        connection.by_exchange = hold and grade == Grade.TAPPED  # what is written anew comes after it was looked at
        first, *rest = tcp.open()
        opening: list[_Item] = [_Packets(times_ns[0], [first]), _Packets(times_ns[1], rest)]
        if hold:
            connection.opening = opening
        else:
            self._write(connection, opening)

    def data(self, key: str, from_client: bool, time_ns: int, data: bytes, comment: str | None = None) -> None:
        """One side of a connection sent bytes; the comment is on the packet that begins with them."""
        connection = self._open.get(key)
        if connection is None:
            return
        if connection.held is not None or connection.over:
            self._sort(connection, from_client, data)
        if connection.held is None:
            self._put(connection, time_ns, connection.tcp.data(from_client, data), comment)
        else:
            self._happens(connection, _Data(time_ns, from_client, data, comment), len(data))

    def skip(self, key: str, from_client: bool, size: int) -> None:
        """One side of a connection sent bytes that were not kept."""
        if key in self._open:
            gap = _Gap()
            gap.add(from_client, size)
            self._happens(self._open[key], gap)

    def finish(self, key: str, from_client: bool, time_ns: int, comment: str | None = None) -> None:
        """One side of a connection ended it; nothing where it already has."""
        if key in self._open:
            self._happens(self._open[key], _End(time_ns, from_client, False, comment))

    def reset(self, key: str, from_client: bool, time_ns: int, comment: str | None = None) -> None:
        """One side of a connection aborted it; nothing where both sides have ended."""
        if key in self._open:
            self._happens(self._open[key], _End(time_ns, from_client, True, comment))

    def remark(self, key: str, from_client: bool, time_ns: int, comment: str) -> None:
        """Say something of what one side has sent last, where its receiver has an acknowledgment to put it on."""
        if key in self._open:
            self._happens(self._open[key], _Remark(time_ns, from_client, comment))

    def note(self, key: str, note: ProxyNote) -> None:
        """Write what the proxy did on a connection into a custom block."""
        connection = self._open.get(key)
        if connection is None:
            self._writer.write_custom(ENTERPRISE, note_data(note))
        elif connection.opening is not None and not connection.held:
            connection.opening.append(note)
        else:
            self._happens(connection, note)

    def keep(self, key: str) -> None:
        """What is held of a connection is wanted, and what follows, until the next exchange begins.

        So is what belongs to it on connections that were made for it.
        """
        connection = self._open.get(key)
        if connection is None or connection.held is None:
            return
        self._keep(connection)
        for other in self._open.values():
            if other.partner == key and other.number == connection.number:
                self._keep(other)

    def over(self, key: str) -> None:
        """An exchange is over: a request that comes after what belongs to it is held by itself."""
        if key in self._open:
            self._open[key].over = self._open[key].by_exchange

    def begins(self, key: str) -> None:
        """An exchange begins, which what came last belongs to: its request came along with the one before."""
        if key in self._open:
            self._open[key].over = False

    def whole(self, key: str) -> None:
        """Exchanges on a connection cannot be told apart: it is wanted as a whole from here on, or not at all."""
        if key in self._open:
            self._open[key].by_exchange = self._open[key].over = False

    def forget(self, key: str) -> None:
        """Nothing more will come on a connection."""
        connection = self._open.pop(key, None)
        if connection is not None and connection.held is not None:
            self._release(connection)
            if connection.opening is None:  # some of it is written: its end is, too
                connection.left_out += 1
                connection.remember()
                self._write(connection, [item for item in connection.held if isinstance(item, _End)])

    def holds(self, key: str) -> bool:
        """Whether what happens on a connection is held at present."""
        return key in self._open and self._open[key].held is not None

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

    def _sort(self, connection: _Connection, from_client: bool, data: bytes) -> None:
        """Hold an exchange by itself that begins where each is wanted or not, and keep what belongs to a wanted one."""
        if not from_client:
            return
        if connection.over and _REQUEST.match(data):
            if connection.held is not None:
                self._release(connection)
                connection.left_out += 1
            connection.held = []
            connection.over = False
            connection.number += 1
        partner = self._open.get(connection.partner) if connection.partner is not None else None
        if partner is not None and connection.held is not None:
            connection.number = partner.number
            if partner.held is None:
                self._keep(connection)

    def _keep(self, connection: _Connection) -> None:
        if connection.held is None:
            return
        held, opening = connection.held, connection.opening or []
        self._release(connection)
        connection.held = connection.opening = None
        self._write(connection, opening)
        connection.remember()
        self._write(connection, held)

    def _happens(self, connection: _Connection, item: _Item, size: int = 0) -> None:
        if connection.held is None:
            self._write(connection, [item])
            return
        size += _HELD_OBJECT
        full = connection.held_bytes + size > _MOST_HELD or self._held + size > _MOST_HELD_IN_ALL
        if full and connection.gap is None:
            # What is there is kept; readers see that the rest is missing.
            connection.gap = _Gap()
            connection.held.append(connection.gap)
        if connection.gap is not None and not isinstance(item, _End):
            if isinstance(item, _Data):
                connection.gap.add(item.from_client, len(item.data))
            elif isinstance(item, _Gap):
                connection.gap.join(item)
            return
        connection.held_bytes += size
        self._held += size
        connection.held.append(item)

    def _release(self, connection: _Connection) -> None:
        self._held -= connection.held_bytes
        connection.held_bytes = 0
        connection.gap = None

    def _write(self, connection: _Connection, items: Iterable[_Item]) -> None:
        for item in items:
            if isinstance(item, ProxyNote):
                self._writer.write_custom(ENTERPRISE, note_data(item))
            elif isinstance(item, _Gap):
                connection.tcp.skip(True, item.by_client)
                connection.tcp.skip(False, item.by_server)
            else:
                self._put(connection, item.time_ns, item.packets(connection.tcp), item.comment)

    def _put(self, connection: _Connection, time_ns: int, packets: Iterable[bytes], comment: str | None) -> None:
        # Times of hooks and of the tap are not taken at one place; within a connection they never go back.
        connection.time_ns = time_ns = max(time_ns, connection.time_ns)
        comments = (
            tuple(text for text in (connection.comment, comment) if text) if connection.comment or comment else ()
        )
        for packet in packets:
            self._writer.write_packet(connection.interface, time_ns, packet, comments=comments)
            self.packets += 1
            comments, connection.comment = (), None


@dataclass(frozen=True, slots=True)
class _Packets:
    time_ns: int
    made: list[bytes]
    comment: None = None

    def packets(self, _tcp: SyntheticTcp) -> list[bytes]:
        return self.made


@dataclass(frozen=True, slots=True)
class _Data:
    time_ns: int
    from_client: bool
    data: bytes
    comment: str | None

    def packets(self, tcp: SyntheticTcp) -> list[bytes]:
        return tcp.data(self.from_client, self.data)


@dataclass(frozen=True, slots=True)
class _End:
    time_ns: int
    from_client: bool
    reset: bool
    comment: str | None

    def packets(self, tcp: SyntheticTcp) -> list[bytes]:
        return tcp.reset(self.from_client) if self.reset else tcp.finish(self.from_client)


@dataclass(frozen=True, slots=True)
class _Remark:
    time_ns: int
    from_client: bool
    comment: str

    def packets(self, tcp: SyntheticTcp) -> list[bytes]:
        return tcp.acknowledge(not self.from_client)


@dataclass(slots=True)
class _Gap:
    """Bytes that were sent and not kept."""

    by_client: int = 0
    by_server: int = 0

    def add(self, from_client: bool, size: int) -> None:
        if from_client:
            self.by_client += size
        else:
            self.by_server += size

    def join(self, other: _Gap) -> None:
        self.by_client += other.by_client
        self.by_server += other.by_server


_Item = _Packets | _Data | _End | _Remark | _Gap | ProxyNote


class _Connection:
    __slots__ = (
        "by_exchange", "comment", "gap", "held", "held_bytes", "interface", "left_out", "number", "opening", "over", "partner", "tcp",
        "time_ns",
    )  # fmt: skip

    def __init__(self, tcp: SyntheticTcp, interface: int, hold: bool, partner: str | None) -> None:
        self.tcp = tcp
        self.interface = interface
        self.partner = partner
        self.time_ns = 0
        self.held: list[_Item] | None = [] if hold else None
        self.held_bytes = 0
        self.gap: _Gap | None = None
        """What came when no more could be held."""
        self.opening: list[_Item] | None = None
        """What is written in front of the first exchange; None once it is."""
        self.by_exchange = False
        self.over = False
        self.number = 0
        """Of the exchange that is held by itself; where there is a partner, of the partner's."""
        self.left_out = 0
        self.comment: str | None = None
        """For the next packet."""

    def remember(self) -> None:
        """Say on the next packet what is not there."""
        if self.left_out:
            self.comment = f"exchanges left out here, which do not match the filter: {self.left_out}"
            self.left_out = 0
