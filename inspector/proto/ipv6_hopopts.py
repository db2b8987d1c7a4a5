"""The IPv6 hop-by-hop options header."""

from __future__ import annotations

from inspector.i18n import N_
from inspector.proto.field import Field, Header
from inspector.proto.ipv4 import IP_PROTOCOLS
from inspector.proto.ipv6_options import OPTIONAL, options
from inspector.proto.kinds import LayerKind
from inspector.refs import Ref

__all__ = ["IPV6_HOPOPTS"]

_REF = Ref("RFC 8200", "4.3")

IPV6_HOPOPTS = Header(
    name="ipv6_hopopts",
    kind=LayerKind.IPV6_HOPOPTS,
    title=N_("IPv6 hop-by-hop options"),
    meaning=N_("Options that routers on the way may look at."),
    tcpip_layer=2,
    osi_layer=3,
    ref=_REF,
    fields=(
        Field(
            "next_header",
            8,
            N_("Next header"),
            N_("What follows this header."),
            _REF,
            "ipv6.hopopts.nxt",
            values=IP_PROTOCOLS,
            next_layer=True,
        ),
        Field(
            "hdr_ext_len",
            8,
            N_("Header length"),
            N_("Units of 8 bytes behind the first 8 bytes."),
            _REF,
            "ipv6.hopopts.len",
        ),
    ),
    variable=options,
    optional=OPTIONAL,
)
