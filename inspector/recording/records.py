# mypy: ignore-errors
# Cython's pure-Python types are not types to mypy; the tests run this file both compiled and uncompiled.
"""Walks the records of a pcap or pcapng file: where each packet lies, when it was seen, how long it was.

Compiled when a C compiler was there at install (Cython, pure-Python mode); the same file runs uncompiled.
Sources: the pcap and pcapng file format drafts (draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng). What is taken for
damage is what tshark 4.0 takes for damage, so that both read the same packets.
"""

import cython

__all__ = [
    "BAD_BLOCK_LENGTH",
    "BAD_LENGTH",
    "BAD_OPTION",
    "BAD_TRAILER",
    "CUT",
    "END",
    "FULL",
    "LONGEST_BLOCK",
    "NO_INTERFACE",
    "OTHER_BLOCK",
    "SCALE_BINARY",
    "SCALE_FINE",
    "SCALE_PLAIN",
    "walk_pcap",
    "walk_pcapng",
]

FULL = 0
"""The batch is full; call again."""
END = 1
"""The file ends here, whole."""
CUT = 2
"""The file ends inside the record that starts here."""
BAD_LENGTH = 3
"""The record that starts here claims an impossible captured length."""
OTHER_BLOCK = 4
"""pcapng: a block starts here that the caller reads."""
BAD_BLOCK_LENGTH = 5
"""pcapng: the block that starts here claims an impossible length."""
BAD_TRAILER = 6
"""pcapng: the lengths at the block's start and end differ."""
NO_INTERFACE = 7
"""pcapng: the packet names an interface that its section does not describe."""
BAD_OPTION = 8
"""pcapng: an option of the packet is longer than its block, or not as long as its kind must be."""

SCALE_PLAIN = 0
"""Time stamps count units of which a second holds up to 10**9."""
SCALE_FINE = 1
"""Time stamps count parts of a nanosecond; the unit is how many."""
SCALE_BINARY = 2
"""Time stamps count seconds / 2**unit."""

LONGEST_BLOCK = 128 * 1024 * 1024 + 131104
"""Longest pcapng block: the longest packet of any link type (128 MiB) and room for its options, as in tshark."""

_LONGEST_BLOCK: cython.longlong = cython.declare(cython.longlong, LONGEST_BLOCK)
# Last second whose nanoseconds fit in 64 bits (the year 2262); stamps beyond are held there.
_LATEST_SECOND: cython.ulonglong = cython.declare(cython.ulonglong, 9223372035)
_LATEST_SECOND_SIGNED: cython.longlong = cython.declare(cython.longlong, 9223372035)
# A length on the wire beyond this is nonsense; held here it fits 32 signed bits, as in Wireshark.
_LONGEST_ON_WIRE: cython.longlong = cython.declare(cython.longlong, 0x7FFFFFFF)
_GIGA: cython.ulonglong = cython.declare(cython.ulonglong, 1000000000)
_PLAIN: cython.int = cython.declare(cython.int, SCALE_PLAIN)
_FINE: cython.int = cython.declare(cython.int, SCALE_FINE)
_LOW_32: cython.ulonglong = cython.declare(cython.ulonglong, 0xFFFFFFFF)
_SECTION: cython.longlong = cython.declare(cython.longlong, 0x0A0D0D0A)
_CUSTOM: cython.longlong = cython.declare(cython.longlong, 0x00000BAD)
_CUSTOM_NO_COPY: cython.longlong = cython.declare(cython.longlong, 0x40000BAD)

_AHEAD: cython.Py_ssize_t = cython.declare(cython.Py_ssize_t, 1 << 16)
# What was read ahead ends here; volatile, so that no compiler leaves the reading out.
_fetched: cython.volatile[cython.uchar] = cython.declare(cython.volatile[cython.uchar], 0)


@cython.cfunc
@cython.exceptval(-1, check=True)
def _fetch(data: cython.const[cython.uchar][::1], at: cython.Py_ssize_t) -> cython.Py_ssize_t:
    """Read a byte of each cache line from ``at`` on, for a stretch that fits in the cache; returns its end.

    The walk has to wait for each header to know where the next one is; these reads go side by side, which saves an eighth
    of the time that a capture is opened in.
    """
    global _fetched
    index: cython.Py_ssize_t
    seen: cython.uchar = 0
    if cython.compiled:
        for index in range(at, min(at + _AHEAD, data.shape[0]), 64):
            seen ^= data[index]
        _fetched = seen
    return at + _AHEAD


@cython.cfunc
@cython.exceptval(-1, check=True)
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


@cython.cfunc
@cython.exceptval(-1, check=True)
@cython.inline
def _u16(data: cython.const[cython.uchar][::1], at: cython.Py_ssize_t, big: cython.bint) -> cython.longlong:
    """The 16-bit number at ``at``."""
    a: cython.longlong = data[at]
    b: cython.longlong = data[at + 1]
    return (a << 8) | b if big else (b << 8) | a


def walk_pcap(
    data: cython.const[cython.uchar][::1],
    start: cython.Py_ssize_t,
    most_bytes: cython.Py_ssize_t,
    big: cython.bint,
    nanoseconds: cython.bint,
    header: cython.Py_ssize_t,
    swap_below: cython.int,
    longest: cython.longlong,
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
        header: Length of a record header (16, or more in modified formats).
        swap_below: Old writers swapped the two lengths: 0 never, 1 where captured exceeds length, 2 always.
        longest: Captured length above which a record is damage.
        position, time_ns, captured, length: Columns to fill, all of the same length.

    Returns:
        (rows filled, position of the next record, FULL | END | CUT | BAD_LENGTH, number at fault).
    """
    at: cython.Py_ssize_t = start
    size: cython.Py_ssize_t = data.shape[0]
    stop: cython.Py_ssize_t = min(size, start + most_bytes)
    rows: cython.Py_ssize_t = position.shape[0]
    row: cython.Py_ssize_t = 0
    unit: cython.longlong = 1 if nanoseconds else 1000
    giga: cython.longlong = 1000000000
    included: cython.longlong
    original: cython.longlong
    swapped: cython.longlong
    fetched: cython.Py_ssize_t = at
    while row < rows and at < stop:
        if at + header > fetched:
            fetched = _fetch(data, max(fetched, at))
        if size - at < header:
            return row, at, CUT, size
        included = _u32(data, at + 8, big)
        original = _u32(data, at + 12, big)
        if swap_below == 2 or (swap_below == 1 and included > original):
            swapped = included
            included = original
            original = swapped
        if included > longest:
            return row, at, BAD_LENGTH, included
        if size - at - header < included:
            return row, at, CUT, size
        position[row] = at + header
        time_ns[row] = _u32(data, at, big) * giga + _u32(data, at + 4, big) * unit
        captured[row] = included
        length[row] = min(original, _LONGEST_ON_WIRE)
        row += 1
        at += header + included
    return row, at, END if at >= size else FULL, 0


@cython.cfunc
@cython.exceptval(-1, check=True)
def _time_ns(
    ticks: cython.ulonglong, scale: cython.int, unit: cython.ulonglong, offset_seconds: cython.longlong
) -> cython.longlong:
    """Nanoseconds since the epoch; no step leaves 64 bits, so that both forms of this file agree."""
    seconds: cython.ulonglong
    fraction: cython.ulonglong
    whole: cython.longlong
    nanoseconds: cython.longlong
    one: cython.ulonglong = 1
    if scale == _PLAIN:
        seconds = ticks // unit
        fraction = (ticks % unit) * (_GIGA // unit)
    else:
        if scale == _FINE:
            fraction = ticks // unit
        elif unit < 32:
            seconds = ticks >> unit
            fraction = ((ticks & ((one << unit) - 1)) * _GIGA) >> unit
            seconds = min(seconds, _LATEST_SECOND)
            fraction += seconds * _GIGA
        else:
            # ticks * 10**9 needs 94 bits: multiply its halves.
            fraction = ((ticks >> 32) * _GIGA + (((ticks & _LOW_32) * _GIGA) >> 32)) >> (unit - 32)
        seconds = fraction // _GIGA
        fraction = fraction % _GIGA
    whole = min(seconds, _LATEST_SECOND)
    whole += offset_seconds
    whole = max(min(whole, _LATEST_SECOND_SIGNED), -_LATEST_SECOND_SIGNED)
    nanoseconds = fraction
    return whole * 1000000000 + nanoseconds


@cython.cfunc
@cython.exceptval(-1, check=True)
def _options(
    data: cython.const[cython.uchar][::1], start: cython.Py_ssize_t, end: cython.Py_ssize_t, big: cython.bint
) -> cython.int:
    """Check the options of a packet: 1 when there is a comment among them, 0 when not, -1 when one is impossible."""
    at: cython.Py_ssize_t = start
    found: cython.int = 0
    code: cython.longlong
    size: cython.longlong
    while end - at >= 4:
        code = _u16(data, at, big)
        size = _u16(data, at + 2, big)
        if size > end - at - 4:
            return -1
        if code == 0:
            break
        if code == 1:
            found = 1
        elif code == 2 or code == 6:
            if size != 4:
                return -1
        elif code == 4 or code == 5:
            if size != 8:
                return -1
        elif code == 7:
            if size < 1:
                return -1
        elif (code == 2988 or code == 2989 or code == 19372 or code == 19373) and size < 4:
            return -1
        at += 4 + ((size + 3) & ~3)
    return found


def walk_pcapng(
    data: cython.const[cython.uchar][::1],
    start: cython.Py_ssize_t,
    most_bytes: cython.Py_ssize_t,
    big: cython.bint,
    section: cython.ushort[::1],
    scale: cython.uchar[::1],
    unit: cython.ulonglong[::1],
    offset_seconds: cython.longlong[::1],
    longest: cython.longlong[::1],
    snaplen: cython.longlong,
    first_row: cython.Py_ssize_t,
    position: cython.longlong[::1],
    time_ns: cython.longlong[::1],
    captured: cython.uint[::1],
    length: cython.uint[::1],
    interface: cython.ushort[::1],
    packets_before: cython.longlong,
    commented: object,
    untimed: object,
):
    """Walk the packet blocks of a pcapng section until the columns are full or a block comes that the caller reads.

    Blocks of kinds that nobody here knows are passed over and counted.

    Args:
        data, start, most_bytes, big: As in ``walk_pcap``.
        section: Of each interface of the section its index among all of the file.
        scale, unit, offset_seconds, longest: How each of the section's interfaces counts time, what is added to it
            (within +-9223372035), and its longest packet.
        snaplen: What the section's first interface keeps of simple packet blocks; 0 when there is no limit.
        first_row: Row to begin at.
        position, time_ns, captured, length, interface: Columns to fill.
        packets_before: Packets stored in earlier batches.
        commented: Receives, for each packet with a comment, its row in the file, the start and end of its options, and
            ``big``; an ``array("q")``.
        untimed: Receives the rows in the file of packets whose block has no time stamp; an ``array("q")``.

    Returns:
        (rows filled, position of the next block, one of the states above, number at fault, blocks passed over).
    """
    at: cython.Py_ssize_t = start
    size: cython.Py_ssize_t = data.shape[0]
    stop: cython.Py_ssize_t = min(size, start + most_bytes)
    rows: cython.Py_ssize_t = position.shape[0]
    row: cython.Py_ssize_t = first_row
    passed: cython.longlong = 0
    kind: cython.longlong
    claimed: cython.longlong
    total: cython.longlong
    least: cython.longlong
    number: cython.longlong
    included: cython.longlong
    original: cython.longlong
    body: cython.Py_ssize_t
    after: cython.Py_ssize_t
    trailer: cython.Py_ssize_t
    found: cython.int
    ticks: cython.ulonglong
    low: cython.ulonglong
    fetched: cython.Py_ssize_t = at
    while row < rows and at < stop:
        if at + 32 > fetched:
            fetched = _fetch(data, max(fetched, at))
        if size - at < 8:
            return row, at, CUT, size, passed
        kind = _u32(data, at, big)
        if kind == 6 or kind == 2:
            least = 32
        elif kind == 3:
            least = 16
        elif kind in (_SECTION, 1, 4, 5, 9, 10, _CUSTOM, _CUSTOM_NO_COPY):
            return row, at, OTHER_BLOCK, 0, passed
        else:
            least = 12
        claimed = _u32(data, at + 4, big)
        # Some writers forget the padding in the length; readers round up.
        total = (claimed + 3) & ~3
        if claimed < least or total > _LONGEST_BLOCK:
            return row, at, BAD_BLOCK_LENGTH, claimed, passed
        if size - at < total:
            return row, at, CUT, size, passed
        trailer = at + total - 4
        if (_u32(data, trailer, big) + 3) & ~3 != total:
            return row, at, BAD_TRAILER, _u32(data, trailer, big), passed
        if least == 12:
            passed += 1
            at += total
            continue
        if kind == 3:
            number = 0
            original = _u32(data, at + 8, big)
            included = min(original, snaplen) if snaplen else original
            body = at + 12
        else:
            number = _u32(data, at + 8, big) if kind == 6 else _u16(data, at + 8, big)
            included = _u32(data, at + 20, big)
            original = _u32(data, at + 24, big)
            body = at + 28
        if number >= len(section):
            return row, at, NO_INTERFACE, number, passed
        if included > longest[number] or included > trailer - body:
            return row, at, BAD_LENGTH, included, passed
        if kind == 3:
            time_ns[row] = 0
            untimed.append(packets_before + row)
        else:
            ticks = _u32(data, at + 12, big)
            low = _u32(data, at + 16, big)
            ticks = (ticks << 32) | low
            time_ns[row] = _time_ns(ticks, scale[number], unit[number], offset_seconds[number])
            after = body + ((included + 3) & ~3)
            if after < trailer:
                found = _options(data, after, trailer, big)
                if found < 0:
                    return row, at, BAD_OPTION, 0, passed
                if found:
                    commented.extend((packets_before + row, after, trailer, big))
        position[row] = body
        captured[row] = included
        length[row] = min(original, _LONGEST_ON_WIRE)
        interface[row] = section[number]
        row += 1
        at += total
    return row, at, END if at >= size else FULL, 0, passed
