"""The pseudowire control word between MPLS labels and an Ethernet frame."""

from __future__ import annotations

from inspector.i18n import N_
from inspector.proto.field import Field, Header, Show
from inspector.proto.kinds import LayerKind
from inspector.refs import Ref

__all__ = ["PW_CONTROL"]

_REF = Ref("RFC 4448", "4.6")

PW_CONTROL = Header(
    name="pw_control",
    kind=LayerKind.PW_CONTROL,
    title=N_("Pseudowire control word"),
    meaning=N_("Stands before an Ethernet frame carried over MPLS, so that routers do not take it for an IP packet."),
    tcpip_layer=1,
    osi_layer=2,
    ref=_REF,
    fields=(
        Field("zero", 4, N_("Zero"), N_("Always zero: no IP version begins so."), _REF, None, Show.RESERVED),
        Field("reserved", 12, N_("Reserved"), N_("Always zero."), _REF, None, Show.RESERVED),
        Field(
            "sequence_number",
            16,
            N_("Sequence number"),
            N_("Counts frames, so that reordering is seen; zero when not counted."),
            _REF,
            "pweth.cw.sequence_number",
        ),
    ),
)
