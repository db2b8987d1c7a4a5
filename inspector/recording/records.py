# mypy: ignore-errors
# Cython's pure-Python types are not types to mypy; the tests run this file both compiled and uncompiled.
"""Walks the records of a pcap or pcapng file: where each packet lies, when it was seen, how long it was.

Compiled when a C compiler was there at install (Cython, pure-Python mode); the same file runs uncompiled.
Sources: the pcap and pcapng file format drafts (draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng).
"""

import cython

__all__ = ["BAD_LENGTH", "CUT", "END", "FULL", "OTHER_BLOCK", "walk_pcap", "walk_pcapng"]

FULL = 0
"""The batch is full; call again."""
END = 1
"""The file ends here, whole."""
CUT = 2
"""The file ends inside the record that starts here."""
BAD_LENGTH = 3
"""The record that starts here claims an impossible length."""
OTHER_BLOCK = 4
"""pcapng only: a block that is not a packet starts here."""

# Longest packet that readers accept: libpcap's MAXIMUM_SNAPLEN, above which a length is taken for damage.
_LONGEST_PACKET: cython.longlong = cython.declare(cython.longlong, 262144)
# Last second whose nanoseconds fit in 64 bits (the year 2262); later stamps are held there.
_LATEST_SECOND: cython.longlong = cython.declare(cython.longlong, 9223372035)


@cython.cfunc
@cython.inline
def _u32(data: cython.const[cython.uchar][::1], at: cython.Py_ssize_t, big: cython.bint) -> cython.longlong:
    """The 32-bit number at ``at``; signed 64-bit so that sums of lengths cannot wrap."""
    a: cython.longlong = data[at]
    b: cython.longlong = data[at + 1]
    c: cython.longlong = data[at + 2]
    d: cython.longlong = data[at + 3]
    if big:
        return (a << 24) | (b << 16) | (c << 8) | d
    return (d << 24) | (c << 16) | (b << 8) | a


def walk_pcap(
    data: cython.const[cython.uchar][::1],
    start: cython.Py_ssize_t,
    most_bytes: cython.Py_ssize_t,
    big: cython.bint,
    nanoseconds: cython.bint,
    header: cython.Py_ssize_t,
    position: cython.longlong[::1],
    time_ns: cython.longlong[::1],
    captured: cython.uint[::1],
    length: cython.uint[::1],
):
    """Walk records of a pcap file until the columns are full.

    Args:
        data: The file.
        start: Position of the next record header.
        most_bytes: Stop after about this many bytes, so that pages can be given back.
        big: The file is big-endian.
        nanoseconds: The fraction of the time stamp counts nanoseconds, else microseconds.
        header: Length of a record header (16, or 24 in the modified format).
        position, time_ns, captured, length: Columns to fill, all of the same length.

    Returns:
        (rows filled, position of the next record, FULL | END | CUT | BAD_LENGTH).
    """
    at: cython.Py_ssize_t = start
    size: cython.Py_ssize_t = data.shape[0]
    stop: cython.Py_ssize_t = min(size, start + most_bytes)
    rows: cython.Py_ssize_t = position.shape[0]
    row: cython.Py_ssize_t = 0
    unit: cython.longlong = 1 if nanoseconds else 1000
    seconds: cython.longlong
    fraction: cython.longlong
    included: cython.longlong
    original: cython.longlong
    while row < rows and at < stop:
        if size - at < header:
            return row, at, CUT
        seconds = _u32(data, at, big)
        fraction = _u32(data, at + 4, big)
        included = _u32(data, at + 8, big)
        original = _u32(data, at + 12, big)
        if included > _LONGEST_PACKET:
            return row, at, BAD_LENGTH
        if size - at - header < included:
            return row, at, CUT
        position[row] = at + header
        time_ns[row] = seconds * 1000000000 + fraction * unit
        captured[row] = included
        length[row] = original
        row += 1
        at += header + included
    return row, at, END if at >= size else FULL


def walk_pcapng(
    data: cython.const[cython.uchar][::1],
    start: cython.Py_ssize_t,
    most_bytes: cython.Py_ssize_t,
    big: cython.bint,
    first_interface: cython.longlong,
    ticks_per_second: cython.longlong[::1],
    offset_seconds: cython.longlong[::1],
    position: cython.longlong[::1],
    time_ns: cython.longlong[::1],
    captured: cython.uint[::1],
    length: cython.uint[::1],
    interface: cython.ushort[::1],
    with_options: list,
):
    """Walk enhanced packet blocks of a pcapng section until the columns are full or another block comes.

    Args:
        data, start, most_bytes, big: As in ``walk_pcap``.
        first_interface: Number of the section's first interface among all of the file.
        ticks_per_second, offset_seconds: if_tsresol and if_tsoffset of all interfaces so far.
        position, time_ns, captured, length, interface: Columns to fill.
        with_options: Receives (row, position, end) of packets' options, to be read later.

    Returns:
        (rows filled, position of the next block, FULL | END | CUT | BAD_LENGTH | OTHER_BLOCK).
    """
    at: cython.Py_ssize_t = start
    size: cython.Py_ssize_t = data.shape[0]
    stop: cython.Py_ssize_t = min(size, start + most_bytes)
    rows: cython.Py_ssize_t = position.shape[0]
    row: cython.Py_ssize_t = 0
    total: cython.longlong
    number: cython.longlong
    included: cython.longlong
    padded: cython.longlong
    ticks: cython.ulonglong
    units: cython.ulonglong
    fraction: cython.ulonglong
    seconds: cython.longlong
    while row < rows and at < stop:
        if size - at < 12:
            return row, at, CUT
        if _u32(data, at, big) != 6:
            return row, at, OTHER_BLOCK
        total = _u32(data, at + 4, big)
        if total < 32 or total & 3:
            return row, at, BAD_LENGTH
        if size - at < total:
            return row, at, CUT
        number = _u32(data, at + 8, big) + first_interface
        included = _u32(data, at + 20, big)
        padded = (included + 3) & ~3
        if included > _LONGEST_PACKET or padded + 32 > total or number >= ticks_per_second.shape[0]:
            return row, at, BAD_LENGTH
        if _u32(data, at + total - 4, big) != total:
            return row, at, BAD_LENGTH
        ticks = (_u32(data, at + 12, big) << 32) | _u32(data, at + 16, big)
        units = ticks_per_second[number]
        fraction = ticks % units
        if units == 1000000:
            fraction *= 1000
        elif units % 1000000000 == 0:
            fraction //= units // 1000000000
        else:
            while units > 0x400000000:
                # Keeps fraction * 10**9 within 64 bits; below a nanosecond nothing is lost that is stored.
                units >>= 1
                fraction >>= 1
            fraction = fraction * 1000000000 // units
        position[row] = at + 28
        units = ticks_per_second[number]
        seconds = ticks // units
        seconds = min(max(seconds + offset_seconds[number], -_LATEST_SECOND), _LATEST_SECOND)
        time_ns[row] = seconds * 1000000000 + fraction
        captured[row] = included
        length[row] = _u32(data, at + 24, big)
        interface[row] = number
        if padded + 32 < total:
            with_options.append((row, at + 28 + padded, at + total - 4))
        row += 1
        at += total
    return row, at, END if at >= size else FULL
