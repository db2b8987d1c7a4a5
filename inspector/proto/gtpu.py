"""The GTP-U header (user plane of mobile networks), with its extension headers."""

from __future__ import annotations

from inspector.i18n import N_
from inspector.proto.cursor import Cursor, broken
from inspector.proto.field import Field, Header, Show, Span
from inspector.proto.kinds import LayerKind
from inspector.refs import Ref

__all__ = ["GTPU"]

_REF = Ref("TS 29.281", "5.1")
_EXTENSIONS = Ref("TS 29.281", "5.2.1")

_MOST_EXTENSIONS = 16
"""Bound on extension headers; one or two occur."""

_NEXT_VALUES = {
    0x00: N_("no more extension headers"),
    0x20: N_("service class indicator"),
    0x40: N_("UDP port"),
    0x81: N_("RAN container"),
    0x82: N_("long PDCP number"),
    0x84: N_("NR RAN container"),
    0x85: N_("PDU session container"),
    0xC0: N_("PDCP number"),
}

_SEQUENCE = Field(
    "sequence_number", 16, N_("Sequence number"), N_("Counts packets of the tunnel."), _REF, "gtp.seq_number"
)
_NPDU = Field(
    "npdu_number",
    8,
    N_("N-PDU number"),
    N_("Used when a phone moves to another network part."),
    _REF,
    "gtp.npdu_number",
)
_NEXT = Field(
    "next_extension_header_type",
    8,
    N_("Next extension header"),
    N_("Which extension header follows."),
    _REF,
    "gtp.ext_hdr.next",
    Show.HEX,
    _NEXT_VALUES,
)
_EXTENSION = Field(
    "extension_header", 0, N_("Extension header"), N_("More about this packet."), _EXTENSIONS, "gtp.ext_hdr", Show.BYTES
)
_LENGTH = Field(
    "extension_header_length",
    8,
    N_("Extension header length"),
    N_("32-bit words of this extension header."),
    _EXTENSIONS,
    "gtp.ext_hdr.length",
    scale=4,
    unit=N_("bytes"),
)
_CONTENT = Field("extension_header_content", 0, N_("Content"), N_("As the type says."), _EXTENSIONS, None, Show.BYTES)
_BAD_LENGTH = broken(_EXTENSIONS, N_("The extension header's length is zero or goes beyond the packet."))


def _variable(data: bytes) -> list[Span]:
    """Four more bytes when any of E, S, PN is set, then extension headers as long as one names the next."""
    cursor = Cursor(data, 8)
    if len(data) < 8 or not data[0] & 7:
        return []
    following = cursor.take(_SEQUENCE, _NPDU, _NEXT)
    if not data[0] & 4:
        return cursor.spans
    for _ in range(_MOST_EXTENSIONS):
        if following == 0 or not cursor.left:
            break
        size = cursor.peek() * 4
        if size == 0 or size > cursor.left:
            cursor.take_bytes(_BAD_LENGTH, 1, "gtpu.extension_length")
            break
        inner = Cursor(data, cursor.at, cursor.at + size)
        inner.take(_LENGTH)
        inner.take_bytes(_CONTENT, size - 2)
        following = inner.take(_NEXT)
        cursor.group(_EXTENSION, size, inner)
    return cursor.spans


def _flag(name: str, title: str, meaning: str, filter_name: str) -> Field:
    return Field(name, 1, title, meaning, _REF, filter_name, Show.FLAG)


GTPU = Header(
    name="gtpu",
    kind=LayerKind.GTPU,
    title=N_("GPRS Tunnelling Protocol, user plane"),
    meaning=N_("A tunnel: carries a phone's packets through the mobile network."),
    tcpip_layer=4,
    osi_layer=3,
    ref=_REF,
    fields=(
        Field("version", 3, N_("Version"), N_("Always 1."), _REF, "gtp.flags.version"),
        Field(
            "protocol_type",
            1,
            N_("Protocol type"),
            N_("GTP, or the old GTP' for charging."),
            _REF,
            "gtp.flags.payload",
            values={0: "GTP'", 1: "GTP"},
        ),
        Field("reserved", 1, N_("Reserved"), N_("Always zero."), _REF, "gtp.flags.reserved", Show.RESERVED),
        _flag("e", N_("Extension header"), N_("An extension header follows."), "gtp.flags.e"),
        _flag("s", N_("Sequence number"), N_("The sequence number counts."), "gtp.flags.s"),
        _flag("pn", N_("N-PDU number"), N_("The N-PDU number counts."), "gtp.flags.pn"),
        Field(
            "message_type",
            8,
            N_("Message type"),
            N_("A phone's packet, or a message about the tunnel."),
            _REF,
            "gtp.message",
            Show.HEX,
            {
                0x01: N_("echo request"),
                0x02: N_("echo response"),
                0x1A: N_("error indication"),
                0x1F: N_("supported extension headers"),
                0xFE: N_("end marker"),
                0xFF: N_("user data (G-PDU)"),
            },
            next_layer=True,
        ),
        Field(
            "length",
            16,
            N_("Length"),
            N_("Bytes behind the first 8 bytes of this header."),
            _REF,
            "gtp.length",
            unit=N_("bytes"),
        ),
        Field(
            "teid",
            32,
            N_("Tunnel endpoint"),
            N_("Which phone's tunnel at the receiver."),
            _REF,
            "gtp.teid",
            Show.HEX,
        ),
    ),
    variable=_variable,
    optional=(_SEQUENCE, _NPDU, _NEXT, _EXTENSION, _LENGTH, _CONTENT, _BAD_LENGTH),
)
