# mypy: ignore-errors
# Cython's pure-Python types are not types to mypy; the tests run this file both compiled and uncompiled.
"""Lays out the streams that need no reassembly: those in which every segment follows the one before it, from the SYN on.

All of a capture in one pass over its segments: taken connection by connection they lie far apart in memory.
Compiled when a C compiler was there at install (Cython, pure-Python mode); the same file runs uncompiled.
"""

import cython
import numpy as np

from inspector.model.tables import ASSEMBLED, SEGMENT_FRAGMENT, SEGMENT_FROM_B, SEGMENT_QUOTED, SEGMENT_SHORT, room_for

__all__ = ["NOT_IN_ORDER", "lay_out"]

NOT_IN_ORDER = -1
"""Instead of the end of a stream that is not laid out."""

_PIECES = {
    "start": np.dtype(np.int64),
    "size": np.dtype(np.uint32),
    "packet": np.dtype(np.uint32),
    "place": np.dtype(np.int64),
}

_NOT_IN_ORDER: cython.longlong = cython.declare(cython.longlong, NOT_IN_ORDER)
# Its SYN has not been seen.
_NOT_BEGUN: cython.longlong = cython.declare(cython.longlong, -2)
_ASSEMBLED: cython.longlong = cython.declare(cython.longlong, ASSEMBLED)
_FROM_B: cython.int = cython.declare(cython.int, SEGMENT_FROM_B)
_NOT_SENT: cython.int = cython.declare(cython.int, SEGMENT_QUOTED | SEGMENT_FRAGMENT | SEGMENT_SHORT)
_FIN: cython.int = cython.declare(cython.int, 1)
_SYN: cython.int = cython.declare(cython.int, 2)
_RST: cython.int = cython.declare(cython.int, 4)
# Declared: as a literal it would be a Python integer when compiled.
_MASK: cython.longlong = cython.declare(cython.longlong, 0xFFFFFFFF)


def lay_out(
    connections: cython.Py_ssize_t,
    connection: cython.int[::1],
    marks: cython.uchar[::1],
    seq: cython.uint[::1],
    flags: cython.ushort[::1],
    length: cython.uint[::1],
    captured: cython.uint[::1],
    packet: cython.uint[::1],
    offset: cython.uint[::1],
    position: cython.longlong[::1],
):
    """Lay out both sides of every connection; stream ``2 * connection`` is what endpoint A sent, the one after it B.

    Args:
        connections: How many there are.
        connection: Of each segment, negative where it has none.
        marks, seq, flags, length, captured, packet, offset: Columns of ``Segments``.
        position: Of each packet in the file.

    Returns:
        Columns of the pieces, stream after stream (start, place: int64; size, packet: uint32); the first
        piece of each stream and how many there are in all (int64); the position after the last byte sent of each stream,
        or ``NOT_IN_ORDER``: then its pieces mean nothing.
    """
    rows: cython.Py_ssize_t = connection.shape[0]
    row: cython.Py_ssize_t
    stream: cython.Py_ssize_t
    piece: cython.Py_ssize_t
    flag: cython.int
    size: cython.longlong
    at: cython.longlong
    edges = np.zeros(2 * connections + 1, np.int64)
    edge: cython.longlong[::1] = memoryview(edges)
    for row in range(rows):
        if captured[row] and connection[row] >= 0 and not (marks[row] & _NOT_SENT or flags[row] & _RST):
            edge[2 * connection[row] + (marks[row] & _FROM_B) + 1] += 1
    np.cumsum(edges, out=edges)
    pieces = room_for(_PIECES, int(edges[2 * connections]))
    piece_start: cython.longlong[::1] = memoryview(pieces["start"])
    piece_size: cython.uint[::1] = memoryview(pieces["size"])
    piece_packet: cython.uint[::1] = memoryview(pieces["packet"])
    piece_place: cython.longlong[::1] = memoryview(pieces["place"])
    ends = np.full(2 * connections, _NOT_BEGUN, np.int64)
    end: cython.longlong[::1] = memoryview(ends)
    fill: cython.longlong[::1] = memoryview(edges[: 2 * connections].copy())
    expected: cython.uint[::1] = memoryview(np.zeros(2 * connections, np.uint32))
    for row in range(rows):
        flag = flags[row]
        size = length[row]
        # A reset's payload says why it was sent (RFC 9293 section 3.5.3); it is not part of the stream.
        if connection[row] < 0 or marks[row] & _NOT_SENT or flag & _RST or not (size or flag & (_SYN | _FIN)):
            continue
        stream = 2 * connection[row] + (marks[row] & _FROM_B)
        at = end[stream]
        if at == _NOT_IN_ORDER:
            continue
        if flag & _SYN:
            end[stream] = _NOT_IN_ORDER if at != _NOT_BEGUN or size else 0
            expected[stream] = (seq[row] + 1) & _MASK
            continue
        if at < 0 or seq[row] != expected[stream]:
            end[stream] = _NOT_IN_ORDER
            continue
        if captured[row]:
            piece = fill[stream]
            fill[stream] = piece + 1
            piece_start[piece] = at
            piece_size[piece] = captured[row]
            piece_packet[piece] = packet[row]
            if offset[row] & _ASSEMBLED:
                piece_place[piece] = ~(offset[row] & (_ASSEMBLED - 1))
            else:
                piece_place[piece] = position[packet[row]] + offset[row]
        end[stream] = at + size
        expected[stream] = (seq[row] + size) & _MASK
    ends[ends == _NOT_BEGUN] = _NOT_IN_ORDER
    return (*pieces.values(), edges, ends)
