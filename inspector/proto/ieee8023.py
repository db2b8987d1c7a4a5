"""The IEEE 802.3 header with a length where Ethernet II has a type."""

from __future__ import annotations

from inspector.i18n import N_
from inspector.proto.ethernet import DESTINATION, SOURCE
from inspector.proto.field import Field, Header
from inspector.refs import Ref

__all__ = ["IEEE8023", "SMALLEST_TYPE"]

_REF = Ref("IEEE 802.3", "3.2")

SMALLEST_TYPE = 0x0600
"""Values from here on are EtherTypes, smaller ones lengths (IEEE 802.3 section 3.2.6)."""

IEEE8023 = Header(
    name="ieee8023",
    kind=None,
    title=N_("IEEE 802.3 Ethernet"),
    meaning=N_("Carries a packet to the next machine on the same local network; an LLC header follows."),
    tcpip_layer=1,
    osi_layer=2,
    ref=_REF,
    fields=(
        DESTINATION,
        SOURCE,
        Field(
            "length",
            16,
            N_("Length"),
            N_("Bytes that follow, without padding; up to 1500, so that it cannot be taken for an EtherType."),
            Ref("IEEE 802.3", "3.2.6"),
            "eth.len",
            unit=N_("bytes"),
            next_layer=True,
        ),
    ),
)
