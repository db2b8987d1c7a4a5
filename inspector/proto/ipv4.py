"""The IPv4 header."""

from __future__ import annotations

from inspector.i18n import N_
from inspector.proto.field import Field, Header, Show
from inspector.proto.kinds import LayerKind
from inspector.refs import Ref

__all__ = ["IPV4", "IP_PROTOCOLS"]

_REF = Ref("RFC 791", "3.1")

IP_PROTOCOLS = {
    0: "IPv6 hop-by-hop options",
    1: "ICMP",
    2: "IGMP",
    4: "IPv4",
    6: "TCP",
    17: "UDP",
    41: "IPv6",
    43: "IPv6 routing",
    44: "IPv6 fragment",
    47: "GRE",
    50: "ESP",
    51: "AH",
    58: "ICMPv6",
    59: "no next header",
    60: "IPv6 destination options",
    89: "OSPF",
    132: "SCTP",
    137: "MPLS",
}

IPV4 = Header(
    name="ipv4",
    kind=LayerKind.IPV4,
    title=N_("Internet Protocol version 4"),
    meaning=N_("Carries a datagram from one host to another across networks."),
    tcpip_layer=2,
    osi_layer=3,
    ref=_REF,
    fields=(
        Field("version", 4, N_("Version"), N_("4 for IPv4."), _REF, "ip.version"),
        Field(
            "ihl",
            4,
            N_("Header length"),
            N_("Length of this header; longer than 20 bytes when options follow."),
            _REF,
            "ip.hdr_len",
            scale=4,
        ),
        Field(
            "dscp",
            6,
            N_("DSCP"),
            N_("How urgently routers should treat the datagram."),
            Ref("RFC 2474", "3"),
            "ip.dsfield.dscp",
        ),
        Field(
            "ecn",
            2,
            N_("ECN"),
            N_("Lets routers announce congestion without dropping packets."),
            Ref("RFC 3168", "5"),
            "ip.dsfield.ecn",
        ),
        Field("total_length", 16, N_("Total length"), N_("Bytes of header and data together."), _REF, "ip.len"),
        Field(
            "identification",
            16,
            N_("Identification"),
            N_("Tells which fragments belong together."),
            _REF,
            "ip.id",
            Show.HEX,
        ),
        Field("reserved", 1, N_("Reserved"), N_("Always zero."), _REF, "ip.flags.rb", Show.RESERVED),
        Field(
            "dont_fragment",
            1,
            N_("Don't fragment"),
            N_("Routers must drop the datagram rather than split it."),
            _REF,
            "ip.flags.df",
            Show.FLAG,
        ),
        Field(
            "more_fragments",
            1,
            N_("More fragments"),
            N_("Further pieces of this datagram follow."),
            _REF,
            "ip.flags.mf",
            Show.FLAG,
        ),
        Field(
            "fragment_offset",
            13,
            N_("Fragment offset"),
            N_("Where this piece belongs in the datagram."),
            _REF,
            "ip.frag_offset",
            scale=8,
        ),
        Field(
            "time_to_live", 8, N_("Time to live"), N_("Routers left to pass; each one subtracts one."), _REF, "ip.ttl"
        ),
        Field(
            "protocol",
            8,
            N_("Protocol"),
            N_("What the datagram carries."),
            _REF,
            "ip.proto",
            values=IP_PROTOCOLS,
            next_layer=True,
        ),
        Field(
            "header_checksum",
            16,
            N_("Header checksum"),
            N_("Detects damage to this header."),
            _REF,
            "ip.checksum",
            Show.HEX,
        ),
        Field("source", 32, N_("Source address"), N_("The host that sent the datagram."), _REF, "ip.src", Show.IPV4),
        Field("destination", 32, N_("Destination address"), N_("The host it is for."), _REF, "ip.dst", Show.IPV4),
    ),
)
