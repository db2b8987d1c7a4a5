"""A capture, read: its tables, and the ways from them to single packets and streams."""

from __future__ import annotations

import copy
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from inspector.errors import UsageError
from inspector.i18n import _
from inspector.model.damage import Damage
from inspector.model.tables import Datagrams, Flows, Layers, Packets, Segments, Table, UdpConversations
from inspector.recording.connection import ConnectionTable, no_such_connection
from inspector.recording.connections import track_connections
from inspector.recording.growing import GrowingTable, view
from inspector.recording.metadata import Metadata, PacketComments, read_key_log
from inspector.recording.reader import NO_LINK, Interface, Reader, open_reader
from inspector.recording.scan import Scanner
from inspector.recording.source import Progress, Source, open_source
from inspector.recording.streams import Layout, Stream, lay_out_streams, read_stream
from inspector.recording.udp import udp_conversations

if TYPE_CHECKING:
    from inspector.recording.dissect import Dissection
    from inspector.recording.websockets import WebSockets

__all__ = ["Capture", "Progress", "open_capture"]

_BATCH_PACKETS = 65_536
"""Packets decoded at a time: large enough that the calls cost nothing, small enough for the cache of page tables."""
_BATCH_LAYERS = 8 * _BATCH_PACKETS
"""Layer rows per batch; a batch ends early when traffic is nested deeper than this on average."""


@dataclass(slots=True, eq=False, kw_only=True)
class _Tables:
    packets: Packets
    layers: Layers
    segments: Segments
    datagrams: Datagrams
    flows: Flows
    assembled: bytes


@dataclass(eq=False, kw_only=True)
class Capture:
    """A recording as tables. Open one with ``inspector.open(path)``.

    Attributes:
        name: Where it came from.
        format: ``"pcap"`` or ``"pcapng"``.
        interfaces: Where packets were seen, indexed by ``packets.interface``.
        metadata: Sections, names, secrets, statistics and blocks of others, as a pcapng file has them.
        packets, layers, segments, datagrams, flows: See ``inspector.model.tables``.
        assembled: IP datagrams put together from fragments, one after the other.
        damage: Where and why reading stopped before the file's end, or None when it was whole.
    """

    name: str
    format: str
    source: Source
    interfaces: list[Interface]
    packets: Packets
    layers: Layers
    segments: Segments
    datagrams: Datagrams
    flows: Flows
    metadata: Metadata
    damage: Damage | None = None
    assembled: bytes = b""

    @cached_property
    def comments(self) -> PacketComments:
        """Comments by packet number."""
        return PacketComments(self.source, np.frombuffer(self.metadata.comments, np.int64).reshape(-1, 4))

    @cached_property
    def untimed(self) -> NDArray[np.int64]:
        """Rows of ``packets`` whose time was not written (there ``time_ns`` is 0), ascending."""
        return np.frombuffer(self.metadata.untimed, np.int64)

    @property
    def packet_count(self) -> int:
        """How many rows of ``packets`` are packets: custom blocks and journal entries have rows too."""
        return len(self.packets) - int(np.isin(self.packets.interface, self.recorders).sum())

    @property
    def recorders(self) -> list[int]:
        """Interfaces whose rows of ``packets`` are custom blocks and journal entries, no packets."""
        return [index for index, interface in enumerate(self.interfaces) if interface.link_type == NO_LINK]

    @cached_property
    def _tracked(self) -> tuple[ConnectionTable, NDArray[np.int32]]:
        table, numbers = track_connections(self.segments, self.packets, self.flows)
        return ConnectionTable.with_flows(table, self.flows), numbers

    @property
    def connections(self) -> ConnectionTable:
        """The TCP connections, numbered as Wireshark's ``tcp.stream``."""
        return self._tracked[0]

    @cached_property
    def udp_conversations(self) -> UdpConversations:
        """The UDP conversations, numbered by first appearance."""
        return udp_conversations(self.datagrams, self.packets)

    @property
    def segment_connection(self) -> NDArray[np.int32]:
        """The connection of each row of ``segments``; -1 for those marked ``SEGMENT_UNNUMBERED``."""
        return self._tracked[1]

    @cached_property
    def _by_connection(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        numbers = self.segment_connection
        without = int((numbers < 0).sum())
        counts = np.bincount(numbers[numbers >= 0] if without else numbers, minlength=len(self.connections))
        # Segments without a connection come last.
        order = _stable_order(numbers)[: len(numbers) - without]
        return order, np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])

    @cached_property
    def buffers(self) -> tuple[memoryview, memoryview]:
        """The file and the assembled bytes, as kernels take them."""
        return memoryview(self.source.data), memoryview(self.assembled)

    @cached_property
    def layout(self) -> Layout:
        """The streams that need no reassembly."""
        return lay_out_streams(self)

    @cached_property
    def talking(self) -> list[int]:
        """Numbers of the connections that carry data: of a port scan's thousands there is nothing to decode."""
        table = self.connections
        found: list[int] = np.flatnonzero((table.payload_a + table.payload_b) > 0).tolist()
        return found

    def rows_of_connection(self, connection: int) -> NDArray[np.int64]:
        """Rows of ``segments`` that belong to a connection, in capture order.

        Raises:
            UsageError: If there is no such connection.
        """
        if not 0 <= connection < len(self.connections):
            raise no_such_connection(connection, len(self.connections))
        order, starts = self._by_connection
        return order[starts[connection] : starts[connection + 1]]

    def stream(self, connection: int, side: int | str) -> Stream:
        """The bytes that one side of a connection sent, in order.

        Args:
            connection: Its number.
            side: ``"client"`` or ``"server"`` (without a captured handshake a guess, see
                ``Connection.client_is_guess``), or 0 for endpoint A and 1 for endpoint B of the flow.

        Raises:
            UsageError: If there is no such connection or side.
        """
        if side in ("client", "server"):
            client = self.connections[connection].client_side
            side = client if side == "client" else 1 - client
        if side not in (0, 1):
            raise UsageError(_("there is no side {side}; say client, server, 0 or 1").format(side=repr(side)))
        return read_stream(self, connection, int(side))

    def packet(self, number: int) -> Dissection:
        """Packet ``number`` (from 1) taken apart: its layers, fields and bytes.

        Raises:
            UsageError: If there is no such packet.
        """
        from inspector.recording.dissect import dissect

        return dissect(self, number)

    @cached_property
    def websockets(self) -> WebSockets:
        """The WebSocket connections, decoded when first asked for."""
        from inspector.recording.websockets import read_websockets

        return read_websockets(self._twin())

    def _twin(self) -> Capture:
        """A capture that shares this one's tables, for what is kept with it: two objects that hold each other stay in
        memory until Python looks for cycles."""
        twin = copy.copy(self)
        twin.__dict__ |= {"_tracked": self._tracked, "layout": self.layout}
        return twin

    def bytes_at(self, packet: int, offset: int, size: int) -> bytes:
        """Captured bytes of packet row ``packet``, never beyond what was captured."""
        if offset & 0x8000_0000:
            start = offset & 0x7FFF_FFFF
            return self.assembled[start : start + size]
        start = int(self.packets.position[packet])
        return self.source.data[start + offset : start + min(offset + size, int(self.packets.captured[packet]))]


def _stable_order(numbers: NDArray[np.int32]) -> NDArray[np.int64]:
    """Rows sorted by number (-1 last), in capture order within one.

    NumPy sorts 16-bit integers by radix, ten times faster than wider ones, so each half of the number is sorted alone.
    """
    wide = numbers.view(np.uint32)
    order = np.argsort((wide & 0xFFFF).astype(np.uint16), kind="stable")
    if len(wide) and int(wide.max()) > 0xFFFF:
        order = order[np.argsort((wide[order] >> 16).astype(np.uint16), kind="stable")]
    return order


def open_capture(
    path: str | os.PathLike[str],
    progress: Progress | None = None,
    keys: str | os.PathLike[str] | None = None,
    convert: Callable[[Source], Source] | None = None,
) -> Capture:
    """Read a pcap or pcapng file into tables.

    Args:
        path: The file, plain or compressed (gzip, Zstandard, LZ4), or ``-`` for standard input.
        progress: Called now and then.
        keys: A TLS key log file (SSLKEYLOGFILE); its secrets join those embedded in the file.
        convert: Makes a pcapng of a file of another format, and leaves others as they are.

    Raises:
        CaptureError: If a file cannot be opened or is not a capture. A damaged file is data: see ``Capture.damage``.
    """
    secrets_beside = [read_key_log(keys)] if keys is not None else []
    source = open_source(path, progress)
    if convert is not None:
        source = convert(source)
    reader = open_reader(source)
    reader.metadata.secrets.extend(secrets_beside)
    tables = _scan(reader, source, progress)
    return Capture(
        name=source.name,
        format=reader.format,
        source=source,
        interfaces=reader.interfaces,
        packets=tables.packets,
        layers=tables.layers,
        segments=tables.segments,
        datagrams=tables.datagrams,
        flows=tables.flows,
        assembled=tables.assembled,
        metadata=reader.metadata,
        damage=reader.damage or (source.cut(len(tables.packets), reader.position) if source.flaw else None),
    )


_BUFFERED: tuple[tuple[str, type[Table], int], ...] = (
    ("packets", Packets, _BATCH_PACKETS),
    ("layers", Layers, _BATCH_LAYERS),
    ("segments", Segments, _BATCH_PACKETS),
    ("datagrams", Datagrams, _BATCH_LAYERS),
)


def _scan(reader: Reader, source: Source, progress: Progress | None) -> _Tables:
    """Read batch after batch: records, then their layers, then append to the growing tables."""
    buffers = {
        f"{name}.{column}": np.zeros(rows, dtype)
        for name, table, rows in _BUFFERED
        for column, dtype in table.dtypes().items()
    }
    views = {name: view(array) for name, array in buffers.items()}
    growing = {name: GrowingTable(table.dtypes()) for name, table, _ in _BUFFERED}
    scanner = Scanner(views, secrets.randbits(64))
    data = memoryview(source.data)
    size = len(data)
    while count := reader.read(views):
        link_kind = np.array([interface.first_layer for interface in reader.interfaces], np.int32)
        first = 0
        while first < count:
            end = scanner.scan(
                data,
                growing["packets"].rows - first,
                first,
                count,
                views["packets.position"],
                views["packets.captured"],
                views["packets.length"],
                views["packets.interface"],
                view(link_kind),
                growing["layers"].rows,
            )
            _append(growing["packets"], "packets", buffers, first, end, reader.position / size)
            for name in ("layers", "segments", "datagrams"):
                _append(growing[name], name, buffers, 0, getattr(scanner, name), reader.position / size)
            first = end
        source.release(reader.position)
        if progress is not None:
            progress(reader.position, size)
    finished = {name: table.finish() for name, table in growing.items()}
    return _Tables(
        packets=Packets.of(finished["packets"]),
        layers=Layers.of(finished["layers"]),
        segments=Segments.of(finished["segments"]),
        datagrams=Datagrams.of(finished["datagrams"]),
        flows=Flows.of(scanner.flow_columns()),
        assembled=bytes(scanner.assembled),
    )


def _append(
    table: GrowingTable, name: str, buffers: dict[str, NDArray[np.generic]], first: int, end: int, part: float
) -> None:
    table.extend({column: buffers[f"{name}.{column}"][first:end] for column in table.dtypes}, end - first, part)
