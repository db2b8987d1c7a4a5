"""The IPv6 header."""

from __future__ import annotations

from inspector.i18n import N_
from inspector.proto.field import Field, Header, Show
from inspector.proto.ipv4 import DSCP, ECN, IP_PROTOCOLS
from inspector.proto.kinds import LayerKind
from inspector.refs import Ref

__all__ = ["IPV6"]

_REF = Ref("RFC 8200", "3")

IPV6 = Header(
    name="ipv6",
    kind=LayerKind.IPV6,
    title=N_("Internet Protocol version 6"),
    meaning=N_("Carries a packet from one host to another across networks, with 128-bit addresses."),
    tcpip_layer=2,
    osi_layer=3,
    ref=_REF,
    fields=(
        Field("version", 4, N_("Version"), N_("6 for IPv6."), _REF, "ipv6.version"),
        Field(
            "traffic_class",
            8,
            N_("Traffic class"),
            N_("How routers should treat the packet."),
            Ref("RFC 8200", "7"),
            "ipv6.tclass",
            Show.HEX,
            parts=(
                Field(
                    "dscp",
                    6,
                    N_("DSCP"),
                    N_("How urgently routers should treat the packet."),
                    Ref("RFC 2474", "3"),
                    "ipv6.tclass.dscp",
                    values=DSCP,
                ),
                Field(
                    "ecn",
                    2,
                    N_("ECN"),
                    N_("Lets routers announce congestion without dropping packets."),
                    Ref("RFC 3168", "5"),
                    "ipv6.tclass.ecn",
                    values=ECN,
                ),
            ),
        ),
        Field(
            "flow_label",
            20,
            N_("Flow label"),
            N_("The same number in all packets of one conversation, so that routers keep them on one path."),
            Ref("RFC 6437", "2"),
            "ipv6.flow",
            Show.HEX,
        ),
        Field(
            "payload_length",
            16,
            N_("Payload length"),
            N_("Bytes behind this header, extension headers included."),
            _REF,
            "ipv6.plen",
            unit=N_("bytes"),
        ),
        Field(
            "next_header",
            8,
            N_("Next header"),
            N_("What follows: an extension header or what the packet carries."),
            _REF,
            "ipv6.nxt",
            values=IP_PROTOCOLS,
            next_layer=True,
        ),
        Field("hop_limit", 8, N_("Hop limit"), N_("Routers left to pass; each one subtracts one."), _REF, "ipv6.hlim"),
        Field("source", 128, N_("Source address"), N_("The host that sent the packet."), _REF, "ipv6.src", Show.IPV6),
        Field("destination", 128, N_("Destination address"), N_("The host it is for."), _REF, "ipv6.dst", Show.IPV6),
    ),
)
