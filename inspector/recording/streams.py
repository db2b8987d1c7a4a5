"""Reassembly: the bytes that one side of a connection sent, in order, each byte knowing its packet."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from inspector.model.tables import SEGMENT_FRAGMENT, SEGMENT_FROM_B, SEGMENT_QUOTED, SEGMENT_SHORT

if TYPE_CHECKING:
    from inspector.recording.capture import Capture

__all__ = ["Piece", "Stream", "read_stream"]

_NOT_SENT = SEGMENT_QUOTED | SEGMENT_FRAGMENT | SEGMENT_SHORT
_BLOCK_BYTES = 1 << 20
"""Bytes handed to a decoder at a time."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of stream bytes out of one packet.

    Args:
        start: Position in the stream.
        size: Bytes.
        packet: Row in ``Packets``.
        offset: Of the first byte, as in ``Segments.offset``.
    """

    start: int
    size: int
    packet: int
    offset: int


@dataclass(frozen=True, slots=True, eq=False)
class Stream:
    """One direction of a connection.

    Args:
        capture: Where the bytes are.
        pieces: In stream order, without overlap; where they do not touch, bytes are missing.
        conflicts: Ranges that were sent twice with different bytes; the first copy is kept.
    """

    capture: Capture
    pieces: list[Piece]
    conflicts: list[tuple[int, int]]

    @property
    def gaps(self) -> list[tuple[int, int]]:
        """Ranges [start, end) that are not in the capture though later bytes are."""
        pairs = zip(self.pieces, self.pieces[1:], strict=False)
        return [(a.start + a.size, b.start) for a, b in pairs if a.start + a.size < b.start]

    def blocks(self) -> Iterator[tuple[int, bytes]]:
        """Contiguous blocks (position, bytes) of bounded size; a jump in position is a gap."""
        start, parts, size = 0, list[bytes](), 0
        for piece in self.pieces:
            if parts and (piece.start != start + size or size >= _BLOCK_BYTES):
                yield start, b"".join(parts)
                parts, size = [], 0
            if not parts:
                start = piece.start
            parts.append(self.capture.bytes_at(piece.packet, piece.offset, piece.size))
            size += piece.size
        if parts:
            yield start, b"".join(parts)

    def packet_at(self, position: int) -> int | None:
        """Number (from 1) of the packet that carried the byte at ``position``; None in a gap."""
        index = bisect_right(self.pieces, position, key=lambda piece: piece.start) - 1
        if index < 0:
            return None
        piece = self.pieces[index]
        return piece.packet + 1 if position < piece.start + piece.size else None


def read_stream(capture: Capture, connection: int, side: int) -> Stream:
    """Reassemble what endpoint ``side`` (0 = A, 1 = B) of a connection sent."""
    segments = capture.segments
    rows = capture.rows_of_connection(connection)
    mine = (segments.marks[rows] & (SEGMENT_FROM_B | _NOT_SENT)) == (SEGMENT_FROM_B if side else 0)
    rows = rows[mine]
    starts = _stream_positions(segments.seq[rows], segments.flags[rows])
    carrying = np.flatnonzero(segments.captured[rows])
    pieces: list[Piece] = []
    conflicts: list[tuple[int, int]] = []
    for index in carrying:
        row = rows[index]
        start = int(starts[index])
        piece = Piece(start, int(segments.captured[row]), int(segments.packet[row]), int(segments.offset[row]))
        _insert(capture, pieces, conflicts, piece)
    return Stream(capture, pieces, conflicts)


def _stream_positions(seq: NDArray[np.uint32], flags: NDArray[np.uint16]) -> NDArray[np.int64]:
    """Positions in the stream of each segment's first byte; 0 is the byte after the SYN, or the first seen."""
    if not len(seq):
        return np.empty(0, np.int64)
    wide = seq.astype(np.int64)
    steps = wide[1:] - wide[:-1]
    steps = ((steps + 0x8000_0000) & 0xFFFF_FFFF) - 0x8000_0000
    positions = np.concatenate([np.zeros(1, np.int64), np.cumsum(steps)])
    syn = (flags & 2).astype(bool)
    positions[syn] += 1
    if syn.any():
        return np.asarray(positions - positions[np.argmax(syn)], np.int64)
    return np.asarray(positions - positions.min(), np.int64)


def _insert(capture: Capture, pieces: list[Piece], conflicts: list[tuple[int, int]], new: Piece) -> None:
    """Add the parts of ``new`` that no earlier packet brought; compare the others."""
    if not pieces or new.start >= pieces[-1].start + pieces[-1].size:
        pieces.append(new)
        return
    start, end = new.start, new.start + new.size
    index = max(bisect_right(pieces, start, key=lambda piece: piece.start) - 1, 0)
    while start < end:
        if index == len(pieces) or end <= pieces[index].start:
            pieces.insert(index, _part(new, start, end))
            return
        old = pieces[index]
        old_end = old.start + old.size
        if start < old.start:
            pieces.insert(index, _part(new, start, old.start))
            start = old.start
            index += 1
        elif start < old_end:
            common = min(end, old_end)
            was = capture.bytes_at(old.packet, old.offset + start - old.start, common - start)
            now = capture.bytes_at(new.packet, new.offset + start - new.start, common - start)
            if was != now:
                conflicts.append((start, common))
            start = common
        index += 1


def _part(piece: Piece, start: int, end: int) -> Piece:
    return Piece(start, end - start, piece.packet, piece.offset + start - piece.start)
