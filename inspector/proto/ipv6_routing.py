"""The IPv6 routing header."""

from __future__ import annotations

from inspector.i18n import N_
from inspector.proto.cursor import Cursor
from inspector.proto.field import Field, Header, Show, Span
from inspector.proto.ipv4 import IP_PROTOCOLS
from inspector.proto.kinds import LayerKind
from inspector.refs import Ref

__all__ = ["IPV6_ROUTING"]

_REF = Ref("RFC 8200", "4.4")
_SEGMENTS = Ref("RFC 8754", "2")

_SOURCE_ROUTE, _MOBILE, _SEGMENT_ROUTING = 0, 2, 4

_RESERVED = Field("reserved", 32, N_("Reserved"), N_("Always zero."), _REF, None, Show.RESERVED)
_ADDRESS = Field(
    "address",
    128,
    N_("Address"),
    N_("A router to pass on the way."),
    Ref("RFC 5095"),
    "ipv6.routing.src.addr",
    Show.IPV6,
)
_HOME = Field(
    "home_address",
    128,
    N_("Home address"),
    N_("The address by which a travelling host is known."),
    Ref("RFC 6275", "6.4"),
    "ipv6.routing.mipv6.home_address",
    Show.IPV6,
)
_LAST_ENTRY = Field(
    "last_entry",
    8,
    N_("Last entry"),
    N_("Index of the last segment in the list; counts from 0."),
    _SEGMENTS,
    "ipv6.routing.srh.last_entry",
)
_FLAGS = Field("flags", 8, N_("Flags"), N_("None is defined yet."), _SEGMENTS, "ipv6.routing.srh.flags", Show.HEX)
_TAG = Field("tag", 16, N_("Tag"), N_("Marks packets as one group."), _SEGMENTS, "ipv6.routing.srh.tag", Show.HEX)
_SEGMENT = Field(
    "segment",
    128,
    N_("Segment"),
    N_("A node to visit; the last of the list is visited first."),
    _SEGMENTS,
    "ipv6.routing.srh.addr",
    Show.IPV6,
)
_DATA = Field("type_specific_data", 0, N_("Type-specific data"), N_("As the type says."), _REF, None, Show.BYTES)


def _variable(data: bytes) -> list[Span]:
    if len(data) < 4:
        return []
    cursor = Cursor(data, 4, (data[1] + 1) * 8)
    kind = data[2]
    if kind == _SOURCE_ROUTE:
        cursor.take(_RESERVED)
        while cursor.left >= 16:
            cursor.take(_ADDRESS)
    elif kind == _MOBILE:
        cursor.take(_RESERVED)
        cursor.take(_HOME)
    elif kind == _SEGMENT_ROUTING:
        last = cursor.peek()
        cursor.take(_LAST_ENTRY, _FLAGS, _TAG)
        for _ in range(last + 1):
            if cursor.left < 16:
                break
            cursor.take(_SEGMENT)
    cursor.take_bytes(_DATA, cursor.left)
    return cursor.spans


IPV6_ROUTING = Header(
    name="ipv6_routing",
    kind=LayerKind.IPV6_ROUTING,
    title=N_("IPv6 routing header"),
    meaning=N_("Names nodes that the packet visits on its way."),
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
            "ipv6.routing.nxt",
            values=IP_PROTOCOLS,
            next_layer=True,
        ),
        Field(
            "hdr_ext_len",
            8,
            N_("Header length"),
            N_("Units of 8 bytes behind the first 8 bytes."),
            _REF,
            "ipv6.routing.len",
        ),
        Field(
            "routing_type",
            8,
            N_("Routing type"),
            N_("How to read the rest of this header."),
            _REF,
            "ipv6.routing.type",
            values={
                0: N_("source route (deprecated)"),
                1: "Nimrod",
                2: N_("mobile IPv6"),
                3: "RPL source route",
                4: N_("segment routing"),
                5: "CRH-16",
                6: "CRH-32",
            },
        ),
        Field(
            "segments_left",
            8,
            N_("Segments left"),
            N_("Nodes of the list still to visit."),
            _REF,
            "ipv6.routing.segleft",
        ),
    ),
    variable=_variable,
    optional=(_RESERVED, _ADDRESS, _HOME, _LAST_ENTRY, _FLAGS, _TAG, _SEGMENT, _DATA),
)
