"""The options inside IPv6 hop-by-hop and destination options headers."""

from __future__ import annotations

from inspector.i18n import N_
from inspector.proto.cursor import Cursor, broken
from inspector.proto.field import Field, Show, Span
from inspector.refs import Ref

__all__ = ["OPTIONAL", "options"]

_REF = Ref("RFC 8200", "4.2")

_NAMES = {
    0x00: "Pad1",
    0x01: "PadN",
    0x04: N_("Tunnel encapsulation limit"),
    0x05: N_("Router alert"),
    0x07: "CALIPSO",
    0x0F: "PDM",
    0x11: "IOAM",
    0x26: N_("Quick-start"),
    0x30: N_("Minimum path MTU"),
    0x31: "IOAM",
    0x63: "RPL",
    0x6D: "MPL",
    0x8B: "ILNP nonce",
    0xC2: N_("Jumbo payload"),
    0xC9: N_("Home address"),
    0xEE: "IP_DFF",
}
_REFS = {
    0x04: Ref("RFC 2473", "4.1.1"),
    0x05: Ref("RFC 2711", "2.1"),
    0x07: Ref("RFC 5570"),
    0x0F: Ref("RFC 8250"),
    0x11: Ref("RFC 9486"),
    0x26: Ref("RFC 4782", "3.2"),
    0x30: Ref("RFC 9268"),
    0x31: Ref("RFC 9486"),
    0x63: Ref("RFC 9008"),
    0x6D: Ref("RFC 7731", "6.1"),
    0x8B: Ref("RFC 6744"),
    0xC2: Ref("RFC 2675", "2"),
    0xC9: Ref("RFC 6275", "6.3"),
    0xEE: Ref("RFC 6971"),
}

_TYPE = Field(
    "option_type",
    8,
    N_("Option type"),
    N_("Which option; its first two bits tell nodes that do not know it what to do."),
    _REF,
    "ipv6.opt.type",
    Show.HEX,
    _NAMES,
    parts=(
        Field(
            "action",
            2,
            N_("If unknown"),
            N_("What a node does that does not know the option."),
            _REF,
            "ipv6.opt.type.action",
            values={
                0: N_("skip the option"),
                1: N_("drop the packet"),
                2: N_("drop the packet and send an ICMP error"),
                3: N_("drop the packet and send an ICMP error unless multicast"),
            },
        ),
        Field(
            "change",
            1,
            N_("May change"),
            N_("Routers may change the option's data on the way."),
            _REF,
            "ipv6.opt.type.change",
            Show.FLAG,
        ),
        Field("rest", 5, N_("Number"), N_("The rest of the option's number."), _REF, "ipv6.opt.type.rest", Show.HEX),
    ),
)
_LENGTH = Field(
    "opt_data_len",
    8,
    N_("Option length"),
    N_("Bytes of data behind this field."),
    _REF,
    "ipv6.opt.length",
    unit=N_("bytes"),
)
_PADN = Field("padding", 0, N_("Padding"), N_("Zeros that fill the header."), _REF, "ipv6.opt.padn", Show.BYTES)
_TUNNEL = Field(
    "limit",
    8,
    N_("Limit"),
    N_("How many further tunnels the packet may enter."),
    Ref("RFC 2473", "4.1.1"),
    "ipv6.opt.tel",
)
_ALERT = Field(
    "value",
    16,
    N_("Value"),
    N_("Why routers should look into the packet."),
    Ref("RFC 2711", "2.1"),
    "ipv6.opt.router_alert",
    values={0: N_("multicast listener discovery"), 1: "RSVP", 2: N_("active networks")},
)
_JUMBO = Field(
    "jumbo_payload_length",
    32,
    N_("Jumbo payload length"),
    N_("Bytes behind the IPv6 header when they are more than 65535."),
    Ref("RFC 2675", "2"),
    "ipv6.opt.jumbo",
    unit=N_("bytes"),
)
_HOME = Field(
    "home_address",
    128,
    N_("Home address"),
    N_("The address by which a travelling host is known."),
    Ref("RFC 6275", "6.3"),
    "ipv6.opt.mipv6.home_address",
    Show.IPV6,
)
_DATA = Field("data", 0, N_("Option data"), N_("What the option holds."), _REF, None, Show.BYTES)
_BAD_LENGTH = broken(_REF, N_("The option's length goes beyond the header."))

_OPTIONS = {
    kind: Field("option", 0, name, N_("An option of the header."), _REFS.get(kind, _REF), "ipv6.opt", Show.BYTES)
    for kind, name in _NAMES.items()
}
_UNKNOWN = Field("option", 0, N_("Unknown option"), N_("An option of the header."), _REF, "ipv6.opt", Show.BYTES)

OPTIONAL = (
    _TYPE,
    *_TYPE.parts,
    _LENGTH,
    _PADN,
    _TUNNEL,
    _ALERT,
    _JUMBO,
    _HOME,
    _DATA,
    _BAD_LENGTH,
    _UNKNOWN,
    *_OPTIONS.values(),
)
"""Every field that an option may hold."""

_CONTENT = {0x04: _TUNNEL, 0x05: _ALERT, 0xC2: _JUMBO, 0xC9: _HOME}


def options(data: bytes) -> list[Span]:
    """The options between the second byte and the end of the header (its length counts 8 bytes, less the first 8)."""
    cursor = Cursor(data, 2, (data[1] + 1) * 8 if len(data) > 1 else 0)
    while cursor.left:
        kind = cursor.peek()
        size = 1 if kind == 0 else 2 + cursor.peek(1)
        if (kind and cursor.left < 2) or size > cursor.left:
            cursor.take_bytes(_BAD_LENGTH, cursor.left, "ipv6.option_length")
            break
        inner = Cursor(data, cursor.at, cursor.at + size)
        inner.take(_TYPE)
        if kind:
            inner.take(_LENGTH)
        known = _CONTENT.get(kind)
        if known is not None and known.bits == inner.left * 8:
            inner.take(known)
        inner.take_bytes(_PADN if kind == 1 else _DATA, inner.left)
        cursor.group(_OPTIONS.get(kind, _UNKNOWN), size, inner)
    return cursor.spans
