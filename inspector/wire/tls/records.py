"""Cuts one direction's bytes into TLS records and finds the next one after a gap (RFC 8446 section 5.1)."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Record", "RecordReader"]

_HEADER = 5
_LARGEST = (1 << 14) + 2048
"""Bytes of a protected record (RFC 5246 section 6.2.3); TLS 1.3 allows 256 more than plain, TLS 1.2 2048."""
_RESYNC_RECORDS = 2
"""Records that must follow each other before a place after a gap is believed."""


@dataclass(frozen=True, slots=True)
class Record:
    """A record as it lies in the stream.

    Args:
        start, end: Byte range, header included.
        kind: Content type.
        version: The two bytes of the header.
        fragment: What follows the header.
        lost_before: Bytes missing since the record before; 0 where they follow each other.
    """

    start: int
    end: int
    kind: int
    version: bytes
    fragment: bytes
    lost_before: int = 0


class RecordReader:
    """Reads records from bytes in any portions.

    Attributes:
        position: Stream position of the next byte.
        rest: Bytes of a record that is not complete.
        broken: The bytes are not TLS (any more).
    """

    def __init__(self) -> None:
        self.position = 0
        self.rest = bytearray()
        self.broken = False
        self._searching = False
        self._lost = 0

    def feed(self, data: bytes) -> list[Record]:
        """Take the next bytes; the records that they complete."""
        self.rest += data
        records = []
        while (record := self._next()) is not None:
            records.append(record)
        return records

    def gap(self, size: int) -> None:
        """``size`` bytes are missing here."""
        self._lost += len(self.rest) + size
        self.position += len(self.rest) + size
        self.rest.clear()
        self._searching = True
        self.broken = False

    def _next(self) -> Record | None:
        if self.broken or (self._searching and not self._find()) or len(self.rest) < _HEADER:
            return None
        if not _plausible(self.rest, 0):
            self.broken = True
            return None
        size = int.from_bytes(self.rest[3:5], "big")
        if len(self.rest) < _HEADER + size:
            return None
        start = self.position
        record = Record(
            start,
            start + _HEADER + size,
            self.rest[0],
            bytes(self.rest[1:3]),
            bytes(self.rest[_HEADER : _HEADER + size]),
            self._lost,
        )
        del self.rest[: _HEADER + size]
        self.position = record.end
        self._lost = 0
        return record

    def _find(self) -> bool:
        for at in range(len(self.rest) - _HEADER + 1):
            if _chain(self.rest, at):
                self._drop(at)
                self._searching = False
                return True
        if len(self.rest) > 4 * _LARGEST:
            self._drop(len(self.rest) - 2 * _LARGEST)
        return False

    def _drop(self, size: int) -> None:
        del self.rest[:size]
        self.position += size
        self._lost += size


def _plausible(data: bytearray, at: int) -> bool:
    return (
        20 <= data[at] <= 24
        and data[at + 1] == 3
        and data[at + 2] <= 4
        and int.from_bytes(data[at + 3 : at + 5], "big") <= _LARGEST
    )


def _chain(data: bytearray, at: int) -> bool:
    """Whether records follow each other from here (or end exactly with the bytes at hand)."""
    for _ in range(_RESYNC_RECORDS):
        if len(data) - at < _HEADER or not _plausible(data, at):
            return False
        at += _HEADER + int.from_bytes(data[at + 3 : at + 5], "big")
        if at == len(data):
            return True
    return at < len(data)
