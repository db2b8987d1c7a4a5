"""permessage-deflate, the receiving half of one direction (RFC 7692 section 7.2.2)."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from inspector.model.websocket import Fault

__all__ = ["Deflate", "Inflater", "Limits", "NotInflatable"]

_LARGEST_BITS = 15
_WINDOW = 1 << _LARGEST_BITS
"""The most that DEFLATE refers back (RFC 1951 section 2): what later messages may need of earlier ones."""
_DIRECTION_RATIO = 100
"""Bytes out for each byte in, up to which a direction may go beyond its limit: long traffic is not an attack."""
_TOO_FAR = "too far back"
"""zlib's words for a reference to bytes before those that are known."""
_STEP = 1 << 20
"""Bytes inflated at a time where a message is taken in steps."""


@dataclass(frozen=True, slots=True)
class Deflate:
    """How one side compresses (RFC 7692 section 7.1).

    Args:
        window_bits: Its LZ77 window is at most 2 to this, 8 to 15.
        takeover: Whether its messages may refer back to earlier ones.
    """

    window_bits: int = 15
    takeover: bool = True


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of inflation; DEFLATE can blow up 1 MB to 1 GB.

    Args:
        message: Bytes that one message may become. Servers accept 1 to 64 MiB; this leaves room.
        ratio_from: Below this a message may grow in any ratio: it is small.
        ratio: Bytes out for each byte in. DEFLATE's own most is 1032, text rarely exceeds 100.
        direction: Bytes that all messages of one direction may become when they grow more than a hundredfold.
    """

    message: int = 256 << 20
    ratio_from: int = 16 << 20
    ratio: int = 500
    direction: int = 1 << 30


class NotInflatable(Exception):
    """A message cannot be inflated; ``fault`` says in which way, the text why."""

    def __init__(self, fault: Fault, why: str) -> None:
        super().__init__(why)
        self.fault = fault


class Inflater:
    """Inflates the messages of one direction in order.

    Where earlier bytes are lost (``lose``) it starts with an empty window. DEFLATE refuses to refer back beyond that,
    so a message that inflates afterwards is right, and one that needs what is lost is said to.

    Args:
        agreed: What was negotiated for the sending side.
        limits: See ``Limits``.
    """

    def __init__(self, agreed: Deflate, limits: Limits) -> None:
        self.lost: str | None = None
        self.faults = Fault(0)
        self._agreed = agreed
        self._bits = agreed.window_bits
        self._limits = limits
        self._history = b""
        self._known = 0
        self._bytes_in = 0
        self._bytes_out = 0
        self._message_in = 0
        self._message_out = 0
        self._final_seen = False
        self._before: tuple[bytes, int, str | None] = b"", 0, None
        self._object = zlib.decompressobj(-self._bits)

    def many(self, messages: Sequence[memoryview], flags: Sequence[int]) -> tuple[bytes, list[int]] | None:
        """Inflate whole messages, each with its tail, at the least cost; those without flag are passed through.

        Returns:
            Their contents joined, and the length of each; None when one needs care, and then nothing has happened.
        """
        before = self._object.copy() if self._agreed.takeover else self._object
        most = min(self._limits.ratio_from, self._limits.message)
        try:
            if self._agreed.takeover:
                inflate = self._object.decompress
                contents = [inflate(m, most) if flag else bytes(m) for m, flag in zip(messages, flags, strict=True)]
                careless = self._object.eof
            else:
                contents, careless = [], False
                for message, flag in zip(messages, flags, strict=True):
                    one = zlib.decompressobj(-self._bits)
                    contents.append(one.decompress(message, most) if flag else bytes(message))
                    careless |= one.eof
        except zlib.error:
            careless, contents = True, []
        lengths = list(map(len, contents))
        if careless or max(lengths, default=0) >= most or self._too_much(sum(map(len, messages)), sum(lengths)):
            self._object = before
            return None
        joined = b"".join(contents)
        if self._agreed.takeover:
            inflated = joined if all(flags) else b"".join(c for c, flag in zip(contents, flags, strict=True) if flag)
            self._remember(inflated)
        return joined, lengths

    def _too_much(self, bytes_in: int, bytes_out: int) -> bool:
        bytes_in += self._bytes_in
        bytes_out += self._bytes_out
        if bytes_out > self._limits.direction and bytes_out > _DIRECTION_RATIO * bytes_in:
            return True
        self._bytes_in, self._bytes_out = bytes_in, bytes_out
        return False

    def begin(self) -> None:
        """The next bytes start a message."""
        self.faults = Fault(0)
        self._message_in = self._message_out = 0
        self._final_seen = False
        self._before = self._history, self._known, self.lost
        if not self._agreed.takeover:
            self._history = b""
            self._renew()

    @property
    def may_widen(self) -> bool:
        """The agreed window is not the largest, so a message that fails may inflate with that."""
        return self._bits < _LARGEST_BITS

    def feed(self, data: bytes | memoryview) -> Iterator[bytes]:
        """Inflate bytes of a message step by step; its last bytes must have the tail.

        Raises:
            NotInflatable: The rest of the message must not be fed, and ``lose`` called.
        """
        step = min(_STEP, self._limits.message)
        while True:
            try:
                content = self._object.decompress(data, step)
            except zlib.error as error:
                raise self._failure(error) from None
            if content:
                self._remember(content)
                if self._final_seen:
                    self.faults |= Fault.DATA_AFTER_FINAL_BLOCK
            rest = len(self._object.unconsumed_tail) + len(self._object.unused_data)
            self._count(len(data) - rest, len(content))
            yield content
            if self._object.eof:
                # What follows should be no more than an empty block, as section 7.2.3.4 shows, or the tail of one.
                data = self._object.unused_data
                self._final_seen = True
                self._renew()
                if not data:
                    return
                continue
            data = self._object.unconsumed_tail
            if not data and len(content) < step:
                return

    def end(self) -> None:
        """The message is over: what follows a final block in it says nothing about the next one."""
        if self._final_seen:
            self._renew()

    def lose(self, why: str) -> None:
        """What follows cannot refer to what was before: ``why`` says what is missing."""
        if self._agreed.takeover:
            self.lost = why
        self._history = b""
        self._known = 0
        self._renew()

    def _failure(self, error: zlib.error) -> NotInflatable:
        if self.lost is not None and _TOO_FAR in str(error):
            return NotInflatable(Fault.CONTEXT_LOST, self.lost)
        return NotInflatable(Fault.INFLATE_FAILED, str(error).rpartition(": ")[2])

    def widen(self) -> bool:
        """After a failure: get ready to take the message again from its start, and what follows, with the largest window.

        Returns:
            False when it was taken with that already.
        """
        if self._bits == _LARGEST_BITS:
            return False
        self._bits = _LARGEST_BITS
        self._history, self._known, self.lost = self._before
        self._bytes_in -= self._message_in
        self._bytes_out -= self._message_out
        self._message_in = self._message_out = 0
        self._final_seen = False
        self.faults = Fault(0)
        self._renew()
        return True

    def _count(self, bytes_in: int, bytes_out: int) -> None:
        """Hold what was taken and came out against the limits."""
        self._message_in += bytes_in
        self._message_out += bytes_out
        self._bytes_in += bytes_in
        self._bytes_out += bytes_out
        limits = self._limits
        if self._message_out > limits.message:
            raise NotInflatable(Fault.INFLATION_CAPPED, f"more than {limits.message} bytes")
        if self._message_out > limits.ratio_from and self._message_out > limits.ratio * self._message_in:
            raise NotInflatable(Fault.INFLATION_CAPPED, f"more than {limits.ratio} bytes for each byte sent")
        if self._bytes_out > limits.direction and self._bytes_out > _DIRECTION_RATIO * self._bytes_in:
            raise NotInflatable(Fault.INFLATION_CAPPED, f"more than {limits.direction} bytes in this direction")

    def _remember(self, content: bytes) -> None:
        self._history = content[-_WINDOW:] if len(content) >= _WINDOW else (self._history + content)[-_WINDOW:]
        if self.lost is not None:
            self._known += len(content)
            if self._known >= _WINDOW:
                self.lost = None

    def _renew(self) -> None:
        """A decompressor that knows the window as it was after the last content remembered."""
        if self._history:
            self._object = zlib.decompressobj(-self._bits, zdict=self._history)
        else:
            self._object = zlib.decompressobj(-self._bits)
