"""The IPv4 header."""

from __future__ import annotations

from inspector.i18n import N_
from inspector.proto.field import Field, Header, Show
from inspector.proto.ipv4_options import OPTIONAL, options
from inspector.proto.kinds import LayerKind
from inspector.refs import Ref

__all__ = ["DSCP", "ECN", "IPV4", "IP_PROTOCOLS"]

_REF = Ref("RFC 791", "3.1")

IP_PROTOCOLS = {
    0: N_("IPv6 hop-by-hop options"),
    1: "ICMP",
    2: "IGMP",
    4: "IPv4",
    6: "TCP",
    8: "EGP",
    17: "UDP",
    33: "DCCP",
    41: "IPv6",
    43: N_("IPv6 routing header"),
    44: N_("IPv6 fragment header"),
    46: "RSVP",
    47: "GRE",
    50: "ESP",
    51: "AH",
    58: "ICMPv6",
    59: N_("no next header"),
    60: N_("IPv6 destination options"),
    88: "EIGRP",
    89: "OSPF",
    97: "EtherIP",
    103: "PIM",
    108: "IPComp",
    112: "VRRP",
    115: "L2TP",
    132: "SCTP",
    136: "UDP-Lite",
    137: "MPLS",
    143: "Ethernet",
}
"""IANA's list of assigned protocol numbers."""

DSCP = {
    0: "CS0",
    1: "LE",
    8: "CS1",
    10: "AF11",
    12: "AF12",
    14: "AF13",
    16: "CS2",
    18: "AF21",
    20: "AF22",
    22: "AF23",
    24: "CS3",
    26: "AF31",
    28: "AF32",
    30: "AF33",
    32: "CS4",
    34: "AF41",
    36: "AF42",
    38: "AF43",
    40: "CS5",
    44: "VOICE-ADMIT",
    46: "EF",
    48: "CS6",
    56: "CS7",
}
"""IANA's list of differentiated services code points."""

ECN = {
    0: N_("not ECN-capable"),
    1: "ECT(1)",
    2: "ECT(0)",
    3: N_("congestion experienced"),
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
            N_("Length of this header in 32-bit words; more than 5 when options follow."),
            _REF,
            "ip.hdr_len",
            scale=4,
            unit=N_("bytes"),
        ),
        Field(
            "differentiated_services",
            8,
            N_("Differentiated services"),
            N_("How routers should treat the datagram."),
            Ref("RFC 2474", "3"),
            "ip.dsfield",
            Show.HEX,
            parts=(
                Field(
                    "dscp",
                    6,
                    N_("DSCP"),
                    N_("How urgently routers should treat the datagram."),
                    Ref("RFC 2474", "3"),
                    "ip.dsfield.dscp",
                    values=DSCP,
                ),
                Field(
                    "ecn",
                    2,
                    N_("ECN"),
                    N_("Lets routers announce congestion without dropping packets."),
                    Ref("RFC 3168", "5"),
                    "ip.dsfield.ecn",
                    values=ECN,
                ),
            ),
        ),
        Field(
            "total_length",
            16,
            N_("Total length"),
            N_("Bytes of header and data together."),
            _REF,
            "ip.len",
            unit=N_("bytes"),
        ),
        Field(
            "identification",
            16,
            N_("Identification"),
            N_("Tells which fragments belong together."),
            Ref("RFC 6864", "4"),
            "ip.id",
            Show.HEX,
        ),
        Field(
            "flags",
            3,
            N_("Flags"),
            N_("Whether the datagram may be split and whether it has been."),
            _REF,
            "ip.flags",
            Show.HEX,
            parts=(
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
            ),
        ),
        Field(
            "fragment_offset",
            13,
            N_("Fragment offset"),
            N_("Where this piece belongs in the datagram, in units of 8 bytes."),
            _REF,
            "ip.frag_offset",
            scale=8,
            unit=N_("bytes"),
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
    variable=options,
    optional=OPTIONAL,
)
