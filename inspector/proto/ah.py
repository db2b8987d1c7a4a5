"""The IP authentication header."""

from __future__ import annotations

from inspector.i18n import N_
from inspector.proto.cursor import Cursor
from inspector.proto.field import Field, Header, Show, Span
from inspector.proto.ipv4 import IP_PROTOCOLS
from inspector.proto.kinds import LayerKind
from inspector.refs import Ref

__all__ = ["AH"]

_REF = Ref("RFC 4302", "2")

_ICV = Field(
    "icv",
    0,
    N_("Integrity check value"),
    N_("Proves that nobody changed the packet on the way."),
    Ref("RFC 4302", "2.6"),
    "ah.icv",
    Show.BYTES,
)


def _variable(data: bytes) -> list[Span]:
    """The check value ends where the header does: its length counts 4 bytes, less two."""
    cursor = Cursor(data, 12, (data[1] + 2) * 4 if len(data) > 1 else 0)
    cursor.take_bytes(_ICV, cursor.left)
    return cursor.spans


AH = Header(
    name="ah",
    kind=LayerKind.AH,
    title=N_("IP Authentication Header"),
    meaning=N_("Lets the receiver check who sent the packet and that nobody changed it."),
    tcpip_layer=2,
    osi_layer=3,
    ref=_REF,
    fields=(
        Field(
            "next_header",
            8,
            N_("Next header"),
            N_("What follows this header."),
            Ref("RFC 4302", "2.1"),
            "ah.next_header",
            values=IP_PROTOCOLS,
            next_layer=True,
        ),
        Field(
            "payload_len",
            8,
            N_("Header length"),
            N_("32-bit words of this header, less two."),
            Ref("RFC 4302", "2.2"),
            "ah.length",
        ),
        Field(
            "reserved",
            16,
            N_("Reserved"),
            N_("Always zero."),
            Ref("RFC 4302", "2.3"),
            "ah.reserved",
            Show.RESERVED,
        ),
        Field(
            "security_parameters_index",
            32,
            N_("Security parameters index"),
            N_("Which keys the receiver is to use."),
            Ref("RFC 4302", "2.4"),
            "ah.spi",
            Show.HEX,
        ),
        Field(
            "sequence_number",
            32,
            N_("Sequence number"),
            N_("Counts packets, so that repeated ones are noticed."),
            Ref("RFC 4302", "2.5"),
            "ah.sequence",
        ),
    ),
    variable=_variable,
    optional=(_ICV,),
)
