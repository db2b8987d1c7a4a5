"""How a fixed header is declared: its fields, in order, with their width in bits.

From one declaration come the byte view of a packet, bit diagrams, glossary pages, whole columns of a capture and the
slow reference decoder. What depends on earlier bytes (options, extended lengths) is ordinary code that yields spans.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum

from inspector.proto.kinds import LayerKind
from inspector.refs import Ref

__all__ = ["ByteOrder", "Field", "Header", "Show", "Span"]


class Show(Enum):
    """How a field's value is written for people."""

    DECIMAL = "decimal"
    HEX = "hex"
    FLAG = "flag"
    MAC = "mac"
    IPV4 = "ipv4"
    IPV6 = "ipv6"
    BYTES = "bytes"
    RESERVED = "reserved"


class ByteOrder(Enum):
    """Which byte of a number comes first."""

    BIG = "big"
    """Most significant first: network byte order, nearly everywhere."""
    LITTLE = "little"
    """Least significant first, as in IEEE 802.11 and radiotap."""
    HOST = "host"
    """That of the capturing machine: read so that the number comes out below 65536, as all known values do."""

    def read(self, data: bytes) -> int:
        """The number that ``data`` holds."""
        value = int.from_bytes(data, "big")
        if self is ByteOrder.LITTLE or (self is ByteOrder.HOST and value > 0xFFFF):
            return int.from_bytes(data, "little")
        return value


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a header.

    Args:
        name: The standard's own word in snake case, e.g. ``data_offset``.
        bits: Width in bits; 0 where the length depends on the packet (its span tells).
        title: Short name for people (translatable).
        meaning: One line in plain words (translatable).
        ref: Where the standard defines it.
        filter: Wireshark's filter name, or None when Wireshark has none.
        show: How the value is written.
        values: Names of values (translatable).
        scale: What one unit counts, e.g. 4 for a length in 32-bit words.
        unit: What the value times ``scale`` counts, e.g. ``"bytes"`` (translatable).
        next_layer: True where this field names the layer that follows.
        order: Which byte comes first; other than BIG only for whole bytes at byte boundaries.
        parts: The fields that this one is made of, in order; their widths add up to ``bits``.
    """

    name: str
    bits: int
    title: str
    meaning: str
    ref: Ref
    filter: str | None = None
    show: Show = Show.DECIMAL
    values: Mapping[int, str] = field(default_factory=dict)
    scale: int = 1
    unit: str = ""
    next_layer: bool = False
    order: ByteOrder = ByteOrder.BIG
    parts: tuple[Field, ...] = ()

    def walk(self, start: int) -> Iterator[tuple[Field, int]]:
        """This field and its parts, each with its first bit, when this one starts at ``start``."""
        yield self, start
        for part in self.parts:
            yield from part.walk(start)
            start += part.bits


@dataclass(frozen=True, slots=True)
class Header:
    """A fixed header, declared once.

    Args:
        name: Short lower-case name, also the anchor of its page.
        kind: The layer it is, as the scan numbers it; None where the kind alone does not tell (IEEE 802.3) and for
            headers inside a stream.
        title: Name for people (translatable).
        meaning: What the header is for, in plain words (translatable).
        tcpip_layer: Layer of the TCP/IP model, 1 (link) to 4 (application).
        osi_layer: Layer of the OSI model, 1 to 7.
        ref: The standard.
        fields: The part that every such header begins with, in order of transmission.
        variable: Code that yields the spans after the fixed part, given the header's bytes and whatever follows. A
            span that it places over fixed fields takes their place (e.g. a code whose names depend on the type).
        optional: Every field that ``variable`` may yield.
    """

    name: str
    kind: LayerKind | None
    title: str
    meaning: str
    tcpip_layer: int
    osi_layer: int
    ref: Ref
    fields: tuple[Field, ...]
    variable: Callable[[bytes], list[Span]] | None = None
    optional: tuple[Field, ...] = ()

    @property
    def bits(self) -> int:
        """Length of the fixed part in bits."""
        return sum(item.bits for item in self.fields)

    def walk(self) -> Iterator[tuple[Field, int]]:
        """All fields of the fixed part, groups before their parts, each with its first bit in the header."""
        start = 0
        for item in self.fields:
            yield from item.walk(start)
            start += item.bits

    def decode(self, data: bytes) -> list[Span]:
        """Read the header from ``data``; fields that do not fit are left out.

        Args:
            data: Bytes from the header's first on; may be cut short or go on behind the header.

        Returns:
            Spans in order, with bit positions relative to the first byte of ``data``.
        """
        spans: list[Span] = []
        start = 0
        for item in self.fields:
            span = Span.read(item, data, start)
            if span is None:
                return spans
            spans.append(span)
            start += item.bits
        if self.variable is None:
            return spans
        more = self.variable(data)
        if more and more[0].start < start:
            spans = [span for span in spans if not any(span.overlaps(new) for new in more)]
        return sorted([*spans, *more], key=lambda span: span.start)


@dataclass(frozen=True, slots=True)
class Span:
    """A field found in a packet: where it lies and what it holds.

    Args:
        field: Its declaration.
        start: First bit, counted from the first bit of the header.
        bits: Length in bits.
        value: The number in these bits, most significant first unless the field says otherwise.
        children: Parts of this span, e.g. the fields of one option.
        anomaly: Code of what is wrong here, e.g. ``"tcp.option_length"``; empty when nothing is.
    """

    field: Field
    start: int
    bits: int
    value: int
    children: tuple[Span, ...] = ()
    anomaly: str = ""

    @property
    def end(self) -> int:
        """The bit behind the last."""
        return self.start + self.bits

    def overlaps(self, other: Span) -> bool:
        """Whether both hold a common bit."""
        return self.start < other.end and other.start < self.end

    @classmethod
    def read(cls, item: Field, data: bytes, start: int, bits: int = 0, anomaly: str = "") -> Span | None:
        """Read a field from ``data``; None where it does not fit.

        Args:
            item: The field.
            data: Bytes from the header's first on.
            start: First bit.
            bits: Length in bits, for fields whose length depends on the packet.
            anomaly: See ``Span``.
        """
        bits = bits or item.bits
        first, last = start // 8, (start + bits + 7) // 8
        if not bits or last > len(data):
            return None
        if item.order is ByteOrder.BIG:
            value = int.from_bytes(data[first:last], "big") >> (last * 8 - start - bits) & ((1 << bits) - 1)
        else:
            value = item.order.read(data[first:last])
        parts: list[Span] = []
        at = start
        for part in item.parts:
            child = cls.read(part, data, at)
            if child is not None:
                parts.append(child)
            at += part.bits
        return cls(item, start, bits, value, tuple(parts), anomaly)
