"""The IEEE 802.2 logical link control header."""

from __future__ import annotations

from inspector.i18n import N_
from inspector.proto.cursor import Cursor
from inspector.proto.field import ByteOrder, Field, Header, Show, Span
from inspector.proto.kinds import LayerKind
from inspector.refs import Ref

__all__ = ["LLC"]

_REF = Ref("IEEE 802.2", "3.2")

_SAPS = {
    0x00: N_("none"),
    0x06: "IPv4",
    0x42: N_("spanning tree"),
    0x7E: "X.25",
    0xAA: "SNAP",
    0xE0: "IPX",
    0xF0: "NetBIOS",
    0xFE: N_("OSI network layer"),
    0xFF: N_("all"),
}

_CONTROL = Field(
    "control",
    8,
    N_("Control"),
    N_("Kind of LLC frame: 3 means plain data without acknowledgment."),
    Ref("IEEE 802.2", "5.2"),
    "llc.control",
    Show.HEX,
    {0x03: N_("unnumbered information"), 0xAF: "XID", 0xBF: "XID", 0xE3: "TEST", 0xF3: "TEST"},
)
_CONTROL_16 = Field(
    "control",
    16,
    N_("Control"),
    N_("Kind of LLC frame and its sequence numbers."),
    Ref("IEEE 802.2", "5.2"),
    "llc.control",
    Show.HEX,
    order=ByteOrder.LITTLE,
)


def _variable(data: bytes) -> list[Span]:
    """Unnumbered frames (lowest two bits set) have one control byte, all others two."""
    cursor = Cursor(data, 2)
    cursor.take(_CONTROL if cursor.peek() & 3 == 3 else _CONTROL_16)
    return cursor.spans


LLC = Header(
    name="llc",
    kind=LayerKind.LLC,
    title=N_("Logical Link Control"),
    meaning=N_("Tells which protocol an 802 frame without an EtherType carries."),
    tcpip_layer=1,
    osi_layer=2,
    ref=_REF,
    fields=(
        Field(
            "dsap",
            8,
            N_("Destination service access point"),
            N_("Which protocol at the receiver takes the data."),
            _REF,
            "llc.dsap",
            Show.HEX,
            _SAPS,
            next_layer=True,
        ),
        Field(
            "ssap",
            8,
            N_("Source service access point"),
            N_("Which protocol at the sender gave the data; its lowest bit marks a response."),
            _REF,
            "llc.ssap",
            Show.HEX,
            _SAPS,
        ),
    ),
    variable=_variable,
    optional=(_CONTROL, _CONTROL_16),
)
