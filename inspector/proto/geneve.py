"""The GENEVE header and its options."""

from __future__ import annotations

from inspector.i18n import N_
from inspector.proto.cursor import Cursor, broken
from inspector.proto.ethernet import ETHERTYPES
from inspector.proto.field import Field, Header, Show, Span
from inspector.proto.kinds import LayerKind
from inspector.refs import Ref

__all__ = ["GENEVE"]

_REF = Ref("RFC 8926", "3.4")
_OPTIONS_REF = Ref("RFC 8926", "3.5")

_OPTION = Field(
    "option", 0, N_("Option"), N_("Something a maker of networks added."), _OPTIONS_REF, "geneve.option", Show.BYTES
)
_CLASS = Field(
    "option_class",
    16,
    N_("Option class"),
    N_("Whose list the type is from."),
    _OPTIONS_REF,
    "geneve.option.class",
    Show.HEX,
    {0x0100: "Linux", 0x0101: "Open vSwitch", 0x0102: "OVN", 0x0103: "In-band network telemetry", 0x0104: "VMware"},
)
_TYPE = Field(
    "type",
    8,
    N_("Type"),
    N_("Which option; from 128 on critical: who does not know it must drop the packet."),
    _OPTIONS_REF,
    "geneve.option.type",
    Show.HEX,
)
_RESERVED = Field(
    "r", 3, N_("Reserved"), N_("Always zero."), _OPTIONS_REF, "geneve.option.flags.reserved", Show.RESERVED
)
_LENGTH = Field(
    "length",
    5,
    N_("Option length"),
    N_("32-bit words of data behind this word."),
    _OPTIONS_REF,
    None,
    scale=4,
    unit=N_("bytes"),
)
_DATA = Field(
    "data",
    0,
    N_("Option data"),
    N_("What the option holds."),
    _OPTIONS_REF,
    "geneve.option.unknown.data",
    Show.BYTES,
)
_BAD_LENGTH = broken(_OPTIONS_REF, N_("The option's length goes beyond the header."))


def _variable(data: bytes) -> list[Span]:
    cursor = Cursor(data, 8, 8 + (data[0] & 0x3F) * 4 if data else 0)
    while cursor.left:
        size = 4 + (cursor.peek(3) & 0x1F) * 4
        if size > cursor.left:
            cursor.take_bytes(_BAD_LENGTH, cursor.left, "geneve.option_length")
            break
        inner = Cursor(data, cursor.at, cursor.at + size)
        inner.take(_CLASS, _TYPE, _RESERVED, _LENGTH)
        inner.take_bytes(_DATA, inner.left)
        cursor.group(_OPTION, size, inner)
    return cursor.spans


GENEVE = Header(
    name="geneve",
    kind=LayerKind.GENEVE,
    title=N_("Generic Network Virtualization Encapsulation"),
    meaning=N_("A tunnel: carries frames of a virtual network over IP, with room for extras."),
    tcpip_layer=4,
    osi_layer=2,
    ref=_REF,
    fields=(
        Field("version", 2, N_("Version"), N_("Always zero."), _REF, "geneve.version"),
        Field(
            "opt_len",
            6,
            N_("Options length"),
            N_("32-bit words of options behind the first 8 bytes."),
            _REF,
            "geneve.option.length",
            scale=4,
            unit=N_("bytes"),
        ),
        Field(
            "o",
            1,
            N_("Control packet"),
            N_("Carries a control message, not data."),
            _REF,
            "geneve.flags.oam",
            Show.FLAG,
        ),
        Field(
            "c",
            1,
            N_("Critical options"),
            N_("Some option must be understood, or the packet dropped."),
            _REF,
            "geneve.flags.critical",
            Show.FLAG,
        ),
        Field("rsvd", 6, N_("Reserved"), N_("Always zero."), _REF, "geneve.flags.reserved", Show.RESERVED),
        Field(
            "protocol_type",
            16,
            N_("Protocol type"),
            N_("Which protocol the tunnel carries."),
            _REF,
            "geneve.proto_type",
            Show.HEX,
            ETHERTYPES,
            next_layer=True,
        ),
        Field(
            "vni",
            24,
            N_("Network identifier"),
            N_("Which virtual network the frame belongs to."),
            _REF,
            "geneve.vni",
        ),
        Field("reserved", 8, N_("Reserved"), N_("Always zero."), _REF, "geneve.reserved", Show.RESERVED),
    ),
    variable=_variable,
    optional=(_OPTION, _CLASS, _TYPE, _RESERVED, _LENGTH, _DATA, _BAD_LENGTH),
)
