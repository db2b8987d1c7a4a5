"""The Ethernet II header."""

from __future__ import annotations

from inspector.i18n import N_
from inspector.proto.field import Field, Header, Show
from inspector.proto.kinds import LayerKind
from inspector.refs import Ref

__all__ = ["DESTINATION", "ETHERNET", "ETHERTYPES", "SOURCE"]

_REF = Ref("IEEE 802.3", "3.2")

ETHERTYPES = {
    0x0800: "IPv4",
    0x0806: "ARP",
    0x0842: "Wake-on-LAN",
    0x22F0: "AVTP",
    0x6558: "Ethernet",
    0x8035: "RARP",
    0x809B: "AppleTalk",
    0x8100: "802.1Q VLAN",
    0x8137: "IPX",
    0x86DD: "IPv6",
    0x8809: N_("slow protocols (LACP)"),
    0x880B: "PPP",
    0x8847: "MPLS",
    0x8848: N_("MPLS, upstream-assigned label"),
    0x8863: "PPPoE discovery",
    0x8864: "PPPoE session",
    0x888E: "802.1X",
    0x88A8: "802.1ad service VLAN",
    0x88BE: "ERSPAN",
    0x88CC: "LLDP",
    0x88E5: "MACsec",
    0x88F7: "PTP",
    0x9100: N_("VLAN (old QinQ)"),
}
"""EtherTypes (IANA's list of IEEE 802 numbers)."""

DESTINATION = Field(
    "destination", 48, N_("Destination address"), N_("The network card this frame is for."), _REF, "eth.dst", Show.MAC
)
SOURCE = Field(
    "source", 48, N_("Source address"), N_("The network card that sent this frame."), _REF, "eth.src", Show.MAC
)

ETHERNET = Header(
    name="ethernet",
    kind=LayerKind.ETHERNET,
    title=N_("Ethernet II"),
    meaning=N_("Carries a packet to the next machine on the same local network."),
    tcpip_layer=1,
    osi_layer=2,
    ref=_REF,
    fields=(
        DESTINATION,
        SOURCE,
        Field(
            "type",
            16,
            N_("EtherType"),
            N_("Which protocol the frame carries."),
            Ref("RFC 9542", "3"),
            "eth.type",
            Show.HEX,
            ETHERTYPES,
            next_layer=True,
        ),
    ),
)
