"""Every declared header, and which one a layer is read with."""

from __future__ import annotations

from inspector.proto.ah import AH
from inspector.proto.arp import ARP
from inspector.proto.chdlc import CHDLC
from inspector.proto.ethernet import ETHERNET
from inspector.proto.field import Header
from inspector.proto.geneve import GENEVE
from inspector.proto.gre import GRE
from inspector.proto.gtpu import GTPU
from inspector.proto.icmp import ICMP
from inspector.proto.icmpv6 import ICMPV6
from inspector.proto.ieee8023 import IEEE8023, SMALLEST_TYPE
from inspector.proto.ieee80211 import IEEE80211
from inspector.proto.ipv4 import IPV4
from inspector.proto.ipv6 import IPV6
from inspector.proto.ipv6_dstopts import IPV6_DSTOPTS
from inspector.proto.ipv6_fragment import IPV6_FRAGMENT
from inspector.proto.ipv6_hopopts import IPV6_HOPOPTS
from inspector.proto.ipv6_routing import IPV6_ROUTING
from inspector.proto.kinds import LayerKind
from inspector.proto.llc import LLC
from inspector.proto.loop import LOOP
from inspector.proto.mpls import MPLS
from inspector.proto.null import NULL
from inspector.proto.ppp import PPP
from inspector.proto.pppoe import PPPOE
from inspector.proto.pw_control import PW_CONTROL
from inspector.proto.radiotap import RADIOTAP
from inspector.proto.service_vlan import SERVICE_VLAN
from inspector.proto.sll import SLL
from inspector.proto.sll2 import SLL2
from inspector.proto.snap import SNAP
from inspector.proto.tcp import TCP
from inspector.proto.tls_record import TLS_RECORD
from inspector.proto.udp import UDP
from inspector.proto.vlan import VLAN
from inspector.proto.vxlan import VXLAN
from inspector.proto.websocket import WEBSOCKET

__all__ = ["HEADERS", "header_at", "header_of"]

HEADERS: tuple[Header, ...] = (
    ETHERNET,
    IEEE8023,
    LLC,
    SNAP,
    VLAN,
    SERVICE_VLAN,
    MPLS,
    PW_CONTROL,
    PPPOE,
    PPP,
    CHDLC,
    NULL,
    LOOP,
    SLL,
    SLL2,
    RADIOTAP,
    IEEE80211,
    ARP,
    IPV4,
    IPV6,
    IPV6_HOPOPTS,
    IPV6_DSTOPTS,
    IPV6_ROUTING,
    IPV6_FRAGMENT,
    AH,
    ICMP,
    ICMPV6,
    TCP,
    UDP,
    GRE,
    VXLAN,
    GENEVE,
    GTPU,
    WEBSOCKET,
    TLS_RECORD,
)
"""Every declared header; a test compares this list with the folder."""

_BY_KIND = {header.kind: header for header in HEADERS if header.kind is not None}


def header_of(kind: int) -> Header | None:
    """The declaration of a layer, or None where it has no fixed header."""
    return _BY_KIND.get(LayerKind(kind))


def header_at(kind: int, data: bytes) -> Header | None:
    """The declaration of a layer whose bytes begin with ``data``: as ``header_of``, but 802.3 told from Ethernet II."""
    if kind == LayerKind.ETHERNET and int.from_bytes(data[12:14], "big") < SMALLEST_TYPE and len(data) >= 14:
        return IEEE8023
    return header_of(kind)
