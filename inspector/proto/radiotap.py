"""The radiotap header: what the capturing radio knew about a Wi-Fi frame. Only its fixed part is decoded."""

from __future__ import annotations

from inspector.i18n import N_
from inspector.proto.cursor import Cursor, broken
from inspector.proto.field import ByteOrder, Field, Header, Show, Span
from inspector.proto.kinds import LayerKind
from inspector.refs import Ref

__all__ = ["RADIOTAP"]

_REF = Ref("LINKTYPE", "IEEE802_11_RADIOTAP")

_MORE_WORDS = 1 << 31
"""Bit of a present word: another word follows."""
_MOST_WORDS = 32
"""Bound on present words; capture programs write one to three."""

_PRESENT = Field(
    "present",
    32,
    N_("Present"),
    N_("One bit for each kind of measurement that follows; the highest says that one more such word follows."),
    _REF,
    "radiotap.present.word",
    Show.HEX,
    order=ByteOrder.LITTLE,
)
_DATA = Field(
    "data",
    0,
    N_("Measurements"),
    N_("Signal strength, channel, rate and the like, as the present bits say."),
    _REF,
    None,
    Show.BYTES,
)
_BAD_LENGTH = broken(_REF, N_("The header's length is smaller than its own fixed part."))


def _variable(data: bytes) -> list[Span]:
    if len(data) < 8:
        return []
    length = int.from_bytes(data[2:4], "little")
    if length < 8:
        cursor = Cursor(data, 2, 4)
        cursor.take_bytes(_BAD_LENGTH, 2, "radiotap.length")
        return [*cursor.spans, *[span for span in [Span.read(_PRESENT, data, 32)] if span]]
    cursor = Cursor(data, 8, length)
    word = int.from_bytes(data[4:8], "little")
    for _ in range(_MOST_WORDS):
        if not word & _MORE_WORDS:
            break
        word = cursor.take(_PRESENT)
    cursor.take_bytes(_DATA, cursor.left)
    return cursor.spans


RADIOTAP = Header(
    name="radiotap",
    kind=LayerKind.RADIOTAP,
    title="Radiotap",
    meaning=N_("What the capturing radio measured about the Wi-Fi frame behind it; never on air."),
    tcpip_layer=1,
    osi_layer=1,
    ref=_REF,
    fields=(
        Field("version", 8, N_("Version"), N_("Always zero."), _REF, "radiotap.version"),
        Field("pad", 8, N_("Padding"), N_("Unused."), _REF, "radiotap.pad", Show.RESERVED),
        Field(
            "length",
            16,
            N_("Header length"),
            N_("Bytes of this header; the Wi-Fi frame begins behind them."),
            _REF,
            "radiotap.length",
            unit=N_("bytes"),
            next_layer=True,
            order=ByteOrder.LITTLE,
        ),
        _PRESENT,
    ),
    variable=_variable,
    optional=(_PRESENT, _DATA, _BAD_LENGTH),
)
