"""The Ethernet II header."""

from __future__ import annotations

from inspector.i18n import N_
from inspector.proto.field import Field, Header, Show
from inspector.proto.kinds import LayerKind
from inspector.refs import Ref

__all__ = ["ETHERNET", "ETHERTYPES"]

_REF = Ref("IEEE 802.3", "3.2")

ETHERTYPES = {
    0x0800: "IPv4",
    0x0806: "ARP",
    0x8100: "802.1Q VLAN",
    0x86DD: "IPv6",
    0x8847: "MPLS unicast",
    0x8848: "MPLS multicast",
    0x8863: "PPPoE discovery",
    0x8864: "PPPoE session",
    0x88A8: "802.1ad service VLAN",
    0x88CC: "LLDP",
}

ETHERNET = Header(
    name="ethernet",
    kind=LayerKind.ETHERNET,
    title=N_("Ethernet II"),
    meaning=N_("Carries a packet to the next machine on the same local network."),
    tcpip_layer=1,
    osi_layer=2,
    ref=_REF,
    fields=(
        Field(
            "destination",
            48,
            N_("Destination address"),
            N_("The network card this frame is for."),
            _REF,
            "eth.dst",
            Show.MAC,
        ),
        Field(
            "source", 48, N_("Source address"), N_("The network card that sent this frame."), _REF, "eth.src", Show.MAC
        ),
        Field(
            "type",
            16,
            N_("EtherType"),
            N_("Which protocol the frame carries."),
            _REF,
            "eth.type",
            Show.HEX,
            ETHERTYPES,
            next_layer=True,
        ),
    ),
)
