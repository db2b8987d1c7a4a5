"""The PPP over Ethernet header."""

from __future__ import annotations

from inspector.i18n import N_
from inspector.proto.field import Field, Header, Show
from inspector.proto.kinds import LayerKind
from inspector.refs import Ref

__all__ = ["PPPOE"]

_REF = Ref("RFC 2516", "4")

PPPOE = Header(
    name="pppoe",
    kind=LayerKind.PPPOE,
    title=N_("PPP over Ethernet"),
    meaning=N_("Carries a dial-up style PPP session over Ethernet, as many home lines do."),
    tcpip_layer=1,
    osi_layer=2,
    ref=_REF,
    fields=(
        Field("version", 4, N_("Version"), N_("Always 1."), _REF, "pppoe.version"),
        Field("type", 4, N_("Type"), N_("Always 1."), _REF, "pppoe.type"),
        Field(
            "code",
            8,
            N_("Code"),
            N_("Step of discovery, or 0 for session data."),
            _REF,
            "pppoe.code",
            Show.HEX,
            {
                0x00: N_("session data"),
                0x07: "PADO",
                0x09: "PADI",
                0x19: "PADR",
                0x65: "PADS",
                0xA7: "PADT",
            },
            next_layer=True,
        ),
        Field(
            "session_id",
            16,
            N_("Session"),
            N_("Number of the session that the access concentrator gave."),
            _REF,
            "pppoe.session_id",
            Show.HEX,
        ),
        Field(
            "length",
            16,
            N_("Length"),
            N_("Bytes that follow this header."),
            _REF,
            "pppoe.payload_length",
            unit=N_("bytes"),
        ),
    ),
)
