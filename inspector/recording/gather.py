# mypy: ignore-errors
# Cython's pure-Python types are not types to mypy; the tests run this file both compiled and uncompiled.
"""Copies and compares runs of captured bytes: what reassembly does per segment when it can do nothing per column.

Compiled when a C compiler was there at install (Cython, pure-Python mode); the same file runs uncompiled. A *place* is
where a run starts: a position in the file, or ``~position`` (negative) in the capture's assembled bytes.
"""

import cython

if cython.compiled:
    from cython.cimports.libc.string import memcmp, memcpy

__all__ = ["gather", "same"]


def gather(
    data: cython.const[cython.uchar][::1],
    assembled: cython.const[cython.uchar][::1],
    place: cython.longlong[::1],
    size: cython.uint[::1],
    first: cython.Py_ssize_t,
    end: cython.Py_ssize_t,
    out: cython.uchar[::1],
):
    """Copy the runs ``first`` to ``end`` one after the other to the start of ``out``.

    Args:
        data: The file.
        assembled: The capture's assembled bytes.
        place, size: Columns of the runs.
        first, end: Rows of them.
        out: At least as long as the runs together.

    Returns:
        Bytes copied.
    """
    at: cython.Py_ssize_t = 0
    row: cython.Py_ssize_t
    start: cython.Py_ssize_t
    count: cython.Py_ssize_t
    for row in range(first, end):
        start = place[row]
        count = size[row]
        if at + count > out.shape[0]:
            raise IndexError("the runs are longer than the buffer")
        if start >= 0:
            _check(start, count, data.shape[0])
            if cython.compiled:
                if count:
                    memcpy(cython.address(out[at]), cython.address(data[start]), count)
            else:
                out[at : at + count] = data[start : start + count]
        else:
            start = ~start
            _check(start, count, assembled.shape[0])
            if cython.compiled:
                if count:
                    memcpy(cython.address(out[at]), cython.address(assembled[start]), count)
            else:
                out[at : at + count] = assembled[start : start + count]
        at += count
    return at


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
        data, assembled: As in ``gather``.
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
@cython.exceptval(-1)
def _check(start: cython.Py_ssize_t, count: cython.Py_ssize_t, size: cython.Py_ssize_t) -> cython.int:
    """Nothing is ever read past the end."""
    if start < 0 or count < 0 or start + count > size:
        raise IndexError("a run reaches past the end of the capture")
    return 0
