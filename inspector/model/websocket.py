"""WebSocket as observed: frames and messages as tables, single rows as objects, what can be wrong with them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntFlag

import numpy as np
from numpy.typing import NDArray

from inspector.i18n import N_
from inspector.model.anomaly import Anomaly
from inspector.model.finding import NOTHING, Text, told
from inspector.model.tables import Table
from inspector.refs import Ref

__all__ = [
    "BINARY",
    "CLOSE",
    "CLOSE_CODES",
    "CONTINUATION",
    "FAULTS",
    "OPCODES",
    "PING",
    "PONG",
    "TEXT",
    "Close",
    "Fault",
    "Frame",
    "Frames",
    "Message",
    "Messages",
    "close_code_may_travel",
    "close_note",
]

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
OPCODES = {
    CONTINUATION: "continuation",
    TEXT: "text",
    BINARY: "binary",
    CLOSE: "close",
    PING: "ping",
    PONG: "pong",
}
"""Names of the opcodes (RFC 6455 section 5.2); all others are reserved."""

CLOSE_CODES = {
    1000: N_("normal closure"),
    1001: N_("going away"),
    1002: N_("protocol error"),
    1003: N_("unsupported data"),
    1005: N_("no status received"),
    1006: N_("abnormal closure"),
    1007: N_("invalid frame payload data"),
    1008: N_("policy violation"),
    1009: N_("message too big"),
    1010: N_("mandatory extension"),
    1011: N_("internal error"),
    1012: N_("service restart"),
    1013: N_("try again later"),
    1014: N_("bad gateway"),
    1015: N_("TLS handshake"),
}
"""Registered close codes (RFC 6455 section 7.4.1 and IANA's WebSocket Close Code Number Registry), to be
translated where people read them."""

_NEVER_SENT = frozenset({1004, 1005, 1006, 1015})


def close_code_may_travel(code: int) -> bool:
    """Whether a Close frame may carry this code (RFC 6455 section 7.4)."""
    return (code in CLOSE_CODES and code not in _NEVER_SENT) or 3000 <= code <= 4999


def close_note(code: int | None) -> Text:
    """The registered name of a close code as it stands behind the number, in brackets; empty where there is none.

    In another language it is what the code means, and the standard's name in brackets.
    """
    return told(N_("({name})"), name=Text(CLOSE_CODES[code])) if code in CLOSE_CODES else NOTHING


class Fault(IntFlag):
    """What can be wrong with a frame or message, as bits of a ``faults`` column; ``FAULTS`` names each."""

    UNMASKED_CLIENT_FRAME = 1 << 0
    MASKED_SERVER_FRAME = 1 << 1
    RSV1_NOT_AGREED = 1 << 2
    RSV1_MISPLACED = 1 << 3
    RSV2_RSV3 = 1 << 4
    RESERVED_OPCODE = 1 << 5
    CONTROL_FRAGMENTED = 1 << 6
    CONTROL_TOO_LONG = 1 << 7
    LENGTH_NOT_MINIMAL = 1 << 8
    LENGTH_TOP_BIT = 1 << 9
    CONTINUATION_WITHOUT_START = 1 << 10
    MESSAGE_INTERRUPTED = 1 << 11
    AFTER_CLOSE = 1 << 12
    CLOSE_ONE_BYTE = 1 << 13
    CLOSE_CODE_ILLEGAL = 1 << 14
    CLOSE_REASON_NOT_UTF8 = 1 << 15
    BYTES_MISSING = 1 << 16
    CUT = 1 << 17
    RESYNCHRONISED = 1 << 18
    TEXT_NOT_UTF8 = 1 << 19
    INFLATE_FAILED = 1 << 20
    INFLATION_CAPPED = 1 << 21
    CONTEXT_LOST = 1 << 22
    WINDOW_EXCEEDED = 1 << 23
    DATA_AFTER_FINAL_BLOCK = 1 << 24


FAULTS: dict[Fault, tuple[str, Ref]] = {
    Fault.UNMASKED_CLIENT_FRAME: ("ws.unmasked_client_frame", Ref("RFC 6455", "5.1")),
    Fault.MASKED_SERVER_FRAME: ("ws.masked_server_frame", Ref("RFC 6455", "5.1")),
    Fault.RSV1_NOT_AGREED: ("ws.rsv1_not_agreed", Ref("RFC 6455", "5.2")),
    Fault.RSV1_MISPLACED: ("ws.rsv1_misplaced", Ref("RFC 7692", "6")),
    Fault.RSV2_RSV3: ("ws.rsv2_rsv3", Ref("RFC 6455", "5.2")),
    Fault.RESERVED_OPCODE: ("ws.reserved_opcode", Ref("RFC 6455", "5.2")),
    Fault.CONTROL_FRAGMENTED: ("ws.control_fragmented", Ref("RFC 6455", "5.5")),
    Fault.CONTROL_TOO_LONG: ("ws.control_too_long", Ref("RFC 6455", "5.5")),
    Fault.LENGTH_NOT_MINIMAL: ("ws.length_not_minimal", Ref("RFC 6455", "5.2")),
    Fault.LENGTH_TOP_BIT: ("ws.length_top_bit", Ref("RFC 6455", "5.2")),
    Fault.CONTINUATION_WITHOUT_START: ("ws.continuation_without_start", Ref("RFC 6455", "5.4")),
    Fault.MESSAGE_INTERRUPTED: ("ws.message_interrupted", Ref("RFC 6455", "5.4")),
    Fault.AFTER_CLOSE: ("ws.data_after_close", Ref("RFC 6455", "5.5.1")),
    Fault.CLOSE_ONE_BYTE: ("ws.close_one_byte", Ref("RFC 6455", "5.5.1")),
    Fault.CLOSE_CODE_ILLEGAL: ("ws.close_code_illegal", Ref("RFC 6455", "7.4")),
    Fault.CLOSE_REASON_NOT_UTF8: ("ws.close_reason_not_utf8", Ref("RFC 6455", "5.5.1")),
    Fault.BYTES_MISSING: ("ws.bytes_missing", Ref("RFC 6455", "5.2")),
    Fault.CUT: ("ws.cut", Ref("RFC 6455", "5.2")),
    Fault.RESYNCHRONISED: ("ws.resynchronised", Ref("RFC 6455", "5.2")),
    Fault.TEXT_NOT_UTF8: ("ws.text_not_utf8", Ref("RFC 6455", "8.1")),
    Fault.INFLATE_FAILED: ("ws.inflate_failed", Ref("RFC 7692", "7.2.2")),
    Fault.INFLATION_CAPPED: ("ws.inflation_capped", Ref("RFC 6455", "10.4")),
    Fault.CONTEXT_LOST: ("ws.context_lost", Ref("RFC 7692", "7.1.1")),
    Fault.WINDOW_EXCEEDED: ("ws.window_exceeded", Ref("RFC 7692", "7.1.2")),
    Fault.DATA_AFTER_FINAL_BLOCK: ("ws.data_after_final_block", Ref("RFC 7692", "7.2.3.4")),
}
"""Code and section of each fault; missing, cut, resynchronised and context lost are the capture's, not a peer's."""


@dataclass(frozen=True, slots=True, eq=False)
class Frames(Table):
    """One row per frame (RFC 6455 section 5.2), direction after direction, each in stream order.

    Columns: ``start`` position of the first header byte in the stream; ``end`` behind the last byte seen;
    ``length`` payload length as declared; ``mask_key`` (0 also when not masked, see ``header``); ``message`` row in
    ``Messages``, -1 for a control frame; ``faults`` (``Fault``); ``header`` size in bytes (6, 8 and 14 have a masking
    key, 2, 4 and 10 none); ``first_byte`` FIN, RSV1-3 and opcode as sent; ``direction`` index into the connections'
    directions; ``first_packet`` and ``last_packet`` rows of the packets that brought the first and last byte.
    """

    start: NDArray[np.int64]
    end: NDArray[np.int64]
    length: NDArray[np.int64]
    mask_key: NDArray[np.uint32]
    message: NDArray[np.int32]
    faults: NDArray[np.uint32]
    header: NDArray[np.uint8]
    first_byte: NDArray[np.uint8]
    direction: NDArray[np.int32]
    first_packet: NDArray[np.uint32]
    last_packet: NDArray[np.uint32]

    @property
    def opcode(self) -> NDArray[np.uint8]:
        """The opcode of each frame."""
        return self.first_byte & np.uint8(0x0F)


@dataclass(frozen=True, slots=True, eq=False)
class Messages(Table):
    """One row per data message (RFC 6455 section 5.4), direction after direction, each in stream order.

    Columns: ``first_frame``, ``last_frame`` rows in ``Frames`` and ``frames`` that carry it (control frames between
    not counted); ``wire_length`` payload bytes in its frames; ``length`` after inflating, -1 when it cannot be known;
    ``content`` position in the kept content, -1 when not kept; ``faults`` (``Fault``); ``opcode`` of the first frame;
    ``compressed``; ``complete`` whether the frame with FIN was seen to its end; ``direction`` as in ``Frames``.
    """

    first_frame: NDArray[np.int32]
    last_frame: NDArray[np.int32]
    frames: NDArray[np.int32]
    wire_length: NDArray[np.int64]
    length: NDArray[np.int64]
    content: NDArray[np.int64]
    faults: NDArray[np.uint32]
    opcode: NDArray[np.uint8]
    compressed: NDArray[np.uint8]
    complete: NDArray[np.uint8]
    direction: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame, for a person to look at.

    Args:
        row: In ``Frames``.
        start, end: Byte range in its stream, header included.
        fin, rsv, opcode: From the first byte; ``rsv`` holds RSV1 in bit 2.
        masking_key: Four bytes, or None when not masked.
        length: Payload bytes as declared.
        payload: Unmasked, not inflated; shorter than ``length`` where bytes are missing.
        anomalies: What was wrong with it.
    """

    row: int
    start: int
    end: int
    fin: bool
    rsv: int
    opcode: int
    masking_key: bytes | None
    length: int
    payload: bytes
    anomalies: list[Anomaly] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Message:
    """One message, for a person to look at.

    Args:
        row: In ``Messages``.
        opcode: ``TEXT``, ``BINARY``, or ``CONTINUATION`` when its start was not seen.
        compressed: Sent with permessage-deflate.
        complete: Seen to its end.
        start, end: Byte range in its stream, from the first header to the last payload byte.
        content: Unmasked and inflated; None when it cannot be known.
        anomalies: What was wrong with it; its frames have their own.
    """

    row: int
    opcode: int
    compressed: bool
    complete: bool
    start: int
    end: int
    content: bytes | None
    anomalies: list[Anomaly] = field(default_factory=list)

    @property
    def text(self) -> str | None:
        """The content of a text message, None when it is not one or not UTF-8."""
        if self.opcode != TEXT or self.content is None:
            return None
        try:
            return self.content.decode()
        except UnicodeDecodeError:
            return None


@dataclass(frozen=True, slots=True)
class Close:
    """A Close frame.

    Args:
        frame: Row in ``Frames``.
        code: Status code; None when the frame has none (the application then sees 1005).
        reason: As sent, UTF-8 or not.
    """

    frame: int
    code: int | None
    reason: bytes
