# mypy: ignore-errors
# Cython's pure-Python types are not types to mypy; the tests run this file both compiled and uncompiled.
"""Follows every TCP connection through the segments: who opened it, what each side sent, how it ended.

Sequential work, compiled when a C compiler was there at install (Cython, pure-Python mode); the same file runs
uncompiled. Connection numbers are Wireshark's ``tcp.stream``: a plain SYN with another first sequence number on the
same 5-tuple starts a new one; headers quoted in ICMP errors take numbers too.

State is one column per fact, already in the dtype that ``Connections`` gives out, so that nothing is copied and a
connection costs about 150 bytes. Columns of counters that mostly stay zero are fresh zero pages, which cost nothing until
written.
"""

import cython
import numpy as np

from inspector.model.tables import (
    SEGMENT_BAD_HEADER,
    SEGMENT_FRAGMENT,
    SEGMENT_FROM_B,
    SEGMENT_QUOTED,
    SEGMENT_SHORT,
    SEGMENT_UNNUMBERED,
)

__all__ = ["Tracker"]

_FROM_B: cython.int = cython.declare(cython.int, SEGMENT_FROM_B)
_UNNUMBERED: cython.int = cython.declare(cython.int, SEGMENT_UNNUMBERED)
_BAD_HEADER: cython.int = cython.declare(cython.int, SEGMENT_BAD_HEADER)
_NOT_SENT: cython.int = cython.declare(cython.int, SEGMENT_QUOTED | SEGMENT_FRAGMENT | SEGMENT_SHORT)
_NOT_SENT_WHOLE: cython.int = cython.declare(cython.int, SEGMENT_QUOTED | SEGMENT_FRAGMENT | SEGMENT_BAD_HEADER)
_FIN: cython.int = cython.declare(cython.int, 1)
_SYN: cython.int = cython.declare(cython.int, 2)
_RST: cython.int = cython.declare(cython.int, 4)
_ACK: cython.int = cython.declare(cython.int, 16)

# Bits of ``known``, for side A; those of side B are one place higher.
_BASE_KNOWN: cython.int = cython.declare(cython.int, 1)
_HIGHEST_KNOWN: cython.int = cython.declare(cython.int, 4)
_ACKED_KNOWN: cython.int = cython.declare(cython.int, 16)

# Sequence numbers are compared modulo 2**32. Declared: as literals they would be Python integers when compiled.
_HALF: cython.longlong = cython.declare(cython.longlong, 0x80000000)
_MASK: cython.longlong = cython.declare(cython.longlong, 0xFFFFFFFF)

# Bytes from the highest position beyond which a segment cannot belong to the stream: the largest window there is
# (RFC 7323 section 2.3). A stray segment would otherwise make everything after it look resent.
_FARTHEST_JUMP: cython.longlong = cython.declare(cython.longlong, 1 << 30)
# Holes remembered per side. A sender repairs what its peer still reports as missing, which is recent; when there are
# more, the oldest stays missing for good, which bounds the work per late segment.
_MOST_HOLES: cython.int = cython.declare(cython.int, 256)


_COLUMNS = {
    # name: (dtype, 1 per connection or 2, one for each side)
    "flow": (np.int32, 1),
    "client": (np.int8, 1),
    "first_side": (np.int8, 1),
    "known": (np.uint8, 1),
    "first_time": (np.int64, 1),
    "first_packet": (np.int32, 1),
    "last_packet": (np.int32, 1),
    "syn_packet": (np.int32, 1),
    "syn_ack_packet": (np.int32, 1),
    "ack_packet": (np.int32, 1),
    "rst_packet": (np.int32, 1),
    "rst_side": (np.int8, 1),
    "syns": (np.uint8, 1),
    "syn_acks": (np.uint8, 1),
    "after_rst": (np.int32, 1),
    "packets": (np.int32, 2),
    "bytes": (np.int64, 2),
    "payload": (np.int64, 2),
    "last_time": (np.int64, 2),
    "fin_packet": (np.int32, 2),
    "base": (np.uint32, 2),
    "highest": (np.int64, 2),
    "acked": (np.int64, 2),
    "resent": (np.int64, 2),
    "duplicates": (np.int32, 2),
    "missing": (np.int64, 2),
    "unseen": (np.int64, 2),
    "strays": (np.int32, 2),
    "zero_windows": (np.int32, 2),
}


@cython.final
@cython.cclass
class Tracker:
    """State of all connections.

    Columns of both sides are interleaved: ``2 * connection + side``, side 0 = A, 1 = B of the flow.

    Args:
        flows: Number of flows.
    """

    current: cython.int[::1]
    flow: cython.int[::1]
    client: cython.schar[::1]
    first_side: cython.schar[::1]
    known: cython.uchar[::1]
    first_time: cython.longlong[::1]
    first_packet: cython.int[::1]
    last_packet: cython.int[::1]
    syn_packet: cython.int[::1]
    syn_ack_packet: cython.int[::1]
    ack_packet: cython.int[::1]
    rst_packet: cython.int[::1]
    rst_side: cython.schar[::1]
    syns: cython.uchar[::1]
    syn_acks: cython.uchar[::1]
    after_rst: cython.int[::1]
    packets: cython.int[::1]
    bytes: cython.longlong[::1]
    payload: cython.longlong[::1]
    last_time: cython.longlong[::1]
    fin_packet: cython.int[::1]
    base: cython.uint[::1]
    highest: cython.longlong[::1]
    acked: cython.longlong[::1]
    resent: cython.longlong[::1]
    duplicates: cython.int[::1]
    missing: cython.longlong[::1]
    unseen: cython.longlong[::1]
    strays: cython.int[::1]
    zero_windows: cython.int[::1]

    count = cython.declare(cython.Py_ssize_t, visibility="readonly")
    room: cython.Py_ssize_t
    table: dict  # the columns as NumPy arrays
    holes: dict  # 2 * connection + side → rising list of [first, end) positions not seen so far

    def __init__(self, flows: int):
        self.current = memoryview(np.full(max(flows, 1), -1, np.int32))
        self.count = 0
        self.room = 0
        self.holes = {}
        self.table = {}
        self._grow(max(flows, 1))

    def _grow(self, room: cython.Py_ssize_t):
        """Make room for that many connections: every flow needs at least one, port reuse needs more."""
        table: dict = self.table
        for name, (dtype, sides) in _COLUMNS.items():
            grown = np.zeros(sides * room, dtype)
            if name in table:
                grown[: sides * self.count] = table[name][: sides * self.count]
            table[name] = grown
        self.room = room
        self.flow = memoryview(table["flow"])
        self.client = memoryview(table["client"])
        self.first_side = memoryview(table["first_side"])
        self.known = memoryview(table["known"])
        self.first_time = memoryview(table["first_time"])
        self.first_packet = memoryview(table["first_packet"])
        self.last_packet = memoryview(table["last_packet"])
        self.syn_packet = memoryview(table["syn_packet"])
        self.syn_ack_packet = memoryview(table["syn_ack_packet"])
        self.ack_packet = memoryview(table["ack_packet"])
        self.rst_packet = memoryview(table["rst_packet"])
        self.rst_side = memoryview(table["rst_side"])
        self.syns = memoryview(table["syns"])
        self.syn_acks = memoryview(table["syn_acks"])
        self.after_rst = memoryview(table["after_rst"])
        self.packets = memoryview(table["packets"])
        self.bytes = memoryview(table["bytes"])
        self.payload = memoryview(table["payload"])
        self.last_time = memoryview(table["last_time"])
        self.fin_packet = memoryview(table["fin_packet"])
        self.base = memoryview(table["base"])
        self.highest = memoryview(table["highest"])
        self.acked = memoryview(table["acked"])
        self.resent = memoryview(table["resent"])
        self.duplicates = memoryview(table["duplicates"])
        self.missing = memoryview(table["missing"])
        self.unseen = memoryview(table["unseen"])
        self.strays = memoryview(table["strays"])
        self.zero_windows = memoryview(table["zero_windows"])

    def run(
        self,
        packet: cython.const[cython.uint][::1],
        flow: cython.const[cython.int][::1],
        marks: cython.const[cython.uchar][::1],
        seq: cython.const[cython.uint][::1],
        ack: cython.const[cython.uint][::1],
        window: cython.const[cython.ushort][::1],
        flags: cython.const[cython.ushort][::1],
        length: cython.const[cython.uint][::1],
        time_ns: cython.const[cython.longlong][::1],
        wire_length: cython.const[cython.uint][::1],
        connection: cython.int[::1],
    ):
        """Go through the segments in capture order and number their connections.

        Args:
            packet … length: Columns of ``Segments``.
            time_ns, wire_length: Columns of ``Packets``.
            connection: Column to fill, one row per segment; -1 for those that Wireshark does not number.
        """
        row: cython.Py_ssize_t
        at: cython.Py_ssize_t
        number: cython.Py_ssize_t
        mine: cython.Py_ssize_t
        other: cython.Py_ssize_t
        side: cython.int
        flag: cython.int
        mark: cython.int
        size: cython.longlong
        now: cython.longlong
        acked: cython.longlong
        for row in range(packet.shape[0]):
            mark = marks[row]
            if mark & _UNNUMBERED:
                connection[row] = -1
                continue
            side = mark & _FROM_B
            flag = flags[row]
            at = packet[row]
            now = time_ns[at]
            number = self._number(flow[row], side, flag, mark, seq[row], ack[row], at, now)
            connection[row] = number
            if mark & _NOT_SENT:
                continue
            mine = 2 * number + side
            other = mine ^ 1
            size = length[row]
            self.packets[mine] += 1
            self.bytes[mine] += wire_length[at]
            self.payload[mine] += size
            self.last_time[mine] = now
            self.last_packet[number] = at
            if flag & (_SYN | _RST | _FIN):
                self._control(number, side, flag, at)
            else:
                if (
                    flag & _ACK
                    and self.ack_packet[number] < 0
                    and self.syn_ack_packet[number] >= 0
                    and self.client[number] == side
                ):
                    self.ack_packet[number] = at
                if window[row] == 0:
                    self.zero_windows[mine] += 1
            if self.rst_side[number] == side and not flag & _RST:
                self.after_rst[number] += 1
            if flag & _RST:
                continue
            if flag & _ACK and self.known[number] & (_HIGHEST_KNOWN << (1 - side)):
                acked = self.highest[other]
                acked += ((ack[row] - acked + _HALF) & _MASK) - _HALF
                if not self.known[number] & (_ACKED_KNOWN << (1 - side)) or acked > self.acked[other]:
                    self.acked[other] = acked
                    self.known[number] |= _ACKED_KNOWN << (1 - side)
            if size or flag & (_SYN | _FIN):
                self._advance(number, side, seq[row], size, flag)

    @cython.cfunc
    @cython.exceptval(-1, check=True)
    @cython.inline
    def _number(
        self,
        flow: cython.int,
        side: cython.int,
        flags: cython.int,
        marks: cython.int,
        seq: cython.longlong,
        ack: cython.longlong,
        packet: cython.longlong,
        time_ns: cython.longlong,
    ) -> cython.Py_ssize_t:
        """The connection of a segment.

        Observed of tshark 4.0.17: headers that are quoted, of a lone fragment or cut never set a base but may replace it.
        """
        number: cython.Py_ssize_t = self.current[flow]
        known: cython.int
        if number < 0:
            number = self._open(flow, side, packet, time_ns)
        known = self.known[number]
        if flags & _SYN and known & (_BASE_KNOWN << side) and self.base[2 * number + side] != seq:
            if flags & _ACK:
                self.base[2 * number + side] = seq
                if not marks & _NOT_SENT:
                    # What was counted so far was not this stream.
                    known &= ~((_HIGHEST_KNOWN | _ACKED_KNOWN) << side)
                    self.known[number] = known
                    self._forget(2 * number + side)
            else:
                number = self._open(flow, side, packet, time_ns)
                known = 0
        if (known & 3) != 3 and (not marks & _NOT_SENT or marks & _NOT_SENT_WHOLE == _BAD_HEADER):
            if not known & (_BASE_KNOWN << side):
                self.base[2 * number + side] = seq if flags & _SYN else (seq - 1) & _MASK
                known |= _BASE_KNOWN << side
            if flags & _ACK and not known & (_BASE_KNOWN << (1 - side)):
                self.base[2 * number + 1 - side] = (ack - 1) & _MASK
                known |= _BASE_KNOWN << (1 - side)
            self.known[number] = known
        return number

    @cython.cfunc
    @cython.exceptval(-1, check=True)
    def _open(
        self, flow: cython.int, side: cython.int, packet: cython.longlong, time_ns: cython.longlong
    ) -> cython.Py_ssize_t:
        """Start a connection; what is not set here is zero."""
        number: cython.Py_ssize_t = self.count
        if number == self.room:
            self._grow(number + number // 2 + 1)
        self.flow[number] = flow
        self.first_side[number] = side
        self.first_time[number] = time_ns
        self.first_packet[number] = self.last_packet[number] = packet
        self.client[number] = self.rst_side[number] = -1
        self.syn_packet[number] = self.syn_ack_packet[number] = -1
        self.ack_packet[number] = self.rst_packet[number] = -1
        self.last_time[2 * number] = self.last_time[2 * number + 1] = -1
        self.fin_packet[2 * number] = self.fin_packet[2 * number + 1] = -1
        self.current[flow] = number
        self.count = number + 1
        return number

    @cython.cfunc
    @cython.exceptval(-1, check=True)
    def _control(
        self, number: cython.Py_ssize_t, side: cython.int, flags: cython.int, packet: cython.longlong
    ) -> cython.int:
        """SYN, FIN and RST: opening and ending."""
        if flags & _SYN and flags & _ACK:
            if self.syn_ack_packet[number] < 0:
                self.syn_ack_packet[number] = packet
                if self.client[number] < 0:
                    self.client[number] = 1 - side
            if self.syn_acks[number] < 255:
                self.syn_acks[number] += 1
        elif flags & _SYN:
            if self.client[number] < 0:
                self.client[number] = side
            if self.client[number] == side and self.syn_ack_packet[number] < 0:
                self.syn_packet[number] = packet
            if self.syns[number] < 255:
                self.syns[number] += 1
        if flags & _FIN and self.fin_packet[2 * number + side] < 0:
            self.fin_packet[2 * number + side] = packet
        if flags & _RST and self.rst_packet[number] < 0:
            self.rst_packet[number] = packet
            self.rst_side[number] = side
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=True)
    @cython.inline
    def _advance(
        self,
        number: cython.Py_ssize_t,
        side: cython.int,
        seq: cython.longlong,
        size: cython.longlong,
        flags: cython.int,
    ) -> cython.int:
        """Account for the bytes [seq, seq + size), and the numbers that SYN and FIN take up: new, resent or ahead.

        Positions are sequence numbers that go on counting where those wrap.
        """
        mine: cython.Py_ssize_t = 2 * number + side
        highest: cython.longlong = self.highest[mine]
        ahead: cython.longlong
        if flags & _SYN:
            seq += 1
        if not self.known[number] & (_HIGHEST_KNOWN << side):
            self.known[number] |= _HIGHEST_KNOWN << side
            self.highest[mine] = seq + size + (flags & _FIN)
            return 0
        ahead = ((seq - highest + _HALF) & _MASK) - _HALF
        if ahead == 0:
            self.highest[mine] = highest + size + (flags & _FIN)
            return 0
        return self._out_of_line(number, side, ahead, size, flags & _FIN)

    @cython.cfunc
    @cython.exceptval(-1, check=True)
    def _out_of_line(
        self,
        number: cython.Py_ssize_t,
        side: cython.int,
        ahead: cython.longlong,
        size: cython.longlong,
        fin: cython.int,
    ) -> cython.int:
        """As ``_advance`` for a segment that begins ``ahead`` of the highest position, or behind when negative."""
        mine: cython.Py_ssize_t = 2 * number + side
        highest: cython.longlong = self.highest[mine]
        end: cython.longlong
        new: cython.longlong
        again: cython.longlong
        if ahead > _FARTHEST_JUMP or ahead < -_FARTHEST_JUMP:
            # Believed when the other side has just acknowledged bytes from there: the capture lost so much.
            end = highest + ahead - self.acked[mine]
            end = ((end + _HALF) & _MASK) - _HALF
            if not self.known[number] & (_ACKED_KNOWN << side) or end > _FARTHEST_JUMP or end < -_FARTHEST_JUMP:
                self.strays[mine] += 1
                return 0
            ahead = self.acked[mine] + end - highest
        end = ahead + size
        if ahead > 0:
            self.missing[mine] += ahead
            self._add_hole(mine, highest, highest + ahead)
        else:
            new = max(end, 0)
            again = size - min(new, size)
            if again == 1 and size == 1 and ahead == -1 and self.acked[mine] >= highest:
                return 0  # a keep-alive probe (RFC 9293 section 3.8.4)
            if again and self.missing[mine]:
                again -= self._fill(mine, highest + ahead, highest + ahead + again)
            self.resent[mine] += again
            if again and again == size:
                self.duplicates[mine] += 1
        if end + fin > 0:
            self.highest[mine] = highest + end + fin
        return 0

    def _forget(self, mine):
        """The side begins anew: its holes cannot be filled any more."""
        for hole in self.holes.pop(mine, []):
            self._give_up(mine, hole)

    def _add_hole(self, mine, first, end):
        """Remember positions that were skipped; beyond the limit the oldest hole is given up."""
        ranges = self.holes.setdefault(mine, [])
        ranges.append((first, end))
        if len(ranges) > _MOST_HOLES:
            self._give_up(mine, ranges.pop(0))

    def _give_up(self, mine, hole):
        """What stays missing of a hole was lost by the capture as far as the other side acknowledged it."""
        if self.known[mine >> 1] & (_ACKED_KNOWN << (mine & 1)):
            self.unseen[mine] += max(min(hole[1], self.acked[mine]) - hole[0], 0)

    def _fill(self, mine, first, end):
        """Take positions [first, end) out of the holes, the newest of which is most likely meant.

        Returns:
            How many bytes were missing until now.
        """
        ranges = self.holes.get(mine, [])
        filled = 0
        index = len(ranges) - 1
        while index >= 0 and ranges[index][1] > first:
            start, stop = ranges[index]
            low = max(start, first)
            high = min(stop, end)
            if low < high:
                filled += high - low
                left = [part for part in ((start, low), (high, stop)) if part[0] < part[1]]
                ranges[index : index + 1] = left
            index -= 1
        self.missing[mine] -= filled
        if len(ranges) > _MOST_HOLES:
            self._give_up(mine, ranges.pop(0))
        return filled

    def finish(self) -> dict:
        """The columns by name (see ``_COLUMNS``); those of both sides have shape (connections, 2).

        The tracker cannot be used afterwards.
        """
        for mine, ranges in self.holes.items():
            for hole in ranges:
                self._give_up(mine, hole)
        self.holes = {}
        count = self.count
        return {
            name: column[: sides * count].reshape(count, 2) if sides == 2 else column[:count]
            for (name, column), (_, sides) in zip(self.table.items(), _COLUMNS.values(), strict=True)
        }
