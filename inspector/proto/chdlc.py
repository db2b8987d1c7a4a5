"""The Cisco HDLC header."""

from __future__ import annotations

from inspector.i18n import N_
from inspector.proto.ethernet import ETHERTYPES
from inspector.proto.field import Field, Header, Show
from inspector.proto.kinds import LayerKind
from inspector.refs import Ref

__all__ = ["CHDLC"]

_REF = Ref("LINKTYPE", "C_HDLC")

CHDLC = Header(
    name="chdlc",
    kind=LayerKind.CHDLC,
    title=N_("Cisco HDLC"),
    meaning=N_("Carries packets over a line between two routers."),
    tcpip_layer=1,
    osi_layer=2,
    ref=_REF,
    fields=(
        Field(
            "address",
            8,
            N_("Address"),
            N_("Whether the frame is for one station or for all."),
            _REF,
            "chdlc.address",
            Show.HEX,
            {0x0F: N_("unicast"), 0x8F: N_("broadcast")},
        ),
        Field("control", 8, N_("Control"), N_("Always zero."), _REF, "chdlc.control", Show.HEX),
        Field(
            "protocol",
            16,
            N_("Protocol"),
            N_("Which protocol the frame carries."),
            _REF,
            "chdlc.protocol",
            Show.HEX,
            {**ETHERTYPES, 0x8035: "SLARP", 0x2000: "CDP"},
            next_layer=True,
        ),
    ),
)
