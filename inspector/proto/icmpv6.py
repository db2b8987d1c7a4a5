"""The ICMPv6 header, with the messages of neighbour discovery."""

from __future__ import annotations

from dataclasses import replace

from inspector.i18n import N_
from inspector.proto.cursor import Cursor
from inspector.proto.field import Field, Header, Show, Span
from inspector.proto.icmpv6_options import OPTIONAL, options
from inspector.proto.kinds import LayerKind
from inspector.refs import Ref

__all__ = ["ICMPV6"]

_REF = Ref("RFC 4443", "2.1")

_CODES = {
    1: {
        0: N_("no route to destination"),
        1: N_("administratively prohibited"),
        2: N_("beyond scope of source address"),
        3: N_("address unreachable"),
        4: N_("port unreachable"),
        5: N_("source address failed policy"),
        6: N_("reject route to destination"),
        7: N_("error in source routing header"),
    },
    3: {0: N_("hop limit exceeded in transit"), 1: N_("fragment reassembly time exceeded")},
    4: {
        0: N_("erroneous header field"),
        1: N_("unknown next header"),
        2: N_("unknown IPv6 option"),
        3: N_("first fragment lacks headers"),
    },
}
_CODE = Field("code", 8, N_("Code"), N_("The reason, within the type."), _REF, "icmpv6.code")
_CODE_OF = {kind: replace(_CODE, values=values) for kind, values in _CODES.items()}


def _reserved(bits: int, section: str, document: str = "RFC 4861") -> Field:
    return Field(
        "reserved", bits, N_("Reserved"), N_("Always zero."), Ref(document, section), "icmpv6.reserved", Show.RESERVED
    )


def _flag(name: str, title: str, meaning: str, section: str, filter_name: str) -> Field:
    return Field(name, 1, title, meaning, Ref("RFC 4861", section), filter_name, Show.FLAG)


def _target(meaning: str, section: str, filter_name: str) -> Field:
    return Field("target_address", 128, N_("Target address"), meaning, Ref("RFC 4861", section), filter_name, Show.IPV6)


_UNUSED = Field(
    "unused", 32, N_("Unused"), N_("Always zero."), Ref("RFC 4443", "3.1"), "icmpv6.reserved", Show.RESERVED
)
_MTU = Field(
    "mtu",
    32,
    "MTU",
    N_("The longest packet that fits the next link."),
    Ref("RFC 4443", "3.2"),
    "icmpv6.mtu",
    unit=N_("bytes"),
)
_POINTER = Field(
    "pointer",
    32,
    N_("Pointer"),
    N_("Byte of the quoted packet that is at fault."),
    Ref("RFC 4443", "3.4"),
    "icmpv6.pointer",
)
_ECHO = (
    Field(
        "identifier",
        16,
        N_("Identifier"),
        N_("Tells whose question this is."),
        Ref("RFC 4443", "4.1"),
        "icmpv6.echo.identifier",
        Show.HEX,
    ),
    Field(
        "sequence_number",
        16,
        N_("Sequence number"),
        N_("Counts the questions."),
        Ref("RFC 4443", "4.1"),
        "icmpv6.echo.sequence_number",
    ),
)
_ROUTER_SOLICITATION = (_reserved(32, "4.1"),)
_ROUTER_ADVERTISEMENT = (
    Field(
        "cur_hop_limit",
        8,
        N_("Hop limit to use"),
        N_("What hosts should write into the hop limit of their packets."),
        Ref("RFC 4861", "4.2"),
        "icmpv6.nd.ra.cur_hop_limit",
    ),
    _flag("managed", "M", N_("Addresses are given by DHCPv6."), "4.2", "icmpv6.nd.ra.flag.m"),
    _flag("other", "O", N_("Other settings are given by DHCPv6."), "4.2", "icmpv6.nd.ra.flag.o"),
    Field(
        "flags",
        6,
        N_("Further flags"),
        N_("Home agent, router preference, proxy; rest reserved."),
        Ref("RFC 4191", "2.2"),
        None,
        Show.HEX,
    ),
    Field(
        "router_lifetime",
        16,
        N_("Router lifetime"),
        N_("How long hosts may use this router as default."),
        Ref("RFC 4861", "4.2"),
        "icmpv6.nd.ra.router_lifetime",
        unit="s",
    ),
    Field(
        "reachable_time",
        32,
        N_("Reachable time"),
        N_("How long a neighbour counts as reachable after it answered."),
        Ref("RFC 4861", "4.2"),
        "icmpv6.nd.ra.reachable_time",
        unit="ms",
    ),
    Field(
        "retrans_timer",
        32,
        N_("Retransmission timer"),
        N_("Time between repeated neighbour questions."),
        Ref("RFC 4861", "4.2"),
        "icmpv6.nd.ra.retrans_timer",
        unit="ms",
    ),
)
_NEIGHBOR_SOLICITATION = (
    _reserved(32, "4.3"),
    _target(N_("The address that is asked about."), "4.3", "icmpv6.nd.ns.target_address"),
)
_NEIGHBOR_ADVERTISEMENT = (
    _flag("router", "R", N_("The sender is a router."), "4.4", "icmpv6.nd.na.flag.r"),
    _flag("solicited", "S", N_("Answers a question."), "4.4", "icmpv6.nd.na.flag.s"),
    _flag("override", "O", N_("Replaces what the receiver remembered."), "4.4", "icmpv6.nd.na.flag.o"),
    Field(
        "reserved",
        29,
        N_("Reserved"),
        N_("Always zero."),
        Ref("RFC 4861", "4.4"),
        "icmpv6.nd.na.flag.rsv",
        Show.RESERVED,
    ),
    _target(N_("The address whose network card is told."), "4.4", "icmpv6.nd.na.target_address"),
)
_REDIRECT = (
    _reserved(32, "4.5"),
    _target(N_("The better first hop for the destination."), "4.5", "icmpv6.nd.rd.target_address"),
    Field(
        "destination_address",
        128,
        N_("Destination address"),
        N_("The destination that is redirected."),
        Ref("RFC 4861", "4.5"),
        "icmpv6.rd.na.destination_address",
        Show.IPV6,
    ),
)
_REST = Field("message_body", 32, N_("Message body"), N_("As the type says."), _REF, None, Show.HEX)

_BODIES: dict[int, tuple[Field, ...]] = {
    1: (_UNUSED,),
    2: (_MTU,),
    3: (_UNUSED,),
    4: (_POINTER,),
    128: _ECHO,
    129: _ECHO,
    133: _ROUTER_SOLICITATION,
    134: _ROUTER_ADVERTISEMENT,
    135: _NEIGHBOR_SOLICITATION,
    136: _NEIGHBOR_ADVERTISEMENT,
    137: _REDIRECT,
}


def _variable(data: bytes) -> list[Span]:
    """The code with its names, then the body of the type, then options of neighbour discovery."""
    if len(data) < 4:
        return []
    kind = data[0]
    cursor = Cursor(data, 1)
    cursor.take(_CODE_OF.get(kind, _CODE))
    cursor.at = 4
    body = _BODIES.get(kind, (_REST,))
    cursor.take(*body)
    if 133 <= kind <= 137 and cursor.at > 4:
        cursor.spans.extend(options(data, cursor.at))
    return cursor.spans


ICMPV6 = Header(
    name="icmpv6",
    kind=LayerKind.ICMPV6,
    title=N_("Internet Control Message Protocol for IPv6"),
    meaning=N_("Reports trouble on the way, answers pings, and finds neighbours and routers."),
    tcpip_layer=2,
    osi_layer=3,
    ref=_REF,
    fields=(
        Field(
            "type",
            8,
            N_("Type"),
            N_("Kind of message; below 128 an error, from 128 on information."),
            _REF,
            "icmpv6.type",
            values={
                1: N_("destination unreachable"),
                2: N_("packet too big"),
                3: N_("time exceeded"),
                4: N_("parameter problem"),
                128: N_("echo request"),
                129: N_("echo reply"),
                130: N_("multicast listener query"),
                131: N_("multicast listener report"),
                132: N_("multicast listener done"),
                133: N_("router solicitation"),
                134: N_("router advertisement"),
                135: N_("neighbour solicitation"),
                136: N_("neighbour advertisement"),
                137: N_("redirect"),
                143: N_("multicast listener report v2"),
            },
            next_layer=True,
        ),
        _CODE,
        Field(
            "checksum",
            16,
            N_("Checksum"),
            N_("Detects damage to message and addresses."),
            Ref("RFC 4443", "2.3"),
            "icmpv6.checksum",
            Show.HEX,
        ),
    ),
    variable=_variable,
    optional=(
        *_CODE_OF.values(),
        *(item for kind, body in _BODIES.items() if kind not in (3, 129) for item in body),
        _REST,
        *OPTIONAL,
    ),
)
