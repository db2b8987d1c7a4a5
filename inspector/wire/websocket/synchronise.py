"""Finding where a frame starts in the middle of a stream, with a stated confidence.

A place is a candidate when a plausible header stands there and behind its payload another, as far as bytes are known.
Each header that fits counts as the bits by which chance would have to be lucky; the places tried before are taken off.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log2

import numpy as np

__all__ = ["FrameStart", "Recognised", "find_frame_start", "recognise"]

_ENOUGH_BITS = 10.0
"""Evidence that makes a start believable: chance finds as much once in a thousand."""
_ENOUGH_BITS_AT_END = 5.0
"""Less will do where frames reach exactly to the end of all bytes."""
_ENOUGH_TO_RECOGNISE = 20.0
"""Evidence that makes an unknown connection a WebSocket: of a million others one is mistaken for it."""
_MOST_CONFIDENCE = 0.9999
"""The confidence stated at most: a protocol made to look like this one would reach any number of bits."""
_AGAIN_BITS = 1.0
"""What a header counts that stood before just so, masking key aside: a pattern that repeats is no new evidence."""
_MOST_HEADERS = 16
"""Headers in a row after which nothing more can be learned."""
_MOST_LENGTH = 1 << 40
"""No frame has this many bytes: the longer half of 64-bit lengths is noise."""

# First bytes a sender may use: FIN, no RSV (RSV1 on the first frame of a compressed message), a defined opcode.
_PLAIN = (0x00, 0x01, 0x02, 0x80, 0x81, 0x82, 0x88, 0x89, 0x8A)
_COMPRESSED = (0x41, 0x42, 0xC1, 0xC2)


@dataclass(frozen=True, slots=True)
class FrameStart:
    """A place where a frame seems to start.

    Args:
        offset: From the window's first byte.
        headers: Frame headers in a row that fit.
        bits: Evidence: chance finds as much once in two to this.
    """

    offset: int
    headers: int
    bits: float

    @property
    def confidence(self) -> float:
        """That a frame starts here, 0 to 1."""
        return _confidence(self.bits)

    def __str__(self) -> str:
        return f"{self.headers} headers in a row fit, confidence {self.confidence:.4f}"


@dataclass(frozen=True, slots=True)
class Recognised:
    """A connection that seems to be a WebSocket although its handshake was not seen.

    Args:
        first_is_client: Who masks: the first of the two directions.
        bits: Evidence of both directions.
    """

    first_is_client: bool
    bits: float

    @property
    def confidence(self) -> float:
        """That it is a WebSocket, 0 to 1."""
        return _confidence(self.bits)


def _confidence(bits: float) -> float:
    """No evidence of this kind makes certain."""
    return min(1 - float(2**-bits), _MOST_CONFIDENCE)


def recognise(first: bytes, second: bytes, final: bool) -> Recognised | None:
    """Tell by its frames whether a connection is a WebSocket, and who is the client.

    Args:
        first, second: Contiguous bytes of the two directions; one may be empty.
        final: No bytes follow.
    """
    best: Recognised | None = None
    for first_is_client in (True, False):
        starts = [
            find_frame_start(window, is_client, True, final)
            for window, is_client in ((first, first_is_client), (second, not first_is_client))
            if window
        ]
        # A direction in which no frames are seen refutes it.
        if not starts or None in starts:
            continue
        bits = sum(start.bits for start in starts if start is not None)
        if bits >= _ENOUGH_TO_RECOGNISE and (best is None or bits > best.bits):
            best = Recognised(first_is_client, bits)
    return best


def find_frame_start(window: bytes, is_client: bool, compression: bool, final: bool) -> FrameStart | None:
    """The first believable frame start.

    Args:
        window: Contiguous bytes.
        is_client: They come from the client, so frames are masked.
        compression: Whether RSV1 may be set.
        final: No bytes follow the window.

    Returns:
        None when nothing is believable.
    """
    firsts = _PLAIN + _COMPRESSED if compression else _PLAIN
    allowed = np.zeros(256, bool)
    allowed[list(firsts)] = True
    data = np.frombuffer(window, np.uint8)
    fits = allowed[data[:-1]] & ((data[1:] >= 128) == is_client)
    header_bits = log2(256 / len(firsts)) + 1
    for offset in np.flatnonzero(fits).tolist():
        start = _follow(window, offset, is_client, allowed.tolist(), final, header_bits, log2(offset + 1))
        if start is not None:
            return start
    return None


def _follow(
    window: bytes, offset: int, is_client: bool, allowed: list[bool], final: bool, header_bits: float, prior: float
) -> FrameStart | None:
    """Go from header to header and add up the evidence."""
    at, bits, headers, size = offset, -prior, 0, len(window)
    within: bool | None = None  # a message is open; not known at first
    seen: set[bytes] = set()
    while at + 2 <= size and headers < _MOST_HEADERS:
        first, second = window[at], window[at + 1]
        opcode = first & 15
        if not allowed[first] or (second >= 128) != is_client or (opcode >= 8 and second & 127 > 125):
            return None
        if opcode < 8:
            if within is not None and within != (opcode == 0):
                return None
            within = not first & 0x80
        if first == 0 and not second & 127:
            return None  # an empty fragment in the middle of a message: allowed, never seen, and looks like padding
        length, header = second & 127, 2
        if length >= 126:
            header = 4 if length == 126 else 10
            if at + header > size:
                break
            long = int.from_bytes(window[at + 2 : at + header], "big")
            if long < (126 if length == 126 else 65536) or long >= _MOST_LENGTH:
                return None
            bits += 0 if length == 126 else 24
            length = long
        written = window[at : at + header]
        bits += _AGAIN_BITS if written in seen else header_bits
        seen.add(written)
        header += 4 if is_client else 0
        headers += 1
        at += header + length
    reaches_end = final and at == size
    enough = _ENOUGH_BITS_AT_END if reaches_end else _ENOUGH_BITS
    if bits + (log2(size) if reaches_end else 0) < enough:
        return None
    bits += log2(size) if reaches_end else 0
    return FrameStart(offset, headers, bits)
