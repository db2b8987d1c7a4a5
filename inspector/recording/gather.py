# mypy: ignore-errors
# Cython's pure-Python types are not types to mypy; the tests run this file both compiled and uncompiled.
"""Places, copies and compares runs of captured bytes: what reassembly does per segment when it can do nothing per column.

Compiled when a C compiler was there at install (Cython, pure-Python mode); the same file runs uncompiled. A *place* is
where a run starts: a position in the file, or ``~position`` (negative) in the capture's assembled bytes.
"""

import cython

if cython.compiled:
    from cython.cimports.cpython.bytes import PyBytes_AS_STRING, PyBytes_FromStringAndSize
    from cython.cimports.libc.string import memcmp, memcpy

__all__ = ["Pieces", "same"]


@cython.final
@cython.cclass
class Pieces:
    """The pieces that a stream is made of.

    Args:
        data: The file.
        assembled: The capture's assembled bytes.
        start, size, packet, place: Columns, as in ``Stream``.
    """

    data: cython.const[cython.uchar][::1]
    assembled: cython.const[cython.uchar][::1]
    start: cython.longlong[::1]
    size: cython.uint[::1]
    packet: cython.uint[::1]
    place: cython.longlong[::1]

    def __init__(self, data, assembled, start, size, packet, place) -> None:
        self.data = data
        self.assembled = assembled
        self.start = start
        self.size = size
        self.packet = packet
        self.place = place

    def join(self, first: cython.Py_ssize_t, end: cython.Py_ssize_t) -> bytes:
        """The bytes of the pieces ``first`` to ``end``, one after the other."""
        if first < 0 or end > self.start.shape[0]:
            raise IndexError("there are no such pieces")
        return self._copy(first, end, 0, 0) if first < end else b""

    def read(self, start: cython.longlong, end: cython.longlong) -> bytes:
        """The bytes of positions [start, end) that are in pieces."""
        first: cython.Py_ssize_t = self._at(start, 0)
        last: cython.Py_ssize_t = self._at(end - 1, first)
        if first < 0 or self.start[first] + self.size[first] <= start:
            first += 1
        if end <= start or first > last:
            return b""
        skip: cython.longlong = max(start - self.start[first], 0)
        spare: cython.longlong = max(self.start[last] + self.size[last] - end, 0)
        return self._copy(first, last + 1, skip, spare)

    def block(self, first: cython.Py_ssize_t, most: cython.longlong) -> int:
        """The piece after those that follow ``first`` without a gap and begin within ``most`` bytes of it."""
        row: cython.Py_ssize_t = first + 1
        limit: cython.longlong = self.start[first] + most
        while row < self.start.shape[0]:
            if self.start[row] >= limit or self.start[row] != self.start[row - 1] + self.size[row - 1]:
                break
            row += 1
        return row

    def carriers(self, wanted: cython.longlong[::1], out: cython.uint[::1]) -> None:
        """Find the packets that carried bytes of the stream.

        Args:
            wanted: Positions; quickest when they rise.
            out: Column to fill: packet numbers (from 1), 0 where no piece has the byte.
        """
        row: cython.Py_ssize_t = -1
        index: cython.Py_ssize_t
        for index in range(wanted.shape[0]):
            row = self._at(wanted[index], row)
            if row >= 0 and wanted[index] < self.start[row] + self.size[row]:
                out[index] = self.packet[row] + 1
            else:
                out[index] = 0

    @cython.cfunc
    @cython.inline
    @cython.exceptval(-2, check=True)
    def _at(self, position: cython.longlong, hint: cython.Py_ssize_t) -> cython.Py_ssize_t:
        """The last piece that starts at or before ``position``, -1 when none does; mostly ``hint`` or one soon after."""
        pieces: cython.Py_ssize_t = self.start.shape[0]
        low: cython.Py_ssize_t = -1
        high: cython.Py_ssize_t = pieces
        step: cython.Py_ssize_t = 1
        if 0 <= hint < pieces:
            if self.start[hint] > position:
                high = hint
            else:
                low = hint
                while low + step < pieces and self.start[low + step] <= position:
                    low += step
                    step *= 2
                high = min(low + step, pieces)
        while high - low > 1:
            step = (low + high) // 2
            if self.start[step] <= position:
                low = step
            else:
                high = step
        return low

    @cython.cfunc
    def _copy(
        self, first: cython.Py_ssize_t, end: cython.Py_ssize_t, skip: cython.longlong, spare: cython.longlong
    ) -> bytes:
        """The bytes of some pieces but for ``skip`` of the first and ``spare`` at the end of the last one."""
        row: cython.Py_ssize_t
        cut: cython.longlong
        place: cython.longlong
        count: cython.Py_ssize_t
        at: cython.Py_ssize_t = 0
        if not cython.compiled:
            whole = b"".join(self._run(row) for row in range(first, end))
            return whole[skip : len(whole) - spare]
        for row in range(first, end):
            at += self.size[row]
        at -= skip + spare
        if at < 0:
            raise IndexError("more is left out than there is")
        out = PyBytes_FromStringAndSize(cython.NULL, at)
        target: cython.p_char = PyBytes_AS_STRING(out)
        at = 0
        for row in range(first, end):
            cut = skip if row == first else 0
            count = self.size[row] - cut - (spare if row == end - 1 else 0)
            place = self.place[row]
            if count <= 0:
                continue
            if place >= 0:
                _check(place + cut, count, self.data.shape[0])
                memcpy(target + at, cython.address(self.data[place + cut]), count)
            else:
                _check(~place + cut, count, self.assembled.shape[0])
                memcpy(target + at, cython.address(self.assembled[~place + cut]), count)
            at += count
        return out

    def _run(self, row):
        """One piece, as ``_copy`` takes it when it runs uncompiled."""
        data, place = (self.data, self.place[row]) if self.place[row] >= 0 else (self.assembled, ~self.place[row])
        _check(place, self.size[row], len(data))
        return data[place : place + self.size[row]]


def same(
    data: cython.const[cython.uchar][::1],
    assembled: cython.const[cython.uchar][::1],
    place: cython.longlong[::1],
    other: cython.longlong[::1],
    size: cython.uint[::1],
    out: cython.uchar[::1],
):
    """Compare runs pairwise.

    Args:
        data, assembled: As in ``Pieces``.
        place, other: Where the two runs of each pair start.
        size: Bytes to compare of each pair.
        out: Column to fill: 1 where they are equal.
    """
    row: cython.Py_ssize_t
    a: cython.Py_ssize_t
    b: cython.Py_ssize_t
    count: cython.Py_ssize_t
    for row in range(place.shape[0]):
        a = place[row]
        b = other[row]
        count = size[row]
        if a >= 0 and b >= 0:
            _check(a, count, data.shape[0])
            _check(b, count, data.shape[0])
            if cython.compiled:
                out[row] = not count or memcmp(cython.address(data[a]), cython.address(data[b]), count) == 0
            else:
                out[row] = data[a : a + count] == data[b : b + count]
        else:
            left = assembled[~a : ~a + count] if a < 0 else data[a : a + count]
            right = assembled[~b : ~b + count] if b < 0 else data[b : b + count]
            out[row] = bytes(left) == bytes(right)


@cython.cfunc
@cython.inline
@cython.exceptval(-1, check=True)
def _check(start: cython.Py_ssize_t, count: cython.Py_ssize_t, size: cython.Py_ssize_t) -> cython.int:
    """Nothing is ever read past the end."""
    if start < 0 or count < 0 or start + count > size:
        raise IndexError("a run reaches past the end of the capture")
    return 0
