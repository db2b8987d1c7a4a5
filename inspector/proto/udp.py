"""The UDP header."""

from __future__ import annotations

from inspector.i18n import N_
from inspector.proto.field import Field, Header, Show
from inspector.proto.kinds import LayerKind
from inspector.refs import Ref

__all__ = ["UDP"]

_REF = Ref("RFC 768")

UDP = Header(
    name="udp",
    kind=LayerKind.UDP,
    title=N_("User Datagram Protocol"),
    meaning=N_("Carries one message to a program on the other host, without promising that it arrives."),
    tcpip_layer=3,
    osi_layer=4,
    ref=_REF,
    fields=(
        Field("source_port", 16, N_("Source port"), N_("The sending program's number."), _REF, "udp.srcport"),
        Field(
            "destination_port",
            16,
            N_("Destination port"),
            N_("The receiving program's number; names the service."),
            _REF,
            "udp.dstport",
            next_layer=True,
        ),
        Field(
            "length",
            16,
            N_("Length"),
            N_("Bytes of header and data together."),
            _REF,
            "udp.length",
            unit=N_("bytes"),
        ),
        Field(
            "checksum",
            16,
            N_("Checksum"),
            N_("Detects damage to header, data and addresses; zero means none was made."),
            _REF,
            "udp.checksum",
            Show.HEX,
        ),
    ),
)
