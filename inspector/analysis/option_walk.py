# mypy: ignore-errors
# Cython's pure-Python types are not types to mypy; the tests run this file both compiled and uncompiled.
"""Walks the options of every TCP header of a capture.

Compiled when a C compiler was there at install (Cython, pure-Python mode); the same file runs uncompiled. Nothing is
read past the captured bytes of the header; an option that is cut or has an impossible length ends the walk of that
header and is marked.
"""

import cython
import numpy as np

from inspector.model.tables import ASSEMBLED
from inspector.proto.kinds import LayerKind

__all__ = [
    "HAS_ACCURATE_ECN",
    "HAS_MSS",
    "HAS_SACK",
    "HAS_SACK_PERMITTED",
    "HAS_TIMESTAMPS",
    "HAS_WINDOW_SCALE",
    "MALFORMED",
    "walk_options",
]

HAS_MSS = 1
HAS_WINDOW_SCALE = 2
HAS_SACK_PERMITTED = 4
HAS_SACK = 8
HAS_TIMESTAMPS = 16
MALFORMED = 32
HAS_ACCURATE_ECN = 64

_MSS: cython.int = cython.declare(cython.int, HAS_MSS)
_WINDOW_SCALE: cython.int = cython.declare(cython.int, HAS_WINDOW_SCALE)
_SACK_PERMITTED: cython.int = cython.declare(cython.int, HAS_SACK_PERMITTED)
_SACK: cython.int = cython.declare(cython.int, HAS_SACK)
_TIMESTAMPS: cython.int = cython.declare(cython.int, HAS_TIMESTAMPS)
_MALFORMED: cython.int = cython.declare(cython.int, MALFORMED)
_ACCURATE_ECN: cython.int = cython.declare(cython.int, HAS_ACCURATE_ECN)
_TCP: cython.int = cython.declare(cython.int, LayerKind.TCP)
# Bytes of a header before its options.
_FIXED: cython.longlong = cython.declare(cython.longlong, 20)
_IN_ASSEMBLED: cython.longlong = cython.declare(cython.longlong, ASSEMBLED)


@cython.cfunc
@cython.inline
def _u32(data: cython.const[cython.uchar][::1], at: cython.Py_ssize_t) -> cython.longlong:
    """The big-endian 32-bit number at ``at``; signed 64-bit so that it can be shifted."""
    a: cython.longlong = data[at]
    b: cython.longlong = data[at + 1]
    c: cython.longlong = data[at + 2]
    d: cython.longlong = data[at + 3]
    return (a << 24) | (b << 16) | (c << 8) | d


@cython.final
@cython.cclass
class _Walk:
    """Columns being filled, one row per segment, and the SACK blocks found so far."""

    present: cython.uchar[::1]
    mss: cython.ushort[::1]
    window_scale: cython.uchar[::1]
    tsval: cython.uint[::1]
    tsecr: cython.uint[::1]
    sack_start: cython.uint[::1]
    sack_count: cython.uchar[::1]
    left: cython.uint[::1]
    right: cython.uint[::1]
    blocks: cython.Py_ssize_t

    def __init__(self, columns: dict):
        self.present = columns["present"]
        self.mss = columns["mss"]
        self.window_scale = columns["window_scale"]
        self.tsval = columns["tsval"]
        self.tsecr = columns["tsecr"]
        self.sack_start = columns["sack_start"]
        self.sack_count = columns["sack_count"]
        self.left = memoryview(np.empty(1024, np.uint32))
        self.right = memoryview(np.empty(1024, np.uint32))
        self.blocks = 0

    def run(
        self,
        data: cython.const[cython.uchar][::1],
        assembled: cython.const[cython.uchar][::1],
        position: cython.longlong[::1],
        packet: cython.uint[::1],
        kind: cython.uchar[::1],
        offset: cython.uint[::1],
        size: cython.uint[::1],
    ):
        """Find the TCP layers, which are the segments in the same order, and read their options."""
        row: cython.Py_ssize_t = 0
        layer: cython.Py_ssize_t
        at: cython.longlong
        for layer in range(kind.shape[0]):
            if kind[layer] != _TCP:
                continue
            at = offset[layer]
            if at >= _IN_ASSEMBLED:
                self._header(assembled, at - _IN_ASSEMBLED, size[layer], row)
            else:
                self._header(data, position[packet[row]] + at, size[layer], row)
            row += 1

    @cython.cfunc
    def _header(
        self,
        data: cython.const[cython.uchar][::1],
        start: cython.longlong,
        size: cython.longlong,
        row: cython.Py_ssize_t,
    ) -> cython.int:
        """Read the options of the header at ``start``, of which ``size`` bytes are captured."""
        self.sack_start[row] = self.blocks
        if size <= _FIXED:
            return 0
        header: cython.longlong = (data[start + 12] >> 4) * 4
        end: cython.longlong = start + min(header, size)
        at: cython.longlong = start + 20
        kind: cython.int
        length: cython.longlong
        while at < end:
            kind = data[at]
            if kind == 0:
                break
            if kind == 1:
                at += 1
                continue
            length = data[at + 1] if at + 1 < end else 0
            if length < 2 or at + length > end:
                self.present[row] |= _MALFORMED
                break
            self._option(data, at, kind, length, row)
            at += length
        return 0

    @cython.cfunc
    def _option(
        self,
        data: cython.const[cython.uchar][::1],
        at: cython.longlong,
        kind: cython.int,
        length: cython.longlong,
        row: cython.Py_ssize_t,
    ) -> cython.int:
        """Keep the option at ``at`` if it is one of ours and as long as its kind says; the last of a kind wins."""
        if kind == 8 and length == 10:
            self.present[row] |= _TIMESTAMPS
            self.tsval[row] = _u32(data, at + 2)
            self.tsecr[row] = _u32(data, at + 6)
        elif kind == 2 and length == 4:
            self.present[row] |= _MSS
            self.mss[row] = (data[at + 2] << 8) | data[at + 3]
        elif kind == 3 and length == 3:
            self.present[row] |= _WINDOW_SCALE
            self.window_scale[row] = data[at + 2]
        elif kind == 4 and length == 2:
            self.present[row] |= _SACK_PERMITTED
        elif kind == 5 and length >= 10 and (length - 2) % 8 == 0:
            self.present[row] |= _SACK
            self._sack(data, at + 2, (length - 2) // 8, row)
        elif kind == 172 or kind == 174:
            self.present[row] |= _ACCURATE_ECN
        elif kind == 2 or kind == 3 or kind == 4 or kind == 5 or kind == 8:
            self.present[row] |= _MALFORMED
        return 0

    @cython.cfunc
    def _sack(
        self,
        data: cython.const[cython.uchar][::1],
        at: cython.longlong,
        count: cython.longlong,
        row: cython.Py_ssize_t,
    ) -> cython.int:
        """Append the blocks of a SACK option."""
        size: cython.Py_ssize_t = self.left.shape[0]
        if self.blocks + count > size:
            self.left = memoryview(np.concatenate([np.asarray(self.left), np.empty(size, np.uint32)]))
            self.right = memoryview(np.concatenate([np.asarray(self.right), np.empty(size, np.uint32)]))
        block: cython.longlong
        for block in range(count):
            self.left[self.blocks] = _u32(data, at + 8 * block)
            self.right[self.blocks] = _u32(data, at + 8 * block + 4)
            self.blocks += 1
        self.sack_count[row] += count
        return 0

    def sack_blocks(self) -> tuple:
        """Left and right edges of all blocks."""
        return np.array(self.left[: self.blocks], np.uint32), np.array(self.right[: self.blocks], np.uint32)


def walk_options(data, assembled, position, packet, kind, offset, size, columns: dict) -> tuple:
    """Fill the option columns of all segments.

    Args:
        data, assembled: The file's bytes, and the capture's assembled bytes.
        position: Column of ``Packets``.
        packet: Column of ``Segments``.
        kind, offset, size: Columns of ``Layers``.
        columns: Zeroed columns by name, one row per segment, to be filled.

    Returns:
        Left and right edges of all SACK blocks, in segment order.
    """
    walk = _Walk(columns)
    walk.run(data, assembled, position, packet, kind, offset, size)
    return walk.sack_blocks()
