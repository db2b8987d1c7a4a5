"""The options of neighbour discovery messages."""

from __future__ import annotations

from inspector.i18n import N_
from inspector.proto.cursor import Cursor, broken
from inspector.proto.field import Field, Show, Span
from inspector.refs import Ref

__all__ = ["OPTIONAL", "options"]

_REF = Ref("RFC 4861", "4.6")

_NAMES = {
    1: N_("Source link-layer address"),
    2: N_("Target link-layer address"),
    3: N_("Prefix information"),
    4: N_("Redirected header"),
    5: "MTU",
    14: N_("Nonce"),
    24: N_("Route information"),
    25: N_("Recursive DNS server"),
    31: N_("DNS search list"),
    37: N_("Captive portal"),
    38: N_("PREF64"),
}
_REFS = {
    1: Ref("RFC 4861", "4.6.1"),
    2: Ref("RFC 4861", "4.6.1"),
    3: Ref("RFC 4861", "4.6.2"),
    4: Ref("RFC 4861", "4.6.3"),
    5: Ref("RFC 4861", "4.6.4"),
    14: Ref("RFC 3971", "5.3.2"),
    24: Ref("RFC 4191", "2.3"),
    25: Ref("RFC 8106", "5.1"),
    31: Ref("RFC 8106", "5.2"),
    37: Ref("RFC 8910"),
    38: Ref("RFC 8781", "4"),
}

_TYPE = Field("type", 8, N_("Option type"), N_("Which option this is."), _REF, "icmpv6.opt.type", values=_NAMES)
_LENGTH = Field(
    "length",
    8,
    N_("Option length"),
    N_("Units of 8 bytes, with type and length."),
    _REF,
    "icmpv6.opt.length",
    scale=8,
    unit=N_("bytes"),
)
_LINK_ADDRESS = Field(
    "link_layer_address",
    48,
    N_("Link-layer address"),
    N_("A network card's address."),
    Ref("RFC 4861", "4.6.1"),
    "icmpv6.opt.linkaddr",
    Show.MAC,
)
_MTU = Field(
    "mtu",
    32,
    "MTU",
    N_("The longest packet that all nodes of this link can take."),
    Ref("RFC 4861", "4.6.4"),
    "icmpv6.opt.mtu",
    unit=N_("bytes"),
)
_RESERVED_16 = Field("reserved", 16, N_("Reserved"), N_("Always zero."), _REF, "icmpv6.opt.reserved", Show.RESERVED)
_PREFIX = tuple(
    Field(name, bits, title, meaning, Ref("RFC 4861", "4.6.2"), filter_name, show, unit=unit)
    for name, bits, title, meaning, filter_name, show, unit in (
        (
            "prefix_length",
            8,
            N_("Prefix length"),
            N_("Leading bits of the prefix that count."),
            "icmpv6.opt.prefix.length",
            Show.DECIMAL,
            N_("bits"),
        ),
        (
            "on_link",
            1,
            "L",
            N_("Addresses of this prefix are on this link."),
            "icmpv6.opt.prefix.flag.l",
            Show.FLAG,
            "",
        ),
        (
            "autonomous",
            1,
            "A",
            N_("Hosts may make their own address of this prefix."),
            "icmpv6.opt.prefix.flag.a",
            Show.FLAG,
            "",
        ),
        ("reserved1", 6, N_("Reserved"), N_("Always zero, or later flags."), None, Show.RESERVED, ""),
        (
            "valid_lifetime",
            32,
            N_("Valid lifetime"),
            N_("How long addresses of this prefix may be used."),
            "icmpv6.opt.prefix.valid_lifetime",
            Show.DECIMAL,
            "s",
        ),
        (
            "preferred_lifetime",
            32,
            N_("Preferred lifetime"),
            N_("How long new connections may use them."),
            "icmpv6.opt.prefix.preferred_lifetime",
            Show.DECIMAL,
            "s",
        ),
        ("reserved2", 32, N_("Reserved"), N_("Always zero."), None, Show.RESERVED, ""),
        ("prefix", 128, N_("Prefix"), N_("The beginning of the addresses."), "icmpv6.opt.prefix", Show.IPV6, ""),
    )
)
_DNS_LIFETIME = Field(
    "lifetime",
    32,
    N_("Lifetime"),
    N_("How long these servers may be used."),
    Ref("RFC 8106", "5.1"),
    "icmpv6.opt.rdnss.lifetime",
    unit="s",
)
_DNS_SERVER = Field(
    "address",
    128,
    N_("DNS server"),
    N_("A server that resolves names."),
    Ref("RFC 8106", "5.1"),
    "icmpv6.opt.rdnss",
    Show.IPV6,
)
_DATA = Field("data", 0, N_("Option data"), N_("What the option holds."), _REF, None, Show.BYTES)
_BAD_LENGTH = broken(_REF, N_("The option's length is impossible: zero or beyond the message."))

_OPTIONS = {
    kind: Field("option", 0, name, N_("An option of neighbour discovery."), _REFS[kind], "icmpv6.opt", Show.BYTES)
    for kind, name in _NAMES.items()
}
_UNKNOWN = Field(
    "option", 0, N_("Unknown option"), N_("An option of neighbour discovery."), _REF, "icmpv6.opt", Show.BYTES
)

OPTIONAL = (
    _TYPE,
    _LENGTH,
    _LINK_ADDRESS,
    _MTU,
    _RESERVED_16,
    *_PREFIX,
    _DNS_LIFETIME,
    _DNS_SERVER,
    _DATA,
    _BAD_LENGTH,
    _UNKNOWN,
    *_OPTIONS.values(),
)
"""Every field that an option may hold."""


def options(data: bytes, at: int) -> list[Span]:
    """The options from byte ``at`` to the end of the message."""
    cursor = Cursor(data, at)
    while cursor.left:
        kind, size = cursor.peek(), cursor.peek(1) * 8
        if cursor.left < 2 or size == 0 or size > cursor.left:
            cursor.take_bytes(_BAD_LENGTH, cursor.left, "icmpv6.option_length")
            break
        inner = Cursor(data, cursor.at, cursor.at + size)
        inner.take(_TYPE, _LENGTH)
        if kind in (1, 2) and size == 8:
            inner.take(_LINK_ADDRESS)
        elif kind == 3 and size == 32:
            inner.take(*_PREFIX)
        elif kind == 5 and size == 8:
            inner.take(_RESERVED_16, _MTU)
        elif kind == 25 and size >= 24:
            inner.take(_RESERVED_16, _DNS_LIFETIME)
            while inner.left >= 16:
                inner.take(_DNS_SERVER)
        inner.take_bytes(_DATA, inner.left)
        cursor.group(_OPTIONS.get(kind, _UNKNOWN), size, inner)
    return cursor.spans
