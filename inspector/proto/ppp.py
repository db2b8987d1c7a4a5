"""The Point-to-Point Protocol header; every part of it may be compressed away."""

from __future__ import annotations

from inspector.i18n import N_
from inspector.proto.cursor import Cursor
from inspector.proto.field import Field, Header, Show, Span
from inspector.proto.kinds import LayerKind
from inspector.refs import Ref

__all__ = ["PPP", "PPP_PROTOCOLS"]

PPP_PROTOCOLS = {
    0x0021: "IPv4",
    0x002D: N_("compressed TCP/IP"),
    0x002F: N_("uncompressed TCP/IP"),
    0x003D: "Multilink",
    0x0057: "IPv6",
    0x00FD: N_("compressed datagram"),
    0x0281: "MPLS",
    0x8021: "IPCP",
    0x8057: "IPv6CP",
    0x80FD: "CCP",
    0xC021: "LCP",
    0xC023: "PAP",
    0xC025: "LQR",
    0xC223: "CHAP",
    0xC227: "EAP",
}

_FRAMING = Ref("RFC 1662", "3.1")

_ADDRESS = Field(
    "address", 8, N_("Address"), N_("All stations: a line has only one other end."), _FRAMING, "ppp.address", Show.HEX
)
_CONTROL = Field(
    "control", 8, N_("Control"), N_("Unnumbered information: plain data."), _FRAMING, "ppp.control", Show.HEX
)
_PROTOCOL = Field(
    "protocol",
    16,
    N_("Protocol"),
    N_("Which protocol the frame carries."),
    Ref("RFC 1661", "2"),
    "ppp.protocol",
    Show.HEX,
    PPP_PROTOCOLS,
    next_layer=True,
)
_PROTOCOL_8 = Field(
    "protocol",
    8,
    N_("Protocol"),
    N_("Which protocol the frame carries; compressed to one byte."),
    Ref("RFC 1661", "6.5"),
    "ppp.protocol",
    Show.HEX,
    PPP_PROTOCOLS,
    next_layer=True,
)


def _variable(data: bytes) -> list[Span]:
    """Address and control may be left out; a protocol whose first byte is odd is one byte long."""
    cursor = Cursor(data, 0)
    if data[:2] == b"\xff\x03":
        cursor.take(_ADDRESS, _CONTROL)
    cursor.take(_PROTOCOL_8 if cursor.peek() & 1 else _PROTOCOL)
    return cursor.spans


PPP = Header(
    name="ppp",
    kind=LayerKind.PPP,
    title=N_("Point-to-Point Protocol"),
    meaning=N_("Carries packets over a line that has only two ends."),
    tcpip_layer=1,
    osi_layer=2,
    ref=Ref("RFC 1661", "2"),
    fields=(),
    variable=_variable,
    optional=(_ADDRESS, _CONTROL, _PROTOCOL, _PROTOCOL_8),
)
