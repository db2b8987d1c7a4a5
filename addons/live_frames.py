"""WebSocket frames of one direction as they pass, in little memory: sizes, the beginning of contents, what is wrong.

The decoder of recordings keeps a row of each frame; a socket that is open for days is watched here without that.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from inspector.model.websocket import BINARY, CLOSE, CONTINUATION, OPCODES, TEXT, Fault, close_code_may_travel
from inspector.wire.websocket.inflate import Deflate, Inflater, Limits, NotInflatable

__all__ = ["FrameWatcher", "SeenFrame", "SeenMessage"]

_SHOWN = 4096
"""Bytes of a content that are kept for showing."""
_LIMITS = Limits(message=64 << 20)
"""A bomb is not followed to its end: the proxy itself refuses larger messages."""
_TAIL = b"\x00\x00\xff\xff"
"""What senders leave out of each message (RFC 7692 section 7.2.2)."""
_CONTROL_MOST = 125


@dataclass(slots=True)
class SeenMessage:
    """A message up to now.

    Args:
        opcode: ``TEXT`` or ``BINARY``, ``CONTINUATION`` where its start was not seen.
        compressed: With permessage-deflate.
        frames, wire_length: What carried it.
        length: Of its content; None where it is not known.
        start: The first bytes of its content.
    """

    opcode: int
    compressed: bool
    frames: int = 0
    wire_length: int = 0
    length: int | None = 0
    start: bytearray = field(default_factory=bytearray)


@dataclass(frozen=True, slots=True)
class SeenFrame:
    """A frame that has passed.

    Args:
        opcode: As sent.
        fin: The last of its message.
        length: Of its payload.
        payload: The first bytes of it, unmasked; of control frames all that they may have.
        message: The one it belongs to; None for control frames and reserved opcodes.
        number: Which frame of that message it is, from 1; 0 without one.
        faults: What is wrong with it, and with its message where it is the last frame.
    """

    opcode: int
    fin: bool
    length: int
    payload: bytes
    message: SeenMessage | None
    number: int
    faults: Fault


class FrameWatcher:
    """Watches one direction.

    Args:
        is_client: The bytes come from the client, so they must be masked.
        agreed: How they may be compressed; None when that was not agreed on.
    """

    def __init__(self, is_client: bool, agreed: Deflate | None) -> None:
        self._is_client = is_client
        self._compresses = agreed is not None
        self._inflater = Inflater(agreed, _LIMITS) if agreed is not None else None
        self._head = bytearray()
        self._needed = 2
        self._left = 0
        self._key = b""
        self._phase = 0
        self._first = self._length = 0
        self._payload = bytearray()
        self._faults = Fault(0)
        self._message: SeenMessage | None = None
        self._inflates = False
        self._inside = False
        self._closed = False
        self.lost = False

    def feed(self, data: bytes) -> list[SeenFrame]:
        """Take bytes; the frames that are complete with them."""
        found: list[SeenFrame] = []
        at = 0
        while not self.lost and (at < len(data) or (self._inside and self._left == 0)):
            if not self._inside:
                step = data[at : at + self._needed - len(self._head)]
                self._head += step
                at += len(step)
                if len(self._head) == self._needed:
                    self._header()
                continue
            part = data[at : at + self._left]
            at += len(part)
            self._left -= len(part)
            self._part(part)
            if self._left == 0:
                self._inside = False
                found.append(self._end())
        return found

    def skip(self, size: int) -> None:
        """Bytes have passed that could not be looked at: inside of a payload that is no harm, else the place is lost."""
        if size >= self._left or not self._inside:
            self.lost = True
            return
        self._left -= size
        self._phase += size
        if self._message is not None and self._first & 15 <= BINARY:
            self._message.length = None

    # --- one frame ------------------------------------------------------------------------------------------------

    def _header(self) -> None:
        """Go on reading a header, or begin the payload (RFC 6455 section 5.2)."""
        head = self._head
        code = head[1] & 127
        extended = 2 if code == 126 else 8 if code == 127 else 0
        masked = bool(head[1] & 0x80)
        self._needed = 2 + extended + 4 * masked
        if len(head) < self._needed:
            return
        self._first = head[0]
        self._length = int.from_bytes(head[2 : 2 + extended], "big") if extended else code
        self._key = bytes(head[2 + extended :])
        self._faults = self._check(code, masked)
        self._left = self._length
        self._phase = 0
        self._inside = True
        self._payload.clear()
        self._begin_data()
        head.clear()
        self._needed = 2

    def _check(self, code: int, masked: bool) -> Fault:
        opcode, rsv = self._first & 15, self._first >> 4 & 7
        control = opcode >= CLOSE
        faults = Fault(0)
        if masked != self._is_client:
            faults |= Fault.UNMASKED_CLIENT_FRAME if self._is_client else Fault.MASKED_SERVER_FRAME
        if rsv & 3:
            faults |= Fault.RSV2_RSV3
        if rsv & 4 and not self._compresses:
            faults |= Fault.RSV1_NOT_AGREED
        elif rsv & 4 and (control or opcode == CONTINUATION):
            faults |= Fault.RSV1_MISPLACED
        if opcode not in OPCODES:
            faults |= Fault.RESERVED_OPCODE
        if control and not self._first & 0x80:
            faults |= Fault.CONTROL_FRAGMENTED
        if control and self._length > _CONTROL_MOST:
            faults |= Fault.CONTROL_TOO_LONG
        if (code == 126 and self._length < 126) or (code == 127 and self._length < 1 << 16):
            faults |= Fault.LENGTH_NOT_MINIMAL
        if self._length >> 63:
            faults |= Fault.LENGTH_TOP_BIT
            self.lost = True
        if self._closed:
            faults |= Fault.AFTER_CLOSE
        return faults

    def _begin_data(self) -> None:
        opcode = self._first & 15
        if opcode > BINARY:
            return
        if opcode != CONTINUATION or self._message is None:
            if opcode == CONTINUATION:
                self._faults |= Fault.CONTINUATION_WITHOUT_START
            elif self._message is not None:
                self._faults |= Fault.MESSAGE_INTERRUPTED
            compressed = bool(self._first & 0x40) and self._inflater is not None
            self._message = SeenMessage(opcode, compressed)
            self._inflates = compressed
            if compressed and self._inflater is not None:
                self._inflater.begin()
        self._message.frames += 1
        self._message.wire_length += self._length

    def _part(self, part: bytes) -> None:
        opcode = self._first & 15
        message = self._message if opcode <= BINARY else None
        room = (_CONTROL_MOST if opcode > BINARY else _SHOWN) - len(self._payload)
        if message is not None and message.compressed:
            plain = _unmasked(part, self._key, self._phase)
            self._payload += plain[: max(room, 0)]
            self._inflate(message, plain)
        else:
            if room > 0:
                self._payload += _unmasked(part[:room], self._key, self._phase)
            if message is not None and message.length is not None:
                message.length += len(part)
        self._phase += len(part)

    def _inflate(self, message: SeenMessage, plain: bytes) -> None:
        if not self._inflates or self._inflater is None or message.length is None:
            return
        try:
            for content in self._inflater.feed(plain):
                message.length += len(content)
                message.start += content[: max(_SHOWN - len(message.start), 0)]
        except NotInflatable as failure:
            self._faults |= failure.fault
            self._inflater.lose(str(failure))
            self._inflates = False
            message.length = None

    def _end(self) -> SeenFrame:
        opcode, fin = self._first & 15, bool(self._first & 0x80)
        message = self._message if opcode <= BINARY else None
        payload = bytes(self._payload)
        if message is not None:
            if not message.compressed:
                message.start += payload[: max(_SHOWN - len(message.start), 0)]
            if fin:
                self._finish(message)
        elif opcode == CLOSE:
            self._closed = True
            self._faults |= _close_faults(payload, self._length)
        number = message.frames if message is not None else 0
        return SeenFrame(opcode, fin, self._length, payload, message, number, self._faults)

    def _finish(self, message: SeenMessage) -> None:
        if message.compressed and self._inflater is not None:
            self._inflate(message, _TAIL)
            self._inflater.end()
        self._message = None
        if message.opcode == TEXT and message.length == len(message.start):
            try:
                message.start.decode()
            except UnicodeDecodeError:
                self._faults |= Fault.TEXT_NOT_UTF8


def _unmasked(part: bytes, key: bytes, phase: int) -> bytes:
    """XOR with the key repeated (RFC 6455 section 5.3); over whole numbers, which is the quickest without a kernel."""
    if not key or not part:
        return part
    turned = key[phase % 4 :] + key[: phase % 4]
    size = len(part)
    pattern = (turned * (size // 4 + 1))[:size]
    return (int.from_bytes(part, "little") ^ int.from_bytes(pattern, "little")).to_bytes(size, "little")


def _close_faults(payload: bytes, length: int) -> Fault:
    if length == 1:
        return Fault.CLOSE_ONE_BYTE
    if length < 2:
        return Fault(0)
    faults = Fault(0) if close_code_may_travel(int.from_bytes(payload[:2], "big")) else Fault.CLOSE_CODE_ILLEGAL
    try:
        payload[2:].decode()
    except UnicodeDecodeError:
        faults |= Fault.CLOSE_REASON_NOT_UTF8
    return faults
