"""Where our units stand: the sending endpoint, and the packet in which a range of a stream was complete."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

import numpy as np

from inspector.model.tables import SEGMENT_FRAGMENT, SEGMENT_FROM_B, SEGMENT_QUOTED, SEGMENT_SHORT
from inspector.recording.derived import ByteStream, DerivedStream, Tail

if TYPE_CHECKING:
    from inspector.recording.capture import Capture

__all__ = ["Places"]

_TLS_TYPES = range(20, 25)
_MOST_RECORDS = 1 << 20


class Places:
    """Finds places in one capture; keeps where TLS records begin."""

    def __init__(self, capture: Capture) -> None:
        self._capture = capture
        self._records: dict[int, tuple[ByteStream, list[int]]] = {}

    def of_packet(self, number: int) -> tuple[int, int] | None:
        """Connection and sender of a packet's own TCP segment; flow and sender of its UDP datagram; None without."""
        capture = self._capture
        bad = SEGMENT_QUOTED | SEGMENT_FRAGMENT | SEGMENT_SHORT
        for table, numbers in (
            (capture.segments, capture.segment_connection),
            (capture.datagrams, capture.datagrams.flow),
        ):
            first, end = np.searchsorted(table.packet, [number - 1, number])
            for row in range(int(end) - 1, int(first) - 1, -1):
                if not int(table.marks[row]) & bad:
                    return int(numbers[row]), int(bool(int(table.marks[row]) & SEGMENT_FROM_B))
        return None

    def complete(self, stream: ByteStream, start: int, end: int) -> int:
        """Number of the packet with which all bytes [start, end) had arrived, and the TLS record of the last; 0: unseen."""
        if isinstance(stream, Tail):
            return self.complete(stream.carrier, start + stream.position, end + stream.position)
        if isinstance(stream, DerivedStream):
            begin = self._carried(stream, start)
            last = self._carried(stream, max(end - 1, start))
            return self.complete(stream.carrier, begin, self._record_end(stream.carrier, last))
        return max(stream.packets_of(start, end), default=0)

    def _carried(self, stream: DerivedStream, position: int) -> int:
        run = max(int(np.searchsorted(stream.start, position, "right")) - 1, 0)
        if not len(stream.start):
            return 0
        return int(stream.place[run]) + min(position - int(stream.start[run]), int(stream.size[run]) - 1)

    def _record_end(self, carrier: ByteStream, position: int) -> int:
        """Where the TLS record ends that holds a position; the position's own end where the carrier is not TLS."""
        _kept, edges = self._records.get(id(carrier)) or self._walk(carrier)
        at = bisect_right(edges, position)
        return edges[at] if 0 < at < len(edges) else position + 1

    def _walk(self, carrier: ByteStream) -> tuple[ByteStream, list[int]]:
        edges: list[int] = []
        at = 0
        while len(edges) < _MOST_RECORDS:
            head = carrier.read(at, at + 5)
            if len(head) < 5 or head[0] not in _TLS_TYPES or head[1] != 3:
                break
            edges.append(at)
            at += 5 + int.from_bytes(head[3:], "big")
        edges.append(at)
        # With the stream, so that its id stays its own.
        self._records[id(carrier)] = (carrier, edges)
        return self._records[id(carrier)]
