"""The IPv6 fragment header."""

from __future__ import annotations

from inspector.i18n import N_
from inspector.proto.field import Field, Header, Show
from inspector.proto.ipv4 import IP_PROTOCOLS
from inspector.proto.kinds import LayerKind
from inspector.refs import Ref

__all__ = ["IPV6_FRAGMENT"]

_REF = Ref("RFC 8200", "4.5")

IPV6_FRAGMENT = Header(
    name="ipv6_fragment",
    kind=LayerKind.IPV6_FRAGMENT,
    title=N_("IPv6 fragment header"),
    meaning=N_("Marks a piece of a packet that the sender split."),
    tcpip_layer=2,
    osi_layer=3,
    ref=_REF,
    fields=(
        Field(
            "next_header",
            8,
            N_("Next header"),
            N_("What the whole packet carries behind this header."),
            _REF,
            "ipv6.fraghdr.nxt",
            values=IP_PROTOCOLS,
            next_layer=True,
        ),
        Field("reserved", 8, N_("Reserved"), N_("Always zero."), _REF, "ipv6.fraghdr.reserved_octet", Show.RESERVED),
        Field(
            "fragment_offset",
            13,
            N_("Fragment offset"),
            N_("Where this piece belongs in the packet, in units of 8 bytes."),
            _REF,
            "ipv6.fraghdr.offset",
            scale=8,
            unit=N_("bytes"),
        ),
        Field("res", 2, N_("Reserved"), N_("Always zero."), _REF, "ipv6.fraghdr.reserved_bits", Show.RESERVED),
        Field(
            "more_fragments",
            1,
            N_("More fragments"),
            N_("Further pieces of this packet follow."),
            _REF,
            "ipv6.fraghdr.more",
            Show.FLAG,
        ),
        Field(
            "identification",
            32,
            N_("Identification"),
            N_("Tells which fragments belong together."),
            _REF,
            "ipv6.fraghdr.ident",
            Show.HEX,
        ),
    ),
)
