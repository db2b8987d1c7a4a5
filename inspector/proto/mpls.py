"""One entry of the MPLS label stack."""

from __future__ import annotations

from inspector.i18n import N_
from inspector.proto.field import Field, Header, Show
from inspector.proto.kinds import LayerKind
from inspector.refs import Ref

__all__ = ["MPLS"]

_REF = Ref("RFC 3032", "2.1")

MPLS = Header(
    name="mpls",
    kind=LayerKind.MPLS,
    title=N_("MPLS label"),
    meaning=N_("Lets routers forward by a short label instead of looking up the address."),
    tcpip_layer=1,
    osi_layer=2,
    ref=_REF,
    fields=(
        Field(
            "label",
            20,
            N_("Label"),
            N_("Which path through the provider's network the packet takes."),
            _REF,
            "mpls.label",
            values={
                0: "IPv4 explicit null",
                1: "router alert",
                2: "IPv6 explicit null",
                3: "implicit null",
                7: "entropy label indicator",
                13: "GAL",
                14: "OAM alert",
                15: "extension",
            },
        ),
        Field(
            "traffic_class",
            3,
            N_("Traffic class"),
            N_("How urgent the packet is (once called EXP)."),
            Ref("RFC 5462"),
            "mpls.exp",
        ),
        Field(
            "bottom_of_stack",
            1,
            N_("Bottom of stack"),
            N_("Set on the last label; the packet itself follows."),
            _REF,
            "mpls.bottom",
            Show.FLAG,
            next_layer=True,
        ),
        Field(
            "time_to_live",
            8,
            N_("Time to live"),
            N_("Routers left to pass; each one subtracts one."),
            _REF,
            "mpls.ttl",
        ),
    ),
)
