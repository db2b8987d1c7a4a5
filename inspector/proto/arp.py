"""The Address Resolution Protocol header; its addresses are as long as it says."""

from __future__ import annotations

from inspector.i18n import N_
from inspector.proto.cursor import Cursor
from inspector.proto.ethernet import ETHERTYPES
from inspector.proto.field import Field, Header, Show, Span
from inspector.proto.kinds import LayerKind
from inspector.refs import Ref

__all__ = ["ARP"]

_REF = Ref("RFC 826")


def _address(end: str, title: str, meaning: str, filters: tuple[str, str], size: int) -> tuple[Field, Field]:
    """The field for an address of the usual length, and for one of any other."""
    usual = Field(end, size * 8, title, meaning, _REF, filters[0], Show.MAC if size == 6 else Show.IPV4)
    return usual, Field(end, 0, title, meaning, _REF, filters[1], Show.BYTES)


_ADDRESSES = (
    (
        6,
        _address(
            "sender_hardware_address",
            N_("Sender hardware address"),
            N_("The network card that asks or answers."),
            ("arp.src.hw_mac", "arp.src.hw"),
            6,
        ),
    ),
    (
        4,
        _address(
            "sender_protocol_address",
            N_("Sender protocol address"),
            N_("The IP address of that card."),
            ("arp.src.proto_ipv4", "arp.src.proto"),
            4,
        ),
    ),
    (
        6,
        _address(
            "target_hardware_address",
            N_("Target hardware address"),
            N_("The network card asked for; zero in a question."),
            ("arp.dst.hw_mac", "arp.dst.hw"),
            6,
        ),
    ),
    (
        4,
        _address(
            "target_protocol_address",
            N_("Target protocol address"),
            N_("The IP address that is asked about."),
            ("arp.dst.proto_ipv4", "arp.dst.proto"),
            4,
        ),
    ),
)


def _variable(data: bytes) -> list[Span]:
    """Four addresses of the two lengths in the fixed part."""
    cursor = Cursor(data, 8)
    if len(data) < 8:
        return []
    for size, (usual, other) in _ADDRESSES:
        length = data[4] if size == 6 else data[5]
        if length > cursor.left:
            break
        if length == size:
            cursor.take(usual)
        else:
            cursor.take_bytes(other, length)
    return cursor.spans


ARP = Header(
    name="arp",
    kind=LayerKind.ARP,
    title=N_("Address Resolution Protocol"),
    meaning=N_("Asks which network card has an IP address, and answers."),
    tcpip_layer=1,
    osi_layer=2,
    ref=_REF,
    fields=(
        Field(
            "hardware_type",
            16,
            N_("Hardware type"),
            N_("Kind of network; 1 is Ethernet."),
            _REF,
            "arp.hw.type",
            values={1: "Ethernet", 6: "IEEE 802", 15: "Frame Relay", 32: "InfiniBand"},
        ),
        Field(
            "protocol_type",
            16,
            N_("Protocol type"),
            N_("Kind of address asked about; an EtherType."),
            _REF,
            "arp.proto.type",
            Show.HEX,
            ETHERTYPES,
        ),
        Field(
            "hardware_address_length",
            8,
            N_("Hardware address length"),
            N_("Bytes of each hardware address."),
            _REF,
            "arp.hw.size",
            unit=N_("bytes"),
        ),
        Field(
            "protocol_address_length",
            8,
            N_("Protocol address length"),
            N_("Bytes of each protocol address."),
            _REF,
            "arp.proto.size",
            unit=N_("bytes"),
        ),
        Field(
            "opcode",
            16,
            N_("Operation"),
            N_("Question or answer."),
            _REF,
            "arp.opcode",
            values={1: N_("request"), 2: N_("reply"), 3: "RARP request", 4: "RARP reply", 8: "InARP request"},
        ),
    ),
    variable=_variable,
    optional=tuple(field for _size, fields in _ADDRESSES for field in fields),
)
