"""The OpenBSD loopback header: as BSD loopback, but in network byte order."""

from __future__ import annotations

from inspector.i18n import N_
from inspector.proto.field import Field, Header
from inspector.proto.kinds import LayerKind
from inspector.proto.null import FAMILIES
from inspector.refs import Ref

__all__ = ["LOOP"]

_REF = Ref("LINKTYPE", "LOOP")

LOOP = Header(
    name="loop",
    kind=LayerKind.LOOP,
    title=N_("OpenBSD loopback"),
    meaning=N_("Stands before packets that a machine sends to itself; never on a cable."),
    tcpip_layer=1,
    osi_layer=2,
    ref=_REF,
    fields=(
        Field(
            "family",
            32,
            N_("Address family"),
            N_("Which protocol follows."),
            _REF,
            "null.family",
            values=FAMILIES,
            next_layer=True,
        ),
    ),
)
