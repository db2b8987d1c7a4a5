"""IPv4 options: ordinary code, since each one's length depends on the bytes before."""

from __future__ import annotations

from inspector.i18n import N_
from inspector.proto.cursor import Cursor, broken
from inspector.proto.field import Field, Show, Span
from inspector.refs import Ref

__all__ = ["OPTIONAL", "options"]

_REF = Ref("RFC 791", "3.1")

_NAMES = {
    0: N_("End of options"),
    1: N_("No operation"),
    7: N_("Record route"),
    68: N_("Timestamp"),
    82: N_("Traceroute"),
    130: N_("Security"),
    131: N_("Loose source route"),
    134: N_("Commercial security"),
    136: N_("Stream identifier"),
    137: N_("Strict source route"),
    148: N_("Router alert"),
    25: N_("Quick-start"),
}
_REFS = {
    25: Ref("RFC 4782", "3.1"),
    82: Ref("RFC 6814"),
    130: Ref("RFC 1108", "2"),
    134: Ref("RFC 6814"),
    136: Ref("RFC 6814"),
    148: Ref("RFC 2113", "2.1"),
}
_MEANINGS = {
    0: N_("Nothing but padding follows."),
    1: N_("Fills a byte so that the next option begins where it should."),
    7: N_("Routers write their addresses here."),
    68: N_("Routers write here when they saw the datagram."),
    131: N_("The sender names routers to pass on the way."),
    137: N_("The sender names every router on the way."),
    148: N_("Asks routers to look into the datagram itself."),
}

_TYPE = Field(
    "type", 8, N_("Option type"), N_("Which option this is."), _REF, "ip.opt.type", Show.DECIMAL, values=_NAMES
)
_LENGTH = Field(
    "length",
    8,
    N_("Option length"),
    N_("Bytes of the option, with type and length."),
    _REF,
    "ip.opt.len",
    unit=N_("bytes"),
)
_POINTER = Field(
    "pointer", 8, N_("Pointer"), N_("Where in the option the next address goes; counts from 1."), _REF, "ip.opt.ptr"
)
_ADDRESS = Field("address", 32, N_("Address"), N_("A router on the way."), _REF, None, Show.IPV4)
_OVERFLOW = Field(
    "overflow", 4, N_("Overflow"), N_("Routers that found no room for their time."), _REF, "ip.opt.overflow"
)
_FLAG = Field(
    "flag",
    4,
    N_("Flag"),
    N_("Times alone, times with addresses, or times of named addresses."),
    _REF,
    "ip.opt.flag",
    values={0: N_("times alone"), 1: N_("addresses and times"), 3: N_("times of named addresses")},
)
_TIME = Field(
    "timestamp",
    32,
    N_("Timestamp"),
    N_("Milliseconds since midnight, universal time."),
    _REF,
    "ip.opt.time_stamp",
    unit="ms",
)
_TIME_ADDRESS = Field(
    "address", 32, N_("Address"), N_("The router that wrote the time."), _REF, "ip.opt.time_stamp_addr", Show.IPV4
)
_ALERT = Field(
    "value",
    16,
    N_("Value"),
    N_("0: every router examines the datagram."),
    Ref("RFC 2113", "2.1"),
    "ip.opt.ra",
    values={0: N_("every router examines the datagram")},
)
_DATA = Field("data", 0, N_("Option data"), N_("What the option holds."), _REF, None, Show.BYTES)
_PADDING = Field(
    "padding", 0, N_("Padding"), N_("Fills the header to whole 32-bit words."), _REF, "ip.opt.padding", Show.BYTES
)
_BAD_LENGTH = broken(_REF, N_("The option's length is impossible: smaller than 2 or beyond the header."))

_OPTIONS = {
    kind: Field(
        "option",
        0,
        name,
        _MEANINGS.get(kind, N_("An option of the IPv4 header.")),
        _REFS.get(kind, _REF),
        None,
        Show.BYTES,
    )
    for kind, name in _NAMES.items()
}
_UNKNOWN = Field("option", 0, N_("Unknown option"), N_("An option of the IPv4 header."), _REF, None, Show.BYTES)

OPTIONAL = (
    _TYPE,
    _LENGTH,
    _POINTER,
    _ADDRESS,
    _OVERFLOW,
    _FLAG,
    _TIME,
    _TIME_ADDRESS,
    _ALERT,
    _DATA,
    _PADDING,
    _BAD_LENGTH,
    _UNKNOWN,
    *_OPTIONS.values(),
)
"""Every field that an option may hold."""


def options(data: bytes) -> list[Span]:
    """The options between the 20th byte and the end of the header."""
    cursor = Cursor(data, 20, (data[0] & 15) * 4 if data else 0)
    while cursor.left:
        kind = cursor.peek()
        if kind < 2:
            cursor.take(_TYPE)
            if kind == 0:
                cursor.take_bytes(_PADDING, cursor.left)
            continue
        length = cursor.peek(1)
        if cursor.left < 2 or length < 2 or length > cursor.left:
            cursor.take_bytes(_BAD_LENGTH, cursor.left, "ipv4.option_length")
            break
        inner = Cursor(data, cursor.at, cursor.at + length)
        inner.take(_TYPE)
        inner.take(_LENGTH)
        _content(inner, kind)
        cursor.group(_OPTIONS.get(kind, _UNKNOWN), length, inner)
    return cursor.spans


def _content(inner: Cursor, kind: int) -> None:
    """What comes behind type and length."""
    if kind in (7, 131, 137):
        inner.take(_POINTER)
        while inner.left >= 4:
            inner.take(_ADDRESS)
    elif kind == 68:
        inner.take(_POINTER)
        flag = inner.take(_OVERFLOW, _FLAG)
        while inner.left >= (4 if flag == 0 else 8):
            if flag:
                inner.take(_TIME_ADDRESS)
            inner.take(_TIME)
    elif kind == 148 and inner.left == 2:
        inner.take(_ALERT)
    inner.take_bytes(_DATA, inner.left)
