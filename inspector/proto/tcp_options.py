"""TCP options: ordinary code, since each one's length depends on the bytes before."""

from __future__ import annotations

from inspector.i18n import N_
from inspector.proto.cursor import Cursor, broken
from inspector.proto.field import Field, Show, Span
from inspector.refs import Ref

__all__ = ["OPTIONAL", "options"]

_REF = Ref("RFC 9293", "3.2")
_SACK_REF = Ref("RFC 2018", "3")
_TIMESTAMPS = Ref("RFC 7323", "3.2")
_MPTCP = Ref("RFC 8684", "3")
_FAST_OPEN = Ref("RFC 7413", "4.1.1")
_EXPERIMENT = Ref("RFC 6994", "3")

_END, _NOP, _MSS, _SCALE, _PERMITTED, _SACK, _TIME = 0, 1, 2, 3, 4, 5, 8
_MD5, _TIMEOUT, _AUTH, _MULTIPATH, _COOKIE = 19, 28, 29, 30, 34
_ECN_0, _ECN_1, _EXP_1, _EXP_2 = 172, 174, 253, 254

_OPTIONS = {
    kind: Field("option", 0, title, meaning, ref, None, Show.BYTES)
    for kind, title, meaning, ref in (
        (_END, N_("End of options"), N_("Nothing but padding follows."), _REF),
        (_NOP, N_("No operation"), N_("Fills a byte so that the next option begins where it should."), _REF),
        (_MSS, N_("Maximum segment size"), N_("The most data the sender of this can take in one packet."), _REF),
        (
            _SCALE,
            N_("Window scale"),
            N_("By how many binary places later windows of this sender are to be shifted."),
            Ref("RFC 7323", "2.2"),
        ),
        (
            _PERMITTED,
            N_("SACK permitted"),
            N_("The sender understands selective acknowledgments."),
            Ref("RFC 2018", "2"),
        ),
        (_SACK, "SACK", N_("Data that arrived behind a gap, so that only the gap is sent again."), _SACK_REF),
        (
            _TIME,
            N_("Timestamps"),
            N_("Sender's clock and an echo of the other's, to measure round trips."),
            _TIMESTAMPS,
        ),
        (_MD5, N_("MD5 signature"), N_("Proves who sent the packet (obsolete)."), Ref("RFC 2385")),
        (_TIMEOUT, N_("User timeout"), N_("How long data may stay unacknowledged."), Ref("RFC 5482", "3")),
        (_AUTH, N_("Authentication"), N_("Proves who sent the packet."), Ref("RFC 5925", "2.2")),
        (_MULTIPATH, "Multipath TCP", N_("Joins several paths into one connection."), _MPTCP),
        (_COOKIE, N_("Fast open"), N_("A cookie that lets data travel with the SYN."), _FAST_OPEN),
        (_ECN_0, N_("Accurate ECN, order 0"), N_("Counters of congestion marks."), Ref("RFC 9768", "3.2.3")),
        (_ECN_1, N_("Accurate ECN, order 1"), N_("Counters of congestion marks."), Ref("RFC 9768", "3.2.3")),
        (_EXP_1, N_("Experiment"), N_("An option on trial."), _EXPERIMENT),
        (_EXP_2, N_("Experiment"), N_("An option on trial."), _EXPERIMENT),
    )
}
_UNKNOWN = Field("option", 0, N_("Unknown option"), N_("An option not known here."), _REF, None, Show.BYTES)

_KIND = Field(
    "kind",
    8,
    N_("Option kind"),
    N_("Which option this is."),
    _REF,
    "tcp.option_kind",
    values={kind: option.title for kind, option in _OPTIONS.items()},
)
_LENGTH = Field(
    "length",
    8,
    N_("Option length"),
    N_("Bytes of the option, with kind and length."),
    _REF,
    "tcp.option_len",
    unit=N_("bytes"),
)
_MSS_VALUE = Field(
    "mss",
    16,
    N_("Maximum segment size"),
    N_("The most data the sender of this can take in one packet."),
    Ref("RFC 9293", "3.7.1"),
    "tcp.options.mss_val",
    unit=N_("bytes"),
)
_SHIFT = Field(
    "shift_count",
    8,
    N_("Shift count"),
    N_("Later windows of this sender count in units of two to this power."),
    Ref("RFC 7323", "2.2"),
    "tcp.options.wscale.shift",
    values={shift: f"× {1 << shift}" for shift in range(15)},
)
_LEFT = Field(
    "left_edge",
    32,
    N_("Left edge"),
    N_("First byte of a block that arrived."),
    _SACK_REF,
    "tcp.options.sack_le",
)
_RIGHT = Field(
    "right_edge",
    32,
    N_("Right edge"),
    N_("The byte behind that block."),
    _SACK_REF,
    "tcp.options.sack_re",
)
_TSVAL = Field(
    "tsval",
    32,
    N_("Timestamp value"),
    N_("The sender's clock when it sent this."),
    _TIMESTAMPS,
    "tcp.options.timestamp.tsval",
)
_TSECR = Field(
    "tsecr",
    32,
    N_("Timestamp echo reply"),
    N_("The other side's clock, as it was in the packet that this one answers."),
    _TIMESTAMPS,
    "tcp.options.timestamp.tsecr",
)
_DIGEST = Field(
    "digest", 0, N_("Digest"), N_("Signature over the packet."), Ref("RFC 2385"), "tcp.options.md5.digest", Show.BYTES
)
_GRANULARITY = Field(
    "granularity",
    1,
    N_("Granularity"),
    N_("Set: minutes; not set: seconds."),
    Ref("RFC 5482", "3"),
    "tcp.options.user_to_granularity",
    Show.FLAG,
)
_USER_TIMEOUT = Field(
    "user_timeout",
    15,
    N_("User timeout"),
    N_("How long data may stay unacknowledged."),
    Ref("RFC 5482", "3"),
    "tcp.options.user_to_val",
)
_KEY_ID = Field("key_id", 8, N_("Key"), N_("Which key was used."), Ref("RFC 5925", "2.2"), "tcp.options.ao.keyid")
_NEXT_KEY_ID = Field(
    "r_next_key_id",
    8,
    N_("Next key"),
    N_("Which key the sender is ready to receive with."),
    Ref("RFC 5925", "2.2"),
    "tcp.options.ao.rnextkeyid",
)
_MAC = Field(
    "mac",
    0,
    N_("Authentication code"),
    N_("Signature over the packet."),
    Ref("RFC 5925", "2.2"),
    "tcp.options.ao.mac",
    Show.BYTES,
)
_SUBTYPE = Field(
    "subtype",
    4,
    N_("Subtype"),
    N_("What this option does for the multipath connection."),
    _MPTCP,
    "tcp.options.mptcp.subtype",
    values={
        0: "MP_CAPABLE",
        1: "MP_JOIN",
        2: "DSS",
        3: "ADD_ADDR",
        4: "REMOVE_ADDR",
        5: "MP_PRIO",
        6: "MP_FAIL",
        7: "MP_FASTCLOSE",
        8: "MP_TCPRST",
        15: N_("experimental"),
    },
)
_SUBTYPE_BITS = Field("subtype_flags", 4, N_("Flags"), N_("As the subtype says."), _MPTCP, None, Show.HEX)
_FAST_OPEN_COOKIE = Field(
    "cookie",
    0,
    N_("Cookie"),
    N_("The server made it at an earlier visit."),
    _FAST_OPEN,
    "tcp.options.tfo.cookie",
    Show.BYTES,
)
_EXID = Field(
    "exid",
    16,
    N_("Experiment"),
    N_("Number of the experiment."),
    _EXPERIMENT,
    "tcp.options.experimental.exid",
    Show.HEX,
)
_DATA = Field("data", 0, N_("Option data"), N_("What the option holds."), _REF, None, Show.BYTES)
_PADDING = Field("padding", 0, N_("Padding"), N_("Fills the header to whole 32-bit words."), _REF, None, Show.BYTES)
_BAD_LENGTH = broken(_REF, N_("The option's length is impossible: smaller than 2 or beyond the header."))
_WRONG_LENGTH = N_("The length is not one that this option may have.")
_BAD_CONTENT = broken(_REF, _WRONG_LENGTH)

OPTIONAL = (
    _KIND,
    _LENGTH,
    _MSS_VALUE,
    _SHIFT,
    _LEFT,
    _RIGHT,
    _TSVAL,
    _TSECR,
    _DIGEST,
    _GRANULARITY,
    _USER_TIMEOUT,
    _KEY_ID,
    _NEXT_KEY_ID,
    _MAC,
    _SUBTYPE,
    _SUBTYPE_BITS,
    _FAST_OPEN_COOKIE,
    _EXID,
    _DATA,
    _PADDING,
    _BAD_LENGTH,
    _BAD_CONTENT,
    _UNKNOWN,
    *_OPTIONS.values(),
)
"""Every field that an option may hold."""

_FIXED = {
    _MSS: (_MSS_VALUE,),
    _SCALE: (_SHIFT,),
    _PERMITTED: (),
    _TIME: (_TSVAL, _TSECR),
    _TIMEOUT: (_GRANULARITY, _USER_TIMEOUT),
}
"""Options that may have one length only."""


def options(data: bytes) -> list[Span]:
    """The options between the 20th byte and the end of the header."""
    cursor = Cursor(data, 20, (data[12] >> 4) * 4 if len(data) > 12 else 0)
    while cursor.left:
        kind = cursor.peek()
        if kind in (_END, _NOP):
            cursor.take(_KIND)
            if kind == _END:
                cursor.take_bytes(_PADDING, cursor.left)
            continue
        length = cursor.peek(1)
        if cursor.left < 2 or length < 2 or length > cursor.left:
            cursor.take_bytes(_BAD_LENGTH, cursor.left, "tcp.option_length")
            break
        inner = Cursor(data, cursor.at, cursor.at + length)
        inner.take(_KIND)
        inner.take(_LENGTH)
        _content(inner, kind)
        cursor.group(_OPTIONS.get(kind, _UNKNOWN), length, inner)
    return cursor.spans


def _content(inner: Cursor, kind: int) -> None:
    """What comes behind kind and length."""
    size = inner.left
    if kind in _FIXED:
        fields = _FIXED[kind]
        if sum(item.bits for item in fields) != size * 8:
            inner.take_bytes(_BAD_CONTENT, size, "tcp.option_length")
        elif fields:
            inner.take(*fields)
    elif kind == _SACK:
        while inner.left >= 8:
            inner.take(_LEFT, _RIGHT)
        inner.take_bytes(_BAD_CONTENT, inner.left, "tcp.option_length")
    elif kind == _MD5:
        inner.take_bytes(_DIGEST, size)
    elif kind == _AUTH:
        inner.take(_KEY_ID, _NEXT_KEY_ID)
        inner.take_bytes(_MAC, inner.left)
    elif kind == _MULTIPATH:
        inner.take(_SUBTYPE, _SUBTYPE_BITS)
    elif kind == _COOKIE:
        inner.take_bytes(_FAST_OPEN_COOKIE, size)
    elif kind in (_EXP_1, _EXP_2):
        inner.take(_EXID)
    inner.take_bytes(_DATA, inner.left)
