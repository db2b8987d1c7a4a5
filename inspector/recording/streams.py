"""Reassembly: the bytes that one side of a connection sent, in order, each byte knowing its packet.

Positions count from the byte after the SYN, or from the first byte seen where no handshake was captured. Whatever the
order of arrival, the first captured copy of a byte is kept; bytes that were never captured are gaps. In-order traffic is
handled as columns; only segments that overlap each other are looked at one by one.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inspector.model.tables import ASSEMBLED, SEGMENT_FRAGMENT, SEGMENT_FROM_B, SEGMENT_QUOTED, SEGMENT_SHORT
from inspector.recording.connection import no_such_connection
from inspector.recording.gather import Pieces, same
from inspector.recording.growing import view
from inspector.recording.layout import NOT_IN_ORDER, lay_out

if TYPE_CHECKING:
    from inspector.recording.capture import Capture

__all__ = ["Conflict", "Layout", "Stream", "lay_out_streams", "piece_places", "read_stream"]

_NOT_SENT = SEGMENT_QUOTED | SEGMENT_FRAGMENT | SEGMENT_SHORT
_FIN, _SYN, _RST, _ACK = 1, 2, 4, 16
_BLOCK_BYTES = 1 << 20
"""Bytes handed to a decoder at a time."""
_FARTHEST_JUMP = 1 << 30
"""Bytes between one segment and the next beyond which it cannot belong to the stream: the largest window there is
(RFC 7323 section 2.3). A stray segment would otherwise shift everything after it."""
_RESYNC_SEGMENTS = 3
"""Segments that follow each other after such a jump make it believable (the capture lost so much), as does a single one
that the other side acknowledges."""


class Conflict(NamedTuple):
    """Bytes that were sent twice and differ; the first captured copy is the one in the stream.

    Args:
        start, end: Positions of the first and after the last byte that differ.
        packet: Number of the packet whose copy was not kept.
    """

    start: int
    end: int
    packet: int


@dataclass(frozen=True, eq=False)
class Stream:
    """One direction of a connection, as pieces out of packets.

    Args:
        capture: Where the bytes are.
        start: Position of each piece (int64); rising, without overlap; where pieces do not touch, bytes are missing.
        size: Bytes of each piece (uint32).
        packet: Row of ``Packets`` that each piece comes from (uint32).
        place: Of its first byte in the file, or ``~place`` (negative) in the capture's assembled bytes (int64).
        from_start: The handshake told where the stream starts; otherwise position 0 is the first byte seen.
        end: Position after the last byte known to have been sent, captured or not.
        ignored: Numbers of packets with payload that cannot belong to the stream: before its start, or absurdly far.
        conflicts: Bytes sent twice that differ.
    """

    capture: Capture
    start: NDArray[np.int64]
    size: NDArray[np.uint32]
    packet: NDArray[np.uint32]
    place: NDArray[np.int64]
    from_start: bool
    end: int
    ignored: list[int]
    conflicts: list[Conflict]

    @property
    def gaps_are_exact(self) -> bool:
        """Sequence numbers tell how many bytes are missing."""
        return True

    @cached_property
    def _pieces(self) -> Pieces:
        columns = view(self.start), view(self.size), view(self.packet), view(self.place)
        return Pieces(*self.capture.buffers, *columns)

    def __len__(self) -> int:
        """Captured bytes."""
        return int(self.size.sum(dtype=np.int64))

    @property
    def gaps(self) -> list[tuple[int, int]]:
        """Ranges [start, end) that were sent but are not in the capture."""
        ends = np.concatenate([np.zeros(1, np.int64), self.start + self.size])
        starts = np.concatenate([self.start, np.array([self.end], np.int64)])
        holes = np.flatnonzero(starts > ends)
        return list(zip(ends[holes].tolist(), starts[holes].tolist(), strict=True))

    def blocks(self, first: int = _BLOCK_BYTES) -> Iterator[tuple[int, bytes]]:
        """Contiguous blocks (position, bytes) of about 1 MiB at most; a jump in position is a gap.

        Args:
            first: Bytes of the first block; each one after it is four times as large. For who may need no more.
        """
        most, at = min(first, _BLOCK_BYTES), 0
        while at < len(self.start):
            end = self._pieces.block(at, most)
            yield int(self.start[at]), self._pieces.join(at, end)
            at, most = end, min(4 * most, _BLOCK_BYTES)

    def read(self, start: int, end: int) -> bytes:
        """The captured bytes of positions [start, end), joined; bytes in gaps are left out."""
        return self._pieces.read(start, end)

    def join(self, first: int, end: int) -> bytes:
        """The bytes of the pieces ``first`` to ``end``."""
        return self._pieces.join(first, end)

    def packet_at(self, position: int) -> int | None:
        """Number (from 1) of the packet that carried the byte at ``position``; None in a gap."""
        return int(self.packets_at(np.array([position], np.int64))[0]) or None

    def packets_at(self, positions: ArrayLike) -> NDArray[np.uint32]:
        """Numbers (from 1) of the packets that carried the bytes at ``positions``; 0 in a gap."""
        wanted = np.ascontiguousarray(positions, np.int64)
        found = np.empty(wanted.shape, np.uint32)
        self._pieces.carriers(view(wanted.reshape(-1)), view(found.reshape(-1)))
        return found

    def packets_of(self, start: int, end: int) -> list[int]:
        """Numbers of the packets that brought any of the bytes [start, end), in stream order."""
        first = max(int(np.searchsorted(self.start, start, "right")) - 1, 0)
        last = int(np.searchsorted(self.start, end, "left"))
        ends = self.start[first:last] + self.size[first:last]
        return list(dict.fromkeys((self.packet[first:last][ends > start] + np.uint32(1)).tolist()))

    def ranges_of(self, packet: int) -> list[tuple[int, int]]:
        """Ranges [start, end) of the stream that came out of packet number ``packet``."""
        rows = np.flatnonzero(self.packet == packet - 1)
        return [(int(self.start[row]), int(self.start[row]) + int(self.size[row])) for row in rows]


@dataclass(slots=True)
class _Payloads:
    """Payload runs of one side in capture order, placed in the stream."""

    start: NDArray[np.int64]
    size: NDArray[np.int64]
    packet: NDArray[np.uint32]
    offset: NDArray[np.uint32]

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> _Payloads:
        return _Payloads(self.start[rows], self.size[rows], self.packet[rows], self.offset[rows])


class Layout(NamedTuple):
    """The streams of a capture that need no reassembly, one after the other: two for each connection, A's and B's.

    Args:
        start, size, packet, place: Columns of the pieces, as in ``Stream``.
        edges: First piece of each stream, and how many there are in all (int64).
        ends: Position after the last byte sent of each stream; ``NOT_IN_ORDER`` where it has to be reassembled (int64).
    """

    start: NDArray[np.int64]
    size: NDArray[np.uint32]
    packet: NDArray[np.uint32]
    place: NDArray[np.int64]
    edges: NDArray[np.int64]
    ends: NDArray[np.int64]


def lay_out_streams(capture: Capture) -> Layout:
    """Lay out what needs no reassembly."""
    table = capture.segments
    columns = (table.marks, table.seq, table.flags, table.length, table.captured, table.packet, table.offset)
    views = (view(column) for column in (capture.segment_connection, *columns, capture.packets.position))
    return Layout(*lay_out(len(capture.connections), *views))


def read_stream(capture: Capture, connection: int, side: int) -> Stream:
    """Reassemble what endpoint ``side`` (0 = A, 1 = B) of a connection sent.

    Raises:
        UsageError: If there is no such connection.
    """
    if not 0 <= connection < len(capture.connections):
        raise no_such_connection(connection, len(capture.connections))
    return _in_order(capture, connection, side) or _reassemble(capture, capture.rows_of_connection(connection), side)


def _in_order(capture: Capture, connection: int, side: int) -> Stream | None:
    """What needs no reassembly; None when the stream does."""
    laid, stream = capture.layout, 2 * connection + side
    end = int(laid.ends[stream])
    if end == NOT_IN_ORDER:
        return None
    own = slice(int(laid.edges[stream]), int(laid.edges[stream + 1]))
    return Stream(capture, laid.start[own], laid.size[own], laid.packet[own], laid.place[own], True, end, [], [])


def _reassemble(capture: Capture, rows: NDArray[np.int64], side: int) -> Stream:
    """What arrived out of order, more than once, in part, or without its beginning."""
    segments = capture.segments
    marks, flags = segments.marks[rows], segments.flags[rows]
    sender = marks & (SEGMENT_FROM_B | _NOT_SENT)
    mine = sender == (SEGMENT_FROM_B if side else 0)
    answers = rows[(sender == (0 if side else SEGMENT_FROM_B)) & (flags & (_ACK | _RST) == _ACK)]
    # A reset's payload says why it was sent (RFC 9293 section 3.5.3); it is not part of the stream.
    counted = rows[mine & ((segments.length[rows] > 0) | (flags & (_SYN | _FIN) != 0)) & (flags & _RST == 0)]
    first_byte = _first_byte(capture, counted, answers)
    seq = segments.seq[counted].astype(np.int64) + (segments.flags[counted] & _SYN != 0)
    position, believed = _positions(seq, counted, segments.ack[answers].astype(np.int64), answers, first_byte)
    ignored = segments.packet[counted[~believed]]
    counted, position = counted[believed], position[believed]
    if first_byte is None and len(position):
        position -= position.min()
    end = int((position + segments.length[counted]).max(initial=0))
    carrying = segments.captured[counted] > 0
    counted = counted[carrying]
    payloads = _Payloads(
        position[carrying],
        segments.captured[counted].astype(np.int64),
        segments.packet[counted],
        segments.offset[counted],
    )
    payloads, before = _cut_before_start(payloads)
    pieces, conflicts = _first_copies(capture, payloads)
    numbers = sorted({*(ignored.astype(np.int64) + 1).tolist(), *before})
    return Stream(
        capture,
        pieces.start,
        pieces.size.astype(np.uint32),
        pieces.packet,
        piece_places(capture, pieces.packet, pieces.offset),
        first_byte is not None,
        end,
        numbers,
        conflicts,
    )


def _first_byte(capture: Capture, mine: NDArray[np.int64], answers: NDArray[np.int64]) -> int | None:
    """Sequence number of the stream's first byte: after the last SYN before data, else what the SYN+ACK expects."""
    segments = capture.segments
    carrying = np.flatnonzero(segments.captured[mine])
    before = mine if not len(carrying) else mine[: carrying[0] + 1]
    syns = before[segments.flags[before] & _SYN != 0]
    if len(syns):
        return (int(segments.seq[syns[-1]]) + 1) & 0xFFFF_FFFF
    opening = answers[segments.flags[answers] & _SYN != 0]
    return int(segments.ack[opening[0]]) if len(opening) else None


def _positions(
    seq: NDArray[np.int64],
    rows: NDArray[np.int64],
    ack: NDArray[np.int64],
    ack_rows: NDArray[np.int64],
    first: int | None,
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Unwrap sequence numbers to positions in the stream, and tell which are believed to belong to it.

    Args:
        seq, rows: Sequence numbers of this side's segments, and their rows of ``Segments``.
        ack, ack_rows: What the other side acknowledged, and in which rows.
        first: Sequence number of position 0, or None: the first segment's.
    """
    believed = np.ones(len(seq), np.bool_)
    if not len(seq):
        return seq, believed
    origin = int(seq[0]) if first is None else first
    steps = _distance(np.diff(seq, prepend=np.int64(origin)))
    if np.abs(steps).max() <= _FARTHEST_JUMP:
        return np.cumsum(steps), believed
    # Somewhere it jumps: go through both sides' view of the sequence in runs without jumps, each believed as a whole.
    order = np.argsort(np.concatenate([rows, ack_rows]), kind="stable")
    events = np.concatenate([seq, ack])[order]
    sent = order < len(seq)
    steps = _distance(np.diff(events, prepend=np.int64(origin)))
    edges = np.unique(np.concatenate([[0], np.flatnonzero(np.abs(steps) > _FARTHEST_JUMP), [len(events)]]))
    position = np.zeros(len(events), np.int64)
    trusted = np.ones(len(events), np.bool_)
    here, there = 0, origin
    for start, end in itertools.pairwise(edges.tolist()):
        step = ((int(events[start]) - there + 0x8000_0000) & 0xFFFF_FFFF) - 0x8000_0000
        if abs(step) > _FARTHEST_JUMP:
            segments = int(sent[start:end].sum())
            if segments < _RESYNC_SEGMENTS and segments in (0, end - start):
                trusted[start:end] = False
                continue
        position[start] = here + step
        position[start + 1 : end] = here + step + np.cumsum(steps[start + 1 : end])
        here, there = int(position[end - 1]), int(events[end - 1])
    return position[sent], trusted[sent]


def _distance(steps: NDArray[np.int64]) -> NDArray[np.int64]:
    """Differences of sequence numbers, modulo 2**32, as the nearer of the two ways round."""
    return ((steps + 0x8000_0000) & 0xFFFF_FFFF) - 0x8000_0000


def _cut_before_start(payloads: _Payloads) -> tuple[_Payloads, list[int]]:
    """Cut away what lies before the stream's first byte; numbers of packets that lost more than a keep-alive byte."""
    early = np.minimum(np.maximum(-payloads.start, 0), payloads.size)
    if not early.any():
        return payloads, []
    lost = payloads.packet[early > 1].astype(np.int64) + 1
    payloads.start += early
    payloads.size -= early
    payloads.offset = payloads.offset + early.astype(np.uint32)
    return payloads.take(payloads.size > 0), lost.tolist()


def _first_copies(capture: Capture, payloads: _Payloads) -> tuple[_Payloads, list[Conflict]]:
    """Pieces in stream order, keeping the first copy of every byte, and where later copies differ from it."""
    ends = payloads.start + payloads.size
    if not (payloads.start[1:] < ends[:-1]).any():
        return payloads, []
    highest = np.maximum.accumulate(ends)
    # A keep-alive probe repeats the last byte with any value (RFC 9293 section 3.8.4): no conflict.
    probe = np.zeros(len(ends), np.bool_)
    probe[1:] = (payloads.size[1:] == 1) & (ends[1:] == highest[:-1])
    order = np.argsort(payloads.start, kind="stable")
    payloads, probe, ends = payloads.take(order), probe[order], ends[order]
    highest = np.maximum.accumulate(ends)
    # A cluster is a run of payloads that overlap; most have one member, or copies of one.
    cluster_starts = np.flatnonzero(np.concatenate([np.ones(1, np.bool_), payloads.start[1:] >= highest[:-1]]))
    lengths = np.diff(np.append(cluster_starts, len(ends)))
    first = np.repeat(cluster_starts, lengths)
    kept = np.zeros(len(ends), np.bool_)
    kept[cluster_starts] = True
    copy = ~kept & (payloads.start == payloads.start[first]) & (ends <= ends[first]) & (order > order[first])
    tangled = np.add.reduceat((~kept & ~copy).astype(np.int64), cluster_starts) > 0
    copy &= ~np.repeat(tangled, lengths)
    conflicts = _compare_copies(capture, payloads, np.flatnonzero(copy & ~probe), first)
    if not tangled.any():
        return payloads.take(kept), conflicts
    kept &= ~np.repeat(tangled, lengths)
    rows = np.flatnonzero(np.repeat(tangled, lengths))
    pieces = _untangle(payloads.take(rows), order[rows].tolist())
    conflicts += _compare_tangled(capture, pieces, payloads.take(rows[~probe[rows]]))
    parts = (payloads.take(kept), pieces)
    merged = _Payloads(*(np.concatenate([getattr(part, name) for part in parts]) for name in _COLUMNS))
    return merged.take(np.argsort(merged.start, kind="stable")), sorted(conflicts)


_COLUMNS = ("start", "size", "packet", "offset")


def _compare_copies(
    capture: Capture, payloads: _Payloads, rows: NDArray[np.intp], first: NDArray[np.intp]
) -> list[Conflict]:
    """Compare copies (``rows``) with the payload that came first at the same position."""
    places = piece_places(capture, payloads.packet, payloads.offset)
    equal = np.zeros(len(rows), np.uint8)
    size = payloads.size[rows].astype(np.uint32)
    same(*capture.buffers, view(places[rows]), view(places[first[rows]]), view(size), view(equal))
    conflicts = []
    for row in rows[equal == 0].tolist():
        now = _bytes(capture, payloads, row)
        was = _bytes(capture, payloads, int(first[row]))[: len(now)]
        conflicts.append(_conflict(was, now, int(payloads.start[row]), int(payloads.packet[row]) + 1))
    return conflicts


def _untangle(payloads: _Payloads, ranks: list[int]) -> _Payloads:
    """Cut payloads that overlap (sorted by start) so that every byte comes from the one captured first."""
    starts = payloads.start.tolist()
    ends = (payloads.start + payloads.size).tolist()
    pieces: list[tuple[int, int, int]] = []  # (start, end, index)
    waiting: list[tuple[int, int]] = []  # heap of (rank, index) that cover the current position
    at, following = starts[0], 0
    while waiting or following < len(starts):
        while following < len(starts) and starts[following] <= at:
            heapq.heappush(waiting, (ranks[following], following))
            following += 1
        while waiting and ends[waiting[0][1]] <= at:
            heapq.heappop(waiting)
        if not waiting:
            if following < len(starts):
                at = starts[following]
            continue
        index = waiting[0][1]
        until = min(ends[index], starts[following]) if following < len(starts) else ends[index]
        if pieces and pieces[-1][2] == index and pieces[-1][1] == at:
            pieces[-1] = (pieces[-1][0], until, index)
        else:
            pieces.append((at, until, index))
        at = until
    first, last, source = (np.array(column, np.int64) for column in zip(*pieces, strict=True))
    skipped = (first - payloads.start[source]).astype(np.uint32)
    return _Payloads(first, last - first, payloads.packet[source], payloads.offset[source] + skipped)


def _compare_tangled(capture: Capture, pieces: _Payloads, payloads: _Payloads) -> list[Conflict]:
    """Compare payloads with the pieces that were kept of them and their rivals."""
    size = pieces.size.astype(np.uint32)
    places = piece_places(capture, pieces.packet, pieces.offset)
    kept = Pieces(*capture.buffers, view(pieces.start), view(size), view(pieces.packet), view(places))
    first = np.searchsorted(pieces.start, payloads.start, "right") - 1
    last = np.searchsorted(pieces.start, payloads.start + payloads.size, "left")
    conflicts = []
    for row, start in enumerate(payloads.start.tolist()):
        now = _bytes(capture, payloads, row)
        skip = start - int(pieces.start[first[row]])
        was = kept.join(int(first[row]), int(last[row]))[skip : skip + len(now)]
        if was != now:
            conflicts.append(_conflict(was, now, start, int(payloads.packet[row]) + 1))
    return conflicts


def _conflict(was: bytes, now: bytes, start: int, packet: int) -> Conflict:
    different = np.flatnonzero(np.frombuffer(was, np.uint8) != np.frombuffer(now, np.uint8))
    return Conflict(start + int(different[0]), start + int(different[-1]) + 1, packet)


def _bytes(capture: Capture, payloads: _Payloads, row: int) -> bytes:
    return capture.bytes_at(int(payloads.packet[row]), int(payloads.offset[row]), int(payloads.size[row]))


def piece_places(capture: Capture, packet: NDArray[np.uint32], offset: NDArray[np.uint32]) -> NDArray[np.int64]:
    """Where runs of bytes start, as in ``Stream.place``."""
    wide = offset.astype(np.int64)
    in_file = capture.packets.position[packet] + wide
    assembled = (wide & ASSEMBLED) != 0
    return np.where(assembled, ~(wide & (ASSEMBLED - 1)), in_file) if assembled.any() else in_file
