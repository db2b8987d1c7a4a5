"""The ICMP header; what its second word holds depends on the type."""

from __future__ import annotations

from dataclasses import replace

from inspector.i18n import N_
from inspector.proto.cursor import Cursor
from inspector.proto.field import Field, Header, Show, Span
from inspector.proto.kinds import LayerKind
from inspector.refs import Ref

__all__ = ["ICMP"]

_REF = Ref("RFC 792")
_EXTENDED = Ref("RFC 4884", "4")

_UNREACHABLE, _REDIRECT, _EXCEEDED, _PARAMETER = 3, 5, 11, 12

_CODES = {
    _UNREACHABLE: {
        0: N_("network unreachable"),
        1: N_("host unreachable"),
        2: N_("protocol unreachable"),
        3: N_("port unreachable"),
        4: N_("fragmentation needed"),
        5: N_("source route failed"),
        6: N_("network unknown"),
        7: N_("host unknown"),
        9: N_("network prohibited"),
        10: N_("host prohibited"),
        11: N_("network unreachable for this service"),
        12: N_("host unreachable for this service"),
        13: N_("administratively prohibited"),
        14: N_("host precedence violation"),
        15: N_("precedence cutoff"),
    },
    _REDIRECT: {
        0: N_("for the network"),
        1: N_("for the host"),
        2: N_("for service and network"),
        3: N_("for service and host"),
    },
    _EXCEEDED: {0: N_("time to live exceeded in transit"), 1: N_("fragment reassembly time exceeded")},
    _PARAMETER: {0: N_("pointer tells the error"), 1: N_("option missing"), 2: N_("bad length")},
}

_CODE = Field("code", 8, N_("Code"), N_("The reason, within the type."), _REF, "icmp.code")
_CODE_OF = {kind: replace(_CODE, values=values) for kind, values in _CODES.items()}

_IDENTIFIER = Field("identifier", 16, N_("Identifier"), N_("Tells whose question this is."), _REF, "icmp.ident")
_SEQUENCE = Field("sequence_number", 16, N_("Sequence number"), N_("Counts the questions."), _REF, "icmp.seq")
_UNUSED_32 = Field("unused", 32, N_("Unused"), N_("Always zero."), _REF, "icmp.unused", Show.RESERVED)
_UNUSED_8 = Field("unused", 8, N_("Unused"), N_("Always zero."), _REF, "icmp.unused", Show.RESERVED)
_UNUSED_16 = Field("unused", 16, N_("Unused"), N_("Always zero."), _REF, "icmp.unused", Show.RESERVED)
_LENGTH = Field(
    "length",
    8,
    N_("Length"),
    N_("32-bit words of the quoted packet, when something follows it."),
    _EXTENDED,
    "icmp.length",
    scale=4,
    unit=N_("bytes"),
)
_MTU = Field(
    "next_hop_mtu",
    16,
    N_("MTU of next hop"),
    N_("The longest packet that fits the next link."),
    Ref("RFC 1191", "4"),
    "icmp.mtu",
    unit=N_("bytes"),
)
_GATEWAY = Field(
    "gateway_internet_address",
    32,
    N_("Gateway address"),
    N_("The better first router for this destination."),
    _REF,
    "icmp.redir_gw",
    Show.IPV4,
)
_POINTER = Field("pointer", 8, N_("Pointer"), N_("Byte of the quoted packet that is at fault."), _REF, "icmp.pointer")
_TIMES = tuple(
    Field(name, 32, title, N_("Milliseconds since midnight, universal time."), _REF, None, unit="ms")
    for name, title in (
        ("originate_timestamp", N_("Originate timestamp")),
        ("receive_timestamp", N_("Receive timestamp")),
        ("transmit_timestamp", N_("Transmit timestamp")),
    )
)
_MASK = Field(
    "address_mask",
    32,
    N_("Address mask"),
    N_("Which bits of an address name the network."),
    Ref("RFC 950"),
    None,
    Show.IPV4,
)
_REST = Field("rest_of_header", 32, N_("Rest of header"), N_("As the type says."), _REF, None, Show.HEX)


def _variable(data: bytes) -> list[Span]:
    """The code with its names, then the second word."""
    if len(data) < 4:
        return []
    kind, code = data[0], data[1]
    cursor = Cursor(data, 1)
    cursor.take(_CODE_OF.get(kind, _CODE))
    cursor.at = 4
    if kind in (0, 8, 13, 14, 15, 16, 17, 18):
        cursor.take(_IDENTIFIER, _SEQUENCE)
        if kind in (13, 14):
            for item in _TIMES:
                cursor.take(item)
        elif kind in (17, 18):
            cursor.take(_MASK)
    elif kind == _UNREACHABLE:
        cursor.take(_UNUSED_8, _LENGTH, _MTU if code == 4 else _UNUSED_16)
    elif kind == _EXCEEDED:
        cursor.take(_UNUSED_8, _LENGTH, _UNUSED_16)
    elif kind == _PARAMETER:
        cursor.take(_POINTER, _LENGTH, _UNUSED_16)
    elif kind == _REDIRECT:
        cursor.take(_GATEWAY)
    elif kind in (4, 10):
        cursor.take(_UNUSED_32)
    else:
        cursor.take(_REST)
    return cursor.spans


ICMP = Header(
    name="icmp",
    kind=LayerKind.ICMP,
    title=N_("Internet Control Message Protocol"),
    meaning=N_("Reports trouble on the way, and answers pings."),
    tcpip_layer=2,
    osi_layer=3,
    ref=_REF,
    fields=(
        Field(
            "type",
            8,
            N_("Type"),
            N_("Kind of message."),
            _REF,
            "icmp.type",
            values={
                0: N_("echo reply"),
                3: N_("destination unreachable"),
                4: N_("source quench (deprecated)"),
                5: N_("redirect"),
                8: N_("echo request"),
                9: N_("router advertisement"),
                10: N_("router solicitation"),
                11: N_("time exceeded"),
                12: N_("parameter problem"),
                13: N_("timestamp request"),
                14: N_("timestamp reply"),
                17: N_("address mask request (deprecated)"),
                18: N_("address mask reply (deprecated)"),
                42: N_("extended echo request"),
                43: N_("extended echo reply"),
            },
            next_layer=True,
        ),
        _CODE,
        Field("checksum", 16, N_("Checksum"), N_("Detects damage to the message."), _REF, "icmp.checksum", Show.HEX),
    ),
    variable=_variable,
    optional=(
        *_CODE_OF.values(),
        _IDENTIFIER,
        _SEQUENCE,
        _UNUSED_32,
        _UNUSED_8,
        _UNUSED_16,
        _LENGTH,
        _MTU,
        _GATEWAY,
        _POINTER,
        *_TIMES,
        _MASK,
        _REST,
    ),
)
