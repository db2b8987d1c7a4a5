"""The tables that a capture becomes: equal-length NumPy columns, one row per packet, layer, segment …

Offsets are relative to the packet's first captured byte. Where ``ASSEMBLED`` is set in an offset, the rest of the
number is a position in the capture's assembled bytes instead (an IP datagram put together from fragments).
"""

from __future__ import annotations

import importlib
import itertools
from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import ModuleType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from inspector.errors import MissingPart
from inspector.i18n import _

__all__ = [
    "ASSEMBLED",
    "SEGMENT_BAD_HEADER",
    "SEGMENT_FRAGMENT",
    "SEGMENT_FROM_B",
    "SEGMENT_QUOTED",
    "SEGMENT_SHORT",
    "SEGMENT_UNNUMBERED",
    "Connections",
    "Datagrams",
    "Flows",
    "Layers",
    "Packets",
    "Segments",
    "Table",
    "UdpConversations",
    "room_for",
]

ASSEMBLED = 0x8000_0000
"""Bit of a layer's or payload's offset: it counts into ``Capture.assembled``."""

SEGMENT_FROM_B = 1
"""Bit of ``Segments.marks``: sent by endpoint B of its flow."""
SEGMENT_QUOTED = 2
"""Bit of ``Segments.marks``: quoted inside an ICMP error, not sent as such."""
SEGMENT_FRAGMENT = 4
"""Bit of ``Segments.marks``: first fragment of a datagram that can never become whole."""
SEGMENT_SHORT = 8
"""Bit of ``Segments.marks``: fewer bytes than up to the window (16), or an impossible data offset."""
SEGMENT_BAD_HEADER = 16
"""Bit of ``Segments.marks``, beside ``SEGMENT_SHORT``: the data offset says less than the 20 bytes of a header."""
SEGMENT_UNNUMBERED = 32
"""Bit of ``Segments.marks``, beside ``SEGMENT_SHORT``: little more than ports, so no connection; the flow is known."""

_COLUMN_BYTES = 64
"""Columns that share a block begin at multiples of this, a line of the processor's cache."""


def room_for(dtypes: Mapping[str, np.dtype[np.generic]], rows: int) -> dict[str, NDArray[np.generic]]:
    """Columns of so many rows that nothing has been written to, in one block.

    NumPy asks for large pages where a block has 4 MiB: to touch a byte in those for the first time costs a quarter of what
    it costs in small ones, and takes a tenth of the time that a capture is decoded in.

    Args:
        dtypes: The columns.
        rows: Length of each; rows that are never written to cost no memory.
    """
    sizes = [-(-dtype.itemsize * rows // _COLUMN_BYTES) * _COLUMN_BYTES for dtype in dtypes.values()]
    block = np.empty(sum(sizes), np.uint8)
    starts = itertools.accumulate(sizes, initial=0)
    return {
        name: block[start : start + dtype.itemsize * rows].view(dtype)
        for (name, dtype), start in zip(dtypes.items(), starts, strict=False)
    }


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Base of all tables: every attribute is a column of the same length."""

    @classmethod
    def dtypes(cls) -> dict[str, np.dtype[np.generic]]:
        """The dtype of each column, from the ``dtype`` in its annotation's metadata."""
        dtypes = _dtypes_of(cls)
        return {item.name: np.dtype(dtypes[item.name]) for item in fields(cls)}

    @classmethod
    def of(cls, columns: dict[str, NDArray[np.generic]]) -> Self:
        """Build the table from its columns by name."""
        return cls(**columns)

    def __len__(self) -> int:
        return len(getattr(self, next(iter(self.__dataclass_fields__))))

    def columns(self) -> dict[str, NDArray[np.generic]]:
        """The columns by name, in order; not copied."""
        return {item.name: getattr(self, item.name) for item in fields(self)}

    # Any: pandas and pyarrow are optional.
    def to_pandas(self) -> Any:
        """The table as a ``pandas.DataFrame``.

        Raises:
            MissingPart: If pandas is not installed.
        """
        return _optional("pandas").DataFrame(self.columns())

    def to_arrow(self) -> Any:
        """The table as a ``pyarrow.Table``.

        Raises:
            MissingPart: If pyarrow is not installed.
        """
        return _optional("pyarrow").table(self.columns())


@dataclass(frozen=True, slots=True, eq=False)
class Packets(Table):
    """One row per captured record; row ``i`` is packet number ``i + 1``.

    Columns: ``position`` of the first captured byte in the (uncompressed) file; ``time_ns`` since the epoch;
    ``captured`` and ``length`` in bytes (in the file, and on the wire); ``interface`` index into
    ``Capture.interfaces``; ``layer_start`` first row in ``Layers``; ``layer_count``.
    """

    position: NDArray[np.int64]
    time_ns: NDArray[np.int64]
    captured: NDArray[np.uint32]
    length: NDArray[np.uint32]
    interface: NDArray[np.uint16]
    layer_start: NDArray[np.uint32]
    layer_count: NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Layers(Table):
    """One row per header found, packets in order and layers outermost first.

    Columns: ``kind`` (``LayerKind``); ``offset`` of its first byte; ``size`` captured bytes from there on that
    belong to this layer and what it carries.
    """

    kind: NDArray[np.uint8]
    offset: NDArray[np.uint32]
    size: NDArray[np.uint32]


@dataclass(frozen=True, slots=True, eq=False)
class Segments(Table):
    """One row per TCP header, in capture order.

    Columns: ``packet`` row; ``flow`` row in ``Flows``; ``marks`` (``SEGMENT_*``); ``seq``, ``ack``, ``window``,
    ``flags`` as sent (flags: 12 bits, FIN lowest); ``length`` payload bytes by the IP header; ``offset`` of the
    payload and ``captured`` bytes of it.
    """

    packet: NDArray[np.uint32]
    flow: NDArray[np.int32]
    marks: NDArray[np.uint8]
    seq: NDArray[np.uint32]
    ack: NDArray[np.uint32]
    window: NDArray[np.uint16]
    flags: NDArray[np.uint16]
    length: NDArray[np.uint32]
    offset: NDArray[np.uint32]
    captured: NDArray[np.uint32]


@dataclass(frozen=True, slots=True, eq=False)
class Datagrams(Table):
    """One row per UDP header, in capture order; columns as in ``Segments``."""

    packet: NDArray[np.uint32]
    flow: NDArray[np.int32]
    marks: NDArray[np.uint8]
    length: NDArray[np.uint32]
    offset: NDArray[np.uint32]
    captured: NDArray[np.uint32]


@dataclass(frozen=True, slots=True, eq=False)
class Flows(Table):
    """One row per 5-tuple. Endpoint A is the lower of the two (address, port) pairs.

    Columns: ``a_high``, ``a_low``, ``b_high``, ``b_low`` halves of the addresses (IPv4 in the low half);
    ``a_port``, ``b_port``; ``version`` 4 or 6; ``protocol`` 6 or 17.
    """

    a_high: NDArray[np.uint64]
    a_low: NDArray[np.uint64]
    b_high: NDArray[np.uint64]
    b_low: NDArray[np.uint64]
    a_port: NDArray[np.uint16]
    b_port: NDArray[np.uint16]
    version: NDArray[np.uint8]
    protocol: NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Connections(Table):
    """One row per TCP connection, numbered as Wireshark numbers ``tcp.stream``.

    Columns ending in ``_a`` and ``_b`` are about what that endpoint of the flow sent; sides are 0 = A, 1 = B,
    -1 = not observed. Rows of packets are -1 where not seen.

    Columns: ``flow`` row in ``Flows``; ``client`` side that opened it, as the handshake shows; ``likely_client`` the same
    or, without a handshake, a guess: servers have the lower port, else the first sender is the client;
    ``packets``; ``bytes`` on the wire; ``payload`` bytes of TCP, counted each time they were sent; ``resent`` payload
    bytes that had been captured before; ``duplicates`` segments that brought nothing new; ``missing`` bytes that were
    skipped and never captured; ``unseen`` bytes that the other side acknowledged though they were never captured (so
    the capture lost them, not the network; an unseen FIN counts as one); ``strays`` segments too far away to belong to
    the stream; ``zero_windows`` segments that announced a full receive buffer (not counting SYN, FIN and RST).

    ``first_time_ns``, ``last_time_ns`` and ``last_time_a_ns``, ``last_time_b_ns`` (-1: that side is silent);
    ``first_packet``, ``last_packet``; ``syn_packet`` the last SYN before the answer, ``syn_ack_packet`` the first,
    ``ack_packet`` that ends the handshake; ``syns`` and ``syn_acks`` how often (at most 255); ``fin_a_packet``,
    ``fin_b_packet``, ``rst_packet`` the first of each; ``rst_from`` side; ``after_rst`` packets that side still sent
    after resetting. ``rtt_ns`` from the SYN to the ACK that ends the handshake, -1 where not seen; ``rtt_plausible``: 1
    when neither SYN nor SYN+ACK was repeated and time runs forward, so that it can be taken for the round trip.

    ``ending`` (``Ending``); ``ended_by`` the side that ended it first; ``end_packet`` with which packet.
    """

    flow: NDArray[np.int32]
    client: NDArray[np.int8]
    likely_client: NDArray[np.int8]
    packets_a: NDArray[np.int32]
    packets_b: NDArray[np.int32]
    bytes_a: NDArray[np.int64]
    bytes_b: NDArray[np.int64]
    payload_a: NDArray[np.int64]
    payload_b: NDArray[np.int64]
    resent_a: NDArray[np.int64]
    resent_b: NDArray[np.int64]
    duplicates_a: NDArray[np.int32]
    duplicates_b: NDArray[np.int32]
    missing_a: NDArray[np.int64]
    missing_b: NDArray[np.int64]
    unseen_a: NDArray[np.int64]
    unseen_b: NDArray[np.int64]
    strays_a: NDArray[np.int32]
    strays_b: NDArray[np.int32]
    zero_windows_a: NDArray[np.int32]
    zero_windows_b: NDArray[np.int32]
    first_time_ns: NDArray[np.int64]
    last_time_ns: NDArray[np.int64]
    last_time_a_ns: NDArray[np.int64]
    last_time_b_ns: NDArray[np.int64]
    first_packet: NDArray[np.int32]
    last_packet: NDArray[np.int32]
    syn_packet: NDArray[np.int32]
    syn_ack_packet: NDArray[np.int32]
    ack_packet: NDArray[np.int32]
    syns: NDArray[np.uint8]
    syn_acks: NDArray[np.uint8]
    fin_a_packet: NDArray[np.int32]
    fin_b_packet: NDArray[np.int32]
    rst_packet: NDArray[np.int32]
    rst_from: NDArray[np.int8]
    after_rst: NDArray[np.int32]
    rtt_ns: NDArray[np.int64]
    rtt_plausible: NDArray[np.uint8]
    ending: NDArray[np.uint8]
    ended_by: NDArray[np.int8]
    end_packet: NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class UdpConversations(Table):
    """One row per UDP conversation: the datagrams between two (address, port) pairs, numbered by first appearance.

    Columns: ``flow`` row in ``Flows``; ``client`` side (0 = A, 1 = B) that sent first in this capture; ``packets``,
    ``bytes`` on the wire and ``payload`` bytes by side; ``first_time_ns``, ``last_time_ns``; rows ``first_packet``,
    ``last_packet``. Headers quoted in ICMP errors do not count.
    """

    flow: NDArray[np.int32]
    client: NDArray[np.int8]
    packets_a: NDArray[np.int64]
    packets_b: NDArray[np.int64]
    bytes_a: NDArray[np.int64]
    bytes_b: NDArray[np.int64]
    payload_a: NDArray[np.int64]
    payload_b: NDArray[np.int64]
    first_time_ns: NDArray[np.int64]
    last_time_ns: NDArray[np.int64]
    first_packet: NDArray[np.int64]
    last_packet: NDArray[np.int64]


def _optional(name: str) -> ModuleType:
    """Import an optional package."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise MissingPart(_("{name} is not installed; get it with: pip install {name}").format(name=name)) from error


def _dtypes_of(table: type[Table]) -> dict[str, str]:
    """Read the dtypes out of annotations such as ``NDArray[np.uint32]``, so that each is written once."""
    return {name: str(note).rpartition("np.")[2].rstrip("]") for name, note in table.__annotations__.items()}
