"""How a fixed header is declared: its fields, in order, with their width in bits.

From one declaration come the byte view of a packet, bit diagrams, glossary pages, whole columns of a capture and the
slow reference decoder. What depends on earlier bytes (options, extended lengths) is ordinary code that yields spans.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from inspector.proto.kinds import LayerKind
from inspector.refs import Ref

__all__ = ["Field", "Header", "Show", "Span"]


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


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a fixed header.

    Args:
        name: The standard's own word in snake case, e.g. ``data_offset``.
        bits: Width in bits.
        title: Short name for people (translatable).
        meaning: One line in plain words (translatable).
        ref: Where the standard defines it.
        filter: Wireshark's filter name, or None when Wireshark has none.
        show: How the value is written.
        values: Names of values (translatable).
        scale: What one unit counts, e.g. 4 for a length in 32-bit words.
        next_layer: True where this field names the layer that follows.
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
    next_layer: bool = False


@dataclass(frozen=True, slots=True)
class Header:
    """A fixed header, declared once.

    Args:
        name: Short lower-case name, also the anchor of its page.
        kind: The layer it is, as the scan numbers it; None for headers inside a stream.
        title: Name for people (translatable).
        meaning: What the header is for, in plain words (translatable).
        tcpip_layer: Layer of the TCP/IP model, 1 (link) to 4 (application).
        osi_layer: Layer of the OSI model, 1 to 7.
        ref: The standard.
        fields: In order of transmission, most significant bit first.
        variable: Code that yields the spans after the fixed part, given all bytes of the header.
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

    @property
    def bits(self) -> int:
        """Length of the fixed part in bits."""
        return sum(item.bits for item in self.fields)

    def decode(self, data: bytes) -> list[Span]:
        """Read the header from ``data``; fields that do not fit are left out.

        Args:
            data: The header's bytes, from its first; may be cut short.

        Returns:
            Spans in order, with bit positions relative to the first byte of ``data``.
        """
        whole = int.from_bytes(data, "big")
        available = len(data) * 8
        spans: list[Span] = []
        at = 0
        for item in self.fields:
            if at + item.bits > available:
                return spans
            value = whole >> (available - at - item.bits) & ((1 << item.bits) - 1)
            spans.append(Span(item, at, item.bits, value))
            at += item.bits
        if self.variable is not None:
            spans.extend(self.variable(data))
        return spans


@dataclass(frozen=True, slots=True)
class Span:
    """A field found in a packet: where it lies and what it holds.

    Args:
        field: Its declaration.
        start: First bit, counted from the first bit of the header.
        bits: Length in bits.
        value: The number in these bits, most significant first.
        children: Parts of this span, e.g. the fields of one option.
    """

    field: Field
    start: int
    bits: int
    value: int
    children: tuple[Span, ...] = ()
