"""The WebSocket frame header."""

from __future__ import annotations

from inspector.i18n import N_
from inspector.proto.cursor import Cursor
from inspector.proto.field import Field, Header, Show, Span
from inspector.refs import Ref

__all__ = ["WEBSOCKET"]

_REF = Ref("RFC 6455", "5.2")

_LENGTH_16 = Field(
    "extended_payload_length",
    16,
    N_("Extended payload length"),
    N_("Bytes of payload, from 126 to 65535."),
    _REF,
    "websocket.payload_length_ext_16",
    unit=N_("bytes"),
)
_LENGTH_64 = Field(
    "extended_payload_length",
    64,
    N_("Extended payload length"),
    N_("Bytes of payload, when more than 65535."),
    _REF,
    "websocket.payload_length_ext_64",
    unit=N_("bytes"),
)
_KEY = Field(
    "masking_key",
    32,
    N_("Masking key"),
    N_("Each payload byte was combined with one of these four bytes by exclusive or."),
    Ref("RFC 6455", "5.3"),
    "websocket.masking_key",
    Show.BYTES,
)


def _variable(data: bytes) -> list[Span]:
    """A longer length where the short one says 126 or 127, then the key where MASK is set."""
    if len(data) < 2:
        return []
    cursor = Cursor(data, 2)
    short = data[1] & 0x7F
    if short > 125:
        wide = _LENGTH_64 if short == 127 else _LENGTH_16
        if cursor.left * 8 < wide.bits:
            return []
        cursor.take(wide)
    if data[1] & 0x80:
        cursor.take(_KEY)
    return cursor.spans


WEBSOCKET = Header(
    name="websocket",
    kind=None,
    title=N_("WebSocket frame"),
    meaning=N_("Cuts a connection's bytes into messages that either side may send at any time."),
    tcpip_layer=4,
    osi_layer=7,
    ref=_REF,
    fields=(
        Field("fin", 1, "FIN", N_("This frame is the last of its message."), _REF, "websocket.fin", Show.FLAG),
        Field(
            "rsv",
            3,
            "RSV",
            N_("For extensions; zero when none was agreed."),
            _REF,
            "websocket.rsv",
            Show.HEX,
            parts=(
                Field(
                    "rsv1",
                    1,
                    "RSV1",
                    N_("The message is compressed, when permessage-deflate was agreed."),
                    Ref("RFC 7692", "6"),
                    None,
                    Show.FLAG,
                ),
                Field("rsv2", 1, "RSV2", N_("Not in use by any common extension."), _REF, None, Show.FLAG),
                Field("rsv3", 1, "RSV3", N_("Not in use by any common extension."), _REF, None, Show.FLAG),
            ),
        ),
        Field(
            "opcode",
            4,
            "opcode",
            N_("What the frame is."),
            _REF,
            "websocket.opcode",
            values={
                0: N_("continuation"),
                1: N_("text"),
                2: N_("binary"),
                8: N_("close"),
                9: "ping",
                10: "pong",
            },
            next_layer=True,
        ),
        Field(
            "mask",
            1,
            "MASK",
            N_("The payload is masked; clients must, servers must not."),
            _REF,
            "websocket.mask",
            Show.FLAG,
        ),
        Field(
            "payload_len",
            7,
            N_("Payload length"),
            N_("Bytes of payload; 126 and 127 say that a longer number follows."),
            _REF,
            "websocket.payload_length",
            values={126: N_("16-bit length follows"), 127: N_("64-bit length follows")},
        ),
    ),
    variable=_variable,
    optional=(_LENGTH_16, _LENGTH_64, _KEY),
)
