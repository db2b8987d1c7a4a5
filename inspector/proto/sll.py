"""The Linux cooked capture header, version 1."""

from __future__ import annotations

from inspector.i18n import N_
from inspector.proto.cursor import Cursor
from inspector.proto.ethernet import ETHERTYPES
from inspector.proto.field import Field, Header, Show, Span
from inspector.proto.kinds import LayerKind
from inspector.refs import Ref

__all__ = ["ADDRESS_FIELDS", "DEVICE_TYPES", "PACKET_TYPES", "SLL", "address"]

_REF = Ref("LINKTYPE", "LINUX_SLL")

PACKET_TYPES = {
    0: N_("to this machine"),
    1: N_("broadcast"),
    2: N_("multicast"),
    3: N_("to another machine"),
    4: N_("sent by this machine"),
}
DEVICE_TYPES = {
    1: "Ethernet",
    512: "PPP",
    768: "IPIP",
    769: "IPv6 tunnel",
    772: N_("loopback"),
    776: "6in4",
    778: "GRE",
    801: "802.11",
    803: "802.11 radiotap",
    823: "GRE over IPv6",
    824: "Netlink",
    65534: N_("no link-layer address"),
}
"""Values of Linux' ARPHRD constants."""

_ADDRESS = N_("Link-layer address")
_ADDRESS_MEANING = N_("Who sent the packet on the local network.")
_ETHER = Field("address", 48, _ADDRESS, _ADDRESS_MEANING, _REF, "sll.src.eth", Show.MAC)
_IPV4 = Field("address", 32, _ADDRESS, _ADDRESS_MEANING, _REF, "sll.src.ipv4", Show.IPV4)
_OTHER = Field("address", 0, _ADDRESS, _ADDRESS_MEANING, _REF, "sll.src.other", Show.BYTES)
_UNUSED = Field("unused", 0, N_("Unused"), N_("Fills the room for an address."), _REF, "sll.unused", Show.BYTES)
_PROTOCOL = Field(
    "protocol",
    16,
    N_("Protocol"),
    N_("Which protocol follows: an EtherType."),
    _REF,
    "sll.etype",
    Show.HEX,
    ETHERTYPES,
    next_layer=True,
)

ADDRESS_FIELDS = (_ETHER, _IPV4, _OTHER, _UNUSED)


def address(cursor: Cursor, length: int) -> None:
    """Read eight bytes of which the first ``length`` are an address."""
    length = min(length, 8)
    if length == 6:
        cursor.take(_ETHER)
    elif length == 4:
        cursor.take(_IPV4)
    else:
        cursor.take_bytes(_OTHER, length)
    cursor.take_bytes(_UNUSED, 8 - length)


def _variable(data: bytes) -> list[Span]:
    cursor = Cursor(data, 6)
    address(cursor, int.from_bytes(data[4:6], "big"))
    cursor.take(_PROTOCOL)
    return cursor.spans


SLL = Header(
    name="sll",
    kind=LayerKind.SLL,
    title=N_("Linux cooked capture"),
    meaning=N_("What Linux writes in place of link headers when it captures on all interfaces; never on a cable."),
    tcpip_layer=1,
    osi_layer=2,
    ref=_REF,
    fields=(
        Field(
            "packet_type",
            16,
            N_("Packet type"),
            N_("Who the packet was for, seen from the capturing machine."),
            _REF,
            "sll.pkttype",
            values=PACKET_TYPES,
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
            "address_length",
            16,
            N_("Address length"),
            N_("Bytes of the sender's link-layer address."),
            _REF,
            "sll.halen",
            unit=N_("bytes"),
        ),
    ),
    variable=_variable,
    optional=(*ADDRESS_FIELDS, _PROTOCOL),
)
