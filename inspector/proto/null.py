"""The BSD loopback header, in the byte order of the machine that captured."""

from __future__ import annotations

from inspector.i18n import N_
from inspector.proto.field import ByteOrder, Field, Header
from inspector.proto.kinds import LayerKind
from inspector.refs import Ref

__all__ = ["FAMILIES", "NULL"]

_REF = Ref("LINKTYPE", "NULL")

FAMILIES = {
    2: "IPv4",
    7: "OSI",
    10: "IPv6",
    16: "AppleTalk",
    23: "IPX",
    24: "IPv6",
    28: "IPv6",
    30: "IPv6",
}
"""Address families by the numbers of the BSD systems, which disagree about IPv6."""

NULL = Header(
    name="null",
    kind=LayerKind.NULL,
    title=N_("BSD loopback"),
    meaning=N_("Stands before packets that a machine sends to itself; never on a cable."),
    tcpip_layer=1,
    osi_layer=2,
    ref=_REF,
    fields=(
        Field(
            "family",
            32,
            N_("Address family"),
            N_("Which protocol follows, in the byte order of the capturing machine."),
            _REF,
            "null.family",
            values=FAMILIES,
            next_layer=True,
            order=ByteOrder.HOST,
        ),
    ),
)
