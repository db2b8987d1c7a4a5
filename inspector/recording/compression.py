"""Compressed capture files: gzip, Zstandard and LZ4 frames, one after the other in a file."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import BinaryIO

__all__ = ["Uncompressing", "is_compressed"]

_GZIP = b"\x1f\x8b"
_ZSTANDARD = b"\x28\xb5\x2f\xfd"
_LZ4 = b"\x04\x22\x4d\x18"
_SKIPPABLE = b"\x2a\x4d\x18"
"""Last three bytes of a skippable frame's magic in both Zstandard and LZ4; the first is 0x50 to 0x5f."""

_READ = 64 << 10
_STEP = 1 << 20
"""Most bytes that one step may give, so that a small file cannot fill the memory."""
_ZSTANDARD_READ = 2 << 10
"""Zstandard has no bound for a step's output; 2 KiB hold at most 512 blocks of 128 KiB."""


def is_compressed(start: bytes) -> bool:
    """Whether a file that starts with these bytes (4 or more) is compressed in a way that is known here."""
    return start.startswith(_GZIP) or start[:4] in (_ZSTANDARD, _LZ4) or _is_skippable(start)


def _is_skippable(start: bytes) -> bool:
    return start[1:4] == _SKIPPABLE and start[0] & 0xF0 == 0x50


class Uncompressing:
    """Uncompresses a file, frame after frame (gzip calls them members).

    Args:
        file: The compressed file.
        start: Bytes already read from it.

    Attributes:
        cut: The file ended inside a frame.
        corrupt: A frame was damaged; what came before it was given.
    """

    def __init__(self, file: BinaryIO, start: bytes) -> None:
        self._file = file
        self._buffer = start
        self.cut = False
        self.corrupt = False

    def chunks(self) -> Iterator[bytes]:
        """All uncompressed bytes; what follows the last frame and is none is passed over, as gzip does."""
        while is_compressed(self._fill(4)):
            if self._buffer.startswith(_GZIP):
                yield from self._gzip()
            elif self._buffer.startswith(_ZSTANDARD):
                yield from self._zstandard()
            elif self._buffer.startswith(_LZ4):
                yield from self._lz4()
            else:
                self._skip()
            if self.cut or self.corrupt:
                return

    def _fill(self, size: int) -> bytes:
        """The next bytes, at least ``size`` unless the file ends; they stay in the buffer."""
        while len(self._buffer) < size and (data := self._file.read(_READ)):
            self._buffer += data
        return self._buffer

    def _take(self, size: int) -> bytes:
        if not self._buffer:
            self._buffer = self._file.read(_READ)
        data, self._buffer = self._buffer[:size], self._buffer[size:]
        return data

    def _skip(self) -> None:
        self._fill(8)
        left = 8 + int.from_bytes(self._buffer[4:8], "little")
        while left > 0:
            data = self._take(min(left, _READ))
            if not data:
                self.cut = True
                return
            left -= len(data)

    def _gzip(self) -> Iterator[bytes]:
        machine = zlib.decompressobj(wbits=31)
        while not machine.eof:
            taken = left = self._take(_READ)
            if not taken:
                self.cut = True
                return
            before = machine.copy()
            given = 0
            while left and not machine.eof:
                try:
                    output = machine.decompress(left, _STEP)
                except zlib.error:
                    self.corrupt = True
                    yield _before_error(before, taken)[given:]
                    return
                given += len(output)
                left = machine.unconsumed_tail
                yield output
        self._buffer = machine.unused_data + self._buffer

    def _zstandard(self) -> Iterator[bytes]:
        import zstandard

        machine = zstandard.ZstdDecompressor().decompressobj()
        while not machine.eof:
            data = self._take(_ZSTANDARD_READ)
            if not data:
                self.cut = True
                return
            try:
                yield machine.decompress(data)
            except zstandard.ZstdError:
                self.corrupt = True
                return
        self._buffer = machine.unused_data + self._buffer

    def _lz4(self) -> Iterator[bytes]:
        import lz4.frame

        machine = lz4.frame.LZ4FrameDecompressor()
        while not machine.eof:
            data = b""
            if machine.needs_input:
                data = self._take(_READ)
                if not data:
                    self.cut = True
                    return
            try:
                yield machine.decompress(data, max_length=_STEP)
            except RuntimeError:
                # What python-lz4 raises for every kind of damage.
                self.corrupt = True
                return
        self._buffer = (machine.unused_data or b"") + self._buffer


def _before_error(machine: zlib._Decompress, data: bytes) -> bytes:
    """All that ``data`` gives before its error; fed at once, zlib would keep it back."""
    output = bytearray()
    try:
        for byte in data:
            output += machine.decompress(bytes((byte,)))
    except zlib.error:
        pass
    return bytes(output)
