"""One packet as boxes in boxes: its layers with every field's place and value, links, checksums and payload.

The slow path, for the packets that a person looks at: the layers table says which headers there are, their
declarations in ``inspector.proto`` say what is in them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from inspector.errors import UsageError
from inspector.i18n import _
from inspector.model.tables import (
    ASSEMBLED,
    SEGMENT_FRAGMENT,
    SEGMENT_FROM_B,
    SEGMENT_QUOTED,
    SEGMENT_SHORT,
)
from inspector.proto import Header, LayerKind, Span, header_at
from inspector.recording.capture import Capture
from inspector.recording.checksums import Checksum, Direction, check
from inspector.recording.inside import Piece, pieces_of
from inspector.recording.reader import Interface

__all__ = ["Dissection", "Layer", "Link", "TcpPlace", "dissect"]

_QUOTERS = (LayerKind.ICMP, LayerKind.ICMPV6)
_SENT_BY_US = 4
"""Packet type of Linux cooked captures for packets that the capturing machine sent."""


@dataclass(frozen=True, slots=True)
class Link:
    """How a layer names what it carries.

    Args:
        span: The field that names it; None where the place alone tells (first layer, raw IP).
        kind: The layer named; UNKNOWN for a protocol not decoded here, NONE for an application's bytes.
    """

    span: Span | None
    kind: LayerKind


@dataclass(slots=True)
class Layer:
    """One header, in the place where it stands.

    Args:
        kind: What the layers table calls it.
        header: Its declaration; None for bytes that are not decoded here.
        offset: First byte, in the packet or (``assembled``) in the datagram put together from fragments.
        size: Captured bytes of this layer with all that it carries.
        header_size: Bytes of the header itself.
        spans: Its fields, bits counted from the first bit of the header.
        data: ``size`` bytes.
        assembled: The offset counts in a datagram that was put together from fragments.
        quoted: Inside an ICMP error: a copy of an earlier packet, not sent as such.
        link: What it names as next.
        checksum: Outcome of checking it, for layers that have a checksum.
    """

    kind: LayerKind
    header: Header | None
    offset: int
    size: int
    header_size: int
    spans: tuple[Span, ...]
    data: bytes
    assembled: bool = False
    quoted: bool = False
    link: Link | None = None
    checksum: Checksum | None = None

    @property
    def name(self) -> str:
        """Stable short name: the declaration's, or that of the kind."""
        return self.header.name if self.header is not None else self.kind.name.lower()

    def value(self, name: str) -> int | None:
        """The value of a field, a group's parts included; None where the header does not reach so far."""
        return next((span.value for span in _flat(self.spans) if span.field.name == name), None)


@dataclass(frozen=True, slots=True)
class TcpPlace:
    """Where a TCP segment stands in its connection.

    Args:
        connection: Number as ``Capture.connections`` numbers them.
        from_client: Who sent it; None when it is not known which side is the client.
        seq, ack: Relative to the first sequence number of each side as Wireshark counts (a SYN has 0); None where
            that is not known.
        length: Payload bytes by the IP header.
        next_seq: The sequence number after this segment, relative: ``seq`` + ``length``, and one for SYN and FIN.
    """

    connection: int
    from_client: bool | None
    seq: int | None
    ack: int | None
    length: int
    next_seq: int | None


@dataclass(slots=True)
class Dissection:
    """A packet taken apart.

    Args:
        number: From 1.
        time_ns: When it was captured, in nanoseconds since the epoch; None where the file does not say.
        interface: Where it was seen.
        captured, length: Bytes in the file, and on the wire.
        data: The captured bytes.
        layers: Outermost first; each one lies within the one before unless it is ``assembled``.
        payload: (offset, size) of the bytes that the innermost decoded layer carries; of size 0 when there are none.
        payload_assembled: The payload lies in a datagram that was put together from fragments.
        trailer: (offset, size) of bytes behind the network layer, e.g. Ethernet padding.
        inside: Headers found in the payload (TLS records, WebSocket frames, also those that records protect).
        decrypted: Plain bytes that the payload carried encrypted in TLS; empty where they are not known.
        tcp: Where the innermost TCP segment stands in its connection.
        comments: What somebody wrote to the packet.
    """

    number: int
    time_ns: int | None
    interface: Interface
    captured: int
    length: int
    data: bytes
    layers: list[Layer]
    payload: tuple[int, int] = (0, 0)
    payload_assembled: bool = False
    trailer: tuple[int, int] = (0, 0)
    inside: list[Piece] = field(default_factory=list)
    decrypted: bytes = b""
    tcp: TcpPlace | None = None
    comments: tuple[str, ...] = ()

    @property
    def overhead(self) -> int:
        """Captured bytes of this packet that are headers or padding, not payload."""
        innermost = next((layer for layer in reversed(self.layers) if not layer.assembled), None)
        if self.payload_assembled and innermost is not None:
            return self.captured - (innermost.size - innermost.header_size)
        return self.captured - self.payload[1]


def dissect(capture: Capture, number: int, *, inside: bool = True) -> Dissection:
    """Take packet ``number`` (from 1) apart.

    Args:
        capture: Where it is.
        number: From 1.
        inside: Also find the TLS records and WebSocket frames in it, for which its whole connection is decoded.

    Raises:
        UsageError: If there is no such packet.
    """
    count = len(capture.packets)
    if not 1 <= number <= count:
        raise UsageError(
            _("there is no packet {number}; this capture has {count}, numbered from 1").format(
                number=number, count=count
            )
            if count
            else _("there is no packet {number}; this capture has none").format(number=number)
        )
    row = number - 1
    packets = capture.packets
    captured = int(packets.captured[row])
    found = Dissection(
        number=number,
        time_ns=None if row in capture.untimed else int(packets.time_ns[row]),
        interface=capture.interfaces[int(packets.interface[row])],
        captured=captured,
        length=int(packets.length[row]),
        data=capture.bytes_at(row, 0, captured),
        layers=_layers(capture, row),
        comments=tuple(capture.comments.get(number, ())),
    )
    _link(found)
    _place_payload(found)
    _check_sums(found)
    segment = _segment_of(capture, row)
    if segment is not None:
        found.tcp = _tcp_place(capture, segment)
        if inside and not found.payload_assembled and found.payload[1]:
            found.inside, found.decrypted = pieces_of(capture, row, segment)
    return found


def _layers(capture: Capture, row: int) -> list[Layer]:
    table = capture.layers
    start = int(capture.packets.layer_start[row])
    layers: list[Layer] = []
    quoted = False
    for index in range(start, start + int(capture.packets.layer_count[row])):
        kind = LayerKind(int(table.kind[index]))
        offset, size = int(table.offset[index]), int(table.size[index])
        data = capture.bytes_at(row, offset, size)
        header = header_at(kind, data)
        spans = tuple(header.decode(_own_bytes(kind, data))) if header is not None else ()
        layers.append(
            Layer(
                kind=kind,
                header=header,
                offset=offset & ~ASSEMBLED,
                size=len(data),
                header_size=max((span.end + 7) // 8 for span in spans) if spans else 0,
                spans=spans,
                data=data,
                assembled=bool(offset & ASSEMBLED),
                quoted=quoted,
            )
        )
        quoted = quoted or kind in _QUOTERS
    _bound_headers(layers)
    return layers


def _own_bytes(kind: LayerKind, data: bytes) -> bytes:
    """The bytes that may belong to the header; ICMP errors end where the quoted packet begins."""
    quoting = kind is LayerKind.ICMP or (kind is LayerKind.ICMPV6 and data[:1] < b"\x80")
    return data[:8] if quoting and data[:1] not in (b"\x0d", b"\x0e", b"\x11", b"\x12") else data


def _bound_headers(layers: list[Layer]) -> None:
    """Cut spans that reach into the next header: its place in the table is the truth (broken lengths lie)."""
    for layer, inner in pairwise(layers):
        room = inner.offset - layer.offset
        if layer.assembled == inner.assembled and 0 <= room < layer.header_size:
            layer.spans = tuple(span for span in layer.spans if span.end <= room * 8)
            layer.header_size = room


def _link(found: Dissection) -> None:
    for index, layer in enumerate(found.layers):
        following = found.layers[index + 1] if index + 1 < len(found.layers) else None
        span = next((span for span in _flat(layer.spans) if span.field.next_layer), None)
        if following is not None:
            layer.link = Link(span, following.kind)
        elif layer.kind in (LayerKind.TCP, LayerKind.UDP):
            layer.link = Link(span, LayerKind.NONE)


def _place_payload(found: Dissection) -> None:
    """What the innermost layer carries, and what lies behind everything."""
    if not found.layers:
        found.payload = (0, found.captured)
        return
    last = found.layers[-1]
    start, end = last.offset + last.header_size, last.offset + last.size
    if last.kind is LayerKind.ARP:
        end = start  # it has no length of its own: what follows is padding
    found.payload = (start, end - start)
    found.payload_assembled = last.assembled
    ends = [layer.offset + layer.size for layer in found.layers if not layer.assembled]
    behind = end if not last.assembled else min(ends, default=found.captured)
    found.trailer = (behind, found.captured - behind)


def _check_sums(found: Dissection) -> None:
    direction = _direction(found.layers)
    missing = found.length - found.captured
    network: Layer | None = None
    for index, layer in enumerate(found.layers):
        if layer.kind in (LayerKind.IPV4, LayerKind.IPV6):
            network = layer
        between = found.layers[: index + 1]
        layer.checksum = check(layer, network, between, direction, missing)


def _direction(layers: list[Layer]) -> Direction:
    """Whether the capturing machine itself sent the packet: what can be told from the link layer."""
    first = layers[0] if layers else None
    if first is None:
        return Direction.UNKNOWN
    if first.kind in (LayerKind.NULL, LayerKind.LOOP):
        return Direction.SENT
    packet_type = first.value("packet_type") if first.kind in (LayerKind.SLL, LayerKind.SLL2) else None
    if packet_type is None:
        return Direction.UNKNOWN
    return Direction.SENT if packet_type == _SENT_BY_US else Direction.RECEIVED


def _segment_of(capture: Capture, row: int) -> int | None:
    """The row of ``Segments`` of the packet's own TCP header (the innermost), not of a quoted one."""
    packets = capture.segments.packet
    # Of the column's own type: another would make NumPy copy the whole column.
    first, end = np.searchsorted(packets, np.array([row, row + 1], packets.dtype))
    bad = SEGMENT_QUOTED | SEGMENT_FRAGMENT | SEGMENT_SHORT
    good = [index for index in range(int(first), int(end)) if not int(capture.segments.marks[index]) & bad]
    return good[-1] if good else None


def _tcp_place(capture: Capture, segment: int) -> TcpPlace:
    table = capture.segments
    connection = int(capture.segment_connection[segment])
    client = int(capture.connections.client[connection])
    side = 1 if int(table.marks[segment]) & SEGMENT_FROM_B else 0
    mine, theirs = _first_numbers(capture, connection, side)
    flags, length = int(table.flags[segment]), int(table.length[segment])
    seq = None if mine is None else (int(table.seq[segment]) - mine) % 2**32
    has_ack = bool(flags & 0x10)
    return TcpPlace(
        connection=connection,
        from_client=None if client < 0 else side == client,
        seq=seq,
        ack=None if theirs is None or not has_ack else (int(table.ack[segment]) - theirs) % 2**32,
        length=length,
        next_seq=None if seq is None else (seq + length + bool(flags & 3)) % 2**32,
    )


def _first_numbers(capture: Capture, connection: int, side: int) -> tuple[int | None, int | None]:
    """The sequence numbers that relative ones count from, of the sender and of the other side.

    Those of the SYNs; without a handshake one less than the first number seen (tshark's way), so that the first byte
    has number 1 either way.
    """
    table = capture.segments
    rows = capture.rows_of_connection(connection)
    bad = SEGMENT_QUOTED | SEGMENT_FRAGMENT | SEGMENT_SHORT
    rows = rows[(table.marks[rows] & bad) == 0]
    bases: list[int | None] = []
    for wanted in (side, 1 - side):
        sender = (table.marks[rows] & SEGMENT_FROM_B) == (SEGMENT_FROM_B if wanted else 0)
        own, other = rows[sender], rows[~sender]
        acks = other[(table.flags[other] & 0x10) != 0]
        base: int | None = None
        if len(own) and (not len(acks) or own[0] <= acks[0] or int(table.flags[own[0]]) & 2):
            base = int(table.seq[own[0]]) - (0 if int(table.flags[own[0]]) & 2 else 1)
        elif len(acks):
            base = int(table.ack[acks[0]]) - 1
        bases.append(base)
    return bases[0], bases[1]


def _flat(spans: tuple[Span, ...]) -> list[Span]:
    return [item for span in spans for item in (span, *_flat(span.children))]
