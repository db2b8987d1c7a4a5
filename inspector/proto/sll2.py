"""The Linux cooked capture header, version 2."""

from __future__ import annotations

from inspector.i18n import N_
from inspector.proto.cursor import Cursor
from inspector.proto.ethernet import ETHERTYPES
from inspector.proto.field import Field, Header, Show, Span
from inspector.proto.kinds import LayerKind
from inspector.proto.sll import ADDRESS_FIELDS, DEVICE_TYPES, PACKET_TYPES, address
from inspector.refs import Ref

__all__ = ["SLL2"]

_REF = Ref("LINKTYPE", "LINUX_SLL2")


def _variable(data: bytes) -> list[Span]:
    cursor = Cursor(data, 12)
    address(cursor, data[11] if len(data) > 11 else 0)
    return cursor.spans


SLL2 = Header(
    name="sll2",
    kind=LayerKind.SLL2,
    title=N_("Linux cooked capture v2"),
    meaning=N_("What Linux writes in place of link headers when it captures on all interfaces; never on a cable."),
    tcpip_layer=1,
    osi_layer=2,
    ref=_REF,
    fields=(
        Field(
            "protocol",
            16,
            N_("Protocol"),
            N_("Which protocol follows: an EtherType."),
            _REF,
            "sll.etype",
            Show.HEX,
            ETHERTYPES,
            next_layer=True,
        ),
        Field("reserved", 16, N_("Reserved"), N_("Always zero."), _REF, None, Show.RESERVED),
        Field(
            "interface_index",
            32,
            N_("Interface index"),
            N_("Number of the network device on the capturing machine."),
            _REF,
            "sll.ifindex",
        ),
        Field(
            "arphrd_type",
            16,
            N_("Device type"),
            N_("Kind of network device it came through."),
            _REF,
            "sll.hatype",
            values=DEVICE_TYPES,
        ),
        Field(
            "packet_type",
            8,
            N_("Packet type"),
            N_("Who the packet was for, seen from the capturing machine."),
            _REF,
            "sll.pkttype",
            values=PACKET_TYPES,
        ),
        Field(
            "address_length",
            8,
            N_("Address length"),
            N_("Bytes of the sender's link-layer address."),
            _REF,
            "sll.halen",
            unit=N_("bytes"),
        ),
    ),
    variable=_variable,
    optional=ADDRESS_FIELDS,
)
