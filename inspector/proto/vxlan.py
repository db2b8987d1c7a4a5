"""The VXLAN header."""

from __future__ import annotations

from inspector.i18n import N_
from inspector.proto.field import Field, Header, Show
from inspector.proto.kinds import LayerKind
from inspector.refs import Ref

__all__ = ["VXLAN"]

_REF = Ref("RFC 7348", "5")

VXLAN = Header(
    name="vxlan",
    kind=LayerKind.VXLAN,
    title=N_("Virtual eXtensible Local Area Network"),
    meaning=N_("A tunnel: carries Ethernet frames of a virtual network over IP."),
    tcpip_layer=4,
    osi_layer=2,
    ref=_REF,
    fields=(
        Field("reserved1", 4, N_("Reserved"), N_("Always zero."), _REF, None, Show.RESERVED),
        Field("i", 1, N_("VNI valid"), N_("Set: the network identifier counts."), _REF, "vxlan.flag_i", Show.FLAG),
        Field("reserved2", 3, N_("Reserved"), N_("Always zero."), _REF, None, Show.RESERVED),
        Field("reserved3", 24, N_("Reserved"), N_("Always zero."), _REF, None, Show.RESERVED),
        Field(
            "vni",
            24,
            N_("Network identifier"),
            N_("Which virtual network the frame belongs to."),
            _REF,
            "vxlan.vni",
        ),
        Field("reserved4", 8, N_("Reserved"), N_("Always zero."), _REF, "vxlan.reserved8", Show.RESERVED),
    ),
)
