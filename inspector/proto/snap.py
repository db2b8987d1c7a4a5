"""The subnetwork access protocol header that may follow LLC."""

from __future__ import annotations

from inspector.i18n import N_
from inspector.proto.ethernet import ETHERTYPES
from inspector.proto.field import Field, Header, Show
from inspector.proto.kinds import LayerKind
from inspector.refs import Ref

__all__ = ["SNAP"]

_REF = Ref("RFC 1042")

SNAP = Header(
    name="snap",
    kind=LayerKind.SNAP,
    title=N_("Subnetwork Access Protocol"),
    meaning=N_("Gives 802 frames without an EtherType room for one."),
    tcpip_layer=1,
    osi_layer=2,
    ref=_REF,
    fields=(
        Field(
            "organization_code",
            24,
            N_("Organization code"),
            N_("Whose list the next field is from; zero means EtherTypes."),
            _REF,
            "llc.oui",
            Show.HEX,
            {0: N_("EtherType follows"), 0x0000F8: N_("EtherType follows (bridge tunnel)"), 0x00000C: "Cisco"},
        ),
        Field(
            "ethertype",
            16,
            N_("EtherType"),
            N_("Which protocol the frame carries."),
            _REF,
            "llc.type",
            Show.HEX,
            ETHERTYPES,
            next_layer=True,
        ),
    ),
)
