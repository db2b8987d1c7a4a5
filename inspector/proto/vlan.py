"""The IEEE 802.1Q VLAN tag, from its control information on (its own EtherType belongs to the header before)."""

from __future__ import annotations

from inspector.i18n import N_
from inspector.proto.ethernet import ETHERTYPES
from inspector.proto.field import Field, Header, Show
from inspector.proto.kinds import LayerKind
from inspector.refs import Ref

__all__ = ["VLAN"]

_REF = Ref("IEEE 802.1Q", "9.6")

VLAN = Header(
    name="vlan",
    kind=LayerKind.VLAN,
    title=N_("802.1Q VLAN tag"),
    meaning=N_("Says to which virtual network on the same cables the frame belongs."),
    tcpip_layer=1,
    osi_layer=2,
    ref=_REF,
    fields=(
        Field(
            "priority_code_point",
            3,
            N_("Priority"),
            N_("How urgent the frame is; 7 is the most urgent."),
            _REF,
            "vlan.priority",
            values={
                0: N_("best effort"),
                1: N_("background"),
                2: N_("excellent effort"),
                3: N_("critical applications"),
                4: N_("video"),
                5: N_("voice"),
                6: N_("internetwork control"),
                7: N_("network control"),
            },
        ),
        Field(
            "drop_eligible_indicator",
            1,
            N_("Drop eligible"),
            N_("A crowded switch may drop this frame first."),
            _REF,
            "vlan.dei",
            Show.FLAG,
        ),
        Field(
            "vlan_identifier",
            12,
            N_("VLAN identifier"),
            N_("Number of the virtual network; 0 means none (priority only)."),
            _REF,
            "vlan.id",
            values={0: N_("priority tag only"), 0xFFF: N_("reserved")},
        ),
        Field(
            "type",
            16,
            N_("EtherType"),
            N_("Which protocol follows the tag."),
            Ref("RFC 9542", "3"),
            "vlan.etype",
            Show.HEX,
            ETHERTYPES,
            next_layer=True,
        ),
    ),
)
