"""Streams inside streams: plain bytes out of TLS records, or a channel's bytes out of HTTP/2 DATA frames."""

from __future__ import annotations

import tempfile
from array import array
from collections.abc import Iterator
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["ByteStream", "DerivedStream", "StreamWriter", "Tail"]

_IN_MEMORY = 32 << 20
"""Bytes of one derived stream kept in memory; what is beyond goes to a temporary file."""
_BLOCK_BYTES = 1 << 20
"""Bytes handed to a decoder at a time."""


class ByteStream(Protocol):
    """One direction's bytes, each knowing its packet: ``Stream`` out of segments, ``DerivedStream`` out of another."""

    @property
    def end(self) -> int:
        """Position after the last byte that is known to have been sent."""

    @property
    def from_start(self) -> bool:
        """Whether position 0 is the first byte of the conversation."""

    @property
    def gaps(self) -> list[tuple[int, int]]:
        """Ranges [start, end) that were sent and are not at hand."""

    @property
    def gaps_are_exact(self) -> bool:
        """Whether the sizes of the gaps are known; else they are about right, and so are positions after them."""

    def blocks(self, first: int = _BLOCK_BYTES) -> Iterator[tuple[int, bytes]]:
        """Contiguous blocks (position, bytes) of bounded size; a jump in position is a gap.

        Args:
            first: Bytes of the first block; later ones are larger. For who may need no more.
        """

    def read(self, start: int, end: int) -> bytes:
        """The bytes at hand of positions [start, end), joined."""

    def packet_at(self, position: int) -> int | None:
        """Number of the packet that carried the byte at ``position``; None in a gap."""

    def packets_at(self, positions: NDArray[np.int64]) -> NDArray[np.uint32]:
        """Numbers of the packets that carried the bytes at ``positions``; 0 in a gap."""

    def packets_of(self, start: int, end: int) -> list[int]:
        """Numbers of the packets that brought any of the bytes [start, end), in stream order."""


class StreamWriter:
    """Collects a derived stream run by run.

    Args:
        carrier: The stream it comes out of.
    """

    def __init__(self, carrier: ByteStream) -> None:
        self._carrier = carrier
        # It lives as long as the stream that reads from it, and has no name to be left behind.
        self._file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115
        self._start, self._size, self._place = array("q"), array("q"), array("q")
        self._position = 0
        self._exact = True

    def add(self, data: bytes, place: int) -> None:
        """Append ``data``, whose byte i was carried by the byte ``place + i`` of the carrier."""
        self._start.append(self._position)
        self._size.append(len(data))
        self._place.append(place)
        self._file.write(data)
        self._position += len(data)

    def skip(self, size: int, exact: bool = False) -> None:
        """Bytes are missing here, about ``size`` of them, or ``exact`` so many."""
        self._position += size
        self._exact = self._exact and exact

    def finish(self) -> DerivedStream:
        """The stream; nothing can be added any more."""
        start, size, place = (np.array(column, np.int64) for column in (self._start, self._size, self._place))
        return DerivedStream(self._carrier, start, size, place, self._position, self._file, self._exact)


class DerivedStream:
    """A stream out of another; see ``ByteStream``.

    Args:
        carrier: The stream it comes out of.
        start, size, place: Position, length and position in the carrier of each run (int64).
        end: Position after the last byte.
        file: The bytes of the runs, one after the other.
        gaps_are_exact: See ``ByteStream``.
    """

    from_start = True

    def __init__(
        self,
        carrier: ByteStream,
        start: NDArray[np.int64],
        size: NDArray[np.int64],
        place: NDArray[np.int64],
        end: int,
        file: tempfile.SpooledTemporaryFile[bytes],
        gaps_are_exact: bool,
    ) -> None:
        self.carrier = carrier
        self.start = start
        self.size = size
        self.place = place
        self.end = end
        self._offset = np.concatenate([np.zeros(1, np.int64), np.cumsum(size)])
        self._file = file
        self.gaps_are_exact = gaps_are_exact

    @property
    def gaps(self) -> list[tuple[int, int]]:
        """See ``ByteStream.gaps``; their sizes are those of the missing carrier bytes."""
        ends = np.concatenate([np.zeros(1, np.int64), self.start + self.size])
        starts = np.append(self.start, self.end)
        holes = np.flatnonzero(starts > ends)
        return list(zip(ends[holes].tolist(), starts[holes].tolist(), strict=True))

    def blocks(self, first: int = _BLOCK_BYTES) -> Iterator[tuple[int, bytes]]:
        """See ``ByteStream.blocks``."""
        edges = [0, *(edge for gap in self.gaps for edge in gap), self.end]
        most = min(first, _BLOCK_BYTES)
        for run_start, run_end in zip(edges[::2], edges[1::2], strict=True):
            start = run_start
            while start < run_end:
                end = min(start + most, run_end)
                yield start, self.read(start, end)
                start, most = end, min(4 * most, _BLOCK_BYTES)

    def read(self, start: int, end: int) -> bytes:
        """See ``ByteStream.read``."""
        first, last = self._file_offset(start), self._file_offset(end)
        self._file.seek(first)
        return self._file.read(last - first)

    def _file_offset(self, position: int) -> int:
        """Where the byte at ``position`` lies in the file; that of the next byte where it is in a gap."""
        run = int(np.searchsorted(self.start, position, "right")) - 1
        if run < 0:
            return 0
        return int(self._offset[run] + min(position - self.start[run], self.size[run]))

    def packet_at(self, position: int) -> int | None:
        """See ``ByteStream.packet_at``."""
        return int(self.packets_at(np.array([position], np.int64))[0]) or None

    def packets_at(self, positions: NDArray[np.int64]) -> NDArray[np.uint32]:
        """See ``ByteStream.packets_at``."""
        if not len(self.start):
            return np.zeros(len(positions), np.uint32)
        run = np.maximum(np.searchsorted(self.start, positions, "right") - 1, 0)
        into = positions - self.start[run]
        found = self.carrier.packets_at(self.place[run] + np.clip(into, 0, self.size[run] - 1))
        return np.where((into >= 0) & (into < self.size[run]), found, np.uint32(0))

    def packets_of(self, start: int, end: int) -> list[int]:
        """See ``ByteStream.packets_of``."""
        first = max(int(np.searchsorted(self.start, start, "right")) - 1, 0)
        last = int(np.searchsorted(self.start, end, "left"))
        numbers: dict[int, None] = {}
        for run in range(first, last):
            begin = max(start - int(self.start[run]), 0)
            stop = min(end - int(self.start[run]), int(self.size[run]))
            if begin < stop:
                place = int(self.place[run])
                numbers |= dict.fromkeys(self.carrier.packets_of(place + begin, place + stop))
        return list(numbers)


class Tail:
    """What follows a position of a stream, as after CONNECT; see ``ByteStream``.

    Args:
        carrier: The stream.
        position: Where position 0 is.
    """

    from_start = True

    def __init__(self, carrier: ByteStream, position: int) -> None:
        self.carrier = carrier
        self.position = position
        self.end = max(carrier.end - position, 0)
        self.gaps_are_exact = carrier.gaps_are_exact

    @property
    def gaps(self) -> list[tuple[int, int]]:
        """See ``ByteStream.gaps``."""
        shifted = ((max(start - self.position, 0), end - self.position) for start, end in self.carrier.gaps)
        return [(start, end) for start, end in shifted if end > 0]

    def blocks(self, first: int = _BLOCK_BYTES) -> Iterator[tuple[int, bytes]]:
        """See ``ByteStream.blocks``."""
        for start, block in self.carrier.blocks(first):
            skip = max(self.position - start, 0)
            if skip < len(block):
                yield start + skip - self.position, block[skip:]

    def read(self, start: int, end: int) -> bytes:
        """See ``ByteStream.read``."""
        return self.carrier.read(start + self.position, end + self.position)

    def packet_at(self, position: int) -> int | None:
        """See ``ByteStream.packet_at``."""
        return self.carrier.packet_at(position + self.position)

    def packets_at(self, positions: NDArray[np.int64]) -> NDArray[np.uint32]:
        """See ``ByteStream.packets_at``."""
        return self.carrier.packets_at(positions + self.position)

    def packets_of(self, start: int, end: int) -> list[int]:
        """See ``ByteStream.packets_of``."""
        return self.carrier.packets_of(start + self.position, end + self.position)
